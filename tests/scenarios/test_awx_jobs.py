# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What jobs of AWX do: the wrappers of a project, a survey's answers as AWX sends them, and what the next node gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.filter.awx_setup import awx_project_files
from ansible_collections.tidegate.failover.plugins.module_utils._awx import templates
from ansible_collections.tidegate.failover.plugins.module_utils._awx.credential_types import CREDENTIAL_TYPES
from ansible_collections.tidegate.failover.tests.scenarios.awx_api import TOKEN, AwxApi, render, running_awx_api
from ansible_collections.tidegate.failover.tests.scenarios.awx_jobs import Job, Runner, Workflow, launched
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.test_failback import Checkout, site_url
from jinja2 import Undefined

from lab.process import RunningLab

APPROVED = {"name": "another person approved", "awx_approval": {}}
OPEN = {"name": "an hour of the day", "window": {"hours": ["00:00-24:00"]}}


@pytest.fixture
def checkout(aws_lab: RunningLab, playbooks: Playbooks, aws_auth: Json, tmp_path: Path) -> Checkout:
    """The service, failed over; its failback needs an approval in AWX."""
    service = Checkout(aws_lab, playbooks, aws_auth, tmp_path)
    service.fail_over()
    service.variables["failback_gates"] = [OPEN, APPROVED]
    service.variables["failback_reason"] = "of the inventory"
    return service


@pytest.fixture
def awx() -> Iterator[AwxApi]:
    files = [file["path"] for file in awx_project_files([]) if "/" not in file["path"]]
    with running_awx_api(*files) as api:
        yield api


def set_up(awx: AwxApi) -> None:
    """What the role makes of a failback, which test_awx_setup proves; here without its modules, which take minutes."""
    options: Json = {"prefix": "Tidegate", "approval_timeout": 3600}
    organization = awx.add("organizations", name="Operations")["id"]
    project = awx.add("projects", name="Tidegate", organization=organization)["id"]
    inventory = awx.add("inventories", name="Tidegate", organization=organization)["id"]
    for template in templates.job_templates(options, ["failback", "status"]):
        fields = {name: value for name, value in template.items() if name != "survey_spec"}
        awx.add("job_templates", project=project, inventory=inventory, **fields)
    flow = awx.add("workflow_job_templates", name="Tidegate failback workflow")["id"]
    made: dict[str, int] = {}
    for node in templates.nodes(options):
        if "approval_node" in node:
            template = awx.add("workflow_approval_templates", **node["approval_node"])
        else:
            template = awx.named("job_templates")[node["unified_job_template"]]
        made[node["identifier"]] = awx.add(
            "workflow_job_template_nodes",
            workflow_job_template=flow,
            identifier=node["identifier"],
            unified_job_template=template["id"],
        )["id"]
    for node in templates.nodes(options):
        awx.linked(made[node["identifier"]], "success_nodes").extend(made[one] for one in node["success_nodes"])


class FailbackInAwx:
    """The workflow of a failback, which alice launches."""

    def __init__(self, awx: AwxApi, checkout: Checkout, folder: Path) -> None:
        set_up(awx)
        self.awx, self.jobs = awx, list[tuple[str, Json, Job]]()
        self._runner = Runner(folder / "runner", {"checkout": checkout.variables})
        self._approved_by: str | None = None

    def launch(self, *, approved_by: str | None, **answers: Any) -> Workflow:
        """Play it.

        :param approved_by: who approves; nobody does in time if this is None.
        """
        self._approved_by = approved_by
        workflow = Workflow(self.awx, self._run, lambda: approved_by is not None)
        self.succeeded = workflow.play("Tidegate failback workflow", launched("failback", **answers))
        return workflow

    def _run(self, playbook: str, extra: Json, check: bool) -> Job:
        self.awx.tell_of_workflow(job=41, workflow=7, launcher="alice", approver=self._approved_by)
        own = {"awx_user_name": "alice", "awx_job_id": 41, "awx_workflow_job_id": 7}
        environment = {"JOB_ID": "41", "AWX_HOST": self.awx.url, "CONTROLLER_OAUTH_TOKEN": TOKEN}
        job = self._runner.job(playbook, *(["--check"] if check else []), extra=extra | own, **environment)
        self.jobs.append((playbook, extra, job))
        return job


@pytest.fixture
def failback(awx: AwxApi, checkout: Checkout, tmp_path: Path) -> FailbackInAwx:
    return FailbackInAwx(awx, checkout, tmp_path)


def test_a_failback_that_another_person_approves(failback: FailbackInAwx, checkout: Checkout) -> None:
    workflow = failback.launch(approved_by="bob", failback_reason="CHG-1234")
    assert list(workflow.ran) == ["gates", "approval", "failback", "status"], failback.jobs[-1][2].output
    assert failback.succeeded, failback.jobs[-1][2].output
    assert checkout.path() == "/lb-check"
    record = checkout.record()
    assert (record["reason"], record["owner"]) == ("CHG-1234", "alice")
    (_playbook, extra, _job) = failback.jobs[-1]
    # What the failback handed on is among the variables of the next node.
    assert extra["tidegate_records"]["checkout"]["status"] == "completed"


@pytest.mark.parametrize("approved_by", [None, "alice"], ids=["nobody in time", "the launcher"])
def test_i7_without_the_approval_of_another_person_nothing_is_done(
    failback: FailbackInAwx, checkout: Checkout, approved_by: str | None
) -> None:
    workflow = failback.launch(approved_by=approved_by)
    assert not failback.succeeded
    assert list(workflow.ran) == (["gates", "approval"] if approved_by is None else ["gates", "approval", "failback"])
    assert checkout.path().startswith("/lb-check-failed-over")
    if approved_by is not None:
        assert "alice both requests the failback and approves it" in failback.jobs[-1][2].output


def test_i7_its_job_template_alone_fails_back_nothing(
    failback: FailbackInAwx, checkout: Checkout, tmp_path: Path
) -> None:
    failback.awx.tell_of_workflow(job=41, workflow=None, launcher="alice", approver=None)
    runner = Runner(tmp_path / "alone", {"checkout": checkout.variables})
    environment = {"JOB_ID": "41", "AWX_HOST": failback.awx.url, "CONTROLLER_OAUTH_TOKEN": TOKEN}
    job = runner.job("failback.yml", extra={**launched("failback"), "awx_user_name": "alice"}, **environment)
    assert job.returncode != 0
    assert "was not launched by a workflow" in job.output
    assert checkout.path().startswith("/lb-check-failed-over")


@pytest.fixture
def services(aws_lab: RunningLab, aws_auth: Json) -> dict[str, Json]:
    """A service that is not locked."""
    variables = {
        "failover_health_check_ids": [aws_lab.info["aws"]["health_checks"]["primary"]],
        "failback_gates": [OPEN],
        "failback_verify_url": site_url(aws_lab, "primary"),
        "aws_auth": aws_auth,
    }
    return {"checkout": variables}


def test_an_answer_wins_over_the_inventory_and_no_answer_leaves_it(checkout: Checkout, tmp_path: Path) -> None:
    runner = Runner(tmp_path / "runner", {"checkout": {**checkout.variables, "status_evaluate_gates": True}})
    empty = runner.job("status.yml", extra={"survey_status_evaluate_gates": ""})
    no = runner.job("status.yml", extra=launched("status", status_evaluate_gates="no"))
    assert (empty.returncode, no.returncode) == (0, 0), empty.output + no.output
    failed = [statuses(job)["checkout"]["gates"]["failed"] for job in (empty, no)]
    # Outside of AWX nobody approved. Where no gate was evaluated, none is known to have failed.
    assert failed == [[APPROVED["name"]], None]


def statuses(job: Job) -> Json:
    found: Json = job.artifacts["tidegate_statuses"]
    return found


def test_an_answer_that_makes_no_sense_ends_the_job_before_anything_is_done(
    aws_lab: RunningLab, services: dict[str, Json], tmp_path: Path
) -> None:
    job = Runner(tmp_path, services).job("acknowledge.yml", extra={"survey_acknowledge_suppress": "ten"})
    assert job.returncode != 0
    assert "survey_acknowledge_suppress is 'ten'; expected was a whole number" in job.output.replace("\n", " ")
    assert aws_lab.requests() == []


def test_the_credential_type_of_aws_signs_in_with_an_empty_token(
    services: dict[str, Json], aws_auth: Json, tmp_path: Path
) -> None:
    inputs = {name: aws_auth[name] for name in ("access_key", "secret_key", "region")}
    injected = CREDENTIAL_TYPES["AWS"]["injectors"]["env"]
    environment = {name: render(template, inputs, Undefined) for name, template in injected.items()}
    assert environment["AWS_SESSION_TOKEN"] == ""
    only_there = {"checkout": {**services["checkout"], "aws_auth": {"endpoint_url": aws_auth["endpoint_url"]}}}
    job = Runner(tmp_path, only_there).job("status.yml", extra={}, **environment)
    assert job.returncode == 0, job.output
    assert "not locked" in job.output
