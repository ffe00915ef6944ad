# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The AWX of the tests refuses what AWX would not understand, so that what it takes proves something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from ansible_collections.tidegate.failover.plugins.module_utils._awx import templates
from ansible_collections.tidegate.failover.plugins.module_utils._awx.surveys import survey_of
from ansible_collections.tidegate.failover.tests.scenarios.awx_api import TOKEN, AwxApi, running_awx_api
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

PROJECT = {"name": "Tidegate", "organization": 1, "scm_type": "git", "scm_url": "https://git.example.com/x.git"}


@pytest.fixture
def awx() -> Iterator[AwxApi]:
    with running_awx_api("failback.yml") as api:
        api.add("organizations", name="Operations")
        yield api


def post(awx: AwxApi, path: str, body: Any, token: str = TOKEN) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.post(f"{awx.url}/api/v2/{path}", json=body, headers=headers, timeout=10)


def test_a_project_is_created(awx: AwxApi) -> None:
    response = post(awx, "projects/", PROJECT)
    assert response.status_code == 201, response.text
    assert awx.named("projects")["Tidegate"]["scm_type"] == "git"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scm_uri": "https://git.example.com/x.git"}, "scm_uri"),
        ({"organization": "1"}, "organization"),
        ({"organization": 7}, "organization"),
        ({"scm_clean": "yes"}, "scm_clean"),
        ({"timeout": "5"}, "timeout"),
        ({"scm_type": "cvs"}, "scm_type"),
        ({"scm_url": ""}, "scm_url"),
        ({"name": ""}, "name"),
        ({"name": "x" * 513}, "name"),
    ],
)
def test_a_field_that_is_wrong_is_refused(awx: AwxApi, changes: Json, field: str) -> None:
    response = post(awx, "projects/", {**PROJECT, **changes})
    assert response.status_code == 400
    assert field in response.json()
    assert awx.named("projects") == {}


@pytest.mark.parametrize("field", ["name", "organization"])
def test_a_field_that_is_missing_is_refused(awx: AwxApi, field: str) -> None:
    response = post(awx, "projects/", {name: value for name, value in PROJECT.items() if name != field})
    assert (response.status_code, response.json()) == (400, {field: ["This field is required."]})


def test_a_job_template_needs_a_playbook_of_its_project(awx: AwxApi) -> None:
    post(awx, "projects/", PROJECT)
    template = {"name": "t", "project": 2, "playbook": "tidegate.failover.failback", "ask_inventory_on_launch": True}
    assert post(awx, "job_templates/", template).json() == {"playbook": ["Playbook not found for project."]}
    assert post(awx, "job_templates/", {**template, "playbook": "failback.yml"}).status_code == 201


@pytest.mark.parametrize(
    "changes",
    [{"type": "number"}, {"required": "no"}, {"min": "0"}, {"variable": None}, {"choices": []}, {"defualt": ""}],
)
def test_a_question_that_is_wrong_is_refused(awx: AwxApi, changes: Json) -> None:
    flow = awx.add("workflow_job_templates", name="w")
    survey = survey_of("drill")
    assert post(awx, f"workflow_job_templates/{flow['id']}/survey_spec/", survey).status_code == 200
    survey["spec"][0] |= changes
    assert post(awx, f"workflow_job_templates/{flow['id']}/survey_spec/", survey).status_code == 400


@pytest.mark.parametrize(
    "injectors",
    [
        {"env": {"OCI_USER_ID": "{{ usr }}"}},
        {"env": {"ANSIBLE_CONFIG": "x"}},
        {"env": {"OCI_REGION": "é"}},
        {"file": {"key": "x"}},
        {"variables": {}},
        {"env": {"KEY": "{{ tower.filename.key }}"}, "file": {"template.token": "x"}},
    ],
)
def test_an_injector_that_is_wrong_is_refused(awx: AwxApi, injectors: Json) -> None:
    inputs = {"fields": [{"id": "user", "label": "User", "type": "string"}], "required": ["user"]}
    kind = {"name": "k", "kind": "cloud", "inputs": inputs, "injectors": injectors}
    assert post(awx, "credential_types/", kind).status_code == 400


def test_all_credential_types_of_the_role_are_taken(awx: AwxApi) -> None:
    for kind in templates.credential_types({"credential_types": True, "prefix": "Tidegate"}):
        assert post(awx, "credential_types/", {**kind, "kind": "cloud"}).status_code == 201


@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY", "DTSTART:20260101T020000 RRULE:FREQ=DAILY;INTERVAL=1", "DTSTART:20260101T020000Z RRULE:FREQ=DAILY"],
)
def test_a_rule_of_a_schedule_that_is_wrong_is_refused(awx: AwxApi, rule: str) -> None:
    flow = awx.add("workflow_job_templates", name="w")
    schedule = {"name": "s", "unified_job_template": flow["id"]}
    assert post(awx, "schedules/", {**schedule, "rrule": rule}).status_code == 400
    right = "DTSTART;TZID=UTC:20260101T020000 RRULE:FREQ=DAILY;INTERVAL=1"
    assert post(awx, "schedules/", {**schedule, "rrule": right}).status_code == 201


def test_who_does_not_sign_in_gets_nothing(awx: AwxApi) -> None:
    assert post(awx, "projects/", PROJECT, token="another").status_code == 401


def test_a_workflow_goes_with_its_nodes_and_their_approvals(awx: AwxApi) -> None:
    flow = awx.add("workflow_job_templates", name="w")
    for name in ("one", "two"):
        node = awx.add("workflow_job_template_nodes", workflow_job_template=flow["id"], identifier=name)
        approval = {"name": name, "timeout": 60}
        path = f"workflow_job_template_nodes/{node['id']}/create_approval_template/"
        assert post(awx, path, approval).status_code == 201
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert requests.delete(f"{awx.url}{flow['url']}", headers=headers, timeout=10).status_code == 204
    assert {kind for kind, objects in awx.objects.items() if objects} == {"organizations"}
