# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The REST API of one cluster: backups at other sites, and the calls that clients need to find them.

Source of paths, answers and texts: Infinispan 15 (its classes XSiteResource, ContainerResource and CacheResourceV2).
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import BasicAuth, web
from aiohttp.typedefs import Handler, Middleware

from lab.api_call import API_CALL, ApiCall, describing
from lab.faults import Faults
from lab.infinispan.cluster import Cache, Cluster
from lab.infinispan.errors import ApiError, answer_errors, error_response
from lab.infinispan.sites import Sites
from lab.requests_log import RequestsLog

#: Users and their passwords. Only the administrator may see and change backups.
ADMINISTRATOR = ("admin", "admin-of-no-real-cluster")
OBSERVER = ("observer", "observer-of-no-real-cluster")

_PREFIX = "/rest/v2"
#: Operations that need no login, and operations that every user may call.
_ANONYMOUS = ("GetHealthStatus",)
_FOR_ALL_USERS = ("ListCaches", "GetContainer", "GetCache", "GetCacheSize")


def api_app(log: RequestsLog, faults: Faults, sites: Sites, cluster: Cluster) -> web.Application:
    """Build the API server of a cluster."""
    app = web.Application(
        middlewares=[
            describing(_describe),
            log.middleware(),
            faults.middleware(error_response),
            answer_errors,
            _authorize(),
        ]
    )
    api = _Api(sites, cluster)
    app.add_routes(
        [
            web.get(f"{_PREFIX}/container", api.container),
            web.get(f"{_PREFIX}/container/health/status", api.health),
            web.get(f"{_PREFIX}/container/x-site/backups{{slash:/?}}", api.container_status),
            web.get(f"{_PREFIX}/container/x-site/backups/{{site}}", api.container_status_of_site),
            web.post(f"{_PREFIX}/container/x-site/backups/{{site}}", api.change_all),
            web.get(f"{_PREFIX}/caches{{slash:/?}}", api.caches),
            web.get(f"{_PREFIX}/caches/{{cache}}", api.read_cache),
            web.post(f"{_PREFIX}/caches/{{cache}}", api.change_cache),
            web.get(f"{_PREFIX}/caches/{{cache}}/x-site/backups{{slash:/?}}", api.backups),
            web.get(f"{_PREFIX}/caches/{{cache}}/x-site/backups/{{site}}", api.backup_by_node),
            web.post(f"{_PREFIX}/caches/{{cache}}/x-site/backups/{{site}}", api.change_backup),
            web.post(f"{_PREFIX}/caches/{{cache}}/x-site/local{{slash:/?}}", api.change_local),
        ]
    )
    return app


#: Operation by method, resource and action; the resource is the path without names.
_OPERATIONS = {
    ("GET", "container", ""): "GetContainer",
    ("GET", "container/health/status", ""): "GetHealthStatus",
    ("GET", "container/x-site/backups", ""): "GetContainerBackups",
    ("GET", "container/x-site/backups/{site}", ""): "GetContainerBackup",
    ("POST", "container/x-site/backups/{site}", "take-offline"): "TakeAllOffline",
    ("POST", "container/x-site/backups/{site}", "bring-online"): "BringAllOnline",
    ("POST", "container/x-site/backups/{site}", "start-push-state"): "StartPushStateOfAll",
    ("POST", "container/x-site/backups/{site}", "cancel-push-state"): "CancelPushStateOfAll",
    ("GET", "caches", ""): "ListCaches",
    ("GET", "caches/{cache}", ""): "GetCache",
    ("GET", "caches/{cache}", "size"): "GetCacheSize",
    ("POST", "caches/{cache}", "clear"): "ClearCache",
    ("GET", "caches/{cache}/x-site/backups", ""): "GetBackups",
    ("GET", "caches/{cache}/x-site/backups", "push-state-status"): "GetPushStateStatus",
    ("GET", "caches/{cache}/x-site/backups/{site}", ""): "GetBackup",
    ("POST", "caches/{cache}/x-site/backups/{site}", "take-offline"): "TakeOffline",
    ("POST", "caches/{cache}/x-site/backups/{site}", "bring-online"): "BringOnline",
    ("POST", "caches/{cache}/x-site/backups/{site}", "start-push-state"): "StartPushState",
    ("POST", "caches/{cache}/x-site/backups/{site}", "cancel-push-state"): "CancelPushState",
    ("POST", "caches/{cache}/x-site/local", "clear-push-state-status"): "ClearPushStateStatus",
}


async def _describe(request: web.Request) -> ApiCall:
    resource = request.match_info.route.resource
    path = resource.canonical.removeprefix(f"{_PREFIX}/").replace("{slash}", "") if resource is not None else ""
    operation = _OPERATIONS.get((request.method, path, request.query.get("action", "")), "unknown")
    return ApiCall("infinispan", operation, is_write=request.method != "GET")


def _authorize() -> Middleware:
    @web.middleware
    async def authorize(request: web.Request, handler: Handler) -> web.StreamResponse:
        operation = request[API_CALL].operation
        if operation == "unknown":
            raise ApiError(404, "")
        user = _user(request)
        if operation not in _ANONYMOUS and user is None:
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="default"'})
        if user == OBSERVER[0] and operation not in (*_ANONYMOUS, *_FOR_ALL_USERS):
            raise ApiError(403, f"ISPN000287: Unauthorized access: subject '{user}' lacks 'ADMIN' permission")
        return await handler(request)

    return authorize


def _user(request: web.Request) -> str | None:
    try:
        given = BasicAuth.decode(request.headers.get("Authorization", ""))
    except ValueError:
        return None
    return given.login if (given.login, given.password) in (ADMINISTRATOR, OBSERVER) else None


class _Api:
    def __init__(self, sites: Sites, cluster: Cluster) -> None:
        self._sites, self._cluster = sites, cluster
        self._changes: dict[str, Callable[[Cluster, Cache], str]] = {
            "take-offline": sites.take_offline,
            "bring-online": sites.bring_online,
            "start-push-state": sites.push,
            "cancel-push-state": sites.cancel_push,
        }

    async def container(self, _unused: web.Request) -> web.Response:
        cluster = self._cluster
        view = [site for site in self._sites.clusters if site == cluster.site or self._sites.is_running(site)]
        return web.json_response(
            {
                "name": "default",
                "cluster_members": cluster.nodes,
                "cluster_size": len(cluster.nodes),
                "local_site": cluster.site,
                "sites_view": view,
            }
        )

    async def health(self, _unused: web.Request) -> web.Response:
        return web.Response(text=self._cluster.health)

    async def container_status(self, _unused: web.Request) -> web.Response:
        return web.json_response({self._cluster.other: self._cluster.status()})

    async def container_status_of_site(self, request: web.Request) -> web.Response:
        if request.match_info["site"] != self._cluster.other:
            raise ApiError(404, "")
        return web.json_response(self._cluster.status())

    async def change_all(self, request: web.Request) -> web.Response:
        if request.match_info["site"] != self._cluster.other:
            return web.json_response({})
        change = self._changes[request.query["action"]]
        # The call succeeds even if a cache fails: the answer has the outcome of each cache.
        return web.json_response({cache.name: change(self._cluster, cache) for cache in self._cluster.backed_up})

    async def caches(self, _unused: web.Request) -> web.Response:
        return web.json_response(list(self._cluster.caches))

    async def read_cache(self, request: web.Request) -> web.Response:
        cache = self._cluster.cache(request.match_info["cache"])
        if request.query.get("action") == "size":
            return web.json_response(len(cache.entries))
        return web.json_response({"size": len(cache.entries), "has_remote_backup": bool(cache.backup)})

    async def change_cache(self, request: web.Request) -> web.Response:
        self._sites.clear(self._cluster, self._cluster.cache(request.match_info["cache"]))
        return web.Response(status=204)

    async def backups(self, request: web.Request) -> web.Response:
        cache = self._cluster.cache_with_backup(request.match_info["cache"])
        if request.query.get("action") == "push-state-status":
            return web.json_response({self._cluster.other: cache.push} if cache.push else {})
        status: dict[str, object] = {"status": cache.status}
        if cache.status == "mixed":
            for part in ("online", "offline"):
                status[part] = [node for node, here in cache.backup.items() if here == part]
        return web.json_response({self._cluster.other: status})

    async def backup_by_node(self, request: web.Request) -> web.Response:
        cache = self._cluster.cache_with_backup(request.match_info["cache"], request.match_info["site"])
        return web.json_response(cache.backup)

    async def change_backup(self, request: web.Request) -> web.Response:
        cache = self._cluster.cache_with_backup(request.match_info["cache"], request.match_info["site"])
        result = self._changes[request.query["action"]](self._cluster, cache)
        if result != "ok":
            raise ApiError(500, f"ISPN012051: Operation on site '{self._cluster.other}' failed: {result}")
        return web.Response()

    async def change_local(self, request: web.Request) -> web.Response:
        cache = self._cluster.cache_with_backup(request.match_info["cache"])
        return web.json_response(self._sites.clear_push_status(cache))
