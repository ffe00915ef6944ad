# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The one endpoint of all AWS clients of the lab: it checks the caller, and dispatches the call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from lab.api_call import API_CALL, ApiCall, describing
from lab.aws.access import Access
from lab.aws.calls import describe_call
from lab.aws.errors import AwsError, error_response
from lab.aws.moto_server import MotoServer
from lab.aws.throttling import Throttle
from lab.faults import Faults, service_faults
from lab.requests_log import RequestsLog

#: Answers a call; None leaves the call to moto.
CallHandler = Callable[[web.Request, ApiCall], Awaitable[web.Response | None]]


class Front:
    """Access, throttling and dispatch.

    :ivar handlers: by service; moto answers for services without a handler. "unsigned" handles unsigned requests.
    """

    def __init__(self, access: Access, throttle: Throttle, moto: MotoServer) -> None:
        self._access = access
        self._throttle = throttle
        self._moto = moto
        self.handlers: dict[str, CallHandler] = {}

    def application(self, log: RequestsLog, faults: Faults) -> web.Application:
        """The aiohttp application."""

        def injected(request: web.Request, status: int, code: str, message: str) -> web.Response:
            return error_response(request, request[API_CALL].service, AwsError(status, code, message))

        middlewares = [describing(describe_call), log.middleware(), faults.middleware(injected)]
        app = web.Application(middlewares=middlewares, client_max_size=16 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self.handle)
        return app

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        call = request[API_CALL]
        try:
            return await self._answer(request, call)
        except AwsError as error:
            return error_response(request, call.service, error)

    async def _answer(self, request: web.Request, call: ApiCall) -> web.StreamResponse:
        handler = self.handlers.get(call.service)
        if call.service != "unsigned":
            clock_skew = sum(fault.get("seconds", 0) for fault in service_faults(request, "clock_skew"))
            await self._access.check(request, call, clock_skew)
            self._throttle.check(call.service, call.operation, asyncio.get_running_loop().time())
        answer = await handler(request, call) if handler is not None else None
        return answer if answer is not None else await self._moto.forward(request)
