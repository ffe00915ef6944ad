# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Whether another site is known to serve once health checks are locked."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.last_site import (
    LAST_SITE,
    Secondary,
    Sites,
    doubt_about,
    override_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._failover.records import groups_from
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.observations import Verdict
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH

from ..lock.health_checks import PINNED

PRIMARY, BACKUP, BOTH, THIRD = "1111-primary", "2222-backup", "3333-both", "4444-third"
WELL, DEAD = Verdict("healthy", "16 of 16 checkers see success"), Verdict("unhealthy", "0 of 16 checkers see success")


def check(check_id: str, path: str = "/lb-check", **config: t.Any) -> HealthCheck:
    """A health check of an endpoint."""
    return HealthCheck(check_id, {"Type": "HTTPS", "ResourcePath": path} | config, 7)


def calculated(threshold: int, *children: str, **config: t.Any) -> HealthCheck:
    """A health check that is calculated from others."""
    reported = {"Type": "CALCULATED", "ChildHealthChecks": list(children), "HealthThreshold": threshold}
    return HealthCheck(BOTH, reported | config, 7)


def record(check_id: str | None, name: str = "checkout.example.com.", **more: t.Any) -> dict[str, t.Any]:
    """A record as AWS reports it."""
    led = {"HealthCheckId": check_id} if check_id else {}
    return {"Name": name, "Type": "A", "SetIdentifier": str(check_id), "TTL": 60, **led, **more}


def sites(*records: dict[str, t.Any], asked: t.Sequence[str] = (PRIMARY,), **more: t.Any) -> Sites:
    """A primary site, and another one that serves by default."""
    given: dict[str, t.Any] = {
        "asked": asked,
        "groups": groups_from("example.com", records or (record(PRIMARY), record(BACKUP))),
        "checks": {one: check(one) for one in (PRIMARY, BACKUP, THIRD)},
        "verdicts": dict.fromkeys((PRIMARY, BACKUP, THIRD), WELL),
        "lock_path": DEFAULT_LOCK_PATH,
    }
    checks = given["checks"] | more.pop("checks", {})
    return Sites(**given | more | {"checks": checks})


def test_i10_a_site_is_locked_while_another_one_is_known_to_serve() -> None:
    assert doubt_about(PRIMARY, sites(), None) == ""


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (sites(verdicts={BACKUP: DEAD}), "0 of 16"),
        (sites(verdicts={BACKUP: Verdict("unknown", "no checker has reported yet")}), "no checker has reported yet"),
        (sites(verdicts={}), "the checkers were not asked"),
        (sites(checks={BACKUP: check(BACKUP, PINNED)}), "locked out too"),
        (sites(record(PRIMARY)), "no record of another site"),
        (sites(record(PRIMARY), record(None)), "has no health check"),
        (sites(record(PRIMARY), record(None, AliasTarget={"EvaluateTargetHealth": True})), "follows its target"),
        (sites(record(PRIMARY), record(BACKUP, AliasTarget={"EvaluateTargetHealth": True})), "follows its target too"),
        (sites(record(PRIMARY), record(BACKUP, GeoLocation={"CountryCode": "US"})), "answers some places only"),
        (sites(record(PRIMARY), record(BACKUP, CidrRoutingConfig={"LocationName": "a"})), "answers some places only"),
        (sites(record(PRIMARY), record("not-read")), "could not be read"),
        (sites(record(BACKUP)), "no DNS record is known"),
        (sites(problem="which records use it is not known, because AccessDenied"), "AccessDenied"),
    ],
)
def test_i10_what_is_not_known_to_serve_keeps_it_from_being_locked(seen: Sites, said: str) -> None:
    doubt = doubt_about(PRIMARY, seen, None)
    assert said in doubt
    assert f"{{checks: [{LAST_SITE}], reason: ...}}" in doubt


def test_i10_all_locks_of_a_task_count_together() -> None:
    both = sites(asked=(PRIMARY, BACKUP))
    assert "locking it would leave no site" in doubt_about(PRIMARY, both, None)
    assert "locking it would leave no site" in doubt_about(BACKUP, both, None)


def test_i10_a_third_site_is_enough_for_both() -> None:
    assert (
        doubt_about(PRIMARY, sites(record(PRIMARY), record(BACKUP), record(THIRD), asked=(PRIMARY, BACKUP)), None) == ""
    )


def test_i10_every_name_that_a_health_check_leads_counts() -> None:
    seen = sites(record(PRIMARY), record(BACKUP), record(PRIMARY, "search.example.com."))
    assert "search.example.com A" in doubt_about(PRIMARY, seen, None)


def test_names_of_other_services_do_not_matter() -> None:
    assert (
        doubt_about(PRIMARY, sites(record(PRIMARY), record(BACKUP), record(THIRD, "search.example.com.")), None) == ""
    )


def test_the_default_of_places_answers_everybody() -> None:
    seen = sites(record(PRIMARY, GeoLocation={"CountryCode": "DE"}), record(BACKUP, GeoLocation={"CountryCode": "*"}))
    assert doubt_about(PRIMARY, seen, None) == ""


# The answer of the other site's own address.


@pytest.mark.parametrize("verdict", [None, Verdict("unknown", "no checker has reported yet")])
def test_i10_the_other_sites_address_can_speak_for_it(verdict: Verdict | None) -> None:
    seen = sites(verdicts={BACKUP: verdict} if verdict else {})
    assert doubt_about(PRIMARY, seen, Secondary(True, "observed 200")) == ""


def test_i10_neither_the_address_nor_route_53_may_speak_against_it() -> None:
    assert "0 of 16" in doubt_about(PRIMARY, sites(verdicts={BACKUP: DEAD}), Secondary(True, "observed 200"))
    assert "observed 502" in doubt_about(PRIMARY, sites(), Secondary(False, "observed 502"))


# Calculated health checks.


@pytest.mark.parametrize(
    ("other", "verdicts", "is_doubted"),
    [
        (calculated(2, BACKUP, THIRD), {}, False),
        (calculated(2, BACKUP, THIRD), {THIRD: DEAD}, True),
        (calculated(1, BACKUP, THIRD), {THIRD: DEAD}, False),
        (calculated(1, BACKUP, "not-read"), {}, False),
        (calculated(2, BACKUP, "not-read"), {}, True),
        (calculated(1, PRIMARY), {}, True),
        (calculated(1, BACKUP, Inverted=True), {}, True),
        (calculated(1, BACKUP, Inverted=True), {BACKUP: DEAD}, False),
        (calculated(1, BACKUP, Disabled=True, Inverted=True), {}, True),
    ],
)
def test_i10_a_calculated_health_check_is_what_its_children_make_it(
    other: HealthCheck, verdicts: dict[str, Verdict], is_doubted: bool
) -> None:
    reported = dict.fromkeys((PRIMARY, BACKUP, THIRD), WELL) | verdicts
    seen = sites(record(PRIMARY), record(BOTH), checks={BOTH: other}, verdicts=reported)
    assert bool(doubt_about(PRIMARY, seen, None)) == is_doubted


def without_threshold() -> HealthCheck:
    other = calculated(1, BACKUP)
    return replace(other, config={key: reported for key, reported in other.config.items() if key != "HealthThreshold"})


@pytest.mark.parametrize("other", [calculated(2, BACKUP, "not-read"), without_threshold()], ids=["child", "threshold"])
def test_a_calculated_health_check_that_may_be_healthy_does_not_speak_against_the_other_site(
    other: HealthCheck,
) -> None:
    seen = sites(record(PRIMARY), record(BOTH), checks={BOTH: other})
    assert doubt_about(PRIMARY, seen, Secondary(True, "observed 200")) == ""


def test_i10_a_record_is_taken_out_by_a_child_of_its_health_check() -> None:
    led: dict[str, t.Any] = {"checks": {BOTH: calculated(1, PRIMARY)}}
    assert doubt_about(PRIMARY, sites(record(BOTH), record(BACKUP), **led), None) == ""
    assert "no record of another site" in doubt_about(PRIMARY, sites(record(BOTH), **led), None)


def test_a_record_that_its_other_children_keep_in_service_is_not_taken_out() -> None:
    assert doubt_about(PRIMARY, sites(record(BOTH), checks={BOTH: calculated(1, PRIMARY, BACKUP)}), None) == ""


def test_health_checks_that_follow_one_another_in_a_circle_end_in_doubt() -> None:
    circle = {BOTH: calculated(1, THIRD), THIRD: HealthCheck(THIRD, calculated(1, BOTH).config, 1)}
    assert doubt_about(PRIMARY, sites(record(PRIMARY), record(BOTH), checks=circle), None)


# The override.


def test_a_person_can_take_the_last_site_out_by_saying_so() -> None:
    assert override_from({"gates": [], "checks": [LAST_SITE], "reason": "CHG-1"}, "locked") == "CHG-1"
    assert override_from(None, "locked") is override_from(None, "unlocked") is None


@pytest.mark.parametrize("state", ["locked", "unlocked"])
def test_i10_an_override_of_gates_takes_no_last_site_out(state: str) -> None:
    assert override_from({"gates": ["x"], "checks": [], "reason": "CHG-1"}, state) is None


@pytest.mark.parametrize(
    ("given", "state", "said"),
    [
        ({"checks": [LAST_SITE], "reason": " "}, "locked", "no reason"),
        ({"checks": [LAST_SITE], "reason": "x"}, "unlocked", "belongs to locking"),
    ],
)
def test_an_override_that_means_something_else_is_refused(given: dict[str, t.Any], state: str, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        override_from(given, state)
