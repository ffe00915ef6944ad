# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""From failing backends to an HTTPS endpoint: the alarm, the handshake, Basic authentication, headers and retries."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import oci
import pytest
import requests
from ansible_collections.tidegate.failover.tests.contract.waiting import eventually
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from lab.process import LabProcessError, RunningLab

BACKENDS = ("app-1", "app-2")


@dataclass
class Endpoint:
    """A subscriber's endpoint, which answers with the next of ``answers``, or 200."""

    url: str = ""
    received: list[tuple[dict[str, str], str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def respond(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append((headers, request.get_data(as_text=True)))
        return Response(status=self.answers.pop(0) if self.answers else 200)(environ, start_response)

    def messages(self) -> list[dict[str, Any]]:
        """The notifications, without the confirmation."""
        return [
            json.loads(body) for headers, body in self.received if headers["x-oci-ns-messagetype"] == "Notification"
        ]


@pytest.fixture
def endpoint(lab: RunningLab) -> Iterator[Endpoint]:
    lab.control("PATCH", "/oci/settings", {"minute_seconds": 0.05})
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(lab.info["oci"]["endpoint_certificate"], lab.info["oci"]["endpoint_key"])
    made = Endpoint()
    server = make_server("127.0.0.1", 0, made.respond, threaded=True, ssl_context=context)
    made.url = f"https://ons:secret@127.0.0.1:{server.server_port}/alarms"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def confirmation(lab: RunningLab, endpoint: Endpoint) -> dict[str, str]:
    """The headers of the first message to a new subscriber."""
    lab.control("POST", "/oci/subscriptions", {"endpoint": endpoint.url})
    headers, _body = eventually(lambda: endpoint.received)[0]
    return dict(headers)


@pytest.fixture
def subscribed(lab: RunningLab, endpoint: Endpoint, confirmation: dict[str, str]) -> Endpoint:
    url = confirmation["x-oci-ns-confirmationurl"]
    requests.get(url, verify=lab.info["oci"]["ca_file"], timeout=10).raise_for_status()
    return endpoint


@pytest.fixture
def publisher(lab: RunningLab) -> Any:
    """The SDK's client that publishes."""
    config = oci.config.from_file(lab.info["oci"]["config_file"])
    return oci.ons.NotificationDataPlaneClient(config, service_endpoint=lab.info["oci"]["endpoint"])


def set_backends(lab: RunningLab, *, running: bool) -> None:
    for name in BACKENDS:
        lab.control("POST", f"/oci/backends/{name}", {"running": running})


def states(lab: RunningLab) -> list[str]:
    return [subscription["lifecycleState"] for subscription in lab.control("GET", "/oci/subscriptions")]


def test_a_subscription_waits_for_its_confirmation(lab: RunningLab, confirmation: dict[str, str]) -> None:
    assert confirmation["x-oci-ns-messagetype"] == "SubscriptionConfirmation"
    assert confirmation["x-oci-ns-topicocid"] == lab.info["oci"]["topic"]["id"]
    assert confirmation["authorization"] == "Basic b25zOnNlY3JldA=="
    assert states(lab) == ["PENDING"]


def test_visiting_the_address_confirms(lab: RunningLab, subscribed: Endpoint) -> None:
    assert states(lab) == ["ACTIVE"]


def test_a_wrong_token_confirms_nothing(lab: RunningLab, confirmation: dict[str, str]) -> None:
    url = confirmation["x-oci-ns-confirmationurl"].partition("?")[0]
    assert requests.get(f"{url}?token=wrong", verify=lab.info["oci"]["ca_file"], timeout=10).status_code == 404
    assert states(lab) == ["PENDING"]


@pytest.mark.parametrize("endpoint_url", ["http://127.0.0.1:1/", "https://127.0.0.1:1/?key=1", "https://192.0.2.1/"])
def test_other_endpoints_are_refused(lab: RunningLab, endpoint_url: str) -> None:
    with pytest.raises(LabProcessError, match="the endpoint must|loopback"):
        lab.control("POST", "/oci/subscriptions", {"endpoint": endpoint_url})


def test_the_alarm_fires_when_all_backends_fail_and_recovers_with_the_first(
    lab: RunningLab, subscribed: Endpoint
) -> None:
    set_backends(lab, running=False)
    fired = eventually(subscribed.messages)[0]
    lab.control("POST", "/oci/backends/app-1", {"running": True})
    recovered = eventually(lambda: subscribed.messages()[1:])[0]
    assert (fired["type"], recovered["type"]) == ("OK_TO_FIRING", "FIRING_TO_OK")
    assert fired["dedupeKey"] == recovered["dedupeKey"]
    assert fired["timestampEpochMillis"] < recovered["timestampEpochMillis"]
    checkout = lab.info["oci"]["load_balancers"]["checkout"]
    (dimensions,) = fired["alarmMetaData"][0]["dimensions"]
    assert (dimensions["resourceId"], dimensions["backendSetName"]) == (checkout["id"], "app")
    assert fired["body"] == f"{checkout['id']},app,maintenance-page"


def test_a_failed_delivery_is_tried_again_with_the_same_body(lab: RunningLab, subscribed: Endpoint) -> None:
    subscribed.answers = [503, 401]
    lab.control("POST", "/oci/messages", {"json": {"type": "REPEAT"}})
    eventually(lambda: lab.control("GET", "/oci/deliveries")[-1]["outcome"] == "delivered")
    assert subscribed.messages() == [{"type": "REPEAT"}] * 3
    assert lab.control("GET", "/oci/deliveries")[-1]["attempts"] == 3


def test_any_text_can_be_published(lab: RunningLab, subscribed: Endpoint) -> None:
    lab.control("POST", "/oci/messages", {"text": "no JSON"})
    eventually(lambda: subscribed.received[-1][1] == "no JSON")


def test_the_sdk_publishes_what_subscribers_get(lab: RunningLab, subscribed: Endpoint, publisher: Any) -> None:
    message = oci.ons.models.MessageDetails(title="checkout failed over", body="The primary site is locked out.")
    answer = publisher.publish_message(lab.info["oci"]["topic"]["id"], message)
    assert answer.status == 202
    headers, body = eventually(lambda: subscribed.received[1:])[0]
    assert (headers["x-oci-ns-messageid"], body) == (answer.data.message_id, "The primary site is locked out.")


@pytest.mark.parametrize("body", ["", "x" * 65536], ids=["empty", "too long"])
def test_a_message_without_a_proper_body_is_refused(lab: RunningLab, publisher: Any, body: str) -> None:
    message = oci.ons.models.MessageDetails(title="title", body=body)
    with pytest.raises(oci.exceptions.ServiceError) as refused:
        publisher.publish_message(lab.info["oci"]["topic"]["id"], message)
    assert refused.value.status == 400


def test_another_topic_is_not_found(publisher: Any) -> None:
    message = oci.ons.models.MessageDetails(title="title", body="body")
    with pytest.raises(oci.exceptions.ServiceError) as refused:
        publisher.publish_message("ocid1.onstopic.oc1.iad.aaaaexample", message)
    assert refused.value.status == 404


def test_a_suppressed_alarm_changes_its_state_and_notifies_nobody(lab: RunningLab, subscribed: Endpoint) -> None:
    config = oci.config.from_file(lab.info["oci"]["config_file"])
    monitoring: Any = oci.monitoring.MonitoringClient(config, service_endpoint=lab.info["oci"]["endpoint"])
    (alarm,) = monitoring.list_alarms(lab.info["oci"]["compartment_id"]).data
    now = datetime.now(UTC)
    window = oci.monitoring.models.Suppression(
        time_suppress_from=now - timedelta(hours=1), time_suppress_until=now + timedelta(hours=1)
    )
    monitoring.update_alarm(alarm.id, oci.monitoring.models.UpdateAlarmDetails(suppression=window))
    set_backends(lab, running=False)
    eventually(lambda: lab.control("GET", "/oci/alarms")[0]["firing"])
    monitoring.remove_alarm_suppression(alarm.id)
    set_backends(lab, running=True)
    assert [message["type"] for message in eventually(subscribed.messages)] == ["FIRING_TO_OK"]
