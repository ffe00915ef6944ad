# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Errors of OCI's APIs, in the form that its clients parse: ``{"code": ..., "message": ...}``."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler


class ApiError(Exception):
    """A request that the service refuses.

    :ivar status: HTTP status.
    :ivar code: one of OCI's documented error codes.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def not_found() -> ApiError:
    """The error for a missing resource. OCI uses the same error for resources that the caller may not see."""
    return ApiError(404, "NotAuthorizedOrNotFound", "Authorization failed or requested resource not found.")


def invalid(message: str) -> ApiError:
    """The error for a parameter with a value that the service does not accept."""
    return ApiError(400, "InvalidParameter", message)


def missing(name: str) -> ApiError:
    """The error for a missing parameter."""
    return ApiError(400, "MissingParameter", f"{name} is required.")


def conflict(message: str, code: str = "Conflict") -> ApiError:
    """The error for a request that the resource's present state does not allow."""
    return ApiError(409, code, message)


def error_response(_unused: web.Request, status: int, code: str, message: str) -> web.Response:
    """An error response in OCI's form."""
    return web.json_response({"code": code, "message": message}, status=status)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into OCI's form, also errors of aiohttp's router."""
    try:
        return await handler(request)
    except ApiError as error:
        return error_response(request, error.status, error.code, error.message)
    except web.HTTPMethodNotAllowed:
        return error_response(request, 405, "MethodNotAllowed", f"{request.method} is not allowed here.")
    except web.HTTPNotFound:
        return error_response(request, 404, "NotFound", f"There is no {request.path}.")
