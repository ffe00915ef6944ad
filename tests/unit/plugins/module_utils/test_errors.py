# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Each failure has a code, and a message shows it once."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    ConflictError,
    RefusedError,
    TidegateError,
    UnreachableError,
    code_of,
    code_of_first,
    failure,
    with_code,
)


def raised_from(problem: TidegateError, cause: Exception) -> TidegateError:
    """The one as it is caught."""
    try:
        raise problem from cause
    except TidegateError as caught:
        return caught


def test_a_failure_has_the_code_of_its_class_or_that_of_where_it_is_raised() -> None:
    assert UnreachableError("x").code == "TG-UNREACHABLE"
    assert RefusedError("x", code="TG-LAST-SITE").code == "TG-LAST-SITE"


def test_the_cause_of_a_general_one_knows_better() -> None:
    assert raised_from(RefusedError("Not locked. x"), AccessError("x")).code == "TG-ACCESS"
    assert raised_from(ConflictError("x"), AccessError("x")).code == "TG-CONFLICT"
    assert raised_from(RefusedError("x", code="TG-GATES"), AccessError("x")).code == "TG-GATES"
    assert raised_from(RefusedError("x"), ValueError("x")).code == "TG-REFUSED"


def test_one_that_is_raised_again_from_itself_keeps_its_code() -> None:
    problem = RefusedError("x")
    assert raised_from(problem, problem).code == "TG-REFUSED"


def test_a_result_has_the_code_beside_its_message() -> None:
    assert failure(AccessError("No."), " Done: a.") == {"msg": "No. Done: a.", "error_code": "TG-ACCESS"}
    assert (code_of(AccessError("No.")), code_of(None)) == ({"error_code": "TG-ACCESS"}, {})


def test_of_several_results_the_first_that_failed_counts() -> None:
    fine, one, other = {"failed": False}, {"failed": True, "error_code": "TG-A"}, {"failed": True, "error_code": "TG-B"}
    assert code_of_first([fine, one, other]) == {"error_code": "TG-A"}
    assert code_of_first([fine, {"failed": True}]) == {}


@pytest.mark.parametrize(
    ("message", "code", "shown"),
    [
        ("It failed.", "TG-A", "It failed. [TG-A]"),
        ("It failed. [TG-A] Run this again.", "TG-A", "It failed. [TG-A] Run this again."),
        ("It failed.", "", "It failed."),
    ],
)
def test_a_message_shows_a_code_once(message: str, code: str, shown: str) -> None:
    assert with_code(message, code) == shown
