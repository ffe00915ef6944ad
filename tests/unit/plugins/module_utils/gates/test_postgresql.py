# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The options of the gate ``postgresql``, the servers that it queries, and its report without an answer."""

from __future__ import annotations

import sys
import typing as t
from collections.abc import Callable

import psycopg
import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates import postgresql
from ansible_collections.tidegate.failover.plugins.module_utils._gates.postgresql import KIND

from .gates import defined, options_of, seen_by
from .test_postgresql_decision import RECEIVER, STANDBY, WRITER

PASSWORD = "hunter2-of-no-real-database"
DSN = f"postgresql://monitor:{PASSWORD}@127.0.0.1:1/app"
STANDBY_DSN = f"postgresql://monitor:{PASSWORD}@127.0.0.1:2/app"
NAMED = {"dsn": DSN, "standby_name": "primary", "max_lag_bytes": 0}
ALONE = {"dsn": DSN, "server": "standby", "writer_host": "db.example.com", "max_lag_bytes": 0}
BOTH = {**NAMED, "standby_dsn": STANDBY_DSN}


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Lets servers answer one after the other, and gives the list of those that were asked."""

    def script(*answers: t.Any) -> list[str]:
        left, asked = list(answers), []

        def ask(dsn: str, _limit: float) -> t.Any:
            asked.append(dsn)
            said = left.pop(0)
            if isinstance(said, Exception):
                raise said
            return said

        monkeypatch.setattr(postgresql, "ask", ask)
        return asked

    return script


def test_the_writer_is_asked_before_the_standby_and_after_it(answer: Callable[..., list[str]]) -> None:
    asked = answer(WRITER, STANDBY, WRITER)
    assert seen_by(KIND, **BOTH).passed
    assert asked == [DSN, STANDBY_DSN, DSN]


@pytest.mark.parametrize(
    ("options", "answers"),
    [
        (NAMED, [STANDBY]),
        (ALONE, [WRITER]),
        (BOTH, [STANDBY]),
        (BOTH, [WRITER, WRITER]),
        (BOTH, [WRITER, STANDBY, STANDBY]),
    ],
)
def test_a_server_of_the_other_kind_fails(
    answer: Callable[..., list[str]], options: dict[str, t.Any], answers: list[t.Any]
) -> None:
    asked = answer(*answers)
    assert not seen_by(KIND, **options).passed
    assert len(asked) == len(answers)


def test_a_standby_that_does_not_answer_itself_fails_though_the_writer_lists_it(
    answer: Callable[..., list[str]],
) -> None:
    answer(WRITER, psycopg.OperationalError("connection refused"))
    seen = seen_by(KIND, **BOTH)
    assert (seen.passed, seen.observed) == (False, "no answer from the server of standby_dsn: connection refused")


def test_probes_of_a_standby_alone_share_the_memory_of_the_gate(answer: Callable[..., list[str]]) -> None:
    assert RECEIVER.sent is not None
    answer(STANDBY)
    seen = seen_by(KIND, **ALONE)
    assert (seen.passed, "none since this gate began" in seen.observed) == (False, True)


def test_a_server_that_does_not_answer_fails_with_what_libpq_says_and_without_the_password() -> None:
    seen = seen_by(KIND, **NAMED)
    assert not seen.passed
    assert "127.0.0.1" in seen.observed
    assert "refused" in seen.observed
    assert "\n" not in seen.observed


def test_passwords_in_what_libpq_says_are_taken_out(answer: Callable[..., list[str]]) -> None:
    answer(psycopg.OperationalError(f"cannot use {PASSWORD}\n with key-of-nobody."))
    seen = seen_by(KIND, **{**NAMED, "dsn": f"{DSN}?sslpassword=key-of-nobody"})
    assert seen.observed == "no answer from the server of dsn: cannot use ******** with ********"


def test_a_function_that_the_user_may_not_call_is_named_with_the_grant(answer: Callable[..., list[str]]) -> None:
    answer(psycopg.errors.InsufficientPrivilege("permission denied for function pg_control_system"))
    seen = seen_by(KIND, **NAMED)
    assert "pg_control_system" in seen.observed
    assert "EXECUTE" in seen.remedy


@pytest.mark.parametrize("option", ["dsn", "standby_dsn"])
def test_a_string_that_is_no_dsn_ends_the_gate_and_is_not_shown(answer: Callable[..., list[str]], option: str) -> None:
    answer(WRITER)
    seen = seen_by(KIND, **{**BOTH, option: f"postgresql//monitor:{PASSWORD}@db"})
    assert (seen.passed, seen.final, seen.observed) == (False, True, f"{option} is no connection string")


def test_without_psycopg_the_gate_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    seen = seen_by(KIND, **NAMED)
    assert (seen.passed, seen.final, "pip install psycopg" in seen.remedy) == (False, True, True)


@pytest.mark.parametrize(
    ("options", "who"),
    [
        (NAMED, "standby 'primary' streaming"),
        ({**BOTH, "client_addr": "192.0.2.10"}, "standby 'primary' from 192.0.2.10, asked itself, streaming"),
        ({**NAMED, "slot_name": "slot_a"}, "standby 'primary' with slot 'slot_a' streaming"),
        (ALONE, "a standby that streams from the writer db.example.com:5432"),
        ({**ALONE, "writer_port": 5433}, "a standby that streams from the writer db.example.com:5433"),
    ],
)
def test_the_expectation_is_reported(options: dict[str, t.Any], who: str) -> None:
    given = options_of(KIND, **{**options, "max_lag_bytes": 10, "max_lag_seconds": 1.5})
    assert KIND.expected(given) == f"{who}, replication lag at most 10 bytes and 1.5 s"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({**NAMED, "max_lag_bytes": -1}, "max_lag_bytes is -1"),
        ({**NAMED, "max_lag_seconds": "inf"}, "max_lag_seconds is inf"),
        ({**NAMED, "max_lag_seconds": -0.5}, "max_lag_seconds is -0.5"),
        ({**ALONE, "standby_name": "primary"}, "standby_name cannot be used with server=standby"),
        ({**ALONE, "standby_dsn": DSN}, "standby_dsn cannot be used with server=standby"),
        ({**NAMED, "writer_host": "db.example.com"}, "writer_host cannot be used with server=writer"),
        ({**NAMED, "client_addr": "db.example.com"}, "client_addr is no address and no network"),
        ({**NAMED, "client_addr": "192.0.2.10/24"}, "client_addr is no address and no network"),
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        defined({"name": "database", "postgresql": options}, {"postgresql": KIND})


@pytest.mark.parametrize("name", [None, ""])
def test_a_writer_without_a_named_standby_is_refused_and_the_message_says_how_to_find_it(name: str | None) -> None:
    with pytest.raises(RefusedError, match=r"standby_name is missing.*application_name, client_addr, slot_name.*FROM"):
        defined({"name": "database", "postgresql": {**NAMED, "standby_name": name}}, {"postgresql": KIND})


def test_a_standby_alone_is_refused_without_the_address_of_the_writer() -> None:
    with pytest.raises(RefusedError, match="writer_host is missing"):
        defined({"name": "database", "postgresql": {**ALONE, "writer_host": None}}, {"postgresql": KIND})


@pytest.mark.parametrize(
    "other",
    [{"standby_name": "reports"}, {"client_addr": "192.0.2.10"}, {"slot_name": "a"}, {"standby_dsn": STANDBY_DSN}],
)
def test_evidence_about_one_standby_is_none_about_another(other: dict[str, t.Any]) -> None:
    first = defined({"name": "database", "postgresql": NAMED}, {"postgresql": KIND})
    second = defined({"name": "database", "postgresql": {**NAMED, **other}}, {"postgresql": KIND})
    assert first.digest != second.digest
