# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The lab's control API, for tests, drills and people to control a running lab. JSON over HTTP, without a login."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from lab.control_error import ControlError
from lab.faults import Faults
from lab.part import Part
from lab.requests_log import RequestsLog

#: The largest body in bytes; a thousand health checks must fit.
_LARGEST_BODY = 16 * 1024 * 1024


def control_app(
    directory: Path, log: RequestsLog, faults: Faults, parts: list[Part], reset: Callable[[], Awaitable[None]]
) -> web.Application:
    """Build the control API of a lab.

    ``GET /lab``: which lab this is. ``GET|DELETE /lab/requests``: the log, ``?since=N`` for later requests than N.
    ``GET|POST|DELETE /lab/faults``: see :mod:`lab.faults`. ``POST /lab/reset``: reset the lab to its first state.
    ``/lab/<part>/...``: see the parts.
    """

    async def show(_unused: web.Request) -> web.Response:
        return web.json_response({"directory": str(directory), "parts": [part.name for part in parts]})

    async def requests(request: web.Request) -> web.Response:
        return web.json_response(log.since(int(request.query.get("since", "0"))))

    async def clear_requests(_unused: web.Request) -> web.Response:
        log.clear()
        return web.Response(status=204)

    async def list_faults(_unused: web.Request) -> web.Response:
        return web.json_response(faults.describe())

    async def add_fault(request: web.Request) -> web.Response:
        return web.json_response(faults.add(await json_object(request)).describe(), status=201)

    async def clear_faults(_unused: web.Request) -> web.Response:
        faults.clear()
        return web.Response(status=204)

    async def start_over(_unused: web.Request) -> web.Response:
        await reset()
        return web.Response(status=204)

    app = web.Application(middlewares=[_explain_bad_requests], client_max_size=_LARGEST_BODY)
    app.add_routes(
        [
            web.get("/lab", show),
            web.get("/lab/requests", requests),
            web.delete("/lab/requests", clear_requests),
            web.get("/lab/faults", list_faults),
            web.post("/lab/faults", add_fault),
            web.delete("/lab/faults", clear_faults),
            web.post("/lab/reset", start_over),
        ]
    )
    for part in parts:
        app.add_routes(part.control_routes())
    return app


async def json_object(request: web.Request) -> dict[str, Any]:
    """The JSON object in the body of a control request. :raises ControlError: the body is no JSON object."""
    body = await request.json()
    if not isinstance(body, dict):
        raise ControlError("the body must be a JSON object")
    return body


@web.middleware
async def _explain_bad_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 400 to a ControlError or another ValueError, which control handlers raise for invalid input."""
    try:
        return await handler(request)
    except JSONDecodeError as error:
        return web.json_response({"error": f"the body is no JSON: {error}"}, status=400)
    except ValueError as error:
        return web.json_response({"error": str(error)}, status=400)
