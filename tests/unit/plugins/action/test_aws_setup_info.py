# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The role aws_setup makes nothing of variables whose names are misspelt."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.action.aws_setup_info import ActionModule
from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution
from ansible_collections.tidegate.failover.tests.unit.plugins.action.looking_task import Json, LookingTask

READ: Json = {"changed": False, "places": []}


@pytest.fixture(autouse=True)
def module(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module reads nothing."""
    monkeypatch.setattr(DirectExecution, "run", lambda *_arguments: READ)


def read(folder: Path, service: Json) -> Json:
    """What the action returns."""
    return LookingTask(folder, {"checkout": service}, "aws_setup", lambda _module, _options: {}).run(ActionModule)


def test_a_misspelt_variable_is_refused_with_what_was_meant(tmp_path: Path) -> None:
    result = read(tmp_path, {"aws_setup_check_typ": "HTTP"})
    assert (result["failed"], result["error_code"]) == (True, "TG-VARIABLES")
    assert "knows the variable aws_setup_check_typ. Did you mean aws_setup_check_type?" in result["msg"]


def test_variables_of_the_role_and_those_of_others_are_fine(tmp_path: Path) -> None:
    assert read(tmp_path, {"aws_setup_check_type": "HTTP", "failover_unknown": 1}) == READ
