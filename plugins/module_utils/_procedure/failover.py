# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The procedure ``failover``: a failed site is locked out, and users are moved to the other site."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._databases.resources import (
    promotes as databases_promote,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.last_site import LAST_SITE
from ansible_collections.tidegate.failover.plugins.module_utils._gates._registry import KINDS
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import routing_controls
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import (
    CHECK_MODE,
    Asking,
    ModuleFailedError,
    Turn,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context, Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.gate_problems import gate_problems, names_of
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.procedure import (
    Order,
    Procedure,
    holds_secret,
    keep_lock_time,
    may_begin,
    nothing_to_prove,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.resource import given as resources_given
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.resource import with_resources
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import NO_CLAIM, Json, Run
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import time_from

#: Pairs of steps; the first must come before the second. The lock is the claim, so it precedes every change elsewhere.
_ORDER = (
    ("lock", "fences"),
    ("lock", "maintenance"),
    ("lock", "promote"),
    ("lock", "scale"),
    ("lock", "wait"),
    ("lock", "rds"),
    ("lock", "autoscaling"),
    ("lock", "alb"),
    ("lock", "dns"),
    ("lock", "global_accelerator"),
    ("fences", "promote"),
    ("quiesce", "gates"),
)
#: DNS comes last: a change waits for the name servers and one TTL, and needs the control plane in us-east-1.
_TRAFFIC = ("alb", "global_accelerator", "dns")
_LAST = ("wait", "verify", "notify")
_UNPLANNED = ("lock", "fences", "maintenance", "rds", "promote", "autoscaling", "scale", *_TRAFFIC, *_LAST)
#: The other site gets its capacity before anything is promoted: there is time for it, and it can still be undone.
_PLANNED = (
    *("quiesce", "gates", "lock", "fences", "maintenance", "autoscaling", "rds", "promote", "scale"),
    *(*_TRAFFIC, *_LAST),
)
#: Seconds for two answers of the other site: at the first attempt, and at a second one if the first fails.
_QUICK_ANSWER, _SLOW_ANSWER = 4, 16
#: Seconds that a promotion waits at most for each gate that measures the replication lag.
MEASURE_SECONDS = 3
_UNKNOWN_SITE: Json = {"health": "unknown", "how": "failover_records names no zone", "answers": {}}


def default_steps(options: Options) -> list[t.Any]:
    """The steps in their usual order."""
    return with_resources(options, _UNPLANNED if options["type"] == "unplanned" else _PLANNED)


def chosen_steps(options: Options) -> list[t.Any]:
    """The steps that the user chose, or the default steps."""
    return options["steps"] or default_steps(options)


def own_promotions(options: Options) -> list[str]:
    """The user's own steps that cannot be undone. They count as promotions, whatever their names are."""
    own = [step for step in chosen_steps(options) if isinstance(step, dict)]
    return [str(step.get("name")) for step in own if step.get("point_of_no_return")]


def users_promote(options: Options) -> bool:
    """Whether the user's tasks promote something."""
    return bool(own_promotions(options) or ("promote" in chosen_steps(options) and options["promote_tasks"]))


def promotes(options: Options) -> bool:
    """Whether the failover makes another site the owner of the data."""
    return users_promote(options) or _databases_promote(options)


def _databases_promote(options: Options) -> bool:
    databases = resources_given(options, "rds") if "rds" in chosen_steps(options) else []
    return databases_promote(databases, options["type"])


def _order(options: Options) -> Order:
    # A database that only changes its writer needs no fence.
    of_databases = [("fences", "rds")] if _databases_promote(options) else []
    return [*_ORDER, *of_databases, *((first, own) for own in own_promotions(options) for first in ("lock", "fences"))]


def problems(options: Options) -> list[str]:
    """What is wrong with the variables, a sentence each."""
    checks = (_check_lock, _check_fences, _check_addresses, _check_overrides, _check_time)
    found = [problem for check in checks for problem in check(options)]
    for variable in ("gates", "fences"):
        found += gate_problems(f"failover_{variable}", options[variable])
        found += [
            _no_tasks(variable, gate) for gate in options[variable] if isinstance(gate, dict) and gate.get("tasks")
        ]
    return found


def _no_tasks(variable: str, gate: Json) -> str:
    """The problem of a gate of kind ``tasks``. Only a failback waits for these: a failover must lock at once."""
    return (
        f"failover_{variable}: {gate.get('name')!r} is of kind tasks, which a failover does not run, so it could never "
        "pass. Use the kind command, or a step of your own with read_only in failover_steps."
    )


def _check_lock(options: Options) -> list[str]:
    found = []
    if not options["health_check_ids"]:
        found.append(
            "failover_health_check_ids is empty, and without a health check nothing can be locked. Name the health "
            "check of the primary site. A service that has only a maintenance page is left out with --limit."
        )
    if options["sharing"]:
        found.append(
            f"Its health check or routing control is also that of {', '.join(options['sharing'])}, so both would be "
            "taken out. Give each service one of its own."
        )
    if "lock" not in chosen_steps(options):
        found.append("failover_steps has no lock: nothing would keep the failed site out, or another run.")
    return found


def _check_fences(options: Options) -> list[str]:
    override, found = options["fence_override"], []
    unknown = set((override or {}).get("fences") or []) - set(names_of(options["fences"]))
    if unknown:
        found.append(f"failover_fence_override names {', '.join(sorted(unknown))}, which no fence is called.")
    if promotes(options) and not options["fences"] and not override:
        found.append(
            "Something is promoted, and failover_fences is empty: nothing would prove that the failed site takes no "
            "more writes. Define a fence, or give failover_fence_override with a reason."
        )
    return found


def _check_addresses(options: Options) -> list[str]:
    given = [name for name in ("secondary_url", "verify_url") if options[name]]
    wrong = [
        problem
        for name in given
        for problem in gate_problems(f"failover_{name}", [_gate_on(options[name], _SLOW_ANSWER)])
    ]
    if any(holds_secret(options[name]) for name in ("verify_url", "secondary_url")):
        return [
            (
                "failover_verify_url or failover_secondary_url holds a user or a password, which would be shown. "
                "Give an address without."
            )
        ]
    return wrong


def _check_overrides(options: Options) -> list[str]:
    given = [override for override in (options["fence_override"], options["override"]) if override]
    if any(not override.get("reason") for override in given):
        return ["failover_fence_override and failover_override need a reason."]
    return []


def _check_time(options: Options) -> list[str]:
    given = options["detected_at"]
    try:
        if given:
            time_from(given)
    except RefusedError:
        return [f"failover_detected_at is {given!r}. Give a time with a zone, as in 2026-11-21T03:04:05Z."]
    return []


def begin(context: Context) -> Asking[None]:
    """:raises RefusedError: it may not begin."""
    options = context.options
    may = yield from _may_begin(context)
    context.run.claim_is_final = options["type"] == "unplanned" and not promotes(options)
    if not may["already"]:
        keep_lock_time(context.run, may)
        yield from context.observe()
        yield from _keep_last_site(context)


def _may_begin(context: Context) -> Asking[Json]:
    """Ask whether it may begin. If Route 53 does not answer, a site may be locked by its routing controls alone."""
    options = context.options
    quick: Json = {"wait_timeout": routing_controls.ROUTE53_SECONDS} if routing_controls.given(options) else {}
    try:
        return (
            yield from may_begin(
                context,
                trigger=options["trigger"],
                automatic_allowed=options["automatic_allowed"],
                cooldown=options["cooldown"],
                **quick,
            )
        )
    except ModuleFailedError as problem:
        routing_controls.begin_without_claim(context, problem)
    return t.cast(Json, context.run.memory["may"])


def _keep_last_site(context: Context) -> Asking[None]:
    """Refuse to lock the last serving site.

    :raises RefusedError: the other site is not known to serve, and there is no override.
    """
    options = context.options
    override = options["override"] or {}
    overridden = LAST_SITE in (override.get("checks") or [])
    # Its address comes first: whether this service will be locked decides which sites are left for later services.
    answer = yield from _ask_other_site(context)
    site = yield from _read_other_site(context, _lock_if(answer, overridden=overridden))
    doubts = last_site_doubts(site, answer, known_url=bool(options["secondary_url"]))
    context.run.memory["other_site"] = site
    if not doubts:
        return
    if not overridden:
        raise RefusedError(
            f"The other site is not known to serve, and locking this one out would leave none. {' '.join(doubts)} To "
            f"fail over all the same, set failover_override to {{checks: [{LAST_SITE}], reason: ...}}.",
            code="TG-LAST-SITE",
        )
    context.outcome.setdefault("overrides", []).append(
        {"what": "check", "names": [LAST_SITE], "reason": override["reason"], "by": options["owner"]}
    )


def _lock_if(answer: Json | None, *, overridden: bool) -> str:
    """The health of the other site at which this site will be locked, as :func:`last_site_doubts` decides."""
    if overridden:
        return "any"
    if answer is None:
        return "healthy"
    return "not_unhealthy" if answer["passed"] else "never"


def zone_records(options: Options) -> list[Json]:
    """The records that can be read from Route 53."""
    return [
        {"zone": record["zone"], "name": record["name"], "type": record.get("type") or "A"}
        for record in options["records"]
        if record.get("zone")
    ]


def _read_other_site(context: Context, lock_if: str) -> Asking[Json]:
    records = zone_records(context.options)
    if NO_CLAIM in context.run.memory:
        return _UNKNOWN_SITE | {"how": "Route 53 does not answer"}
    if not records:
        return _UNKNOWN_SITE
    service = {
        "name": context.host or context.run.service,
        "health_check_ids": context.options["health_check_ids"],
        "records": records,
        "routing_control_arns": routing_controls.given(context.options).get("site") or [],
        "lock_if": lock_if,
    }
    seen = yield from context.asking(
        Turn.READ,
        "failover_preflight",
        services=[service],
        other_sites_only=True,
        lock_path=context.options["lock_path"],
    )
    site: Json = seen["other_site"]
    return site


def _ask_other_site(context: Context) -> Asking[Json | None]:
    """The answer of the other site; None if its address is not known."""
    url = context.options["secondary_url"]
    if not url:
        return None
    seen = yield from context.asking_gate([_gate_on(url, _QUICK_ANSWER)])
    if not seen["passed"]:
        # A slow or failed site must not delay the locks of the run's other services.
        seen = yield from context.asking_gate([_gate_on(url, _SLOW_ANSWER)], Turn.PATIENT)
    return seen


def _gate_on(url: str, timeout: int) -> Json:
    return {"name": LAST_SITE, "http": {"url": url, "consecutive": 2, "interval": 1, "timeout": timeout}}


def last_site_doubts(site: Json, seen: Json | None, *, known_url: bool) -> list[str]:
    """Why the other site is not known to serve. Route 53 or its address has to confirm it, and none may deny it."""
    doubts = []
    if site["health"] == "unhealthy":
        doubts.append(f"Route 53 reports: {site['how']}.")
    if seen is not None and not seen["passed"]:
        doubts.append(str(seen["msg"]))
    if not known_url and site["health"] == "unknown":
        doubts.append(
            f"failover_secondary_url is not given, and Route 53 does not know it to be healthy: {site['how']}."
        )
    return doubts


def _measure_lag(context: Context) -> None:
    """Measure the replication lag of the database that is promoted: the recovery point of this failover.

    :raises TidegateError: the lag could not be measured.
    """
    lags = _lags_of_databases(context)
    gates = [_single_probe(gate, kind) for gate in context.options["gates"] if (kind := _measuring(gate))]
    try:
        if gates:
            context.gate(gates, requester=context.options["owner"])
    finally:
        context.outcome["gates"] = [*context.outcome.get("gates", []), *lags]


def _lags_of_databases(context: Context) -> list[Json]:
    """The databases that the step ``rds`` would promote. Each is a gate result with the lag that the module reports."""
    if not _databases_promote(context.options):
        return []
    asked = {"targets": resources_given(context.options, "rds"), "to": "secondary", "type": context.options["type"]}
    try:
        seen = context.ask("rds_failover", **asked, wait_timeout=MEASURE_SECONDS, **{CHECK_MODE: True})
    except ModuleFailedError as problem:
        seen = problem.result
    return [_measured(one) for one in seen.get("targets") or [] if "lag_seconds" in (one.get("before") or {})]


def _measured(database: Json) -> Json:
    seconds = database["before"]["lag_seconds"] if database.get("changed") else None
    return {
        "name": f"rds {database['name']}",
        "passed": True,
        "observed": "its lag is not known" if seconds is None else f"{seconds:g} s behind",
        "expected": "measured before it is promoted",
        "measured": {"lag_seconds": seconds},
    }


def _measuring(gate: Json) -> str:
    """The kind of a gate that measures a lag; empty for all others."""
    return next((name for name, kind in KINDS.items() if kind.measures and gate.get(name) is not None), "")


def _single_probe(gate: Json, kind: str) -> Json:
    """The gate with a single short probe, because users wait."""
    return {"name": gate["name"], kind: {**gate[kind], "consecutive": 1, "timeout": MEASURE_SECONDS}}


def _completed(run: Run) -> str:
    return f"Failed over. The failed site is locked out by {run.id} until a failback releases the lock."


def _forward(claim: str) -> str:
    if claim == "open":
        return "The lock was released in the meantime: another run has taken over. Find out which site serves."
    return "The lock and the page stay. Find out what is missing, and run this again: it continues from here."


PROCEDURE = Procedure(
    operation="failover",
    steps=default_steps,
    always=(),
    order=_order,
    problems=problems,
    begin=begin,
    prove=nothing_to_prove,
    completed=_completed,
    completed_phase="failed_over",
    forward=_forward,
    before_promotion=_measure_lag,
)
