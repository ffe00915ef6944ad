# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Each target is notified of what a run did, in a form that it reads; a target that cannot be notified stops no run."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.tidegate.failover.plugins.module_utils._record.record import procedure_record
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks

from lab.process import RunningLab

RECORD = procedure_record(
    {
        "id": "20261121T030405Z-3f9a1c2e",
        "service": "checkout",
        "operation": "failover",
        "status": "completed",
        "began": "2026-11-21T03:03:10Z",
        "ended": "2026-11-21T03:05:10Z",
        "msg": "The primary site is locked out.",
    },
    [],
)
SECRET = "canary-webhook-path"


class Webhook:
    """A web server on loopback that keeps what is posted to it."""

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], Any]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.posts.append((dict(self.headers), json.loads(body)))
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """The tests check what was posted, and need no log."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/{SECRET}"


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """A webhook that takes everything."""
    hook = Webhook()
    thread = threading.Thread(target=hook.server.serve_forever, daemon=True)
    thread.start()
    yield hook
    hook.server.shutdown()
    thread.join()
    hook.server.server_close()


def notified(
    playbooks: Playbooks, receivers: list[Json] | str, *arguments: str, **options: Any
) -> tuple[list[Json], str]:
    """Run the role; returns its report about each receiver, and its whole output."""
    facts = playbooks.home / "sent.json"
    facts.unlink(missing_ok=True)
    role = {"role": "tidegate.failover.notify", "notify_record": RECORD, "notify_to": receivers, "notify_delay": 0}
    keep = {
        "ansible.builtin.copy": {"content": "{{ notify_sent | to_json }}", "dest": str(facts), "mode": "0600"},
        "check_mode": False,
    }
    play = {"hosts": "localhost", "gather_facts": False, "roles": [role | options], "tasks": [keep]}
    outcome = playbooks.run_file(playbooks.file([play]), *arguments)
    assert outcome.returncode == 0, outcome.output
    sent: list[Json] = json.loads(facts.read_text(encoding="utf-8"))
    return sent, outcome.output


def test_programs_get_the_record_and_people_get_words(webhook: Webhook, playbooks: Playbooks) -> None:
    receivers = [
        {"name": "audit", "webhook": {"url": webhook.url, "headers": {"Authorization": "Bearer canary-header"}}},
        {"name": "chat", "webhook": {"url": webhook.url, "form": "slack"}},
    ]
    sent, output = notified(playbooks, receivers, "-vvv")
    assert [(reported["to"], reported["status"]) for reported in sent] == [("audit", "sent"), ("chat", "sent")]
    (headers, record), (_headers, message) = webhook.posts
    assert (record, headers["Authorization"]) == (RECORD, "Bearer canary-header")
    assert message["text"].startswith("*checkout failed over*\nThe primary site is locked out.\n")
    assert SECRET not in output
    assert "canary-header" not in output


HOSTILE = "<!channel> <https://evil.example.com|login>\x1b[31m\nBy: somebody else"


def hostile_record() -> Json:
    """A record with texts from outside that would be more than text, and one that is very long."""
    steps = [{"name": "wait", "status": "done", "began": RECORD["began"], "ended": RECORD["ended"], "msg": HOSTILE}]
    texts = {"service": f"{HOSTILE}{'a' * 200}", "owner": HOSTILE, "reason": HOSTILE, "msg": HOSTILE, "type": HOSTILE}
    return RECORD | texts | {"trigger": HOSTILE, "undo": HOSTILE, "steps": steps}


def test_a_subject_is_one_short_line_whatever_the_service_is_called(
    aws_lab: RunningLab, aws_auth: Json, playbooks: Playbooks
) -> None:
    queue = Subscribed(aws_auth)
    receiver = {"name": "topic", "sns": {"topic_arn": queue.topic}}
    for title in ({}, {"notify_title": "one\ntwo " + "a" * 200}):
        sent, _output = notified(
            playbooks, [receiver], notify_aws_auth=aws_auth, notify_record=hostile_record(), **title
        )
        assert [reported["status"] for reported in sent] == ["sent"], sent
        subject = queue.receive()["Subject"]
        assert len(subject) == 99
        assert subject.isprintable()


def test_a_target_that_cannot_be_notified_is_noted_and_stops_nothing(webhook: Webhook, playbooks: Playbooks) -> None:
    webhook.status = 500
    hooks = [{"name": f"hook {number}", "webhook": {"url": webhook.url}} for number in (1, 2)]
    sent, output = notified(playbooks, hooks, notify_retries=1)
    assert [reported["status"] for reported in sent] == ["failed", "failed"]
    assert "500" in sent[0]["msg"]
    assert len(webhook.posts) == 4
    assert SECRET not in output


def test_a_target_that_can_be_notified_is_notified_where_others_cannot(webhook: Webhook, playbooks: Playbooks) -> None:
    nobody = {"name": "nobody", "webhook": {"url": "http://127.0.0.1:9/", "form": "slack"}}
    sent, output = notified(playbooks, [nobody, {"name": "audit", "webhook": {"url": webhook.url}}], notify_retries=0)
    assert [reported["status"] for reported in sent] == ["failed", "sent"]
    assert "[WARNING]: nobody was not notified: The webhook could not be reached: " in output


def test_a_slip_is_refused_before_anybody_is_notified(webhook: Webhook, playbooks: Playbooks) -> None:
    receivers = [{"name": "audit", "webhook": {"url": webhook.url}}, {"webhook": {"url": webhook.url}}]
    role = {"role": "tidegate.failover.notify", "notify_record": RECORD, "notify_to": receivers, "notify_delay": "soon"}
    outcome = playbooks.run_file(playbooks.file([{"hosts": "localhost", "gather_facts": False, "roles": [role]}]))
    assert outcome.returncode != 0
    assert webhook.posts == []


def test_a_run_that_was_refused_by_hand_pages_nobody(webhook: Webhook, playbooks: Playbooks) -> None:
    receiver = {"name": "audit", "webhook": {"url": webhook.url}}
    sent, _output = notified(playbooks, [receiver], notify_record=RECORD | {"status": "refused"})
    assert [reported["status"] for reported in sent] == ["not sent"]
    assert webhook.posts == []


def test_addresses_and_headers_may_be_in_a_vault(webhook: Webhook, playbooks: Playbooks) -> None:
    password = playbooks.home / "vault-password"
    password.write_text("example", encoding="utf-8")
    vault = VaultLib([("default", VaultSecret(b"example"))])
    url, token = ({"__ansible_vault": vault.encrypt(text).decode()} for text in (webhook.url, "Bearer canary-header"))
    receiver = {"name": "audit", "webhook": {"url": url, "headers": {"Authorization": token}}}
    variables = playbooks.file({"receivers": [receiver]})
    given = ["-e", f"@{variables}", "--vault-password-file", str(password), "-vvv"]
    sent, output = notified(playbooks, "{{ receivers }}", *given)
    assert [reported["status"] for reported in sent] == ["sent"], sent
    assert webhook.posts[0][0]["Authorization"] == "Bearer canary-header"
    assert SECRET not in output


def test_nothing_is_sent_in_check_mode(webhook: Webhook, playbooks: Playbooks) -> None:
    sent, _output = notified(playbooks, [{"name": "audit", "webhook": {"url": webhook.url}}], "--check")
    assert [reported["status"] for reported in sent] == ["not sent"]
    assert webhook.posts == []


class Subscribed:
    """A topic, with a queue that gets what is published there."""

    def __init__(self, auth: Json) -> None:
        sns, self.sqs = self._client(auth, "sns"), self._client(auth, "sqs")
        self.topic = sns.create_topic(Name="reported")["TopicArn"]
        self.queue = self.sqs.create_queue(QueueName="reported")["QueueUrl"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=attributes["QueueArn"])

    def receive(self) -> Json:
        """The next message, as SNS wrote it."""
        (message,) = self.sqs.receive_message(QueueUrl=self.queue, WaitTimeSeconds=5)["Messages"]
        self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        envelope: Json = json.loads(message["Body"])
        return envelope

    @staticmethod
    def _client(auth: Json, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=auth["endpoint_url"],
            region_name=auth["region"],
            aws_access_key_id=auth["access_key"],
            aws_secret_access_key=auth["secret_key"],
        )


def test_an_sns_topic_gets_text_for_people_and_the_record_for_programs(
    aws_lab: RunningLab, aws_auth: Json, playbooks: Playbooks
) -> None:
    queue = Subscribed(aws_auth)
    receiver = {"name": "topic", "sns": {"topic_arn": queue.topic}}
    sent, _output = notified(playbooks, [receiver], notify_aws_auth=aws_auth)
    assert [reported["status"] for reported in sent] == ["sent"], sent
    assert json.loads(queue.receive()["Message"]) == RECORD


def test_defaults_of_the_users_play_sign_in(aws_lab: RunningLab, aws_auth: Json, playbooks: Playbooks) -> None:
    queue = Subscribed(aws_auth)
    include = {
        "ansible.builtin.include_role": {"name": "tidegate.failover.notify"},
        "vars": {"notify_record": RECORD, "notify_to": [{"name": "topic", "sns": {"topic_arn": queue.topic}}]},
    }
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [include]}
    defaults = {"module_defaults": {"group/tidegate.failover.aws": aws_auth}}
    outcome = playbooks.run_file(playbooks.file([play | defaults]))
    assert outcome.returncode == 0, outcome.output
    assert json.loads(queue.receive()["Message"]) == RECORD


def test_an_oci_topic_gets_text_for_people(lab: RunningLab, oci_auth: Json, playbooks: Playbooks) -> None:
    topic = lab.info["oci"]["topic"]["id"]
    sent, _output = notified(playbooks, [{"name": "topic", "oci": {"topic_id": topic}}], notify_oci_auth=oci_auth)
    assert [reported["status"] for reported in sent] == ["sent"], sent
    assert [call["operation"] for call in lab.writes()] == ["PublishMessage"]


def test_a_topic_that_does_not_exist_is_noted(lab: RunningLab, oci_auth: Json, playbooks: Playbooks) -> None:
    receiver = {"name": "topic", "oci": {"topic_id": "ocid1.onstopic.oc1.iad.aaaaexample"}}
    sent, _output = notified(playbooks, [receiver], notify_oci_auth=oci_auth)
    assert [reported["status"] for reported in sent] == ["failed"]
    assert "Cannot publish to topic ocid1.onstopic.oc1.iad.aaaaexample: OCI answered 404" in sent[0]["msg"]
