# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Tasks of the Route 53 modules on an account in memory, as Ansible would run them."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH, pinned_path
from ansible_collections.tidegate.failover.plugins.module_utils._module import r53_healthcheck_lock

from ..aws.account import Account
from ..lock.health_checks import CHECK_ID, NEWER_LOCK_ID

Result = dict[str, t.Any]

GET, UPDATE, TAG = "get_health_check", "update_health_check", "change_tags_for_resource"
READ_TAGS, LOOK = "list_tags_for_resources", "get_health_check_status"
NAMED = {"Name": "checkout primary"}
#: What another run would pin.
NEWER = pinned_path(DEFAULT_LOCK_PATH, "/lb-check", NEWER_LOCK_ID)

OPTIONS: Result = {
    "health_check_ids": [CHECK_ID],
    "health_check_names": None,
    "health_check_tags": None,
    "targets": None,
    "method": "auto",
    "lock_path": DEFAULT_LOCK_PATH,
    "restore_path": None,
    "lock_id": None,
    "replaces": None,
    "owner": "operator:alice",
    "reason": "CHG-1234",
    "required_gates": [],
    "evidence": None,
    "max_evidence_age": 300,
    "override": None,
    "only_if_health": None,
    "records": [],
    "find_records": False,
    "trust_alias_targets": False,
    "secondary_url": None,
    "if_last_site": "refuse",
    "wait_for": None,
    "wait_timeout": 60,
}
#: What releases a lock where no gates are required.
ON_A_PERSONS_WORD = {"gates": [], "reason": "CHG-1235"}


class TaskEnd(BaseException):
    """The module has reported its result."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.get("msg"))
        self.result = result


class Task:
    """The module's side of Ansible: options in, result out. Its clients all lead to one account.

    :ivar warnings: what people are warned of.
    """

    def __init__(self, account: Account, params: Result, *, check_mode: bool) -> None:
        self.params = params
        self.check_mode = check_mode
        self.warnings: list[str] = []
        self.account = account

    def client(self, service: str, config: object) -> Account:
        assert service == "route53"
        return self.account

    def warn(self, warning: str) -> None:
        self.warnings.append(warning)

    def exit_json(self, **result: t.Any) -> t.NoReturn:
        raise TaskEnd({"failed": False, **result})

    def fail_json(self, **result: t.Any) -> t.NoReturn:
        raise TaskEnd({**result, "failed": True})


class Tasks:
    """Runs tasks on one account, on a clock on which waiting is free.

    :ivar warnings: what people were warned of by the last one.
    """

    def __init__(self, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
        self.account = account
        self.warnings: list[str] = []
        monkeypatch.setattr(r53_healthcheck_lock, "Clock", lambda: account.clock)

    def lock(self, *, check_mode: bool = False, **options: t.Any) -> Result:
        """The result of locking."""
        return self._run({"state": "locked", **options}, check_mode)

    def unlock(self, *, check_mode: bool = False, **options: t.Any) -> Result:
        """The result of unlocking, by default with an override of a person."""
        return self._run({"state": "unlocked", "override": ON_A_PERSONS_WORD, **options}, check_mode)

    def _run(self, options: Result, check_mode: bool) -> Result:
        task = Task(self.account, OPTIONS | options, check_mode=check_mode)
        result = result_of(r53_healthcheck_lock.run, task)
        self.warnings = task.warnings
        return result


def result_of(run: Callable[[t.Any], None], task: Task) -> Result:
    """What a module reports at its end; the account's calls are then those of this task."""
    task.account.calls.clear()
    with pytest.raises(TaskEnd) as ended:
        run(task)
    return ended.value.result


def one(result: Result) -> Result:
    """What is reported of the only health check."""
    [reported] = result["health_checks"]
    return t.cast(Result, reported)


def path_of(account: Account) -> str | None:
    """The path of the only health check."""
    return account.checks[CHECK_ID].path
