# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the gate ``postgresql`` makes of what servers say. How real ones say it is in tests/contract and on the lab."""

from __future__ import annotations

import sys
import typing as t

import psycopg
import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates import postgresql
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation
from ansible_collections.tidegate.failover.plugins.module_utils._gates.postgresql import KIND, on_standby, on_writer

from .gates import defined, options_of, seen_by

PASSWORD = "hunter2-of-no-real-database"
DSN = f"postgresql://monitor:{PASSWORD}@127.0.0.1:1/app"


def given(**options: t.Any) -> dict[str, t.Any]:
    limits = {} if "max_lag_seconds" in options else {"max_lag_bytes": 0}
    return options_of(KIND, **{"dsn": DSN, **limits, **options})


def sender(**columns: t.Any) -> dict[str, t.Any]:
    """A row of the writer's view, of a standby that has caught up on an idle writer."""
    idle = {"state": "streaming", "lag_bytes": 0, "replay_seconds": None, "silent_seconds": 900.0}
    return {"application_name": "primary", **idle, **columns}


def receiver(**columns: t.Any) -> dict[str, t.Any]:
    """The row of the standby's view, of one that has caught up with a writer that was idle for long."""
    return {"status": "streaming", "paused": False, "lag_bytes": 0, "replay_seconds": 86400.0, **columns}


@pytest.mark.parametrize("limits", [{}, {"max_lag_seconds": 0}, {"max_lag_bytes": 0, "max_lag_seconds": 0}])
def test_nothing_to_replicate_passes_however_long_ago_the_last_write_was(limits: dict[str, t.Any]) -> None:
    assert on_writer(given(**limits), [sender()]).passed
    assert on_standby(given(server="standby", **limits), [receiver()]).passed


def test_nothing_that_replicates_fails() -> None:
    assert on_writer(given(), []) == Observation(
        False,
        "no standby replicates from this server",
        "Bring it back as a standby of the serving site's server, with pg_rewind or pg_basebackup.",
    )
    seen = on_standby(given(server="standby"), [])
    assert (seen.passed, seen.observed) == (False, "the standby is not replicating: it is connected to no writer")


@pytest.mark.parametrize(("lag", "passed"), [(1000, True), (1001, False)])
def test_bytes_that_are_not_replayed_count_up_to_the_limit(lag: int, passed: bool) -> None:
    seen = on_writer(given(max_lag_bytes=1000), [sender(lag_bytes=lag)])
    assert (seen.passed, seen.observed) == (passed, f"{lag} bytes behind")
    assert on_standby(given(server="standby", max_lag_bytes=1000), [receiver(lag_bytes=lag)]).passed is passed


@pytest.mark.parametrize(("replayed", "silent", "passed"), [(5.0, 0.1, True), (5.1, 0.1, False), (0.1, 9.0, False)])
def test_on_the_writer_a_standby_is_as_late_as_its_replay_or_its_silence(
    replayed: float, silent: float, passed: bool
) -> None:
    row = sender(lag_bytes=8, replay_seconds=replayed, silent_seconds=silent)
    assert on_writer(given(max_lag_seconds=5), [row]).passed is passed


@pytest.mark.parametrize(("replayed", "passed"), [(5.0, True), (5.1, False)])
def test_on_the_standby_it_is_as_late_as_the_last_transaction_it_replayed(replayed: float, passed: bool) -> None:
    row = receiver(lag_bytes=8, replay_seconds=replayed)
    assert on_standby(given(server="standby", max_lag_seconds=5), [row]).passed is passed


def test_all_limits_have_to_be_kept() -> None:
    row = sender(lag_bytes=8, replay_seconds=1.0)
    seen = on_writer(given(max_lag_bytes=100, max_lag_seconds=0.5), [row])
    assert (seen.passed, seen.observed) == (False, "8 bytes, 900 s behind")


@pytest.mark.parametrize(
    ("limits", "row"),
    [
        ({"max_lag_seconds": 5}, sender(lag_bytes=8)),
        ({"max_lag_bytes": 5}, sender(lag_bytes=None)),
    ],
)
def test_a_lag_that_cannot_be_told_fails(limits: dict[str, t.Any], row: dict[str, t.Any]) -> None:
    seen = on_writer(given(standby_name="primary", **limits), [row])
    assert (seen.passed, "cannot be told yet" in seen.observed) == (False, True)


def test_a_negative_difference_is_told_as_nothing_behind() -> None:
    assert on_writer(given(), [sender(lag_bytes=-8)]).observed == "0 bytes behind"


@pytest.mark.parametrize("state", ["catchup", "startup", "stopping"])
def test_a_standby_that_is_not_streaming_fails(state: str) -> None:
    assert on_writer(given(), [sender(state=state)]).observed == f"the standby is in state {state}"


@pytest.mark.parametrize("status", ["stopped", "waiting", "stopping"])
def test_a_receiver_that_is_not_streaming_fails(status: str) -> None:
    seen = on_standby(given(server="standby"), [receiver(status=status)])
    assert (seen.passed, seen.observed) == (False, f"the standby is not replicating: its receiver is {status}")


def test_what_the_user_may_not_see_fails_with_the_grant_that_is_missing() -> None:
    hidden = dict.fromkeys(sender())
    for seen in (
        on_writer(given(), [{**hidden, "application_name": "primary"}]),
        on_writer(given(standby_name="primary"), [hidden]),
        on_standby(given(server="standby"), [dict.fromkeys(receiver())]),
    ):
        assert (seen.passed, "GRANT pg_monitor" in seen.remedy) == (False, True)


def test_paused_replay_is_named_where_it_holds_things_up() -> None:
    seen = on_standby(given(server="standby"), [receiver(lag_bytes=8, paused=True)])
    assert seen.observed == "8 bytes behind, and replay is paused"
    assert "pg_wal_replay_resume()" in seen.remedy


def test_a_writer_that_should_be_a_standby_fails_whoever_follows_it() -> None:
    seen = on_writer(given(server="standby"), [sender()])
    assert (seen.passed, "takes writes itself" in seen.observed) == (False, True)
    assert "would lose what was written at the serving site" in seen.remedy


def test_a_standby_that_should_be_the_writer_fails_though_it_has_caught_up() -> None:
    assert not on_standby(given(), [receiver()]).passed


def test_of_several_standbys_the_one_that_matters_has_to_be_named() -> None:
    rows = [sender(), sender(application_name="reports", lag_bytes=8)]
    seen = on_writer(given(), rows)
    assert (seen.passed, "'primary', 'reports'" in seen.observed) == (False, True)
    assert on_writer(given(standby_name="primary"), rows).passed
    assert not on_writer(given(standby_name="reports"), rows).passed


def test_a_named_standby_that_is_not_there_fails_and_shows_who_is() -> None:
    seen = on_writer(given(standby_name="primary"), [sender(application_name="reports")])
    assert seen.observed == "no standby 'primary' replicates; connected are 'reports'"


def test_backups_that_run_are_no_standbys() -> None:
    backup = sender(application_name="pg_basebackup", lag_bytes=None)
    assert on_writer(given(), [sender(), backup]).passed
    assert not on_writer(given(), [backup]).passed


def test_a_server_that_does_not_answer_fails_with_what_libpq_says_and_without_the_password() -> None:
    seen = seen_by(KIND, dsn=DSN, max_lag_bytes=0)
    assert not seen.passed
    assert "127.0.0.1" in seen.observed
    assert "refused" in seen.observed
    assert "\n" not in seen.observed


def test_a_password_in_what_libpq_says_is_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> t.NoReturn:
        raise psycopg.OperationalError(f"cannot use {PASSWORD}\n")

    monkeypatch.setattr(postgresql, "_ask", refuse)
    assert seen_by(KIND, dsn=DSN, max_lag_bytes=0).observed == "no answer: cannot use ********"


def test_a_string_that_is_no_dsn_ends_the_gate_and_is_not_shown() -> None:
    seen = seen_by(KIND, dsn=f"postgresql//monitor:{PASSWORD}@db", max_lag_bytes=0)
    assert (seen.passed, seen.final, seen.observed) == (False, True, "dsn is no connection string")


def test_without_psycopg_the_gate_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    seen = seen_by(KIND, dsn=DSN, max_lag_bytes=0)
    assert (seen.passed, seen.final, "pip install psycopg" in seen.remedy) == (False, True, True)


def test_a_person_is_told_what_is_expected() -> None:
    assert KIND.expected(given()) == "the standby replicating, at most 0 bytes behind"
    named = given(standby_name="primary", max_lag_bytes=10, max_lag_seconds=1.5)
    assert KIND.expected(named) == "standby 'primary' replicating, at most 10 bytes and 1.5 s behind"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_lag_bytes": -1}, "max_lag_bytes is -1"),
        ({"max_lag_seconds": -0.5}, "max_lag_seconds is -0.5"),
        ({"max_lag_bytes": 0, "server": "standby", "standby_name": "primary"}, "server is standby"),
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        defined({"name": "database", "postgresql": {"dsn": DSN, **options}}, {"postgresql": KIND})
