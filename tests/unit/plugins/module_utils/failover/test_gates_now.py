# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Gates of many services are evaluated for the status, each service by itself."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.gates_now import Gates, outcomes_of

PASSES = {"name": "runs", "command": {"argv": ["true"], "timeout": 5, "read_only": True}}
FAILS = {"name": "fails", "command": {"argv": ["false"], "timeout": 1, "read_only": True}}
CHANGES = {"name": "changes", "command": {"argv": ["true"], "timeout": 5}}
TASKS = {"name": "smoke", "tasks": {"file": "smoke.yml"}}
SECRET = "hunter2-of-a-header"


def gates(*given: Any, service: str = "checkout", reported: list[str] | None = None) -> Gates:
    tell = reported.append if reported is not None else lambda _line: None
    return Gates(service, list(given), "20261121T030405Z-3f9a1c2e", None, tell)


def test_each_gate_passes_or_not_and_one_of_the_users_tasks_never_does() -> None:
    assert outcomes_of([gates(PASSES, FAILS, TASKS)], check=False) == {
        "checkout": {"runs": True, "fails": False, "smoke": False}
    }


def test_in_check_mode_a_gate_that_might_change_something_is_not_asked() -> None:
    assert outcomes_of([gates(PASSES, CHANGES)], check=True)["checkout"] == {"runs": True, "changes": False}


def test_invalid_gates_are_reported_for_their_service_and_hide_no_other() -> None:
    found = outcomes_of([gates({"name": "x", "telnet": {}}, service="a"), gates(PASSES, service="b")], check=False)
    assert isinstance(found["a"], RefusedError)
    assert found["b"] == {"runs": True}


@pytest.mark.parametrize("secret", [SECRET, "hunt"])
def test_i12_a_secret_of_a_gate_is_not_in_what_is_reported_of_it(secret: str) -> None:
    wrong = {
        "name": "x",
        "http": {"url": "http://127.0.0.1:9/", "headers": {"Authorization": secret}, "timeout": secret},
    }
    assert secret not in str(outcomes_of([gates(wrong)], check=False)["checkout"])
