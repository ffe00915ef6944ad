# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Control routes of the Cloud Foundry part.

``GET /lab/cloudfoundry/routes/{guid}``: a route. ``PUT`` {"destinations": [...], "annotations": {...},
"labels": {...}, "route_service": true}: change it as another user, without permission checks.
``PUT /lab/cloudfoundry/apps/{name}`` {"running": bool, "deploying": bool}: ends and starts its instances; a start opens
the current ports of the processes.
``PATCH /lab/cloudfoundry/settings``: see :class:`lab.cloudfoundry.platform.Settings`.
``POST /lab/cloudfoundry/tokens/expire``: makes all access tokens invalid.
``PUT /lab/cloudfoundry/organization`` {"suspended": bool}.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from lab.cloudfoundry import destinations
from lab.cloudfoundry.errors import ApiError
from lab.cloudfoundry.platform import App, Json, Platform, Route, new_guid
from lab.cloudfoundry.uaa import Uaa
from lab.control import json_object
from lab.control_error import ControlError

_SOMEBODY = {"guid": "99999999-2222-4333-8444-555555555555", "type": "user", "name": "somebody@example.com"}

#: Called with a route whose destinations have changed.
Follow = Callable[[Route], Awaitable[None]]


def cloudfoundry_control_routes(platform: Platform, uaa: Callable[[], Uaa], follow: Follow) -> list[web.RouteDef]:
    """Build the routes."""
    handlers = _Handlers(platform, uaa, follow)
    return [
        web.get("/lab/cloudfoundry/routes/{guid}", handlers.get_route),
        web.put("/lab/cloudfoundry/routes/{guid}", handlers.put_route),
        web.put("/lab/cloudfoundry/apps/{name}", handlers.put_app),
        web.put("/lab/cloudfoundry/organization", handlers.put_organization),
        web.patch("/lab/cloudfoundry/settings", handlers.patch_settings),
        web.post("/lab/cloudfoundry/tokens/expire", handlers.expire),
    ]


class _Handlers:
    def __init__(self, platform: Platform, uaa: Callable[[], Uaa], follow: Follow) -> None:
        self._platform, self._uaa, self._follow = platform, uaa, follow

    async def get_route(self, request: web.Request) -> web.Response:
        return web.json_response(self._route(request).described())

    async def put_route(self, request: web.Request) -> web.Response:
        route, body = self._route(request), await json_object(request)
        unknown = body.keys() - {"destinations", "annotations", "labels", "route_service"}
        if unknown:
            raise ControlError(f"there is no {sorted(unknown)[0]!r} to set")
        if "destinations" in body:
            everything = {app.guid for app in self._platform.apps}
            wanted = {"destinations": body["destinations"]}
            try:
                destinations.replace(self._platform, route, wanted, _SOMEBODY, everything)
            except ApiError as error:
                raise ControlError(str(error)) from error
            await self._follow(route)
        route.annotations = body.get("annotations", route.annotations)
        route.labels = body.get("labels", route.labels)
        if body.get("route_service"):
            self._platform.route_services.append(_route_service(route))
        return web.json_response(route.described())

    async def put_app(self, request: web.Request) -> web.Response:
        app, body = self._app(request), await json_object(request)
        if "running" in body:
            await _run(app, running=bool(body["running"]))
        if body.get("deploying"):
            self._platform.deployments.append(_deployment(app))
        return web.json_response(app.described())

    async def put_organization(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        for organization in self._platform.organizations:
            organization.suspended = bool(body.get("suspended"))
        return web.json_response(body)

    async def patch_settings(self, request: web.Request) -> web.Response:
        settings, body = self._platform.settings, await json_object(request)
        for name, value in body.items():
            if not hasattr(settings, name):
                raise ControlError(f"there is no setting {name!r}; there are {', '.join(asdict(settings))}")
            setattr(settings, name, value)
        return web.json_response(asdict(settings))

    async def expire(self, _unused: web.Request) -> web.Response:
        self._uaa().expire_all()
        return web.Response(status=204)

    def _route(self, request: web.Request) -> Route:
        route = self._platform.route(request.match_info["guid"])
        if route is None:
            raise ControlError(f"there is no route {request.match_info['guid']!r}")
        return route

    def _app(self, request: web.Request) -> App:
        name = request.match_info["name"]
        app = next((one for one in self._platform.apps if one.name == name), None)
        if app is None:
            raise ControlError(f"there is no app {name!r}")
        return app


async def _run(app: App, *, running: bool) -> None:
    for process in app.processes:
        for instance in process.instances:
            await (instance.backend.start() if running else instance.backend.stop())
    if running:
        app.start_instances()


def _route_service(route: Route) -> Json:
    return {
        "guid": new_guid(),
        "route_service_url": "https://waf.example.com",
        "relationships": {
            "service_instance": {"data": {"guid": new_guid()}},
            "route": {"data": {"guid": route.guid}},
        },
    }


def _deployment(app: App) -> Any:
    return {
        "guid": new_guid(),
        "state": "DEPLOYING",
        "status": {"value": "ACTIVE", "reason": "DEPLOYING"},
        "strategy": "rolling",
        "relationships": {"app": {"data": {"guid": app.guid}}},
    }
