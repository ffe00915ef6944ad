# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Jobs as AWX runs them: by the real ``ansible-runner``, with a project of wrappers and the answers of a survey."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.tidegate.failover.plugins.filter.awx_setup import awx_project_files
from ansible_collections.tidegate.failover.plugins.module_utils._awx.surveys import survey_of
from ansible_collections.tidegate.failover.tests.scenarios import awx_fields
from ansible_collections.tidegate.failover.tests.scenarios.awx_api import AwxApi
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import RUN_SECONDS, Json, usual_environment


@dataclass(frozen=True)
class Job:
    """A job that has ended.

    :ivar artifacts: what it handed on by ``set_stats``.
    """

    returncode: int
    output: str
    artifacts: Json


class Runner:
    """Runs playbooks of a project as AWX does."""

    def __init__(self, folder: Path, services: dict[str, Json]) -> None:
        """Make the project and the inventory.

        :param services: variables of the services, by name.
        """
        self._folder, self._jobs = folder, 0
        self.project = folder / "project"
        (self.project / "collections").mkdir(parents=True)
        for file in awx_project_files(["tidegate.failover"]):
            (self.project / file["path"]).write_text(file["content"], encoding="utf-8")
        self._inventory = {
            "services": {"hosts": services},
            "all": {"hosts": {"localhost": {"ansible_connection": "local"}}},
        }

    def job(self, playbook: str, *arguments: str, extra: Json | None = None, **environment: str) -> Job:
        """Run one to its end.

        :param extra: extra variables, as AWX puts answers, artifacts and its own variables together.
        """
        self._jobs += 1
        private = self._folder / f"job-{self._jobs}"
        shutil.copytree(self.project, private / "project")
        for path, content in {
            "inventory/hosts.json": self._inventory,
            "env/extravars": extra or {},
            "env/envvars": {"ANSIBLE_SHOW_CUSTOM_STATS": "1", **environment},
        }.items():
            (private / path).parent.mkdir(exist_ok=True)
            (private / path).write_text(json.dumps(content), encoding="utf-8")
        words = [sys.executable, "-m", "ansible_runner", "run", str(private), "-p", playbook, "--ident", "job"]
        if arguments:
            words.append(f"--cmdline={' '.join(arguments)}")
        own = usual_environment(self._folder)
        own["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{own['PATH']}"
        done = subprocess.run(words, env=own, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
        return Job(done.returncode, done.stdout + done.stderr, _artifacts(private / "artifacts" / "job"))


def _artifacts(folder: Path) -> Json:
    events = [json.loads(path.read_text(encoding="utf-8")) for path in (folder / "job_events").glob("*.json")]
    (stats,) = [event["event_data"] for event in events if event["event"] == "playbook_on_stats"] or [{}]
    artifacts: Json = stats.get("artifact_data") or {}
    return artifacts


def launched(playbook: str, **answers: Any) -> Json:
    """The extra variables of a job that was launched by the survey; AWX checks the answers, and adds empty defaults."""
    questions = survey_of(playbook)["spec"]
    given = {f"survey_{name}": answer for name, answer in answers.items()}
    problems = [problem for question in questions if (problem := awx_fields.answer_misfit(question, given))]
    assert not problems, problems
    # A default of another type than the question's is left out; of these, only texts may be empty.
    defaults = {one["variable"]: "" for one in questions if one["type"] in ("text", "textarea")}
    return defaults | given


@dataclass
class Workflow:
    """A workflow job, played by the nodes that an API holds, as AWX plays it.

    :ivar ran: the identifiers of the nodes that ran, each with whether it succeeded.
    """

    awx: AwxApi
    run: Callable[[str, Json, bool], Job]
    approve: Callable[[], bool]
    ran: dict[str, bool] = field(default_factory=dict)

    def play(self, name: str, survey: Json) -> bool:
        """Play it to its end. Whether it succeeded."""
        workflow = self.awx.named("workflow_job_templates")[name]["id"]
        nodes = {
            key: one
            for key, one in self.awx.objects["workflow_job_template_nodes"].items()
            if one["workflow_job_template"] == workflow
        }
        led_to = {key for one in nodes for key in self._after(one)}
        for root in [key for key in nodes if key not in led_to]:
            self._play(nodes, root, {}, survey)
        # What failed, and led to nothing on its failure, fails the workflow.
        return all(self.ran.values())

    def _after(self, key: int) -> list[int]:
        return [one for when in ("success", "failure", "always") for one in self.awx.linked(key, f"{when}_nodes")]

    def _play(self, nodes: Mapping[int, Json], key: int, artifacts: Json, survey: Json) -> None:
        node = nodes[key]
        succeeded, more = self._job(node, artifacts, survey)
        self.ran[node["identifier"]] = succeeded
        following = self.awx.linked(key, "success_nodes" if succeeded else "failure_nodes")
        for next_key in [*following, *self.awx.linked(key, "always_nodes")]:
            self._play(nodes, next_key, artifacts | more, survey)

    def _job(self, node: Json, artifacts: Json, survey: Json) -> tuple[bool, Json]:
        template = node["unified_job_template"]
        if template in self.awx.objects["workflow_approval_templates"]:
            assert self.awx.objects["workflow_approval_templates"][template]["timeout"] > 0
            return self.approve(), {}
        found = self.awx.objects["job_templates"][template]
        # The variables of the workflow win over artifacts.
        done = self.run(found["playbook"], artifacts | survey, found["job_type"] == "check")
        return done.returncode == 0, done.artifacts
