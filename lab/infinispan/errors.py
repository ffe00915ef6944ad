# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Errors of the REST API, which are plain text."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler


class ApiError(Exception):
    """A request that the server refuses.

    :ivar status: HTTP status.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def error_response(_unused: web.Request, status: int, code: str, message: str) -> web.Response:
    """An error response. The code of an injected fault comes before its message."""
    return web.Response(status=status, text=f"{code}: {message}" if code else message)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors of handlers into responses."""
    try:
        return await handler(request)
    except ApiError as error:
        return error_response(request, error.status, "", error.message)
