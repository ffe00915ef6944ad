# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Every form of alarm becomes the same small event, and no other message becomes an event with an effect."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_filter.alarm import main
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import (
    ALARM_ID,
    ARN,
    HEALTH_CHECK_ID,
    LOAD_BALANCER_ID,
    TOPIC_ID,
    Json,
    cloudwatch,
    eventbridge,
    monitor,
    oci,
    sns,
)
from hypothesis import given
from hypothesis import strategies as st

AT = "2026-11-21T03:04:05.678Z"
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def one(payload: Any, **meta: str) -> Json:
    """The alarm of an event that holds one."""
    event = main({"payload": payload, "meta": meta})
    assert isinstance(event, dict)
    alarm: Json = event["alarm"]
    return alarm


@pytest.mark.parametrize(
    ("message_type", "state"),
    [("OK_TO_FIRING", "firing"), ("REPEAT", "still_firing"), ("FIRING_TO_OK", "recovered"), ("RESET", "reset")],
)
def test_i9_the_type_of_a_message_of_oci_reports_its_state(message_type: str, state: str) -> None:
    assert one(oci(message_type))["state"] == state


def test_an_alarm_of_oci_reports_what_it_is_about() -> None:
    alarm = one(oci())
    assert alarm["load_balancer_id"] == alarm["object"] == LOAD_BALANCER_ID
    assert (alarm["backend_set"], alarm["rule_set"]) == ("app", "maintenance-page")
    assert (alarm["origin"], alarm["id"], alarm["region"]) == ("oci_monitoring", ALARM_ID, "iad")
    assert (alarm["name"], alarm["at"], alarm["owner"]) == ("checkout-backends", AT, "alarm:xample0123456789")


def test_ocids_are_the_same_in_capitals() -> None:
    written = one(oci(dimensions=[{"resourceId": LOAD_BALANCER_ID.upper(), "backendSetName": "app"}]))
    assert written == one(oci())


@pytest.mark.parametrize("name", ["resourceID", "ResourceId"])
def test_names_of_dimensions_are_the_same_in_any_case(name: str) -> None:
    found = one(oci(dimensions=[{name: LOAD_BALANCER_ID, "BackendSetName": "app"}]))
    assert (found["load_balancer_id"], found["backend_set"]) == (LOAD_BALANCER_ID, "app")


def test_i9_a_dimension_that_is_named_twice_is_refused() -> None:
    twice = {"resourceId": LOAD_BALANCER_ID, "resourceID": "ocid1.loadbalancer.oc1.iad.other", "backendSetName": "app"}
    assert one(oci(dimensions=[twice]))["state"] == "refused"


def test_an_alarm_that_is_renamed_keeps_its_owner() -> None:
    assert one(oci(title="other"))["owner"] == one(oci())["owner"]


def test_the_time_of_older_messages_is_read_too() -> None:
    message = oci()
    del message["timestampEpochMillis"]
    assert one(message)["at"] == AT


@pytest.mark.parametrize("body", [None, "", "Backends are down", "a,b", "a,b,c,d", "Down, all of them, again"])
def test_the_rule_set_is_unknown_where_the_body_has_another_form(body: str | None) -> None:
    alarm = one(oci(body=body))
    assert (alarm["state"], alarm["rule_set"], alarm["load_balancer_id"]) == ("firing", None, LOAD_BALANCER_ID)


def test_the_rule_set_is_known_where_the_service_had_no_data_for_the_rest_of_the_body() -> None:
    body = "{{dimensions.resourceId}},{{dimensions.backendSetName}}, maintenance-page"
    assert one(oci("FIRING_TO_OK", body=body))["rule_set"] == "maintenance-page"


def test_the_body_cannot_say_what_the_alarm_is_about() -> None:
    assert one(oci(body="ocid1.loadbalancer.oc1.iad.other,other,maintenance-page"))["backend_set"] == "app"


def test_a_recovery_without_dimensions_still_names_its_alarm() -> None:
    alarm = one(oci("FIRING_TO_OK", dimensions=[]))
    assert (alarm["state"], alarm["id"], alarm["load_balancer_id"]) == ("recovered", ALARM_ID, None)
    assert alarm["object"] == ALARM_ID


def test_a_message_about_several_streams_becomes_an_event_for_each() -> None:
    dimensions = [{"resourceId": LOAD_BALANCER_ID, "backendSetName": name} for name in ("app", "search")]
    uuid = "00000000-0000-0000-0000-000000000001"
    events = main({"payload": oci(dimensions=dimensions), "meta": {"uuid": uuid, "receipt": "r", "topic": TOPIC_ID}})
    assert isinstance(events, list)
    assert [event["alarm"]["backend_set"] for event in events] == ["app", "search"]
    assert [(event["meta"]["parts"], event["meta"]["receipt"]) for event in events] == [(2, "r"), (2, "r")]
    assert len({event["meta"]["uuid"] for event in events} | {uuid}) == 3
    assert len({event["alarm"]["key"] for event in events}) == 2


@pytest.mark.parametrize("wrapped", [cloudwatch(), sns(cloudwatch()), json.dumps(sns(cloudwatch())), eventbridge()])
def test_an_alarm_of_cloudwatch_reads_the_same_by_every_way(wrapped: Any) -> None:
    alarm = one(wrapped)
    assert (alarm["origin"], alarm["state"], alarm["health_check_id"]) == ("cloudwatch", "firing", HEALTH_CHECK_ID)
    assert (alarm["at"], alarm["region"], alarm["name"]) == (AT, "us-east-1", "checkout primary")
    assert (alarm["owner"].rpartition("-")[0], alarm["object"]) == ("alarm:checkout primary", HEALTH_CHECK_ID)
    assert (alarm["id"], alarm["means_down"]) == (ARN, True)
    assert alarm["key"] == one(eventbridge())["key"]


@pytest.mark.parametrize(
    ("more", "by"),
    [
        ({"suppressed_by": "WaitPeriod"}, "WaitPeriod"),
        ({"suppressed_by": "Alarm"}, "Alarm"),
        ({"muteDetail": {"mutedByArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm-mute-rule:x"}}, "a mute rule"),
    ],
)
def test_i9_an_alarm_whose_actions_are_suppressed_leads_to_nothing(more: Json, by: str) -> None:
    event = eventbridge(**{name: value for name, value in more.items() if name != "suppressed_by"})
    event["detail"]["state"]["actionsSuppressedBy"] = more.get("suppressed_by")
    alarm = one(event)
    assert (alarm["state"], alarm["means_down"], alarm["name"]) == ("suppressed", None, "checkout primary")
    assert alarm["reason"] == f"its actions are suppressed by {by}"


def test_a_recovery_is_one_although_actions_are_suppressed() -> None:
    event = eventbridge("OK")
    event["detail"]["state"]["actionsSuppressedBy"] = "ExtensionPeriod"
    assert one(event)["state"] == "recovered"


@pytest.mark.parametrize(("state", "reported"), [("OK", "recovered"), ("INSUFFICIENT_DATA", "no_data")])
def test_the_other_states_of_cloudwatch(state: str, reported: str) -> None:
    assert one(cloudwatch(state))["state"] == one(eventbridge(state))["state"] == reported


@pytest.mark.parametrize(("state", "reported"), [("ALARM", "firing"), ("OK", "unknown")])
def test_i9_one_time_series_of_an_alarm_makes_it_fire_and_does_not_make_it_recover(state: str, reported: str) -> None:
    """A Metrics Insights alarm with C(GROUP BY): SNS gets a message about each contributor, and about the alarm."""
    query = {"Metrics": [{"Id": "q1", "Expression": "SELECT MAX(x) FROM y GROUP BY z", "Period": 60}]}
    about = {"AlarmContributorId": "a1b2c3d4e5f6a7b8", "AlarmContributorAttributes": {"z": "{{ x }}"}}
    alarm = one(cloudwatch(state, Trigger=query, **about))
    assert alarm["state"] == reported
    assert state == "ALARM" or "one contributor of the alarm (a1b2c3d4e5f6a7b8)" in alarm["reason"]
    assert one(cloudwatch("OK", Trigger=query))["state"] == "recovered"


def test_the_health_check_is_found_by_the_name_of_its_dimension() -> None:
    dimensions = [{"name": "Region", "value": "us-east-1"}, {"name": "HealthCheckId", "value": HEALTH_CHECK_ID}]
    assert one(cloudwatch(dimensions=dimensions))["health_check_id"] == HEALTH_CHECK_ID


def test_an_alarm_about_something_else_has_no_health_check() -> None:
    alarm = one(cloudwatch(dimensions=[{"name": "InstanceId", "value": "i-0123"}]))
    assert (alarm["state"], alarm["health_check_id"], alarm["object"]) == ("firing", None, ARN)


@pytest.mark.parametrize(
    ("state", "reported"),
    [("unhealthy", "firing"), ("healthy", "recovered"), ("degraded", "degraded"), ("unknown", "unknown")],
)
def test_states_of_health_monitor(state: str, reported: str) -> None:
    alarm = one(monitor(state))
    assert (alarm["origin"], alarm["state"], alarm["service"]) == ("health_monitor", reported, "checkout")


def test_each_delivery_of_a_message_has_one_key_and_each_change_of_state_another() -> None:
    later = one(oci(timestampEpochMillis=1_795_230_305_678))
    assert one(oci())["key"] == one(oci())["key"]
    assert len({alarm["key"] for alarm in (one(oci()), one(oci("FIRING_TO_OK")), later)}) == 3


@pytest.mark.parametrize(
    "payload",
    [
        oci("FIRING"),
        oci(type=None),
        oci(dimensions=[{"resourceId": "{{dimensions.resourceId}}", "backendSetName": "app"}]),
        oci(dimensions=[{"resourceId": LOAD_BALANCER_ID, "backendSetName": "{{ lookup('pipe', 'id') }}"}]),
        oci(dimensions=[{"resourceId": "checkout", "backendSetName": "app"}]),
        oci(dimensions=[{"resourceId": 7}]),
        oci(dimensions=["app"]),
        oci(id="not an ocid"),
        oci(id=None),
        oci(timestampEpochMillis=None, timestamp=None),
        oci(timestampEpochMillis=None, timestamp="2026-11-21T03:04:05"),
        oci(timestampEpochMillis=10**30),
        oci(alarmMetaData="none"),
        oci(alarmMetaData=[]),
        cloudwatch("BROKEN"),
        cloudwatch(AlarmArn="arn:aws:sns:us-east-1:123456789012:x"),
        cloudwatch(dimensions=[{"name": "HealthCheckId", "value": "../../x"}]),
        cloudwatch(StateChangeTime="soon"),
        monitor(service="all:!checkout"),
        monitor("dead"),
        {"hello": "world"},
        {"Type": "Notification", "Message": "no JSON"},
        {"Type": "Notification", "Message": "[" * 100_000},
        [],
        "text",
        7,
    ],
)
def test_i9_what_cannot_be_trusted_to_mean_what_it_says_is_refused(payload: Any) -> None:
    alarm = one(payload)
    assert alarm["state"] == "refused"
    assert alarm["reason"]
    assert alarm["load_balancer_id"] is alarm["health_check_id"] is alarm["service"] is None


@pytest.mark.parametrize(
    "kind", ["CloudWatch Alarm Configuration Change", "CloudWatch Alarm Contributor State Change", "{{ x }}", 7, None]
)
def test_another_event_of_cloudwatch_is_refused_with_what_to_change(kind: Any) -> None:
    """What a rule of EventBridge on the source alone matches as well."""
    alarm = one(eventbridge() | {"detail-type": kind})
    assert (alarm["state"], alarm["health_check_id"]) == ("refused", None)
    assert "match only the detail-type CloudWatch Alarm State Change" in alarm["reason"]
    assert "{" not in alarm["reason"]


def test_no_text_of_a_message_reaches_a_playbook_as_a_template() -> None:
    hostile = "{{ lookup('pipe', 'id') }} {% raw %} $(id) `id`"
    event = main(
        {"payload": oci(title=hostile, unknown=hostile), "meta": {"headers": {"X": hostile}, "topic": TOPIC_ID}}
    )
    assert isinstance(event, dict)
    assert event["alarm"]["state"] == "firing"
    assert event["meta"] == {"topic": TOPIC_ID}
    assert not set("{}%$`") & set(json.dumps(list(event["alarm"].values())))


@pytest.mark.parametrize("topic", ["{{ lookup('pipe', 'id') }}", "arn:aws:sns:x:1:{{ x }}", ["a"], {"a": "b"}, 7])
def test_a_topic_that_cannot_be_one_reaches_no_playbook(topic: Any) -> None:
    event = main({"payload": oci(), "meta": {"topic": topic, "uuid": "u-1"}})
    assert isinstance(event, dict)
    assert event["meta"] == {"topic": None, "uuid": "u-1"}


def nested(depth: int) -> list[Any]:
    """A list in a list in a list, as a source that parses nearer to the top of the stack lets it through."""
    inner: list[Any] = []
    for _level in range(depth):
        inner = [inner]
    return inner


@pytest.mark.parametrize(
    "payload", [oci(title=nested(5000)), cloudwatch(AlarmName=nested(5000))], ids=["title", "AlarmName"]
)
def test_a_name_that_is_nested_too_deeply_is_refused(payload: Any) -> None:
    assert one(payload)["state"] == "refused"


@given(ANY_JSON)
def test_nothing_at_all_makes_it_fail(payload: Any) -> None:
    assert one(payload)["state"] == "refused"


@given(st.sampled_from(sorted(oci())), ANY_JSON)
def test_no_field_of_a_message_makes_it_fail(name: str, value: Any) -> None:
    event = main({"payload": oci(**{name: value})})
    alarms = [item["alarm"] for item in (event if isinstance(event, list) else [event])]
    assert all("state" in alarm for alarm in alarms)
