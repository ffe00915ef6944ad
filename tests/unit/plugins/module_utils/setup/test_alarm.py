# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is missing of topic, subscription and alarm, and what belongs to somebody else."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._setup import alarm

Json = dict[str, t.Any]

PARAMS: Json = {
    "name": "checkout",
    "compartment_id": "ocid1.compartment.oc1..aaaa",
    "metric_compartment_id": None,
    "rule_set": "page",
    "pending_minutes": 1,
    "slack_minutes": 3,
    "repeat_minutes": 5,
    "severity": "CRITICAL",
    "adopt": False,
    "endpoint": "https://eda.example.com/oci",
    "endpoint_username": "oci",
    "endpoint_password": "p@ss",
    "function_id": None,
}
OURS = {"tidegate-setup": "oci_maintenance_alarm"}
TOPIC: Json = {"topicId": "ocid1.onstopic.oc1.iad.aaaa", "name": "checkout", "freeformTags": OURS}
RECEIVER = alarm.receiver_from(PARAMS)
SUBSCRIPTION: Json = {"id": "s1", "protocol": "CUSTOM_HTTPS", "endpoint": RECEIVER.endpoint, "freeformTags": OURS}
ALARM: Json = {"id": "a1", "freeformTags": OURS, **alarm.wanted_alarm(PARAMS, "query", TOPIC["topicId"])}


def steps(topic: Json | None, found: list[Json], seen: Json | None, **more: object) -> list[str]:
    made = alarm.steps_to_have({**PARAMS, **more}, "query", RECEIVER, topic, found, seen)
    return [f"{step.verb} {step.kind}" for step in made]


def test_everything_is_created_in_order() -> None:
    assert steps(None, [], None) == ["create topic", "create subscription", "create alarm"]


def test_nothing_is_missing_where_all_is_there() -> None:
    assert steps(TOPIC, [SUBSCRIPTION], ALARM) == []


def test_equal_durations_may_be_written_differently() -> None:
    assert steps(TOPIC, [SUBSCRIPTION], {**ALARM, "repeatNotificationDuration": "PT60M"}, repeat_minutes=60) == []
    assert steps(TOPIC, [SUBSCRIPTION], {**ALARM, "repeatNotificationDuration": "PT1H"}, repeat_minutes=60) == []


def test_an_update_sends_what_it_read_besides() -> None:
    found = {**ALARM, "query": "other", "notificationTitle": "theirs", "definedTags": {"a": {"b": "c"}}}
    body = alarm.alarm_body(found, alarm.wanted_alarm(PARAMS, "query", TOPIC["topicId"]))
    assert (body["query"], body["notificationTitle"], body["definedTags"]) == ("query", "theirs", {"a": {"b": "c"}})


@pytest.mark.parametrize("kind", ["topic", "alarm", "subscription"])
def test_what_somebody_else_made_is_refused_unless_adopted(kind: str) -> None:
    found = {"topic": TOPIC, "subscription": SUBSCRIPTION, "alarm": ALARM}
    found[kind] = {**found[kind], "freeformTags": {"team": "web"}}
    given = (found["topic"], [found["subscription"]], found["alarm"])
    with pytest.raises(RefusedError, match="did not create it"):
        steps(*given)
    assert steps(*given, adopt=True) == [f"update {kind}"]


def test_another_password_makes_another_subscription() -> None:
    old = {**SUBSCRIPTION, "endpoint": "https://oci:old@eda.example.com/oci"}
    assert steps(TOPIC, [old], ALARM) == ["delete subscription", "create subscription"]


def test_a_hidden_password_counts_as_the_same() -> None:
    assert steps(TOPIC, [{**SUBSCRIPTION, "endpoint": "https://eda.example.com/oci"}], ALARM) == []


def test_an_own_subscription_of_another_endpoint_goes() -> None:
    old = {**SUBSCRIPTION, "id": "s0", "endpoint": "https://old.example.com/"}
    assert steps(TOPIC, [old, SUBSCRIPTION], ALARM) == ["delete subscription"]


def test_absent_removes_the_alarm_first() -> None:
    made = alarm.steps_to_remove(PARAMS, TOPIC, [SUBSCRIPTION], ALARM)
    assert [step.kind for step in made] == ["alarm", "subscription", "topic"]


def test_a_topic_that_others_use_is_not_removed() -> None:
    other = {"id": "s9", "protocol": "EMAIL", "endpoint": "sre@example.com", "freeformTags": {}}
    with pytest.raises(RefusedError, match="subscriptions that oci_maintenance_alarm did not create"):
        alarm.steps_to_remove(PARAMS, TOPIC, [other], None)


def test_i12_no_step_reports_the_password() -> None:
    made = alarm.steps_to_have(PARAMS, "query", RECEIVER, None, [], None)
    assert not any("p%40ss" in step.reported() or "p@ss" in step.reported() for step in made)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"endpoint": "http://eda.example.com/"}, "https:// addresses only"),
        ({"endpoint": "https://eda.example.com/?key=1"}, "no query parameters"),
        ({"endpoint": "https://u:hidden@eda.example.com/"}, "endpoint_username"),
        ({"endpoint_password": None}, "go together"),
        ({"endpoint": "https://eda.example.com/" + "x" * 500}, "more than the 512"),
        ({"function_id": "nonsense"}, "not the OCID of a function"),
    ],
)
def test_what_oci_would_not_deliver_to_is_refused(wrong: Json, words: str) -> None:
    with pytest.raises(RefusedError, match=words) as refused:
        alarm.receiver_from({**PARAMS, **wrong})
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong", [{"pending_minutes": 61}, {"pending_minutes": 0}, {"slack_minutes": 2}, {"repeat_minutes": 50000}]
)
def test_durations_that_the_service_does_not_take_are_refused(wrong: Json) -> None:
    with pytest.raises(RefusedError, match="OCI Monitoring takes"):
        alarm.wanted_alarm({**PARAMS, **wrong}, "query", "t")


def shared(seen: Json | None, **more: object) -> list[str]:
    params = {**PARAMS, "topic_id": TOPIC["topicId"], **more}
    return [f"{step.verb} {step.kind}" for step in alarm.steps_to_have_alarm(params, "query", seen)]


def test_an_alarm_that_shares_a_topic_is_all_that_is_missing() -> None:
    assert shared(None) == ["create alarm"]
    assert shared(ALARM) == []
    assert shared({**ALARM, "destinations": ["ocid1.onstopic.oc1.iad.bbbb"]}) == ["update alarm"]


def test_an_alarm_of_somebody_else_is_refused_where_it_shares_a_topic_too() -> None:
    with pytest.raises(RefusedError, match="did not create it"):
        shared({**ALARM, "freeformTags": {}})
