# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""When caches are back, and what is left to do while they are not."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._gates._infinispan import (
    CacheState,
    Returning,
    Sight,
    cache_state,
    judge,
    steps_left,
    unfinished,
    with_begun,
)

NAMES = ("sessions", "work")
ALL_WELL = Returning("HEALTHY", dict.fromkeys(NAMES, "online"))


def sight(returning: Returning | None = None, **changed: dict[str, t.Any]) -> Sight:
    """The backup site serves, and the primary site is to come back; everything is healthy but for what is changed."""
    states = {name: {"status": "online", "push": "OK", **changed.get(name, {})} for name in NAMES}
    return Sight("primary", "backup", [CacheState(name, **state) for name, state in states.items()], returning)


@pytest.mark.parametrize("returning", [None, ALL_WELL])
def test_all_caches_online_and_transferred_while_the_gate_waited_pass(returning: Returning | None) -> None:
    seen = judge(sight(returning), NAMES)
    assert (seen.passed, seen.observed) == (True, "the state of 2 caches was transferred to primary and is kept up")


def test_one_cache_is_reported_by_its_name() -> None:
    one = Sight("primary", "backup", [CacheState("work", "online", "OK")])
    assert "cache work was transferred" in judge(one, ["work"]).observed


def test_an_ok_of_an_unknown_time_fails() -> None:
    seen = judge(sight(), ["sessions"])
    assert (seen.passed, seen.observed) == (False, "work: state transferred, but it is unknown when")


@pytest.mark.parametrize(
    ("state", "reported"),
    [
        ({"status": "offline"}, "work: offline"),
        ({"status": "mixed"}, "work: mixed, which is not online"),
        ({"status": "unknown"}, "work: unknown, which is not online"),
        ({"push": None}, "work: state not transferred"),
        ({"push": "SENDING"}, "work: state being transferred"),
        ({"push": "ERROR"}, "work: transfer of state ERROR"),
        ({"push": "CANCELLING"}, "work: transfer of state CANCELLING"),
        ({"push": "unknown"}, "work: transfer of state unknown"),
    ],
)
def test_one_cache_that_is_not_back_fails_the_gate(state: dict[str, t.Any], reported: str) -> None:
    seen = judge(sight(work=state), NAMES)
    assert (seen.passed, seen.observed) == (False, reported)


def test_caches_in_the_same_trouble_are_reported_together() -> None:
    assert judge(sight(work={"status": "offline"}, sessions={"status": "offline"}), NAMES).observed == (
        "sessions, work: offline"
    )


@pytest.mark.parametrize(
    ("returning", "reported"),
    [
        (Returning("DEGRADED", ALL_WELL.statuses), "the cluster at primary is DEGRADED"),
        (Returning("HEALTHY", {"sessions": "online", "work": "mixed"}), "primary does not send work to backup"),
        (Returning("HEALTHY", {"sessions": "online"}), "primary does not send work to backup"),
    ],
    ids=["health", "mixed", "not backed up at all"],
)
def test_a_returning_cluster_that_is_not_ready_fails_the_gate(returning: Returning, reported: str) -> None:
    seen = judge(sight(returning), NAMES)
    assert (seen.passed, seen.observed) == (False, reported)


OFFLINE = "at primary: site status --all-caches --site=backup must say offline"
FULL = [
    "at primary, stop the application, so that nothing uses the caches there",
    "at primary: site take-offline --all-caches --site=backup",
    f"{OFFLINE}. While it says mixed, the next step would clear backup too",
    "at primary: clearcache sessions",
    "at primary: clearcache work",
    "at primary: site bring-online --all-caches --site=backup",
    "at backup: site clear-push-site-status --cache=sessions",
    "at backup: site clear-push-site-status --cache=work",
    "at backup: site push-site-state --all-caches --site=primary",
    "at backup: site push-site-status --cache=sessions, and of work, until each says OK",
]


@pytest.mark.parametrize("state", [{"push": None}, {"status": "offline"}, {"status": "mixed", "push": "SENDING"}])
def test_the_whole_sequence_is_left_where_nothing_is_known_to_be_new(state: dict[str, t.Any]) -> None:
    assert steps_left(sight(work=state, sessions=state), []) == FULL


def test_old_oks_need_the_whole_sequence_too() -> None:
    assert steps_left(sight(), []) == FULL


def test_a_site_that_is_known_to_be_offline_is_not_taken_offline_again_but_checked() -> None:
    offline = Returning("HEALTHY", dict.fromkeys(NAMES, "offline"))
    assert steps_left(sight(offline), []) == [step for step in FULL if "take-offline" not in step]


def test_a_site_that_is_mixed_is_not_taken_for_offline() -> None:
    mixed = Returning("HEALTHY", {"sessions": "offline", "work": "mixed"})
    assert steps_left(sight(mixed), []) == FULL


def test_only_the_caches_concerned_are_cleared_and_sent_again() -> None:
    steps = steps_left(sight(work={"status": "offline"}), NAMES)
    assert "at primary: clearcache work" in steps
    assert "at primary: clearcache sessions" not in steps
    assert "at backup: site push-site-state --cache=work --site=primary" in steps


def test_a_transfer_that_failed_is_begun_again_without_clearing_anything_there() -> None:
    assert steps_left(sight(work={"push": "ERROR"}), NAMES) == [
        "at backup: site clear-push-site-status --cache=work",
        "at backup: site push-site-state --cache=work --site=primary",
        "at backup: site push-site-status --cache=work, until each says OK",
    ]


def test_a_transfer_that_runs_is_waited_for() -> None:
    steps = steps_left(sight(work={"push": "SENDING"}), NAMES)
    assert steps == ["wait for the transfer of work, which is under way"]


def test_what_is_left_at_the_returning_site_comes_last() -> None:
    steps = steps_left(sight(Returning("DEGRADED", {"sessions": "online", "work": "offline"})), NAMES)
    assert steps == [
        "at primary: site bring-online --all-caches --site=backup",
        "wait until the cluster at primary is HEALTHY, or repair it",
    ]


def test_the_remedy_numbers_the_steps() -> None:
    remedy = judge(sight(work={"push": "ERROR"}), NAMES).remedy
    assert remedy.startswith("Left to do, in this order: (1) at backup: site clear-push-site-status --cache=work. (2) ")


def test_a_cache_is_read_from_what_the_api_says_of_it() -> None:
    backups = {"primary": {"status": "mixed", "online": ["a"], "offline": ["b"]}}
    assert cache_state("work", "primary", backups, {"primary": "OK"}) == CacheState("work", "mixed", "OK")
    assert cache_state("work", "primary", backups, {}) == CacheState("work", "mixed", None)
    assert cache_state("work", "primary", {"primary": "online"}, {}) == CacheState("work", "online", None)


@pytest.mark.parametrize("nodes", [{"online": ["a"], "offline": ["b"]}, {"mixed": ["a"]}])
def test_a_node_that_does_not_send_is_seen_behind_a_summary_that_says_online(nodes: dict[str, list[str]]) -> None:
    state = cache_state("work", "primary", {"primary": {"status": "online", **nodes}}, {"primary": "OK"})
    assert state == CacheState("work", "mixed", "OK")


def test_a_cache_that_only_the_returning_site_backs_up_fails_the_gate() -> None:
    seen = judge(sight(Returning("HEALTHY", {**ALL_WELL.statuses, "carts": "online"})), NAMES)
    assert (seen.passed, seen.observed) == (False, "backup does not send carts to primary")
    assert "at backup: add primary to the backups of carts" in seen.remedy


@pytest.mark.parametrize("backups", [{"elsewhere": {"status": "online"}}, {}])
def test_a_cache_that_is_not_backed_up_there_does_not_count(backups: dict[str, object]) -> None:
    assert cache_state("work", "primary", backups, {}) is None


def test_a_status_that_was_not_known_is_no_sign_that_it_was_cleared() -> None:
    state = cache_state("work", "primary", {"primary": {"status": "online"}}, {"ERROR": "node gone"})
    assert state == CacheState("work", "online", "unknown")
    assert unfinished([state]) == set()


@pytest.mark.parametrize("push", [None, "IDLE", "SENDING", "ERROR", "CANCELED", "CANCELLING"])
def test_an_ok_after_any_of_these_is_a_new_one(push: str | None) -> None:
    assert unfinished([CacheState("work", "online", push), CacheState("sessions", "online", "OK")]) == {"work"}


def test_transfers_that_have_begun_are_under_way() -> None:
    begun = with_begun(sight(work={"status": "offline", "push": None}), ["work"])
    assert judge(begun, NAMES).observed == "work: state being transferred"
