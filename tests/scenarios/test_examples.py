# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the documentation shows can be done: every example is run against the lab."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks

from lab.process import CLONE, RunningLab

SECOND_ID = "ocid1.loadbalancer.oc1.phx.bbbbexample"
OCI_MODULES = sorted((CLONE / "plugins" / "modules").glob("lb_*.py"))


@pytest.mark.parametrize("module", OCI_MODULES, ids=lambda path: path.stem)
def test_the_examples_of_a_module_run(
    module: Path, lab: RunningLab, load_balancer: Json, oci_auth: Json, playbooks: Playbooks
) -> None:
    add_second_load_balancer(lab, load_balancer)
    tasks = examples(module, {"ocid1.loadbalancer.oc1.iad.aaaaexample": load_balancer["id"]})
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/tidegate.failover.oci": oci_auth},
        "tasks": tasks,
    }
    outcome = playbooks.run_file(playbooks.file([play]))
    assert outcome.returncode == 0, outcome.output
    assert f"ok={len(tasks)} " in outcome.output


def examples(module: Path, places: dict[str, str]) -> list[Any]:
    """The tasks in the EXAMPLES of a module, at other places."""
    assigned = {
        statement.targets[0].id: statement.value
        for statement in ast.parse(module.read_text(encoding="utf-8")).body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }
    text = str(ast.literal_eval(assigned["EXAMPLES"]))
    for shown, meant in places.items():
        text = text.replace(shown, meant)
    tasks: list[Any] = yaml.safe_load(text)
    return tasks


def add_second_load_balancer(lab: RunningLab, load_balancer: Json) -> None:
    """Another load balancer like the first one, whose rule set has the name that the examples use."""
    base = f"{lab.info['control']}/lab/oci/loadBalancers"
    document = requests.get(f"{base}/{load_balancer['id']}", timeout=10).json()["document"]
    document["ruleSets"] = {"sorry": document["ruleSets"][load_balancer["rule_set"]]}
    requests.put(f"{base}/{SECOND_ID}", json=document, timeout=10).raise_for_status()


def test_the_readme_can_be_followed_by_hand(tmp_path: Path) -> None:
    shown = re.search(r"## Try it by hand\n.*?```bash\n(.*?)```", (CLONE / "README.md").read_text("utf-8"), re.DOTALL)
    assert shown
    (tmp_path / ".venv").symlink_to(CLONE / ".venv")
    done = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", shown[1]],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(CLONE), "ANSIBLE_CONFIG": str(CLONE / "ansible.cfg")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^HTTP/1.1 (\d+)", done.stdout, re.MULTILINE) == ["200", "302", "503", "200"]
    assert not (tmp_path / ".lab").exists()
