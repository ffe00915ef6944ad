# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""DNS answers of hosted zones: routing policies that follow the health checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dns.flags
import dns.query
import dns.rcode
import pytest
from botocore.exceptions import ClientError
from dns.message import Message

Change = Callable[..., None]
Create = Callable[..., str]
Eventually = Callable[[Callable[[], Any]], Any]
Resolve = Callable[..., list[str]]
SetSite = Callable[..., None]

PRIMARY, BACKUP = "127.0.1.1", "127.0.2.1"


@pytest.fixture
def upsert(route53: Any, aws: dict[str, Any]) -> Change:
    """Makes A records of one name: each is a value and the settings that only this record has."""

    def change(name: str, *records: tuple[str, dict[str, Any]]) -> None:
        changes = []
        for number, (value, settings) in enumerate(records):
            record: dict[str, Any] = {"Name": name, "Type": "A"}
            if "AliasTarget" not in settings:
                record |= {"TTL": 30, "ResourceRecords": [{"Value": value}]}
            if settings.keys() - {"AliasTarget"}:
                record["SetIdentifier"] = str(number)
            changes.append({"Action": "UPSERT", "ResourceRecordSet": record | settings})
        route53.change_resource_record_sets(HostedZoneId=aws["zone"]["id"], ChangeBatch={"Changes": changes})

    return change


@pytest.fixture
def unhealthy(create: Create, is_healthy: Callable[[str], bool], eventually: Eventually) -> str:
    check = create(ResourcePath="/missing")
    eventually(lambda: not is_healthy(check))
    return check


@pytest.fixture
def healthy(create: Create) -> str:
    return create()


@pytest.mark.parametrize("send", [dns.query.udp, dns.query.tcp])
def test_the_primary_answers_over_udp_and_tcp(query: Callable[..., Message], aws: dict[str, Any], send: Any) -> None:
    reply = query(send=send)
    assert reply.flags & dns.flags.AA
    assert [(rrset.ttl, [str(item) for item in rrset]) for rrset in reply.answer] == [(aws["record"]["ttl"], [PRIMARY])]


def test_dns_fails_over_when_the_primary_fails_and_back_when_it_returns(
    set_site: SetSite, resolve: Resolve, eventually: Eventually
) -> None:
    set_site("primary", running=False)
    eventually(lambda: resolve() == [BACKUP])
    set_site("primary", running=True)
    eventually(lambda: resolve() == [PRIMARY])


def test_a_pinned_path_keeps_a_returned_primary_out(
    route53: Any, primary: str, resolve: Resolve, eventually: Eventually
) -> None:
    route53.update_health_check(HealthCheckId=primary, ResourcePath="/lb-check-failed-over")
    eventually(lambda: resolve() == [BACKUP])


@pytest.mark.parametrize("behaviour", ["catch_all", "redirect"])
def test_a_pinned_path_that_is_answered_below_400_keeps_nothing_out(
    set_site: SetSite,
    route53: Any,
    primary: str,
    resolve: Resolve,
    statuses: Callable[[str], list[str]],
    eventually: Eventually,
    behaviour: str,
) -> None:
    set_site("primary", behaviour=behaviour)
    route53.update_health_check(HealthCheckId=primary, ResourcePath="/lb-check-failed-over", FailureThreshold=1)
    eventually(lambda: all(status.startswith("Success") for status in statuses(primary)))
    assert resolve() == [PRIMARY]


def test_disabled_and_inverted_keeps_the_primary_out_at_once(route53: Any, primary: str, resolve: Resolve) -> None:
    route53.update_health_check(HealthCheckId=primary, Disabled=True, Inverted=True)
    assert resolve() == [BACKUP]


def test_when_no_record_is_healthy_the_primary_answers(
    route53: Any, aws: dict[str, Any], primary: str, resolve: Resolve
) -> None:
    for check in (primary, aws["health_checks"]["backup"]):
        route53.update_health_check(HealthCheckId=check, Disabled=True, Inverted=True)
    assert resolve() == [PRIMARY]


def test_a_record_without_a_health_check_is_always_healthy(upsert: Change, unhealthy: str, resolve: Resolve) -> None:
    upsert(
        "always.shop.example.com",
        ("192.0.2.1", {"Failover": "PRIMARY", "HealthCheckId": unhealthy}),
        ("192.0.2.2", {"Failover": "SECONDARY"}),
    )
    assert resolve("always.shop.example.com") == ["192.0.2.2"]


def test_weighted_records_answer_when_they_are_healthy(
    upsert: Change, healthy: str, unhealthy: str, resolve: Resolve
) -> None:
    upsert(
        "weighted.shop.example.com",
        ("192.0.2.1", {"Weight": 200, "HealthCheckId": unhealthy}),
        ("192.0.2.2", {"Weight": 1, "HealthCheckId": healthy}),
        ("192.0.2.3", {"Weight": 0}),
    )
    assert {resolve("weighted.shop.example.com")[0] for _unused in range(20)} == {"192.0.2.2"}


def test_weights_share_the_answers(upsert: Change, resolve: Resolve) -> None:
    upsert("shared.shop.example.com", ("192.0.2.1", {"Weight": 1}), ("192.0.2.2", {"Weight": 1}))
    # Both within 200 draws: the odds against it are 1 to 2 to the 199th.
    assert {resolve("shared.shop.example.com")[0] for _unused in range(200)} == {"192.0.2.1", "192.0.2.2"}


def test_weight_0_answers_when_no_other_is_healthy(upsert: Change, unhealthy: str, resolve: Resolve) -> None:
    upsert(
        "standby.shop.example.com",
        ("192.0.2.1", {"Weight": 10, "HealthCheckId": unhealthy}),
        ("192.0.2.2", {"Weight": 0}),
    )
    assert resolve("standby.shop.example.com") == ["192.0.2.2"]


def test_when_no_weighted_record_is_healthy_the_weights_decide(
    upsert: Change, unhealthy: str, resolve: Resolve
) -> None:
    upsert(
        "none.shop.example.com",
        ("192.0.2.1", {"Weight": 10, "HealthCheckId": unhealthy}),
        ("192.0.2.2", {"Weight": 0, "HealthCheckId": unhealthy}),
    )
    assert resolve("none.shop.example.com") == ["192.0.2.1"]


def test_multivalue_records_answer_with_all_that_are_healthy(upsert: Change, unhealthy: str, resolve: Resolve) -> None:
    upsert(
        "many.shop.example.com",
        ("192.0.2.1", {"MultiValueAnswer": True}),
        ("192.0.2.2", {"MultiValueAnswer": True, "HealthCheckId": unhealthy}),
        ("192.0.2.3", {"MultiValueAnswer": True}),
    )
    assert resolve("many.shop.example.com") == ["192.0.2.1", "192.0.2.3"]


@pytest.mark.parametrize(("evaluate", "answer"), [(True, "192.0.2.2"), (False, "192.0.2.1")])
def test_an_alias_evaluates_its_target_only_when_it_is_set_to(
    aws: dict[str, Any], upsert: Change, unhealthy: str, resolve: Resolve, evaluate: bool, answer: str
) -> None:
    upsert("target.shop.example.com", ("192.0.2.1", {"Weight": 1, "HealthCheckId": unhealthy}))
    target = {
        "HostedZoneId": aws["zone"]["id"],
        "DNSName": "target.shop.example.com",
        "EvaluateTargetHealth": evaluate,
    }
    upsert(
        "alias.shop.example.com",
        ("", {"Failover": "PRIMARY", "AliasTarget": target}),
        ("192.0.2.2", {"Failover": "SECONDARY"}),
    )
    assert resolve("alias.shop.example.com") == [answer]


@pytest.mark.parametrize(
    ("name", "record_type", "code", "authority"),
    [
        ("missing.shop.example.com", "A", dns.rcode.NXDOMAIN, True),
        ("checkout.shop.example.com", "TXT", dns.rcode.NOERROR, True),
        ("example.org", "A", dns.rcode.REFUSED, False),
    ],
)
def test_what_is_not_there_is_reported_as_missing(
    query: Callable[..., Message], name: str, record_type: str, code: int, authority: bool
) -> None:
    reply = query(name, record_type)
    assert (reply.answer, reply.rcode(), bool(reply.authority)) == ([], code, authority)


def test_a_cname_is_followed_within_the_zone(route53: Any, aws: dict[str, Any], query: Callable[..., Message]) -> None:
    record = {
        "Name": "www.shop.example.com",
        "Type": "CNAME",
        "TTL": 30,
        "ResourceRecords": [{"Value": aws["record"]["name"]}],
    }
    changes = [{"Action": "CREATE", "ResourceRecordSet": record}]
    route53.change_resource_record_sets(HostedZoneId=aws["zone"]["id"], ChangeBatch={"Changes": changes})
    answers = {str(rrset.name): str(rrset[0]) for rrset in query("www.shop.example.com").answer}
    assert answers == {"www.shop.example.com.": "checkout.shop.example.com.", "checkout.shop.example.com.": PRIMARY}


def test_the_api_reports_what_dns_answers(
    route53: Any, aws: dict[str, Any], primary: str, query: Callable[..., Message]
) -> None:
    route53.update_health_check(HealthCheckId=primary, Disabled=True, Inverted=True)
    reported = route53.test_dns_answer(HostedZoneId=aws["zone"]["id"], RecordName=aws["record"]["name"], RecordType="A")
    assert (reported["RecordData"], reported["ResponseCode"]) == ([BACKUP], "NOERROR")
    assert [str(item) for item in query().answer[0]] == reported["RecordData"]


def test_a_record_cannot_name_a_health_check_that_does_not_exist(upsert: Change, resolve: Resolve) -> None:
    with pytest.raises(ClientError, match="NoSuchHealthCheck"):
        upsert("broken.shop.example.com", ("192.0.2.1", {"Failover": "PRIMARY", "HealthCheckId": "none"}))
    assert resolve("broken.shop.example.com") == []


def test_the_zone_lists_its_records_with_their_health_checks(route53: Any, aws: dict[str, Any]) -> None:
    records = route53.list_resource_record_sets(HostedZoneId=aws["zone"]["id"])["ResourceRecordSets"]
    checks = {record["SetIdentifier"]: record["HealthCheckId"] for record in records if "Failover" in record}
    assert checks == aws["health_checks"]
