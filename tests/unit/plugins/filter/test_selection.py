# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A run whose tags leave out all tasks is set so; one of a user's own playbook is not."""

from __future__ import annotations

import pytest
from ansible import context
from ansible.module_utils.common.collections import ImmutableDict
from ansible_collections.tidegate.failover.plugins.filter.selection import FilterModule

left_out = FilterModule().filters()["left_out_by_tags"]


@pytest.fixture(autouse=True)
def started_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "CLIARGS", ImmutableDict(args=("tidegate.failover.failover",)))


@pytest.mark.parametrize(("run", "skip"), [(["web"], []), (["all"], ["untagged"]), (["all"], ["all"])])
def test_tags_that_leave_out_all_are_reported(run: list[str], skip: list[str]) -> None:
    assert "Nothing was done" in left_out(run, skip)


@pytest.mark.parametrize(("run", "skip"), [(["all"], []), (["untagged"], []), (["all"], ["web"])])
def test_tags_that_leave_something_are_not(run: list[str], skip: list[str]) -> None:
    assert left_out(run, skip) == ""


@pytest.mark.parametrize("task", ["no task has this name", "Begin"])
def test_a_task_to_start_at_is_refused_whether_there_is_one_or_not(monkeypatch: pytest.MonkeyPatch, task: str) -> None:
    started = ImmutableDict(args=("tidegate.failover.failover",), start_at_task=task)
    monkeypatch.setattr(context, "CLIARGS", started)
    assert f"--start-at-task is {task!r}" in left_out(["all"])


def test_a_connection_that_an_extra_var_sets_for_all_tasks_is_refused() -> None:
    assert "ansible_connection is 'ssh'" in left_out(["all"], [], "ssh")


@pytest.mark.parametrize("connection", ["", "local", "ansible.builtin.local"])
def test_a_local_connection_is_not_refused(connection: str) -> None:
    assert left_out(["all"], [], connection) == ""


def test_a_users_own_playbook_starts_where_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "CLIARGS", ImmutableDict(args=("site.yml",), start_at_task="Begin"))
    assert left_out(["all"]) == ""


def test_a_playbook_of_the_users_own_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "CLIARGS", ImmutableDict(args=("site.yml",)))
    assert left_out(["web"]) == ""
