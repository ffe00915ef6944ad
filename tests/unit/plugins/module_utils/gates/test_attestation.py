# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""An attestation is a named person's, who is not the requester, about this lock, and not yet expired."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Probe
from ansible_collections.tidegate.failover.plugins.module_utils._gates.attestation import KIND

from .gates import LOCK_ID, NOW, options_of, seen_by

LOOK = Probe(NOW, 60.0, (LOCK_ID,), "bob")
GIVEN = {"by": "alice", "statement": "CHG-1234"}


@pytest.mark.parametrize(
    ("given", "observed"),
    [
        ({}, "alice states 'CHG-1234', asked by bob"),
        ({"requester": "carol"}, "alice states 'CHG-1234', asked by carol"),
        ({"at": "2026-11-21T03:04:05Z"}, "alice states 'CHG-1234', asked by bob"),
        # Clocks differ a little.
        ({"at": "2026-11-21T04:04:10Z"}, "alice states 'CHG-1234', asked by bob"),
        ({"expires": "2026-11-21T04:04:06Z"}, "alice states 'CHG-1234', asked by bob"),
        ({"statement": "two\nlines"}, "alice states 'two lines', asked by bob"),
        ({"at": "", "expires": "", "requester": ""}, "alice states 'CHG-1234', asked by bob"),
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
        ({"statement": " "}, "alice states nothing"),
        ({"requester": "operator:alice"}, "alice both requests the failback and approves it"),
        ({"requester": "\uff41lice"}, "alice both requests the failback and approves it"),
        ({"requester": "Alice "}, "alice both requests the failback and approves it"),
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


def test_a_requester_in_the_gate_does_not_hide_the_one_of_the_task() -> None:
    assert not seen_by(KIND, replace(LOOK, requester="alice"), **GIVEN, requester="bob").passed


@pytest.mark.parametrize("requester", [None, "", " ", "None", "{{ awx_user_name }}", "operator", "operator:"])
def test_i7_where_nobody_knows_who_requests_it_no_approval_counts(requester: str | None) -> None:
    seen = seen_by(KIND, replace(LOOK, requester=requester), **GIVEN)
    assert (seen.passed, "unknown who requests" in seen.observed, seen.final) == (False, True, True)
    assert "failback_requester" in seen.remedy


PLACEHOLDERS = ["None", "null", "False", "no", "-", "?", "N/A", "'None'", "<none>", "TODO", "\u200b", "{{ approver }}"]


@pytest.mark.parametrize("text", [*PLACEHOLDERS, "{% if approver %}", "__omit_place_holder__3f9a"])
def test_what_nobody_filled_in_names_nobody_and_states_nothing(text: str) -> None:
    assert seen_by(KIND, LOOK, **{**GIVEN, "by": text}).observed.startswith("nobody has approved")
    assert seen_by(KIND, LOOK, **{**GIVEN, "statement": text}).observed.startswith("alice states nothing")


@pytest.mark.parametrize("name", ["operator", "Operator", "operator: ", "CORP\\operator"])
def test_the_default_owner_of_a_failover_is_no_person_who_could_approve(name: str) -> None:
    assert seen_by(KIND, LOOK, **{**GIVEN, "by": name}).observed.startswith("nobody has approved")


@pytest.mark.parametrize("name", ["Noor", "Nona", "Ye", "王芳", "Юлия"])
def test_a_name_that_is_short_or_like_a_placeholder_is_a_name(name: str) -> None:
    assert seen_by(KIND, LOOK, **{**GIVEN, "by": name}).passed


BOB_S_OTHER_NAMES = ["BOB", " bob ", "operator:bob", "operator: Bob", "CORP\\bob", "corp/bob", "bob@example.com"]


@pytest.mark.parametrize("name", [*BOB_S_OTHER_NAMES, "\uff42\uff4f\uff42", "b\u200bob", "bo\u00adb"])
def test_one_person_under_two_names_cannot_approve(name: str) -> None:
    assert not seen_by(KIND, LOOK, **{**GIVEN, "by": name}).passed
    assert not seen_by(KIND, replace(LOOK, requester=name), **{**GIVEN, "by": "bob"}).passed


def test_a_name_that_mixes_alphabets_to_look_like_another_one_fails() -> None:
    seen = seen_by(KIND, LOOK, **{**GIVEN, "by": "b\u043eb"})
    assert (seen.passed, "mixes letters of alphabets" in seen.observed) == (False, True)


def test_the_same_account_name_at_two_organisations_is_two_people() -> None:
    look = replace(LOOK, requester="bob@example.com")
    assert seen_by(KIND, look, **{**GIVEN, "by": "bob@example.org"}).passed


def test_an_approval_without_a_date_counts_for_any_lock() -> None:
    later = replace(LOOK, lock_ids=("20261121T040000Z-00000000",))
    assert seen_by(KIND, later, **GIVEN).passed
    assert not seen_by(KIND, later, **GIVEN, at="2026-11-21T03:59:59Z").passed


@pytest.mark.parametrize("option", ["at", "expires"])
def test_a_time_that_is_none_is_refused(option: str) -> None:
    with pytest.raises(RefusedError, match=f"{option} is 'tomorrow'"):
        KIND.check(options_of(KIND, **GIVEN, **{option: "tomorrow"}))


def test_what_is_expected_is_reported() -> None:
    reported = KIND.expected(options_of(KIND, **GIVEN, expires="2026-11-21T04:04:06Z"))
    assert reported == "the statement of a person who does not ask for the failback, valid until 2026-11-21T04:04:06Z"
