# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Each call of Route 53 as boto3 sends it, and what is read from its answer."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from datetime import UTC, datetime

import boto3
import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import ThrottledError
from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import HealthCheckApi
from ansible_collections.tidegate.failover.plugins.module_utils._aws.pacing import Pacer
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    ConflictError,
    NotFoundError,
    UnexpectedAnswerError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import Change, HealthCheck
from botocore.stub import Stubber

CHECK = HealthCheck("check-1", {"Type": "HTTPS", "ResourcePath": "/lb-check"}, 7)


class NotedPacer(Pacer):
    """Never waits, and notes what it is given."""

    def __init__(self) -> None:
        super().__init__(Clock())
        self.noted: list[str] = []

    def wait_turn(self) -> float:
        self.noted.append("sent")
        return 0.0

    def passed(self) -> None:
        self.noted.append("passed")

    def throttled(self, sent: float) -> None:
        self.noted.append("throttled")


class Service:
    """Route 53 by boto3's model: each request must be the expected one, and the model must allow it."""

    def __init__(self) -> None:
        client = boto3.client("route53", aws_access_key_id="key", aws_secret_access_key="secret")
        self.stub = Stubber(client)
        self.pacer = NotedPacer()
        self.api = HealthCheckApi(client, self.pacer)

    def answers(self, operation: str, answer: dict[str, t.Any], **expected: t.Any) -> None:
        self.stub.add_response(operation, answer, expected)

    def refuses(self, operation: str, status: int, code: str) -> None:
        self.stub.add_client_error(operation, code, "No.", status)


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    with service.stub:
        yield service
        service.stub.assert_no_pending_responses()


def reported(check: HealthCheck, **more: t.Any) -> dict[str, t.Any]:
    """A health check as the service reports it."""
    return {
        "HealthCheck": {
            "Id": check.id,
            "CallerReference": "x",
            "HealthCheckConfig": {**check.config},
            "HealthCheckVersion": check.version,
        },
        **more,
    }


def test_a_health_check_is_read_with_its_version(service: Service) -> None:
    service.answers("get_health_check", reported(CHECK), HealthCheckId="check-1")
    assert service.api.read("check-1") == CHECK


def test_i2_an_update_sends_the_version_that_was_read_and_only_the_change(service: Service) -> None:
    after = HealthCheck("check-1", {"Type": "HTTPS", "ResourcePath": "/pinned"}, 8)
    service.answers(
        "update_health_check",
        reported(after),
        HealthCheckId="check-1",
        HealthCheckVersion=7,
        ResourcePath="/pinned",
    )
    assert service.api.update(CHECK, Change(path="/pinned")) == (after, None)


def test_i2_an_update_of_what_somebody_else_has_changed_is_a_conflict(service: Service) -> None:
    service.refuses("update_health_check", 409, "HealthCheckVersionMismatch")
    with pytest.raises(ConflictError, match="Cannot update health check check-1"):
        service.api.update(CHECK, Change(path="/pinned"))


@pytest.mark.parametrize(
    ("header", "time"),
    [
        ("Sat, 21 Nov 2026 03:04:05 GMT", datetime(2026, 11, 21, 3, 4, 6, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
    ],
)
def test_an_update_reports_by_when_it_took_effect_on_the_services_clock_of_whole_seconds(
    service: Service, header: str, time: datetime | None
) -> None:
    metadata = {"HTTPHeaders": {"date": header}, "HTTPStatusCode": 200}
    service.answers(
        "update_health_check",
        reported(CHECK, ResponseMetadata=metadata),
        HealthCheckId="check-1",
        HealthCheckVersion=7,
        ResetElements=["ResourcePath"],
    )
    assert service.api.update(CHECK, Change(path=""))[1] == time


@pytest.mark.parametrize(("marker", "start"), [(None, {}), ("m-1", {"Marker": "m-1"})])
def test_a_page_of_health_checks_is_as_large_as_it_can_be(
    service: Service, marker: str | None, start: dict[str, str]
) -> None:
    page = {"HealthChecks": [reported(CHECK)["HealthCheck"]], "Marker": "", "MaxItems": "1000"}
    more = {"IsTruncated": True, "NextMarker": "m-2"}
    service.answers("list_health_checks", {**page, **more}, MaxItems="1000", **start)
    assert service.api.page(marker) == ([CHECK], "m-2")


def test_the_last_page_has_no_next(service: Service) -> None:
    page = {"HealthChecks": [], "Marker": "", "MaxItems": "1000", "IsTruncated": False}
    service.answers("list_health_checks", page, MaxItems="1000")
    assert service.api.page(None) == ([], None)


def test_tags_of_several_health_checks_are_read_at_once(service: Service) -> None:
    tagged = {"ResourceType": "healthcheck", "ResourceId": "a", "Tags": [{"Key": "Name", "Value": "x"}, {"Key": "e"}]}
    service.answers(
        "list_tags_for_resources",
        {"ResourceTagSets": [tagged, {"ResourceType": "healthcheck", "ResourceId": "b"}]},
        ResourceType="healthcheck",
        ResourceIds=["a", "b"],
    )
    assert service.api.tags(["a", "b"]) == {"a": {"Name": "x", "e": ""}, "b": {}}


@pytest.mark.parametrize(("alone", "tags"), [([{"Key": "Name", "Value": "x"}], {"Name": "x"}), (None, {})])
def test_i7_a_health_check_that_an_answer_leaves_out_is_asked_for_alone(
    service: Service, alone: list[dict[str, str]] | None, tags: dict[str, str]
) -> None:
    whose = {"ResourceType": "healthcheck", "ResourceId": "b"}
    known = {"ResourceType": "healthcheck", "ResourceId": "a"}
    of_many = {"ResourceType": "healthcheck", "ResourceIds": ["a", "b"]}
    service.answers("list_tags_for_resources", {"ResourceTagSets": [known]}, **of_many)
    answer = {"ResourceTagSet": {**whose, "Tags": alone} if alone else whose}
    service.answers("list_tags_for_resource", answer, **whose)
    assert service.api.tags(["a", "b"]) == {"a": {}, "b": tags}


def test_i7_a_page_that_says_there_are_more_without_saying_where_is_not_the_last_one(service: Service) -> None:
    page = {"HealthChecks": [reported(CHECK)["HealthCheck"]], "Marker": "", "MaxItems": "1000", "IsTruncated": True}
    service.answers("list_health_checks", page, MaxItems="1000")
    with pytest.raises(UnexpectedAnswerError, match="NextMarker is missing"):
        service.api.page(None)


def test_tags_are_added_and_removed_without_a_word_about_others(service: Service) -> None:
    whose = {"ResourceType": "healthcheck", "ResourceId": "check-1"}
    service.answers("change_tags_for_resource", {}, **whose, AddTags=[{"Key": "a", "Value": "1"}])
    service.answers("change_tags_for_resource", {}, **whose, RemoveTagKeys=["b", "c"])
    service.api.add_tags("check-1", {"a": "1"})
    service.api.remove_tags("check-1", ["b", "c"])


def test_what_the_checkers_saw_is_read(service: Service) -> None:
    report = {"Status": "Success: HTTP Status Code 200, OK", "CheckedTime": datetime(2026, 11, 21, tzinfo=UTC)}
    seen = {"Region": "eu-west-1", "IPAddress": "198.51.100.7", "StatusReport": report}
    service.answers("get_health_check_status", {"HealthCheckObservations": [seen]}, HealthCheckId="check-1")
    [observation] = service.api.observations("check-1")
    assert (observation.region, observation.healthy) == ("eu-west-1", True)


def test_the_pacer_learns_what_passes_and_what_is_throttled(service: Service) -> None:
    service.refuses("get_health_check", 400, "Throttling")
    service.answers("get_health_check", reported(CHECK), HealthCheckId="check-1")
    with pytest.raises(ThrottledError):
        service.api.read("check-1")
    service.api.read("check-1")
    assert service.pacer.noted == ["sent", "throttled", "sent", "passed"]


def test_i4_a_health_check_that_does_not_exist_is_an_error(service: Service) -> None:
    service.refuses("get_health_check", 404, "NoSuchHealthCheck")
    with pytest.raises(NotFoundError, match="Cannot read health check check-1.*Check the id"):
        service.api.read("check-1")
