# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""How a health check is locked from its present state, and how it is unlocked."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.decision import (
    LockDecision,
    decide_lock,
    decide_unlock,
    question_for,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import (
    Change,
    HealthCheck,
    after_change,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import recovery_tags
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH, pinned_path
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import (
    BY_SETTINGS,
    Answer,
    Fence,
    fence_by,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import UnlockRequest
from hypothesis import given
from hypothesis import strategies as st

from . import health_checks as of

HOLDS, OPEN, DEAD = fence_by(Answer(404)), fence_by(Answer(200)), fence_by(Answer(None, detail="refused"))
PATHS = st.none() | st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=60).map("/{}".format)
WITHOUT_PATH = ["TCP", "CALCULATED", "CLOUDWATCH_METRIC"]
CONTROL = "arn:aws:route53-recovery-control::123456789012:controlpanel/a1/routingcontrol/b2"
#: One is longer than the pinned path has room for, the other takes three characters there for each of its signs.
LONG = ["/" + "a" * 200, "/" + "%2F" * 40]


def unlock(
    found: HealthCheck,
    request: UnlockRequest | None = None,
    tags: dict[str, str] | None = None,
    found_first: str | None = None,
) -> Change | None:
    """The change that releases a lock."""
    return decide_unlock(found, request or of.unlock_request(), tags=tags, found_first=found_first, moment=of.MOMENT)


# Locking.


def test_a_path_that_the_endpoint_does_not_have_is_all_that_a_lock_takes() -> None:
    assert decide_lock(of.health_check(), of.lock_request(), HOLDS) == LockDecision(Change(path=of.PINNED), HOLDS)


@pytest.mark.parametrize("seen", [OPEN, DEAD])
def test_i5_auto_disables_and_inverts_in_the_same_call_where_a_path_is_not_proven_to_hold(seen: Fence) -> None:
    decision = decide_lock(of.health_check(), of.lock_request(), seen)
    assert decision == LockDecision(Change(path=of.PINNED, switches=True), BY_SETTINGS)


def test_invert_disables_and_inverts_and_the_path_still_carries_the_lock() -> None:
    request = of.lock_request("invert")
    assert question_for(of.health_check(), request) is None
    assert decide_lock(of.health_check(), request, None).change == Change(path=of.PINNED, switches=True)


@pytest.mark.parametrize("method", ["auto", "invert"])
@pytest.mark.parametrize("kind", WITHOUT_PATH)
def test_a_type_without_a_path_is_disabled_and_inverted(kind: str, method: str) -> None:
    found = of.health_check(None, Type=kind)
    assert question_for(found, of.lock_request(method)) is None
    assert decide_lock(found, of.lock_request(method), None) == LockDecision(Change(switches=True), BY_SETTINGS)


def test_path_pins_without_proof_and_says_so() -> None:
    decision = decide_lock(of.health_check(), of.lock_request("path"), DEAD)
    assert decision == LockDecision(Change(path=of.PINNED), DEAD)


def test_path_is_refused_where_the_endpoint_would_be_healthy_all_the_same() -> None:
    with pytest.raises(RefusedError, match="answers the pinned path with 200.*would lock nothing. Use method: auto"):
        decide_lock(of.health_check(), of.lock_request("path"), OPEN)


@pytest.mark.parametrize("kind", WITHOUT_PATH)
@pytest.mark.parametrize("settings", [{}, {"Disabled": True, "Inverted": True}])
def test_path_is_refused_where_there_is_none(kind: str, settings: dict[str, bool]) -> None:
    with pytest.raises(RefusedError, match=f"type {kind}, which has no path to pin"):
        decide_lock(of.health_check(None, Type=kind, **settings), of.lock_request("path"), None)


@pytest.mark.parametrize("settings", [{"Disabled": True}, {"Inverted": True}])
@pytest.mark.parametrize("path", ["/lb-check", of.PINNED, DEFAULT_LOCK_PATH])
@pytest.mark.parametrize("method", ["auto", "path", "invert"])
def test_only_disabled_or_only_inverted_is_refused(path: str, settings: dict[str, bool], method: str) -> None:
    found = of.health_check(path, **settings)
    with pytest.raises(RefusedError, match="always unhealthy"):
        decide_lock(found, of.lock_request(method), HOLDS)
    with pytest.raises(RefusedError, match="always unhealthy"):
        unlock(found)


@pytest.mark.parametrize("method", ["auto", "path", "invert"])
@pytest.mark.parametrize("settings", [{}, {"Inverted": True}, {"Disabled": True, "Inverted": True}])
def test_what_a_routing_control_switches_is_refused_with_the_way_to_switch_it(
    method: str, settings: dict[str, bool]
) -> None:
    found = of.health_check(None, Type="RECOVERY_CONTROL", RoutingControlArn=CONTROL, **settings)
    with pytest.raises(RefusedError, match=f"{CONTROL} switches it.*routing_control_lock"):
        decide_lock(found, of.lock_request(method), None)


@pytest.mark.parametrize("settings", [{}, {"Inverted": True}, {"Disabled": True, "Inverted": True}])
def test_what_a_routing_control_switches_is_never_locked_and_so_nothing_opens_it(settings: dict[str, bool]) -> None:
    assert unlock(of.health_check(None, Type="RECOVERY_CONTROL", **settings)) is None


@pytest.mark.parametrize("path", LONG)
def test_a_path_that_does_not_fit_is_refused_where_it_alone_is_to_lock(path: str) -> None:
    with pytest.raises(RefusedError, match="allows 255.*method: auto or invert"):
        decide_lock(of.health_check(path), of.lock_request("path"), HOLDS)


@pytest.mark.parametrize("path", LONG)
@pytest.mark.parametrize("method", ["auto", "invert"])
def test_a_path_that_does_not_fit_stays_and_the_health_check_is_disabled_and_inverted(path: str, method: str) -> None:
    found, request = of.health_check(path), of.lock_request(method)
    assert question_for(found, request) is None
    assert decide_lock(found, request, None) == LockDecision(Change(switches=True), BY_SETTINGS)


@pytest.mark.parametrize("path", LONG)
def test_i1_a_lock_that_left_the_path_alone_is_opened_exactly_and_by_its_version(path: str) -> None:
    found = of.health_check(path)
    closed = after_change(found, Change(switches=True))
    opened = unlock(closed, of.unlock_request(f"{of.CHECK_ID}@{closed.version}"))
    assert opened == Change(switches=False)
    assert after_change(closed, opened).config == found.config


@pytest.mark.parametrize("path", LONG)
def test_i3_a_lock_that_left_the_path_alone_is_a_lock_already(path: str) -> None:
    again = of.lock_request(lock_id=of.NEWER_LOCK_ID)
    assert decide_lock(of.always_unhealthy(path), again, None) == LockDecision(None, BY_SETTINGS)


def test_a_path_that_is_pinned_already_need_not_fit_again() -> None:
    found = of.health_check(pinned_path(DEFAULT_LOCK_PATH, "/" + "a" * 190, of.LOCK_ID))
    longer = of.lock_request(lock_path="/lb-check-failed-over-by-us", lock_id=of.NEWER_LOCK_ID)
    assert decide_lock(found, longer, HOLDS).change is None


@pytest.mark.parametrize("found", [of.health_check(of.PINNED), of.health_check(DEFAULT_LOCK_PATH)])
@pytest.mark.parametrize("seen", [HOLDS, DEAD])
@pytest.mark.parametrize("method", ["auto", "path"])
def test_i3_a_lock_that_is_there_stays_as_it_is(found: HealthCheck, seen: Fence, method: str) -> None:
    again = of.lock_request(method, lock_id=of.NEWER_LOCK_ID)
    assert decide_lock(found, again, seen) == LockDecision(None, seen)


@pytest.mark.parametrize(
    "found", [of.always_unhealthy(of.PINNED), of.always_unhealthy(), of.always_unhealthy(None, Type="TCP")]
)
@pytest.mark.parametrize("method", ["auto", "invert"])
def test_i3_what_is_disabled_and_inverted_is_locked_and_nobody_is_asked(found: HealthCheck, method: str) -> None:
    assert question_for(found, of.lock_request(method)) is None
    assert decide_lock(found, of.lock_request(method), None) == LockDecision(None, BY_SETTINGS)


@pytest.mark.parametrize("path", [of.PINNED, DEFAULT_LOCK_PATH])
def test_i5_a_pinned_path_that_no_longer_holds_is_disabled_and_inverted_and_kept(path: str) -> None:
    decision = decide_lock(of.health_check(path), of.lock_request(lock_id=of.NEWER_LOCK_ID), OPEN)
    assert decision == LockDecision(Change(switches=True), BY_SETTINGS)


def test_invert_strengthens_a_lock_that_only_pins() -> None:
    decision = decide_lock(of.health_check(of.PINNED), of.lock_request("invert"), None)
    assert decision.change == Change(switches=True)


def test_the_endpoint_is_asked_for_the_path_that_will_be_pinned() -> None:
    question = question_for(of.health_check(), of.lock_request())
    assert question is not None
    assert question.path == of.PINNED


@pytest.mark.parametrize("path", [of.PINNED, DEFAULT_LOCK_PATH])
def test_the_endpoint_is_asked_for_the_path_that_is_pinned(path: str) -> None:
    question = question_for(of.health_check(path), of.lock_request(lock_id=of.NEWER_LOCK_ID))
    assert question is not None
    assert question.path == path


# Unlocking.


def test_unlocking_restores_the_path_that_the_lock_carries() -> None:
    assert unlock(of.health_check(of.PINNED)) == Change(path="/lb-check")


def test_unlocking_restores_that_there_was_no_path() -> None:
    found = of.health_check(pinned_path(DEFAULT_LOCK_PATH, None, of.LOCK_ID))
    assert unlock(found) == Change(path="")


def test_unlocking_takes_back_all_that_the_lock_changed_at_once() -> None:
    assert unlock(of.always_unhealthy(of.PINNED)) == Change(path="/lb-check", switches=False)


@pytest.mark.parametrize("found", [of.always_unhealthy(), of.always_unhealthy(None, Type="TCP")])
def test_unlocking_leaves_a_path_unchanged_that_was_not_pinned(found: HealthCheck) -> None:
    assert unlock(found) == Change(switches=False)


def test_i3_unlocking_what_is_not_locked_is_nothing_to_do_and_takes_no_evidence() -> None:
    assert unlock(of.health_check(), of.unlock_request(of.LOCK_ID, permission=of.proven(of.evidence()))) is None


@given(path=PATHS, holds=st.booleans(), method=st.sampled_from(["auto", "invert"]))
def test_i1_after_locking_and_unlocking_everything_is_as_before(path: str | None, holds: bool, method: str) -> None:
    found = of.health_check(path, Regions=["eu-west-1"], SearchString="UP")
    locked = decide_lock(found, of.lock_request(method), HOLDS if holds and method == "auto" else None)
    assert locked.change is not None
    closed = after_change(found, locked.change)
    lock = read_lock(closed, DEFAULT_LOCK_PATH)
    assert lock is not None
    opened = unlock(closed)
    assert opened is not None
    assert after_change(closed, opened).config == found.config


def test_i6_a_lock_stays_closed_without_evidence_for_it() -> None:
    foreign = of.proven(of.evidence(of.result(), lock_ids=[of.NEWER_LOCK_ID]))
    with pytest.raises(RefusedError, match=f"{of.NEWER_LOCK_ID}, not for this one"):
        unlock(of.health_check(of.PINNED), of.unlock_request(permission=foreign))


def test_evidence_for_the_lock_opens_it() -> None:
    assert unlock(of.health_check(of.PINNED), of.unlock_request(permission=of.proven())) == Change(path="/lb-check")


@pytest.mark.parametrize(("asked", "found_first"), [(of.LOCK_ID, None), (None, of.LOCK_ID), (of.LOCK_ID, of.LOCK_ID)])
def test_i5_a_newer_lock_is_never_opened_by_an_older_unlock(asked: str | None, found_first: str | None) -> None:
    newer = of.health_check(pinned_path(DEFAULT_LOCK_PATH, "/lb-check", of.NEWER_LOCK_ID))
    with pytest.raises(RefusedError, match=f"The lock is {of.NEWER_LOCK_ID}, and the lock to release is {of.LOCK_ID}"):
        unlock(newer, of.unlock_request(asked), found_first=found_first)


@pytest.mark.parametrize(
    ("asked", "found_first"), [(of.NEWER_LOCK_ID, None), (None, of.NEWER_LOCK_ID), (of.NEWER_LOCK_ID, of.LOCK_ID)]
)
def test_i5_an_older_lock_is_never_opened_by_a_newer_unlock(asked: str | None, found_first: str | None) -> None:
    older = of.health_check(of.PINNED)
    with pytest.raises(RefusedError, match=f"The lock is {of.LOCK_ID}, and the lock to release is {of.NEWER_LOCK_ID}"):
        unlock(older, of.unlock_request(asked), found_first=found_first)


def test_i5_a_lock_without_an_id_of_its_own_is_another_one_after_any_change() -> None:
    with pytest.raises(RefusedError, match=f"The lock is {of.CHECK_ID}@8, and the lock to release is {of.CHECK_ID}@7"):
        unlock(of.always_unhealthy(None, Type="TCP", version=8), of.unlock_request(f"{of.CHECK_ID}@7"))


def test_i6_evidence_for_a_version_does_not_open_a_later_one() -> None:
    permission = of.proven(of.evidence(of.result(), lock_ids=[f"{of.CHECK_ID}@7"]))
    found = [of.always_unhealthy(None, Type="TCP", version=version) for version in (7, 8)]
    assert unlock(found[0], of.unlock_request(permission=permission)) == Change(switches=False)
    with pytest.raises(RefusedError, match="not for this one"):
        unlock(found[1], of.unlock_request(permission=permission))


# The path to restore where the lock does not carry it.

BARE = of.health_check(DEFAULT_LOCK_PATH)


@pytest.mark.parametrize(("given_path", "restored"), [("/lb-check", "/lb-check"), ("", "")])
def test_a_bare_pinned_path_is_opened_with_the_path_that_is_given(given_path: str, restored: str) -> None:
    assert unlock(BARE, of.unlock_request(restore_path=given_path)) == Change(path=restored)


@pytest.mark.parametrize(("copied", "restored"), [("/lb-check", "/lb-check"), (None, "")])
def test_a_bare_pinned_path_is_opened_with_the_copy_from_the_version_before(copied: str | None, restored: str) -> None:
    assert unlock(BARE, tags=recovery_tags(of.LOCK_ID, copied, BARE.version - 1)) == Change(path=restored)


def test_copies_that_older_locks_left_do_not_speak_against_the_one_from_the_version_before() -> None:
    tags = recovery_tags(of.LOCK_ID, "/old", 3) | recovery_tags(of.NEWER_LOCK_ID, "/new", BARE.version - 1)
    assert unlock(BARE, tags=tags) == Change(path="/new")


@pytest.mark.parametrize("version", [BARE.version - 2, BARE.version, BARE.version + 1])
def test_i1_a_copy_counts_only_if_exactly_one_change_came_after_it(version: int) -> None:
    with pytest.raises(
        RefusedError, match=rf"'/old' \(lock {of.LOCK_ID}, on at version {version}\). Give restore_path"
    ):
        unlock(BARE, tags=recovery_tags(of.LOCK_ID, "/old", version))


@pytest.mark.parametrize("tags", [None, {"Name": "checkout"}])
def test_i7_a_path_that_nobody_knows_is_not_guessed(tags: dict[str, str] | None) -> None:
    with pytest.raises(RefusedError, match="no copy of it is in its tags. Give restore_path"):
        unlock(BARE, tags=tags)


def test_a_path_that_is_given_wins_over_copies() -> None:
    tags = recovery_tags(of.LOCK_ID, "/old", BARE.version - 1)
    assert unlock(BARE, of.unlock_request(restore_path="/new"), tags) == Change(path="/new")


@pytest.mark.parametrize("given_path", ["/another", ""])
def test_i1_a_path_that_contradicts_the_lock_is_refused(given_path: str) -> None:
    with pytest.raises(RefusedError, match="the lock records that the path was '/lb-check'"):
        unlock(of.health_check(of.PINNED), of.unlock_request(restore_path=given_path))


def test_a_path_that_agrees_with_the_lock_is_fine() -> None:
    assert unlock(of.health_check(of.PINNED), of.unlock_request(restore_path="/lb-check")) == Change(path="/lb-check")
