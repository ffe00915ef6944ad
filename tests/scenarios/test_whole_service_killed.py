# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A whole service fails over and back by runs that are killed at random calls to AWS, each followed by another one."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.in_process import Modules, begun, watched
from ansible_collections.tidegate.failover.tests.scenarios.lock_run import Death, KilledError
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.scenarios.whole_service import WholeService
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    acknowledge,
    failback,
    failover,
)

from lab.process import RunningLab

#: How often each procedure is killed, and how many calls it makes at most; a run that makes fewer is not killed.
KILLS, CALLS = 3, 90
SEED = int(os.environ.get("TIDEGATE_SEED") or random.SystemRandom().randrange(10**6))


@dataclass
class Procedures:
    """The procedures of a service, some of whose runs are killed.

    :ivar killed: where that was.
    """

    service: WholeService
    modules: Modules
    draw: random.Random
    killed: list[str] = field(default_factory=list)

    @property
    def _common(self) -> Json:
        aws = self.service.lab.info["aws"]
        return {"health_check_ids": [aws["health_checks"]["primary"]], "resources": self.service.resources}

    def failover(self) -> Json:
        """Its options."""
        steps = ["lock", "fences", "rds", "autoscaling", "alb", "dns", "global_accelerator"]
        url = self.service.lab.info["aws"]["sites"]["backup"]["check_url"]
        fence = {"name": "scaled to zero", "command": {"argv": ["/bin/true"]}}
        return failover(**self._common, steps=steps, secondary_url=url, fences=[fence])

    def failback(self) -> Json:
        """Its options."""
        steps = ["data_gates", "rds", "unlock", "alb", "dns", "global_accelerator", "autoscaling"]
        return failback(**self._common, steps=steps, gates=[self.service.gate])

    def there_and_back(self, kills: int = 0) -> tuple[Json, Json]:
        """How all stands after the failover, and after the failback."""
        self.take(self.failover(), kills)
        there = self.service.everything()
        self.service.rebuild()
        self.take(self.failback(), kills)
        return there, self.service.everything()

    def take(self, options: Json, kills: int) -> None:
        """Kill so many runs, and finish them by another one."""
        for _unused in range(kills):
            death = Death(self.draw.randrange(CALLS), after=self.draw.random() < 0.5)
            with suppress(KilledError), watched(death):
                self._run(options)
            self.killed.append(f"{options['operation']} at call {death.at}{' after its effect' * death.after}")
        self._run(options)

    def _run(self, options: Json) -> None:
        """What a person does: what was killed is acknowledged where the run says so, and run again."""
        run = begun(options, self.modules).go()
        if run.status == "refused" and "acknowledge" in run.msg:
            looked = begun(acknowledge(**self._common, reason="it was killed", steps=["acknowledge"]), self.modules)
            assert looked.go().status == "completed", looked.run.msg
            run = begun(options, self.modules).go()
        assert run.status in ("completed", "unchanged"), f"after {self.killed}: {run.msg}"


@pytest.fixture(scope="module")
def undisturbed(scenario_aws_lab: RunningLab) -> tuple[Json, Json]:
    """How all stands after a failover and after a failback that nobody has killed."""
    scenario_aws_lab.reset()
    service = WholeService(scenario_aws_lab)
    return Procedures(service, Modules(service.auth), random.Random()).there_and_back()


@pytest.fixture
def procedures(undisturbed: tuple[Json, Json], aws_lab: RunningLab) -> Iterator[Procedures]:
    print(f"To repeat this: TIDEGATE_SEED={SEED}")
    service = WholeService(aws_lab)
    made = Procedures(service, Modules(service.auth), random.Random(SEED))
    yield made
    print(made.killed)


def test_i8_a_whole_service_ends_as_without_the_kills(procedures: Procedures, undisturbed: tuple[Json, Json]) -> None:
    assert procedures.there_and_back(KILLS) == undisturbed, procedures.killed
