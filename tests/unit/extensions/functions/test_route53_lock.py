# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the in-cloud function reads of its events and of its configuration."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_filter.alarm import main as alarms_in
from ansible_collections.tidegate.failover.extensions.functions.route53_lock import lambda_function
from ansible_collections.tidegate.failover.extensions.functions.route53_lock.lambda_function import (
    AlarmNotFollowedError,
    Configuration,
    messages_of,
)
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import (
    ARN,
    HEALTH_CHECK_ID,
    cloudwatch,
    eventbridge,
    sns,
)

Json = dict[str, Any]


def as_action() -> Json:
    """The event of an alarm whose action is the function, which has the content of EventBridge's."""
    event = eventbridge()
    return {
        "source": "aws.cloudwatch",
        "alarmArn": ARN,
        "accountId": "123456789012",
        "region": "us-east-1",
        "time": event.get("time"),
        "alarmData": event["detail"],
    }


def by_sns(message: Json) -> Json:
    """The event of SNS."""
    return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": sns(message)}]}


@pytest.mark.parametrize(
    "event", [by_sns(cloudwatch()), eventbridge(), as_action()], ids=["sns", "eventbridge", "action"]
)
def test_an_alarm_is_read_by_whatever_way_it_comes(event: Json) -> None:
    (message,) = messages_of(event)
    alarm: Json = alarms_in({"payload": message})["alarm"]  # type: ignore[call-overload]
    assert (alarm["state"], alarm["health_check_id"], alarm["id"]) == ("firing", HEALTH_CHECK_ID, ARN)


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"Records": [1]}, [], "text", None, {"alarmData": 1}])
def test_i7_what_is_no_event_is_refused_by_the_filter_and_breaks_nothing(event: Any) -> None:
    for message in messages_of(event):
        assert alarms_in({"payload": message})["alarm"]["state"] == "refused"  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ALARMS": "{"}, "ALARMS in the configuration of the function is not JSON"),
        ({"ALARMS": "[]"}, "ALARMS in the configuration of the function is not an object of alarms"),
        ({"LOCK_RECORDS": "{}"}, "LOCK_RECORDS in the configuration of the function is not a list"),
        ({"LOCK_RETURNED_WITHIN": "-1"}, "LOCK_RETURNED_WITHIN is '-1'. Give a number of seconds."),
        ({"TRUST_ALIAS_TARGETS": "yes"}, "TRUST_ALIAS_TARGETS is 'yes'. Give true or false."),
        ({"ALARMS": '{"a": {"secondary_url": "https://b.example.com/"}}'}, "ALARMS has a secondary_url under a."),
    ],
)
def test_a_configuration_that_cannot_be_understood_is_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(RefusedError, match=said.replace("[", r"\[")):
        Configuration.of(given)


def test_a_function_without_configuration_locks_as_the_playbook_does_by_default() -> None:
    configured = Configuration.of({})
    assert (configured.lock_method, configured.lock_path, configured.lock_returned_within, configured.alarms) == (
        "auto",
        "/lb-check-failed-over",
        0.0,
        {},
    )


@pytest.mark.parametrize("trusts", [True, False])
def test_the_function_trusts_targets_of_aliases_only_where_its_configuration_says_so(trusts: bool) -> None:
    assert options({"TRUST_ALIAS_TARGETS": "true"} if trusts else {})["trust_alias_targets"] is trusts


def options(configuration: Json | None = None, **message: Any) -> Json:
    """What the module's code is asked for an alarm that fires now."""
    at = (datetime.now(UTC) - message.pop("ago", timedelta(seconds=5))).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    alarm = alarms_in({"payload": sns(cloudwatch(StateChangeTime=at, **message))})["alarm"]  # type: ignore[call-overload]
    given = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in (configuration or {}).items()
    }
    deadline = Deadline(30, Clock())
    return lambda_function._options(alarm, Configuration.of(given), deadline)


def test_only_what_the_checkers_see_failing_is_locked() -> None:
    asked = options()
    assert (asked["health_check_ids"], asked["only_if_health"], asked["if_last_site"]) == (
        [HEALTH_CHECK_ID],
        "unhealthy",
        "hold_back",
    )


def test_records_that_nobody_names_are_looked_for() -> None:
    assert options()["find_records"] is True
    named = options({"LOCK_RECORDS": [{"zone": "example.com", "name": "shop.example.com"}]})
    assert (named["find_records"], named["records"][0]["type"]) == (False, "A")


@pytest.mark.parametrize(("ago", "only_if"), [(5, None), (3600, "unhealthy"), (-3600, "unhealthy")])
def test_a_site_that_has_returned_is_locked_for_a_recent_alarm_alone(ago: int, only_if: str | None) -> None:
    asked = options({"LOCK_RETURNED_WITHIN": "600"}, ago=timedelta(seconds=ago))
    assert asked["only_if_health"] == only_if


def test_the_map_of_alarms_says_what_an_alarm_is_about() -> None:
    entry = {"health_check_id": "other", "override": {"reason": "CHG-1", "checks": ["last serving site"]}}
    asked = options({"ALARMS": {ARN: entry}}, dimensions=[])
    assert (asked["health_check_ids"], asked["override"]["reason"]) == (["other"], "CHG-1")


def test_an_alarm_that_says_no_health_check_is_refused_with_where_to_give_it() -> None:
    with pytest.raises(RefusedError, match="does not say its health_check_id.*Give it in ALARMS, under arn:aws"):
        options(dimensions=[])


class _Context:
    def get_remaining_time_in_millis(self) -> int:
        return 30_000


def test_i7_a_failure_is_an_exception_so_that_lambda_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALARMS", "{")
    with pytest.raises(AlarmNotFollowedError, match="ALARMS"):
        lambda_function.handler({}, _Context())
    monkeypatch.delenv("ALARMS")
    with pytest.raises(AlarmNotFollowedError, match="it is no message of OCI Monitoring, CloudWatch"):
        lambda_function.handler({}, _Context())


def test_i5_a_recovery_asks_nothing_of_anybody() -> None:
    reported = lambda_function.handler(by_sns(cloudwatch("OK")), _Context())
    assert reported["alarms"][0]["msg"].startswith("Nothing was done: the alarm is recovered")
