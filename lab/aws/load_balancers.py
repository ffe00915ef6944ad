# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Application Load Balancers. moto stores them; this module answers requests by their listeners and rules.

All of them share one port: the DNS name in the Host header selects the load balancer, and the port in that header
selects the listener.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from moto.elbv2.models import elbv2_backends

from lab.api_call import ApiCall
from lab.aws.elbv2.traffic import Forwarder, action_for, redirected, seen
from lab.aws.errors import AwsError
from lab.servers import LOOPBACK, Server

#: Source: API reference, FixedResponseActionConfig. moto checks some of this, and nothing where a listener is modified.
MESSAGE_LENGTH = 1024
_CONTENT_TYPES = ("text/plain", "text/css", "text/html", "application/javascript", "application/json")
_STATUS = re.compile(r"(2|4|5)\d\d")
_WRITES = ("CreateListener", "ModifyListener", "CreateRule", "ModifyRule")
_FIXED = re.compile(r"(?:Default)?Actions\.member\.(\d+)\.FixedResponseConfig\.(\w+)")
_HTTP_PORT = 80


async def check_fixed_responses(request: web.Request, call: ApiCall) -> None:
    """Check the fixed responses of a call.

    :raises AwsError: 400: the service does not accept one of them.
    """
    if call.operation not in _WRITES:
        return
    for name, value in parse_qsl((await request.read()).decode()):
        found = _FIXED.fullmatch(name)
        if found:
            _check(found[1], found[2], value)


def _check(number: str, field: str, value: str) -> None:
    if field == "MessageBody" and len(value) > MESSAGE_LENGTH:
        raise _violated(number, "messageBody", f"have length less than or equal to {MESSAGE_LENGTH}")
    if field == "StatusCode" and not _STATUS.fullmatch(value):
        raise _violated(number, "statusCode", "satisfy regular expression pattern: ^(2|4|5)\\d\\d$")
    if field == "ContentType" and value not in _CONTENT_TYPES:
        raise AwsError(400, "InvalidLoadBalancerAction", f"The ContentType must be one of: {', '.join(_CONTENT_TYPES)}")


def _violated(number: str, field: str, constraint: str) -> AwsError:
    where = f"actions.{number}.member.fixedResponseConfig.{field}"
    return AwsError(
        400,
        "ValidationError",
        f"1 validation error detected: Value at '{where}' failed to satisfy constraint: Member must {constraint}",
    )


class LoadBalancerPort:
    """The port of all load balancers of the account in one region."""

    def __init__(self, account_id: str, region: str) -> None:
        self._account_id, self._region = account_id, region
        self._forwarder = Forwarder(account_id, region)
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._server = Server(app)

    async def start(self) -> str:
        """Listen on a free port; returns the address."""
        return f"{LOOPBACK}:{await self._server.start()}"

    async def stop(self) -> None:
        """Stop listening. Safe to call at any time."""
        await self._server.stop()
        await self._forwarder.stop()

    async def _serve(self, request: web.Request) -> web.Response:
        listener = self._listener(request.host)
        if listener is None:
            return web.Response(status=502, text=f"The lab has no load balancer that listens at {request.host}.")
        try:
            action = action_for(listener, seen(request))
        except NotImplementedError as problem:
            return web.Response(status=501, text=f"{problem}")
        if action["Type"] == "forward":
            return await self._forwarder.forward(action, request)
        if action["Type"] == "redirect":
            return redirected(action, request, listener)
        fixed = action["FixedResponseConfig"]
        headers = {"Content-Type": fixed.get("ContentType") or "text/plain", "Server": "awselb/2.0"}
        body = (fixed.get("MessageBody") or "").encode()
        return web.Response(status=int(fixed["StatusCode"]), body=body, headers=headers)

    def _listener(self, host: str) -> Any:
        name, _colon, port = host.partition(":")
        balancers = elbv2_backends[self._account_id][self._region].load_balancers.values()
        return next(
            (
                listener
                for balancer in balancers
                if balancer.dns_name.lower() == name.lower()
                for listener in balancer.listeners.values()
                if int(listener.port) == int(port or _HTTP_PORT)
            ),
            None,
        )
