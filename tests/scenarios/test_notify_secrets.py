# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Invariant 12: addresses and credentials of notifications are neither shown nor kept by what observes a run."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._record.record import procedure_record
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks

RECORD = procedure_record(
    {
        "id": "20261121T030405Z-3f9a1c2e",
        "service": "checkout",
        "operation": "failover",
        "status": "completed",
        "began": "2026-11-21T03:03:10Z",
        "ended": "2026-11-21T03:05:10Z",
    },
    [],
)
#: In every secret, so that it is found in whatever shows one.
CANARY = "canary-6a20"
#: Nobody listens at this port.
NOBODY = "http://127.0.0.1:9"
HOOK: Json = {"url": f"{NOBODY}/services/{CANARY}", "headers": {"Authorization": f"Bearer {CANARY}"}}
TOPIC = "arn:aws:sns:us-east-1:123456789012:on-call"
SERVICE: Json = {
    "ansible_connection": "local",
    "notify_record": RECORD,
    "notify_timeout": 1,
    "notify_retries": 1,
    "notify_delay": 0,
    "vault_token": CANARY,
    "notify_to": [
        {"name": "chat", "webhook": HOOK | {"form": "slack"}},
        {"name": "audit", "webhook": HOOK | {"headers": {"Authorization": "Bearer {{ vault_token }}"}}},
        {"name": "on-call", "sns": {"topic_arn": TOPIC}},
        {"name": "operations", "oci": {"topic_id": "ocid1.onstopic.oc1.iad.aaaaexample"}},
    ],
    "notify_aws_auth": {
        "access_key": f"AKIA{CANARY}",
        "secret_key": CANARY,
        "session_token": CANARY,
        "region": "us-east-1",
        "endpoint_url": f"http://user:{CANARY}@127.0.0.1:9",
    },
    "notify_oci_auth": {
        "api_user": "ocid1.user.oc1..aaaaexample",
        "tenancy": "ocid1.tenancy.oc1..aaaaexample",
        "region": "us-ashburn-1",
        "api_user_fingerprint": CANARY,
        "api_user_key_file": "/nonexistent/key.pem",
        "api_user_key_pass_phrase": CANARY,
        "service_endpoint": f"http://user:{CANARY}@127.0.0.1:9",
    },
}
#: Each in a place where it does not belong.
SLIPS: list[object] = [
    f"{NOBODY}/?token={CANARY}",
    {"name": "chat", "webhook": f"{NOBODY}/?token={CANARY}"},
    {"name": "chat", "webhook": HOOK | {"form": CANARY}},
    {"name": "chat", "webhook": HOOK | {"headers": f"Authorization={CANARY}"}},
    {"name": "chat", "webhook": HOOK | {f"{NOBODY}/{CANARY}": ""}},
    {"name": "chat", "webhook": {"url": CANARY}},
    {"name": "chat", "webhook": HOOK | {"headers": {"X-Key": "{{ nobody_knows }}", "Authorization": CANARY}}},
    {"name": "chat", "webhook": {"url": f"{{{{ '{CANARY}' | from_json }}}}"}},
]
ROLE = {"ansible.builtin.include_role": {"name": "tidegate.failover.notify"}}
SHOW = {"ansible.builtin.debug": {"var": "notify_sent"}}
#: A list of receivers that Ansible has not evaluated, as in the procedures.
UNCHECKED = {"ansible.builtin.include_role": {"name": "tidegate.failover.notify", "rolespec_validate": False}}


def play(*tasks: Json) -> list[Json]:
    """A play of these tasks for the service."""
    return [{"hosts": "services", "gather_facts": False, "tasks": list(tasks)}]


CALLBACKS = Path(__file__).parent / "callbacks"
WATCHED = {
    "as people see it": {},
    "json": {"ANSIBLE_STDOUT_CALLBACK": "everything", "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS)},
    "yaml": {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"},
}


def left_behind(folder: Path) -> str:
    """All that is in the files below a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return "\n".join(f"{path}\n{path.read_text(encoding='utf-8', errors='replace')}" for path in files)


def watched(playbooks: Playbooks, folder: Path, service: Json, tasks: list[Json], **environment: str) -> Outcome:
    """Notify people, with everything that a run writes below one folder."""
    temporary = folder / "temporary"
    temporary.mkdir()
    # The path of a socket of ansible-core is in it, and such a path has 107 characters at most.
    short = Path(mkdtemp(prefix="t")) / "t"
    short.symlink_to(temporary)
    own = {
        "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit",
        "ANSIBLE_LOCAL_TEMP": str(short / "local"),
        "ANSIBLE_LOG_PATH": str(folder / "log"),
        "ANSIBLE_REMOTE_TEMP": str(temporary / "remote"),
        "JUNIT_OUTPUT_DIR": str(folder / "junit"),
        "TMPDIR": str(short),
    }
    inventory = playbooks.inventory({"checkout": service})
    try:
        return playbooks.run_file(playbooks.file(play(*tasks)), "-i", inventory, "-vvvv", environment=own | environment)
    finally:
        rmtree(short.parent)


@pytest.mark.parametrize("environment", WATCHED.values(), ids=WATCHED)
def test_i12_no_callback_shows_how_people_are_notified(
    playbooks: Playbooks, tmp_path: Path, environment: dict[str, str]
) -> None:
    outcome = watched(playbooks, tmp_path, SERVICE, [ROLE, SHOW], **environment)
    assert outcome.returncode == 0, outcome.output.replace(CANARY, "<a secret>")
    assert list((tmp_path / "junit").iterdir()) != []
    for name in ("chat", "audit", "on-call", "operations"):
        assert f"{name} was not notified" in outcome.output
    assert CANARY not in outcome.output + left_behind(tmp_path)


@pytest.mark.parametrize("slip", SLIPS, ids=range(len(SLIPS)))
def test_i12_a_slip_shows_no_secret(playbooks: Playbooks, tmp_path: Path, slip: object) -> None:
    both = [{"block": [ROLE], "rescue": [UNCHECKED]}]
    outcome = watched(playbooks, tmp_path, SERVICE | {"notify_to": [slip]}, both)
    assert outcome.returncode != 0
    assert "Entry 1 of notify_to" in outcome.output
    assert CANARY not in outcome.output + left_behind(tmp_path)


@pytest.mark.parametrize("here", [True, False], ids=["direct", "started"])
def test_i12_what_awx_keeps_of_a_run_holds_no_secret(playbooks: Playbooks, tmp_path: Path, here: bool) -> None:
    inventory = playbooks.inventory({"checkout": SERVICE | {"tidegate_direct_execution": here}})
    words = [
        "run",
        str(tmp_path),
        "--playbook",
        playbooks.file(play(ROLE, SHOW)),
        "--inventory",
        inventory,
        "--ident",
        "run",
    ]
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    settings = {"PATH": programs, "TMPDIR": str(tmp_path), "ANSIBLE_REMOTE_TEMP": str(tmp_path / "remote")}
    outcome = playbooks.run_command(["ansible_runner", *words, "--cmdline=-vvvv"], settings)
    assert outcome.returncode == 0, outcome.output.replace(CANARY, "<a secret>")
    events = [json.loads(path.read_text()) for path in (tmp_path / "artifacts" / "run" / "job_events").glob("*.json")]
    assert "runner_on_ok" in [event["event"] for event in events]
    assert CANARY not in outcome.output + left_behind(tmp_path)
