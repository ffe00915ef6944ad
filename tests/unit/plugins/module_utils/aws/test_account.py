# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is read of an account besides health checks, page after page."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws.account import Account
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

CHECK = "233e180f-f023-45a3-954e-415303f21eab"
TOPIC, FUNCTION = "arn:aws:sns:us-east-1:123456789012:failover", "arn:aws:lambda:us-east-1:123456789012:function:fence"

Json = dict[str, t.Any]


class Service:
    """Gives prepared answers, one after the other, and remembers what was asked."""

    meta = SimpleNamespace(endpoint_url="https://aws.example.com")

    def __init__(self, **answers: list[Json]) -> None:
        self._answers = answers
        self.asked: list[Json] = []

    def __getattr__(self, operation: str) -> t.Any:
        def answer(**parameters: t.Any) -> Json:
            self.asked.append(parameters)
            return self._answers[operation].pop(0)

        return answer


def account(**answers: list[Json]) -> tuple[Account, Service]:
    """An account, and the one service that answers for all."""
    service = Service(**answers)
    return Account(lambda _name: service, lambda: Deadline(1, Clock())), service


def item(name: str, kind: str = "A", **more: t.Any) -> Json:
    """A record as AWS reports it."""
    return {"Name": name, "Type": kind, "ResourceRecords": [{"Value": "192.0.2.1"}]} | more


@pytest.mark.parametrize(
    ("zones", "found"),
    [
        ([], None),
        ([{"Id": "/hostedzone/Z1", "Name": "example.com."}], "Z1"),
        ([{"Id": "/hostedzone/Z1", "Name": "example.org."}], None),
        ([{"Id": "/hostedzone/Z1", "Name": "example.com.", "Config": {"PrivateZone": True}}], None),
    ],
    ids=["none", "it", "the next one", "private"],
)
def test_a_zone_is_found_by_its_very_name_if_it_is_public(zones: list[Json], found: str | None) -> None:
    reading, _service = account(list_hosted_zones_by_name=[{"HostedZones": zones}])
    assert reading.zone_id("example.com") == found


SAME: list[Json] = [{"Id": f"/hostedzone/Z{number}", "Name": "example.com."} for number in (1, 2)]


def test_of_several_public_zones_of_one_name_none_is_chosen() -> None:
    reading, _service = account(list_hosted_zones_by_name=[{"HostedZones": SAME}])
    with pytest.raises(RefusedError, match=r"2 public hosted zones are named example.com: Z1, Z2. Give as zone the id"):
        reading.zone_id("example.com")


def test_a_zone_may_be_given_by_its_id() -> None:
    reading, service = account()
    assert reading.zone_id("Z0123456ABCDEF") == "Z0123456ABCDEF"
    assert service.asked == []


def test_records_are_read_until_the_name_ends() -> None:
    pages: list[Json] = [
        {"ResourceRecordSets": [item("a.example.com.", SetIdentifier="1")], "IsTruncated": True}
        | {"NextRecordName": "a.example.com.", "NextRecordType": "A", "NextRecordIdentifier": "2"},
        {"ResourceRecordSets": [item("a.example.com.", SetIdentifier="2"), item("b.example.com.")], "IsTruncated": True}
        | {"NextRecordName": "c.example.com.", "NextRecordType": "A"},
    ]
    reading, service = account(list_resource_record_sets=pages)
    assert [record.identifier for record in reading.records("Z1", "a.example.com", "A")] == ["1", "2"]
    assert [asked.get("StartRecordIdentifier") for asked in service.asked] == [None, "2"]


def test_records_of_a_wildcard_are_found_as_route_53_writes_them() -> None:
    reading, _service = account(list_resource_record_sets=[{"ResourceRecordSets": [item(r"\052.example.com.")]}])
    assert len(reading.records("Z1", "*.Example.com", "A")) == 1


def test_records_of_another_type_are_not_meant() -> None:
    reading, _service = account(list_resource_record_sets=[{"ResourceRecordSets": [item("a.example.com.", "TXT")]}])
    assert reading.records("Z1", "a.example.com", "A") == []


def test_public_zones_are_found_on_every_page() -> None:
    private = {"Id": "/hostedzone/Z2", "Name": "internal.example.com.", "Config": {"PrivateZone": True}}
    pages: list[Json] = [
        {"HostedZones": [{"Id": "/hostedzone/Z1", "Name": "example.com."}], "IsTruncated": True, "NextMarker": "Z2"},
        {"HostedZones": [private, {"Id": "/hostedzone/Z3", "Name": "example.org."}], "IsTruncated": False},
    ]
    reading, service = account(list_hosted_zones=pages)
    assert reading.public_zones() == [("Z1", "example.com"), ("Z3", "example.org")]
    assert service.asked == [{}, {"Marker": "Z2"}]


def test_all_records_of_a_zone_are_read_page_after_page() -> None:
    pages: list[Json] = [
        {"ResourceRecordSets": [item("a.example.com.")], "IsTruncated": True}
        | {"NextRecordName": "b.example.com.", "NextRecordType": "A"},
        {"ResourceRecordSets": [item("b.example.com.")], "IsTruncated": False},
    ]
    reading, service = account(list_resource_record_sets=pages)
    assert [record["Name"] for record in reading.record_sets("Z1")] == ["a.example.com.", "b.example.com."]
    assert service.asked[1]["StartRecordName"] == "b.example.com."


def alarm(*actions: str, check: str = CHECK) -> Json:
    """An alarm on a health check."""
    return {"AlarmActions": list(actions), "Dimensions": [{"Name": "HealthCheckId", "Value": check}]}


def test_functions_behind_a_topic_are_found_on_every_page() -> None:
    pages: list[Json] = [
        {"Subscriptions": [{"Protocol": "email", "Endpoint": "ops@example.com"}], "NextToken": "more"},
        {"Subscriptions": [{"Protocol": "lambda", "Endpoint": FUNCTION}]},
    ]
    reading, _service = account(
        describe_alarms_for_metric=[{"MetricAlarms": [alarm(TOPIC)]}], list_subscriptions_by_topic=pages
    )
    assert reading.functions_listening_to(CHECK) == [FUNCTION]


def test_functions_that_an_alarm_calls_itself_are_found() -> None:
    reading, _service = account(describe_alarms_for_metric=[{"MetricAlarms": [alarm(FUNCTION)]}])
    assert reading.functions_listening_to(CHECK) == [FUNCTION]


def test_alarms_on_other_health_checks_do_not_matter() -> None:
    reading, _service = account(describe_alarms_for_metric=[{"MetricAlarms": [alarm(TOPIC, check="another")]}])
    assert reading.functions_listening_to(CHECK) == []


def test_whether_a_health_check_may_be_changed_is_tried_with_an_old_version_and_no_setting() -> None:
    check = {"Id": CHECK, "HealthCheckVersion": 7, "HealthCheckConfig": {"Type": "HTTPS"}}
    reading, service = account(update_health_check=[{"HealthCheck": check}])
    reading.may_update(CHECK, 7)
    assert service.asked == [{"HealthCheckId": CHECK, "HealthCheckVersion": 6}]
