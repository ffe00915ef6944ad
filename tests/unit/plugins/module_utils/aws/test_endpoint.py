# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""An endpoint is requested over real connections, like by a checker."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws import endpoint
from ansible_collections.tidegate.failover.plugins.module_utils._aws.endpoint import ask
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Answer, Question

from .site import Handle, Handler, site, write_certificate


def question(port: int, path: str = "/lb-check", **more: t.Any) -> Question:
    """A question to loopback, over plain HTTP by default."""
    given: dict[str, t.Any] = {"tls": False, "address": "127.0.0.1", "host": None, "sni": False, "search": None}
    return Question(port=port, path=path, **given | more)


@pytest.mark.parametrize("status", [200, 302, 404, 503])
def test_the_status_is_what_the_endpoint_answers_to_the_very_path(status: int) -> None:
    with site(lambda handler: handler.answer(status)) as server:
        assert ask(question(server.server_port, "/a?restore=%2Fb&lock=c")) == Answer(status)
    assert [path for path, _host in server.asked] == ["/a?restore=%2Fb&lock=c"]


def test_redirects_are_not_followed() -> None:
    with site(lambda handler: handler.answer(307, Location="/elsewhere")) as server:
        assert ask(question(server.server_port)).status == 307
    assert len(server.asked) == 1


@pytest.mark.parametrize("host", [None, "primary.checkout.example.com"])
def test_the_host_header_names_the_domain_and_the_port_that_is_not_the_usual_one(host: str | None) -> None:
    with site(lambda handler: handler.answer(200)) as server:
        ask(question(server.server_port, host=host))
    assert server.asked[0][1] == f"{host or '127.0.0.1'}:{server.server_port}"


def test_an_endpoint_without_an_address_is_looked_up() -> None:
    with site(lambda handler: handler.answer(404)) as server:
        assert ask(question(server.server_port, address=None, host="localhost")).status == 404


@pytest.mark.parametrize(("host", "sni"), [("primary.checkout.example.com", True), (None, False)])
def test_tls_names_the_domain_where_the_check_does_and_no_certificate_is_checked(
    host: str | None, sni: bool, tmp_path: Path
) -> None:
    with site(lambda handler: handler.answer(404), write_certificate(tmp_path)) as server:
        assert ask(question(server.server_port, tls=True, host=host, sni=sni)).status == 404
    assert server.names == [host]


@pytest.mark.parametrize(
    ("body", "found"),
    [(b"all UP", True), (b"all down", False), (b"x" * 5118 + b"UP", True), (b"x" * 5119 + b"UP", False), (b"", False)],
)
def test_the_search_string_is_searched_for_where_checkers_search(body: bytes, found: bool) -> None:
    with site(lambda handler: handler.answer(200, body)) as server:
        assert ask(question(server.server_port, search="UP")) == Answer(200, found)


def test_the_body_of_an_error_is_not_read() -> None:
    with site(lambda handler: handler.answer(503, b"UP")) as server:
        assert ask(question(server.server_port, search="UP")) == Answer(503)


def test_i7_a_body_that_breaks_off_proves_nothing() -> None:
    with site(lambda handler: handler.answer(200, b"all", Content_Length="6")) as server:
        answer = ask(question(server.server_port, search="UP"))
    assert answer.status is None
    assert "IncompleteRead" in answer.detail


def test_i7_nobody_listening_is_no_answer() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        answer = ask(question(listener.getsockname()[1]))
    assert answer.status is None
    assert "refused" in answer.detail


def test_i7_a_name_that_does_not_exist_is_no_answer() -> None:
    assert ask(question(80, address=None, host="primary.invalid")).status is None


def speak_smtp(handler: Handler) -> None:
    handler.wfile.write(b"220 mail.example.com ESMTP\r\n")


def test_i7_what_is_not_http_is_no_answer() -> None:
    with site(speak_smtp) as server:
        assert ask(question(server.server_port)).status is None


def test_i7_a_server_without_tls_is_no_answer_to_https() -> None:
    with site(lambda handler: handler.answer(404)) as server:
        assert ask(question(server.server_port, tls=True)).status is None


def test_i7_a_path_that_cannot_be_requested_is_no_answer() -> None:
    with site(lambda handler: handler.answer(404)) as server:
        assert ask(question(server.server_port, "/a b")).status is None
    assert server.asked == []


def drip_headers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    drip(handler, b"X-More: 1\r\n")


def drip_body(handler: Handler) -> None:
    handler.answer(200, b"all", Content_Length="5000")
    drip(handler, b".")


def drip(handler: Handler, piece: bytes) -> None:
    """Send a little every moment, so that no single read ever times out, until the other side has enough."""
    try:
        while True:
            handler.wfile.write(piece)
            time.sleep(0.01)
    except OSError:
        handler.close_connection = True


@pytest.mark.parametrize("handle_get", [drip_headers, drip_body])
def test_i7_an_answer_that_never_ends_is_cut_off_and_proves_nothing(
    handle_get: Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "_ANSWER_SECONDS", 0.2)
    with site(handle_get) as server:
        answer = ask(question(server.server_port, search="UP"))
    assert answer == Answer(None, detail="TimeoutError: no whole answer within 0.2 seconds")


class EndlessHandshake(socketserver.BaseRequestHandler):
    """Begins a long TLS record and sends the rest of it a byte at a time."""

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self.request.sendall(b"\x16\x03\x03\x40\x00")
            while True:
                self.request.sendall(b".")
                time.sleep(0.01)


def test_i7_a_handshake_that_never_ends_is_cut_off_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "_CONNECT_SECONDS", 0.2)
    with socketserver.TCPServer(("127.0.0.1", 0), EndlessHandshake) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        answer = ask(question(server.server_address[1], tls=True))
        thread.join(10)
    # Either the whole took too long or one wait for a byte did, which a busy machine decides.
    assert answer.status is None
    assert answer.detail.startswith("TimeoutError: ")
