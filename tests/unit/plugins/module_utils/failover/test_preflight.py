# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What would stop a failover or a failback, by what was seen of a service."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._failover.preflight import (
    Finding,
    Seen,
    findings,
    other_site,
    other_sites_in_turn,
    own_name,
    reported_finding,
    verdict_by_own_name,
)
from ansible_collections.tidegate.failover.plugins.module_utils._failover.records import (
    Record,
    RecordGroup,
    record_from,
    same_name,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import Lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import people_tags
from ansible_collections.tidegate.failover.plugins.module_utils._lock.observations import Verdict
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH, pinned_path
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Answer, fence_by

OWN, OTHER = "233e180f-f023-45a3-954e-415303f21eab", "11111111-f023-45a3-954e-415303f21eab"
PARENT = "22222222-f023-45a3-954e-415303f21eab"
CONTROL = "arn:aws:route53-recovery-control::123456789012:controlpanel/a1/routingcontrol/b2"
LOCK = Lock("20261121T030405Z-3f9a1c2e", "path", "tidegate", True, "/lb-check", None, "operator:alice")
BOTH = ("failover", "failback")


def check(**config: t.Any) -> HealthCheck:
    """The primary site's health check."""
    return HealthCheck(OWN, {"Type": "HTTPS", "ResourcePath": "/lb-check"} | config, 7)


def record(identifier: str, check_id: str | None = None, **more: t.Any) -> Record:
    """A record with one answer."""
    plain = Record(identifier, None, check_id, False, (f"{identifier}.example.com",), False, 60)
    return replace(plain, **more)


def group(*records: Record, problem: str | None = None) -> RecordGroup:
    """Records of the service's name."""
    return RecordGroup("example.com", "checkout.example.com", "CNAME", records, problem)


PRIMARY, BACKUP = record("primary", OWN), record("backup", OTHER)


def seen(**more: t.Any) -> Seen:
    """A service with one finding: its other site has a health check too."""
    given: dict[str, t.Any] = {
        "ids": [OWN],
        "checks": [check()],
        "problems": {},
        "groups": [group(PRIMARY, BACKUP)],
        "locks": {OWN: None, OTHER: None},
        "verdicts": {OTHER: Verdict("healthy", "16 of 16 checkers see success")},
    }
    return Seen(**given | more)


def found(level: str, **more: t.Any) -> list[Finding]:
    """The findings of a level."""
    return [finding for finding in findings(seen(**more)) if finding.level == level]


def test_a_service_that_is_ready_has_no_errors() -> None:
    assert found("error") == []


def test_another_site_with_a_health_check_as_aws_setup_makes_it_is_no_warning() -> None:
    (info,) = found("info")
    assert (info.check, info.stops, found("warning")) == ("fence ineffective", (), [])
    assert "treats all as healthy" in info.msg
    assert "Keep it" in info.msg


OWN_NAME = {"FullyQualifiedDomainName": "Checkout.example.com"}


def test_a_health_check_that_asks_the_name_that_it_moves_is_worth_knowing() -> None:
    warnings = found("warning", checks=[check(**OWN_NAME)], groups=[group(PRIMARY, record("backup"))])
    assert ["its checkers probe the other site" in warning.msg for warning in warnings] == [True]


@pytest.mark.parametrize(
    ("config", "records"),
    [
        ({"FullyQualifiedDomainName": "primary.example.com"}, (PRIMARY, BACKUP)),
        (OWN_NAME | {"IPAddress": "192.0.2.1"}, (PRIMARY, BACKUP)),
        (OWN_NAME, (record("primary", PARENT), BACKUP)),
        ({"IPAddress": "192.0.2.1"}, (PRIMARY, BACKUP)),
    ],
    ids=["a name of the site", "an address", "another's record", "no name"],
)
def test_a_health_check_that_asks_a_site_does_not_ask_its_own_name(config: t.Any, records: t.Any) -> None:
    assert own_name(check(**config), [group(*records)]) is None


def test_a_health_check_that_asks_the_name_that_it_moves_proves_nothing_of_its_site() -> None:
    verdict = verdict_by_own_name(check(**OWN_NAME), [group(PRIMARY, BACKUP)])
    assert verdict is not None
    assert verdict.health == "unknown"


def test_a_health_check_that_asks_a_site_is_judged_by_its_checkers() -> None:
    assert verdict_by_own_name(check(), [group(PRIMARY, BACKUP)]) is None


def test_another_site_without_a_health_check_cannot_open_the_fence() -> None:
    assert found("warning", groups=[group(PRIMARY, record("backup"))]) == []


def test_an_alias_that_follows_its_target_can_open_the_fence() -> None:
    backup = record("backup", follows_target=True, alias=True, answers=())
    (warning,) = found("warning", groups=[group(PRIMARY, backup)])
    assert "EvaluateTargetHealth" in warning.msg


def test_an_alias_that_follows_its_target_beside_its_own_health_check_can_open_the_fence_too() -> None:
    backup = record("backup", OTHER, follows_target=True, alias=True, answers=())
    (warning,) = found("warning", groups=[group(PRIMARY, backup)])
    assert "EvaluateTargetHealth" in warning.msg


@pytest.mark.parametrize(
    ("more", "what", "stops", "said"),
    [
        ({"checks": [], "problems": {OWN: "No such check."}}, "health check", BOTH, "No such check."),
        ({"checks": [check(Type="TCP")]}, "claim", BOTH, "no path, and a run claims a service in the path"),
        ({"checks": [check(Disabled=True)]}, "health check", BOTH, "Disabled and not Inverted"),
        ({"checks": [check(ResourcePath="/" + "a" * 250)]}, "claim", BOTH, "does not fit"),
        ({"tags": {OWN: dict.fromkeys("abcdefghi", "x")}}, "tags", ("failover",), "Remove at least 1 of: a, b, c"),
        ({"groups": [group(record("primary", PARENT), BACKUP)]}, "records", BOTH, "No record of"),
        (
            {"groups": [group(record("primary", PARENT), BACKUP)], "parents": {PARENT: [OWN]}},
            "records",
            BOTH,
            f"calculated health check {PARENT}, which counts {OWN} among others",
        ),
        ({"sharing": {OWN: ["search"]}}, "shared health check", BOTH, "also that of search"),
        ({"functions": {OWN: ["arn:aws:lambda:fence"]}}, "legacy automation", BOTH, "arn:aws:lambda:fence"),
        ({"denied": ["change it"]}, "permissions", BOTH, "may not change it"),
        ({"groups": [group(problem="There is no zone.")]}, "records", BOTH, "There is no zone."),
        ({"groups": [group()]}, "records", BOTH, "has no records"),
        ({"groups": [group(BACKUP)]}, "records", BOTH, "uses the health check"),
        ({"groups": [group(PRIMARY)]}, "last serving site", ("failover",), "no record of another site"),
        ({"verdicts": {OTHER: Verdict("unhealthy", "0 of 16")}}, "last serving site", ("failover",), "0 of 16"),
        ({"locks": {OWN: None, OTHER: LOCK}}, "last serving site", ("failover",), "locked out too"),
    ],
)
def test_what_stops_a_procedure_is_an_error(
    more: dict[str, t.Any], what: str, stops: tuple[str, ...], said: str
) -> None:
    (error,) = found("error", **more)
    assert (error.check, error.stops) == (what, stops)
    assert said in error.msg


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"locks": {OWN: LOCK, OTHER: None}}, "locked"),
        ({"fences": {OWN: fence_by(Answer(200))}}, "pinned path"),
        ({"fences": {OWN: fence_by(Answer(None, detail="refused"))}}, "pinned path"),
        ({"tags": {OWN: dict.fromkeys("abcdefgh", "x")}}, "tags"),
        ({"unknown": ["whether it may be changed"]}, "permissions"),
        ({"groups": [group(replace(PRIMARY, ttl=3600), BACKUP)]}, "time to live"),
    ],
)
def test_what_a_person_should_know_is_a_warning(more: dict[str, t.Any], what: str) -> None:
    assert what in [warning.check for warning in found("warning", **more)]
    assert found("error", **more) == []


def test_each_health_check_that_a_routing_control_switches_is_an_error_that_names_it() -> None:
    controls = [replace(check(Type="RECOVERY_CONTROL", RoutingControlArn=CONTROL), id=id_) for id_ in (OWN, PARENT)]
    errors = found("error", ids=[OWN, PARENT], checks=controls)
    assert [error.check for error in errors] == ["health check"] * 2
    assert all(f"Its routing control {CONTROL} switches it" in error.msg for error in errors)


def test_a_path_that_does_not_fit_stops_nothing_where_it_carries_no_claim() -> None:
    second = replace(check(ResourcePath="/" + "a" * 250), id=PARENT)
    more: dict[str, t.Any] = {"ids": [OWN, PARENT], "checks": [check(), second]}
    assert found("error", **more) == []
    assert "it is disabled and inverted, and its path stays" in found("warning", **more)[0].msg


def test_a_first_health_check_whose_path_does_not_fit_is_an_error_and_no_warning() -> None:
    assert (
        found("warning", checks=[check(ResourcePath="/" + "a" * 250)], groups=[group(PRIMARY, record("backup"))]) == []
    )


def test_a_lock_that_is_there_is_reported_with_its_owner() -> None:
    assert "by operator:alice (lock" in found("warning", locks={OWN: LOCK, OTHER: None})[0].msg


def test_a_first_health_check_that_is_locked_already_carries_a_claim_however_long_its_path_was() -> None:
    pinned = check(ResourcePath=pinned_path(DEFAULT_LOCK_PATH, "/" + "a" * 180, LOCK.id))
    assert found("error", checks=[pinned], locks={OWN: LOCK, OTHER: None}) == []


def test_tags_that_older_locks_left_and_the_state_that_is_there_take_no_room() -> None:
    left = people_tags(LOCK.id, "operator", "CHG-1") | {f"tidegate-failover-{LOCK.id}": "run=..."}
    assert found("error", tags={OWN: left | dict.fromkeys("abcdef", "x")}) == []
    assert "tags" not in [warning.check for warning in found("warning", tags={OWN: left})]


def about_tags(number: int, check_id: str = OWN, **more: t.Any) -> list[str]:
    """The levels of the findings for a health check with this number of foreign tags."""
    tags = {check_id: dict.fromkeys("abcdefghij"[:number], "x")}
    return [finding.level for finding in findings(seen(tags=tags, **more)) if finding.check == "tags"]


def test_a_health_check_that_is_locked_needs_no_room_for_tags() -> None:
    assert about_tags(10, locks={OWN: LOCK, OTHER: None}) == []


def test_a_health_check_that_no_pinned_path_locks_needs_no_room_for_its_path() -> None:
    second = replace(check(Type="TCP"), id=PARENT)
    assert about_tags(8, PARENT, ids=[OWN, PARENT], checks=[check(), second]) == []


def test_the_first_health_check_of_several_needs_room_for_the_state() -> None:
    assert about_tags(9, ids=[OWN, PARENT]) == ["error"]


@pytest.mark.parametrize(("version", "levels"), [(8, ["warning"]), (9, ["error"])])
def test_the_copy_of_a_path_is_as_long_as_with_the_version_of_the_lock(version: int, levels: list[str]) -> None:
    """With a version of two digits, the copy of this path takes a second tag."""
    assert about_tags(8, checks=[replace(check(ResourcePath="/" + "a" * 172), version=version)]) == levels


def test_a_time_to_live_of_five_minutes_is_short_enough() -> None:
    assert found("warning", groups=[group(replace(PRIMARY, ttl=300), record("backup"))]) == []


def test_a_pinned_path_that_is_proven_is_not_worth_a_word() -> None:
    assert "pinned path" not in [warning.check for warning in found("warning", fences={OWN: fence_by(Answer(404))})]


# The other site.


def test_i10_the_other_site_is_healthy_only_if_every_name_leads_to_a_healthy_record() -> None:
    assert other_site(seen()).health == "healthy"
    twice = [group(PRIMARY, BACKUP), group(PRIMARY, record("backup"))]
    assert other_site(seen(groups=twice)).health == "unknown"


@pytest.mark.parametrize(
    ("more", "health"),
    [
        ({"groups": []}, "unknown"),
        ({"groups": [group(PRIMARY)]}, "unknown"),
        ({"groups": [group(PRIMARY, record("backup"))]}, "unknown"),
        ({"verdicts": {}}, "unknown"),
        ({"verdicts": {OTHER: Verdict("unknown", "no checker has reported yet")}}, "unknown"),
        ({"verdicts": {OTHER: Verdict("unhealthy", "0 of 16")}}, "unhealthy"),
        ({"locks": {OWN: None, OTHER: LOCK}}, "unhealthy"),
    ],
)
def test_i10_nothing_but_a_healthy_check_makes_the_other_site_healthy(more: dict[str, t.Any], health: str) -> None:
    assert other_site(seen(**more)).health == health


def test_one_healthy_record_of_several_is_enough_to_answer() -> None:
    third = record("third", "22222222-f023-45a3-954e-415303f21eab")
    assert other_site(seen(groups=[group(PRIMARY, third, BACKUP)])).health == "healthy"


@pytest.mark.parametrize(("identifier", "name"), [("backup", "record backup:"), ("", "record without identifier:")])
def test_the_record_of_the_other_site_is_named(identifier: str, name: str) -> None:
    assert name in other_site(seen(groups=[group(PRIMARY, record(identifier, OTHER))])).how


def test_the_answers_of_the_other_site_are_reported() -> None:
    assert other_site(seen()).answers == {"checkout.example.com CNAME": ["backup.example.com"]}


def test_the_answers_of_an_alias_are_not_known() -> None:
    alias = record("backup", OTHER, alias=True, answers=())
    assert other_site(seen(groups=[group(PRIMARY, alias)])).answers == {}


# Records as AWS reports them.


def test_a_record_is_read_with_its_answers() -> None:
    item = {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "x", "Failover": "PRIMARY", "TTL": 5}
    item |= {"ResourceRecords": [{"Value": "192.0.2.1"}], "HealthCheckId": OWN}
    assert record_from(item) == Record("x", "PRIMARY", OWN, False, ("192.0.2.1",), False, 5)


def test_an_alias_is_read_with_whether_it_follows_its_target() -> None:
    item = {"Name": "a.example.com.", "Type": "A", "AliasTarget": {"EvaluateTargetHealth": True}}
    assert record_from(item) == Record("", None, None, True, (), True, None)


def test_names_are_compared_as_dns_does() -> None:
    assert same_name("Checkout.Example.com.", "checkout.example.com")
    assert not same_name("checkout.example.com", "example.com")


def test_a_wildcard_that_route_53_writes_in_octal_is_the_same_name() -> None:
    assert same_name(r"\052.example.com.", "*.example.com")


def test_a_finding_is_reported_in_plain_data() -> None:
    finding = Finding("records", "error", BOTH, "There are none.")
    reported = {"check": "records", "level": "error", "stops": ["failover", "failback"], "msg": "There are none."}
    assert reported_finding(finding) == reported


# Services that are locked in one run.


def opposite() -> Seen:
    """The service whose primary site is the other site of :func:`seen`, and the other way round."""
    return seen(ids=[OTHER], verdicts={OWN: Verdict("healthy", "18 of 18")})


@pytest.mark.parametrize(
    ("lock_if", "second"),
    [("not_unhealthy", "unhealthy"), ("healthy", "unhealthy"), ("any", "unhealthy"), ("never", "healthy")],
)
def test_i10_of_two_services_that_are_each_others_other_site_one_stays(lock_if: str, second: str) -> None:
    first, last = other_sites_in_turn([("a", lock_if, seen()), ("b", "not_unhealthy", opposite())])
    assert (first.health, last.health) == ("healthy", second)


def test_a_site_that_is_taken_out_by_the_same_run_is_reported_with_its_service() -> None:
    (site,) = other_sites_in_turn([("b", "healthy", opposite())], {OWN: "a"})
    assert (site.health, "locked out by this run too, with a" in site.how) == ("unhealthy", True)


def test_a_calculated_health_check_counts_as_out_with_one_that_it_counts() -> None:
    calculated = seen(children={OTHER: [PARENT]})
    (site,) = other_sites_in_turn([("b", "healthy", calculated)], {PARENT: "a"})
    assert site.health == "unhealthy"


def test_a_service_that_will_not_be_locked_takes_nothing_from_others() -> None:
    dead = seen(verdicts={OTHER: Verdict("unhealthy", "0 of 18")})
    _first, last = other_sites_in_turn([("a", "not_unhealthy", dead), ("b", "not_unhealthy", opposite())])
    assert last.health == "healthy"


def test_a_record_whose_health_check_follows_a_routing_control_of_the_site_leads_to_it() -> None:
    records = [group(record("primary", PARENT), BACKUP)]
    assert found("error", groups=records) != []
    assert found("error", groups=records, controlled=[PARENT]) == []
