# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The OCI CLI, set up by sourcing the lab's ``env.sh`` as a person would."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import (
    LoadBalancerApi,
)

from lab.process import RunningLab

#: Runs a command line.
Shell: TypeAlias = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture
def shell(lab: RunningLab) -> Shell:
    """Run a command line in a shell that has sourced ``env.sh``."""
    cli = Path(sys.executable).parent

    def run(command: str) -> subprocess.CompletedProcess[str]:
        script = f". '{lab.directory}/env.sh' && PATH='{cli}':$PATH && {command}"
        return subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, timeout=60, check=False)

    return run


def test_the_cli_reads_a_load_balancer(shell: Shell, balancer_id: str) -> None:
    outcome = shell('oci lb load-balancer get --load-balancer-id "$LAB_LOAD_BALANCER_ID"')
    assert outcome.returncode == 0, outcome.stderr
    assert json.loads(outcome.stdout)["data"]["id"] == balancer_id


def test_the_cli_changes_a_listener_and_waits_for_it(shell: Shell, api: LoadBalancerApi) -> None:
    port = api.listener()["port"]
    outcome = shell(
        'oci lb listener update --load-balancer-id "$LAB_LOAD_BALANCER_ID" --listener-name http --force '
        f"--default-backend-set-name app --port {port} --protocol HTTP "
        "--rule-set-names '[\"maintenance-page\"]' --wait-for-state SUCCEEDED --wait-interval-seconds 1"
    )
    assert outcome.returncode == 0, outcome.stderr
    assert api.listener()["ruleSetNames"] == ["maintenance-page"]


def test_the_cli_lists_alarms_topics_and_gateways(shell: Shell) -> None:
    outcome = shell(
        'oci monitoring alarm list --compartment-id "$LAB_COMPARTMENT_ID" && '
        'oci ons topic list --compartment-id "$LAB_COMPARTMENT_ID" && '
        'oci api-gateway gateway list --compartment-id "$LAB_COMPARTMENT_ID"'
    )
    assert outcome.returncode == 0, outcome.stderr
    for name in ("checkout-backends", '"name": "alarms"', '"display-name": "pages"'):
        assert name in outcome.stdout
