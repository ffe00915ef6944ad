# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the lock promises whatever happens, on the lab over HTTP, without ansible around it."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import dns.message
import dns.query
import pytest
from ansible_collections.tidegate.failover.tests.scenarios.lock_run import (
    look,
    switch,
)
from ansible_collections.tidegate.failover.tests.scenarios.locked_site import (
    GATES,
    LOCK_ID,
    LOCKED_OUT,
    OVERRIDE,
    Site,
    eventually,
    evidence,
)
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

from lab.process import RunningLab

LOCK_STATES = ["locked", "unlocked"]


@pytest.mark.parametrize("method", ["auto", "invert"])
@pytest.mark.parametrize(
    "kind", ["path", "query", "no path", "long path", "all settings", "tcp", "calculated", "alarm"]
)
def test_i1_a_lock_and_its_opening_leave_a_health_check_as_it_was(site: Site, kind: str, method: str) -> None:
    check_id = site.create_kind(kind)
    before = site.everything(check_id)
    assert site.lock(check_id, method=method, reason="down")["changed"]
    changed = {"ResourcePath", "Disabled", "Inverted"}
    during = site.config(check_id)
    assert without(during, changed) == without(before["HealthCheckConfig"], changed)
    assert during != before["HealthCheckConfig"]
    assert site.unlock(check_id)["changed"]
    assert site.everything(check_id) == before


def without(config: Json, names: set[str]) -> Json:
    return {name: value for name, value in config.items() if name not in names}


def test_i2_a_change_between_our_read_and_our_write_is_kept_and_carried_along(site: Site) -> None:
    patch = {"ResourcePath": "/new", "FailureThreshold": 7}
    site.lab.add_fault("competing_write", operation="UpdateHealthCheck", patch=patch)
    assert not site.lock()["failed"]
    assert site.config(site.primary)["ResourcePath"].startswith(f"{LOCKED_OUT}?restore=%2Fnew&lock=")
    site.unlock()
    config = site.config(site.primary)
    assert (config["ResourcePath"], config["FailureThreshold"]) == ("/new", 7)


def test_i2_of_many_who_lock_at_once_one_places_the_lock_and_all_learn_its_id(site: Site) -> None:
    owners = [f"operator:{number}" for number in range(6)]
    with ThreadPoolExecutor(len(owners)) as threads:
        results = list(threads.map(lambda owner: site.lock(owner=owner), owners))
    # A run that finds the lock before its tags may keep the copy of the path, which counts as a change of its own.
    (placed,) = (number for number, result in enumerate(results) if result["msg"].startswith("Locked by"))
    updates = [call for call in site.lab.writes() if call["operation"] == "UpdateHealthCheck"]
    assert [call["status"] for call in updates if call["status"] < 400] == [200]
    assert results[placed]["changed"]
    assert {result["health_checks"][0]["lock"]["id"] for result in results} == {site.lock_id()}
    lock = look(site.client, health_check_ids=[site.primary])["health_checks"][0]["lock"]
    assert (lock["owner"], lock["original_path"]) == (owners[placed], "/lb-check")


def test_i2_a_newer_lock_is_not_removed_by_an_unlock_that_began_before_it(site: Site) -> None:
    site.lock()

    def overtaken(operation: str, carry_out: Callable[[], Any]) -> Any:
        if operation == "update_health_check":
            site.unlock()
            site.lock()
        return carry_out()

    result = switch(
        site.client, gate=once(overtaken), state="unlocked", health_check_ids=[site.primary], override=OVERRIDE
    )
    newer = site.lock_id()
    assert (result["failed"], result["changed"]) == (True, False)
    assert newer is not None
    assert newer in result["msg"]


def test_i2_of_two_who_take_over_the_same_lock_one_succeeds(site: Site) -> None:
    site.lock(lock_id=LOCK_ID)
    new_ids = ["20261121T040506Z-0000000a", "20261121T040506Z-0000000b"]
    with ThreadPoolExecutor(len(new_ids)) as threads:
        results = list(threads.map(lambda new_id: site.lock(lock_id=new_id, replaces=LOCK_ID), new_ids))
    assert sorted(result["failed"] for result in results) == [False, True]
    winner = next(new_id for new_id, result in zip(new_ids, results, strict=True) if not result["failed"])
    assert site.lock_id() == winner


def once(gate: Callable[[str, Callable[[], Any]], Any]) -> Callable[[str, Callable[[], Any]], Any]:
    """A gate for the first update; the others pass."""
    left = [gate]

    def pass_on(operation: str, carry_out: Callable[[], Any]) -> Any:
        if operation == "update_health_check" and left:
            return left.pop()(operation, carry_out)
        return carry_out()

    return pass_on


@pytest.mark.parametrize("state", LOCK_STATES)
def test_i3_check_mode_predicts_the_run_and_writes_nothing(site: Site, state: str) -> None:
    options: Json = {"state": state, "health_check_ids": [site.primary], "override": OVERRIDE}
    if state == "unlocked":
        site.lock()
    else:
        options["lock_id"] = LOCK_ID
    start = len(site.lab.writes())
    predicted = switch(site.client, check_mode=True, **options)
    assert len(site.lab.writes()) == start
    assert switch(site.client, **options) == predicted


@pytest.mark.parametrize("state", LOCK_STATES)
def test_i3_the_second_run_writes_nothing(site: Site, state: str) -> None:
    options: Json = {"state": state, "health_check_ids": [site.primary], "override": OVERRIDE}
    switch(site.client, **options)
    start = len(site.lab.writes())
    again = switch(site.client, **options)
    assert (again["changed"], again["failed"], len(site.lab.writes())) == (False, False, start)


def test_i4_a_health_check_that_does_not_exist_is_not_created(site: Site) -> None:
    result = site.lock("00000000-0000-4000-8000-000000000000")
    assert (result["failed"], result["changed"], site.lab.writes()) == (True, False, [])


def test_i5_a_lock_holds_when_the_site_recovers_and_dns_keeps_the_site_out(site: Site) -> None:
    name = site.lab.info["aws"]["record"]["name"]
    site.lab.control("PUT", "/aws/sites/primary", {"running": False})
    eventually(lambda: not site.is_healthy(site.primary))
    lock_id = site.lock(method="path")["health_checks"][0]["lock"]["id"]
    site.lab.control("PUT", "/aws/sites/primary", {"running": True})
    seen = datetime.now(UTC)
    eventually(lambda: observed_since(site, seen))
    assert (site.is_healthy(site.primary), site.lock_id()) == (False, lock_id)
    assert answers(site.lab, name) == [site.lab.info["aws"]["sites"]["backup"]["address"]]


def observed_since(site: Site, time: datetime) -> bool:
    """Whether every checker has probed again, more often than its threshold requires."""
    seen = site.client.get_health_check_status(HealthCheckId=site.primary)["HealthCheckObservations"]
    # The lab's checkers probe six times a second; twice the threshold of three is a second.
    return bool(seen) and all(item["StatusReport"]["CheckedTime"] > time + timedelta(seconds=1) for item in seen)


def answers(lab: RunningLab, name: str) -> list[str]:
    where = lab.info["aws"]["dns"]
    reply = dns.query.udp(dns.message.make_query(name, "A"), where["host"], port=where["port"], timeout=5)
    return sorted(str(item) for rrset in reply.answer for item in rrset)


@pytest.mark.parametrize("method", ["auto", "invert"])
def test_i5_locking_again_keeps_the_lock_that_is_there(site: Site, method: str) -> None:
    first = site.lock(owner="operator:alice", method=method)["health_checks"][0]
    again = site.lock(
        owner="alarm:checkout", lock_id="20301121T030405Z-3f9a1c2e", lock_path="/elsewhere", method=method
    )
    reported = again["health_checks"][0]
    assert not again["changed"]
    assert (reported["lock"]["id"], reported["after"]) == (first["lock"]["id"], first["after"])


def test_i5_a_lock_on_a_check_that_follows_an_alarm_outlives_its_recovery(site: Site) -> None:
    check_id = site.create_kind("alarm")
    site.set_alarm("ALARM")
    site.lock(check_id)
    site.set_alarm("OK")
    assert not site.is_healthy(check_id)


def test_i5_a_reset_of_other_settings_does_not_open_a_lock(site: Site) -> None:
    lock_id = site.lock()["health_checks"][0]["lock"]["id"]
    site.client.update_health_check(HealthCheckId=site.primary, ResetElements=["FullyQualifiedDomainName", "Regions"])
    assert site.lock_id() == lock_id


def test_i5_an_inverted_lock_outlives_a_reset_of_the_path(site: Site) -> None:
    site.lock(method="invert")
    site.client.update_health_check(HealthCheckId=site.primary, ResetElements=["ResourcePath"])
    assert not site.is_healthy(site.primary)
    assert site.lock_id() is not None


def test_i6_evidence_of_all_gates_for_this_very_lock_releases_it(site: Site) -> None:
    lock_id = site.lock()["health_checks"][0]["lock"]["id"]
    result = site.unlock(override=None, required_gates=GATES, evidence=evidence(lock_id))
    assert (result["failed"], result["changed"], site.lock_id()) == (False, True, None)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"age": 301},
        {"age": -60},
        {"gates": GATES[:1]},
        {"gates": [GATES[0], GATES[1] | {"digest": "d3"}]},
        {"gates": [GATES[0], *[GATES[1]] * 2]},
        {"lock_ids": ["20261121T030405Z-3f9a1c2e"]},
        {"lock_ids": []},
    ],
    ids=["none", "stale", "future", "incomplete", "redefined", "twice", "foreign", "for nothing"],
)
def test_i6_without_such_evidence_a_lock_stays(site: Site, given: Json) -> None:
    lock_id = site.lock()["health_checks"][0]["lock"]["id"]
    start = len(site.lab.writes())
    shown = evidence(lock_id, **given) if given else None
    result = site.unlock(override=None, required_gates=GATES, evidence=shown)
    assert (result["failed"], result["changed"], len(site.lab.writes())) == (True, False, start)
    assert site.lock_id() == lock_id


def test_i6_evidence_that_only_a_clock_which_leapt_back_makes_fresh_keeps_the_lock(site: Site) -> None:
    lock_id = site.lock()["health_checks"][0]["lock"]["id"]
    site.lab.add_fault("clock_skew", service="route53", seconds=240, times=None)
    result = site.unlock(override=None, required_gates=GATES, evidence=evidence(lock_id))
    assert result["failed"]
    assert re.search(r"clock is 2\d\d s behind that of AWS", result["msg"])
    assert site.lock_id() == lock_id


def test_i6_a_lock_that_a_slow_clock_places_is_not_dated_back(site: Site) -> None:
    site.lab.add_fault("clock_skew", service="route53", seconds=240, times=None)
    since = site.lock()["health_checks"][0]["lock"]["since"]
    assert datetime.fromisoformat(since) - datetime.now(UTC) > timedelta(seconds=180)


def test_i6_a_gate_that_failed_keeps_the_lock(site: Site) -> None:
    lock_id = site.lock()["health_checks"][0]["lock"]["id"]
    shown = evidence(lock_id)
    shown["gates"][1]["passed"] = False
    result = site.unlock(override=None, required_gates=GATES, evidence=shown)
    assert (result["failed"], site.lock_id()) == (True, lock_id)


def test_i7_a_write_whose_outcome_is_unknown_is_a_failure_that_says_so(site: Site) -> None:
    site.lab.add_fault("drop_after", operation="UpdateHealthCheck")
    site.lab.add_fault("status", operation="GetHealthCheck", status=500, skip=1, times=None)
    result = site.lock(wait_timeout=1)
    assert (result["failed"], result["changed"]) == (True, True)
    assert "The response was lost" in result["msg"]


def test_i7_a_fence_that_nothing_proves_is_not_called_proven(site: Site) -> None:
    site.lab.control("PUT", "/aws/sites/primary", {"running": False})
    result = site.lock(method="path")
    assert (result["failed"], result["health_checks"][0]["fence"]) == (False, "unproven")


def test_i7_a_wait_that_runs_out_fails_the_run(site: Site) -> None:
    site.lab.control("PUT", "/aws/sites/primary", {"running": False})
    site.lock()
    result = site.unlock(wait_for="healthy", wait_timeout=1)
    assert (result["failed"], result["changed"]) == (True, True)
