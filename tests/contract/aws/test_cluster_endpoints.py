# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Routing controls: the Regional endpoints of a cluster, safety rules, and health checks that follow a control."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from lab.process import RunningLab

Client = Callable[..., Any]
Create = Callable[..., str]
Refusal = Callable[..., tuple[int, str]]


@pytest.fixture
def controls(aws: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = aws["routing_controls"]["controls"]
    return found


@pytest.fixture
def at(client: Client, aws: dict[str, Any]) -> Client:
    """A client of one of the cluster's endpoints."""

    def make(number: int = 0, **more: Any) -> Any:
        endpoint = aws["routing_controls"]["endpoints"][number]
        given = {"endpoint_url": endpoint["endpoint"], "region_name": endpoint["region"]}
        return client("route53-recovery-cluster", **given | more)

    return make


@pytest.fixture
def config(client: Client) -> Any:
    return client("route53-recovery-control-config", region_name="us-west-2")


@pytest.fixture
def rule(config: Any, controls: dict[str, str]) -> Callable[..., str]:
    """Makes a safety rule over all controls."""

    def make(kind: str = "ASSERTION", needed: int = 1, wait: int = 0, **more: Any) -> str:
        arns = list(controls.values())
        settings = {
            "ControlPanelArn": arns[0].partition("/routingcontrol")[0],
            "Name": "one-stays-on",
            "RuleConfig": {"Type": "ATLEAST", "Threshold": needed, "Inverted": False},
            "WaitPeriodMs": wait,
        }
        if kind == "ASSERTION":
            answer = config.create_safety_rule(AssertionRule={**settings, "AssertedControls": arns, **more})
            return str(answer["AssertionRule"]["SafetyRuleArn"])
        answer = config.create_safety_rule(GatingRule={**settings, **more})
        return str(answer["GatingRule"]["SafetyRuleArn"])

    return make


def turn(client: Any, arn: str, state: str, **more: Any) -> None:
    client.update_routing_control_state(RoutingControlArn=arn, RoutingControlState=state, **more)


def state(client: Any, arn: str) -> str:
    return str(client.get_routing_control_state(RoutingControlArn=arn)["RoutingControlState"])


def test_what_one_endpoint_changes_another_one_reports(at: Client, controls: dict[str, str]) -> None:
    turn(at(0), controls["primary"], "Off")
    assert state(at(4), controls["primary"]) == "Off"


def test_a_new_control_is_off(at: Client, config: Any, aws: dict[str, Any]) -> None:
    cluster = aws["routing_controls"]["cluster"]
    made = config.create_routing_control(ClusterArn=cluster, RoutingControlName="third")["RoutingControl"]
    assert state(at(), made["RoutingControlArn"]) == "Off"


def test_controls_are_listed_with_their_states(at: Client, controls: dict[str, str]) -> None:
    first = at().list_routing_controls(MaxResults=1)
    rest = at().list_routing_controls(NextToken=first["NextToken"])
    found = {
        one["RoutingControlName"]: one["RoutingControlState"]
        for one in first["RoutingControls"] + rest["RoutingControls"]
    }
    assert found == dict.fromkeys(controls, "On")


def test_the_cluster_reports_its_five_endpoints(config: Any, aws: dict[str, Any]) -> None:
    found = config.describe_cluster(ClusterArn=aws["routing_controls"]["cluster"])["Cluster"]["ClusterEndpoints"]
    assert [{"endpoint": one["Endpoint"], "region": one["Region"]} for one in found] == aws["routing_controls"][
        "endpoints"
    ]


def test_the_configuration_is_in_one_region_only(client: Client, aws: dict[str, Any], refusal: Refusal) -> None:
    elsewhere = client("route53-recovery-control-config", region_name="us-east-1")
    refused = refusal(elsewhere.describe_cluster, ClusterArn=aws["routing_controls"]["cluster"])
    assert refused == (403, "InvalidSignatureException")


def test_an_endpoint_wants_the_signature_of_its_own_region(
    at: Client, controls: dict[str, str], refusal: Refusal
) -> None:
    stranger = at(0, region_name="us-west-2")
    refused = refusal(stranger.get_routing_control_state, RoutingControlArn=controls["primary"])
    assert refused == (403, "InvalidSignatureException")


def test_states_are_changed_at_regional_endpoints_only(
    client: Client, controls: dict[str, str], refusal: Refusal
) -> None:
    usual = client("route53-recovery-cluster")
    assert refusal(usual.get_routing_control_state, RoutingControlArn=controls["primary"])[0] == 404


def test_an_unknown_control_is_not_found(at: Client, refusal: Refusal) -> None:
    arn = "arn:aws:route53-recovery-control::123456789012:controlpanel/a1/routingcontrol/b2"
    assert refusal(at().get_routing_control_state, RoutingControlArn=arn) == (404, "ResourceNotFoundException")


def test_an_assertion_keeps_the_last_control_on(at: Client, controls: dict[str, str], rule: Callable[..., str]) -> None:
    rule()
    turn(at(), controls["primary"], "Off")
    with pytest.raises(ClientError, match="ConflictException"):
        turn(at(), controls["backup"], "Off")


def test_an_assertion_judges_what_comes_of_all_changes_together(
    at: Client, controls: dict[str, str], rule: Callable[..., str], lab: RunningLab
) -> None:
    lab.control("PUT", "/aws/routing-controls", {"backup": "Off"})
    rule()
    entries = [
        {"RoutingControlArn": controls["primary"], "RoutingControlState": "Off"},
        {"RoutingControlArn": controls["backup"], "RoutingControlState": "On"},
    ]
    at().update_routing_control_states(UpdateRoutingControlStateEntries=entries)
    assert lab.control("GET", "/aws/routing-controls") == {"primary": "Off", "backup": "On"}


def test_of_states_that_are_refused_together_none_is_changed(
    at: Client, controls: dict[str, str], rule: Callable[..., str], refusal: Refusal, lab: RunningLab
) -> None:
    rule()
    entries = [{"RoutingControlArn": arn, "RoutingControlState": "Off"} for arn in controls.values()]
    refused = refusal(at().update_routing_control_states, UpdateRoutingControlStateEntries=entries)
    assert refused == (409, "ConflictException")
    assert lab.control("GET", "/aws/routing-controls") == {"primary": "On", "backup": "On"}


def test_a_gate_that_is_off_lets_nothing_change(
    at: Client, config: Any, aws: dict[str, Any], controls: dict[str, str], rule: Callable[..., str], refusal: Refusal
) -> None:
    cluster = aws["routing_controls"]["cluster"]
    gate = config.create_routing_control(ClusterArn=cluster, RoutingControlName="gate")["RoutingControl"]
    rule("GATING", GatingControls=[gate["RoutingControlArn"]], TargetControls=[controls["primary"]])
    change = {"RoutingControlArn": controls["primary"], "RoutingControlState": "Off"}
    assert refusal(at().update_routing_control_state, **change) == (409, "ConflictException")


def test_a_rule_that_is_named_is_overridden(at: Client, controls: dict[str, str], rule: Callable[..., str]) -> None:
    overridden = rule(needed=2)
    turn(at(), controls["primary"], "Off", SafetyRulesToOverride=[overridden])
    assert state(at(), controls["primary"]) == "Off"


def test_a_rule_refuses_changes_in_its_wait_period(
    at: Client, controls: dict[str, str], rule: Callable[..., str]
) -> None:
    rule(wait=3_600_000)
    turn(at(), controls["primary"], "Off")
    with pytest.raises(ClientError, match="ConflictException"):
        turn(at(), controls["primary"], "On")


@pytest.mark.parametrize(
    ("how", "error"),
    [("down", EndpointConnectionError), ("silent", ReadTimeoutError), ("unavailable", ClientError)],
)
def test_one_endpoint_is_down_and_another_one_answers(
    at: Client, controls: dict[str, str], lab: RunningLab, how: str, error: type[Exception]
) -> None:
    lab.control("PUT", "/aws/cluster-endpoints/us-east-1", {"state": how})
    impatient = Config(read_timeout=0.5, retries={"total_max_attempts": 1})
    with pytest.raises(error):
        state(at(0, config=impatient), controls["primary"])
    assert state(at(1), controls["primary"]) == "On"


def test_a_health_check_follows_its_control(
    at: Client, controls: dict[str, str], create: Create, is_healthy: Callable[[str], bool]
) -> None:
    check = create(bare=True, Type="RECOVERY_CONTROL", RoutingControlArn=controls["primary"])
    turn(at(), controls["primary"], "Off")
    assert not is_healthy(check)
    turn(at(), controls["primary"], "On")
    assert is_healthy(check)
