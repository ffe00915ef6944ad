# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which tags a health check that was found locked still needs."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import people_tags, recovery_tags
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Answer
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_prover import Prover
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_switch import HealthCheckSwitch

from ..lock.health_checks import LOCK_ID, NEWER_LOCK_ID, PINNED, health_check, lock_request

COPY = recovery_tags(LOCK_ID, "/lb-check")


class NoApi:
    """Locking what is locked calls nothing."""

    def __getattr__(self, name: str) -> t.NoReturn:
        pytest.fail(f"{name} was called")


def found_locked(lock_id: str) -> HealthCheckSwitch:
    """The health check is pinned by :data:`LOCK_ID` and is asked to be locked by ``lock_id``."""
    switch = HealthCheckSwitch(
        health_check(PINNED),
        lock_request(lock_id=lock_id),
        api=t.cast(t.Any, NoApi()),
        prover=Prover(lambda _question: Answer(404)),
        deadline=Deadline(1, Clock()),
    )
    switch.switch(check_mode=False)
    return switch


def test_tags_that_were_not_read_are_neither_missing_nor_written() -> None:
    switch = found_locked(NEWER_LOCK_ID)
    assert switch.missing_tags() == {}
    switch.keep_tags(check_mode=False)
    assert (switch.result()["changed"], switch.result()["failed"]) == (False, False)


def test_the_copy_is_missing_once_the_tags_were_read_without_it() -> None:
    switch = found_locked(NEWER_LOCK_ID)
    switch.note_tags({"Name": "checkout"})
    assert switch.missing_tags() == COPY


def test_nothing_is_missing_once_the_tags_were_read_with_the_copy() -> None:
    switch = found_locked(NEWER_LOCK_ID)
    switch.note_tags(COPY)
    assert switch.missing_tags() == {}


def test_the_run_that_placed_the_lock_also_misses_who_did_it_and_why() -> None:
    switch = found_locked(LOCK_ID)
    switch.note_tags(COPY)
    assert switch.missing_tags() == people_tags(LOCK_ID, "operator", "")
