# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Findings are reported, counted, confirmed, and put back only as far as that is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._drift.finding import (
    KINDS,
    REPAIRABLE,
    Finding,
    Repair,
    after_repair,
    confirmed,
    counted,
    not_observed,
    problems_of_kinds,
    reported,
)
from ansible_collections.tidegate.failover.plugins.module_utils._drift.notifying import Due, Known, due
from ansible_collections.tidegate.failover.plugins.module_utils._drift.record import record_of
from ansible_collections.tidegate.failover.plugins.module_utils._notify.texts import message

NOW = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
OPENED = Finding("lock_opened", "one", "It is open.", "lock x.", "lock it.", Repair("r53_healthcheck_lock", {}))
GONE = Finding("page_gone", "two", "It is gone.", "a page.", "make it.")


def test_a_line_says_what_was_observed_and_expected_and_what_to_do() -> None:
    assert reported("checkout", []) == ["checkout: no drift."]
    assert reported("checkout", [OPENED]) == ["checkout: lock_opened one: It is open. Expected: lock x. Next: lock it."]


def test_what_was_put_back_says_so_and_no_longer_counts() -> None:
    done = after_repair(OPENED, {"changed": True, "msg": "Locked"}, check_mode=False)
    assert (done.repaired, done.reported().endswith("Put back. Locked.")) == (True, True)
    assert counted([done, GONE], ["all"]) == [GONE]
    assert done.to_json()["repaired"] is True


def test_check_mode_says_that_it_is_predicted() -> None:
    done = after_repair(OPENED, {"changed": True, "msg": "Locked."}, check_mode=True)
    assert (done.repaired, "this is predicted" in done.reported()) == (True, True)


@pytest.mark.parametrize("answer", [{"failed": True, "msg": "refused"}, {"changed": False, "msg": "as it is"}])
def test_what_could_not_be_put_back_stays_a_finding(answer: dict[str, object]) -> None:
    left = after_repair(OPENED, answer, check_mode=False)
    assert counted([left], ["all"]) == [left]
    assert "Not put back: " in left.reported()


def test_only_kinds_that_are_named_fail() -> None:
    assert counted([OPENED, GONE], []) == []
    assert counted([OPENED, GONE], ["page_gone"]) == [GONE]


def test_only_what_is_found_twice_counts_and_what_was_unread_first_counts_then() -> None:
    assert confirmed([OPENED], [GONE]) == []
    assert confirmed([OPENED, GONE], [replace(OPENED, observed="still.")]) == [replace(OPENED, observed="still.")]
    assert confirmed([not_observed("two", "throttled")], [GONE]) == [GONE]


def test_names_of_kinds_are_checked() -> None:
    assert set(REPAIRABLE) < set(KINDS)
    assert problems_of_kinds(["lock_opened"], ["all", "page_gone"]) == []
    wrong = problems_of_kinds(["page_gone"], ["nonsense"])
    assert [problem.split(" It can")[0] for problem in wrong] == [
        "drift_repair names 'page_gone'.",
        "drift_fail_on names 'nonsense'.",
    ]


@pytest.mark.parametrize(
    ("findings", "subject"),
    [
        ([], "checkout has not drifted"),
        ([OPENED], "checkout HAS DRIFTED"),
        ([replace(OPENED, repaired=True)], "checkout drift put back"),
    ],
)
def test_people_are_notified_in_the_form_of_a_run(findings: list[Finding], subject: str) -> None:
    said = message(record(due(findings, [], NOW, 0)))
    assert said.subject == subject
    assert all(finding.kind in said.text for finding in findings)


def test_people_are_notified_of_what_lasts_and_what_is_gone() -> None:
    known = [Known(one.kind, one.object, NOW, NOW) for one in (OPENED, GONE)]
    said = message(record(due([OPENED], known, NOW, 60)))
    assert said.subject == "checkout HAS DRIFTED"
    assert "1 found, 0 put back. 1 of them were notified of before, and last. 1 found before, gone now." in said.text
    assert "page_gone two: It is not found any more." in said.text
    assert message(record(due([], known, NOW, 60))).subject == "checkout has not drifted"


def record(what: Due) -> dict[str, Any]:
    return record_of("checkout", what, "20261121T030405Z-3f9a1c2e", "2026-11-21T03:04:05Z", "2026-11-21T03:04:06Z")
