# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A backend server as a separate process: ``python -m lab.backends.program KIND NAME PORT``.

The program prints the port that it listens on. It ends at the end of standard input, so it never runs longer than the
lab.
"""

from __future__ import annotations

import asyncio
import sys

from aiohttp import web

from lab.servers import Server

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>We will be right back</title></head>
<body><h1>We will be right back</h1><p>This service is under maintenance. Please try again in two minutes.</p></body>
</html>
"""
_RETRY_AFTER_SECONDS = 120


def application(name: str) -> web.Application:
    """An application: a greeting, a health check, and under ``/echo`` a report of the received request."""

    async def health(_unused: web.Request) -> web.Response:
        return web.Response(text="healthy\n")

    async def echo(request: web.Request) -> web.Response:
        return web.json_response(
            {
                "served_by": name,
                "method": request.method,
                "path": request.raw_path,
                "headers": [[header, value] for header, value in request.headers.items()],
                "body": await request.text(),
            },
            headers={"X-Served-By": name},
        )

    async def greet(_unused: web.Request) -> web.Response:
        return web.Response(text=f"Welcome to the shop. Served by {name}.\n", headers={"X-Served-By": name})

    app = web.Application()
    app.router.add_get("/health", health)
    app.router.add_route("*", "/echo{anything:.*}", echo)
    app.router.add_route("*", "/{anything:.*}", greet)
    return app


def maintenance_page(_unused: str) -> web.Application:
    """A maintenance page for every path and method: 503, for people as HTML, for programs as JSON, never cached."""

    async def answer(request: web.Request) -> web.Response:
        headers = {"Retry-After": str(_RETRY_AFTER_SECONDS), "Cache-Control": "no-store", "Vary": "Accept"}
        accepted = request.headers.get("Accept", "")
        if "json" in accepted and "text/html" not in accepted:
            problem = {"code": "MAINTENANCE", "message": "The service is under maintenance."}
            return web.json_response(problem, status=503, headers=headers)
        return web.Response(status=503, text=_PAGE, content_type="text/html", headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", answer)
    return app


KINDS = {"application": application, "maintenance_page": maintenance_page}


async def run(kind: str, name: str, port: int) -> None:
    """Serve until standard input ends."""
    server = Server(KINDS[kind](name))
    print(await server.start(port), flush=True)
    try:
        await asyncio.to_thread(sys.stdin.buffer.read)
    finally:
        await server.stop()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], int(sys.argv[3])))
