# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Global Accelerator: changes of an endpoint group alone, and an accelerator that takes time to deploy them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.process import RunningLab

Eventually = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def accelerators(client: Callable[..., Any]) -> Any:
    return client("globalaccelerator", region_name="us-west-2")


@pytest.fixture
def group(aws: dict[str, Any]) -> str:
    """The primary site's endpoint group."""
    return str(aws["global_accelerator"]["groups"]["primary"])


def described(accelerators: Any, group: str) -> dict[str, Any]:
    found: dict[str, Any] = accelerators.describe_endpoint_group(EndpointGroupArn=group)["EndpointGroup"]
    return found


def test_the_dial_alone_changes_and_the_accelerator_takes_time(
    accelerators: Any, group: str, aws: dict[str, Any], eventually: Eventually
) -> None:
    before = described(accelerators, group)
    accelerators.update_endpoint_group(EndpointGroupArn=group, TrafficDialPercentage=0)
    assert described(accelerators, group) == before | {"TrafficDialPercentage": 0.0}
    arn = aws["global_accelerator"]["accelerator"]

    def status() -> str:
        return str(accelerators.describe_accelerator(AcceleratorArn=arn)["Accelerator"]["Status"])

    assert status() == "IN_PROGRESS"
    eventually(lambda: status() == "DEPLOYED")


def test_an_endpoint_is_removed_and_added_beside_the_others(accelerators: Any, group: str) -> None:
    one = {"EndpointId": "eipalloc-1", "Weight": 5}
    accelerators.add_endpoints(EndpointGroupArn=group, EndpointConfigurations=[one])
    assert len(described(accelerators, group)["EndpointDescriptions"]) == 2
    gone = [{"EndpointId": "eipalloc-1"}]
    accelerators.remove_endpoints(EndpointGroupArn=group, EndpointIdentifiers=gone)
    with pytest.raises(ClientError, match="InvalidArgumentException"):
        accelerators.remove_endpoints(EndpointGroupArn=group, EndpointIdentifiers=gone)


def test_a_group_that_does_not_exist_is_not_found(accelerators: Any, group: str) -> None:
    with pytest.raises(ClientError, match="EndpointGroupNotFoundException"):
        accelerators.describe_endpoint_group(EndpointGroupArn=f"{group}-x")


def test_a_dial_above_100_is_refused(accelerators: Any, group: str) -> None:
    with pytest.raises(ClientError, match="InvalidArgumentException"):
        accelerators.update_endpoint_group(EndpointGroupArn=group, TrafficDialPercentage=101)


def test_the_api_is_in_us_west_2_alone(client: Callable[..., Any], group: str) -> None:
    with pytest.raises(ClientError):
        client("globalaccelerator", region_name="eu-west-1").describe_endpoint_group(EndpointGroupArn=group)


def test_endpoints_are_as_healthy_as_the_control_api_says(accelerators: Any, group: str, lab: RunningLab) -> None:
    lab.control("PUT", "/aws/global-accelerator", {"primary": "UNHEALTHY"})
    accelerators.add_endpoints(EndpointGroupArn=group, EndpointConfigurations=[{"EndpointId": "eipalloc-1"}])
    states = [one["HealthState"] for one in described(accelerators, group)["EndpointDescriptions"]]
    assert states == ["UNHEALTHY", "UNHEALTHY"]
