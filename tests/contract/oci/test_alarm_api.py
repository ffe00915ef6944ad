# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Alarms, topics and subscriptions in the lab, driven by the real SDK through their own APIs."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import oci
import pytest
from oci.monitoring import models
from oci.ons import models as ons_models

from lab.process import CLONE, RunningLab

ALL = 'UnHealthyBackendServers[1m]{backendSetName = "app"}.groupBy(resourceId, backendSetName).max() >= 2'

JSON = {"content-type": "application/json"}


@pytest.fixture
def made(lab: RunningLab) -> Callable[[Any], Any]:
    config = oci.config.from_file(lab.info["oci"]["config_file"])
    return lambda client: client(config, service_endpoint=lab.info["oci"]["endpoint"])


@pytest.fixture
def monitoring(made: Callable[[Any], Any]) -> Any:
    return made(oci.monitoring.MonitoringClient)


@pytest.fixture
def topics(made: Callable[[Any], Any]) -> Any:
    return made(oci.ons.NotificationControlPlaneClient)


@pytest.fixture
def subscriptions(made: Callable[[Any], Any]) -> Any:
    return made(oci.ons.NotificationDataPlaneClient)


@pytest.fixture
def details(lab: RunningLab) -> Callable[..., models.CreateAlarmDetails]:
    def make(**more: Any) -> models.CreateAlarmDetails:
        compartment = lab.info["oci"]["compartment_id"]
        given = {
            "display_name": "all down",
            "compartment_id": compartment,
            "metric_compartment_id": compartment,
            "namespace": "oci_lbaas",
            "query": ALL,
            "severity": "CRITICAL",
            "destinations": [lab.info["oci"]["topic"]["id"]],
            "is_enabled": True,
            "is_notifications_per_metric_dimension_enabled": True,
        }
        return models.CreateAlarmDetails(**{**given, **more})

    return make


def set_backends(lab: RunningLab, *names: str, running: bool) -> None:
    for name in names:
        lab.control("POST", f"/oci/backends/{name}", {"running": running})


def status_becomes(monitoring: Any, lab: RunningLab, wanted: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        (seen,) = monitoring.list_alarms_status(lab.info["oci"]["compartment_id"], display_name="all down").data
        if seen.status == wanted:
            return
        assert time.monotonic() < deadline, f"the alarm is {seen.status}"
        time.sleep(0.05)


def test_an_alarm_fires_by_its_query_and_recovers(lab: RunningLab, monitoring: Any, details: Any) -> None:
    lab.control("PATCH", "/oci/settings", {"minute_seconds": 0.05})
    monitoring.create_alarm(details())
    set_backends(lab, "app-1", "app-2", running=False)
    status_becomes(monitoring, lab, "FIRING")
    set_backends(lab, "app-1", running=True)
    status_becomes(monitoring, lab, "OK")


def test_one_of_two_backends_does_not_meet_all(lab: RunningLab, monitoring: Any, details: Any) -> None:
    lab.control("PATCH", "/oci/settings", {"minute_seconds": 0.05})
    monitoring.create_alarm(details())
    monitoring.create_alarm(details(display_name="one down", query=ALL.replace(">= 2", ">= 1")))
    set_backends(lab, "app-1", running=False)
    deadline = time.monotonic() + 20
    while not (states := {alarm["title"]: alarm["firing"] for alarm in lab.control("GET", "/oci/alarms")})["one down"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert not states["all down"]


def test_an_update_changes_what_it_names(monitoring: Any, details: Any) -> None:
    alarm = monitoring.create_alarm(details(body="kept")).data
    changed = monitoring.update_alarm(alarm.id, models.UpdateAlarmDetails(pending_duration="PT5M")).data
    assert (changed.pending_duration, changed.body, changed.query) == ("PT5M", "kept", ALL)


def suppression(minutes: float) -> models.Suppression:
    now = datetime.now(UTC)
    return models.Suppression(
        description="CHG-1234", time_suppress_from=now, time_suppress_until=now + timedelta(minutes=minutes)
    )


def test_a_suppression_is_shown_until_it_is_removed(lab: RunningLab, monitoring: Any, details: Any) -> None:
    alarm = monitoring.create_alarm(details(suppression=suppression(60))).data
    (seen,) = monitoring.list_alarms_status(lab.info["oci"]["compartment_id"], display_name="all down").data
    assert (seen.suppression.description, alarm.suppression.description) == ("CHG-1234", "CHG-1234")
    monitoring.update_alarm(alarm.id, models.UpdateAlarmDetails(body="other"))
    assert monitoring.get_alarm(alarm.id).data.suppression is not None
    monitoring.remove_alarm_suppression(alarm.id)
    assert monitoring.get_alarm(alarm.id).data.suppression is None


def test_a_suppression_that_ends_before_it_begins_is_refused(monitoring: Any, details: Any) -> None:
    with pytest.raises(oci.exceptions.ServiceError) as refused:
        monitoring.create_alarm(details(suppression=suppression(-1)))
    assert refused.value.status == 400


def test_another_version_is_refused(monitoring: Any, details: Any) -> None:
    alarm = monitoring.create_alarm(details()).data
    with pytest.raises(oci.exceptions.ServiceError) as refused:
        monitoring.delete_alarm(alarm.id, if_match="old")
    assert refused.value.status == 412


@pytest.mark.parametrize(
    "wrong",
    [
        {"query": "CpuUtilization[1m].max() >= 1"},
        {"query": "UnHealthyBackendServers[1m].max()"},
        {"query": 'UnHealthyBackendServers[1m]{nothing = "x"}.max() >= 1'},
        {"query": "UnHealthyBackendServers[1m].percentile(0.9) >= 1"},
        {"pending_duration": "PT2H"},
        {"repeat_notification_duration": "soon"},
        {"evaluation_slack_duration": "PT1M"},
        {"severity": "LOUD"},
        {"destinations": ["ocid1.onstopic.oc1.iad.aaaaexample"]},
        {"destinations": []},
        {"namespace": "oci_computeagent"},
        {"display_name": None},
    ],
)
def test_what_cannot_be_is_refused(monitoring: Any, details: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(oci.exceptions.ServiceError) as refused:
        monitoring.create_alarm(details(**wrong))
    assert refused.value.status == 400


def test_unknown_fields_are_refused(monitoring: Any, lab: RunningLab) -> None:
    with pytest.raises(oci.exceptions.ServiceError, match="Unrecognized field"):
        monitoring.base_client.call_api(
            "/alarms", "POST", header_params={"content-type": "application/json"}, body={"wisdom": True}
        )


def a_topic(topics: Any, lab: RunningLab, name: str = "checkout") -> Any:
    details = ons_models.CreateTopicDetails(name=name, compartment_id=lab.info["oci"]["compartment_id"])
    made = topics.create_topic(details).data
    return oci.wait_until(topics, topics.get_topic(made.topic_id), "lifecycle_state", "ACTIVE").data


def test_a_topic_takes_a_moment_and_then_is_there(lab: RunningLab, topics: Any) -> None:
    topic = a_topic(topics, lab)
    assert [one.topic_id for one in topics.list_topics(topic.compartment_id, name="checkout").data] == [topic.topic_id]


def test_a_topic_name_is_taken_once(lab: RunningLab, topics: Any) -> None:
    a_topic(topics, lab)
    with pytest.raises(oci.exceptions.ServiceError) as refused:
        a_topic(topics, lab)
    assert refused.value.status == 409


def subscription(topic: Any, **more: Any) -> ons_models.CreateSubscriptionDetails:
    given = {
        "topic_id": topic.topic_id,
        "compartment_id": topic.compartment_id,
        "protocol": "CUSTOM_HTTPS",
        "endpoint": "https://127.0.0.1:9/alarms",
    }
    return ons_models.CreateSubscriptionDetails(**{**given, **more})


def test_an_https_subscription_waits_and_a_function_does_not(lab: RunningLab, topics: Any, subscriptions: Any) -> None:
    topic = a_topic(topics, lab)
    by_https = subscriptions.create_subscription(subscription(topic)).data
    function = {"protocol": "ORACLE_FUNCTIONS", "endpoint": "ocid1.fnfunc.oc1.iad.aaaaexample"}
    folder = str(CLONE / "extensions" / "functions" / "oci_maintenance")
    lab.control("PUT", f"/oci/functions/{function['endpoint']}", {"folder": folder})
    by_function = subscriptions.create_subscription(subscription(topic, **function)).data
    assert (by_https.lifecycle_state, by_function.lifecycle_state) == ("PENDING", "ACTIVE")


def test_a_confirmation_can_be_sent_again(lab: RunningLab, topics: Any, subscriptions: Any) -> None:
    made = subscriptions.create_subscription(subscription(a_topic(topics, lab))).data
    assert subscriptions.resend_subscription_confirmation(made.id).status == 200


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9/", "https://127.0.0.1:9/?key=1", "https://192.0.2.1/"])
def test_other_endpoints_are_refused_through_the_api(
    lab: RunningLab, topics: Any, subscriptions: Any, endpoint: str
) -> None:
    with pytest.raises(oci.exceptions.ServiceError) as refused:
        subscriptions.create_subscription(subscription(a_topic(topics, lab), endpoint=endpoint))
    assert refused.value.status == 400


def test_subscriptions_go_with_their_topic(lab: RunningLab, topics: Any, subscriptions: Any) -> None:
    topic = a_topic(topics, lab)
    made = subscriptions.create_subscription(subscription(topic)).data
    # What is asked again; it may be gone before it could be asked for the first time.
    seen = topics.get_topic(topic.topic_id)
    topics.delete_topic(topic.topic_id)
    oci.wait_until(topics, seen, "lifecycle_state", "X", succeed_on_not_found=True)
    with pytest.raises(oci.exceptions.ServiceError, match="not found"):
        subscriptions.get_subscription(made.id)
