# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is found of alarms, topics and subscriptions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._drift.alarms import (
    findings,
    findings_of_oci,
    problems_of_alarms,
)
from ansible_collections.tidegate.failover.plugins.module_utils._drift.finding import Finding

TOPIC, QUEUE = "arn:aws:sns:us-east-1:111122223333:failover", "arn:aws:sqs:us-east-1:111122223333:alarms"
EXPECTED = {"name": "down", "region": "us-east-1", "topic": "failover", "endpoint": "alarms"}
SUBSCRIBED = {"protocol": "sqs", "endpoint": QUEUE, "confirmed": True}
PASSWORD = "https://ons:secret@alarms.example.com/"
SHOWN = "https://alarms.example.com/"


def alarm(**more: Any) -> dict[str, Any]:
    seen = {"failed": False, "msg": "", "exists": True, "actions_enabled": True, "alarm_actions": [TOPIC]}
    return {**seen, "subscriptions": [SUBSCRIBED], **more}


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (alarm(), EXPECTED),
        (alarm(), {**EXPECTED, "topic": TOPIC, "endpoint": QUEUE}),
        (alarm(), {**EXPECTED, "endpoint": ""}),
        (alarm(alarm_actions=[], subscriptions=None), {"name": "down"}),
        (alarm(subscriptions=[{**SUBSCRIBED, "endpoint": SHOWN}]), {**EXPECTED, "endpoint": PASSWORD}),
    ],
)
def test_an_alarm_that_notifies_whom_it_should_is_not_found(seen: Any, expected: Any) -> None:
    assert findings(seen, expected) == []


@pytest.mark.parametrize(
    ("seen", "kinds"),
    [
        (alarm(exists=False, alarm_actions=[]), ["alarm_missing"]),
        (alarm(actions_enabled=False), ["alarm_disabled"]),
        (alarm(alarm_actions=[]), ["alarm_changed"]),
        (alarm(alarm_actions=["arn:aws:sns:us-east-1:111122223333:other-failover"]), ["alarm_changed"]),
        (alarm(subscriptions=None), ["subscription_missing"]),
        (alarm(subscriptions=[]), ["subscription_missing"]),
        (alarm(subscriptions=[{**SUBSCRIBED, "endpoint": QUEUE + "-other"}]), ["subscription_missing"]),
        (alarm(subscriptions=[{**SUBSCRIBED, "confirmed": False}]), ["subscription_missing"]),
        (alarm(failed=True, msg="no rights"), ["not_observed"]),
        (alarm(actions_enabled=False, subscriptions=None), ["alarm_disabled", "subscription_missing"]),
    ],
)
def test_each_way_in_which_an_alarm_notifies_nobody_is_found(seen: Any, kinds: list[str]) -> None:
    assert [finding.kind for finding in findings(seen, EXPECTED)] == kinds


def test_only_disabled_actions_are_put_back() -> None:
    (disabled,) = findings(alarm(actions_enabled=False), EXPECTED)
    assert disabled.repair
    assert disabled.repair.options == {"alarms": [{"name": "down", "region": "us-east-1"}], "actions": "enabled"}
    assert [finding.repair for finding in findings(alarm(subscriptions=[]), EXPECTED)] == [None]


def test_no_password_of_an_endpoint_is_shown() -> None:
    (missing,) = findings(alarm(subscriptions=[]), {**EXPECTED, "endpoint": PASSWORD})
    assert "secret" not in str(missing.to_json())


def test_wrong_descriptions_of_alarms_are_named() -> None:
    assert problems_of_alarms([EXPECTED]) == []
    assert problems_of_alarms([{"topic": "x", "queue": "y"}]) == [
        "drift_alarms[0] has no name. Give one.",
        "drift_alarms has queue. An alarm has endpoint, name, region, topic.",
    ]


FOUND: dict[str, Any] = {
    "topic": {"name": "checkout", "freeformTags": {}},
    "subscriptions": [{"protocol": "CUSTOM_HTTPS", "endpoint": SHOWN}],
    "alarm": {"displayName": "checkout", "isEnabled": True, "severity": "CRITICAL"},
}
OPTIONS = {"name": "checkout"}
NOW = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)


def oci(**before: Any) -> list[tuple[str, bool]]:
    answer = {"changed": bool(before), "before": {**FOUND, **before}, "after": FOUND, "steps": ["update topic"]}
    return [(one.kind, one.repair is not None) for one in findings_of_oci("checkout", answer, OPTIONS, NOW)]


def test_an_alarm_of_oci_that_is_as_it_was_set_up_is_not_found() -> None:
    assert oci() == []


def test_a_disabled_alarm_of_oci_is_put_back_only_if_nothing_else_would_be() -> None:
    disabled = {**FOUND["alarm"], "isEnabled": False}
    assert oci(alarm=disabled) == [("alarm_disabled", True)]
    assert oci(alarm={**disabled, "severity": "INFO"}) == [("alarm_disabled", False), ("alarm_changed", False)]
    assert oci(alarm=disabled, subscriptions=[]) == [("alarm_disabled", False), ("subscription_missing", False)]


def test_an_alarm_that_sends_to_a_topic_of_somebody_else_is_put_back_by_itself() -> None:
    alarm = {"displayName": "checkout", "isEnabled": True}
    seen: dict[str, Any] = {"topic": None, "subscriptions": [], "alarm": {**alarm, "isEnabled": False}}
    answer = {"changed": True, "before": seen, "after": {**seen, "alarm": alarm}}
    (disabled,) = findings_of_oci("checkout", answer, {**OPTIONS, "topic_id": "ocid1.onstopic.x"}, NOW)
    assert (disabled.kind, disabled.repair is not None) == ("alarm_disabled", True)


def test_what_else_of_oci_is_missing_or_changed() -> None:
    assert oci(alarm=None) == [("alarm_missing", False)]
    assert oci(alarm={**FOUND["alarm"], "severity": "INFO"}) == [("alarm_changed", False)]
    assert oci(topic=None, subscriptions=[]) == [("subscription_missing", False)]
    assert oci(topic={"name": "checkout", "freeformTags": None}) == [("alarm_changed", False)]
    (unread,) = findings_of_oci("checkout", {"failed": True, "msg": "no rights"}, OPTIONS, NOW)
    assert unread.kind == "not_observed"


def suppressed(**suppression: Any) -> list[Finding]:
    """What is found of an alarm that is as it was set up, and is suppressed."""
    seen = {**FOUND, "alarm": {**FOUND["alarm"], "suppression": suppression}}
    return findings_of_oci("checkout", {"changed": False, "before": seen, "after": seen}, OPTIONS, NOW)


def times(begins: int, ends: int) -> dict[str, str]:
    hours = {"timeSuppressFrom": begins, "timeSuppressUntil": ends}
    return {name: (NOW + timedelta(hours=hour)).isoformat() for name, hour in hours.items()}


def test_a_suppression_in_force_is_found_with_its_end_and_its_reason() -> None:
    (found,) = suppressed(**times(-1, 1), description="CHG-1234")
    assert (found.kind, found.repair) == ("alarm_suppressed", None)
    assert "until 2026-11-21T04:04:05+00:00 (CHG-1234)" in found.observed


@pytest.mark.parametrize("hours", [(1, 2), (-2, -1)])
def test_a_suppression_that_is_planned_or_over_is_not_found(hours: tuple[int, int]) -> None:
    assert suppressed(**times(*hours)) == []


@pytest.mark.parametrize("hours", [(0, 1), (-1, 0)])
def test_both_ends_of_a_suppression_belong_to_it(hours: tuple[int, int]) -> None:
    assert len(suppressed(**times(*hours))) == 1


def test_i7_a_suppression_whose_times_cannot_be_understood_counts() -> None:
    assert [one.kind for one in suppressed(timeSuppressFrom="now", timeSuppressUntil=None)] == ["alarm_suppressed"]


def test_a_suppressed_alarm_that_was_changed_too_is_found_for_both() -> None:
    seen = {**FOUND, "alarm": {**FOUND["alarm"], "suppression": times(-1, 1), "severity": "INFO"}}
    wanted = {**seen, "alarm": {**seen["alarm"], "severity": "CRITICAL"}}
    found = findings_of_oci("checkout", {"changed": True, "before": seen, "after": wanted}, OPTIONS, NOW)
    assert [one.kind for one in found] == ["alarm_suppressed", "alarm_changed"]
