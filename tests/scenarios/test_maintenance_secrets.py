# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Invariant 12: whatever goes well or wrong, no secret is printed, however verbose the run is."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from cryptography.hazmat.primitives import serialization

from lab.process import RunningLab

CANARY = "canary-8f1d"


@pytest.fixture(scope="module")
def locked_key(scenario_lab: RunningLab, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The lab's API key, behind a pass phrase."""
    folder = Path(scenario_lab.info["oci"]["config_file"]).parent
    key = serialization.load_pem_private_key((folder / "api_key.pem").read_bytes(), password=None)
    path = tmp_path_factory.mktemp("locked") / "key.pem"
    lock = serialization.BestAvailableEncryption(CANARY.encode())
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock))
    return str(path)


@pytest.mark.parametrize(
    ("auth", "succeeds"),
    [
        ({"api_user_key_pass_phrase": CANARY}, True),
        ({"api_user_key_pass_phrase": f"not-the-{CANARY}"}, False),
        ({"api_user_key_passphrase": CANARY}, False),
        ({"api_user_key_pass_phrase": CANARY, "service_endpoint": "http://127.0.0.1:9"}, False),
        ({"api_user_key_pass_phrase": [CANARY]}, False),
    ],
    ids=["right", "wrong", "misspelled option", "unreachable", "wrong type"],
)
def test_i12_a_pass_phrase_is_never_printed(
    lab: RunningLab,
    playbooks: Playbooks,
    checkout: Json,
    oci_auth: Json,
    locked_key: str,
    auth: Json,
    succeeds: bool,
) -> None:
    service = checkout | {"oci_auth": oci_auth | {"api_user_key_file": locked_key} | auth}
    inventory = playbooks.inventory({"checkout": service | {"maintenance_wait_timeout": 5}})
    outcome = playbooks.run("enter_maintenance", "-vvv", "--check", "--diff", inventory=inventory)
    assert (outcome.returncode == 0) == succeeds, outcome.output.replace(CANARY, "<the pass phrase>")
    assert CANARY not in outcome.output
