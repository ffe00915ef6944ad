# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""An attestation is a named person's, who is not the requester, about this lock, and not yet expired."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Look
from ansible_collections.tidegate.failover.plugins.module_utils._gates.attestation import KIND

from .gates import LOCK_ID, NOW, options_of, seen_by

LOOK = Look(NOW, 60.0, (LOCK_ID,))
GIVEN = {"by": "alice", "statement": "CHG-1234"}


@pytest.mark.parametrize(
    ("given", "observed"),
    [
        ({}, "alice states 'CHG-1234'"),
        ({"requester": "bob"}, "alice states 'CHG-1234', asked by bob"),
        ({"at": "2026-11-21T03:04:05Z"}, "alice states 'CHG-1234'"),
        # Clocks differ a little.
        ({"at": "2026-11-21T04:04:10Z"}, "alice states 'CHG-1234'"),
        ({"expires": "2026-11-21T04:04:06Z"}, "alice states 'CHG-1234'"),
        ({"statement": "two\nlines"}, "alice states 'two lines'"),
        ({"at": "", "expires": "", "requester": ""}, "alice states 'CHG-1234'"),
    ],
)
def test_a_person_can_attest(given: dict[str, str], observed: str) -> None:
    seen = seen_by(KIND, LOOK, **{**GIVEN, **given})
    assert (seen.passed, seen.observed, seen.final) == (True, observed, True)


@pytest.mark.parametrize(
    ("given", "observed"),
    [
        ({"by": ""}, "nobody has approved"),
        ({"by": "  "}, "nobody has approved"),
        ({"by": "None"}, "nobody has approved"),
        ({"by": "false"}, "nobody has approved"),
        ({"by": "{{ approver }}"}, "nobody has approved"),
        ({"statement": " "}, "alice states nothing"),
        ({"statement": "null"}, "alice states nothing"),
        ({"requester": "operator:alice"}, "alice both asks for the failback and approves it"),
        ({"requester": "\uff41lice"}, "alice both asks for the failback and approves it"),
        ({"requester": "Alice "}, "alice both asks for the failback and approves it"),
        ({"expires": "2026-11-21T04:04:05Z"}, "what alice stated expired at 2026-11-21T04:04:05Z"),
        ({"at": "2026-11-21T04:04:11Z"}, "alice stated it at 2026-11-21T04:04:11Z, which is in the future"),
        (
            {"at": "2026-11-21T03:04:04Z"},
            "alice stated it at 2026-11-21T03:04:04Z, before the lock was placed at 2026-11-21T03:04:05Z",
        ),
    ],
)
def test_what_does_not_count_fails_at_once_with_the_reason(given: dict[str, str], observed: str) -> None:
    seen = seen_by(KIND, LOOK, **{**GIVEN, **given})
    assert (seen.passed, seen.observed, seen.final) == (False, observed, True)
    assert seen.remedy


def test_the_requester_of_the_task_may_not_approve_either() -> None:
    assert not seen_by(KIND, replace(LOOK, requester="alice"), **GIVEN).passed


def test_a_gate_that_names_its_requester_does_not_take_the_task_s() -> None:
    assert seen_by(KIND, replace(LOOK, requester="alice"), **GIVEN, requester="bob").passed


@pytest.mark.parametrize("option", ["at", "expires"])
def test_a_time_that_is_none_is_refused(option: str) -> None:
    with pytest.raises(RefusedError, match=f"{option} is 'tomorrow'"):
        KIND.check(options_of(KIND, **GIVEN, **{option: "tomorrow"}))


def test_what_is_expected_is_told() -> None:
    told = KIND.expected(options_of(KIND, **GIVEN, expires="2026-11-21T04:04:06Z"))
    assert told == "the statement of a person who does not ask for the failback, valid until 2026-11-21T04:04:06Z"
