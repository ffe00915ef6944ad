# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Steps that move a resource of the cloud with the service: a database, capacity, weights, records.

Each kind has a step of its name, a module, and its part of ``failover_resources``. The module takes

- ``targets``: a list of dictionaries, each with a name and the options of that kind;
- ``to``: ``secondary`` in a failover, ``primary`` in a failback and in the undo of a failover;
- ``type``: ``planned`` or ``unplanned``; ``run_id``; ``wait_timeout``, seconds for all of it;
- the options of AWS.

It returns ``targets``, each with ``name``, ``changed``, ``failed``, ``msg``, ``warnings``, and ``refused``: whether the
module decided not to move the target, rather than failed to read or move it. Resources are observed in check mode, in
which the module predicts. Everything that is needed to move a target back is in the target's own tags or in the
options, so nothing is lost if a run is aborted.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from ansible_collections.tidegate.failover.plugins.module_utils._errors import GENERAL_CODES, RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import (
    CHECK_MODE,
    Asking,
    ModuleFailedError,
    Turn,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context, Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json

#: Seconds for reading a resource before the lock. Users wait for that.
READ_SECONDS = 10
#: The kinds, in the order in which they are shown.
KINDS = ("rds", "autoscaling", "alb", "dns", "global_accelerator")
_SITES = {"failover": "secondary", "failback": "primary"}


def given(options: Options, kind: str) -> list[Json]:
    """The resources of one kind that the service has."""
    resources = options.get("resources") or {}
    return list(resources.get(kind) or []) if isinstance(resources, Mapping) else []


def with_resources(options: Options, steps: Iterable[str]) -> list[t.Any]:
    """The steps, without steps for kinds of resources that the service does not have."""
    return [step for step in steps if step not in KINDS or given(options, step)]


def resource_step(
    name: str,
    module: str,
    *,
    permissions: tuple[str, ...],
    undoable: bool = True,
    more: Mapping[str, t.Any] | None = None,
    point_of_no_return: Callable[[Options], bool] = lambda _options: False,
) -> BuiltIn:
    """The step that moves resources of one kind.

    :param name: the name of the step and of the kind.
    :param module: the module that moves and reads the resources.
    :param permissions: the IAM actions that the module needs.
    :param undoable: whether the resources can be moved back while the failover is still in progress.
    :param more: further options of the module for the move, and not for the undo.
    :param point_of_no_return: whether the given resources cannot be moved back without a loss.
    """
    return BuiltIn(
        name,
        procedures=("failover", "failback"),
        take=partial(_take, name, module, more or {}),
        undo=partial(_undo, name, module) if undoable else None,
        skip=partial(_skip, name),
        final=point_of_no_return,
        module=module,
        permissions=permissions,
    )


def _skip(kind: str, options: Options, _page: Options) -> str:
    return "" if given(options, kind) else f"failover_resources names no {kind}."


def _common(context: Context, to: str) -> Json:
    options, run = context.options, context.run
    asked = {"to": to, "type": options.get("type") or "planned", "run_id": run.id}
    return asked | {"wait_timeout": options["wait_timeout"]}


def _take(kind: str, module: str, more: Mapping[str, t.Any], context: Context) -> None:
    """:raises ModuleFailedError: one of them could not be moved."""
    targets = given(context.options, kind)
    try:
        found = context.ask(module, targets=targets, **_common(context, _SITES[context.run.operation]), **more)
    except ModuleFailedError as problem:
        _keep(context, kind, targets, problem.result)
        raise
    _keep(context, kind, targets, found)
    context.outcome["msg"] = reported(found)


def _keep(context: Context, kind: str, targets: list[Json], found: Json) -> None:
    """Keep what is to be undone: targets that were moved, and targets that failed and may be partly moved."""
    seen = found.get("targets") or []
    moved = [
        target
        for target, one in zip(targets, seen, strict=False)
        if one.get("changed") or (one.get("failed") and not one.get("refused"))
    ]
    context.run.memory.setdefault("resources", {})[kind] = [
        {"target": target, "after": one.get("after")} for target, one in zip(targets, seen, strict=False)
    ]
    # If the module reported no targets, any of them may have been moved.
    context.run.memory.setdefault("moved", {})[kind] = moved if seen else targets
    context.outcome["changed"] = bool(found.get("changed"))


def _undo(kind: str, module: str, context: Context) -> str:
    """Move back what this run has moved."""
    moved = (context.run.memory.get("moved") or {}).get(kind, given(context.options, kind))
    back = "primary" if context.run.operation == "failover" else "secondary"
    if not moved:
        return "Nothing was moved."
    return reported(context.ask(module, targets=moved, **_common(context, back)))


def reported(found: Json) -> str:
    """The messages of a module about its targets."""
    return " ".join(str(one.get("msg")) for one in found.get("targets") or []) or str(found.get("msg") or "")


def questions(options: Options, to: str, steps: Iterable[BuiltIn]) -> list[tuple[str, str, Json]]:
    """The module calls that read the state of a service's resources.

    :returns: for each kind its name, its module, and the module's options for check mode.
    """
    common = {"to": to, "type": options.get("type") or "planned", "wait_timeout": READ_SECONDS}
    kinds = [(step.name, step.module, given(options, step.name)) for step in steps if step.module]
    return [(name, module, {**common, "targets": targets}) for name, module, targets in kinds if targets]


def observe(context: Context, taken: Iterable[BuiltIn]) -> Asking[None]:
    """Check, before anything is changed, whether the resources can be moved.

    A resource that cannot be read does not stop an unplanned failover: its site has to be locked first of all.

    :param taken: the steps that are taken.
    :raises RefusedError: one of them would not be moved.
    """
    to = _SITES[context.run.operation]
    may_fail = context.run.operation == "failover" and context.options["type"] == "unplanned"
    refused: list[str] = []
    codes: list[str] = []
    for name, module, asked in questions(context.options, to, taken):
        try:
            yield from context.asking(Turn.READ, module, **asked, **{CHECK_MODE: True})
        except ModuleFailedError as problem:
            decided = [one for one in problem.result.get("targets") or [] if one.get("failed") and one.get("refused")]
            if decided or not may_fail or not problem.result.get("targets"):
                refused.append(f"failover_resources, {name}: {problem}")
                codes.append("TG-RESOURCE" if decided or problem.code in GENERAL_CODES else problem.code)
            else:
                not_observed(context, f"failover_resources, {name}", problem)
    if refused:
        raise RefusedError("\n".join(refused), code=codes[0])


def not_observed(context: Context, what: str, problem: Exception) -> None:
    """Warn of a resource that could not be read before the lock. The failover goes on."""
    context.warn(
        f"{what} could not be read before the lock, so a later step may fail. The failover goes on, because "
        f"the site has to be locked first. {problem}"
    )


def problems_of_resources(options: Options) -> list[str]:
    """Problems of ``failover_resources`` that can be found without a request, a sentence each."""
    resources = options.get("resources") or {}
    if not isinstance(resources, Mapping):
        return [f"failover_resources is of the wrong kind. Give a dictionary of {', '.join(KINDS)}."]
    found = [
        f"failover_resources has {name!r}, which is none of {', '.join(KINDS)}."
        for name in resources
        if name not in KINDS
    ]
    wrong = [name for name in KINDS if not _is_list(resources.get(name))]
    return found + [f"failover_resources.{name} is of the wrong kind. Give a list of dictionaries." for name in wrong]


def _is_list(value: t.Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(one, Mapping) for one in value))
