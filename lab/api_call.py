# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The service and the operation of an API request, found before the request is handled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


@dataclass(frozen=True)
class ApiCall:
    """One call of a cloud's API.

    :ivar service: the cloud's name of the service, for example ``load_balancer`` or ``route53``.
    :ivar operation: the API's own name of the operation (``UpdateListener``), or ``unknown``.
    :ivar is_write: whether the operation may change something.
    """

    service: str
    operation: str
    is_write: bool


#: Recognises a request. It may read the body (aiohttp keeps it for the handler).
DescribeCall: TypeAlias = Callable[[web.Request], Awaitable[ApiCall]]

API_CALL: web.RequestKey[ApiCall] = web.RequestKey("lab_api_call", ApiCall)


def describing(describe: DescribeCall) -> Middleware:
    """Make the outermost middleware of an API server, which names the call for the log, the faults and the handler."""

    @web.middleware
    async def name_call(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[API_CALL] = await describe(request)
        return await handler(request)

    return name_call
