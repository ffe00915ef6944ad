# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A run whose tags leave out all tasks is told so; one of a user's own playbook is not."""

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
def test_tags_that_leave_out_all_are_told(run: list[str], skip: list[str]) -> None:
    assert "Nothing was done" in left_out(run, skip)


@pytest.mark.parametrize(("run", "skip"), [(["all"], []), (["untagged"], []), (["all"], ["web"])])
def test_tags_that_leave_something_are_not(run: list[str], skip: list[str]) -> None:
    assert left_out(run, skip) == ""


def test_a_playbook_of_the_users_own_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "CLIARGS", ImmutableDict(args=("site.yml",)))
    assert left_out(["web"]) == ""
