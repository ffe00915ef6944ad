# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Requests a path of an endpoint in the way of Route 53's checkers.

Checkers allow four seconds to connect, two for the status and, where they search a string, two more for the body. They
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
    """A connection to an address, with another TLS server name or none."""

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
    """Make the request once. A request without a response also gives an Answer."""
    try:
        address = question.address or _look_up(str(question.host))
        with contextlib.closing(_Connection(question, address)) as connection:
            connection.connect()
            return _answer(connection, question)
    except (OSError, http.client.HTTPException, ValueError) as problem:
        return Answer(None, detail=_reported(problem))


def _look_up(host: str) -> str:
    """Resolve a name over IPv4 only, as checkers do (API reference, HealthCheckConfig)."""
    found = socket.getaddrinfo(host, None, family=socket.AF_INET, type=socket.SOCK_STREAM)
    return str(found[0][4][0])


def _answer(connection: _Connection, question: Question) -> Answer:
    headers = {"User-Agent": _USER_AGENT, "Accept": "*/*", "Connection": "close"}
    if question.host:
        standard = question.port == (443 if question.tls else 80)
        headers["Host"] = question.host if standard else f"{question.host}:{question.port}"
    # The connection may close when the response arrives. Its socket stays open in the response.
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
    """The part of the body that checkers read.

    :raises HTTPException: the body ended too early, so the missing part is unknown.
    """
    body = response.read(_SEARCHED_BYTES)
    if response.length and len(body) < _SEARCHED_BYTES:
        raise http.client.IncompleteRead(body, response.length)
    return body


@contextlib.contextmanager
def _cut_off_after(sock: socket.socket, seconds: float) -> Iterator[None]:
    """A time limit for the whole response, as in a checker. The timeout of a socket starts again with each byte.

    :raises TimeoutError: the response took longer. A partial response proves nothing.
    """
    late = threading.Event()

    def cut_off() -> None:
        late.set()
        # The other side may have closed the connection a moment ago.
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException):
        # The cut-off causes different errors. People should see only the timeout.
        if not late.is_set():
            raise
    finally:
        timer.cancel()
    if late.is_set():
        raise TimeoutError(f"no whole answer within {seconds:g} seconds")


def _reported(problem: Exception) -> str:
    text = str(problem).strip().rstrip(".")
    return f"{type(problem).__name__}: {text}" if text else type(problem).__name__
