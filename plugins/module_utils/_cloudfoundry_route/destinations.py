# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Destinations of a Cloud Foundry route: read, compared, and checked whether they can be set again."""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = Mapping[str, t.Any]

#: Limits of the API for one replace: all destinations, and destinations of one process.
MOST_DESTINATIONS = 100
MOST_OF_ONE_PROCESS = 10
#: The default port of apps with buildpacks.
DEFAULT_PORT = 8080
_DEFAULT_PROTOCOL = "http1"
_WEIGHTS_TOGETHER = 100


@dataclass(frozen=True)
class Destination:
    """One process of an app that a route leads to.

    :ivar port: the port in the API, which is the app's default if none was given.
    :ivar is_default_port: whether it is known that no port was given.
    :ivar protocol: the protocol; None for the default of the route.
    """

    app: str
    process: str = "web"
    port: int | None = None
    weight: int | None = None
    protocol: str | None = None
    is_default_port: bool = False

    def is_like(self, other: Destination) -> bool:
        """Whether both are the same destination. A default port matches every port, because images have their own."""
        same_port = self.is_default_port or other.is_default_port or _alike(self.port, other.port)
        return (
            (self.app, self.process, self.weight) == (other.app, other.process, other.weight)
            and same_port
            and _alike(self.protocol, other.protocol)
        )

    def body(self) -> dict[str, t.Any]:
        """The destination in the form of a request."""
        body: dict[str, t.Any] = {"app": {"guid": self.app, "process": {"type": self.process}}}
        port = None if self.is_default_port else self.port
        given = {"port": port, "weight": self.weight, "protocol": self.protocol}
        return body | {name: value for name, value in given.items() if value is not None}

    def shown(self) -> dict[str, t.Any]:
        """The destination in the form of a response."""
        return {**self.body(), "guid": "", "port": self.port, "protocol": self.protocol or _DEFAULT_PROTOCOL}


def page(responder: str, port: int = DEFAULT_PORT) -> tuple[Destination, ...]:
    """The destinations of a route that shows the page of a responder."""
    return (Destination(responder, port=port, is_default_port=True),)


def _alike(one: object, other: object) -> bool:
    return one is None or other is None or one == other


def destinations_of(route: Json) -> tuple[Destination, ...]:
    """The destinations that a route has, in an order that does not depend on their guids."""
    return ordered(_from_json(given) for given in route["destinations"])


def guids_of(route: Json) -> frozenset[str]:
    """The guids of a route's destinations. A destination that is mapped again gets a new guid."""
    return frozenset(str(given["guid"]) for given in route["destinations"])


def ordered(destinations: Iterable[Destination]) -> tuple[Destination, ...]:
    """The destinations without duplicates, sorted."""
    found = dict.fromkeys(destinations)
    return tuple(sorted(found, key=lambda one: (one.app, one.process, one.port or 0, one.protocol or "")))


def are_like(some: Sequence[Destination], others: Sequence[Destination]) -> bool:
    """Whether both are the same destinations."""
    return len(some) == len(others) and all(any(one.is_like(other) for other in others) for one in some)


def _from_json(given: Json) -> Destination:
    app = given["app"]
    return Destination(
        app=app["guid"],
        process=(app.get("process") or {}).get("type") or "web",
        port=given.get("port"),
        weight=given.get("weight"),
        protocol=given.get("protocol"),
    )


def check_can_be_set_again(destinations: Sequence[Destination]) -> None:
    """Refuse destinations that one replace cannot set again, but that can be built up step by step.

    :raises RefusedError: with the reason. The route was not changed.
    """
    problem = _why_not(destinations)
    if problem:
        raise RefusedError(
            f"The route has destinations that Cloud Foundry would refuse to set again together: {problem}. So the way "
            "back from maintenance would fail. Nothing was changed. Split the destinations over several routes."
        )


def _why_not(destinations: Sequence[Destination]) -> str:
    if len(destinations) > MOST_DESTINATIONS:
        return f"{len(destinations)} of them, and {MOST_DESTINATIONS} are allowed"
    counts: dict[tuple[str, str], int] = {}
    for one in destinations:
        counts[one.app, one.process] = counts.get((one.app, one.process), 0) + 1
    if counts and max(counts.values()) > MOST_OF_ONE_PROCESS:
        return f"{max(counts.values())} ports of one process, and {MOST_OF_ONE_PROCESS} are allowed"
    weights = [one.weight for one in destinations if one.weight is not None]
    if weights and (len(weights) < len(destinations) or sum(weights) != _WEIGHTS_TOGETHER):
        return f"weights that sum to {sum(weights)}, and all have to have one that sum to {_WEIGHTS_TOGETHER}"
    return ""


def leads_to(destinations: Sequence[Destination], app: str) -> bool:
    """Whether a destination is this app."""
    return any(one.app == app for one in destinations)


def shows_page(destinations: Sequence[Destination], responder: str) -> bool:
    """Whether all destinations are the responder."""
    return bool(destinations) and all(one.app == responder for one in destinations)


def with_default_ports(destinations: Iterable[Destination], known: Collection[Destination]) -> tuple[Destination, ...]:
    """The destinations, with a mark where it is known by now that no port was given."""
    return ordered(replace(one, is_default_port=one.is_default_port or one in known) for one in destinations)


def reported(destinations: Iterable[Destination], names: Mapping[str, str]) -> str:
    """App, process and port of each destination, for people.

    :param names: the names of apps, by guid.
    """
    found = [
        names.get(one.app, one.app)
        + (f"/{one.process}" if one.process != "web" else "")
        + ("" if one.port is None else f":{one.port}")
        for one in destinations
    ]
    return ", ".join(found) or "nothing"
