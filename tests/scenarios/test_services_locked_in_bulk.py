# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Many services in one run: all sites are locked before anything else is done, and one that is refused stops nobody."""

from __future__ import annotations

from collections import Counter

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import World
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks

FOREIGN = "20260101T000000Z-00000000"
#: The messages about health checks that cannot be locked.
SAID = {
    "service-3": "AWS answered 403 AccessDenied",
    "service-5": f"The service is locked by run {FOREIGN}",
    "service-7": "is locked out by this run too, with service-0",
    "service-9": "cannot take its variables",
}


class Shops:
    """Services of one inventory. The first one is the shop, whose other site is that of ``service-7``."""

    def __init__(self, world: World) -> None:
        self.world, self._mark = world, 0
        aws = world.lab.info["aws"]
        site = {"IPAddress": aws["sites"]["primary"]["address"], "Port": aws["sites"]["primary"]["port"]}
        self.checks = {
            f"service-{number}": check for number, check in enumerate([world.check, *self._make(12, site)])
        } | {"service-7": world.backup_check}
        self.checks |= {"service-5": self._make(1, site | {"ResourcePath": self._pinned()})[0]}
        shop = world.checkout | {"failover_steps": ["lock", "notify"]}
        alone = {name: value for name, value in shop.items() if name != "failover_records"}
        world.services = {
            name: (shop if name in ("service-0", "service-7") else alone) | {"failover_health_check_ids": [check]}
            for name, check in self.checks.items()
        }
        world.services["service-9"]["failover_wait_timeout"] = "soon"

    def _make(self, count: int, config: Json) -> list[str]:
        made: list[str] = self.world.lab.control("POST", "/aws/health-checks", {"count": count, "config": config})[
            "ids"
        ]
        return made

    def _pinned(self) -> str:
        return f"/lb-check-failed-over?restore=%2Flb-check&lock={FOREIGN}"

    def run(self, *arguments: str) -> Outcome:
        """Fail all of them over."""
        self._mark = self.world.latest()
        return self.world.run("failover", *arguments)

    def calls(self) -> list[Json]:
        """The calls of the last run to AWS, in order."""
        return self.world.lab.requests(self._mark)

    def locked(self) -> set[str]:
        """The health checks with a lock of this collection."""
        paths = {name: str(self.world.settings(check)["ResourcePath"]) for name, check in self.checks.items()}
        return {name for name, path in paths.items() if "&lock=" in path and FOREIGN not in path}


@pytest.fixture
def shops(world: World) -> Shops:
    """Thirteen services, of which four cannot be locked, each for a reason of its own."""
    made = Shops(world)
    denied = {"status": 403, "code": "AccessDenied", "message": "not authorized", "times": None}
    world.lab.add_fault("status", operation="UpdateHealthCheck", path=made.checks["service-3"], **denied)
    return made


def test_i10_all_that_may_be_are_locked_before_anything_else_is_done_for_any(shops: Shops) -> None:
    outcome = shops.run()
    assert outcome.returncode != 0
    assert shops.locked() == set(shops.checks) - set(SAID), outcome.output
    for name, said in SAID.items():
        assert said in outcome.failures()[name]
    writes = [call["operation"] for call in shops.calls() if call["is_write"] and call["status"] == 200]
    assert writes[:9] == ["UpdateHealthCheck"] * 9
    assert "UpdateHealthCheck" not in writes[9:]
    for name in shops.locked():
        assert shops.world.record(name)["status"] == "completed"
    assert shops.world.record("service-3")["status"] == "undone"


def test_reads_are_shared_by_all_services_of_an_account(shops: Shops) -> None:
    shops.run("--limit", "service-0,service-1,service-2,service-4,service-6")
    locks = next(place for place, call in enumerate(shops.calls()) if call["operation"] == "UpdateHealthCheck")
    before = Counter(call["operation"] for call in shops.calls()[:locks])
    assert before["ListTagsForResources"] <= 2
    assert before["ListHealthChecks"] + before["GetHealthCheck"] <= 6


def test_i3_check_mode_of_many_services_writes_nothing(shops: Shops) -> None:
    shops.run("--check")
    assert [call for call in shops.calls() if call["is_write"]] == []


@pytest.mark.parametrize("strategy", ["linear", "free", "host_pinned"])
def test_only_services_of_the_limit_are_locked_and_each_once_under_any_strategy(
    shops: Shops, playbooks: Playbooks, strategy: str
) -> None:
    inventory = playbooks.inventory(shops.world.services)
    limit = ["-i", inventory, "--limit", "service-1,service-2,service-4", "--forks", "2"]
    outcome = playbooks.run_file(
        "tidegate.failover.failover", *limit, environment={"ANSIBLE_STRATEGY": f"ansible.builtin.{strategy}"}
    )
    assert outcome.returncode == 0, outcome.output
    assert shops.locked() == {"service-1", "service-2", "service-4"}
    assert [call["operation"] for call in shops.calls()].count("UpdateHealthCheck") == 3
