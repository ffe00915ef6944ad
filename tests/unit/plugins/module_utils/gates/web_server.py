# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A web server with answers set by a test. It records the requests."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class WebServer:
    """What the server answers, and what it was asked.

    :ivar redirects: where paths redirect to; every other path gets the answer.
    :ivar answers: bodies for single paths, in place of the usual one.
    :ivar headers: headers of every answer, beside the usual ones.
    """

    status: int = 200
    body: bytes = b"UP"
    content_type: str = "text/plain"
    redirects: dict[str, str] = field(default_factory=dict)
    answers: dict[str, bytes] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    url: str = ""


@contextmanager
def web_server(answer: WebServer | None = None, tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """A server on loopback for the time of the context."""
    reported = answer or WebServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reported.asked.append((self.command, self.path, dict(self.headers)))
            location = reported.redirects.get(self.path)
            self.send_response(302 if location else reported.status)
            if location:
                self.send_header("Location", location)
            for name, value in reported.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", reported.content_type)
            body = reported.answers.get(self.path, reported.body)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 - likewise

        def log_message(self, *_message: object) -> None:
            """Not to the output of the tests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        reported.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield reported
        finally:
            server.shutdown()
            thread.join(10)
