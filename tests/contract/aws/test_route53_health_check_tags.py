# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Tags of health checks and their limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.process import RunningLab

Tag = Callable[..., None]


@pytest.fixture
def tag(route53: Any, primary: str) -> Tag:
    def change(add: dict[str, str] | None = None, remove: list[str] | None = None, check: str = primary) -> None:
        parameters: dict[str, Any] = {"ResourceType": "healthcheck", "ResourceId": check}
        if add:
            parameters["AddTags"] = [{"Key": key, "Value": value} for key, value in add.items()]
        if remove:
            parameters["RemoveTagKeys"] = remove
        route53.change_tags_for_resource(**parameters)

    return change


def tags_of(route53: Any, check: str) -> dict[str, str]:
    found = route53.list_tags_for_resource(ResourceType="healthcheck", ResourceId=check)["ResourceTagSet"]
    assert (found["ResourceType"], found["ResourceId"]) == ("healthcheck", check)
    return {tag["Key"]: tag["Value"] for tag in found["Tags"]}


def test_tags_are_added_changed_and_removed(route53: Any, primary: str, tag: Tag) -> None:
    tag({"Name": "other", "owner": "alice"})
    tag({"reason": "CHG-1"}, remove=["owner"])
    assert tags_of(route53, primary) == {"Name": "other", "reason": "CHG-1"}


def test_tags_do_not_touch_the_version(route53: Any, primary: str, tag: Tag) -> None:
    tag({"owner": "alice"})
    assert route53.get_health_check(HealthCheckId=primary)["HealthCheck"]["HealthCheckVersion"] == 1


@pytest.mark.parametrize(
    "tags",
    [
        {f"key{number}": "x" for number in range(11)},
        {"k" * 129: "x"},
        {"key": "v" * 257},
        {"key": "restore?this&that"},
        {"aws:key": "x"},
    ],
    ids=["eleven at once", "long key", "long value", "characters", "reserved"],
)
def test_tags_beyond_the_limits_are_refused(route53: Any, primary: str, tag: Tag, tags: dict[str, str]) -> None:
    before = tags_of(route53, primary)
    with pytest.raises(ClientError, match="InvalidInput"):
        tag(tags)
    assert tags_of(route53, primary) == before


def test_a_key_of_128_and_a_value_of_256_characters_fit(route53: Any, primary: str, tag: Tag) -> None:
    tag({"k" * 128: "v" * 256})
    assert tags_of(route53, primary)["k" * 128] == "v" * 256


def test_at_most_ten_keys_are_removed_at_once(tag: Tag) -> None:
    with pytest.raises(ClientError, match="InvalidInput"):
        tag(remove=[f"key{number}" for number in range(11)])


def test_a_check_has_ten_tags_at_most_unless_the_lab_is_set_otherwise(lab: RunningLab, tag: Tag) -> None:
    tag({f"key{number}": "x" for number in range(9)})
    with pytest.raises(ClientError, match="InvalidInput"):
        tag({"eleventh": "x"})
    lab.control("PUT", "/aws/rules", {"max_tags": 50})
    tag({"eleventh": "x"})


def test_tags_of_an_unknown_check_are_not_found(route53: Any, tag: Tag) -> None:
    with pytest.raises(ClientError, match="NoSuchHealthCheck"):
        tag({"owner": "alice"}, check="none")
    with pytest.raises(ClientError, match="NoSuchHealthCheck"):
        tags_of(route53, "none")


def test_tags_of_ten_checks_come_in_one_call_and_of_eleven_in_none(lab: RunningLab, route53: Any) -> None:
    ids = lab.control("POST", "/aws/health-checks", {"count": 11})["ids"]
    sets = route53.list_tags_for_resources(ResourceType="healthcheck", ResourceIds=ids[:10])["ResourceTagSets"]
    assert {found["ResourceId"]: found["Tags"][0]["Value"] for found in sets} == {
        check: f"seeded-{number}" for number, check in enumerate(ids[:10])
    }
    with pytest.raises(ClientError, match="InvalidInput"):
        route53.list_tags_for_resources(ResourceType="healthcheck", ResourceIds=ids)


def test_tags_of_hosted_zones_still_work(route53: Any, aws: dict[str, Any]) -> None:
    zone = {"ResourceType": "hostedzone", "ResourceId": aws["zone"]["id"]}
    route53.change_tags_for_resource(**zone, AddTags=[{"Key": "owner", "Value": "alice"}])
    found = route53.list_tags_for_resource(**zone)["ResourceTagSet"]
    assert found["Tags"] == [{"Key": "owner", "Value": "alice"}]
