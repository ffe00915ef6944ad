# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A planned failover of a whole service fails at each step in turn: all is put back, and no later step is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.in_process import watched
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.scenarios.whole_procedures import Procedures
from ansible_collections.tidegate.failover.tests.scenarios.whole_service import WholeService
from botocore.exceptions import ClientError

from lab.process import RunningLab

pytestmark = pytest.mark.nightly

STEPS = ["lock", "fences", "autoscaling", "rds", "alb", "dns", "global_accelerator"]
#: The call by which each step moves its resource, and the one that follows.
WRITES = {
    "lock": ("UpdateHealthCheck", "ListTagsForResources"),
    "autoscaling": ("UpdateAutoScalingGroup", "DescribeAutoScalingGroups"),
    "rds": ("RebootDBInstance", "DescribeDBInstances"),
    "alb": ("ModifyListener", "DescribeListeners"),
    "dns": ("ChangeResourceRecordSets", "GetChange"),
    "global_accelerator": ("UpdateEndpointGroup", "DescribeEndpointGroup"),
}
#: What undoes a step may use the call that moves it, and a read is no move.
MOVES = {write: step for step, (write, _unused) in WRITES.items()}


class Refusal:
    """A gate at which one step fails: its move is refused, or the read right after the move.

    :ivar moved: the steps that moved something, in order.
    """

    def __init__(self, step: str, *, after: bool) -> None:
        self._write, self._read = WRITES[step]
        self._after, self._armed = after, not after
        self.moved: list[str] = []
        self.refused = False

    def __call__(self, operation: str, carry_out: Callable[[], Any]) -> Any:
        if self._armed and not self.refused and operation == (self._read if self._after else self._write):
            self.refused = True
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not now"}}, operation)
        answer = carry_out()
        if operation in MOVES:
            self.moved.append(MOVES[operation])
        self._armed = self._armed or operation == self._write
        return answer


@pytest.fixture(scope="module")
def procedures(scenario_aws_lab: RunningLab) -> Procedures:
    """One service for all of these: each of them leaves it as it was."""
    scenario_aws_lab.reset()
    return Procedures(WholeService(scenario_aws_lab))


def fail_at(procedures: Procedures, step: str, *, after: bool) -> Refusal:
    service, refusal = procedures.service, Refusal(step, after=after)
    with watched(refusal):
        procedures.go(procedures.failover(type="planned", steps=STEPS, resources=service.undoable, fences=[]))
    assert refusal.refused
    return refusal


def without_state(everything: Json) -> Json:
    """The state holds the outcome of the last run."""
    return {**everything, "lock": {name: {**check, "phases": []} for name, check in everything["lock"].items()}}


@pytest.mark.parametrize(
    ("step", "after"),
    [("lock", False), *((step, True) for step in STEPS[2:]), ("global_accelerator", False)],
)
def test_i11_whatever_step_fails_all_is_put_back_and_no_later_one_is_taken(
    procedures: Procedures, step: str, after: bool
) -> None:
    before = without_state(procedures.service.everything())
    refusal = fail_at(procedures, step, after=after)
    later = STEPS[STEPS.index(step) + 1 :]
    assert not set(later) & set(refusal.moved), refusal.moved
    assert without_state(procedures.service.everything()) == before, procedures.run.msg
    assert step in procedures.run.ended_by, procedures.run.msg
    assert "NOT UNDONE" not in procedures.run.msg
