# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The playbook drill rehearses a service: without effect nothing is written, with effect everything is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import FAILS, World
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome

from lab.process import RunningLab

ANY_HOUR = {"name": "any hour", "window": {"hours": ["00:00-24:00"]}}
SHUT = {"name": "site is up", "tcp": {"host": "127.0.0.1", "port": 1, "timeout": 1}}


@pytest.fixture
def shop(world: World, tmp_path: Path) -> World:
    """The shop, whose gates pass and whose reports are kept."""
    world.checkout.update(failback_gates=[ANY_HOUR], report_dir=str(tmp_path / "reports"), failover_rto=300)
    world.checkout["failback_max_evidence_age"] = 300
    # The way back waits for one of them.
    world.checkout["failover_records"][0]["ttl"] = 1
    return world


def drill(world: World, of: str | Sequence[str], *arguments: str, **extra: Any) -> Outcome:
    """Run the playbook for the shop."""
    return world.run("drill", *arguments, drill_of=of, **extra)


def for_real(world: World, of: str, **extra: Any) -> Outcome:
    """The same with effect."""
    return drill(world, of, "--limit", "checkout", drill_effect=True, **extra)


def found(record: Json, result: str) -> set[str]:
    """What was found with some result."""
    return {f"{one['of']}: {one['what']}" for one in record["drill"]["findings"] if one["result"] == result}


def test_without_effect_nothing_is_written_and_a_report_shows_what_was_proven(shop: World, tmp_path: Path) -> None:
    since = shop.latest()
    outcome = drill(shop, ["lock", "failover", "failback"])
    assert outcome.returncode == 0, outcome.output
    assert shop.lab.writes(since) == []
    record = shop.record()
    assert (record["operation"], record["status"], record["drill"]["effect"]) == ("drill", "completed", False)
    assert {"lock: last serving site", "failback: any hour"} <= found(record, "proven")
    assert {"failover: lock", "failback: unlocking", "failover: recovery point now"} <= found(record, "not proven")
    assert "[checkout] SUMMARY: drill of lock, failover, failback: passed" in outcome.output
    (page,) = (tmp_path / "reports").glob("*.html")
    assert "What was proven" in page.read_text(encoding="utf-8")


def test_what_would_stop_a_failback_fails_the_drill(shop: World) -> None:
    outcome = drill(shop, "failback", failback_gates=[ANY_HOUR, SHUT])
    assert outcome.returncode != 0
    assert found(shop.record(), "stops") == {"failback: site is up"}
    excused = drill(shop, "failback", failback_gates=[ANY_HOUR, SHUT], drill_gates_not_now=["site is up"])
    assert excused.returncode == 0, excused.output
    assert shop.lab.writes() == []


def test_a_lock_with_effect_is_taken_back(shop: World) -> None:
    before = shop.settings()
    outcome = for_real(shop, "lock")
    assert outcome.returncode == 0, outcome.output
    record = shop.record()
    assert [step["name"] for step in record["steps"]][-3:] == ["lock", "failback of the lock", "acknowledge"]
    assert "way back: the service as before" in found(record, "proven")
    assert {name: shop.settings()[name] for name in ("ResourcePath", "Inverted", "Disabled")} == {
        name: before[name] for name in ("ResourcePath", "Inverted", "Disabled")
    }
    # The drill blocks no automatic failover.
    assert shop.state()["acknowledged-at"] >= shop.state()["failed-over-at"]


def test_a_failover_with_effect_is_failed_back_and_its_time_is_measured(shop: World) -> None:
    outcome = for_real(shop, "failover")
    assert outcome.returncode == 0, outcome.output
    assert shop.lock_id() is None
    record = shop.record()
    assert (record["recovery_seconds"] > 0, record["rto_met"]) == (True, True)


def test_a_way_back_that_fails_is_reported_with_what_to_do(shop: World) -> None:
    moves = shop.tasks(*FAILS)
    outcome = for_real(shop, "failover", failback_move_writer_tasks=moves)
    assert outcome.returncode != 0
    assert shop.lock_id() is not None
    assert "THE WAY BACK FAILED" in outcome.failures()["checkout"]
    assert "it broke" in outcome.failures()["checkout"]
    assert shop.record()["drill"]["way_back_failed"]
    refused = for_real(shop, "failover")
    assert refused.returncode != 0
    assert "The service is locked already" in refused.failures()["checkout"]


def test_nothing_is_done_in_blocked_hours(shop: World) -> None:
    outcome = drill(shop, "failover", drill_blocked=[ANY_HOUR])
    assert outcome.returncode != 0
    assert "Drills are blocked until" in outcome.failures()["checkout"]
    assert (shop.record()["status"], shop.lab.writes()) == ("refused", [])


def test_effect_needs_services_that_are_named_and_variables_that_are_known(shop: World) -> None:
    outcome = drill(shop, "failover", drill_effect=True)
    assert "no service is named" in outcome.failures()["checkout"]
    outcome = drill(shop, "failover", drill_efect=True)
    assert "Did you mean drill_effect?" in outcome.failures()["checkout"]
    assert shop.lab.writes() == []


@pytest.fixture
def page(world: World, checkout: Json) -> World:
    """A service that has a page alone."""
    kept = {name: world.checkout[name] for name in ("record_dir", "aws_auth")}
    world.services["checkout"] = checkout | kept
    return world


@pytest.mark.usefixtures("plain_http")
def test_a_page_without_effect_is_examined_and_asked_directly(
    page: World, lab: RunningLab, load_balancer: Json
) -> None:
    since = len(lab.writes())
    outcome = drill(page, "maintenance", drill_page_url=load_balancer["listeners"]["maintenance"]["url"])
    assert outcome.returncode == 0, outcome.output
    assert len(lab.writes()) == since
    assert {"maintenance: the page answers", "maintenance: users are served now"} <= found(page.record(), "proven")


@pytest.mark.usefixtures("plain_http")
def test_a_page_with_effect_comes_up_and_goes_down(page: World, lab: RunningLab, load_balancer: Json) -> None:
    path = f"/oci/loadBalancers/{load_balancer['id']}"
    before = lab.control("GET", path)["document"]
    outcome = for_real(page, "maintenance")
    assert outcome.returncode == 0, outcome.output
    after = lab.control("GET", path)["document"]
    assert (after["listeners"], after["freeformTags"]) == (before["listeners"], before["freeformTags"])
    steps = {step["name"]: step["changed"] for step in page.record()["steps"]}
    assert steps == {"rehearse maintenance": False, "page up": True, "page down": True}
