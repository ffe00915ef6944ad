# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What a run on one load balancer found, did and left behind, as plain data and as a sentence for people."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance import redirects, swaps
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.backends import serving_users
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.decision import (
    ChangeHolds,
    Step,
    Switch,
    left_alone,
    load_balancer_body,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import (
    Hold,
    UnreadableHoldsError,
    is_alarm,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.leaving import leaving
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.refused_fields import (
    LeftOut,
    Path,
    value_at,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import OWNER_LENGTH, Request
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.routing import routed_to
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.selection import (
    Fronts,
    LeftOutListener,
    partly_serving,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.state import (
    holds_of,
    holds_on,
    is_attached,
    rule_set_names,
    unheld_pages,
)

#: How many paths are named as examples.
EXAMPLES = 3

Json = Mapping[str, t.Any]

#: An owner of the greatest length.
_LONGEST_ALARM = "alarm:".ljust(OWNER_LENGTH, "x")


def picture(load_balancer: Json, names: Sequence[str], rule_set: str) -> dict[str, t.Any]:
    """What a user sees of a load balancer in ``before``, ``after`` and the diff: all that a run may change."""
    listeners = {
        name: {"rule_set_names": rule_set_names(load_balancer, name)} | _shown_routes(load_balancer, name, rule_set)
        for name in names
        if name in load_balancer["listeners"]
    }
    return {"listeners": listeners, "holds": [reported_hold(hold) for hold in readable_holds(load_balancer)]}


def _shown_routes(load_balancer: Json, name: str, rule_set: str) -> dict[str, t.Any]:
    """The fields of a listener that a swap changes; empty where a rule set redirects."""
    if not swaps.page_of(rule_set):
        return {}
    routes = swaps.routes_of(swaps.real_listener(load_balancer, name))
    return {
        "default_backend_set_name": routes.default,
        "routing_policy_name": routes.policy or None,
        "path_route_set_name": routes.paths or None,
    }


def reported_hold(hold: Hold) -> dict[str, t.Any]:
    """A hold as results show it."""
    page = swaps.page_of(hold.rule_set)
    return asdict(hold) | ({"rule_set": None, "maintenance_backend_set": page} if page else {})


def readable_holds(load_balancer: Json) -> tuple[Hold, ...]:
    """The recorded holds; none where they cannot be read, which the decisions refuse."""
    try:
        return holds_of(load_balancer)
    except UnreadableHoldsError:
        return ()


def unexplained(load_balancer: Json, names: Sequence[str], rule_set: str) -> list[str]:
    """Listeners that show the page although nobody holds it."""
    return unheld_pages(load_balancer, names, rule_set, readable_holds(load_balancer))


def held_by(load_balancer: Json, names: Sequence[str], rule_set: str) -> list[str]:
    """The owners who hold the page on any of these listeners."""
    holds = readable_holds(load_balancer)
    return sorted({hold.owner for name in names for hold in holds_on(holds, name, rule_set)})


def released(before: Json, steps: Sequence[Step]) -> list[dict[str, t.Any]]:
    """The holds that were found and that these steps released."""
    keys = {key for step in steps if isinstance(step, ChangeHolds) for key in step.release}
    return [reported_hold(hold) for hold in readable_holds(before) if hold.key in keys]


def left_out(items: Sequence[LeftOutListener]) -> list[dict[str, t.Any]]:
    """The listeners of a backend set that are not switched with it, as results show them."""
    return [asdict(item) | {"leads_to": list(item.leads_to)} for item in items]


def page_warnings(load_balancer: Json, fronts: Fronts, rule_set: str) -> list[str]:
    """Warnings about users and requests that do not get the page although it is up on these listeners."""
    found = [
        f"The users of listener {item.listener!r} do not get the page. {item.reason}"
        for item in fronts.left_out
        if not item.leads_to
    ]
    if swaps.page_of(rule_set):
        return found + _in_place_warnings(load_balancer, fronts, rule_set)
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


def _in_place_warnings(load_balancer: Json, fronts: Fronts, rule_set: str) -> list[str]:
    """Warnings about what the page covers besides the default backend set, and about requests that do not get it."""
    page, found = swaps.page_of(rule_set), []
    for name in fronts.names:
        routes = swaps.routes_of(load_balancer["listeners"][name])
        by = [f"routing policy {routes.policy!r}"] if routes.policy else []
        by += [f"path route set {routes.paths!r}"] if routes.paths else []
        if by:
            found.append(
                f"The page also covers what listener {name!r} serves by {' and '.join(by)}. The listener gets it back "
                "when maintenance ends."
            )
    found += _unchecked(load_balancer, fronts.names)
    swapped = {name: {**load_balancer["listeners"][name], "defaultBackendSetName": page} for name in fronts.names}
    seen = {**load_balancer, "listeners": {**load_balancer["listeners"], **swapped}}
    application = {load_balancer["listeners"][name]["defaultBackendSetName"] for name in fronts.names}
    entrances = [*fronts.names, *(item.listener for item in fronts.left_out if item.leads_to)]
    for name, paths in redirects.uncovered(seen, entrances, rule_set, application).items():
        found.append(
            f"Some requests are redirected to listener {name!r} and still reach the application there, such as "
            f"{', '.join(paths[:EXAMPLES])}. If their users are to get the page too, name that listener in listeners."
        )
    return found


def _unchecked(load_balancer: Json, names: Sequence[str]) -> list[str]:
    """A warning about backend sets that no listener uses while the page is up: OCI may not report their health."""
    real = [swaps.real_listener(load_balancer, name) for name in load_balancer["listeners"]]
    used = {swaps.routes_of(one).default for one in real}.union(*(routed_to(load_balancer, one) for one in real))
    idle = sorted({behind for name in names for behind in serving_users(load_balancer, name)} - used)
    if not idle:
        return []
    reported = f"No listener sends requests to {', '.join(idle)} while the page is up, and OCI may not report"
    return [
        f"{reported} the health of such a backend set. An alarm's recovery cannot be confirmed, and the page stays."
    ]


def warnings(before: Json, after: Json, request: Request, names: Sequence[str]) -> list[str]:
    """Warnings about what did not stop the run."""
    found = []
    backend_set = request.selection.backend_set
    partly = _only_partly_serving(after, backend_set, names) if backend_set else []
    if partly:
        found.append(
            f"Only listeners with {backend_set!r} as their default backend set were switched. {', '.join(partly)} "
            "also sends some requests to it (routing policy or path route set); name it in listeners to cover it."
        )
    if request.enabled:
        found += _about_lost_pages(before, request, names)
        found += _about_pages_left_alone(after, request, names)
    else:
        found += _about_what_is_gone(before, after, request)
        found += _about_swaps_by_hand(after, request, names)
    if not request.enabled and is_alarm(request.owner) and unexplained(after, names, request.rule_set):
        shown = ", ".join(unexplained(after, names, request.rule_set))
        found.append(
            f"The page on {shown} is held by nobody, so this alarm left it unchanged. To remove it, an operator uses "
            "state: disabled and their own owner."
        )
    if _reasons_were_dropped(before, after, request):
        found.append(
            "The free-form tags of the load balancer had no room for the reasons of the holds, only for the owners."
        )
    return found


def message(before: Json, after: Json, request: Request, names: Sequence[str], steps: Sequence[Step]) -> str:
    """What happened, or why nothing happened, in a sentence.

    :param steps: the steps that this run took.
    """
    where = ", ".join(names) or "any selected listener"
    if request.enabled:
        verb = "In maintenance" if steps else "Already in maintenance"
        alone = left_alone(after, request, names)
        ours = ", ".join(name for name in names if name not in alone)
        owners = ", ".join(held_by(after, names, request.rule_set))
        reported = f"{verb}: {_up(request.rule_set, ours)}, held by {owners}."
        return " ".join([reported, *_about_pages_left_alone(after, request, names)])
    shown = [name for name in names if is_attached(after, name, request.rule_set)]
    if not shown:
        was_shown = any(is_attached(before, name, request.rule_set) for name in names)
        verb = "Maintenance ended" if was_shown else "Not in maintenance"
        return f"{verb}: {_down(request.rule_set, where)}."
    owners = ", ".join(held_by(after, shown, request.rule_set)) or "nobody"
    ours = "The hold was released" if released(before, steps) else f"{request.owner!r} holds nothing here"
    return f"{ours}, but {_stays(request.rule_set, ', '.join(shown))}: it is held by {owners}."


def _up(rule_set: str, where: str) -> str:
    page = swaps.page_of(rule_set)
    return f"backend set {page!r} answers on {where}" if page else f"{rule_set!r} is attached to {where}"


def _down(rule_set: str, where: str) -> str:
    page = swaps.page_of(rule_set)
    return f"backend set {page!r} is not in place on {where}" if page else f"{rule_set!r} is not attached to {where}"


def _stays(rule_set: str, where: str) -> str:
    page = swaps.page_of(rule_set)
    return f"backend set {page!r} stays in place on {where}" if page else f"{rule_set!r} stays attached to {where}"


def nothing_of_ours(load_balancer: Json, request: Request, names: Sequence[str]) -> str:
    """Why an alarm changes nothing: the page is up on all listeners already, and nobody holds it. Otherwise empty."""
    alone = left_alone(load_balancer, request, names)
    return " ".join(_about_pages_left_alone(load_balancer, request, names)) if len(alone) == len(names) else ""


def after_failure(after: Json, request: Request, names: Sequence[str], *, changed: bool) -> list[str]:
    """The state of the page after a failed run, in sentences, where people have to know it."""
    if not request.enabled:
        return []
    if is_alarm(request.owner):
        if changed:
            return []
        return ["This run put no page up: an alarm records its hold first, so that its recovery can remove the page."]
    shown = ", ".join(unexplained(after, names, request.rule_set))
    if not shown:
        return []
    reported = (
        f"The page is up on {shown}, and no hold is recorded for it: alarms leave it unchanged, any person may remove"
    )
    return [f"{reported} it. Run this again to record the hold."]


def no_room_for_alarms(load_balancer: Json, request: Request, names: Sequence[str]) -> str:
    """Why there is no room for the hold of an alarm with a long name on these listeners; empty if there is."""
    holds = tuple(Hold(name, request.rule_set, _LONGEST_ALARM, request.since) for name in names)
    try:
        load_balancer_body(load_balancer, ChangeHolds(take=holds))
    except RefusedError as problem:
        return str(problem)
    return ""


def tags_refused(left_out: Sequence[str]) -> str:
    """What to do if changing the tags of the load balancer is refused."""
    tried = f"Sending the hold without {' and '.join(left_out)} was refused too. " if left_out else ""
    return f"{tried}Changing tags may need a policy such as 'allow group sre to use tag-namespaces in tenancy'."


def fields_left_out(before: Json, step: Step, left_out: LeftOut) -> list[Path]:
    """The fields that the load balancer had and that a step was sent without."""
    if isinstance(step, Switch):
        listener = before["listeners"][step.listener]
        return [path for path in left_out.of_listeners if value_at(listener, path) is not None]
    return [(name,) for name in left_out.load_balancer_fields if before.get(name)]


def reported_of_left_out(before: Json, after: Json, step: Step, left_out: LeftOut) -> list[str]:
    """Warnings about the fields that a step was sent without."""
    paths = fields_left_out(before, step, left_out)
    names = ", ".join(".".join(path) for path in paths)
    if isinstance(step, ChangeHolds):
        reported = f"OCI refused to record the hold together with the unchanged {names} of the load balancer."
        return [f"{reported} The hold was sent without. {_survived(before, after, paths)}"]
    was, now = before["listeners"][step.listener], after["listeners"].get(step.listener) or {}
    reported = f"OCI shows {names} of listener {step.listener!r}, but refuses it in an update as an unknown field."
    return [f"{reported} The update was sent without. {_survived(was, now, paths)}"]


def lost_tags(before: Json, after: Json, step: Step, left_out: LeftOut) -> list[str]:
    """What people have to restore, because OCI reset fields that were not sent."""
    if isinstance(step, Switch):
        return []
    return [
        f"Recording the hold has reset {name} of the load balancer. Restore it: {_json(before[name])}."
        for (name,) in fields_left_out(before, step, left_out)
        if after.get(name) != before[name]
    ]


def _survived(was: Json, now: Json, paths: Sequence[Path]) -> str:
    lost = [path for path in paths if value_at(now, path) != value_at(was, path)]
    if not lost:
        return "Read again after the update, nothing of that has changed."
    reported = ", ".join(f"{'.'.join(path)} was {_json(value_at(was, path))}" for path in lost)
    return (
        f"Read again after the update, it is not as it was: {reported}. Set it again with the tool that set it before."
    )


def _json(value: t.Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def taken(steps: Sequence[Step], rule_set: str) -> list[str]:
    """Steps as phrases for people."""
    return [_reported(step, rule_set) for step in steps]


def _reported(step: Step, rule_set: str) -> str:
    if isinstance(step, Switch):
        page = swaps.page_of(rule_set)
        if page:
            return f"backend set {page!r} {'put in place on' if step.attach else 'removed from'} {step.listener}"
        return f"{rule_set!r} {'attached to' if step.attach else 'detached from'} {step.listener}"
    owners = sorted({hold.owner for hold in step.take} | {owner for _listener, _rule_set, owner in step.release})
    if not owners and (step.remember or not step.clear):
        return f"what the listeners serve {'recorded' if step.remember else 'forgotten'}"
    return f"the hold of {', '.join(owners) or 'everybody'} {'recorded' if step.take else 'released'}"


def _about_lost_pages(before: Json, request: Request, names: Sequence[str]) -> list[str]:
    """A hold without its page: an exit was aborted half-way, or somebody detached the page by hand."""
    lost = [name for name in names if not is_attached(before, name, request.rule_set)]
    owners = [owner for owner in held_by(before, lost, request.rule_set) if owner != request.owner]
    if not owners:
        return []
    reported = f"{', '.join(owners)} held the page on {', '.join(lost)}, where it was not up any more"
    why = "an exit was interrupted, somebody detached it by hand, or an alarm is putting it up at the moment"
    return [f"{reported}: {why}. Those holds count again now; release them with that owner, or with force."]


def _about_pages_left_alone(after: Json, request: Request, names: Sequence[str]) -> list[str]:
    alone = left_alone(after, request, names)
    if not alone:
        return []
    page = request.in_place or request.rule_set
    reported = f"On {', '.join(alone)} the page {page!r} was up before, and nobody holds it. The alarm leaves"
    return [f"{reported} it unchanged: it records no hold there, and its recovery will not remove it. A person may."]


def _about_what_is_gone(before: Json, after: Json, request: Request) -> list[str]:
    """Warnings about missing names of the request, and about holds of an alarm on other backend sets."""
    left = leaving(before, request)
    found = (
        [" ".join([*left.missing, f"Selected listeners: {', '.join(left.listeners) or 'none'}."])]
        if left.missing
        else []
    )
    still = {hold.listener for hold in readable_holds(after) if hold.owner == request.owner} - {*left.listeners}
    if is_alarm(request.owner) and request.selection.backend_set and still:
        found.append(
            f"{request.owner!r} still holds a page on {', '.join(sorted(still))}, which did not serve "
            f"{request.selection.backend_set!r}. If that is over too, release it with that owner and listeners."
        )
    return found


def _about_swaps_by_hand(after: Json, request: Request, names: Sequence[str]) -> list[str]:
    """A warning about listeners that serve the page without a record of what they had before."""
    page = request.in_place
    shown = [
        name
        for name in names
        if page and name in after["listeners"] and swaps.routes_of(after["listeners"][name]).default == page
    ]
    if not shown:
        return []
    reported = (
        f"{', '.join(shown)} has backend set {page!r} as its default backend set, and nothing is recorded that it"
    )
    return [f"{reported} replaced. So it was left as it is. If it should serve the application, set that by hand."]


def _only_partly_serving(load_balancer: Json, backend_set: str, names: Sequence[str]) -> list[str]:
    listeners = load_balancer["listeners"]
    partly = partly_serving(load_balancer, backend_set, names)
    return [name for name in partly if listeners[name]["defaultBackendSetName"] != backend_set]


def _reasons_were_dropped(before: Json, after: Json, request: Request) -> bool:
    had = {hold.key for hold in readable_holds(before) if hold.reason}
    return any(
        not hold.reason
        and (hold.key in had or (request.reason and (hold.owner, hold.since) == (request.owner, request.since)))
        for hold in readable_holds(after)
    )
