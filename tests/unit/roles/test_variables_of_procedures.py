# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Variables that the argument specification of a role does not allow are refused before anything begins."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.tidegate.failover.plugins.plugin_utils._role_variables import problems_of_variables

from tools.steps import ENVIRONMENT


def problems(role: str, **variables: t.Any) -> list[str]:
    return problems_of_variables(Templar(DataLoader(), variables=variables), role, variables)


@pytest.mark.parametrize("role", ["failover", "failback", "acknowledge"])
def test_no_variable_has_to_be_given(role: str) -> None:
    assert problems(role) == []


def test_each_problem_is_a_sentence() -> None:
    found = problems("failover", failover_type="unexpected", failover_rto="soon")
    assert [problem.partition(":")[0] for problem in found] == ["The role failover cannot take its variables"] * 2
    assert "value of failover_type must be one of: planned, unplanned, got: unexpected." in found[1]


def test_gates_are_left_to_the_code_that_evaluates_them() -> None:
    assert problems("failback", failback_gates=[{"name": "misspelt", "htpp": {}}]) == []


def test_a_service_of_many_is_refused_before_its_procedure_begins(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(json.dumps({"services": {"hosts": {"shop": {"failover_type": "unexpected"}}}}))
    command = [
        str(Path(sys.executable).with_name("ansible-playbook")),
        "tidegate.failover.failover",
        "-i",
        str(inventory),
    ]
    run = subprocess.run(
        command, cwd=tmp_path, env=os.environ | ENVIRONMENT, capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode != 0
    assert "value of failover_type must be one of: planned, unplanned, got: unexpected." in run.stdout
    assert "Claim the service" not in run.stdout
    # Ansible prints the whole specification with what is wrong.
    assert "argument_spec_data" not in run.stdout
