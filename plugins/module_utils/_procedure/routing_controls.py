# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""ARC routing controls as part of a service's lock. A failover turns them off with the lock, and a failback turns them
on before it releases the lock.

They need no control plane. So they can lock a site while Route 53's control plane does not answer. Such a run has no
claim.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.last_site import LAST_SITE
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import evidence
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import (
    CHECK_MODE,
    Asking,
    ModuleFailedError,
    Turn,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context, Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.resource import not_observed
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import NO_CLAIM, Json

MODULE = "routing_control_lock"
#: The name, in overrides, of the check that a run has claimed its service.
CLAIM = "claim"
#: Seconds that the module may take: for a read before the lock, while users wait, and for a write.
READ_SECONDS, WRITE_SECONDS = 10, 30
#: Seconds in which Route 53 has to answer if the site can be locked without it.
ROUTE53_SECONDS = 10
_ARNS = {
    "site": "routing_control_arns",
    "others": "other_routing_control_arns",
    "standby": "standby_routing_control_arns",
}
_FIELDS = (*_ARNS, "cluster_endpoints", "cluster_arn")


def given(options: Options) -> Json:
    """The routing controls of the service; empty if it has none."""
    return dict(options.get("routing_controls") or {})


def site_of(given: t.Any) -> list[str]:
    """The site's routing controls in the variable; none if the variable has the wrong type."""
    site = given.get("site") if isinstance(given, Mapping) else None
    return [str(arn) for arn in site] if isinstance(site, list) else []


def problems(options: Options) -> list[str]:
    """Problems of the variable, a sentence each."""
    name, controls = "failover_routing_controls", options.get("routing_controls") or {}
    if not isinstance(controls, Mapping):
        return [f"{name} is of the wrong kind. Give a dictionary of {', '.join(_FIELDS)}."]
    if not controls:
        return []
    unknown = [str(field) for field in controls if field not in _FIELDS]
    found = [f"{name} has {', '.join(unknown)}. It can have {', '.join(_FIELDS)}."] if unknown else []
    found += [
        f"{name}.{field} is not a list. Give a list, also of one."
        for field in (*_ARNS, "cluster_endpoints")
        if not isinstance(controls.get(field) or [], list)
    ]
    if not controls.get("site"):
        found.append(f"{name} has no site. Name the routing controls of the primary site.")
    if not (controls.get("cluster_endpoints") or controls.get("cluster_arn")):
        found.append(f"{name} has no cluster_endpoints. Name the five Regional endpoints of the cluster.")
    return found


def target(options: Options, name: str) -> Json:
    """The service as a target of the module."""
    controls = given(options)
    arns = {option: list(controls.get(field) or []) for field, option in _ARNS.items()}
    return {"name": name, **arns, **{field: controls[field] for field in _FIELDS[3:] if controls.get(field)}}


def targets(options: Options, name: str) -> list[Json]:
    """A list with this target, or an empty list if the service has no routing controls."""
    return [target(options, name)] if given(options) and not problems(options) else []


def locking(options: Options, name: str) -> Json:
    """The options of the module that lock the site."""
    override = options.get("override") or {}
    checks = [check for check in override.get("checks") or [] if check == LAST_SITE]
    rules = override.get("safety_rules") or []
    asked: Json = {"state": "locked", "targets": [target(options, name)]}
    if checks or rules:
        asked["override"] = {"checks": checks, "safety_rules": rules, "reason": override["reason"]}
    return asked


def observe(context: Context) -> Asking[None]:
    """Check, before anything is changed, whether the routing controls can lock the site.

    A failed read does not stop an unplanned failover.

    :raises RefusedError: they cannot, for instance because the last one that is on would be turned off.
    """
    if not given(context.options):
        return
    asked = {**locking(context.options, _name(context)), "wait_timeout": READ_SECONDS, CHECK_MODE: True}
    try:
        yield from context.asking(Turn.READ, MODULE, **asked)
    except ModuleFailedError as problem:
        decided = any(one.get("refused") for one in problem.result.get("targets") or [{"refused": True}])
        if decided or context.options["type"] == "planned":
            raise RefusedError(f"failover_routing_controls: {problem}") from problem
        not_observed(context, "failover_routing_controls", problem)


def turn_off(context: Context) -> Asking[None]:
    """Turn the routing controls off, after the step has locked the health checks.

    :raises RefusedError: they could not be turned off. The health checks stay locked.
    """
    if not given(context.options):
        return
    asked = {**locking(context.options, _name(context)), "wait_timeout": WRITE_SECONDS}
    try:
        reported = yield from context.asking(Turn.LOCK, MODULE, **asked)
    except ModuleFailedError as problem:
        _keep(context, problem.result)
        raise RefusedError(str(problem)) from problem
    _keep(context, reported)


def _keep(context: Context, reported: Json) -> None:
    """Keep what is to be undone, and add it to the message."""
    outcome, (seen,) = context.outcome, (reported.get("targets") or [reported])
    context.run.memory["controls_changed"] = bool(seen.get("changed"))
    outcome["changed"] = bool(outcome.get("changed") or seen.get("changed"))
    outcome["msg"] = " ".join(filter(None, (outcome.get("msg"), seen.get("msg"))))


def turn_on(context: Context) -> str:
    """Turn the routing controls on again in a failback. The run must still hold the claim that the evidence is for.

    The lock of a routing control itself has no id that distinguishes it from an earlier lock.

    :returns: the messages of the module; empty if the service has no routing controls.
    """
    options, memory = context.options, context.run.memory
    if not given(options):
        return ""
    override = options["override"] or {}
    more: Json = {}
    if override:
        gates, rules = evidence.overridden(options), override.get("safety_rules") or []
        more["override"] = {"gates": gates, "safety_rules": rules, "reason": override["reason"]}
    reported = context.ask(
        MODULE,
        state="unlocked",
        targets=[target(options, _name(context))],
        lock_id=context.run.id,
        required_gates=memory["first"]["required_gates"],
        evidence=evidence.latest(memory),
        max_evidence_age=evidence.most_age(context.run, options),
        wait_timeout=WRITE_SECONDS,
        **more,
    )
    return _reported(reported)


def undo(context: Context) -> str:
    """Turn on again what this run has turned off.

    :returns: the messages of the module; empty if this run has turned off nothing.
    """
    if not context.run.memory.get("controls_changed"):
        return ""
    reported = context.ask(
        MODULE,
        state="unlocked",
        targets=[target(context.options, _name(context))],
        override={"reason": f"The failover {context.run.id} is undone"},
        wait_timeout=WRITE_SECONDS,
    )
    return _reported(reported)


def refuse_if_off(context: Context) -> None:
    """A failback that finds no lock must not report success while a routing control keeps the site out.

    :raises RefusedError: a routing control of the site is off, or cannot be read.
    """
    if not given(context.options):
        return
    asked = {"state": "unlocked", "targets": [target(context.options, _name(context))], "wait_timeout": READ_SECONDS}
    try:
        seen = context.ask(MODULE, **asked, **{CHECK_MODE: True})
    except ModuleFailedError as problem:
        # The module refuses to turn on a routing control without evidence, and reports which are off.
        seen = problem.result
        if not any(one.get("before") for one in seen.get("targets") or []):
            raise RefusedError(
                f"It cannot be read whether a routing control keeps the site locked. {problem}"
            ) from problem
    off = [lock_id for one in seen["targets"] for lock_id in one["lock_ids"]]
    if off:
        raise RefusedError(
            f"Health check {context.claim} is not locked, and a routing control of the site is off "
            f"({', '.join(off)}). No run holds that lock, so no gate proves anything for it. Fail over, which locks "
            "the health check too, and then fail back; or turn it on with routing_control_lock, state=unlocked and an "
            "override.",
            code="TG-PART-LOCKED",
        )


def begin_without_claim(context: Context, problem: ModuleFailedError) -> None:
    """Go on although Route 53 does not answer: the site is locked by its routing controls.

    Only an unplanned failover that a person started may do so. An automatic run cannot read whether automation is
    suppressed.

    :raises ModuleFailedError: the run may not go on.
    """
    options = context.options
    by_hand = options["type"] == "unplanned" and options["trigger"] != "automatic"
    if not (by_hand and given(options) and problem.result.get("no_answer")):
        raise problem
    override = options["override"] or {}
    overridden = CLAIM in (override.get("checks") or [])
    context.run.memory["may"] = {"replaces": None, "state": None, "lock": None, "already": False, "found": None}
    context.run.memory[NO_CLAIM] = {"problem": str(problem), "overridden": overridden}
    if overridden:
        context.outcome.setdefault("overrides", []).append(
            {"what": "check", "names": [CLAIM], "reason": override["reason"], "by": options["owner"]}
        )


def _name(context: Context) -> str:
    return context.host or context.run.service


def _reported(reported: Json) -> str:
    return " ".join(str(one["msg"]) for one in reported["targets"])


def message_without_claim(run_memory: Mapping[str, t.Any]) -> str:
    """The last message of a run without a claim."""
    return (
        "The site is locked by its routing controls. The claim is missing, because Route 53 did not answer: "
        f"{run_memory[NO_CLAIM]['problem']} So no health check is locked, another run is not kept out, and the next "
        "run does not know of this one. Run this again once Route 53 answers: it claims the service and takes the "
        "steps that are left."
    )
