# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Destinations of a route: replace all in one transaction, add some, remove one.

Rules and texts are those of RouteUpdateDestinationsMessage and UpdateRouteDestinations of cloud_controller_ng.
"""

from __future__ import annotations

from typing import Any

from lab.cloudfoundry.errors import unprocessable
from lab.cloudfoundry.platform import (
    DEFAULT_PORT,
    NO_PORT,
    App,
    Destination,
    Json,
    Platform,
    Process,
    Route,
    new_guid,
    now,
)

_MOST = 100
_MOST_PORTS = 10
_PROTOCOLS = {"http": ("http1", "http2"), "tcp": ("tcp",)}


def replace(platform: Platform, route: Route, body: Json, actor: Json, readable: set[str]) -> None:
    """Replace the destinations. Unchanged destinations keep their guid. All changes are made, or none."""
    wanted = _wanted(platform, route, body, readable, replacing=True)
    kept = {one.key: one for one in route.destinations}
    added = [one for one in wanted if one.key not in kept]
    removed = [one for one in route.destinations if one.key not in {new.key for new in wanted}]
    for one in removed:
        remove_one(platform, route, one, actor)
    for one in added:
        _add_one(platform, route, one, actor)


def insert(platform: Platform, route: Route, body: Json, actor: Json, readable: set[str]) -> None:
    """Add destinations; existing destinations stay."""
    wanted = _wanted(platform, route, body, readable, replacing=False)
    if any(one.weight for one in route.destinations):
        raise unprocessable("Destinations cannot be inserted when there are weighted destinations already configured.")
    if len(route.destinations) + len(wanted) > _MOST:
        raise unprocessable("Routes can be mapped to at most 100 destinations.")
    kept = {one.key[:3] for one in route.destinations}
    for one in wanted:
        if one.key[:3] not in kept:
            _add_one(platform, route, one, actor)


def remove_one(platform: Platform, route: Route, destination: Destination, actor: Json) -> None:
    """Remove a destination, and its port from processes without another route to that port."""
    route.destinations.remove(destination)
    _record(platform, "audit.app.unmap-route", route, destination, actor)
    others = {(one.app.guid, one.process_type, one.port) for each in platform.routes for one in each.destinations}
    for process in _processes(destination):
        if (destination.app.guid, destination.process_type, destination.port) not in others:
            _set_ports(destination.app, process, [port for port in process.ports or [] if port != destination.port])


def _add_one(platform: Platform, route: Route, destination: Destination, actor: Json) -> None:
    route.destinations.append(destination)
    _record(platform, "audit.app.map-route", route, destination, actor)
    for process in _processes(destination):
        ports = process.ports or []
        if destination.port not in (NO_PORT, *ports):
            _set_ports(destination.app, process, [*ports, destination.port])


def _set_ports(app: App, process: Process, ports: list[int]) -> None:
    """Set the ports of a process. The next start of its containers opens them."""
    process.ports = ports or ([DEFAULT_PORT] if app.lifecycle == "buildpack" else None)


def _processes(destination: Destination) -> list[Process]:
    return [process for process in destination.app.processes if process.type == destination.process_type]


def _wanted(platform: Platform, route: Route, body: Json, readable: set[str], *, replacing: bool) -> list[Destination]:
    given = _checked(body, replacing=replacing)
    guids = [one["app"]["guid"] for one in given]
    missing = [guid for guid in guids if platform.app(guid) is None]
    if missing:
        raise unprocessable(f"App(s) with guid(s) {_quoted(missing)} do not exist.")
    hidden = [guid for guid in guids if guid not in readable]
    if hidden:
        raise unprocessable(f"App(s) with guid(s) {_quoted(hidden)} you do not have access.")
    apps = {app.guid: app for app in platform.apps}
    spaces = [route.space, *route.shared_spaces]
    if any(apps[guid].space not in spaces for guid in guids):
        raise unprocessable("Routes destinations must be in either the route's space or the route's shared spaces")
    wanted = [_destination(route, apps[one["app"]["guid"]], one) for one in given]
    if len({one.key for one in wanted}) < len(wanted):
        raise unprocessable("Destinations cannot contain duplicate entries")
    return wanted


def _quoted(guids: list[str]) -> str:
    return ", ".join(f'"{guid}"' for guid in guids)


def _destination(route: Route, app: App, given: Json) -> Destination:
    protocol = given.get("protocol") or _PROTOCOLS[route.domain.protocol][0]
    if protocol not in _PROTOCOLS[route.domain.protocol]:
        valid = ", ".join(_PROTOCOLS[route.domain.protocol])
        raise unprocessable(
            f"Cannot use '{protocol}' protocol for {route.domain.protocol} routes; valid options are: [{valid}]."
        )
    port = given.get("port") or (DEFAULT_PORT if app.lifecycle == "buildpack" else NO_PORT)
    process_type = (given["app"].get("process") or {}).get("type") or "web"
    return Destination(app, process_type, port, given.get("weight"), protocol)


def _checked(body: Json, *, replacing: bool) -> list[Json]:
    unknown = body.keys() - {"destinations"}
    if unknown:
        raise unprocessable(f"Unknown field(s): {', '.join(repr(key) for key in sorted(unknown))}")
    given, least = body.get("destinations"), 0 if replacing else 1
    if not isinstance(given, list) or not least <= len(given) <= _MOST:
        reported = f"must be an array containing between {least} and 100 destination objects."
        raise unprocessable(f"Destinations {reported}")
    for index, one in enumerate(given):
        problem = _problem(one, replacing=replacing)
        if problem:
            raise unprocessable(f"Destinations[{index}]: {problem}")
    _check_together(given)
    return given


def _problem(given: Any, *, replacing: bool) -> str:
    if not isinstance(given, dict):
        return "must be an object."
    if "app" not in given:
        return 'must have an "app".'
    if given.keys() - {"app", "weight", "port", "protocol"}:
        return 'must have only "app" and optionally "weight", "port" or "protocol".'
    app, weight, port = given["app"], given.get("weight"), given.get("port")
    if not isinstance(app, dict) or not isinstance(app.get("guid"), str) or not 1 <= len(app["guid"]) < 200:
        return 'app must have the structure {"guid": "app_guid"}'
    if not _is_process(app.get("process")):
        return 'process must have the structure {"type": "process_type"}'
    if weight is not None and not replacing:
        return "weighted destinations can only be used when replacing all destinations."
    if weight is not None and not _within(weight, 1, 100):
        return "weight must be a positive integer between 1 and 100."
    if port is not None and not _within(port, 1024, 65535):
        return "port must be a positive integer between 1024 and 65535 inclusive."
    if given.get("protocol") not in (None, "http1", "http2", "tcp"):
        return "protocol must be 'http1', 'http2' or 'tcp'."
    return ""


def _is_process(process: Any) -> bool:
    if process is None:
        return True
    return (
        isinstance(process, dict)
        and [*process] == ["type"]
        and isinstance(process["type"], str)
        and process["type"] != ""
    )


def _within(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _check_together(given: list[Json]) -> None:
    ports: dict[str, int] = {}
    for one in given:
        ports[repr(one["app"])] = ports.get(repr(one["app"]), 0) + 1
    if any(count > _MOST_PORTS for count in ports.values()):
        raise unprocessable("Process must have at most 10 exposed ports.")
    weights: list[int] = [one["weight"] for one in given if one.get("weight") is not None]
    if not weights:
        return
    if len(weights) < len(given):
        raise unprocessable("Destinations cannot contain both weighted and unweighted destinations.")
    if sum(weights) != 100:
        raise unprocessable("Destinations must have weights that sum to 100.")


def _record(platform: Platform, kind: str, route: Route, destination: Destination, actor: Json) -> None:
    app = destination.app
    platform.events.append(
        {
            "guid": new_guid(),
            "created_at": now(),
            "updated_at": now(),
            "type": kind,
            "actor": actor,
            "target": {"guid": app.guid, "type": "app", "name": app.name},
            "data": {
                "route_guid": route.guid,
                "app_port": destination.port,
                "route_mapping_guid": destination.guid,
                "destination_guid": destination.guid,
                "process_type": destination.process_type,
                "weight": destination.weight,
                "protocol": destination.protocol,
            },
            "space": {"guid": app.space.guid},
            "organization": {"guid": app.space.organization.guid},
        }
    )
