# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the gate ``postgresql`` makes of what servers report. How real ones report it is in tests/contract."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation
from ansible_collections.tidegate.failover.plugins.module_utils._gates._postgresql import (
    Receiver,
    Sender,
    Standby,
    Writer,
    by_both,
    by_standby,
    by_writer,
    no_standby,
    no_writer,
    record_end,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates.postgresql import KIND

from .gates import options_of

PAGE, SEGMENT = 8192, 1 << 20
WRITTEN = 5 * SEGMENT + 1000
#: The standby was idle for a day, and so was the writer.
SENDER = Sender("primary", "192.0.2.10", "slot_a", "streaming", False, WRITTEN, None, 900.0)
WRITER = Writer("db.example.com:5432", 77, 3, WRITTEN, 1_000_000.0, [SENDER])
RECEIVER = Receiver("streaming", 3, "db.example.com", 5432, WRITTEN, 999_999.0, 999_999.0, ["primary"])
STANDBY = Standby("old.example.com:5432", 77, WRITTEN, 913_600.0, False, 1_000_000.0, RECEIVER)


def limits(given: dict[str, t.Any]) -> dict[str, t.Any]:
    return given if "max_lag_seconds" in given else {"max_lag_bytes": 0, **given}


def named(**given: t.Any) -> dict[str, t.Any]:
    return options_of(KIND, **{"dsn": "host=db.example.com", "standby_name": "primary", **limits(given)})


def alone(**given: t.Any) -> dict[str, t.Any]:
    return options_of(
        KIND, **{"dsn": "host=old.example.com", "server": "standby", "writer_host": "db.example.com", **limits(given)}
    )


def at_writer(*senders: Sender, memory: dict[str, t.Any] | None = None, **given: t.Any) -> Observation:
    return by_writer(named(**given), replace(WRITER, senders=senders), {} if memory is None else memory)


def at_both(standby: Standby, *, after: Writer = WRITER, before: Writer = WRITER, **given: t.Any) -> Observation:
    return by_both(named(**given), before, standby, after, {})


def at_standby(standby: Standby, *, began: float = 999_990.0, **given: t.Any) -> Observation:
    return by_standby(alone(**given), standby, {"began": began})


def receiving(**columns: t.Any) -> Standby:
    return replace(STANDBY, receiver=replace(RECEIVER, **columns))


def behind(count: int) -> Sender:
    return replace(SENDER, replayed=WRITTEN - count)


# Nothing to replicate


@pytest.mark.parametrize("given", [{}, {"max_lag_seconds": 0}, {"max_lag_bytes": 0, "max_lag_seconds": 0}])
def test_nothing_to_replicate_passes_however_long_ago_the_last_write_was(given: dict[str, t.Any]) -> None:
    assert at_writer(SENDER, **given).passed
    assert at_both(STANDBY, **given).passed
    assert at_standby(STANDBY, **given).passed


def test_the_evidence_names_the_standby_that_was_seen_and_who_was_asked() -> None:
    seen = "'primary' from 192.0.2.10, slot 'slot_a', state streaming"
    fed = f"the writer db.example.com:5432, timeline 3, streams to {seen}"
    assert at_writer(SENDER).observed == f"replication lag 0 bytes: {fed}"
    assert at_both(STANDBY).observed == f"replication lag 0 bytes: replayed by old.example.com:5432; {fed}"
    chain = "old.example.com:5432 streams from the writer db.example.com:5432, timeline 3"
    assert at_standby(STANDBY).observed == f"replication lag 0 bytes: {chain}"


@pytest.mark.parametrize("header", [24, 40])
def test_the_header_of_a_page_without_records_is_nothing_to_replicate(header: int) -> None:
    beginning = 5 * SEGMENT + (PAGE if header == 24 else 0)
    assert record_end(beginning + header, PAGE, SEGMENT, 8) == beginning


@pytest.mark.parametrize(
    "position", [5 * SEGMENT, 5 * SEGMENT + 24, 5 * SEGMENT + 48, 5 * SEGMENT + PAGE + 40, 5 * SEGMENT + PAGE + 32]
)
def test_every_other_position_is_the_end_of_a_record(position: int) -> None:
    assert record_end(position, PAGE, SEGMENT, 8) == position


def test_headers_of_an_unknown_size_count_as_records() -> None:
    assert record_end(5 * SEGMENT + 40, PAGE, SEGMENT, 4) == 5 * SEGMENT + 40


# Which standby


def test_a_logical_subscriber_never_counts_whatever_its_name() -> None:
    seen = at_writer(replace(SENDER, logical=True))
    assert (seen.passed, "logical, state streaming" in seen.observed) == (False, True)


def test_a_subscriber_of_the_same_name_does_not_hide_the_standby() -> None:
    subscriber = replace(SENDER, logical=True)
    assert at_writer(subscriber, SENDER).passed
    assert not at_writer(subscriber, behind(8)).passed


def test_a_replica_of_another_name_proves_nothing() -> None:
    seen = at_writer(replace(SENDER, name="reports"))
    assert seen.observed == (
        "no standby 'primary' replicates; connected are: 'reports' from 192.0.2.10, slot 'slot_a', state streaming"
    )


def test_of_two_of_one_name_neither_counts() -> None:
    seen = at_writer(SENDER, replace(SENDER, address="198.51.100.7", slot=None))
    assert (seen.passed, "'primary' from 198.51.100.7, without a slot" in seen.observed) == (False, True)
    assert "client_addr or slot_name" in seen.remedy


def test_when_one_of_two_has_gone_the_other_does_not_count_either() -> None:
    memory: dict[str, t.Any] = {}
    local = replace(SENDER, address="198.51.100.7", slot=None)
    at_writer(SENDER, local, memory=memory)
    seen = at_writer(local, memory=memory)
    assert (seen.passed, "192.0.2.10 with slot_a, 198.51.100.7 with no slot" in seen.observed) == (False, True)


@pytest.mark.parametrize(
    "given",
    [{"client_addr": "192.0.2.10"}, {"client_addr": "192.0.2.0/24"}, {"slot_name": "slot_a"}],
)
def test_address_and_slot_tell_standbys_of_one_name_apart(given: dict[str, t.Any]) -> None:
    local = replace(SENDER, address="198.51.100.7", slot=None)
    assert at_writer(SENDER, local, **given).passed
    seen = at_writer(local, **given)
    assert (seen.passed, "connected are: 'primary' from 198.51.100.7" in seen.observed) == (False, True)


def test_what_connects_from_a_local_socket_has_no_address() -> None:
    assert not at_writer(replace(SENDER, address=None), client_addr="192.0.2.10").passed
    assert "from a local socket" in at_writer(replace(SENDER, address=None)).observed


def test_an_ipv6_address_is_compared_by_value_and_without_its_zone() -> None:
    linked = replace(SENDER, address="fe80::1%eth0")
    assert at_writer(linked, client_addr="fe80:0::1").passed


def test_nobody_that_replicates_fails() -> None:
    assert at_writer() == Observation(
        False,
        "no standby replicates from db.example.com:5432",
        "Bring it back as a standby of the serving site's server, with pg_rewind or pg_basebackup.",
    )


@pytest.mark.parametrize("state", ["catchup", "startup", "backup", "stopping"])
def test_a_standby_that_is_not_streaming_fails(state: str) -> None:
    seen = at_writer(replace(SENDER, state=state))
    assert (seen.passed, seen.observed.startswith("the standby is not streaming")) == (False, True)


def test_a_receiver_of_the_log_that_replays_nothing_fails() -> None:
    seen = at_writer(replace(SENDER, replayed=None))
    assert (seen.passed, "has not reported how far it has replayed" in seen.observed) == (False, True)


def test_what_the_user_may_not_see_fails_with_the_grant_that_is_missing() -> None:
    hidden = Sender("primary", None, None, None, False, None, None, None)
    nothing = Receiver(None, None, None, None, None, None, None, [])
    for seen in (
        at_writer(hidden),
        at_writer(replace(hidden, name=None)),
        at_both(replace(STANDBY, receiver=nothing)),
        at_standby(replace(STANDBY, receiver=nothing)),
    ):
        assert (seen.passed, "GRANT pg_monitor" in seen.remedy) == (False, True)


# How far behind


@pytest.mark.parametrize(("lag", "passed"), [(1000, True), (1001, False)])
def test_bytes_that_are_not_replayed_count_up_to_the_limit(lag: int, passed: bool) -> None:
    late = replace(STANDBY, replayed=WRITTEN - lag)
    for seen in (
        at_writer(behind(lag), max_lag_bytes=1000),
        at_both(late, max_lag_bytes=1000),
        at_standby(late, max_lag_bytes=1000),
    ):
        assert (seen.passed, seen.observed.startswith(f"replication lag {lag} bytes: ")) == (passed, True)
        assert seen.measured["lag_bytes"] == lag


def test_a_standby_that_misses_nothing_is_measured_to_be_there() -> None:
    assert at_both(STANDBY).measured == {"lag_bytes": 0, "lag_seconds": 0.0}


def test_a_lag_is_measured_also_in_the_unit_that_is_not_limited() -> None:
    late = replace(STANDBY, replayed=WRITTEN - 7, replayed_at=None)
    assert at_both(late, max_lag_bytes=7).measured == {"lag_bytes": 7}


@pytest.mark.parametrize(("replayed", "silent", "passed"), [(5.0, 0.1, True), (5.1, 0.1, False), (0.1, 9.0, False)])
def test_by_the_writer_a_standby_is_as_late_as_its_replay_or_its_silence(
    replayed: float, silent: float, passed: bool
) -> None:
    late = replace(behind(8), replay_seconds=replayed, silent_seconds=silent)
    assert at_writer(late, max_lag_seconds=5).passed is passed


def test_a_standby_whose_clock_is_ahead_has_no_known_lag_in_seconds() -> None:
    late = replace(behind(8), replay_seconds=0.1, silent_seconds=-30.0)
    seen = at_writer(late, max_lag_seconds=5)
    assert (seen.passed, "ahead of the writer's, by 30 s at least" in seen.observed) == (False, True)
    assert at_writer(late, max_lag_bytes=8).passed


@pytest.mark.parametrize(("committed", "passed"), [(999_995.0, True), (999_994.0, False)])
def test_asked_itself_it_is_as_late_as_the_last_transaction_it_replayed(committed: float, passed: bool) -> None:
    late = replace(STANDBY, replayed=WRITTEN - 8, replayed_at=committed)
    assert at_both(late, max_lag_seconds=5).passed is passed
    assert at_standby(late, max_lag_seconds=5).passed is passed


def test_clocks_that_differ_do_not_hide_a_lag_of_the_standby() -> None:
    early = replace(STANDBY, replayed=WRITTEN - 8, replayed_at=999_000.0, now=500_000.0)
    assert not at_both(early, max_lag_seconds=5).passed
    wrong = replace(early, receiver=replace(RECEIVER, received=499_999.0))
    assert "1000 s" in at_standby(wrong, began=400_000.0, max_lag_seconds=5).observed


def test_all_limits_have_to_be_kept() -> None:
    late = replace(behind(8), replay_seconds=1.0)
    seen = at_writer(late, max_lag_bytes=100, max_lag_seconds=0.5)
    assert (seen.passed, seen.observed.startswith("replication lag 8 bytes, 900 s: ")) == (False, True)


@pytest.mark.parametrize(
    "seen",
    [
        at_writer(behind(8), max_lag_seconds=5),
        at_both(replace(STANDBY, replayed=None)),
        at_both(replace(STANDBY, replayed=WRITTEN - 8, replayed_at=None), max_lag_seconds=5),
        at_standby(receiving(announced=None)),
        at_standby(replace(STANDBY, replayed=WRITTEN - 8, replayed_at=None), max_lag_seconds=5),
    ],
)
def test_a_lag_that_is_not_known_fails(seen: Observation) -> None:
    assert (seen.passed, "is not known yet" in seen.observed) == (False, True)


def test_a_standby_that_replayed_more_meanwhile_has_no_lag() -> None:
    assert at_writer(behind(-8)).observed.startswith("replication lag 0 bytes")
    assert at_writer(behind(-8), max_lag_seconds=0).passed
    ahead = replace(STANDBY, replayed=WRITTEN + 8)
    assert at_both(ahead, after=replace(WRITER, written=WRITTEN + 8)).observed.startswith("replication lag 0 bytes")


def test_paused_replay_is_named_where_it_holds_things_up() -> None:
    paused = replace(STANDBY, replayed=WRITTEN - 8, paused=True)
    for seen in (at_both(paused), at_standby(paused)):
        assert (seen.passed, "its replay is paused" in seen.observed) == (False, True)
        assert "pg_wal_replay_resume()" in seen.remedy
    assert at_both(replace(STANDBY, paused=True)).passed


# Both are asked


def test_what_the_writer_wrote_counts_and_not_what_a_cut_off_upstream_sent() -> None:
    cut_off = replace(STANDBY, replayed=WRITTEN - 5000, receiver=replace(RECEIVER, announced=WRITTEN - 5000))
    seen = at_both(cut_off)
    assert (seen.passed, seen.observed.startswith("replication lag 5000 bytes")) == (False, True)


def test_a_standby_that_has_caught_up_needs_the_writer_to_list_it_too() -> None:
    listing_nobody = replace(WRITER, senders=[])
    assert "no standby replicates" in at_both(STANDBY, before=listing_nobody).observed


@pytest.mark.parametrize(
    ("standby", "message"),
    [
        (replace(STANDBY, system=78), "their system identifiers differ"),
        (receiving(timeline=2), "is on timeline 2, and the writer on 3"),
        (replace(STANDBY, replayed=WRITTEN + 8), "has replayed 8 bytes that the writer never wrote"),
    ],
)
def test_a_standby_with_another_history_fails_however_far_it_is(standby: Standby, message: str) -> None:
    seen = at_both(standby, max_lag_bytes=1 << 40)
    assert (seen.passed, message in seen.observed) == (False, True)


@pytest.mark.parametrize("after", [replace(WRITER, system=78), replace(WRITER, timeline=4)])
def test_a_string_that_leads_to_two_writers_within_a_probe_fails(after: Writer) -> None:
    assert "led to different servers" in at_both(STANDBY, after=after).observed


# Only the standby is asked


@pytest.mark.parametrize("upstream", [{"host": "192.0.2.11"}, {"port": 5433}, {"host": None, "port": None}])
def test_an_upstream_that_is_not_the_writer_fails_though_nothing_seems_missing(upstream: dict[str, t.Any]) -> None:
    seen = at_standby(receiving(**upstream))
    assert (seen.passed, "not from db.example.com:5432" in seen.observed) == (False, True)


@pytest.mark.parametrize("agreed", [["any"], ["prefer-standby"], ["standby"], [], ["primary", "any"]])
def test_a_standby_that_would_also_follow_a_standby_proves_nothing(agreed: list[str]) -> None:
    seen = at_standby(receiving(session_attrs=agreed))
    assert (seen.passed, "is not proven to be the writer" in seen.observed) == (False, True)
    assert "target_session_attrs=primary" in seen.remedy


def test_before_postgresql_14_a_writer_is_known_by_taking_writes() -> None:
    assert at_standby(receiving(session_attrs=["read-write"])).passed


@pytest.mark.parametrize("silent", [{"received": 999_990.9}, {"sent": 999_990.9}, {"received": None}, {"sent": None}])
def test_a_message_that_was_sent_before_the_gate_began_proves_nothing(silent: dict[str, t.Any]) -> None:
    seen = at_standby(receiving(**silent))
    assert (seen.passed, "none since this gate began" in seen.observed) == (False, True)


def test_the_first_probe_at_a_standby_alone_never_passes() -> None:
    memory: dict[str, t.Any] = {}
    assert not by_standby(alone(), STANDBY, memory).passed
    later = replace(STANDBY, now=STANDBY.now + 5, receiver=replace(RECEIVER, sent=1_000_001.0, received=1_000_001.0))
    assert by_standby(alone(), later, memory).passed


# A server is not what it should be


def test_a_writer_that_should_be_a_standby_fails() -> None:
    seen = no_standby(WRITER)
    assert (seen.passed, "takes writes itself" in seen.observed) == (False, True)
    assert "what was written at the serving site would be lost" in seen.remedy


def test_a_standby_that_should_be_the_writer_fails_though_it_has_caught_up() -> None:
    assert not no_writer(STANDBY).passed


def test_a_standby_that_is_connected_to_nothing_fails() -> None:
    for seen in (at_both(replace(STANDBY, receiver=None)), at_standby(replace(STANDBY, receiver=None))):
        assert (seen.passed, "connected to no upstream" in seen.observed) == (False, True)


@pytest.mark.parametrize("status", ["stopped", "waiting", "stopping"])
def test_a_receiver_that_is_not_streaming_fails(status: str) -> None:
    for seen in (at_both(receiving(status=status)), at_standby(receiving(status=status))):
        assert (seen.passed, f"its receiver is {status}" in seen.observed) == (False, True)
