# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Whether a route can show the page, whether it can be restored, and whether these credentials may do both."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.destinations import (
    DEFAULT_PORT,
    Destination,
    destinations_of,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import AccessError, RefusedError

Json = Mapping[str, t.Any]

#: Roles that may change a route and its destinations.
MANAGING_ROLES = ("space_developer", "space_supporter")
_ADMIN = "cloud_controller.admin"
_WRITE = "cloud_controller.write"
#: The lifecycle whose apps have their own ports. Others open 8080 (ProcessModel.open_ports of cloud_controller).
_IMAGE = "docker"


@dataclass(frozen=True)
class Surroundings:
    """The resources around a route.

    :ivar domain: the domain of the route; ``space`` and ``organization`` own the route.
    :ivar shared_spaces: guids of the spaces that it is shared with; None where the platform does not show it.
    :ivar apps: the apps that the route leads to, as far as these credentials may read them, by guid.
    :ivar responder: the app that shows the page; None to exit.
    :ivar responder_stats: its instances.
    :ivar route_services: how many route services are bound to the route.
    """

    domain: Json
    space: Json
    organization: Json
    shared_spaces: tuple[str, ...] | None = ()
    apps: Mapping[str, Json] = field(default_factory=dict)
    responder: Json | None = None
    responder_stats: Sequence[Json] = ()
    route_services: int = 0


@dataclass(frozen=True)
class Rights:
    """The known rights of these credentials.

    :ivar scopes: the scopes of the token; None where it does not show them.
    :ivar roles: the roles in the space of the route; None if they were not read.
    :ivar user: the guid of the user.
    """

    scopes: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    user: str | None = None

    @property
    def is_admin(self) -> bool:
        """Whether the user is an administrator, who may do everything."""
        return self.scopes is not None and _ADMIN in self.scopes


def check_place(surroundings: Surroundings, organization: str | None, space: str | None) -> None:
    """Refuse a route in another place than the user expects.

    :raises RefusedError: it belongs to another space or organization.
    """
    for option, wanted, found in (
        ("organization", organization, surroundings.organization),
        ("space", space, surroundings.space),
    ):
        if wanted is not None and wanted not in (found["name"], found["guid"]):
            raise RefusedError(
                f"The route is in the {option} {found['name']!r}, and {option} is {wanted!r}. Nothing was changed."
            )


def check_can_show_page(route: Json, surroundings: Surroundings) -> None:
    """:raises RefusedError: such a route cannot show a page."""
    if route.get("protocol") == "tcp":
        raise RefusedError(
            "This is a route of TCP. What its clients speak is not known to be HTTP, so they would not understand a "
            "maintenance page. Stop the app, or unmap it, to take such a route out of service."
        )
    if surroundings.domain.get("internal"):
        raise RefusedError(
            f"The domain {surroundings.domain['name']} is internal: apps find each other there by DNS and connect "
            "without the router, only where a network policy allows it, and keep what they have found. A change of "
            "destinations would cut them off instead of showing them a page. Put public routes into maintenance."
        )


def check_way_back(route: Json, surroundings: Surroundings) -> None:
    """:raises RefusedError: these credentials could not set the present destinations of the route again."""
    hidden = sorted({one.app for one in destinations_of(route)} - surroundings.apps.keys())
    if hidden:
        raise RefusedError(
            f"The route leads to {'apps' if len(hidden) > 1 else 'an app'} that these credentials cannot read "
            f"({', '.join(hidden)}), as it may be in another space that the route is shared with. Cloud Foundry would "
            "refuse to map what it hides, so the way back from maintenance would fail. Give the credentials a role in "
            "that space too, such as SpaceAuditor."
        )
    spaces = _spaces(surroundings)
    elsewhere = [app["name"] for app in surroundings.apps.values() if _space_of(app) not in spaces]
    if elsewhere and surroundings.shared_spaces is not None:
        raise RefusedError(
            f"The route leads to {', '.join(sorted(elsewhere))}, in a space that it is not shared with any more. Cloud "
            "Foundry would refuse to set that again. Share the route with that space, or unmap the app."
        )


def check_responder(surroundings: Surroundings) -> None:
    """:raises RefusedError: the responder cannot answer on this route."""
    responder = surroundings.responder
    if responder is None:
        return
    name = responder["name"]
    if _space_of(responder) not in _spaces(surroundings):
        raise RefusedError(
            f"The responder {name!r} is neither in the route's space {surroundings.space['name']!r} nor in one that "
            "the route is shared with, and Cloud Foundry maps a route to no other app. Push a responder there."
        )
    if not any(is_serving(instance) for instance in surroundings.responder_stats):
        states = ", ".join(sorted({str(one.get("state")) for one in surroundings.responder_stats})) or "none at all"
        raise RefusedError(
            f"The responder {name!r} has no running instance (found: {states}), so users would get an error instead of "
            f"the page. Start it: cf start {name}.",
            code="TG-PAGE-DEAD",
        )


def check_rights(rights: Rights, surroundings: Surroundings) -> None:
    """:raises AccessError: these credentials may not change the route, as far as that is known before a write."""
    if rights.is_admin:
        return
    space = surroundings.space["name"]
    if rights.scopes is not None and _WRITE not in rights.scopes:
        raise AccessError(
            f"The token has no scope that may write (it needs {_WRITE}, or {_ADMIN}). Read-only users and auditors "
            f"cannot change routes. Sign in with the role SpaceDeveloper or SpaceSupporter in space {space!r}."
        )
    if rights.roles is not None and not rights.roles & set(MANAGING_ROLES):
        has = ", ".join(sorted(rights.roles)) or "none"
        raise AccessError(
            f"These credentials have no role in space {space!r} that may change routes (roles there: {has}). Grant "
            f"one: cf set-space-role <user> <org> {space} SpaceDeveloper, or SpaceSupporter."
        )
    if surroundings.organization.get("suspended"):
        raise AccessError(
            f"The organization {surroundings.organization['name']!r} is suspended, so only an administrator may change "
            "its routes."
        )


def is_serving(instance: Json) -> bool:
    """Whether an instance gets requests."""
    return instance.get("state") == "RUNNING" and instance.get("routable") is not False


def default_port(app: Json, instances: Sequence[Json]) -> int:
    """The port that the API will show if none is given: for an image, the first port that it opens."""
    if app["lifecycle"]["type"] != _IMAGE:
        return DEFAULT_PORT
    opened = [one.get("internal") for instance in instances for one in instance.get("instance_ports") or ()]
    return next((port for port in opened if isinstance(port, int)), DEFAULT_PORT)


def unsure_ports(destinations: Sequence[Destination], apps: Mapping[str, Json]) -> list[Destination]:
    """The destinations whose port may be given or the default of their image. The API does not show which."""
    return [one for one in destinations if one.app in apps and apps[one.app]["lifecycle"]["type"] == _IMAGE]


def ports_that_close(destinations: Sequence[Destination], apps: Mapping[str, Json]) -> list[Destination]:
    """The destinations whose port an app loses if it is restarted while the route does not lead to it."""
    unsure = unsure_ports(destinations, apps)
    return [one for one in destinations if one.port not in (None, DEFAULT_PORT) and one not in unsure]


def _spaces(surroundings: Surroundings) -> set[str]:
    return {surroundings.space["guid"], *(surroundings.shared_spaces or ())}


def _space_of(app: Json) -> str:
    return str(app["relationships"]["space"]["data"]["guid"])
