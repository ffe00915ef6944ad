# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Notifications as Prometheus Alertmanager sends them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from lab.aws.alertmanager import fingerprint
from lab.process import LabProcessError, RunningLab

LABELS = {"alertname": "SiteOffline", "accelerator": "a.example.com", "site": "site-b", "reporter": "site-a"}


@dataclass
class Receiver:
    """Takes notifications.

    :ivar answers: the statuses of the next answers; 200 afterwards.
    """

    url: str = ""
    answers: list[int] = field(default_factory=list)
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.came.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(made.answers.pop(0) if made.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_unused: Any) -> None:
            """Not into the output of the tests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        made.url = f"http://127.0.0.1:{server.server_port}/"
        yield made
        server.shutdown()


def send(lab: RunningLab, receiver: Receiver, **more: Any) -> dict[str, Any]:
    given = {"url": receiver.url, "alerts": [{"labels": LABELS}], **more}
    reported: dict[str, Any] = lab.control("POST", "/aws/alertmanager", given)
    return reported


def test_a_notification_has_version_4_of_the_form(lab: RunningLab, receiver: Receiver) -> None:
    alerts = [{"labels": LABELS}, {"labels": {**LABELS, "site": "site-a", "reporter": "site-b"}, "status": "resolved"}]
    assert send(lab, receiver, alerts=alerts, username="u", password="p") == {"status": 200, "attempts": 1}
    ((headers, body),) = receiver.came
    assert (headers["Content-Type"], headers["Authorization"]) == ("application/json", "Basic dTpw")
    assert headers["User-Agent"].startswith("Alertmanager/")
    reported = json.loads(body)
    assert (reported["version"], reported["status"], reported["truncatedAlerts"]) == ("4", "firing", 0)
    assert [one["status"] for one in reported["alerts"]] == ["firing", "resolved"]
    assert (reported["groupLabels"], "site" in reported["commonLabels"]) == ({"accelerator": "a.example.com"}, False)
    assert (reported["alerts"][0]["endsAt"], len(reported["alerts"][0]["fingerprint"])) == ("0001-01-01T00:00:00Z", 16)


def test_a_token_is_sent_as_bearer(lab: RunningLab, receiver: Receiver) -> None:
    send(lab, receiver, token="t")
    assert receiver.came[0][0]["Authorization"] == "Bearer t"


def test_it_is_sent_again_after_5xx_and_not_after_another_refusal(lab: RunningLab, receiver: Receiver) -> None:
    receiver.answers += [503, 502]
    assert send(lab, receiver, seconds=30) == {"status": 200, "attempts": 3}
    receiver.answers += [401]
    assert send(lab, receiver, seconds=30) == {"status": 401, "attempts": 1}


def test_the_fingerprint_is_that_of_prometheus() -> None:
    # Of no labels it is where FNV-1a begins.
    assert fingerprint({}) == "cbf29ce484222325"
    assert fingerprint({"a": "b", "c": "d"}) == fingerprint({"c": "d", "a": "b"}) != fingerprint({"a": "bc", "": "d"})


def test_it_is_sent_to_this_machine_alone(lab: RunningLab) -> None:
    with pytest.raises(LabProcessError, match="this machine alone"):
        lab.control("POST", "/aws/alertmanager", {"url": "http://192.0.2.1/", "alerts": []})
