# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Procedures of a whole service in this process."""

from __future__ import annotations

from typing import Any

from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Run
from ansible_collections.tidegate.failover.tests.scenarios.in_process import Modules, begun
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.scenarios.whole_service import WholeService
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure import cloud

FENCE: Json = {"name": "scaled to zero", "command": {"argv": ["/bin/true"]}}
#: Without the steps that only observe at the end: they request as users.
OVER = ["lock", "fences", "rds", "autoscaling", "alb", "global_accelerator", "dns"]
BACK = ["data_gates", "rds", "unlock", "alb", "global_accelerator", "dns", "autoscaling"]


class Procedures:
    """The procedures of a service.

    :ivar run: the last one.
    """

    def __init__(self, service: WholeService) -> None:
        self.service, self._modules = service, Modules(service.auth)
        aws = service.lab.info["aws"]
        self._other_site: str = aws["sites"]["backup"]["check_url"]
        self._common: Json = {
            "health_check_ids": [aws["health_checks"]["primary"]],
            "resources": service.resources,
            "wait_timeout": 120,
        }
        self.run: Run

    def failover(self, **more: Any) -> Json:
        """Options of a failover."""
        usual = {"steps": OVER, "secondary_url": self._other_site, "fences": [FENCE]}
        return cloud.failover(**{**self._common, **usual, **more})

    def failback(self, **more: Any) -> Json:
        """Options of a failback."""
        return cloud.failback(**{**self._common, "steps": BACK, "gates": [self.service.gate], **more})

    def go(self, options: Json, **more: Any) -> Run:
        """Run a procedure to its end, whatever that is."""
        self.run = begun(options, self._modules, **more).go()
        return self.run

    def statuses(self) -> dict[str, str]:
        """The outcome of each step of the last run."""
        return {name: result["status"] for name, result in self.run.results.items()}

    def finish(self, options: Json) -> None:
        """What a person does after an aborted run: what the next run requires, and that run again.

        :raises AssertionError: it did not succeed.
        """
        run = self.go(options)
        if run.status == "refused" and "acknowledge" in run.msg:
            looked = self.go(cloud.acknowledge(**self._common, reason="it was killed", steps=["acknowledge"]))
            assert looked.status == "completed", looked.msg
            run = self.go(options)
        if run.status == "refused" and "override this gate by its name" in run.msg:
            run = self.go(
                {**options, "override": {"gates": [self.service.gate["name"]], "reason": "nothing was written"}}
            )
        assert run.status in ("completed", "unchanged"), run.msg
