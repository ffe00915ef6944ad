# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the module returns as evidence is what the unlock reads as such."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._evaluation import Outcome, not_evaluated
from ansible_collections.tidegate.failover.plugins.module_utils._gates._report import evidence, required_gates, summary
from ansible_collections.tidegate.failover.plugins.module_utils._lock.evidence import (
    check_permitted,
    permission_from,
    read_evidence,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import Moment

from .gates import LOCK_ID, NOW, FakeClock, Script, passing, scripted

DEFINITION = scripted(Script([passing()]), name="it is healthy")
WELL = Outcome(DEFINITION, True, "all is healthy", "", NOW, NOW)
ILL = replace(WELL, passed=False, observed="all is lost", remedy="Mend it.")


def as_is(text: str) -> str:
    return text


def permit(*outcomes: Outcome, lock_id: str = LOCK_ID) -> None:
    """What the unlock makes of the evidence."""
    options = {
        "required_gates": required_gates([DEFINITION]),
        "evidence": evidence(outcomes, [LOCK_ID], NOW, as_is),
        "max_evidence_age": 300,
        "override": None,
    }
    check_permitted(permission_from(options), lock_id, Moment(NOW, NOW, NOW))


def test_evidence_that_all_passed_opens_the_lock() -> None:
    permit(WELL)


def test_i6_evidence_of_a_failure_does_not_open_the_lock() -> None:
    with pytest.raises(
        RefusedError, match="'it is healthy' has not passed: observed all is lost, expected all healthy"
    ):
        permit(ILL)


def test_i6_evidence_of_a_gate_that_was_not_evaluated_does_not_open_the_lock() -> None:
    with pytest.raises(RefusedError, match="observed not evaluated in check mode"):
        permit(not_evaluated(DEFINITION, FakeClock()))


def test_i6_evidence_opens_no_other_lock() -> None:
    with pytest.raises(RefusedError, match="not for this one"):
        permit(WELL, lock_id="20261121T030405Z-00000000")


def test_every_time_in_evidence_has_a_zone() -> None:
    found = read_evidence(evidence([WELL], [LOCK_ID], NOW, as_is))
    assert (found.date, found.results[0].began, found.date.tzinfo) == (NOW, NOW, UTC)


def test_a_result_reports_all_that_is_known() -> None:
    assert evidence([ILL], [LOCK_ID], NOW, as_is)["gates"] == [
        {
            "name": "it is healthy",
            "kind": "scripted",
            "digest": "sha256:it is healthy",
            "evaluated": True,
            "passed": False,
            "observed": "all is lost",
            "expected": "all healthy",
            "remedy": "Mend it.",
            "from": "2026-11-21T04:04:05Z",
            "to": "2026-11-21T04:04:05Z",
            "measured": {},
        }
    ]


def test_a_summary_says_what_failed_and_what_to_do() -> None:
    assert summary([WELL, ILL], as_is) == (
        "1 of 2 gates passed. 'it is healthy' failed: observed all is lost; expected all healthy. Mend it."
    )


def test_a_summary_says_what_was_not_evaluated() -> None:
    reported = summary([WELL, not_evaluated(DEFINITION, FakeClock())], as_is)
    assert reported == "1 of 2 gates passed. Not evaluated in check mode: 'it is healthy'."


def test_i12_texts_are_masked_and_the_rest_of_the_evidence_is_not() -> None:
    def mask(text: str) -> str:
        return text.replace("all", "***")

    found = evidence([ILL], ["all"], NOW, mask)
    assert found["lock_ids"] == ["all"]
    assert (found["gates"][0]["observed"], found["gates"][0]["expected"]) == ("*** is lost", "*** healthy")
    assert "all" not in summary([ILL], mask)


def test_a_result_has_every_figure_of_its_kind_and_none_for_what_is_not_known() -> None:
    measuring = replace(DEFINITION, kind=replace(DEFINITION.kind, measures=("lag_bytes", "lag_seconds")))
    (gate,) = evidence([replace(WELL, definition=measuring, measured={"lag_seconds": 0.5})], [LOCK_ID], NOW, as_is)[
        "gates"
    ]
    assert gate["measured"] == {"lag_bytes": None, "lag_seconds": 0.5}


def test_figures_keep_evidence_valid_for_the_unlock() -> None:
    permit(replace(WELL, measured={"lag_bytes": 7}))
