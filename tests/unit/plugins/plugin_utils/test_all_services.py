# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""One task reads for all services, whatever the strategy of the play."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible.playbook.task import Task
from ansible_collections.tidegate.failover.plugins.plugin_utils._all_services import once_for_all

Json = dict[str, t.Any]


class Reading:
    """Hosts that reach the same task of a play one after the other."""

    def __init__(self, strategy: str) -> None:
        self._play = SimpleNamespace(strategy=strategy)
        self._include = Task()
        self.reads = 0

    def _read(self) -> dict[str, Json]:
        self.reads += 1
        return {name: {"read": self.reads} for name in ("a", "b", "c")}

    def reach(self, name: str) -> Json:
        """A host reaches it, by an include of its own as with most strategies; returns what it gets of itself."""
        task = Task()
        block: t.Any = SimpleNamespace(_play=self._play, _parent=self._include)
        task._parent, self._include._parent = block, None
        return once_for_all(task, name, self._read)[0][name]


@pytest.mark.parametrize("strategy", ["free", "host_pinned", "ansible.builtin.free"])
def test_where_every_host_reaches_the_task_the_first_one_reads_for_all(strategy: str) -> None:
    reading = Reading(strategy)
    assert [reading.reach(name) for name in "bac"] == [{"read": 1}] * 3


def test_a_host_that_reaches_it_again_reads_anew() -> None:
    reading = Reading("free")
    assert [reading.reach(name) for name in "aba"] == [{"read": 1}, {"read": 1}, {"read": 2}]


def test_with_other_strategies_the_only_host_that_reaches_it_reads() -> None:
    reading = Reading("linear")
    assert [reading.reach(name) for name in "aa"] == [{"read": 1}, {"read": 2}]
