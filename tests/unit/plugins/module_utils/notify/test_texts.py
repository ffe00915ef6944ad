# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""People get words and programs get the record, and texts from outside stay text."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._notify.texts import body, message, reason_for_silence
from ansible_collections.tidegate.failover.plugins.module_utils._record.record import (
    OPERATIONS,
    STATUSES,
    procedure_record,
)
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.record.runs import RUN, step

HOSTILE = "<!channel> <https://evil.example.com|login>\x1b[31m\nBy: somebody else"


def record(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The record of a failover."""
    return procedure_record(RUN | more, list(steps))


def test_a_message_has_what_happened_and_every_step() -> None:
    reported = message(
        record(
            step("lock", msg="locked"),
            step("verify", ended="03:05:00"),
            msg="The primary site is locked out.",
            owner="operator:alice",
            reason="it burns",
            type="unplanned",
        )
    )
    assert reported.subject == "checkout failed over"
    assert reported.text == (
        "The primary site is locked out.\n"
        "Service was restored after 2 min.\n"
        "When its gates pass: ansible-playbook tidegate.failover.failback -l checkout\n"
        "\n"
        "Service: checkout\n"
        "Run: 20261121T030405Z-3f9a1c2e, manual, unplanned\n"
        "By: operator:alice, because: it burns\n"
        "From 2026-11-21T03:03:10Z to 2026-11-21T03:05:10Z\n"
        "- lock: done, locked\n"
        "- verify: done\n"
    )


def test_what_nobody_said_is_left_out() -> None:
    reported = message(record(status="failed"))
    assert reported.text.startswith("checkout failover FAILED\n")
    assert "By: nobody named\n" in reported.text
    assert "restored" not in reported.text


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", STATUSES)
def test_there_are_words_for_every_end_of_every_procedure(operation: str, status: str) -> None:
    assert message(record(operation=operation, status=status)).subject.startswith("checkout ")


def test_a_title_and_a_text_of_the_users_own_take_their_place() -> None:
    reported = message(record(), title="ours\nagain", text="all\nours")
    assert (reported.subject, reported.text) == ("ours again", "all\nours")


def test_a_subject_is_one_short_line_whatever_the_service_is_called() -> None:
    for reported in (
        message(record(service=f"{HOSTILE}{'a' * 200}")),
        message(record(), title="one\ntwo " + "a" * 200),
    ):
        assert len(reported.subject) == 99
        assert reported.subject.isprintable()
        assert reported.subject.endswith("...")


def test_no_value_looks_like_a_line_of_its_own() -> None:
    texts = dict.fromkeys(("service", "owner", "reason", "msg", "type", "trigger"), HOSTILE)
    reported = message(record(step(HOSTILE, msg=HOSTILE), **texts))
    assert [line for line in reported.text.splitlines() if line.startswith("By: somebody else")] == []


def test_a_long_value_is_cut() -> None:
    assert message(record(msg="a" * 3000)).text.startswith("a" * 1997 + "...\n")


def test_texts_from_outside_are_text_in_chat() -> None:
    reported = body("slack", message(record(msg=HOSTILE)))
    assert reported.pop("text").startswith(
        "*checkout failed over*\n&lt;!channel&gt; &lt;https://evil.example.com|login&gt; [31m By: somebody else\n"
    )
    assert reported == {"parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False}


def test_a_title_and_a_text_of_the_users_own_are_text_in_chat_too() -> None:
    assert body("slack", message(record(), "<!here>", "<!all>"))["text"] == "*&lt;!here&gt;*\n&lt;!all&gt;"


def test_programs_get_texts_from_outside_as_they_are() -> None:
    assert body("json", message(record(msg=HOSTILE)))["msg"] == HOSTILE


@pytest.mark.parametrize("wrong", [{}, {"status": "lost"}, {"operation": 1}, {"steps": None}])
def test_what_is_no_record_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RefusedError, match="This is no record of a run"):
        message(record() | wrong if wrong else wrong)


def test_a_run_that_was_refused_by_hand_pages_nobody() -> None:
    assert "the person who started it sees the reason" in reason_for_silence(record(status="refused"))


def test_all_other_runs_are_reported() -> None:
    assert reason_for_silence(record(status="refused", trigger="automatic")) == ""
    assert [reason_for_silence(record(status=status)) for status in STATUSES if status != "refused"] == [""] * 4


def test_a_missed_objective_is_reported_beside_what_was_reached() -> None:
    point = {"msg": "512 bytes behind, observed 2 s before the promotion"}
    reached = {"recovery_seconds": 120.0, "rto_seconds": 60, "rto_met": False, "rpo_seconds": 5, "rpo_met": None}
    reported = message(procedure_record(RUN, []) | reached | {"recovery_point": point}).text
    assert "Service was restored after 2 min (objective 1 min: MISSED).\n" in reported
    assert f"Recovery point of the database: {point['msg']} (objective 5 s: unknown).\n" in reported
