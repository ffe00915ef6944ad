# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Notifications of Alertmanager: each alert becomes a separate event with its own meaning."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_filter.alarm import main
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import (
    ACCELERATOR,
    Json,
    alert,
    alertmanager,
)
from hypothesis import given
from hypothesis import strategies as st

META = {"uuid": "00000000-0000-0000-0000-000000000001", "received_at": "2026-11-21T03:05:00.000+00:00", "x": "y"}
OPPOSITE = {"site": "site-a", "reporter": "site-b"}


def events(*alerts: Json, **more: Any) -> list[Json]:
    """What comes of a notification."""
    found = main({"payload": alertmanager(*alerts, **more), "meta": META})
    return found if isinstance(found, list) else [found]


def one(*alerts: Json, **more: Any) -> Json:
    """The alarm of a notification that holds one alert."""
    (event,) = events(*alerts, **more)
    alarm: Json = event["alarm"]
    return alarm


def test_an_alert_says_who_has_lost_whom() -> None:
    alarm = one()
    assert (alarm["origin"], alarm["state"], alarm["name"]) == ("alertmanager", "firing", "SiteOffline")
    assert (alarm["site"], alarm["reporter"], alarm["accelerator"]) == ("site-b", "site-a", ACCELERATOR)
    assert (alarm["object"], alarm["owner"]) == (f"accelerator:{ACCELERATOR}", "alarm:SiteOffline")
    assert (alarm["at"], alarm["id"], alarm["means_down"]) == ("2026-11-21T03:04:05.678Z", None, None)


def test_what_a_source_knows_of_a_notification_is_kept() -> None:
    (event,) = events()
    assert event["meta"] == {name: value for name, value in META.items() if name != "x"}


def test_alerts_of_one_notification_become_an_event_each_with_its_own_state() -> None:
    found = events(alert(), alert("resolved", site="site-c"), alert(**OPPOSITE))
    assert [event["alarm"]["state"] for event in found] == ["firing", "recovered", "firing"]
    assert [event["alarm"]["site"] for event in found] == ["site-b", "site-c", "site-a"]
    assert [event["meta"]["parts"] for event in found] == [3, 3, 3]
    assert len({event["meta"]["uuid"] for event in found}) == 3


def test_i9_an_alert_that_is_resolved_does_not_fire_because_others_of_its_group_do() -> None:
    assert one(alert("resolved"), status="firing")["state"] == "recovered"


def test_a_recovery_has_the_time_at_which_it_ended() -> None:
    assert one(alert("resolved"))["at"] == "2026-11-21T03:09:05.678Z"


def test_opposite_alerts_are_about_one_object_and_are_two_messages() -> None:
    first, second = one(), one(alert(**OPPOSITE))
    assert first["object"] == second["object"]
    assert first["key"] != second["key"]


def test_a_repeated_notification_has_the_same_key_and_another_outage_another() -> None:
    assert one()["key"] == one(alert(), groupKey="other", receiver="other")["key"]
    assert one()["key"] != one(alert(startsAt="2026-11-22T03:04:05Z"))["key"]
    assert one()["key"] != one(alert("resolved"))["key"]


def test_alerts_that_differ_in_any_label_are_two() -> None:
    assert one()["key"] != one(alert(namespace="other"))["key"]


def test_the_name_of_an_accelerator_is_the_same_in_capitals() -> None:
    assert one(alert(accelerator=ACCELERATOR.upper())) | {"key": ""} == one() | {"key": ""}


def test_an_alert_about_something_else_is_an_object_of_its_own() -> None:
    first, second = (one(alert(accelerator=None, site=None, reporter=None, job=job)) for job in "ab")
    assert (first["state"], first["accelerator"], first["site"], first["reporter"]) == ("firing", None, None, None)
    assert first["object"].startswith("alert:SiteOffline-")
    assert first["object"] != second["object"]


def by_grafana(state: str, reason: object, **labels: Any) -> Json:
    """An alert of Grafana, which reports why its state is what it is where no result of the query is the reason."""
    return {**alert(state, **labels), "annotations": {"grafana_state_reason": reason}}


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        ("firing", "NoData", "no_data"),
        ("firing", "Error", "unknown"),
        ("firing", "Error, KeepLast", "unknown"),
        ("resolved", "NoData", "no_data"),
        ("resolved", "Error", "unknown"),
        ("resolved", "MissingSeries", "reset"),
        ("resolved", "Paused", "unknown"),
        ("resolved", "RuleDeleted", "unknown"),
        ("resolved", "Updated", "unknown"),
    ],
)
def test_i9_an_alert_without_a_result_of_its_query_neither_fires_nor_recovers(
    state: str, reason: str, expected: str
) -> None:
    alarm = one(by_grafana(state, reason))
    assert (alarm["state"], alarm["site"]) == (expected, "site-b")
    assert reason in alarm["reason"]


@pytest.mark.parametrize("name", ["DatasourceNoData", "DatasourceError"])
def test_i9_grafanas_alerts_on_its_data_sources_say_nothing_of_a_site(name: str) -> None:
    """They have the labels of the rule beside their own name, and are over once there is data again, whatever it is."""
    own = {"alertname": name, "rulename": "SiteOffline", "datasource_uid": "x"}
    fires, over = one(alert(**own)), one(alert("resolved", **own))
    assert fires["state"] == {"DatasourceNoData": "no_data", "DatasourceError": "unknown"}[name]
    assert over["state"] == "unknown"
    assert name in fires["reason"]
    assert name in over["reason"]


@pytest.mark.parametrize("reason", [None, "", "Updated", "KeepLast", 7, ["NoData"], {"NoData": 1}])
def test_any_other_reason_leaves_an_alert_firing(reason: object) -> None:
    assert one(by_grafana("firing", reason))["state"] == "firing"


@pytest.mark.parametrize("annotations", [None, "NoData", ["NoData"], {}])
def test_annotations_of_any_form_leave_an_alert_what_it_is(annotations: object) -> None:
    assert one({**alert(), "annotations": annotations})["state"] == "firing"
    assert one({**alert("resolved"), "annotations": annotations})["state"] == "recovered"


def test_what_grafana_reports_comes_through_as_plain_text() -> None:
    alarm = one(by_grafana("firing", "NoData, {{ x }}"))
    assert (alarm["state"], alarm["reason"].count("{")) == ("no_data", 0)


@pytest.mark.parametrize("name", ["site", "reporter", "accelerator"])
@pytest.mark.parametrize(
    "value",
    ["{{ lookup('pipe', 'id') }}", "site-b,site-a", "a b", "-x", "../x", "*", "all:!x", "é", "x" * 254, "\n", 7, ["x"]],
)
def test_i9_a_hostile_label_is_refused(name: str, value: Any) -> None:
    alarm = one(alert(**{name: value}))
    assert (alarm["state"], alarm["site"], alarm["reporter"], alarm["accelerator"]) == ("refused", None, None, None)
    assert not set("{}%$`\n") & set(json.dumps(list(alarm.values())))


def test_a_hostile_alert_keeps_no_other_of_its_notification_from_being_read() -> None:
    found = events(alert(site="{{ x }}"), alert())
    assert [event["alarm"]["state"] for event in found] == ["refused", "firing"]


@pytest.mark.parametrize(
    "broken",
    [
        alert("pending"),
        alert(status=None),
        alert(startsAt="soon"),
        alert(startsAt="2026-11-21T03:04:05"),
        alert(alertname=None),
        alert(labels=[]),
        {},
    ],
)
def test_i9_an_alert_of_another_form_is_refused(broken: Json) -> None:
    found = main({"payload": {**alertmanager(), "alerts": [broken]}})
    assert isinstance(found, dict)
    assert found["alarm"]["state"] == "refused"


@pytest.mark.parametrize("alerts", [[], None, {}, "text", ["text"], [[]]])
def test_i9_a_notification_without_alerts_is_refused(alerts: Any) -> None:
    found = main({"payload": {**alertmanager(), "alerts": alerts}})
    assert isinstance(found, dict)
    assert found["alarm"]["state"] == "refused"


ANY = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2)


@given(st.sampled_from(sorted(alert()["labels"])), ANY)
def test_no_label_makes_it_fail_or_comes_through(name: str, value: Any) -> None:
    made = alert()
    made["labels"][name] = value
    alarm = one(made)
    assert alarm["state"] in ("firing", "refused")
    assert not set("{}%$`\n") & set(json.dumps([text for text in alarm.values() if text is not None]))
