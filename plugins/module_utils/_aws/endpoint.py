# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Asks an endpoint for a path as Route 53's checkers do.

They take four seconds to connect, two for the status and, where a string is searched for, two more for the body; they
follow no redirects, do not check certificates, and read the first 5120 bytes of a body (Developer Guide, "How Amazon
Route 53 determines whether a health check is healthy").
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator

from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Answer, Question

_CONNECT_SECONDS = 4
_ANSWER_SECONDS = 2
_SEARCHED_BYTES = 5120
_USER_AGENT = "tidegate.failover (asks as an Amazon Route 53 health check would)"


class _Connection(http.client.HTTPConnection):
    """A connection to an address, with a TLS server name that need not be that address, or none."""

    def __init__(self, question: Question, address: str) -> None:
        super().__init__(address, question.port, timeout=_CONNECT_SECONDS)
        self._question = question

    def connect(self) -> None:
        super().connect()
        if self._question.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            name = self._question.host if self._question.sni else None
            self.sock = context.wrap_socket(self.sock, server_hostname=name, do_handshake_on_connect=False)
            with _cut_off_after(self.sock, _CONNECT_SECONDS):
                self.sock.do_handshake()


def ask(question: Question) -> Answer:
    """Make the request once. That no answer comes is an answer too."""
    try:
        address = question.address or _look_up(str(question.host))
        with contextlib.closing(_Connection(question, address)) as connection:
            connection.connect()
            return _answer(connection, question)
    except (OSError, http.client.HTTPException, ValueError) as problem:
        return Answer(None, detail=_reported(problem))


def _look_up(host: str) -> str:
    """Checkers resolve names over IPv4 only (API reference, HealthCheckConfig)."""
    found = socket.getaddrinfo(host, None, family=socket.AF_INET, type=socket.SOCK_STREAM)
    return str(found[0][4][0])


def _answer(connection: _Connection, question: Question) -> Answer:
    headers = {"User-Agent": _USER_AGENT, "Accept": "*/*", "Connection": "close"}
    if question.host:
        standard = question.port == (443 if question.tls else 80)
        headers["Host"] = question.host if standard else f"{question.host}:{question.port}"
    # That the answer comes may close the connection, and its socket lives on in the response until that is closed.
    sock = connection.sock
    with _cut_off_after(sock, _ANSWER_SECONDS):
        connection.request("GET", question.path, headers=headers)
        response = connection.getresponse()
    with response:
        if question.search is None or not 200 <= response.status < 400:
            return Answer(response.status)
        with _cut_off_after(sock, _ANSWER_SECONDS):
            return Answer(response.status, question.search.encode() in _beginning(response))


def _beginning(response: http.client.HTTPResponse) -> bytes:
    """As much of the body as checkers read.

    :raises HTTPException: it ended too early, so that the rest could hold anything.
    """
    body = response.read(_SEARCHED_BYTES)
    if response.length and len(body) < _SEARCHED_BYTES:
        raise http.client.IncompleteRead(body, response.length)
    return body


@contextlib.contextmanager
def _cut_off_after(sock: socket.socket, seconds: float) -> Iterator[None]:
    """The timeout of a socket starts again with each byte; that of a checker does not.

    :raises TimeoutError: it took longer. What was received until then proves nothing.
    """
    late = threading.Event()

    def cut_off() -> None:
        late.set()
        # It may have been closed by the other side a moment ago.
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException):
        # What it looks like to be cut off differs; that it was is what people should read.
        if not late.is_set():
            raise
    finally:
        timer.cancel()
    if late.is_set():
        raise TimeoutError(f"no whole answer within {seconds:g} seconds")


def _reported(problem: Exception) -> str:
    text = str(problem).strip().rstrip(".")
    return f"{type(problem).__name__}: {text}" if text else type(problem).__name__
