# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What else makes a gate of kind ``tasks`` pass, beside tasks that proved something."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from tools.steps import ENVIRONMENT, ROOT

Json = dict[str, t.Any]

PROOF: Json = {"ansible.builtin.assert": {"that": False, "fail_msg": "the site is not ready"}}
FILES: dict[str, str] = {
    "proves": json.dumps([{"ansible.builtin.assert": {"that": True}}]),
    "fails": json.dumps([PROOF]),
    "empty": "",
    "a comment": "---\n# To be written.\n",
    "an empty list": "[]",
    "no list": "name: not a list of tasks",
    "no yaml": "- name: [",
    "a text": json.dumps(["to be written"]),
    "no module": json.dumps([{"name": "count"}]),
    "a misspelt module": json.dumps([{"ansible.builtin.asert": {"that": True}}]),
    "two modules": json.dumps([{"ansible.builtin.debug": {}, "ansible.builtin.command": "true"}]),
    "a broken block": json.dumps([{"block": "count"}]),
    "a broken import": json.dumps([{"ansible.builtin.import_tasks": "no module.yml"}]),
    "below/an import of its neighbour": json.dumps([{"ansible.builtin.import_tasks": "neighbour.yml"}]),
    "below/neighbour": json.dumps([{"ansible.builtin.assert": {"that": True}}]),
    "unsafe text": "- ansible.builtin.debug: {msg: !unsafe '{{ none }}'}",
    "an import by a variable": json.dumps([{"ansible.builtin.import_tasks": "{{ proof }}.yml"}]),
    "a module of this collection": json.dumps([{"failover_record": {}, "when": False}]),
    "skips all": json.dumps([{**PROOF, "when": False}]),
    "ignores errors": json.dumps([{**PROOF, "ignore_errors": True}]),
    "never fails": json.dumps([{"ansible.builtin.command": "false", "failed_when": False}]),
    "checks that it ran": json.dumps(
        [
            {"ansible.builtin.command": "true", "when": False, "register": "probe"},
            {"ansible.builtin.assert": {"that": ["probe is not skipped", "probe.rc == 0"], "fail_msg": "not probed"}},
        ]
    ),
}
RUN: Json = {
    "operation": "failback",
    "id": "20261121T030405Z-3f9a1c2e",
    "service": "checkout",
    "began": "2026-11-21T03:04:05.000000Z",
}
OPTIONS: Json = {"service": "checkout", "health_check_ids": [], "record_dir": ""}
SEEN = "{{ procedure_run.run.memory.task_results | to_json }}"


def run_gates(folder: Path, files: dict[str, str]) -> list[Json]:
    """The results of these gates as the role takes them; none if the play ended before."""
    for name, text in files.items():
        file = folder / f"{name}.yml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    results = folder / "results.json"
    play: Json = {
        "hosts": "localhost",
        "gather_facts": False,
        # As in the role, whose names of modules are those of its collection.
        "collections": ["tidegate.failover"],
        "vars": {
            "proof": "proves",
            "procedure_run": {"run": RUN, "users_gates": list(files)},
            "procedure_options": OPTIONS
            | {"gates": [{"name": name, "tasks": {"file": f"{name}.yml"}} for name in files]},
            "procedure_auth": {},
            "procedure_page": {},
        },
        "tasks": [
            {
                "ansible.builtin.include_tasks": str(ROOT / "roles/procedure/tasks/users_gate.yml"),
                "loop": list(range(len(files))),
                "loop_control": {"loop_var": "__procedure_gate"},
            },
            {"ansible.builtin.copy": {"content": SEEN, "dest": str(results)}},
        ],
    }
    (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    (folder / "inventory").write_text(
        f"localhost ansible_connection=local ansible_python_interpreter={sys.executable}\n", encoding="utf-8"
    )
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "inventory", "play.yml"]
    run = subprocess.run(
        command, cwd=folder, env=os.environ | ENVIRONMENT, capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return json.loads(results.read_text(encoding="utf-8")) if results.exists() else []


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    return {result["name"]: result for result in run_gates(tmp_path_factory.mktemp("gates"), FILES)}


@pytest.mark.parametrize(("name", "passed"), [("proves", True), ("fails", False)])
def test_tasks_that_run_through_pass_and_a_failure_fails(results: dict[str, Json], name: str, passed: bool) -> None:
    assert results[name]["passed"] is passed


@pytest.mark.parametrize("name", ["empty", "a comment", "an empty list", "no list"])
def test_a_file_without_tasks_proves_nothing(results: dict[str, Json], name: str) -> None:
    assert (results[name]["passed"], "holds no tasks" in results[name]["observed"]) == (False, True)


UNREADABLE = ["no yaml", "a text", "no module", "a misspelt module", "two modules", "a broken block", "a broken import"]


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_ansible_cannot_load_fails_the_gate_and_not_the_run(results: dict[str, Json], name: str) -> None:
    assert (results[name]["passed"], f"{name}.yml: it cannot be run: " in results[name]["observed"]) == (False, True)


@pytest.mark.parametrize(
    "name",
    ["unsafe text", "below/an import of its neighbour", "an import by a variable", "a module of this collection"],
)
def test_an_unusual_but_valid_file_is_run(results: dict[str, Json], name: str) -> None:
    assert results[name]["passed"] is True, results[name]


@pytest.mark.parametrize("name", ["skips all", "ignores errors", "never fails"])
def test_tasks_that_are_skipped_or_may_not_fail_pass_as_documented(results: dict[str, Json], name: str) -> None:
    assert results[name]["passed"] is True


def test_an_assert_at_the_end_of_the_file_finds_a_task_that_was_skipped(results: dict[str, Json]) -> None:
    assert (results["checks that it ran"]["passed"], results["checks that it ran"]["observed"]) == (False, "not probed")


def test_tasks_that_end_the_play_leave_no_result(tmp_path: Path) -> None:
    assert run_gates(tmp_path, {"ends": json.dumps([{"ansible.builtin.meta": "end_host"}])}) == []
