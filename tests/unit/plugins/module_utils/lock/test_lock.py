# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which lock is on a health check, and who placed it."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import Lock, check_switches, read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import people_tags
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH, pinned_path

from . import health_checks as of

BY_VERSION = f"{of.CHECK_ID}@7"


def test_a_health_check_as_it_should_be_has_no_lock() -> None:
    assert read_lock(of.health_check(), DEFAULT_LOCK_PATH) is None


def test_a_pinned_path_reports_the_whole_lock_but_for_what_only_people_read() -> None:
    assert read_lock(of.health_check(of.PINNED), DEFAULT_LOCK_PATH) == Lock(
        of.LOCK_ID, "path", "tidegate", True, "/lb-check", "2026-11-21T03:04:05Z"
    )


def test_owner_and_reason_come_from_the_tags_of_that_very_lock() -> None:
    tags = people_tags(of.LOCK_ID, "operator:alice", "CHG-1") | people_tags(of.NEWER_LOCK_ID, "bob", "CHG-2")
    lock = read_lock(of.health_check(of.PINNED), DEFAULT_LOCK_PATH, tags)
    assert lock is not None
    assert (lock.owner, lock.reason) == ("operator:alice", "CHG-1")


def test_a_pinned_path_that_is_disabled_and_inverted_as_well_keeps_its_id() -> None:
    lock = read_lock(of.always_unhealthy(of.PINNED), DEFAULT_LOCK_PATH)
    assert lock is not None
    assert (lock.id, lock.method) == (of.LOCK_ID, "invert")


def test_a_bare_pinned_path_is_a_lock_that_any_change_makes_another() -> None:
    found = [read_lock(of.health_check(DEFAULT_LOCK_PATH, version=version), DEFAULT_LOCK_PATH) for version in (7, 8)]
    assert found[0] == Lock(BY_VERSION, "path", "foreign", False)
    assert found[1] is not None
    assert found[1].id != BY_VERSION


def test_a_bare_path_of_ones_own_is_recognised_as_the_default_one_is() -> None:
    assert read_lock(of.health_check("/closed"), DEFAULT_LOCK_PATH) is None
    assert read_lock(of.health_check("/closed"), "/closed") == Lock(BY_VERSION, "path", "foreign", False)
    assert read_lock(of.health_check(DEFAULT_LOCK_PATH), "/closed") == Lock(BY_VERSION, "path", "foreign", False)


def test_disabled_and_inverted_without_a_pinned_path_was_somebodys_hand_where_a_path_could_be_pinned() -> None:
    assert read_lock(of.always_unhealthy(), DEFAULT_LOCK_PATH) == Lock(BY_VERSION, "invert", "hand", True, "/lb-check")


@pytest.mark.parametrize(
    ("tags", "placed_by"),
    [(None, None), ({}, "hand"), (people_tags(BY_VERSION, "operator", ""), "tidegate")],
)
def test_with_a_path_that_cannot_be_pinned_only_tags_show_whose_lock_it_is(
    tags: dict[str, str] | None, placed_by: str | None
) -> None:
    path = "/" + "a" * 200
    lock = read_lock(of.always_unhealthy(path), DEFAULT_LOCK_PATH, tags)
    assert lock is not None
    assert (lock.id, lock.placed_by, lock.carries_path, lock.original_path) == (BY_VERSION, placed_by, True, path)


@pytest.mark.parametrize(
    ("tags", "placed_by"),
    [(None, None), ({}, "hand"), (people_tags(BY_VERSION, "operator", ""), "tidegate")],
)
def test_without_a_path_only_tags_show_whose_lock_it_is(tags: dict[str, str] | None, placed_by: str | None) -> None:
    lock = read_lock(of.always_unhealthy(None, Type="TCP"), DEFAULT_LOCK_PATH, tags)
    assert lock is not None
    assert (lock.id, lock.placed_by, lock.carries_path, lock.original_path) == (BY_VERSION, placed_by, True, None)


@pytest.mark.parametrize("path", [None, "/lb-check", of.PINNED, DEFAULT_LOCK_PATH])
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"Disabled": True}, "Disabled and not Inverted: it counts as healthy whatever.*set Inverted too"),
        ({"Inverted": True}, "Inverted and not Disabled: it counts as healthy while.*set Disabled too"),
    ],
)
def test_only_one_of_disabled_and_inverted_is_refused(path: str | None, settings: dict[str, bool], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        check_switches(of.health_check(path, **settings))


def test_what_a_routing_control_switches_carries_no_lock_whatever_its_settings() -> None:
    assert read_lock(of.always_unhealthy(None, Type="RECOVERY_CONTROL"), DEFAULT_LOCK_PATH, {}) is None


@pytest.mark.parametrize("found", [of.health_check(), of.always_unhealthy()])
def test_both_or_neither_of_disabled_and_inverted_are_fine(found: HealthCheck) -> None:
    check_switches(found)


def test_a_pinned_path_is_recognised_whichever_lock_path_is_asked_for() -> None:
    lock = read_lock(of.health_check(pinned_path("/other", None, of.LOCK_ID)), DEFAULT_LOCK_PATH)
    assert lock is not None
    assert (lock.id, lock.original_path, lock.carries_path) == (of.LOCK_ID, None, True)
