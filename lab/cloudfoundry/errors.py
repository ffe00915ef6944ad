# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Errors in the form of the v3 API. Codes and titles are those of cloud_controller_ng, errors/v2.yml."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from aiohttp.typedefs import Handler

#: Number and HTTP status by title.
_KNOWN = {
    "InvalidAuthToken": (1000, 401),
    "MessageParseError": (1001, 400),
    "UnknownError": (10001, 500),
    "NotAuthenticated": (10002, 401),
    "NotAuthorized": (10003, 403),
    "BadQueryParameter": (10005, 400),
    "UnprocessableEntity": (10008, 422),
    "ResourceNotFound": (10010, 404),
    "RateLimitExceeded": (10013, 429),
    "OrgSuspended": (10017, 403),
    "NotFound": (10000, 404),
    "FeatureDisabled": (330002, 403),
    "AnnotationLimitExceeded": (390023, 422),
    "LabelLimitExceeded": (390020, 422),
}


class ApiError(Exception):
    """A refusal of the API.

    :ivar title: without the prefix ``CF-``.
    """

    def __init__(self, title: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.title, self.detail, self.headers = title, detail, headers

    def response(self) -> web.Response:
        """The response of the API."""
        code, status = _KNOWN[self.title]
        return _answer(status, code, self.title, self.detail, self.headers)


def unprocessable(detail: str) -> ApiError:
    """The API's error for a valid request that cannot be carried out."""
    return ApiError("UnprocessableEntity", detail)


def not_found(kind: str) -> ApiError:
    """The error for a resource that does not exist or that this user must not see; the API does not distinguish."""
    return ApiError("ResourceNotFound", f"{kind} not found")


def error_response(_unused: web.Request, status: int, title: str, detail: str) -> web.StreamResponse:
    """The error of an injected fault: any status, in the form of the API."""
    return _answer(status, _KNOWN.get(title, (10001, 500))[0], title, detail, None)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors into responses."""
    try:
        return await handler(request)
    except ApiError as error:
        return error.response()


def _answer(status: int, code: int, title: str, detail: str, headers: Mapping[str, str] | None) -> web.Response:
    name = title if title == "UnknownError" else f"CF-{title}"
    body = {"errors": [{"code": code, "title": name, "detail": detail}]}
    return web.json_response(body, status=status, headers=headers)
