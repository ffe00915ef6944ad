# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What a task that failed shows."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import Answer, coded


def test_what_succeeded_is_left_as_it_is() -> None:
    result: Answer = {"changed": True, "msg": "Locked."}
    assert coded(result, "TG-A") is result


@pytest.mark.parametrize(
    ("result", "code"),
    [
        ({"error_code": "TG-LAST-SITE"}, "TG-LAST-SITE"),
        ({}, "TG-DRILL"),
    ],
)
def test_a_failure_ends_with_its_code_or_that_of_the_task(result: Answer, code: str) -> None:
    shown = coded({"failed": True, "msg": "No.", **result}, "TG-DRILL")
    assert (shown["msg"], shown["error_code"]) == (f"No. [{code}]", code)


@pytest.mark.parametrize(
    ("result", "code"),
    [
        ({"msg": "missing required arguments: state"}, "TG-OPTION"),
        ({"msg": "Failed to import the required Python library (oci)."}, "TG-LIBRARY"),
        ({"msg": "MODULE FAILURE", "module_stdout": ""}, "TG-DEFECT"),
        ({"exception": "Traceback"}, "TG-DEFECT"),
        # With ansible-core 2.19 each failure of a module has one.
        ({"msg": "missing required arguments: state", "exception": "(traceback unavailable)"}, "TG-OPTION"),
        ({"msg": "Couldn't connect to AWS: The config profile (nope) could not be found"}, "TG-SIGN-IN"),
        ({"msg": "The module interpreter '/nope' was not found.", "module_stdout": "", "rc": 127}, "TG-VARIABLES"),
    ],
)
def test_what_ansible_itself_reports_has_a_code_too(result: Answer, code: str) -> None:
    shown = coded({"failed": True, **result})
    assert (shown["error_code"], shown["msg"].endswith(f"[{code}]")) == (code, True)


def test_a_failure_that_is_shown_twice_has_its_code_once() -> None:
    shown = coded({"failed": True, "msg": "No.", "error_code": "TG-A"})
    assert coded(shown) == shown


def test_a_module_that_broke_without_a_word_is_explained_without_what_it_broke_with() -> None:
    shown = coded({"failed": True, "exception": "KeyError: hunter2"})
    assert shown["msg"].startswith("The module itself broke.")
    assert "hunter2" not in shown["msg"]
