# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Pages that are not AWS', read by the real botocore: each becomes an error of ours, whichever call they answer."""

from __future__ import annotations

import io
import typing as t
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws import cloudwatch, databases, notifications
from ansible_collections.tidegate.failover.plugins.module_utils._aws.account import Account
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import translated
from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import HealthCheckApi
from ansible_collections.tidegate.failover.plugins.module_utils._aws.pacing import Pacer
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import TransientError, UnexpectedAnswerError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import Change, HealthCheck
from botocore.awsrequest import AWSResponse
from botocore.config import Config

CHECK = "233e180f-f023-45a3-954e-415303f21eab"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:alarms"
NOW = datetime(2026, 11, 21, 4, 4, 5, tzinfo=UTC)
#: The body of an answer with status 200. botocore makes an empty answer of some, and breaks on others.
PAGES = [
    b"<html><body>Please sign in</body></html>",
    b"<!doctype html><p>Please sign in",
    b'"Please sign in"',
    b"[17]",
    b"null",
    b"{}",
    b"\xff\xfe",
    b"<GetHealthCheckResponse><HealthCheck/></GetHealthCheckResponse>",
    b"<R><HealthCheck><Id>a</Id><HealthCheckVersion>many</HealthCheckVersion></HealthCheck></R>",
]


class Body(io.BytesIO):
    """The body of an answer as botocore reads it."""

    def stream(self, **_options: object) -> t.Iterator[bytes]:
        """Everything at once."""
        yield self.read()


def client_that_gets(page: bytes) -> Callable[[str], t.Any]:
    """Makes clients that get this page for an answer."""

    def make(service: str) -> t.Any:
        client = boto3.client(
            service,
            region_name="eu-west-1",
            aws_access_key_id="a",
            aws_secret_access_key="b",
            config=Config(retries={"total_max_attempts": 1}),
        )
        client.meta.events.register(
            "before-send", lambda request, **_more: AWSResponse(request.url, 200, {}, t.cast(t.Any, Body(page)))
        )
        return client

    return make


def health_checks(make: Callable[[str], t.Any]) -> HealthCheckApi:
    return HealthCheckApi(make("route53"), Pacer(Clock()))


def account(make: Callable[[str], t.Any]) -> Account:
    return Account(make, lambda: Deadline(5, Clock()))


CALLS: dict[str, Callable[[Callable[[str], t.Any]], object]] = {
    "GetHealthCheck": lambda make: health_checks(make).read(CHECK),
    "ListHealthChecks": lambda make: health_checks(make).page(None),
    "ListTagsForResources": lambda make: health_checks(make).tags([CHECK]),
    "ChangeTagsForResource": lambda make: health_checks(make).add_tags(CHECK, {"tidegate-failover": "run=x"}),
    "GetHealthCheckStatus": lambda make: health_checks(make).observations(CHECK),
    "ListHostedZonesByName": lambda make: account(make).zone_id("example.com"),
    "ListHostedZones": lambda make: account(make).public_zones(),
    "ListResourceRecordSets": lambda make: account(make).records("Z1", "example.com", "A"),
    "DescribeAlarmsForMetric": lambda make: account(make).functions_listening_to(CHECK),
    "UpdateHealthCheck, to see whether it may": lambda make: account(make).may_update(CHECK, 7),
    "DescribeAlarms": lambda make: cloudwatch.alarm_states(make("cloudwatch"), ["errors"]),
    "GetMetricStatistics": lambda make: cloudwatch.latest_maximum(
        make("cloudwatch"), "AWS/RDS", "ReplicaLag", {}, NOW - timedelta(minutes=5), NOW
    ),
    "DescribeDBInstances": lambda make: databases.read_instance(make("rds"), "orders"),
    "Publish": lambda make: notifications.publish(make("sns"), TOPIC, "subject", "text", None),
}


@pytest.mark.parametrize("page", PAGES, ids=str)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_i7_a_page_of_something_else_is_an_error_that_says_what_answered_and_where(
    call: Callable[[Callable[[str], t.Any]], object], page: bytes
) -> None:
    with pytest.raises(
        UnexpectedAnswerError, match=r"what answered at https://.*amazonaws.com is not AWS as it is known"
    ):
        call(client_that_gets(page))


def test_an_answer_without_what_it_is_about_is_reported_with_what_is_missing() -> None:
    with pytest.raises(UnexpectedAnswerError, match="HealthCheck.Id is missing"):
        health_checks(client_that_gets(PAGES[-2])).read(CHECK)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_in_answer_to_a_change_leaves_in_doubt_whether_it_was_carried_out(page: bytes) -> None:
    check = HealthCheck(CHECK, {"Type": "HTTPS"}, 7)
    with pytest.raises(TransientError) as caught:
        health_checks(client_that_gets(page)).update(check, Change(path="/locked"))
    assert caught.value.effect_unknown


def test_a_defect_of_our_own_is_not_taken_for_a_wrong_answer() -> None:
    with pytest.raises(AttributeError), translated("read health check", "https://route53.amazonaws.com"):
        client_that_gets(b"")("route53").get_health_chek()
