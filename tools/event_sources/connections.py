# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Part of event sources: connections with limits that apply before a sender has authenticated."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.typedefs import Middleware

from tools.event_sources.admission import Allowances
from tools.event_sources.refusals import Refusals, RefusedError

LOGGER = logging.getLogger(__name__)

# -- shared --

# Seconds for a sender to send its next request after the TLS handshake or the last answer, and to send the body.
REQUEST_SECONDS = 10.0
BODY_SECONDS = 10.0
# Seconds for which a closing connection is still read, so that the sender can read the answer.
CLOSING_SECONDS = 1.0
# Bytes of one header line, and of all received data that is not a complete request yet, without the body.
MOST_LINE_BYTES = 4096
MOST_HEADER_BYTES = 64 * 1024


class ThinnedLogger(logging.Logger):
    """Logs messages of the HTTP server: the first of each kind, then the tenth, the hundredth."""

    def __init__(self) -> None:
        """Log with this module's logger."""
        super().__init__(f"{LOGGER.name}.http")
        self.parent = LOGGER
        self._counts: Counter[str] = Counter()

    def handle(self, record: logging.LogRecord) -> None:
        """Log a message if its count is due."""
        # The template of the message holds nothing that a sender wrote.
        kind = str(record.msg)
        self._counts[kind] += 1
        if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
            # Data that is not HTTP is the sender's mistake, and no error of this source.
            record.exc_info, record.levelno, record.levelname = None, logging.WARNING, "WARNING"
        if str(self._counts[kind]).strip("0") == "1":
            super().handle(record)


class Connection(web.RequestHandler):
    """A connection that closes when its sender is too slow, and that records whether the sender has authenticated."""

    def __init__(
        self, server: web.Server, address: str, allowances: Allowances, most_bytes: int, logger: logging.Logger
    ) -> None:
        """Prepare a connection from an address, for messages of at most C(most_bytes)."""
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]
            logger=logger,
            keepalive_timeout=REQUEST_SECONDS,
            lingering_time=CLOSING_SECONDS,
            # Compressed bodies are refused.
            auto_decompress=False,
            max_line_size=MOST_LINE_BYTES,
            max_field_size=MOST_LINE_BYTES,
        )
        self.address = address
        self.proven = False
        self.closed = asyncio.Event()
        # The task of this connection. The connection closes when the task is cancelled.
        self.holder: asyncio.Task[None] | None = None
        self._allowances = allowances
        self._most_unanswered = MOST_HEADER_BYTES + most_bytes
        self._unanswered = 0
        self._patience: asyncio.TimerHandle | None = None

    def prove(self) -> None:
        """Record that the sender has authenticated."""
        if not self.proven:
            self.proven = True
            self._allowances.give_back(self.address)

    def leave(self) -> None:
        """Close the connection at once."""
        if self.holder is not None:
            self.holder.cancel()

    def begin(self) -> None:
        """Record that a request has arrived. Its body may follow later."""
        if self._patience is not None:
            self._patience.cancel()
        self._patience, self._unanswered = None, 0

    def end(self) -> None:
        """Wait for the next request, for a limited time: a sender that does not read answers never sends one."""
        self.begin()
        if not self.closed.is_set():
            self._patience = asyncio.get_running_loop().call_later(REQUEST_SECONDS, self.leave)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first request."""
        super().connection_made(transport)
        self.end()

    def data_received(self, data: bytes) -> None:
        """Accept data while it can become a request."""
        if self._patience is not None:
            self._unanswered += len(data)
        if self._unanswered > self._most_unanswered:
            self.leave()
        else:
            super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Stop the wait for a request."""
        super().connection_lost(exc)
        self.begin()
        self.closed.set()


def _connection(request: web.Request) -> Connection:
    """Return the connection of a request."""
    connection = request.protocol
    if not isinstance(connection, Connection):
        raise TypeError(type(connection).__name__)
    return connection


def _answering(refusals: Refusals) -> Middleware:
    """Return the middleware of each request. A refused client has to connect again for its next request."""

    @web.middleware
    async def answer(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        connection = _connection(request)
        connection.begin()
        try:
            return await handler(request)
        except RefusedError as refusal:
            refusals.note(str(refusal), refusal.detail)
            response = web.Response(status=refusal.status, text=str(refusal), headers=refusal.headers)
            response.force_close()
            return response
        except web.HTTPException as refusal:
            refusal.force_close()
            raise
        finally:
            connection.end()

    return answer


async def _later(_request: web.Request) -> None:
    """Let a sender with C(Expect: 100-continue) wait until the request has been checked."""


async def _body(request: web.Request, most_bytes: int) -> bytes:
    """Read a body, once its sender may send one.

    :raises RefusedError: the body is encoded, too large, too slow, or incomplete.
    """
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        reason = "a body that is encoded"
        raise RefusedError(reason, 415)
    if (request.content_length or 0) > most_bytes:
        reason = "a body that is larger than any message"
        raise RefusedError(reason, 413)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            if "Expect" in request.headers:
                await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > most_bytes:
                    reason = "a body that is larger than any message"
                    raise RefusedError(reason, 413)
    except TimeoutError:
        reason = "a body that takes too long"
        raise RefusedError(reason, 408) from None
    except (web.RequestPayloadError, OSError):
        reason = "a body that is not whole"
        raise RefusedError(reason, 400) from None
    return bytes(body)
