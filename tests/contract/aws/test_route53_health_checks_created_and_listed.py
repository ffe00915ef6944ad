# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""CreateHealthCheck, DeleteHealthCheck, ListHealthChecks and GetHealthCheckCount."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.process import RunningLab

CONFIG = {"Type": "HTTP", "IPAddress": "127.0.0.1", "Port": 9, "ResourcePath": "/"}


Refusal = Callable[..., tuple[int, str]]


def test_the_same_request_again_returns_the_same_check(route53: Any) -> None:
    first, second = (route53.create_health_check(CallerReference="a", HealthCheckConfig=CONFIG) for _unused in range(2))
    assert first["HealthCheck"] == second["HealthCheck"]
    assert first["Location"].endswith(first["HealthCheck"]["Id"])


def test_a_used_reference_with_other_settings_is_refused(route53: Any, refusal: Refusal) -> None:
    route53.create_health_check(CallerReference="a", HealthCheckConfig=CONFIG)
    other = CONFIG | {"Port": 10}
    code = refusal(route53.create_health_check, CallerReference="a", HealthCheckConfig=other)
    assert code == (409, "HealthCheckAlreadyExists")


def test_the_reference_of_a_deleted_check_stays_used(route53: Any, refusal: Refusal) -> None:
    check = route53.create_health_check(CallerReference="a", HealthCheckConfig=CONFIG)["HealthCheck"]
    route53.delete_health_check(HealthCheckId=check["Id"])
    code = refusal(route53.create_health_check, CallerReference="a", HealthCheckConfig=CONFIG)
    assert code == (409, "HealthCheckAlreadyExists")


def test_deleting_an_unknown_check_is_not_found(route53: Any, refusal: Refusal) -> None:
    assert refusal(route53.delete_health_check, HealthCheckId="none") == (404, "NoSuchHealthCheck")


def test_a_deleted_check_is_gone(route53: Any, create: Callable[..., str], refusal: Refusal) -> None:
    check = create()
    route53.delete_health_check(HealthCheckId=check)
    assert refusal(route53.get_health_check, HealthCheckId=check) == (404, "NoSuchHealthCheck")


@pytest.mark.parametrize(("check_type", "port", "sni"), [("HTTP", 80, False), ("HTTPS", 443, True)])
def test_defaults_follow_the_type(
    config_of: Callable[[str], dict[str, Any]], create: Callable[..., str], check_type: str, port: int, sni: bool
) -> None:
    config = config_of(create(bare=True, Type=check_type, IPAddress="127.0.0.1"))
    assert (config["Port"], config["EnableSNI"]) == (port, sni)
    assert (config["RequestInterval"], config["FailureThreshold"]) == (30, 3)
    assert (config["Disabled"], config["Inverted"], config["MeasureLatency"]) == (False, False, False)


@pytest.mark.parametrize(
    "config",
    [
        {"Type": "HTTP"},
        {"Type": "TCP", "IPAddress": "127.0.0.1"},
        {"Type": "HTTP_STR_MATCH", "IPAddress": "127.0.0.1"},
        {"Type": "HTTP", "IPAddress": "127.0.0.1", "SearchString": "UP"},
        {"Type": "HTTP", "IPAddress": "127.0.0.1", "RequestInterval": 20},
        {"Type": "HTTP", "IPAddress": "127.0.0.1", "FailureThreshold": 11},
        {"Type": "HTTP", "IPAddress": "127.0.0.1", "Regions": ["us-east-1", "us-west-2"]},
        {"Type": "HTTP", "IPAddress": "not an address"},
        {"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": ["none"]},
        {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": {"Name": "none", "Region": "us-east-1"}},
        {"Type": "UDP", "IPAddress": "127.0.0.1"},
    ],
    ids=str,
)
def test_settings_that_do_not_fit_are_refused(route53: Any, config: dict[str, Any], refusal: Refusal) -> None:
    assert refusal(route53.create_health_check, CallerReference="a", HealthCheckConfig=config) == (400, "InvalidInput")


def test_the_limit_of_the_account_holds(lab: RunningLab, route53: Any, refusal: Refusal) -> None:
    lab.control("PUT", "/aws/rules", {"max_health_checks": 2})
    code = refusal(route53.create_health_check, CallerReference="a", HealthCheckConfig=CONFIG)
    assert code == (400, "TooManyHealthChecks")


def test_the_limit_and_the_count_can_be_read(route53: Any) -> None:
    reported = route53.get_account_limit(Type="MAX_HEALTH_CHECKS_BY_OWNER")
    assert (reported["Limit"]["Value"], reported["Count"]) == (10_000, 2)


def test_a_page_has_100_checks_unless_more_are_asked_for(lab: RunningLab, route53: Any) -> None:
    lab.control("POST", "/aws/health-checks", {"count": 1100})
    assert len(route53.list_health_checks()["HealthChecks"]) == 100
    assert len(route53.list_health_checks(MaxItems="1000")["HealthChecks"]) == 1000
    beyond = route53.list_health_checks(MaxItems="5000")
    assert (len(beyond["HealthChecks"]), beyond["MaxItems"], beyond["IsTruncated"]) == (1000, "1000", True)


def test_the_pages_together_hold_every_check_once(lab: RunningLab, route53: Any) -> None:
    made = lab.control("POST", "/aws/health-checks", {"count": 25})["ids"]
    pages = list(route53.get_paginator("list_health_checks").paginate(PaginationConfig={"PageSize": 10}))
    listed = [check["Id"] for page in pages for check in page["HealthChecks"]]
    assert [page["IsTruncated"] for page in pages] == [True, True, False]
    assert len(listed) == len(set(listed)) == route53.get_health_check_count()["HealthCheckCount"] == 27
    assert set(made) < set(listed)


def test_a_page_size_that_is_no_number_is_refused(route53: Any, refusal: Refusal) -> None:
    assert refusal(route53.list_health_checks, MaxItems="many") == (400, "InvalidInput")
