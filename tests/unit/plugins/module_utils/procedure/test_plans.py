# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What a procedure would do is reported before it begins, with all its blockers."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.engine import Engine
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.plans import planned
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    Cloud,
    failback,
    failover,
)


def plan(options: Json, **more: Any) -> Json:
    run = Run(options["operation"], "", "checkout", "", check=True)
    return planned(Engine(Context(options, {}, run, ask=Cloud()), now=lambda: "", folder="/inventory", **more))


def test_a_failover_reports_its_steps_and_that_it_promotes_nothing() -> None:
    found = plan(failover(steps=["lock", "notify"]))
    assert (found["would"], found["findings"]) == (
        "A failover takes these steps: lock, notify. It promotes nothing.",
        [],
    )


def test_what_is_wrong_with_variables_stops_the_way_back_too() -> None:
    found = plan(failover(health_check_ids=[]))
    assert {tuple(finding["stops"]) for finding in found["findings"]} == {("failover", "failback")}
    assert found["would"] == ""


def test_a_file_that_is_not_there_stops_its_own_procedure_alone() -> None:
    options = failback(move_writer_tasks="move.yml")
    found = plan(options, check_file=lambda _path: "there is no such file.")
    assert [(finding["check"], finding["stops"]) for finding in found["findings"]] == [("steps", ["failback"])]


@pytest.mark.parametrize(
    "options",
    [
        failback(gates=["postgresql"]),
        failback(gates=[5]),
        failback(gates=[{"postgresql": {}}]),
        failover(health_check_ids=[], records=["checkout.example.com"], secondary_url=""),
    ],
    ids=["a kind", "a number", "no name", "a record"],
)
def test_variables_of_a_wrong_form_are_reported_and_break_nothing(options: Json) -> None:
    assert {finding["check"] for finding in plan(options)["findings"]} == {"variables"}


def test_a_defect_is_not_taken_for_variables_of_a_wrong_form() -> None:
    nothing: Json = {}
    with pytest.raises(KeyError):
        plan(failback(move_writer_tasks="move.yml"), check_file=lambda path: nothing[path])


def test_a_failover_that_promotes_does_not_say_that_it_promotes_nothing() -> None:
    found = plan(failover(steps=["lock", "fences", "promote"], promote_tasks="p.yml", fence_override={"reason": "r"}))
    assert found["would"] == "A failover takes these steps: lock, fences, promote."


def test_that_nothing_is_promoted_is_not_said_of_a_failback() -> None:
    assert "promotes nothing" not in plan(failback())["would"]
