# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A whole service fails over and back by runs that are killed at random calls to AWS, each followed by another one."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.in_process import watched
from ansible_collections.tidegate.failover.tests.scenarios.lock_run import Death, KilledError
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.scenarios.whole_procedures import Procedures
from ansible_collections.tidegate.failover.tests.scenarios.whole_service import WholeService

from lab.process import RunningLab

pytestmark = pytest.mark.nightly

#: How often each procedure is killed, and how many calls it makes at most; a run that makes fewer is not killed.
KILLS, CALLS = 3, 90
#: What is random can be repeated by this variable of the environment.
VARIABLE = "TIDEGATE_SEED"
SEED = int(os.environ.get(VARIABLE) or random.SystemRandom().randrange(10**6))


class Mortal:
    """A service whose procedures are killed now and then.

    :ivar killed: where that was.
    """

    def __init__(self, lab: RunningLab, kills: int = 0) -> None:
        self.procedures = Procedures(WholeService(lab))
        self._kills, self._draw = kills, random.Random(SEED)
        self.killed: list[str] = []

    def there_and_back(self) -> tuple[Json, Json]:
        """How all stands after the failover, and after the failback."""
        service = self.procedures.service
        self._take(self.procedures.failover())
        there = service.everything()
        service.rebuild()
        self._take(self.procedures.failback())
        return there, service.everything()

    def _take(self, options: Json) -> None:
        for _unused in range(self._kills):
            death = Death(self._draw.randrange(CALLS), after=self._draw.random() < 0.5)
            self.killed.append(f"{options['operation']} at call {death.at}{' after its effect' * death.after}")
            with suppress(KilledError), watched(death):
                self.procedures.finish(options)
        self.procedures.finish(options)


@pytest.fixture(scope="module")
def undisturbed(scenario_aws_lab: RunningLab) -> tuple[Json, Json]:
    """How all stands after a failover and after a failback that nobody has killed."""
    scenario_aws_lab.reset()
    return Mortal(scenario_aws_lab).there_and_back()


def test_i8_a_whole_service_ends_as_without_the_kills(undisturbed: tuple[Json, Json], aws_lab: RunningLab) -> None:
    mortal = Mortal(aws_lab, KILLS)
    try:
        assert mortal.there_and_back() == undisturbed
    except Exception as problem:
        problem.add_note(f"Killed: {', '.join(mortal.killed)}. To repeat this: {VARIABLE}={SEED}")
        raise


class DeathAfter:
    """A gate that kills a run once an operation has had its effect."""

    def __init__(self, operation: str) -> None:
        self._operation = operation
        self._dead = False

    def __call__(self, operation: str, carry_out: Callable[[], Any]) -> Any:
        if self._dead:
            raise KilledError
        answer = carry_out()
        if operation == self._operation:
            self._dead = True
            raise KilledError
        return answer


def test_i6_a_failback_that_was_aborted_after_its_promotion_is_finished_by_an_override(
    aws_lab: RunningLab,
) -> None:
    """No gate can determine any more what the promoted replica lacks. So nothing but an override releases the lock."""
    procedures = Mortal(aws_lab).procedures
    procedures.finish(procedures.failover())
    procedures.service.rebuild()
    with suppress(KilledError), watched(DeathAfter("PromoteReadReplica")):
        procedures.go(procedures.failback())
    assert procedures.service.is_locked()
    procedures.finish({**procedures.failback(), "override": None})
    assert not procedures.service.is_locked()
    (override,) = procedures.run.overrides
    assert (override["names"], override["reason"]) == (["caught up"], "nothing was written")
