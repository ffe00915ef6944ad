# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the role aws_setup reads, where the service gives it on several pages."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

from ansible_collections.tidegate.failover.plugins.module_utils._aws.site_resources import SiteResources
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline

Json = dict[str, t.Any]

#: API reference, DescribeAutoScalingGroups and DescribePolicies: the default of MaxRecords.
PAGE = 50


class Service:
    """Auto Scaling with groups that have many policies each."""

    meta = SimpleNamespace(endpoint_url="https://autoscaling.eu-west-1.amazonaws.com")

    def describe_auto_scaling_groups(self, AutoScalingGroupNames: list[str], NextToken: str = "0") -> Json:  # noqa: N803
        usual: Json = {"MinSize": 0, "DesiredCapacity": 0, "MaxSize": 1, "Instances": []}
        return _page(
            "AutoScalingGroups", [{"AutoScalingGroupName": one} | usual for one in AutoScalingGroupNames], NextToken
        )

    def describe_policies(self, AutoScalingGroupName: str, NextToken: str = "0") -> Json:  # noqa: N803
        names = [f"{AutoScalingGroupName}-{number}" for number in range(PAGE + 1)]
        return _page("ScalingPolicies", [{"PolicyName": one, "PolicyARN": f"arn:{one}"} for one in names], NextToken)


def _page(listed: str, items: list[Json], token: str) -> Json:
    end = int(token) + PAGE
    return {listed: items[int(token) : end]} | ({"NextToken": str(end)} if end < len(items) else {})


class Mixed(Service):
    """Auto Scaling with groups of mixed instances."""

    def describe_auto_scaling_groups(self, AutoScalingGroupNames: list[str], NextToken: str = "0") -> Json:  # noqa: N803
        found = super().describe_auto_scaling_groups(AutoScalingGroupNames, NextToken)
        template = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "web", "Version": "3"}
        policy = {
            "LaunchTemplate": {"LaunchTemplateSpecification": template, "Overrides": [{"InstanceType": "m5.large"}]}
        }
        return {
            **found,
            "AutoScalingGroups": [{**one, "MixedInstancesPolicy": policy} for one in found["AutoScalingGroups"]],
        }


def test_a_group_of_mixed_instances_has_the_template_of_its_policy() -> None:
    resources = SiteResources(lambda _service: Mixed(), Deadline(60, Clock()).for_another)
    (found,) = resources.groups(["web"])
    assert found["launch_template"] == {"id": "lt-1", "name": "web", "version": "3"}
    assert found["mixed_instances"] is True


def test_groups_and_their_policies_are_read_from_all_pages() -> None:
    resources = SiteResources(lambda _service: Service(), Deadline(10, Clock()).for_another)
    found = resources.groups([f"group-{number}" for number in range(PAGE + 1)])
    assert [group["name"] for group in found][-1] == f"group-{PAGE}"
    assert {len(group["policies"]) for group in found} == {PAGE + 1}
