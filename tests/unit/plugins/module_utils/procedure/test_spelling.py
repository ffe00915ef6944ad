# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A variable that is misspelt is refused, because what it was meant for would not happen."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.spelling import unknown_variables

KNOWN = ["failover_promote_tasks", "failover_fences", "maintenance_rule_set"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("failover_promote_task", "failover_promote_tasks"),
        ("failover_fence", "failover_fences"),
        ("maintenance_rule_sets", "maintenance_rule_set"),
    ],
)
def test_a_misspelt_variable_is_reported_with_what_was_meant(name: str, meant: str) -> None:
    (reported,) = unknown_variables([name, *KNOWN], KNOWN)
    assert reported == f"No role of this collection knows the variable {name}. Did you mean {meant}?"


def test_a_variable_that_is_like_none_is_reported_too() -> None:
    (reported,) = unknown_variables(["failover_owned_by"], KNOWN)
    assert reported.startswith(
        "No role of this collection knows the variable failover_owned_by. If it is a variable of your own"
    )


@pytest.mark.parametrize(
    "name",
    ["fail_over", "__failover_options", "procedure_run", "failover_findings", "report_dir", "drift_watch_settle"],
)
def test_variables_of_others_and_of_the_roles_themselves_are_left_alone(name: str) -> None:
    assert unknown_variables([name], KNOWN) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("failover_block_period", "failover_cooldown"), ("acknowledge_downtime", "acknowledge_suppress")],
)
def test_a_variable_under_its_former_name_is_refused_with_the_new_one(old: str, new: str) -> None:
    assert unknown_variables([old], KNOWN) == [f"The variable {old} is called {new} now. Rename it."]
