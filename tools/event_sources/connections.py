# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Part of event sources: connections with limits that hold before anybody has proven who sends."""

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

# Seconds that a sender may take from TLS or the last answer until the next request has come, and for its body.
REQUEST_SECONDS = 10.0
BODY_SECONDS = 10.0
# Seconds for which a connection that is being closed is still read, so that the sender can read the answer.
CLOSING_SECONDS = 1.0
# Bytes of one line of a header, and of all that has come and is no request yet, beside the size of a body.
MOST_LINE_BYTES = 4096
MOST_HEADER_BYTES = 64 * 1024


class ThinnedLogger(logging.Logger):
    """Logs what the HTTP server says: the first of each kind, then the tenth, the hundredth."""

    def __init__(self) -> None:
        """Log by way of this module's logger."""
        super().__init__(f"{LOGGER.name}.http")
        self.parent = LOGGER
        self._counts: Counter[str] = Counter()

    def handle(self, record: logging.LogRecord) -> None:
        """Log one, or not."""
        # The template of the text, which holds nothing that a sender wrote.
        kind = str(record.msg)
        self._counts[kind] += 1
        if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
            # It is no failure of ours if somebody sends what is no HTTP.
            record.exc_info, record.levelno, record.levelname = None, logging.WARNING, "WARNING"
        if str(self._counts[kind]).strip("0") == "1":
            super().handle(record)


class Connection(web.RequestHandler):
    """A connection that ends when it lets too much time pass, and knows whether its sender has proven who it is."""

    def __init__(
        self, server: web.Server, address: str, allowances: Allowances, most_bytes: int, logger: logging.Logger
    ) -> None:
        """Prepare for a connection of an address whose messages have at most so many bytes."""
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]
            logger=logger,
            keepalive_timeout=REQUEST_SECONDS,
            lingering_time=CLOSING_SECONDS,
            # A body that would have to be inflated is refused.
            auto_decompress=False,
            max_line_size=MOST_LINE_BYTES,
            max_field_size=MOST_LINE_BYTES,
        )
        self.address = address
        self.proven = False
        self.closed = asyncio.Event()
        # What holds it, and ends it when it is cancelled.
        self.holder: asyncio.Task[None] | None = None
        self._allowances = allowances
        self._most_unanswered = MOST_HEADER_BYTES + most_bytes
        self._unanswered = 0
        self._patience: asyncio.TimerHandle | None = None

    def prove(self) -> None:
        """Take note that the sender has proven who it is."""
        if not self.proven:
            self.proven = True
            self._allowances.give_back(self.address)

    def leave(self) -> None:
        """End it at once."""
        if self.holder is not None:
            self.holder.cancel()

    def begin(self) -> None:
        """Take note that a request has come, of which the body may still be to come."""
        if self._patience is not None:
            self._patience.cancel()
        self._patience, self._unanswered = None, 0

    def end(self) -> None:
        """Wait for the next request, which never comes from a sender that does not read answers."""
        self.begin()
        if not self.closed.is_set():
            self._patience = asyncio.get_running_loop().call_later(REQUEST_SECONDS, self.leave)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first request."""
        super().connection_made(transport)
        self.end()

    def data_received(self, data: bytes) -> None:
        """Take what came, as long as it can become a request."""
        if self._patience is not None:
            self._unanswered += len(data)
        if self._unanswered > self._most_unanswered:
            self.leave()
        else:
            super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Stop to wait."""
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
    """Return the middleware of each request: a client that is refused has to connect again for the next one."""

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
    """Let a sender that asks before it sends its body wait until it is known whether the body is wanted."""


async def _body(request: web.Request, most_bytes: int) -> bytes:
    """Read a body, once its sender may send one.

    :raises RefusedError: it is encoded, too large, too slow, or not whole.
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
