# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The step that the guide writes is found, planned and taken; and every step has its line of documentation."""

from __future__ import annotations

import re
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import failback as back
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import failover as over
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import registry, steps
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.steps import users
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import Cloud, Role, failover

ROOT = Path(__file__).parents[5]
STEPS = ["lock", "ready"]


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BuiltIn:
    """The step, from a file that holds what the guide shows, in a folder beside that of the others."""
    text = (ROOT / "docs" / "writing_a_step.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    (tmp_path / "ready.py").write_text(example, encoding="utf-8")
    monkeypatch.setattr(steps, "__path__", [*steps.__path__, str(tmp_path)])
    found = {step.name: step for step in registry._found()}
    monkeypatch.delitem(sys.modules, f"{steps.__name__}.ready")
    monkeypatch.setitem(registry.BUILT_IN, "ready", found["ready"])
    return found["ready"]


def test_a_file_in_the_folder_is_a_step(added: BuiltIn) -> None:
    assert (added.name, added.procedures) == ("ready", ("failover",))


@pytest.mark.usefixtures("added")
def test_the_added_step_is_taken_where_the_user_names_it() -> None:
    role = Role(failover(steps=STEPS))
    assert role.go().status == "completed"
    assert role.statuses() == {"lock": "done", "ready": "done"}


@pytest.mark.usefixtures("added")
def test_the_added_step_ends_the_run_where_it_fails() -> None:
    run = Role(failover(steps=STEPS), Cloud(fails={"the other site answers": "no answer"})).go()
    expected = "The other site does not answer, so it was not promoted. the other site answers: no answer"
    assert (run.ended_by, run.problem) == ("ready", f"ready: {expected}")


@pytest.mark.usefixtures("added")
def test_the_added_step_is_skipped_with_its_reason() -> None:
    override = {"checks": ["last serving site"], "reason": "CHG-1234"}
    run = Role(failover(steps=STEPS, secondary_url="", override=override)).go()
    assert run.step("ready")["skip"] == "failover_secondary_url is not given."


def test_without_the_file_there_is_no_such_step() -> None:
    assert "The steps name 'ready', which is none of" in Role(failover(steps=STEPS)).go().problem


@pytest.mark.parametrize("procedure", [over.PROCEDURE, back.PROCEDURE], ids=lambda each: str(each.operation))
def test_every_step_that_can_be_named_has_a_line_in_the_readme_of_its_role(procedure: t.Any) -> None:
    readme = (ROOT / "roles" / procedure.operation / "README.md").read_text(encoding="utf-8")
    own = {step.name for step in registry.BUILT_IN.values() if procedure.operation in step.procedures}
    theirs = {step.name for step in users.STEPS if procedure.operation in step.procedures}
    assert own | theirs <= {*re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE), *procedure.always}
