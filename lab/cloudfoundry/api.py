# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The v3 API: paths, answers and texts are those of cloud_controller_ng and its documentation."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from lab.api_call import ApiCall, describing
from lab.cloudfoundry import destinations, metadata
from lab.cloudfoundry.access import USER, RateLimit, User, authenticate
from lab.cloudfoundry.errors import ApiError, answer_errors, error_response, not_found, unprocessable
from lab.cloudfoundry.platform import App, Json, Platform, Route, now
from lab.cloudfoundry.uaa import Uaa
from lab.faults import Faults, service_faults
from lab.requests_log import RequestsLog

_PER_PAGE = 50
_PAGING = ("page", "per_page", "order_by")
#: Another user, for changes between two calls of the client.
_RIVAL = {"guid": "11111111-2222-4333-8444-555555555555", "type": "user", "name": "rival@example.com"}

#: Called with a route whose destinations have changed.
Follow = Callable[[Route], Awaitable[None]]


def api_app(
    log: RequestsLog,
    faults: Faults,
    platform: Platform,
    uaa: Uaa,
    rate_limit: RateLimit,
    follow: Follow,
    uaa_url: Callable[[], str],
) -> web.Application:
    """Build the API server."""
    app = web.Application(
        middlewares=[
            describing(_describe),
            log.middleware(),
            faults.middleware(error_response),
            answer_errors,
            authenticate(uaa, platform),
            rate_limit.middleware(),
        ],
        client_max_size=1024 * 1024,
    )
    api = _Api(platform, follow, uaa_url)
    app.add_routes(
        [
            web.get("/", api.root),
            web.get("/v3/routes", api.list_routes),
            web.get("/v3/routes/{guid}", api.get_route),
            web.patch("/v3/routes/{guid}", api.update_route),
            web.get("/v3/routes/{guid}/destinations", api.list_destinations),
            web.patch("/v3/routes/{guid}/destinations", api.replace_destinations),
            web.post("/v3/routes/{guid}/destinations", api.insert_destinations),
            web.delete("/v3/routes/{guid}/destinations/{destination}", api.remove_destination),
            web.get("/v3/routes/{guid}/relationships/shared_spaces", api.shared_spaces),
            web.get("/v3/apps", api.list_apps),
            web.get("/v3/apps/{guid}", api.get_app),
            web.get("/v3/apps/{guid}/droplets/current", api.current_droplet),
            web.get("/v3/apps/{guid}/processes", api.list_processes),
            web.get("/v3/apps/{guid}/processes/{type}/stats", api.process_stats),
            web.get("/v3/organizations", api.list_organizations),
            web.get("/v3/spaces", api.list_spaces),
            web.get("/v3/domains", api.list_domains),
            web.get("/v3/roles", api.list_roles),
            web.get("/v3/audit_events", api.list_events),
            web.get("/v3/service_route_bindings", api.list_route_services),
            web.get("/v3/deployments", api.list_deployments),
            web.route("*", "/{anything:.*}", api.nothing_here),
        ]
    )
    return app


_OPERATIONS = {
    ("GET", "/"): "GetRoot",
    ("GET", "/v3/routes"): "ListRoutes",
    ("GET", "/v3/routes/{guid}"): "GetRoute",
    ("PATCH", "/v3/routes/{guid}"): "UpdateRoute",
    ("GET", "/v3/routes/{guid}/destinations"): "ListDestinations",
    ("PATCH", "/v3/routes/{guid}/destinations"): "ReplaceDestinations",
    ("POST", "/v3/routes/{guid}/destinations"): "InsertDestinations",
    ("DELETE", "/v3/routes/{guid}/destinations/{destination}"): "RemoveDestination",
    ("GET", "/v3/routes/{guid}/relationships/shared_spaces"): "ListSharedSpaces",
    ("GET", "/v3/apps"): "ListApps",
    ("GET", "/v3/apps/{guid}"): "GetApp",
    ("GET", "/v3/apps/{guid}/droplets/current"): "GetCurrentDroplet",
    ("GET", "/v3/apps/{guid}/processes"): "ListProcesses",
    ("GET", "/v3/apps/{guid}/processes/{type}/stats"): "GetProcessStats",
    ("GET", "/v3/organizations"): "ListOrganizations",
    ("GET", "/v3/spaces"): "ListSpaces",
    ("GET", "/v3/domains"): "ListDomains",
    ("GET", "/v3/roles"): "ListRoles",
    ("GET", "/v3/audit_events"): "ListAuditEvents",
    ("GET", "/v3/service_route_bindings"): "ListServiceRouteBindings",
    ("GET", "/v3/deployments"): "ListDeployments",
}


async def _describe(request: web.Request) -> ApiCall:
    resource = request.match_info.route.resource
    path = resource.canonical if resource is not None else ""
    operation = _OPERATIONS.get((request.method, path), "unknown")
    return ApiCall("cloud_controller", operation, is_write=request.method != "GET")


class _Api:
    def __init__(self, platform: Platform, follow: Follow, uaa_url: Callable[[], str]) -> None:
        self._platform, self._follow, self._uaa_url = platform, follow, uaa_url

    async def nothing_here(self, request: web.Request) -> web.Response:
        raise ApiError("NotFound", "Unknown request")

    async def root(self, request: web.Request) -> web.Response:
        here, uaa = f"http://{request.host}", self._uaa_url()
        links = {
            "self": {"href": here},
            "cloud_controller_v3": {"href": f"{here}/v3", "meta": {"version": "3.200.0"}},
            "uaa": {"href": uaa},
            "login": {"href": uaa},
        }
        return web.json_response({"links": links})

    async def list_routes(self, request: web.Request) -> web.Response:
        user = request[USER]
        filters = {
            "hosts": lambda route: [route.host],
            "paths": lambda route: [route.path],
            "ports": lambda route: [str(route.port)],
            "domain_guids": lambda route: [route.domain.guid],
            "space_guids": lambda route: [space.guid for space in (route.space, *route.shared_spaces)],
            "organization_guids": lambda route: [route.space.organization.guid],
            "app_guids": lambda route: [one.app.guid for one in route.destinations],
        }
        seen = [route for route in self._platform.routes if _reads_route(user, route)]
        return _page(request, seen, filters, others=("include", "label_selector", "service_instance_guids"))

    async def get_route(self, request: web.Request) -> web.Response:
        route = self._route(request)
        return web.json_response(route.described() | _included(request, route))

    async def update_route(self, request: web.Request) -> web.Response:
        route = await self._route_to_change(request)
        body = await _object(request)
        unknown = body.keys() - {"metadata", "options"}
        if unknown:
            raise unprocessable(f"Unknown field(s): {', '.join(repr(key) for key in sorted(unknown))}")
        changes = metadata.checked(body["metadata"]) if "metadata" in body else {}
        self._check_manages(request, route)
        metadata.update(route, changes, self._platform.settings)
        route.options |= body.get("options") or {}
        route.updated_at = now()
        return web.json_response(route.described())

    async def list_destinations(self, request: web.Request) -> web.Response:
        return _destinations(self._route(request))

    async def replace_destinations(self, request: web.Request) -> web.Response:
        return await self._change(request, destinations.replace)

    async def insert_destinations(self, request: web.Request) -> web.Response:
        return await self._change(request, destinations.insert)

    async def _change(self, request: web.Request, change: Callable[..., None]) -> web.Response:
        route = await self._route_to_change(request)
        body = await _object(request)
        self._check_manages(request, route)
        user = request[USER]
        change(self._platform, route, body, user.actor, user.readable_apps())
        await self._follow(route)
        return _destinations(route)

    async def remove_destination(self, request: web.Request) -> web.Response:
        route = await self._route_to_change(request)
        self._check_manages(request, route)
        wanted = request.match_info["destination"]
        found = next((one for one in route.destinations if one.guid == wanted), None)
        if found is None:
            raise unprocessable(
                "Unable to unmap route from destination. Ensure the route has a destination with this guid."
            )
        if found.weight:
            raise unprocessable("Weighted destinations cannot be deleted individually.")
        destinations.remove_one(self._platform, route, found, request[USER].actor)
        await self._follow(route)
        return web.Response(status=204)

    async def shared_spaces(self, request: web.Request) -> web.Response:
        if not self._platform.settings.route_sharing:
            raise ApiError("FeatureDisabled", "Feature Disabled: route_sharing")
        data = [{"guid": space.guid} for space in self._route(request).shared_spaces]
        return web.json_response({"data": data, "links": {}})

    async def list_apps(self, request: web.Request) -> web.Response:
        filters = {
            "guids": lambda app: [app.guid],
            "names": lambda app: [app.name],
            "space_guids": lambda app: [app.space.guid],
            "organization_guids": lambda app: [app.space.organization.guid],
        }
        seen = [app for app in self._platform.apps if request[USER].sees(app)]
        return _page(request, seen, filters, others=("include", "label_selector", "stacks", "lifecycle_type"))

    async def get_app(self, request: web.Request) -> web.Response:
        return web.json_response(self._app(request).described())

    async def current_droplet(self, request: web.Request) -> web.Response:
        app = self._app(request)
        ports = ",".join(f'{{"Port":{port},"Protocol":"tcp"}}' for port in app.docker_ports)
        hidden = "[PRIVATE DATA HIDDEN]"
        execution = f'{{"ports":[{ports}]}}' if app.docker_ports else ""
        return web.json_response(
            {
                "state": "STAGED",
                "lifecycle": {"type": app.lifecycle, "data": {}},
                "execution_metadata": execution if request[USER].reads_secrets(app.space) else hidden,
            }
        )

    async def list_processes(self, request: web.Request) -> web.Response:
        app = self._app(request)
        found = [{"guid": one.guid, "type": one.type, "instances": len(one.instances)} for one in app.processes]
        return web.json_response(_paginated(request, found))

    async def process_stats(self, request: web.Request) -> web.Response:
        app, kind = self._app(request), request.match_info["type"]
        process = next((one for one in app.processes if one.type == kind), None)
        if process is None:
            raise not_found("Process")
        stats = []
        for index, instance in enumerate(process.instances):
            running = instance.backend.is_running
            stats.append(
                {
                    "type": kind,
                    "index": index,
                    "state": "RUNNING" if running else "DOWN",
                    "routable": True if running else None,
                    "details": None,
                }
                | ({"instance_ports": _ports(instance.open_ports), "usage": {}} if running else {})
            )
        return web.json_response({"resources": stats})

    async def list_organizations(self, request: web.Request) -> web.Response:
        user = request[USER]
        seen = [one for one in self._platform.organizations if any(user.reads(space) for space in self._spaces_of(one))]
        return _page(request, seen, {"guids": _guid, "names": lambda one: [one.name]})

    def _spaces_of(self, organization: Any) -> list[Any]:
        return [space for space in self._platform.spaces if space.organization is organization]

    async def list_spaces(self, request: web.Request) -> web.Response:
        seen = [space for space in self._platform.spaces if request[USER].reads(space)]
        filters = {
            "guids": _guid,
            "names": lambda space: [space.name],
            "organization_guids": lambda space: [space.organization.guid],
        }
        return _page(request, seen, filters, others=("include",))

    async def list_domains(self, request: web.Request) -> web.Response:
        return _page(request, self._platform.domains, {"guids": _guid, "names": lambda one: [one.name]})

    async def list_roles(self, request: web.Request) -> web.Response:
        user = request[USER]
        seen = [role for role in self._platform.roles if user.reads(role.space) or role.user == user.account.guid]
        found = [
            {
                "guid": role.guid,
                "type": role.type,
                "relationships": {
                    "user": {"data": {"guid": role.user}},
                    "space": {"data": {"guid": role.space.guid}},
                    "organization": {"data": None},
                },
            }
            for role in seen
            if _chosen(request, "user_guids", role.user)
            and _chosen(request, "space_guids", role.space.guid)
            and _chosen(request, "types", role.type)
        ]
        _check_query(request, ("user_guids", "space_guids", "types", "organization_guids", "include"))
        return web.json_response(_paginated(request, found))

    async def list_events(self, request: web.Request) -> web.Response:
        user = request[USER]
        _check_query(request, ("types", "target_guids", "space_guids", "organization_guids", "created_ats"))
        readable = {space.guid for space in self._platform.spaces if user.reads(space)}
        found = [
            event
            for event in self._platform.events
            if event["space"]["guid"] in readable
            and _chosen(request, "types", event["type"])
            and _chosen(request, "target_guids", event["target"]["guid"])
            and _chosen(request, "space_guids", event["space"]["guid"])
        ]
        if request.query.get("order_by", "created_at").startswith("-"):
            found.reverse()
        return web.json_response(_paginated(request, found))

    async def list_route_services(self, request: web.Request) -> web.Response:
        _check_query(request, ("route_guids", "service_instance_guids", "service_instance_names", "include"))
        found = [
            one
            for one in self._platform.route_services
            if _chosen(request, "route_guids", one["relationships"]["route"]["data"]["guid"])
        ]
        return web.json_response(_paginated(request, found))

    async def list_deployments(self, request: web.Request) -> web.Response:
        _check_query(request, ("app_guids", "states", "status_reasons", "status_values", "label_selector"))
        found = [
            one
            for one in self._platform.deployments
            if _chosen(request, "app_guids", one["relationships"]["app"]["data"]["guid"])
            and _chosen(request, "status_values", one["status"]["value"])
        ]
        return web.json_response(_paginated(request, found))

    def _route(self, request: web.Request) -> Route:
        route = self._platform.route(request.match_info["guid"])
        if route is None or not _reads_route(request[USER], route):
            raise not_found("Route")
        return route

    async def _route_to_change(self, request: web.Request) -> Route:
        route = self._route(request)
        for fault in service_faults(request, "competing_write"):
            await self._compete(route, fault.get("patch", {}))
        return route

    async def _compete(self, route: Route, patch: Json) -> None:
        """Change the route as another user: ``destinations`` are replaced, ``metadata`` is merged."""
        if "destinations" in patch:
            everything = {app.guid for app in self._platform.apps}
            wanted = copy.deepcopy({"destinations": patch["destinations"]})
            destinations.replace(self._platform, route, wanted, _RIVAL, everything)
            await self._follow(route)
        if "metadata" in patch:
            metadata.update(route, metadata.checked(patch["metadata"]), self._platform.settings)
            route.updated_at = now()

    def _check_manages(self, request: web.Request, route: Route) -> None:
        request[USER].check_may_manage(route.space)

    def _app(self, request: web.Request) -> App:
        app = self._platform.app(request.match_info["guid"])
        if app is None or not request[USER].sees(app):
            raise not_found("App")
        return app


def _reads_route(user: User, route: Route) -> bool:
    return any(user.reads(space) for space in (route.space, *route.shared_spaces))


def _guid(one: Any) -> list[str]:
    return [one.guid]


def _ports(open_ports: Iterable[int]) -> list[Json]:
    return [{"external": 0, "internal": port, "external_tls_proxy_port": 61001} for port in open_ports]


def _destinations(route: Route) -> web.Response:
    found = [one.described() for one in sorted(route.destinations, key=lambda one: one.guid)]
    return web.json_response({"destinations": found, "links": {}})


def _included(request: web.Request, route: Route) -> Json:
    """The further resources in the answer (``include``)."""
    _check_query(request, ("include",))
    wanted = [name for name in request.query.get("include", "").split(",") if name]
    known = ("domain", "space", "space.organization", "route_policies")
    if not set(wanted) <= set(known):
        valid = "', '".join(known)
        raise unprocessable(f"Invalid included resource. Valid included resources are: '{valid}'")
    included: Json = {}
    if "domain" in wanted:
        included["domains"] = [route.domain.described()]
    if {"space", "space.organization"} & set(wanted):
        included["spaces"] = [route.space.described()]
    if "space.organization" in wanted:
        included["organizations"] = [route.space.organization.described()]
    return {"included": included} if wanted else {}


async def _object(request: web.Request) -> Json:
    try:
        body = await request.json()
    except ValueError as error:
        raise ApiError("MessageParseError", "Request invalid due to parse error: invalid request body") from error
    if not isinstance(body, dict):
        raise ApiError("MessageParseError", "Request invalid due to parse error: invalid request body")
    return body


def _page(
    request: web.Request,
    resources: Sequence[Any],
    filters: dict[str, Callable[[Any], list[str]]],
    others: Sequence[str] = (),
) -> web.Response:
    _check_query(request, (*filters, *others))
    found = [
        one
        for one in resources
        if all(
            name not in request.query or any(_chosen(request, name, value) for value in values(one))
            for name, values in filters.items()
        )
    ]
    return web.json_response(_paginated(request, [one.described() for one in found]))


def _chosen(request: web.Request, name: str, value: str) -> bool:
    """Whether a filter accepts a value. An empty filter accepts only the empty value."""
    given = request.query.get(name)
    return given is None or value in [unquote(one) for one in given.split(",")]


def _check_query(request: web.Request, known: Sequence[str]) -> None:
    unknown = [name for name in request.query if name not in (*known, *_PAGING)]
    if unknown:
        valid = "', '".join([*_PAGING, *known])
        reported = f"Unknown query parameter(s): '{unknown[0]}'. Valid parameters are: '{valid}'"
        raise ApiError("BadQueryParameter", f"The query parameter is invalid: {reported}")


def _paginated(request: web.Request, found: Sequence[Json]) -> Json:
    page, per_page = _number(request, "page", 1, 10**9), _number(request, "per_page", _PER_PAGE, 5000)
    pages = max(1, -(-len(found) // per_page))
    here = f"http://{request.host}{request.path}"
    others = {name: value for name, value in request.query.items() if name not in ("page", "per_page")}

    def link(number: int) -> Json:
        query = "&".join(f"{name}={value}" for name, value in (others | {"page": number, "per_page": per_page}).items())
        return {"href": f"{here}?{query}"}

    return {
        "pagination": {
            "total_results": len(found),
            "total_pages": pages,
            "first": link(1),
            "last": link(pages),
            "next": link(page + 1) if page < pages else None,
            "previous": link(page - 1) if page > 1 else None,
        },
        "resources": list(found[(page - 1) * per_page : page * per_page]),
    }


def _number(request: web.Request, name: str, default: int, most: int) -> int:
    given = request.query.get(name)
    if given is None:
        return default
    if not given.isdecimal() or not 1 <= int(given) <= most:
        reported = f"{name.capitalize()} must be between 1 and {most}"
        raise ApiError("BadQueryParameter", f"The query parameter is invalid: {reported}")
    return int(given)
