# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Who is let in, and how fast."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests
from botocore.config import Config

from lab.process import RunningLab

Client = Callable[..., Any]
Refusal = Callable[..., tuple[int, str]]


@pytest.mark.parametrize(
    ("service", "operation"),
    [("route53", "list_health_checks"), ("sns", "list_topics"), ("cloudwatch", "describe_alarms")],
)
def test_a_wrong_secret_is_refused(client: Client, service: str, operation: str, refusal: Refusal) -> None:
    stranger = client(service, aws_secret_access_key="wrong")
    assert refusal(getattr(stranger, operation)) == (403, "SignatureDoesNotMatch")


def test_an_unknown_key_is_refused(client: Client, refusal: Refusal) -> None:
    stranger = client("route53", aws_access_key_id="AKIAUNKNOWN000000000")
    assert refusal(stranger.list_health_checks) == (403, "InvalidClientTokenId")


def test_an_unsigned_request_is_refused(aws: dict[str, Any]) -> None:
    answer = requests.get(f"{aws['endpoint_url']}/2013-04-01/healthcheck", timeout=10)
    assert (answer.status_code, "MissingAuthenticationToken" in answer.text) == (403, True)


def test_a_key_that_iam_made_is_accepted(client: Client) -> None:
    iam = client("iam")
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    alice = client("route53", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    assert alice.get_health_check_count()["HealthCheckCount"] == 2


def test_temporary_credentials_are_accepted_with_their_token_only(client: Client, refusal: Refusal) -> None:
    role = client("iam").create_role(RoleName="operator", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    made = client("sts").assume_role(RoleArn=role, RoleSessionName="alice")["Credentials"]
    keys = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
    alice = client("route53", **keys, aws_session_token=made["SessionToken"])
    assert alice.get_health_check_count()["HealthCheckCount"] == 2
    assert refusal(client("route53", **keys).get_health_check_count) == (403, "InvalidClientTokenId")


def test_clients_of_any_region_reach_the_same_health_checks(client: Client, primary: str) -> None:
    check = client("route53", region_name="eu-central-1").get_health_check(HealthCheckId=primary)["HealthCheck"]
    assert check["Id"] == primary


def test_the_endpoint_also_speaks_tls(client: Client, aws: dict[str, Any]) -> None:
    secure = client("route53", endpoint_url=aws["tls_endpoint_url"], verify=aws["ca_file"])
    assert secure.get_health_check_count()["HealthCheckCount"] == 2


def test_an_injected_error_looks_like_the_services_own(lab: RunningLab, route53: Any, refusal: Refusal) -> None:
    lab.add_fault("status", service="route53", status=400, code="PriorRequestNotComplete")
    assert refusal(route53.get_health_check_count) == (400, "PriorRequestNotComplete")


@pytest.mark.parametrize("seconds", [3600, 310, -310])
def test_a_clock_that_is_far_off_is_refused(lab: RunningLab, route53: Any, refusal: Refusal, seconds: int) -> None:
    lab.add_fault("clock_skew", seconds=seconds)
    assert refusal(route53.get_health_check_count) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize("seconds", [0, 240, -240])
def test_an_answer_is_dated_by_the_services_clock(lab: RunningLab, route53: Any, seconds: int) -> None:
    lab.add_fault("clock_skew", seconds=seconds)
    headers = route53.get_health_check_count()["ResponseMetadata"]["HTTPHeaders"]
    ahead = parsedate_to_datetime(headers["date"]) - datetime.now(UTC)
    assert abs(ahead.total_seconds() - seconds) < 30


def test_a_denied_operation_is_refused_and_others_are_not(
    lab: RunningLab, route53: Any, primary: str, refusal: Refusal
) -> None:
    lab.control("PUT", "/aws/denied", {"actions": ["route53:Update*"]})
    assert refusal(route53.update_health_check, HealthCheckId=primary, Inverted=True) == (403, "AccessDenied")
    config = route53.get_health_check(HealthCheckId=primary)["HealthCheck"]["HealthCheckConfig"]
    assert config["Inverted"] is False


def test_calls_beyond_the_burst_are_throttled(lab: RunningLab, route53: Any, refusal: Refusal) -> None:
    lab.control("PUT", "/aws/throttle/route53", {"rate": 0.01, "burst": 2})
    for _unused in range(2):
        route53.get_health_check_count()
    assert refusal(route53.get_health_check_count) == (400, "Throttling")
    assert lab.control("GET", "/aws/throttle")["refused"] == 1


def test_operations_can_be_throttled_each_on_its_own(
    lab: RunningLab, route53: Any, primary: str, refusal: Refusal
) -> None:
    lab.control("PUT", "/aws/throttle/route53", {"rate": 0.01, "burst": 1, "per_operation": True})
    route53.get_health_check_count()
    route53.get_health_check(HealthCheckId=primary)
    assert refusal(route53.get_health_check_count) == (400, "Throttling")


def test_a_client_that_retries_gets_through(lab: RunningLab, client: Client) -> None:
    lab.control("PUT", "/aws/throttle/route53", {"rate": 5, "burst": 1})
    patient = client("route53", config=Config(retries={"total_max_attempts": 10, "mode": "standard"}))
    answers = [patient.get_health_check_count() for _unused in range(3)]
    assert sum(answer["ResponseMetadata"]["RetryAttempts"] for answer in answers) > 0


def test_without_a_rule_nothing_is_throttled(lab: RunningLab, route53: Any) -> None:
    lab.control("PUT", "/aws/throttle/route53", {"rate": 0.01, "burst": 1})
    lab.control("DELETE", "/aws/throttle/route53")
    for _unused in range(20):
        route53.get_health_check_count()


def test_the_log_names_operations_and_distinguishes_reads_from_writes(
    lab: RunningLab, route53: Any, sns: Any, primary: str
) -> None:
    route53.get_health_check(HealthCheckId=primary)
    route53.update_health_check(HealthCheckId=primary, Inverted=True)
    sns.create_topic(Name="other")
    assert [(entry["service"], entry["operation"], entry["is_write"]) for entry in lab.requests()] == [
        ("route53", "GetHealthCheck", False),
        ("route53", "UpdateHealthCheck", True),
        ("sns", "CreateTopic", True),
    ]
