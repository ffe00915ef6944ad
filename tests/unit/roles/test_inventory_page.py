# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The inventories that guides show are what the roles take: each variable is known, each value is allowed."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.gate_problems import gate_problems
from ansible_collections.tidegate.failover.plugins.plugin_utils._role_variables import (
    misspelt_variables,
    problems_of_values,
)

DOCUMENTS = Path(__file__).parents[3] / "docs"
ROLES = ("maintenance", "failover", "failback", "aws_setup")
GATES = ("failover_fences", "failback_gates")


def services() -> list[t.Any]:
    """The services of all guides, with the variables of their group."""
    found = []
    for guide in sorted(DOCUMENTS.glob("*.md")):
        for block in re.findall(
            r"^ *```yaml\n(.*?)^ *```", guide.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        ):
            shown = yaml.safe_load(block)
            group = shown.get("services", {}) if isinstance(shown, dict) else {}
            for name, variables in (group.get("hosts") or {}).items():
                found.append(pytest.param({**group.get("vars", {}), **variables}, id=f"{guide.stem}-{name}"))
    return found


def test_a_guide_shows_one_service_from_nothing_to_failback() -> None:
    (whole,) = [case for case in services() if case.id == "inventory-checkout"]
    assert {name.partition("_")[0] for name in whole.values[0]} >= {*ROLES[:3], "aws", "oci", "notify"}


@pytest.mark.parametrize("variables", services())
def test_the_inventory_of_a_guide_is_what_the_roles_take(variables: dict[str, t.Any]) -> None:
    assert misspelt_variables(variables) == []
    # The playbook sets it.
    variables = {**variables, "maintenance_state": "enabled"}
    for role in ROLES:
        own = {name: value for name, value in variables.items() if name.startswith(f"{role}_")}
        assert not own or problems_of_values(role, own) == []
    for gates in GATES:
        assert gate_problems(gates, variables.get(gates, [])) == []
