# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The role awx_setup, by the real modules of awx.awx, on an API that refuses what AWX would not understand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.filter.awx_setup import awx_project_files
from ansible_collections.tidegate.failover.tests.scenarios.awx_api import TOKEN, AwxApi, running_awx_api
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks


@pytest.fixture
def awx() -> Iterator[AwxApi]:
    files = [file["path"] for file in awx_project_files([]) if "/" not in file["path"]]
    with running_awx_api(*files) as api:
        yield api


class SetUp:
    """Runs the playbook."""

    def __init__(self, playbooks: Playbooks, awx: AwxApi) -> None:
        self._playbooks = playbooks
        self.variables: Json = {
            "awx_auth": {"controller_host": awx.url, "controller_oauthtoken": TOKEN},
            "awx_setup_organization": "Operations",
            "awx_setup_project_url": "https://git.example.com/tidegate.git",
            "awx_setup_execution_environment": "Tidegate",
            "awx_setup_execution_environment_image": "registry.example.com/tidegate-ee:0.2.0",
            # Each object takes a module seconds.
            "awx_setup_playbooks": ["failback"],
            "awx_setup_credential_types": False,
        }

    def __call__(self, *arguments: str, **more: Any) -> Outcome:
        return self._playbooks.run("awx_setup", *arguments, extra={**self.variables, **more})

    def succeeds(self, *arguments: str, **more: Any) -> str:
        outcome = self(*arguments, **more)
        assert outcome.returncode == 0, outcome.output
        return outcome.output


@pytest.fixture
def set_up(playbooks: Playbooks, awx: AwxApi) -> SetUp:
    return SetUp(playbooks, awx)


def test_from_nothing_to_everything_and_back(awx: AwxApi, set_up: SetUp) -> None:
    assert "Would create: job template Tidegate failback" in set_up.succeeds("--check")
    assert awx.writes == []
    set_up.succeeds()
    templates = awx.named("job_templates")
    assert templates.keys() == {"Tidegate failback", "Tidegate failback gates", "Tidegate status"}
    assert templates["Tidegate failback"]["playbook"] == "failback.yml"
    assert awx.named("schedules").keys() == {"Tidegate status"}

    awx.writes.clear()
    assert "changed=0" in set_up.succeeds()
    assert awx.writes == []

    set_up.succeeds("--check", awx_setup_state="absent")
    assert awx.writes == []
    set_up.succeeds(awx_setup_state="absent")
    # People may have filled the inventory.
    assert {kind for kind, objects in awx.objects.items() if objects} == {"organizations", "inventories"}
    awx.writes.clear()
    assert "changed=0" in set_up.succeeds(awx_setup_state="absent")
    assert awx.writes == []
