# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The log of all API requests to the lab, so that tests can check which requests a client sent."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from lab.api_call import API_CALL


@dataclass
class LoggedRequest:
    """One request.

    :ivar n: 1 for the first request since the lab started; a clear of the log does not reset it.
    :ivar time: when it arrived, RFC 3339 in UTC.
    :ivar path: path and query as sent.
    :ivar status: the HTTP status of the answer; None while the request is handled, or if the client got no answer.
    :ivar is_write: whether its operation may change something.
    """

    n: int
    time: str
    service: str
    operation: str
    method: str
    path: str
    is_write: bool
    status: int | None = None


class RequestsLog:
    """All parts of a lab share one log."""

    def __init__(self) -> None:
        self._requests: list[LoggedRequest] = []
        self._last_n = 0

    def since(self, n: int = 0) -> list[dict[str, Any]]:
        """Requests that arrived after the request ``n``, oldest first, as plain JSON data."""
        return [asdict(request) for request in self._requests if request.n > n]

    def clear(self) -> None:
        """Remove all requests. The count continues: numbers are never used twice."""
        self._requests.clear()

    def middleware(self) -> Middleware:
        """Make the middleware that logs. It comes right after :func:`lab.api_call.describing`."""

        @web.middleware
        async def log_request(request: web.Request, handler: Handler) -> web.StreamResponse:
            entry = self._open(request)
            try:
                response = await handler(request)
            except web.HTTPException as answer:
                entry.status = answer.status
                raise
            # A fault may have cut the connection. Then the client got no status, whatever the handler returned.
            entry.status = response.status if request.transport and not request.transport.is_closing() else None
            return response

        return log_request

    def _open(self, request: web.Request) -> LoggedRequest:
        self._last_n += 1
        call = request[API_CALL]
        entry = LoggedRequest(
            n=self._last_n,
            time=datetime.now(UTC).isoformat(timespec="milliseconds"),
            service=call.service,
            operation=call.operation,
            method=request.method,
            path=request.raw_path,
            is_write=call.is_write,
        )
        self._requests.append(entry)
        return entry
