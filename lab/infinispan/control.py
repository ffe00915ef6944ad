# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Control routes of the Infinispan part. A site is ``primary`` or ``backup``.

``GET /lab/infinispan/sites/{site}``: everything about its cluster. ``PUT`` {"running": bool, "health": "DEGRADED"}.
``PUT /lab/infinispan/sites/{site}/caches/{cache}`` {"backup": "online" or {node: "offline", ...}, "push": "OK" or null,
"entries": {...}}: set unchanged, without replication.
``PATCH /lab/infinispan/settings`` {"push_seconds": N}: how long the transfer of a cache's state takes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from lab.control import json_object
from lab.control_error import ControlError
from lab.infinispan.cluster import CANCELED, ERROR, OFFLINE, OK, ONLINE, SENDING, Cache, Cluster
from lab.infinispan.sites import Sites

_PUSHES = (None, SENDING, OK, ERROR, CANCELED)

#: Starts (True) or stops the server of a site.
Run = Callable[[str, bool], Awaitable[None]]


def infinispan_control_routes(sites: Sites, run: Run) -> list[web.RouteDef]:
    """Build the routes."""
    handlers = _Handlers(sites, run)
    return [
        web.get("/lab/infinispan/sites/{site}", handlers.get_site),
        web.put("/lab/infinispan/sites/{site}", handlers.put_site),
        web.put("/lab/infinispan/sites/{site}/caches/{cache}", handlers.put_cache),
        web.patch("/lab/infinispan/settings", handlers.patch_settings),
    ]


class _Handlers:
    def __init__(self, sites: Sites, run: Run) -> None:
        self._sites, self._run = sites, run

    async def get_site(self, request: web.Request) -> web.Response:
        return web.json_response(self._describe(self._cluster(request)))

    async def put_site(self, request: web.Request) -> web.Response:
        cluster, body = self._cluster(request), await json_object(request)
        _check(body, {"running": bool, "health": str})
        if "running" in body:
            await self._run(cluster.site, body["running"])
        cluster.health = body.get("health", cluster.health)
        return web.json_response(self._describe(cluster))

    async def put_cache(self, request: web.Request) -> web.Response:
        cluster, body = self._cluster(request), await json_object(request)
        name = request.match_info["cache"]
        if name not in cluster.caches:
            raise ControlError(f"there is no cache {name!r}; there are {', '.join(cluster.caches)}")
        _check(body, {"backup": (str, dict), "push": (str, type(None)), "entries": dict})
        cache = cluster.caches[name]
        if "backup" in body:
            _set_backup(cache, body["backup"])
        if "push" in body:
            if body["push"] not in _PUSHES:
                raise ControlError(f"push is one of {_PUSHES}; got {body['push']!r}")
            cache.push = body["push"]
        cache.entries = body.get("entries", cache.entries)
        return web.json_response(cache.describe())

    async def patch_settings(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        _check(body, {"push_seconds": (int, float)})
        self._sites.push_seconds = body.get("push_seconds", self._sites.push_seconds)
        return web.json_response({"push_seconds": self._sites.push_seconds})

    def _cluster(self, request: web.Request) -> Cluster:
        clusters, site = self._sites.clusters, request.match_info["site"]
        if site not in clusters:
            raise ControlError(f"there is no site {site!r}; there are {', '.join(clusters)}")
        return clusters[site]

    def _describe(self, cluster: Cluster) -> dict[str, Any]:
        return {
            "site": cluster.site,
            "running": self._sites.is_running(cluster.site),
            "health": cluster.health,
            "caches": {name: cache.describe() for name, cache in cluster.caches.items()},
        }


def _set_backup(cache: Cache, given: str | dict[str, str]) -> None:
    wanted = given if isinstance(given, dict) else dict.fromkeys(cache.backup, given)
    if not wanted.keys() <= cache.backup.keys() or not set(wanted.values()) <= {ONLINE, OFFLINE}:
        raise ControlError(f"backup says online or offline, of {', '.join(cache.backup) or 'no node'}; got {given!r}")
    cache.backup |= wanted


def _check(body: dict[str, Any], known: dict[str, type | tuple[type, ...]]) -> None:
    for name, value in body.items():
        if name not in known:
            raise ControlError(f"there is no {name!r} to set; there are {', '.join(known)}")
        if not isinstance(value, known[name]):
            raise ControlError(f"{name} has the wrong type: {value!r}")
