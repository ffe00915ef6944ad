# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""``opc-retry-token``: a repeated POST or PUT gets the first answer, and is not carried out again."""

from __future__ import annotations

import hashlib

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from lab.oci.errors import conflict


class RetryTokens:
    """Answers by token. The real service keeps them for 24 hours; a lab does not run that long."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[str, int, dict[str, str], bytes]] = {}

    def clear(self) -> None:
        """Remove all tokens."""
        self._answers.clear()

    def middleware(self) -> Middleware:
        """Make the middleware. It comes right before the handlers."""

        @web.middleware
        async def replay(request: web.Request, handler: Handler) -> web.StreamResponse:
            token = request.headers.get("opc-retry-token")
            if token is None or request.method not in ("POST", "PUT"):
                return await handler(request)
            digest = hashlib.sha256(await request.read()).hexdigest()
            payload = f"{request.method} {request.raw_path} {digest}"
            if token in self._answers:
                known_payload, status, headers, body = self._answers[token]
                if payload != known_payload:
                    raise conflict("The retry token was used for another request before.", "InvalidatedRetryToken")
                return web.Response(status=status, headers=headers, body=body or None)
            response = await handler(request)
            # A refusal is an exception and is not kept: it changed nothing, so its request may be sent again.
            self._answers[token] = (payload, response.status, dict(response.headers), _body(response))
            return response

        return replay


def _body(response: web.StreamResponse) -> bytes:
    return response.body if isinstance(response, web.Response) and isinstance(response.body, bytes) else b""
