# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What a run over one load balancer found, did and left behind, in plain data and in a sentence for a person."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from ansible_collections.tidegate.failover.plugins.module_utils._maintenance import redirects
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.decision import (
    ChangeHolds,
    Step,
    Switch,
    holds_on,
    is_attached,
    readable_holds,
    rule_set_names,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import (
    is_alarm,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Request
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.selection import (
    Fronts,
    LeftOut,
    partly_serving,
)

#: Paths that are named as examples of many.
EXAMPLES = 3

Json = Mapping[str, t.Any]


def picture(load_balancer: Json, names: Sequence[str]) -> dict[str, t.Any]:
    """What a user sees of a load balancer in ``before``, ``after`` and the diff: all that a run may change."""
    listeners = {
        name: {"rule_set_names": rule_set_names(load_balancer, name)}
        for name in names
        if name in load_balancer["listeners"]
    }
    return {"listeners": listeners, "holds": [asdict(hold) for hold in readable_holds(load_balancer)]}


def unexplained(load_balancer: Json, names: Sequence[str], rule_set: str) -> list[str]:
    """Listeners that show the page although nobody holds it."""
    holds = readable_holds(load_balancer)
    return [
        name for name in names if is_attached(load_balancer, name, rule_set) and not holds_on(holds, name, rule_set)
    ]


def held_by(load_balancer: Json, names: Sequence[str], rule_set: str) -> list[str]:
    """The owners who hold the page on any of these listeners."""
    holds = readable_holds(load_balancer)
    return sorted({hold.owner for name in names for hold in holds_on(holds, name, rule_set)})


def released(before: Json, steps: Sequence[Step]) -> list[dict[str, t.Any]]:
    """The holds that these steps released, out of those that were found."""
    keys = {key for step in steps if isinstance(step, ChangeHolds) for key in step.release}
    return [asdict(hold) for hold in readable_holds(before) if hold.key in keys]


def left_out(items: Sequence[LeftOut]) -> list[dict[str, t.Any]]:
    """The listeners of a backend set that are not switched with it, as a user gets them."""
    return [asdict(item) | {"leads_to": list(item.leads_to)} for item in items]


def page_warnings(load_balancer: Json, fronts: Fronts, rule_set: str) -> list[str]:
    """Whose users do not get the page although it is up on these listeners, and which requests do not lead to it."""
    found = [
        f"The users of listener {item.listener!r} do not get the page. {item.reason}"
        for item in fronts.left_out
        if not item.leads_to
    ]
    attached = redirects.with_page(load_balancer, rule_set, fronts.names)
    entrances = [*fronts.names, *(item.listener for item in fronts.left_out if item.leads_to)]
    application = {attached["listeners"][name]["defaultBackendSetName"] for name in fronts.names}
    for name, paths in redirects.uncovered(attached, entrances, rule_set, application).items():
        found.append(
            f"Some requests still reach the application: listener {name!r} serves paths such as "
            f"{', '.join(paths[:EXAMPLES])}, which rule set {rule_set!r} does not redirect. If their users are to get "
            "the page too, add redirect rules to it; one with PREFIX_MATCH and '/' redirects all paths."
        )
    return found + [
        f"Rule set {rule_set!r} redirects to {place.protocol}, port {place.port}, where this load balancer has no "
        "listener. Unless something in front of it answers there, users get a connection error instead of the page. "
        "Point its redirect URI at the port and protocol of the listener that serves the page."
        for place in redirects.unserved(attached, entrances, rule_set)
    ]


def warnings(before: Json, after: Json, request: Request, names: Sequence[str]) -> list[str]:
    """What a person should know although it did not stop the run."""
    found = []
    backend_set = request.selection.backend_set
    partly = partly_serving(after, backend_set, names) if backend_set else ()
    if partly:
        found.append(
            f"Only listeners with {backend_set!r} as their default backend set were switched. {', '.join(partly)} "
            "also sends some requests to it (routing policy or path route set); name it in listeners to cover it."
        )
    if request.enabled:
        found += _about_lost_pages(before, request, names)
    elif is_alarm(request.owner) and unexplained(after, names, request.rule_set):
        shown = ", ".join(unexplained(after, names, request.rule_set))
        found.append(
            f"The page on {shown} is held by nobody, so this alarm left it alone. If it should go, an operator removes "
            "it with state: disabled and their own owner."
        )
    if _reasons_were_dropped(before, after, request):
        found.append(
            "The free-form tags of the load balancer had no room for the reasons of the holds, only for the owners."
        )
    return found


def message(before: Json, after: Json, request: Request, names: Sequence[str], steps: Sequence[Step]) -> str:
    """What happened, or why nothing did, in a sentence.

    :param steps: those that this run took.
    """
    where = ", ".join(names)
    if request.enabled:
        verb = "In maintenance" if steps else "Already in maintenance"
        owners = ", ".join(held_by(after, names, request.rule_set))
        return f"{verb}: {request.rule_set!r} is attached to {where}, held by {owners}."
    shown = [name for name in names if is_attached(after, name, request.rule_set)]
    if not shown:
        was_shown = any(is_attached(before, name, request.rule_set) for name in names)
        verb = "Maintenance ended" if was_shown else "Not in maintenance"
        return f"{verb}: {request.rule_set!r} is not attached to {where}."
    owners = ", ".join(held_by(after, shown, request.rule_set)) or "nobody"
    ours = "The hold was released" if released(before, steps) else f"{request.owner!r} holds nothing here"
    return f"{ours}, but {request.rule_set!r} stays attached to {', '.join(shown)}: it is held by {owners}."


def taken(steps: Sequence[Step], rule_set: str) -> list[str]:
    """Steps as a person would tell them."""
    return [_told(step, rule_set) for step in steps]


def _told(step: Step, rule_set: str) -> str:
    if isinstance(step, Switch):
        return f"{rule_set!r} {'attached to' if step.attach else 'detached from'} {step.listener}"
    owners = sorted({hold.owner for hold in step.take} | {owner for _listener, _rule_set, owner in step.release})
    return f"the hold of {', '.join(owners) or 'everybody'} {'recorded' if step.take else 'released'}"


def _about_lost_pages(before: Json, request: Request, names: Sequence[str]) -> list[str]:
    """A hold without its page is an exit that died half-way, or somebody detached the page by hand."""
    lost = [name for name in names if not is_attached(before, name, request.rule_set)]
    owners = [owner for owner in held_by(before, lost, request.rule_set) if owner != request.owner]
    if not owners:
        return []
    told = f"{', '.join(owners)} held the page on {', '.join(lost)}, where it was not up any more"
    why = "an exit was interrupted, or somebody detached it by hand"
    return [f"{told}: {why}. Those holds count again now; release them with that owner, or with force."]


def _reasons_were_dropped(before: Json, after: Json, request: Request) -> bool:
    had = {hold.key for hold in readable_holds(before) if hold.reason}
    return any(
        not hold.reason
        and (hold.key in had or (request.reason and (hold.owner, hold.since) == (request.owner, request.since)))
        for hold in readable_holds(after)
    )
