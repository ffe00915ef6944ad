# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Faults on demand, injected into selected requests: errors, delays, broken connections, competing writes.

A fault is described by JSON such as ``{"kind": "status", "operation": "UpdateListener", "times": 2, "status": 503}``.
The kinds of :data:`HTTP_FAULTS` affect the HTTP exchange and work for every part. The kinds of
:data:`SERVICE_FAULTS` affect the service itself: its handlers read them with :func:`service_faults`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, TypeAlias

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from lab.api_call import API_CALL, ApiCall
from lab.control_error import ControlError

#: kind -> its parameters, with their types.
HTTP_FAULTS: dict[str, dict[str, type | tuple[type, ...]]] = {
    # Answers instead of the service. ``body`` is sent unchanged; without it, code and message in the service's form.
    "status": {"status": int, "code": str, "message": str, "body": str, "content_type": str, "headers": dict},
    "latency": {"seconds": (int, float)},
    # The connection is cut before or after the service has handled the request.
    "drop_before": {},
    "drop_after": {},
    # Never answers. ``after``: whether the service handles the request first.
    "hang": {"after": bool},
}
SERVICE_FAULTS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "work_request_failed": {"code": str, "message": str},
    "work_request_seconds": {"seconds": (int, float)},
    # Just before the request is handled another client changes the resource; ``patch`` is an RFC 7396 merge patch.
    "competing_write": {"patch": dict},
    # The service's clock is off by this much while it handles the request, and dates its answer.
    "clock_skew": {"seconds": (int, float)},
}
_MATCHING: dict[str, type | tuple[type, ...]] = {
    "service": str,
    "operation": str,
    "method": str,
    "path": str,
    "skip": int,
    "times": (int, type(None)),
}

#: Builds an error answer in a service's own form from status, code and message.
ErrorResponse: TypeAlias = Callable[[web.Request, int, str, str], web.StreamResponse]


@dataclass
class Fault:
    """A fault, and the selection of its requests.

    :ivar service: only requests for this service; None for any. The same holds for ``operation`` and ``method``.
    :ivar path: regular expression that must be found in the path with its query.
    :ivar skip: the number of matching requests to skip first.
    :ivar times: the number of requests to hit; after that the fault ends. None hits all of them.
    """

    id: int
    kind: str
    service: str | None = None
    operation: str | None = None
    method: str | None = None
    path: str | None = None
    skip: int = 0
    times: int | None = 1
    parameters: dict[str, Any] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        """The fault with its remaining counts, as plain JSON data."""
        fields = {name: value for name, value in vars(self).items() if name != "parameters"}
        return fields | self.parameters

    def _is_for(self, call: ApiCall, request: web.Request) -> bool:
        return (
            self.service in (None, call.service)
            and self.operation in (None, call.operation)
            and self.method in (None, request.method)
            and (self.path is None or re.search(self.path, request.raw_path) is not None)
        )

    def hits(self, call: ApiCall, request: web.Request) -> bool:
        """Whether this request is hit; counts it."""
        if self.times == 0 or not self._is_for(call, request):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


REQUEST_FAULTS: web.RequestKey[list[Fault]] = web.RequestKey("lab_faults", list)


def service_faults(request: web.Request, kind: str) -> list[dict[str, Any]]:
    """Parameters of the faults of a kind of :data:`SERVICE_FAULTS` that hit this request."""
    return [fault.parameters for fault in request.get(REQUEST_FAULTS, []) if fault.kind == kind]


class Faults:
    """The pending faults. All parts of a lab share them."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._last_id = 0

    def add(self, description: dict[str, Any]) -> Fault:
        """Add a fault.

        :raises ControlError: the description holds an unknown kind, an unknown field or a value of the wrong type.
        """
        kind = description.get("kind")
        known = HTTP_FAULTS | SERVICE_FAULTS
        if kind not in known:
            raise ControlError(f"the kind of a fault is one of {', '.join(sorted(known))}; got {kind!r}")
        fields = {name: value for name, value in description.items() if name != "kind"}
        for name, value in fields.items():
            expected = (_MATCHING | known[kind]).get(name)
            if expected is None:
                raise ControlError(f"a fault of kind {kind} has no field {name!r}")
            if not isinstance(value, expected):
                raise ControlError(f"{name} of a fault has the wrong type: {value!r}")
        try:
            re.compile(fields.get("path", ""))
        except re.error as error:
            raise ControlError(f"path of a fault is no regular expression: {error}") from error
        self._last_id += 1
        matching = {name: value for name, value in fields.items() if name in _MATCHING}
        parameters = {name: value for name, value in fields.items() if name not in _MATCHING}
        fault = Fault(id=self._last_id, kind=str(kind), parameters=parameters, **matching)
        self._faults.append(fault)
        return fault

    def describe(self) -> list[dict[str, Any]]:
        """All pending faults, as plain JSON data."""
        return [fault.describe() for fault in self._faults if fault.times != 0]

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()

    def middleware(self, error_response: ErrorResponse) -> Middleware:
        """Make the middleware that injects faults. It comes right after the log's, so the log shows the outcome."""

        @web.middleware
        async def inject(request: web.Request, handler: Handler) -> web.StreamResponse:
            call = request[API_CALL]
            hits = [fault for fault in self._faults if fault.hits(call, request)]
            self._faults = [fault for fault in self._faults if fault.times != 0]
            request[REQUEST_FAULTS] = hits
            for fault in hits:
                answer = await _before(fault, request, error_response)
                if answer is not None:
                    return answer
            response = await handler(request)
            for fault in hits:
                await _after(fault, request)
            _date(response, hits)
            return response

        return inject


async def _before(fault: Fault, request: web.Request, error_response: ErrorResponse) -> web.StreamResponse | None:
    """Inject a fault before the handler. If this returns an answer, the handler is not called."""
    if fault.kind == "latency":
        await asyncio.sleep(fault.parameters.get("seconds", 1))
    elif fault.kind == "status":
        return _status_answer(fault.parameters, request, error_response)
    elif fault.kind == "drop_before":
        _cut(request)
        return web.Response()
    elif fault.kind == "hang" and not fault.parameters.get("after", False):
        await _until_client_goes(request)
        return web.Response()
    return None


async def _after(fault: Fault, request: web.Request) -> None:
    """Inject a fault after the handler. The client does not get the handler's answer."""
    if fault.kind == "drop_after":
        _cut(request)
    elif fault.kind == "hang" and fault.parameters.get("after", False):
        await _until_client_goes(request)


def _date(response: web.StreamResponse, hits: list[Fault]) -> None:
    """Set the date of the answer to the service's clock, if that clock is wrong."""
    skew = sum(fault.parameters.get("seconds", 0) for fault in hits if fault.kind == "clock_skew")
    if skew:
        response.headers["Date"] = format_datetime(datetime.now(UTC) + timedelta(seconds=skew), usegmt=True)


def _status_answer(
    parameters: dict[str, Any], request: web.Request, error_response: ErrorResponse
) -> web.StreamResponse:
    status = parameters.get("status", 500)
    if "body" in parameters:
        answer: web.StreamResponse = web.Response(
            status=status, text=parameters["body"], content_type=parameters.get("content_type", "text/html")
        )
    else:
        code = parameters.get("code", "InternalServerError")
        answer = error_response(request, status, code, parameters.get("message", "Injected by the lab."))
    answer.headers.update(parameters.get("headers", {}))
    return answer


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _until_client_goes(request: web.Request) -> None:
    # aiohttp reports a disconnected client only by cancelling the handler, which would also cancel real work half-way.
    while request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(0.02)
