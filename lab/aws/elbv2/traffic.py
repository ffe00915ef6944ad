# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A listener's answer to a request, by the first matching rule or the default action. Forwards to real targets."""

from __future__ import annotations

import random
from typing import Any

import aiohttp
from aiohttp import web
from moto.elbv2.models import elbv2_backends

from lab.aws.elbv2.conditions import Request, matches

_NOT_FORWARDED = frozenset({"connection", "transfer-encoding", "content-length", "content-encoding"})
_SECONDS = 10


def action_for(listener: Any, request: Request) -> dict[str, Any]:
    """The action that answers a request."""
    rules = sorted((rule for rule in listener.rules.values() if not rule.is_default), key=lambda rule: rule.priority)
    found = next((rule.actions for rule in rules if matches(rule.conditions, request)), listener.default_actions)
    action: dict[str, Any] = found[-1].data
    return action


def seen(request: web.Request) -> Request:
    """A request in the form that rules evaluate."""
    headers: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        headers.setdefault(name.lower(), []).append(value)
    host = request.host.partition(":")[0]
    return Request(
        path=request.raw_path.partition("?")[0],
        method=request.method,
        host=host,
        source=request.remote or "",
        headers=headers,
        query=list(request.query.items()),
    )


def redirected(action: dict[str, Any], request: web.Request, listener: Any) -> web.Response:
    """The answer of a redirect. Its parts can refer to parts of the request."""
    config = action["RedirectConfig"]
    parts = {
        "#{protocol}": listener.protocol,
        "#{host}": request.host.partition(":")[0],
        "#{port}": str(listener.port),
        "#{path}": request.path.lstrip("/"),
        "#{query}": request.query_string,
    }
    protocol = _filled(config.get("Protocol", "#{protocol}"), parts)
    port = _filled(config.get("Port", "#{port}"), parts)
    host = _filled(config.get("Host", "#{host}"), parts)
    path = _filled(config.get("Path", "/#{path}"), parts)
    query = _filled(config.get("Query", "#{query}"), parts)
    # The service always writes the port.
    location = f"{protocol.lower()}://{host}:{port}{path}{'?' + query if query else ''}"
    status = int(config["StatusCode"].removeprefix("HTTP_"))
    headers = {"Location": location, "Server": "awselb/2.0"}
    return web.Response(status=status, headers=headers, content_type="text/html")


def _filled(text: str, parts: dict[str, str]) -> str:
    for name, value in parts.items():
        text = text.replace(name, value)
    return text


class Forwarder:
    """Sends requests to the targets of a target group."""

    def __init__(self, account_id: str, region: str) -> None:
        self._account_id, self._region = account_id, region
        self._session: aiohttp.ClientSession | None = None

    async def stop(self) -> None:
        """Close all connections. Safe to call at any time."""
        if self._session is not None:
            await self._session.close()
        self._session = None

    async def forward(self, action: dict[str, Any], request: web.Request) -> web.Response:
        """The answer of a target; 503 if the group has no target, 502 if no target answers."""
        targets = self._targets(_group_of(action))
        if not targets:
            return _error_page(503, "503 Service Temporarily Unavailable")
        for target in targets:
            try:
                return await self._response_of(target, request)
            except (aiohttp.ClientConnectionError, TimeoutError):
                continue
        return _error_page(502, "502 Bad Gateway")

    def _targets(self, arn: str) -> list[dict[str, Any]]:
        group = elbv2_backends[self._account_id][self._region].target_groups.get(arn)
        targets = list(group.targets.values()) if group is not None and group.target_type == "ip" else []
        return random.sample(targets, len(targets))

    async def _response_of(self, target: dict[str, Any], request: web.Request) -> web.Response:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=_SECONDS)
            self._session = aiohttp.ClientSession(auto_decompress=False, timeout=timeout)
        url = f"http://{target['Id']}:{target['Port']}{request.raw_path}"
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_FORWARDED}
        body = await request.read()
        kwargs: dict[str, Any] = {"headers": headers, "data": body, "allow_redirects": False}
        async with self._session.request(request.method, url, **kwargs) as answer:
            kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _NOT_FORWARDED]
            response = web.Response(status=answer.status, body=await answer.read())
            response.headers.extend(kept)
            return response


def _group_of(action: dict[str, Any]) -> str:
    """The target group; if there are several, chosen by the weights."""
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    if not groups:
        return str(action.get("TargetGroupArn"))
    weights = [int(group.get("Weight", 1)) for group in groups]
    if not any(weights):
        return ""
    return str(random.choices([group["TargetGroupArn"] for group in groups], weights)[0])


def _error_page(status: int, text: str) -> web.Response:
    headers = {"Server": "awselb/2.0"}
    return web.Response(status=status, text=f"<h1>{text}</h1>", content_type="text/html", headers=headers)
