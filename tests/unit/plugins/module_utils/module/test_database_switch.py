# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""One database is moved: what is called where, and what happens where RDS is slow, busy, or does not answer."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws import databases
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._databases.verdict import Json
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    ConflictError,
    TransientError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module import database_switch
from ansible_collections.tidegate.failover.plugins.module_utils._module.database_switch import DatabaseSwitch
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.clocks import FakeClock

GLOBAL: Json = {"global_cluster": "catalogue", "writer": {"primary": "us-east-1", "secondary": "us-west-2"}}
CLUSTER: Json = {"cluster": "sessions", "writer": {"primary": "a", "secondary": "b"}}


class Rds:
    """A cluster, or a global one, whose writer moves some reads after it was asked to.

    :ivar reads_until_moved: None if it never does.
    :ivar setbacks: what calls raise, one after the other; a lost response has its effect.
    :ivar calls: what was written, and in which Region.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *setbacks: Exception, moves_after: int | None = 1) -> None:
        self.moved, self.left, self.setbacks = False, moves_after, list(setbacks)
        self.calls: list[tuple[str, str]] = []
        self._begun = False
        for name in ("read_cluster", "read_global_cluster", "write"):
            monkeypatch.setattr(databases, name, getattr(self, name))
        monkeypatch.setattr(database_switch, "latest_maximum", lambda *_asked: None)

    def read_cluster(self, _client: t.Any, _name: str) -> Json:
        self._pass()
        members = [{"DBInstanceIdentifier": name, "IsClusterWriter": (name == "b") == self.moved} for name in "ab"]
        return {"DBClusterIdentifier": "sessions", "Status": "available", "DBClusterMembers": members}

    def read_global_cluster(self, _client: t.Any, _name: str) -> Json:
        self._pass()
        names = {"us-east-1": not self.moved, "us-west-2": self.moved}
        members = [{"DBClusterArn": f"arn:aws:rds:{name}:1:cluster:x", "IsWriter": is_} for name, is_ in names.items()]
        return {"Engine": "aurora-mysql", "Status": "available", "GlobalClusterMembers": members}

    def _pass(self) -> None:
        if self._begun and self.left is not None:
            self.left -= 1
            self.moved = self.moved or self.left < 0

    def write(self, region: str, operation: str, _arguments: Json) -> None:
        self.calls.append((operation, region))
        if not self.setbacks:
            self._begun = True
            return
        setback = self.setbacks.pop(0)
        self._begun = self._begun or (isinstance(setback, TransientError) and setback.effect_unknown)
        raise setback


def switched(target: Json, *, check_mode: bool = False, **given: t.Any) -> Json:
    options = {"to": "secondary", "type": "planned", "run_id": "run", "rebuild": False, **given}
    switch = DatabaseSwitch(target, options, lambda _service, region: region, Deadline(60, FakeClock()))
    switch.switch(check_mode=check_mode)
    return switch.result()


def test_the_writer_moves_once_and_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    rds = Rds(monkeypatch, moves_after=3)
    reported = switched(CLUSTER)
    assert (reported["failed"], reported["after"]["writer"], len(rds.calls)) == (False, "b", 1)


def test_check_mode_predicts_and_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rds = Rds(monkeypatch)
    assert (switched(CLUSTER, check_mode=True)["changed"], rds.calls) == (True, [])


def test_i3_the_second_run_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rds = Rds(monkeypatch)
    switched(CLUSTER)
    assert (switched(CLUSTER)["changed"], len(rds.calls)) == (False, 1)


def test_a_database_that_never_moves_fails_in_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    Rds(monkeypatch, moves_after=None)
    reported = switched(CLUSTER)
    assert (reported["failed"], reported["changed"], "wait_timeout of 60 s" in reported["msg"]) == (True, True, True)


def test_a_database_that_is_busy_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rds = Rds(monkeypatch, ConflictError("busy"))
    assert (switched(CLUSTER)["failed"], len(rds.calls)) == (False, 2)


def test_a_lost_response_counts_as_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    Rds(monkeypatch, TransientError("lost", effect_unknown=True), moves_after=0)
    reported = switched(CLUSTER)
    assert (reported["failed"], reported["changed"]) == (False, True)


def test_a_call_that_is_not_allowed_is_reported_and_is_no_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    Rds(monkeypatch, AccessError("no right"))
    reported = switched(CLUSTER)
    assert (reported["msg"], reported["refused"], reported["changed"]) == ("no right", False, False)


def test_what_is_refused_is_a_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    Rds(monkeypatch)
    assert switched({**CLUSTER, "writer": {"primary": "a", "secondary": "x"}})["refused"]


@pytest.mark.parametrize(
    ("kind", "call"),
    [
        ("planned", ("switchover_global_cluster", "us-east-1")),
        ("unplanned", ("failover_global_cluster", "us-west-2")),
    ],
)
def test_a_global_cluster_is_moved_from_the_right_region(
    monkeypatch: pytest.MonkeyPatch, kind: str, call: tuple[str, str]
) -> None:
    rds = Rds(monkeypatch)
    assert (switched(GLOBAL, type=kind)["failed"], rds.calls) == (False, [call])
