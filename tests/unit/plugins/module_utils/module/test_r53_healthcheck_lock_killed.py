# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Runs that die at any call lose nothing, and another run comes to the same end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import is_recovery, recovery_copies

from ..aws.account import Account, Effect, Event
from ..lock.health_checks import CHECK_ID, LOCK_ID
from .lock_task import GET, TAG, UPDATE, Result, Tasks


class Killed(BaseException):
    """The run dies here."""


def before(effect: Effect) -> Result:
    """Die before a call takes effect."""
    raise Killed


def after(effect: Effect) -> Result:
    """Die once a call has taken effect."""
    effect()
    raise Killed


def left_behind(account: Account) -> tuple[object, ...]:
    """The health check, its tags, and what those keep; but for the version, which is another one each time."""
    tags = account.tags[CHECK_ID]
    others = {key: value for key, value in tags.items() if not is_recovery(key)}
    copies = {lock_id: copy.path for lock_id, copy in recovery_copies(tags).items()}
    return dict(account.checks[CHECK_ID].config), others, copies


@pytest.mark.parametrize("death", [before, after])
@pytest.mark.parametrize("operation", [GET, UPDATE, TAG])
@pytest.mark.parametrize("state", ["locked", "unlocked"])
def test_i8_after_an_aborted_run_another_comes_to_the_same_end(
    tasks: Tasks, account: Account, state: str, operation: str, death: Event
) -> None:
    locked_first = state == "unlocked"
    run: Callable[..., Result] = tasks.unlock if locked_first else tasks.lock
    undo: Callable[..., Result] = tasks.lock if locked_first else tasks.unlock
    if locked_first:
        tasks.lock(lock_id=LOCK_ID)
    account.at_next(operation, death)
    with pytest.raises(Killed):
        run(lock_id=LOCK_ID)
    assert run(lock_id=LOCK_ID)["failed"] is False
    end = left_behind(account)
    undo(lock_id=LOCK_ID)
    run(lock_id=LOCK_ID)
    assert end == left_behind(account)
