# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A slip in ``notify_to`` is found before anything is done, and said without showing a secret."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.tidegate.failover.plugins.module_utils._notify.receivers import (
    KINDS,
    Unreadable,
    problems,
    receivers,
)

from tools.steps import ROOT

SECRET = "https://hooks.example.com/services?token=canary"
ON_CALL: dict[str, Any] = {"name": "on-call", "sns": {"topic_arn": "arn:aws:sns:us-east-1:123456789012:on-call"}}
OPERATIONS: dict[str, Any] = {"name": "operations", "oci": {"topic_id": "ocid1.onstopic.oc1.iad.aaaaexample"}}
CHAT = {"name": "chat", "webhook": {"url": SECRET}}


def chat(**options: Any) -> dict[str, Any]:
    """A webhook with more options."""
    return {"name": "chat", "webhook": {"url": SECRET, **options}}


def test_a_list_as_documented_has_no_problems() -> None:
    assert problems([ON_CALL, OPERATIONS, CHAT]) == []


@pytest.mark.parametrize("nobody", [None, "", [], ()])
def test_nobody_is_notified_where_nobody_is_given(nobody: object) -> None:
    assert (problems(nobody), receivers(nobody)) == ([], [])


@pytest.mark.parametrize(
    ("entry", "reported"),
    [
        (SECRET, "Entry 1 of notify_to: it is no dictionary with a name and one of sns, oci, webhook."),
        ({"webhook": {"url": SECRET}}, "Entry 1 of notify_to: name is missing."),
        ({"name": "", "webhook": {"url": SECRET}}, "Entry 1 of notify_to: name is missing."),
        ({"name": [SECRET], "webhook": {"url": SECRET}}, "Entry 1 of notify_to: name is missing."),
        ({"name": "chat"}, "Entry 1 of notify_to (chat): it has none of sns, oci, webhook."),
        ({"name": "chat", "webhook": ""}, "Entry 1 of notify_to (chat): it has none of sns, oci, webhook."),
        (ON_CALL | CHAT, "Entry 1 of notify_to (chat): it has sns and webhook, where one is expected."),
        (
            CHAT | {"webhok": {"url": SECRET}},
            "Entry 1 of notify_to (chat): webhok is unknown. Did you mean webhook?",
        ),
        (CHAT | {SECRET: None}, "Entry 1 of notify_to (chat): something is unknown."),
        (
            {"name": "chat", "webhook": SECRET},
            "Entry 1 of notify_to (chat): webhook is no dictionary of options.",
        ),
        ({"name": "chat", "webhook": {"form": "json"}}, "Entry 1 of notify_to (chat): webhook.url is missing."),
        (chat(url=""), "Entry 1 of notify_to (chat): webhook.url is missing."),
        (
            chat(url="hooks.example.com/canary"),
            "Entry 1 of notify_to (chat): webhook.url is no address that begins with http:// or https://.",
        ),
        (
            chat(url="https://[canary"),
            "Entry 1 of notify_to (chat): webhook.url is no address that begins with http:// or https://.",
        ),
        (
            chat(header={"Authorization": SECRET}),
            "Entry 1 of notify_to (chat): webhook.header is unknown. Did you mean headers?",
        ),
        (
            chat(form=SECRET),
            "Entry 1 of notify_to (chat): webhook.form is neither json nor slack.",
        ),
        (
            chat(headers=SECRET),
            "Entry 1 of notify_to (chat): webhook.headers is no dictionary of names and values.",
        ),
        (
            chat(headers={"Authorization": [SECRET]}),
            "Entry 1 of notify_to (chat): webhook.headers has a value that is no text.",
        ),
        (
            chat(validate_certs=SECRET),
            "Entry 1 of notify_to (chat): webhook.validate_certs is neither true nor false.",
        ),
        (chat(ca_path=[SECRET]), "Entry 1 of notify_to (chat): webhook.ca_path is no text."),
        (
            {"name": "a\nb", "sns": {"topic_arn": "on-call"}},
            f"Entry 1 of notify_to (a b): sns.topic_arn is no name of a topic such as {ON_CALL['sns']['topic_arn']}.",
        ),
        (
            {"name": "ops", "oci": {"topic_id": "operations"}},
            f"Entry 1 of notify_to (ops): oci.topic_id is no name of a topic such as {OPERATIONS['oci']['topic_id']}.",
        ),
    ],
)
def test_i12_a_slip_is_reported_with_its_place_and_without_a_secret(entry: object, reported: str) -> None:
    assert problems([entry]) == [reported]
    assert "canary" not in repr(receivers([entry]))


def test_what_is_no_list_is_reported_by_the_variable_that_holds_it() -> None:
    reported = ["failover_notify_to is no list. Each of its entries has a name and one of sns, oci, webhook."]
    assert problems(CHAT, "failover_notify_to") == reported
    assert [receiver.problem for receiver in receivers(CHAT, "failover_notify_to")] == reported


def test_a_template_that_fails_is_reported_with_its_entry() -> None:
    (receiver,) = receivers([Unreadable("chat", "'vault_chat' is undefined")])
    assert (receiver.name, receiver.problem) == ("chat", "Entry 1 of notify_to (chat): 'vault_chat' is undefined.")


def test_a_template_of_the_whole_list_that_fails_is_reported() -> None:
    assert problems(Unreadable("", "'all_of_us' is undefined")) == ["notify_to: 'all_of_us' is undefined."]


def test_all_slips_are_reported_at_once() -> None:
    reported = problems([CHAT, {"webhook": {"form": "irc"}}])
    assert reported == [
        "Entry 2 of notify_to: name is missing.",
        "Entry 2 of notify_to: webhook.url is missing.",
        "Entry 2 of notify_to: webhook.form is neither json nor slack.",
    ]


def test_options_that_are_not_given_have_their_default() -> None:
    (receiver,) = receivers([chat(headers=None, form="")])
    assert receiver.options == {
        "url": SECRET,
        "form": "json",
        "headers": {},
        "validate_certs": True,
        "ca_path": None,
    }


def test_options_are_read_as_ansible_reads_them() -> None:
    (receiver,) = receivers([chat(headers={"X-Number": 1}, validate_certs="No")])
    assert (receiver.options["headers"], receiver.options["validate_certs"]) == ({"X-Number": "1"}, False)


def test_who_can_be_notified_is_also_where_others_cannot() -> None:
    good, bad = receivers([CHAT, {"sns": {}}])
    assert (good.name, good.kind, good.problem) == ("chat", "webhook", "")
    assert (bad.name, bad.kind, bad.problem) == (
        "Entry 2 of notify_to",
        "sns",
        "Entry 2 of notify_to: name is missing.",
    )


def test_what_is_documented_is_what_is_known() -> None:
    specs = yaml.safe_load((ROOT / "roles/notify/meta/argument_specs.yml").read_text(encoding="utf-8"))
    documented = specs["argument_specs"]["main"]["options"]["notify_to"]["options"]
    assert {kind: set(documented[kind]["options"]) for kind in KINDS} == {kind: set(KINDS[kind]) for kind in KINDS}
    assert set(documented) == {"name", *KINDS}
