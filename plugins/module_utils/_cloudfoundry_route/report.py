# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What a run on a route reports: pictures, messages and warnings."""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.decision import (
    Learned,
    ReleaseHolds,
    ReplaceDestinations,
    Step,
    TakeHolds,
    holds_of,
    responder_shown,
)
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.destinations import (
    Destination,
    are_like,
    destinations_of,
    reported,
)
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.fitness import (
    is_serving,
    ports_that_close,
    unsure_ports,
)
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.request import Request
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.route_holds import RouteHold

Json = Mapping[str, t.Any]
Names = Mapping[str, str]


def picture(route: Json, names: Names, responder: str | None) -> dict[str, t.Any]:
    """What a user sees of a route in ``before``, ``after`` and the diff: all that a run may change."""
    holds = holds_of(route)
    return {
        "in_maintenance": responder_shown(route, holds, responder) is not None,
        "destinations": described(destinations_of(route), names),
        "holds": [hold_described(hold, names) for hold in holds.holds],
    }


def described(destinations: Sequence[Destination], names: Names) -> list[dict[str, t.Any]]:
    """Destinations as results show them."""
    shown = ("app", "process", "port", "weight", "protocol")
    return [{name: getattr(one, name) for name in shown} | {"app_name": names.get(one.app)} for one in destinations]


def hold_described(hold: RouteHold, names: Names) -> dict[str, t.Any]:
    """A hold as results show it."""
    return {
        "owner": hold.owner,
        "since": hold.since,
        "reason": hold.reason,
        "responder": hold.responder,
        "before": None if hold.before is None else described(hold.before, names),
        "is_leaving": hold.is_leaving,
    }


def held_by(route: Json) -> list[str]:
    """The owners who keep the page up."""
    return sorted(hold.owner for hold in holds_of(route).holds if not hold.is_leaving)


def is_unexplained(route: Json, responder: str | None) -> bool:
    """Whether the page is up although nobody holds it."""
    holds = holds_of(route)
    return not holds.holds and responder_shown(route, holds, responder) is not None


def released(before: Json, steps: Sequence[Step], names: Names) -> list[dict[str, t.Any]]:
    """The holds that were found and that these steps released."""
    owners = {owner for step in steps if isinstance(step, ReleaseHolds) for owner in step.owners}
    return [hold_described(hold, names) for hold in holds_of(before).holds if hold.owner in owners]


def taken(steps: Sequence[Step], names: Names) -> list[str]:
    """Steps as phrases for people."""
    return [_reported(step, names) for step in steps]


def _reported(step: Step, names: Names) -> str:
    if isinstance(step, ReplaceDestinations):
        return f"the route leads to {reported(step.destinations, names)}"
    if isinstance(step, TakeHolds):
        return f"the hold of {', '.join(hold.owner for hold in step.holds)} recorded"
    return f"the hold of {', '.join(step.owners) or 'everybody'} released"


def message(before: Json, after: Json, request: Request, steps: Sequence[Step], names: Names) -> str:
    """What happened, or why nothing happened, in a sentence."""
    url, now = after["url"], reported(destinations_of(after), names)
    if request.enabled:
        verb = "In maintenance" if steps else "Already in maintenance"
        return f"{verb}: {url} leads to the responder {now}, held by {', '.join(held_by(after))}."
    holds = holds_of(after)
    if responder_shown(after, holds, request.responder) is None:
        was_up = responder_shown(before, holds_of(before), request.responder) is not None
        return f"{'Maintenance ended' if was_up else 'Not in maintenance'}: {url} leads to {now}."
    owners = ", ".join(held_by(after)) or "nobody"
    ours = "The hold was released" if released(before, steps, names) else f"{request.owner!r} holds nothing here"
    return f"{ours}, but {url} still leads to the responder {now}: it is held by {owners}."


def warnings_of_enter(
    before: Json, request: Request, apps: Mapping[str, Json], *, route_services: int, swapped: bool
) -> list[str]:
    """Warnings about what did not stop the run."""
    found = []
    names = {guid: str(app["name"]) for guid, app in apps.items()}
    lost = [hold.owner for hold in holds_of(before).holds if hold.owner != request.owner]
    if lost and responder_shown(before, holds_of(before), request.responder) is None:
        found.append(
            f"{', '.join(lost)} held the page, which was not up any more: an exit was interrupted, or somebody changed "
            "the route by hand. Those holds count again now; release them with that owner, or with force."
        )
    if route_services:
        found.append(
            "A route service is bound to the route. It gets each request before the page, and may answer itself."
        )
    closing = ports_that_close(destinations_of(before), apps) if swapped else []
    if closing:
        where = reported(closing, names)
        found.append(
            f"Cloud Foundry opens a port in an app only while a route leads to it. If {where} is started again during "
            "maintenance, it comes up without that port, and needs another restart afterwards."
        )
    return found


def warnings_of_ports(route: Json, apps: Mapping[str, Json]) -> list[str]:
    """A warning where no audit events show with which port an image's destination was mapped."""
    names = {guid: str(app["name"]) for guid, app in apps.items()}
    unsure = unsure_ports(destinations_of(route), apps)
    if not unsure:
        return []
    where = reported(unsure, names)
    warning = (
        f"The API does not report whether {where} was mapped with that port or with the default of its image. The port "
        "that is shown will be set on the way back, and does not follow the image any more."
    )
    return [warning]


def warnings_of_learned(learned: Learned, names: Names) -> list[str]:
    """A warning about changes of somebody else right before our own replace."""
    if not learned.overlooked:
        return []
    warning = (
        f"Somebody mapped the route to {reported(learned.overlooked, names)} at the moment of this change, which "
        "removed that. It is not lost: it belongs to what the route leads to without the page."
    )
    return [warning]


def warnings_of_exit(before: Json, after: Json, steps: Sequence[Step], names: Names) -> list[str]:
    """A warning if the route differs from the record of the holds."""
    gone = {owner for step in steps if isinstance(step, ReleaseHolds) for owner in step.owners}
    recorded = [hold.before for hold in holds_of(before).holds if hold.owner in gone and hold.before is not None]
    if not recorded or responder_shown(after, holds_of(before), None) is not None:
        return []
    now = destinations_of(after)
    if any(isinstance(step, ReplaceDestinations) for step in steps) or are_like(recorded[0], now):
        return []
    warning = (
        f"The page was not up any more: somebody had changed the route by hand. It leads to {reported(now, names)}, "
        f"and led to {reported(recorded[0], names)} when the hold was recorded. It was left as it is."
    )
    return [warning]


def warnings_of_instances(
    destinations: Sequence[Destination], instances: Mapping[tuple[str, str], Sequence[Json]], names: Names
) -> list[str]:
    """Warnings about restored destinations that cannot serve."""
    found = []
    for one in destinations:
        serving = [instance for instance in instances.get((one.app, one.process), ()) if is_serving(instance)]
        if not serving:
            found.append(f"{reported([one], names)} has no running instance, so its share of the requests gets errors.")
        elif one.port is not None and not any(_has_open(instance, one.port) for instance in serving):
            found.append(
                f"{reported([one], names)} was started while the route did not lead to it, so this port is not open. "
                f"Restart the app: cf restart {names.get(one.app, one.app)}."
            )
    return found


def _has_open(instance: Json, port: int) -> bool:
    ports: Collection[Json] | None = instance.get("instance_ports")
    return ports is None or any(one.get("internal") == port for one in ports)
