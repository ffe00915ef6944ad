# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""When a health check is read again, and which tags one still needs that was found locked."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import ThrottledError
from ansible_collections.tidegate.failover.plugins.module_utils._aws.service_clock import ServiceClock
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import ConflictError, TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import (
    Change,
    HealthCheck,
    after_change,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import people_tags, recovery_tags
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Answer
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_prover import Prover
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_switch import HealthCheckSwitch
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_tags import Standing

from ..clocks import FakeClock
from ..lock.health_checks import LOCK_ID, NEWER_LOCK_ID, PINNED, health_check, lock_request

COPY = recovery_tags(LOCK_ID, "/lb-check", 7)


def switch_of(check: HealthCheck, lock_id: str, api: object) -> HealthCheckSwitch:
    """The health check as it was read, asked to be locked; its endpoint proves the pin."""
    return HealthCheckSwitch(
        check,
        lock_request(lock_id=lock_id),
        api=t.cast(t.Any, api),
        prover=Prover(lambda _question: Answer(404)),
        deadline=Deadline(60, FakeClock()),
    )


class NoApi:
    """Locking what is locked calls nothing."""

    def __getattr__(self, name: str) -> t.NoReturn:
        pytest.fail(f"{name} was called")


class Refusing:
    """Refuses the first update, and counts what it is asked for."""

    def __init__(self, refusal: TidegateError) -> None:
        self._refusals = [refusal]
        self.reads = self.updates = 0
        self.clock = ServiceClock()

    def read(self, _check_id: str) -> HealthCheck:
        self.reads += 1
        return health_check(version=8)

    def update(self, check: HealthCheck, change: Change) -> tuple[HealthCheck, None]:
        self.updates += 1
        if self._refusals:
            raise self._refusals.pop()
        return after_change(check, change), None


def lock_refused_once(refusal: TidegateError) -> tuple[Refusing, dict[str, t.Any]]:
    api = Refusing(refusal)
    switch = switch_of(health_check(version=7), LOCK_ID, api)
    switch.switch(check_mode=False)
    return api, switch.result()


def test_what_was_read_counts_after_a_write_was_throttled() -> None:
    api, result = lock_refused_once(ThrottledError("Rate exceeded"))
    assert (api.reads, api.updates, result["changed"], result["version"]) == (0, 2, True, 8)


def test_it_is_read_again_after_a_conflict() -> None:
    api, result = lock_refused_once(ConflictError("somebody else was faster"))
    assert (api.reads, api.updates, result["changed"], result["version"]) == (1, 2, True, 9)


def found_locked(lock_id: str) -> HealthCheckSwitch:
    """The health check is pinned by :data:`LOCK_ID` and is asked to be locked by ``lock_id``."""
    switch = switch_of(health_check(PINNED), lock_id, NoApi())
    switch.switch(check_mode=False)
    return switch


def missing(switch: HealthCheckSwitch) -> dict[str, str]:
    """The tags that it still needs."""
    return switch.tags.missing(Standing(switch.check, switch.check, switch.switched))


def test_tags_that_were_not_read_are_neither_missing_nor_written() -> None:
    switch = found_locked(NEWER_LOCK_ID)
    assert missing(switch) == {}
    switch.keep_tags(check_mode=False)
    assert (switch.result()["changed"], switch.result()["failed"]) == (False, False)


def test_the_copy_is_missing_once_the_tags_were_read_without_it() -> None:
    switch = found_locked(NEWER_LOCK_ID)
    switch.tags.note({"Name": "checkout"})
    assert missing(switch) == COPY


def test_nothing_is_missing_once_the_tags_were_read_with_the_copy() -> None:
    switch = found_locked(NEWER_LOCK_ID)
    switch.tags.note(COPY)
    assert missing(switch) == {}


def test_a_copy_from_before_the_last_change_is_missing() -> None:
    switch = found_locked(NEWER_LOCK_ID)
    switch.tags.note(recovery_tags(LOCK_ID, "/lb-check", 6))
    assert missing(switch) == COPY


def test_the_run_that_placed_the_lock_also_misses_who_did_it_and_why() -> None:
    switch = found_locked(LOCK_ID)
    switch.tags.note(COPY)
    assert missing(switch) == people_tags(LOCK_ID, "operator", "")
