# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The step that CONTRIBUTING adds is found, planned and taken; and every step has its line of documentation."""

from __future__ import annotations

import re
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import failback, failover, registry, steps
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.engine import Engine
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.steps import users

ROOT = Path(__file__).parents[4]
NOW = "2026-11-21T03:04:05.000000Z"
RUN = "20261121T030405Z-3f9a1c2e"
STEPS = ["lock", "ready"]

#: What an unplanned failover of one health check goes by.
OPTIONS: Json = {
    "operation": "failover",
    "type": "unplanned",
    "trigger": "manual",
    "owner": "operator:alice",
    "reason": "",
    "automatic_allowed": True,
    "block_period": 3600,
    "health_check_ids": ["233e180f-f023-45a3-954e-415303f21eab"],
    "sharing": [],
    "records": [],
    "secondary_url": "https://backup.checkout.example.com/lb-check",
    "verify_url": "",
    "steps": STEPS,
    "lock_method": "auto",
    "lock_path": "/lb-check-failed-over",
    "restore_path": None,
    "override": None,
    "fence_override": None,
    "gates": [],
    "fences": [],
    **{f"{step}_tasks": "" for step in ("quiesce", "quiesce_undo", "promote", "scale", "scale_undo")},
}


class Modules:
    """Modules that do what is asked, but that the other site answers only as often as it is said."""

    def __init__(self, answers: int) -> None:
        self.answers = answers

    def __call__(self, module: str, /, **_options: t.Any) -> Json:
        """What a module returns."""
        return t.cast("Json", getattr(self, f"_{module}")())

    def _failover_state(self) -> Json:
        may = {"allowed": True, "already": False, "clock_problem": False, "replaces": None, "lock": None, "state": None}
        return {**may, "holds_claim": True, "claim": "running"}

    def _r53_healthcheck_lock(self) -> Json:
        return {"changed": True, "msg": "Locked.", "health_checks": [{"lock": {"id": RUN}}]}

    def _failback_gate(self) -> Json:
        self.answers -= 1
        passed = self.answers >= 0
        return {"passed": passed, "msg": "Answered." if passed else "No answer.", "evidence": {"gates": []}}


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BuiltIn:
    """The step, from a file that holds what CONTRIBUTING shows, in a folder beside that of the others."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    examples = re.findall(
        r"^```python\n(.*?)^```$", text.split("## Adding a built-in step")[1], re.DOTALL | re.MULTILINE
    )
    (tmp_path / "ready.py").write_text(examples[0], encoding="utf-8")
    monkeypatch.setattr(steps, "__path__", [*steps.__path__, str(tmp_path)])
    found = {step.name: step for step in registry._found()}
    monkeypatch.delitem(sys.modules, f"{steps.__name__}.ready")
    monkeypatch.setitem(registry.BUILT_IN, "ready", found["ready"])
    return found["ready"]


def run_with(modules: Modules, **options: t.Any) -> Run:
    """A failover that has gone through."""
    run = Run(operation="failover", id=RUN, service="checkout", began=NOW)
    engine = Engine(Context(OPTIONS | options, {}, run, ask=modules), now=lambda: NOW)
    engine.begin()
    for number in range(len(run.to_take)):
        engine.take(number)
    engine.complete()
    return run


def test_a_file_in_the_folder_is_a_step(added: BuiltIn) -> None:
    assert (added.name, added.procedures) == ("ready", ("failover",))


@pytest.mark.usefixtures("added")
def test_the_added_step_is_taken_where_the_user_names_it() -> None:
    run = run_with(Modules(answers=2))
    assert [step["name"] for step in run.steps] == STEPS
    assert (run.results["ready"]["status"], run.results["ready"]["msg"], run.status) == (
        "done",
        "Answered.",
        "completed",
    )


@pytest.mark.usefixtures("added")
def test_the_added_step_stops_the_run_where_it_says_so() -> None:
    run = run_with(Modules(answers=1))
    assert run.problem == "ready: The other site does not answer, so it was not promoted. No answer."


@pytest.mark.usefixtures("added")
def test_the_added_step_is_skipped_with_its_reason() -> None:
    override = {"checks": ["last serving site"], "reason": "CHG-1234"}
    run = run_with(Modules(answers=0), secondary_url="", override=override)
    assert [step["name"] for step in run.to_take] == ["lock"]
    assert run.step("ready")["skip"] == "failover_secondary_url is not given."


def test_without_the_file_there_is_no_such_step() -> None:
    assert "The steps name 'ready', which is none of" in run_with(Modules(answers=1)).problem


@pytest.mark.parametrize("procedure", [failover.PROCEDURE, failback.PROCEDURE], ids=lambda each: str(each.operation))
def test_every_step_that_can_be_named_has_a_line_in_the_readme_of_its_role(procedure: t.Any) -> None:
    readme = (ROOT / "roles" / procedure.operation / "README.md").read_text(encoding="utf-8")
    own = {step.name for step in registry.BUILT_IN.values() if procedure.operation in step.procedures}
    theirs = {step.name for step in users.STEPS if procedure.operation in step.procedures}
    assert own | theirs <= {*re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE), *procedure.always}
