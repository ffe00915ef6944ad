# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Calls for routes of one Cloud Foundry and the resources around them, each sent once."""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry.client import CloudFoundry
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.destinations import destinations_of
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.fitness import (
    Rights,
    Surroundings,
)
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.request import (
    Selection,
    is_guid,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import AccessError, NotFoundError, RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._shape import MapOf, Maybe

Json = dict[str, t.Any]

_LINK: t.Any = {"data": {"guid": str}}
_DESTINATION: t.Any = {"guid": str, "app": {"guid": str}, "port": Maybe(int), "protocol": Maybe(str)}
_ROUTE: t.Any = {
    "guid": str,
    "url": str,
    "destinations": [_DESTINATION],
    "metadata": {"annotations": MapOf(str)},
    "relationships": {"space": _LINK, "domain": _LINK},
}
_NAMED: t.Any = {"guid": str, "name": str}
_INCLUDED: t.Any = {"included": {"domains": [_NAMED], "spaces": [_NAMED], "organizations": [_NAMED]}}
_APP: t.Any = {"guid": str, "name": str, "lifecycle": {"type": str}, "relationships": {"space": _LINK}}
_EVENT: t.Any = {"guid": str, "type": str, "actor": {"guid": str}, "target": {"guid": str}, "data": dict}
_EVENTS = "audit.app.map-route,audit.app.unmap-route"
#: How many of the newest events are read. One replace makes at most 200, and there may be events of others in between.
_NEWEST_EVENTS = "500"


@dataclass(frozen=True)
class Found:
    """A route, with its domain, space and organization.

    :ivar shared_spaces: guids of the spaces that it is shared with; None where the platform does not show it.
    """

    route: Json
    domain: Json
    space: Json
    organization: Json
    shared_spaces: tuple[str, ...] | None


class RouteApi:
    """Finds a route, reads and changes it."""

    def __init__(self, cloud: CloudFoundry) -> None:
        self._cloud = cloud

    @property
    def rights(self) -> Rights:
        """The rights of the user in the token."""
        return self._cloud.rights

    def find(self, selection: Selection) -> Found:
        """The selected route, with its domain, space and organization.

        :raises NotFoundError: there is no such route, or it is hidden.
        """
        guid = selection.guid or self._guid_of(selection)
        action = f"read the route {selection.reported}"
        route = self._cloud.get(f"/v3/routes/{guid}", action, include="domain,space.organization")
        self._cloud.check_shape(route, _ROUTE, action)
        self._cloud.check_shape(route, _INCLUDED, action)
        included = route.pop("included")
        # A route has exactly one of each.
        domain, space, organization = (included[kind][:1] for kind in ("domains", "spaces", "organizations"))
        if not domain or not space or not organization:
            raise NotFoundError(f"Cannot {action}: its domain, space or organization is hidden from these credentials.")
        return Found(route, domain[0], space[0], organization[0], self._shared_spaces(guid))

    def read(self, guid: str) -> Json:
        """A route with its destinations and annotations."""
        action = f"read the route {guid}"
        route = self._cloud.get(f"/v3/routes/{guid}", action)
        self._cloud.check_shape(route, _ROUTE, action)
        return route

    def update_metadata(self, guid: str, body: Mapping[str, t.Any]) -> None:
        """Merge labels and annotations into the metadata of the route."""
        self._cloud.patch(f"/v3/routes/{guid}", body, f"record holds in the annotations of the route {guid}")

    def replace_destinations(self, guid: str, body: Mapping[str, t.Any]) -> None:
        """Replace all destinations of a route, in one transaction."""
        self._cloud.patch(f"/v3/routes/{guid}/destinations", body, f"replace the destinations of the route {guid}")

    def surroundings(self, found: Found, responder: Json | None) -> Surroundings:
        """Read the resources around a route that decisions need."""
        stats: list[Json] = []
        if responder is not None:
            stats = self.instances(responder["guid"], "web")
        guid = found.route["guid"]
        services = self._cloud.list_all(
            "/v3/service_route_bindings", f"read the route services of {guid}", route_guids=guid
        )
        return Surroundings(
            domain=found.domain,
            space=found.space,
            organization=found.organization,
            shared_spaces=found.shared_spaces,
            apps=self.apps({one.app for one in destinations_of(found.route)}),
            responder=responder,
            responder_stats=stats,
            route_services=len(services),
        )

    def apps(self, guids: Collection[str]) -> dict[str, Json]:
        """The apps that these credentials may read, by guid."""
        if not guids:
            return {}
        action = "read the apps that the route leads to"
        found = self._cloud.list_all("/v3/apps", action, guids=",".join(sorted(guids)))
        self._cloud.check_shape(found, [_APP], action)
        return {app["guid"]: app for app in found}

    def responder(self, named: str, found: Found) -> Json:
        """The app that is to show the page, by name or guid.

        :raises NotFoundError: there is no such app in a space of the route.
        """
        action = f"read the responder {named!r}"
        if is_guid(named):
            app = self._cloud.get(f"/v3/apps/{named.lower()}", action)
            self._cloud.check_shape(app, _APP, action)
            return app
        spaces = [found.space["guid"], *(found.shared_spaces or ())]
        # A filter uses commas as separators, so commas in a name are escaped.
        apps = self._cloud.list_all("/v3/apps", action, names=named.replace(",", "%2C"), space_guids=",".join(spaces))
        self._cloud.check_shape(apps, [_APP], action)
        matching = [app for app in apps if app["name"] == named]
        own = [app for app in matching if app["relationships"]["space"]["data"]["guid"] == spaces[0]]
        if not matching:
            raise NotFoundError(
                f"There is no app {named!r} in the route's space {found.space['name']!r}, nor in one that the route is "
                "shared with, or these credentials may not see it. A route can only lead to apps there: push the "
                "responder into that space."
            )
        if len(own or matching) > 1:
            raise RefusedError(f"Several apps are called {named!r} in the spaces of this route. Give the guid of one.")
        return (own or matching)[0]

    def instances(self, app: str, process: str) -> list[Json]:
        """The instances of a process of an app; none if the app has no such process."""
        action = f"see whether the app {app} runs"
        try:
            stats = self._cloud.get(f"/v3/apps/{app}/processes/{process}/stats", action)
        except NotFoundError:
            return []
        self._cloud.check_shape(stats, {"resources": [{"state": str}]}, action)
        found: list[Json] = stats["resources"]
        return found

    def roles(self, space: str, user: str) -> frozenset[str]:
        """The roles of a user in a space, as far as these credentials may read them."""
        found = self._cloud.list_all(
            "/v3/roles", "read the own roles", user_guids=user, space_guids=space, order_by="created_at"
        )
        self._cloud.check_shape(found, [{"type": str}], "read the own roles")
        return frozenset(role["type"] for role in found)

    def newest_events(self, spaces: Collection[str]) -> list[Json]:
        """The newest events about routes that were mapped to apps in these spaces, or unmapped."""
        action = "read the audit events of the route"
        pages = self._cloud.pages(
            "/v3/audit_events",
            action,
            types=_EVENTS,
            space_guids=",".join(sorted(spaces)),
            order_by="-created_at",
            per_page=_NEWEST_EVENTS,
        )
        first = next(pages)
        self._cloud.check_shape(first, [_EVENT], action)
        return first

    def _shared_spaces(self, guid: str) -> tuple[str, ...] | None:
        action = f"read what the route {guid} is shared with"
        try:
            shared = self._cloud.get(f"/v3/routes/{guid}/relationships/shared_spaces", action)
        except (NotFoundError, AccessError):
            # Old platforms do not have shared routes. Others refuse the call if the feature is off.
            return None
        self._cloud.check_shape(shared, {"data": [{"guid": str}]}, action)
        return tuple(one["guid"] for one in shared["data"])

    def _guid_of(self, selection: Selection) -> str:
        address = selection.address
        if address is None:
            raise AssertionError("a selection has a guid or an address")
        action = f"find the route {selection.reported}"
        wanted = address.domains()
        domains = self._cloud.list_all("/v3/domains", action, names=",".join(name for _host, name in wanted))
        self._cloud.check_shape(domains, [_NAMED], action)
        hosts = {name: host for host, name in wanted}
        known = {domain["guid"]: hosts[domain["name"]] for domain in domains if domain["name"] in hosts}
        if not known:
            names = " or ".join(name for _host, name in wanted)
            raise NotFoundError(f"There is no domain {names} that these credentials may see. Check url: cf domains.")
        filters = {"domain_guids": ",".join(sorted(known)), "hosts": ",".join(sorted(set(known.values())))}
        routes = self._cloud.list_all("/v3/routes", action, **filters)
        matching = [
            route
            for route in routes
            if route["host"] == known[route["relationships"]["domain"]["data"]["guid"]]
            and route["path"] == address.path
            and route.get("protocol") != "tcp"
        ]
        if len(matching) != 1:
            others = sorted({route["url"] for route in routes if route["url"].partition("/")[0] == address.name})
            there = f" There is: {', '.join(others)}." if others else ""
            raise NotFoundError(
                f"There is no route {selection.reported} that these credentials may see.{there} Give the exact "
                "address of a route, with its path if it has one: cf routes."
            )
        return str(matching[0]["guid"])
