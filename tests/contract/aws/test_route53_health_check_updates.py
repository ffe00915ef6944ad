# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""UpdateHealthCheck changes only the named settings, and never overwrites another client's change."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.process import RunningLab

Create = Callable[..., str]
ConfigOf = Callable[[str], dict[str, Any]]
Refusal = Callable[..., tuple[int, str]]

ALARM = {"Name": "lag", "Region": "us-east-1"}


def test_every_setting_that_is_not_named_stays(route53: Any, create: Create, config_of: ConfigOf) -> None:
    check = create(
        Type="HTTPS_STR_MATCH",
        FullyQualifiedDomainName="primary.shop.example.com",
        SearchString="UP",
        MeasureLatency=True,
        EnableSNI=False,
        Regions=["us-east-1", "us-west-2", "eu-west-1"],
    )
    before = config_of(check)
    route53.update_health_check(HealthCheckId=check, ResourcePath="/locked")
    assert config_of(check) == before | {"ResourcePath": "/locked"}


def test_children_stay(route53: Any, create: Create, config_of: ConfigOf, primary: str) -> None:
    parent = create(bare=True, Type="CALCULATED", HealthThreshold=1, ChildHealthChecks=[primary])
    route53.update_health_check(HealthCheckId=parent, Inverted=True)
    assert config_of(parent)["ChildHealthChecks"] == [primary]


@pytest.fixture
def follow_alarm(cloudwatch: Any, create: Create) -> Callable[[], str]:
    """Makes an alarm, and a health check that follows it."""

    def make() -> str:
        cloudwatch.put_metric_alarm(
            AlarmName="lag",
            Namespace="Shop",
            MetricName="Lag",
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
        return create(
            bare=True, Type="CLOUDWATCH_METRIC", AlarmIdentifier=ALARM, InsufficientDataHealthStatus="Healthy"
        )

    return make


def test_the_followed_alarm_stays(route53: Any, follow_alarm: Callable[[], str], config_of: ConfigOf) -> None:
    check = follow_alarm()
    answer = route53.update_health_check(HealthCheckId=check, Disabled=True)["HealthCheck"]
    config = config_of(check)
    assert (config["AlarmIdentifier"], config["InsufficientDataHealthStatus"]) == (ALARM, "Healthy")
    assert "Port" not in config
    assert answer["CloudWatchAlarmConfiguration"]["MetricName"] == "Lag"


def test_a_check_that_follows_an_alarm_takes_no_path(
    route53: Any, follow_alarm: Callable[[], str], refusal: Refusal
) -> None:
    code = refusal(route53.update_health_check, HealthCheckId=follow_alarm(), ResourcePath="/locked")
    assert code == (400, "InvalidInput")


def test_the_version_starts_at_1_and_counts_updates(route53: Any, create: Create) -> None:
    check = create()
    assert route53.get_health_check(HealthCheckId=check)["HealthCheck"]["HealthCheckVersion"] == 1
    for version in (1, 2):
        updated = route53.update_health_check(HealthCheckId=check, HealthCheckVersion=version, FailureThreshold=2)
        assert updated["HealthCheck"]["HealthCheckVersion"] == version + 1


@pytest.mark.parametrize("version", [1, 3])
def test_another_version_is_a_conflict_and_changes_nothing(
    route53: Any, create: Create, config_of: ConfigOf, version: int, refusal: Refusal
) -> None:
    check = create()
    route53.update_health_check(HealthCheckId=check, ResourcePath="/theirs")
    code = refusal(route53.update_health_check, HealthCheckId=check, HealthCheckVersion=version, ResourcePath="/ours")
    assert code == (409, "HealthCheckVersionMismatch")
    assert config_of(check)["ResourcePath"] == "/theirs"


def test_of_many_writers_with_one_version_one_wins(route53: Any, create: Create) -> None:
    check = create()

    def write(number: int) -> bool:
        try:
            route53.update_health_check(HealthCheckId=check, HealthCheckVersion=1, ResourcePath=f"/{number}")
        except route53.exceptions.HealthCheckVersionMismatch:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(write, range(16))) == 1


def test_the_version_is_optional(route53: Any, create: Create, config_of: ConfigOf) -> None:
    check = create()
    route53.update_health_check(HealthCheckId=check, ResourcePath="/anyway")
    assert config_of(check)["ResourcePath"] == "/anyway"


def test_a_competing_write_comes_first_and_wins(
    lab: RunningLab, route53: Any, create: Create, config_of: ConfigOf, refusal: Refusal
) -> None:
    check = create()
    lab.add_fault("competing_write", operation="UpdateHealthCheck", patch={"ResourcePath": "/theirs"})
    code = refusal(route53.update_health_check, HealthCheckId=check, HealthCheckVersion=1, ResourcePath="/ours")
    assert code == (409, "HealthCheckVersionMismatch")
    assert config_of(check)["ResourcePath"] == "/theirs"


def test_an_unknown_id_is_not_found(route53: Any, refusal: Refusal) -> None:
    assert refusal(route53.update_health_check, HealthCheckId="none", Inverted=True) == (404, "NoSuchHealthCheck")


@pytest.mark.parametrize("element", ["ResourcePath", "FullyQualifiedDomainName", "Regions"])
def test_an_element_can_be_reset(route53: Any, create: Create, config_of: ConfigOf, element: str) -> None:
    regions = ["us-east-1", "us-west-2", "eu-west-1"]
    check = create(FullyQualifiedDomainName="primary.shop.example.com", Regions=regions)
    before = config_of(check)
    route53.update_health_check(HealthCheckId=check, ResetElements=[element])
    assert config_of(check) == {name: value for name, value in before.items() if name != element}


def test_children_can_be_reset(route53: Any, create: Create, config_of: ConfigOf, primary: str) -> None:
    parent = create(bare=True, Type="CALCULATED", HealthThreshold=1, ChildHealthChecks=[primary])
    route53.update_health_check(HealthCheckId=parent, ResetElements=["ChildHealthChecks"])
    assert config_of(parent)["ChildHealthChecks"] == []


def test_an_ip_address_cannot_be_added(route53: Any, create: Create, refusal: Refusal) -> None:
    check = create(bare=True, Type="HTTP", FullyQualifiedDomainName="primary.shop.example.com")
    code = refusal(route53.update_health_check, HealthCheckId=check, IPAddress="127.0.0.1")
    assert code == (400, "InvalidInput")


def test_an_ip_address_cannot_be_reset(
    route53: Any, create: Create, config_of: ConfigOf, aws: dict[str, Any], refusal: Refusal
) -> None:
    check = create()
    code = refusal(route53.update_health_check, HealthCheckId=check, ResetElements=["IPAddress"])
    assert code == (400, "InvalidInput")
    assert config_of(check)["IPAddress"] == aws["sites"]["primary"]["address"]


def test_a_path_may_have_255_characters_and_a_query(route53: Any, create: Create, config_of: ConfigOf) -> None:
    check = create()
    path = "/locked?restore=%2Flb-check&lock=" + "x" * 222
    route53.update_health_check(HealthCheckId=check, ResourcePath=path)
    assert len(path) == 255
    assert config_of(check)["ResourcePath"] == path


@pytest.mark.parametrize("path", ["/" + "x" * 255, "no-slash", ""])
def test_a_path_that_is_none_is_refused(
    route53: Any, create: Create, config_of: ConfigOf, path: str, refusal: Refusal
) -> None:
    check = create()
    code = refusal(route53.update_health_check, HealthCheckId=check, ResourcePath=path)
    assert code == (400, "InvalidInput")
    assert config_of(check)["ResourcePath"] == "/lb-check"


@pytest.fixture
def control(create: Create) -> str:
    """A health check that a routing control switches."""
    arn = "arn:aws:route53-recovery-control::123456789012:controlpanel/a1/routingcontrol/b2"
    return create(bare=True, Type="RECOVERY_CONTROL", RoutingControlArn=arn)


@pytest.mark.parametrize("change", [{"Inverted": True}, {"Disabled": True, "Inverted": True}, {}])
def test_what_a_routing_control_switches_cannot_be_updated(
    route53: Any, control: str, config_of: ConfigOf, change: dict[str, Any]
) -> None:
    before = config_of(control)
    with pytest.raises(ClientError, match="Update is not supported for this health check type") as refused:
        route53.update_health_check(HealthCheckId=control, **change)
    assert refused.value.response["Error"]["Code"] == "InvalidInput"
    assert config_of(control) == before


def test_a_calculated_check_above_one_that_a_routing_control_switches_can_be_updated(
    route53: Any, create: Create, control: str, is_healthy: Callable[[str], bool]
) -> None:
    parent = create(bare=True, Type="CALCULATED", HealthThreshold=1, ChildHealthChecks=[control])
    route53.update_health_check(HealthCheckId=parent, Disabled=True, Inverted=True)
    assert not is_healthy(parent)


def test_a_path_without_a_slash_passes_if_the_lab_is_set_so(lab: RunningLab, route53: Any, create: Create) -> None:
    lab.control("PUT", "/aws/rules", {"path_needs_slash": False})
    check = create()
    updated = route53.update_health_check(HealthCheckId=check, ResourcePath="no-slash")["HealthCheck"]
    assert updated["HealthCheckConfig"]["ResourcePath"] == "no-slash"


@pytest.mark.parametrize(
    "config",
    [
        {"Type": "TCP", "IPAddress": "127.0.0.1", "Port": 80},
        {"Type": "CALCULATED", "HealthThreshold": 1},
    ],
    ids=lambda config: config["Type"],
)
def test_a_type_without_a_path_takes_none(
    route53: Any, create: Create, config: dict[str, Any], refusal: Refusal
) -> None:
    check = create(bare=True, **config)
    code = refusal(route53.update_health_check, HealthCheckId=check, ResourcePath="/locked")
    assert code == (400, "InvalidInput")
