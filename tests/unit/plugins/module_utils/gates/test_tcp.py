# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A TCP gate passes if something accepts connections."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates.tcp import KIND

from .gates import options_of, seen_by


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_that_listens_passes(listening: int) -> None:
    assert seen_by(KIND, host="127.0.0.1", port=listening).passed


def test_a_program_that_never_answers_passes_as_documented(listening: int) -> None:
    """The fixture does not accept the connection: the operating system does."""
    assert seen_by(KIND, host="127.0.0.1", port=listening).observed == "it accepts connections"


def test_one_address_of_several_is_enough_as_documented(listening: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        addresses = [("127.0.0.1", bound.getsockname()[1]), ("127.0.0.1", listening)]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", address) for address in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_name, **_more: found)
        assert seen_by(KIND, host="primary.example.com", port=443).passed


def test_a_connection_of_a_port_to_itself_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(_address: object, timeout: float) -> socket.socket:
        itself = socket.socket()
        itself.settimeout(timeout)
        itself.bind(("127.0.0.1", 0))
        itself.connect(itself.getsockname())
        return itself

    monkeypatch.setattr(socket, "create_connection", connect)
    seen = seen_by(KIND, host="127.0.0.1", port=40000)
    assert (seen.passed, seen.observed) == (False, "a connection to itself, where nobody listens")


@pytest.mark.parametrize("host", ["", " "])
def test_no_host_is_not_this_machine(host: str) -> None:
    with pytest.raises(RefusedError, match="host is empty"):
        KIND.check(options_of(KIND, host=host, port=443))


def test_a_port_where_nobody_listens_fails() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        seen = seen_by(KIND, host="127.0.0.1", port=bound.getsockname()[1])
    assert (seen.passed, seen.observed) == (False, "no connection: Connection refused")
    assert "127.0.0.1 port" in seen.remedy


def test_an_address_that_says_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[float] = []

    def hang(_address: object, timeout: float) -> socket.socket:
        limits.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", hang)
    seen = seen_by(KIND, host="192.0.2.1", port=443, attempt_timeout=3)
    assert (seen.passed, seen.observed, limits) == (False, "no connection within 3 s", [3])


@pytest.mark.parametrize("port", [0, 65536])
def test_a_port_that_is_none_is_refused(port: int) -> None:
    with pytest.raises(RefusedError, match=f"port is {port}"):
        KIND.check(options_of(KIND, host="primary.example.com", port=port))
