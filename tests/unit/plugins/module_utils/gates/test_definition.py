# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Options without a meaning are refused before any gate is evaluated; a digest reveals no secrets."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._definition import Definition, definitions_from
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import GateKind, Observation, Options
from ansible_collections.tidegate.failover.plugins.module_utils._gates.tcp import KIND as TCP

from .gates import defined, validated

TCP_GATE: dict[str, t.Any] = {"name": "it listens", "tcp": {"host": "primary.example.com", "port": 443}}
OPTIONS: Options = {
    "server": {"description": "", "type": "str"},
    "password": {"description": "", "type": "str", "no_log": True},
    "account": {
        "description": "",
        "type": "dict",
        "options": {
            "name": {"description": "", "type": "str"},
            "session": {"description": "", "type": "str", "no_log": True, "rotates": True},
        },
    },
    "copies": {
        "description": "",
        "type": "list",
        "elements": "dict",
        "options": {
            "key": {"description": "", "type": "str", "no_log": True},
            "at": {"description": "", "type": "str"},
        },
    },
}
SAFE = GateKind("safe", "", OPTIONS, lambda _options: "", lambda _options, _look: Observation(True, ""))


def safe(name: str = "a gate", **given: t.Any) -> Definition:
    return defined({"name": name, "safe": given}, {"safe": SAFE})


def test_a_definition_holds_what_the_user_wrote_and_the_defaults() -> None:
    definition = defined(TCP_GATE, {"tcp": TCP})
    assert (definition.name, definition.kind, definition.options["attempt_timeout"]) == ("it listens", TCP, 5)
    assert definition.timing == TCP.timing
    assert definition.expected == "a connection to primary.example.com port 443"


def test_i7_no_gates_are_no_proof() -> None:
    with pytest.raises(RefusedError, match="No gates are defined"):
        definitions_from([], {"tcp": TCP})


def test_two_gates_cannot_have_the_same_name() -> None:
    gate = validated(TCP_GATE, {"tcp": TCP})
    with pytest.raises(RefusedError, match="More than one gate is called 'it listens'"):
        definitions_from([gate, gate], {"tcp": TCP})


def test_a_gate_has_to_say_what_to_check() -> None:
    with pytest.raises(RefusedError, match="Gate 'it listens' does not say what to check. Give it one of: tcp."):
        defined({"name": "it listens"}, {"tcp": TCP})


@pytest.mark.parametrize("name", ["", " ", "two\nlines"])
def test_a_gate_needs_a_name_that_people_can_read(name: str) -> None:
    with pytest.raises(RefusedError, match="A gate is called"):
        defined({**TCP_GATE, "name": name}, {"tcp": TCP})


@pytest.mark.parametrize(
    ("timing", "words"),
    [
        ({"consecutive": 0}, "consecutive is 0"),
        ({"interval": 0}, "interval is 0"),
        ({"timeout": 0}, "timeout is 0"),
        ({"attempt_timeout": 0}, "attempt_timeout is 0"),
        ({"consecutive": 7, "interval": 5, "timeout": 30}, "7 probes, one every 5 s, take 30 s at least"),
    ],
)
def test_times_that_cannot_be_are_refused_with_the_name_of_the_gate(timing: dict[str, t.Any], words: str) -> None:
    with pytest.raises(RefusedError, match=f"Gate 'it listens': {words}"):
        defined({**TCP_GATE, "tcp": {**TCP_GATE["tcp"], **timing}}, {"tcp": TCP})


def test_what_a_kind_refuses_is_refused_with_the_name_of_the_gate() -> None:
    with pytest.raises(RefusedError, match="Gate 'it listens': port is 0"):
        defined({**TCP_GATE, "tcp": {"host": "primary.example.com", "port": 0}}, {"tcp": TCP})


def test_the_same_definition_has_the_same_digest() -> None:
    assert (
        safe(server="a", password="b", copies=[{"key": "c"}]).digest
        == safe(password="b", server="a", copies=[{"key": "c"}]).digest
    )


@pytest.mark.parametrize(
    "other",
    [
        {"server": "b"},
        {"server": "a", "password": "c"},
        {"server": "a", "account": {"name": "b"}},
        {"server": "a", "copies": [{"key": "b"}]},
        {"server": "a", "copies": [{"at": "b"}]},
        {"server": "a", "consecutive": 2},
        {"server": "a", "name": "another gate"},
    ],
)
def test_another_definition_has_another_digest(other: dict[str, t.Any]) -> None:
    assert safe(**other).digest != safe(server="a").digest


def test_a_secret_at_another_place_has_another_digest() -> None:
    assert safe(password="a").digest != safe(copies=[{"key": "a"}]).digest


def test_credentials_that_rotate_have_no_part_in_the_digest() -> None:
    today, tomorrow = {"name": "a", "session": "b"}, {"name": "a", "session": "c"}
    assert safe(account=today).digest == safe(account=tomorrow).digest


def test_i12_a_secret_goes_into_the_digest_only_through_something_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    slow: list[bytes] = []

    def derive(_algorithm: str, secret: bytes, _salt: bytes, rounds: int) -> bytes:
        assert rounds >= 100_000
        slow.append(secret)
        return b"always the same"

    monkeypatch.setattr("hashlib.pbkdf2_hmac", derive)
    # Were any secret to get into the digest past it, these would differ.
    assert safe(password="a", copies=[{"key": "b"}]).digest == safe(password="c", copies=[{"key": "d"}]).digest
    assert b"a" in slow[0]
