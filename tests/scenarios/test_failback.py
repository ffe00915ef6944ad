# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A site gets its traffic back only when its gates have proven that it may serve; until then it stays locked out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks

from lab.process import RunningLab

LOCK = "20261121T030405Z-3f9a1c2e"
OPEN = {"name": "an hour of the day", "window": {"hours": ["00:00-24:00"]}}
SHUT = {"name": "on-call agrees", "attestation": {"by": "", "statement": "CHG-1234"}}


class Checkout:
    """The service, which was failed over: its primary site's health check is locked."""

    def __init__(self, lab: RunningLab, playbooks: Playbooks, aws_auth: Json, folder: Path) -> None:
        self.lab = lab
        self.playbooks = playbooks
        self.records = folder / "records"
        self.check = lab.info["aws"]["health_checks"]["primary"]
        self.variables: Json = {
            "failover_health_check_ids": [self.check],
            "failback_gates": [OPEN],
            "failback_steps": ["quiesce", "unlock", "verify", "notify"],
            "failback_verify_url": site_url(lab, "primary"),
            "failback_wait_timeout": 60,
            "record_dir": str(self.records),
            "aws_auth": aws_auth,
        }

    def fail_over(self, phase: str = "failed_over") -> None:
        """Leave what a failover leaves; an aborted run leaves the phase ``running``."""
        lock = {"state": "locked", "health_check_ids": [self.check], "lock_id": LOCK, "owner": "operator:alice"}
        state = {"health_check_id": self.check, "run_id": LOCK, "operation": "failover", "phase": phase}
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "module_defaults": {"group/tidegate.failover.aws": self.variables["aws_auth"]},
            "tasks": [{"tidegate.failover.r53_healthcheck_lock": lock}, {"tidegate.failover.failover_state": state}],
        }
        outcome = self.playbooks.run_file(self.playbooks.file([play]))
        assert outcome.returncode == 0, outcome.output

    def run(self, playbook: str, *arguments: str, **variables: Any) -> Outcome:
        """Run a playbook for it."""
        inventory = self.playbooks.inventory({"checkout": self.variables | variables})
        return self.playbooks.run(playbook, *arguments, inventory=inventory)

    def path(self) -> str:
        """The path of the health check: with the lock in it, as long as it is locked."""
        config: Json = self.lab.control("GET", f"/aws/health-checks/{self.check}")["HealthCheckConfig"]
        return str(config["ResourcePath"])

    def record(self) -> Json:
        """The last one that was kept."""
        last: Json = json.loads((self.records / "checkout.jsonl").read_text(encoding="utf-8").splitlines()[-1])
        return last


def site_url(lab: RunningLab, name: str) -> str:
    site = lab.info["aws"]["sites"][name]
    return f"http://{site['address']}:{site['port']}/"


@pytest.fixture
def checkout(aws_lab: RunningLab, playbooks: Playbooks, aws_auth: Json, tmp_path: Path) -> Checkout:
    """The service, failed over."""
    service = Checkout(aws_lab, playbooks, aws_auth, tmp_path)
    service.fail_over()
    return service


def test_gates_that_pass_let_the_site_serve_again(checkout: Checkout) -> None:
    outcome = checkout.run("failback")
    assert outcome.returncode == 0, outcome.output
    assert checkout.path() == "/lb-check"
    record = checkout.record()
    assert (record["operation"], record["status"]) == ("failback", "completed")
    assert [gate["name"] for gate in record["gates"]] == [OPEN["name"], "users are served"]
    again = checkout.run("failback")
    assert again.returncode == 0, again.output
    assert "there is nothing to fail back" in again.reported()["checkout"]


def test_i6_a_gate_that_does_not_pass_keeps_the_site_locked_out(checkout: Checkout) -> None:
    outcome = checkout.run("failback", failback_gates=[OPEN, SHUT])
    assert outcome.returncode != 0
    for reported in ("on-call agrees", "nobody has approved", "Ask a person to approve"):
        assert reported in outcome.failures()["checkout"]
    assert "restore=%2Flb-check" in checkout.path()
    record = checkout.record()
    assert record["status"] == "refused"
    assert {gate["name"]: gate["passed"] for gate in record["gates"]} == {OPEN["name"]: True, SHUT["name"]: False}
    # It has let go of the service, and the time of the lock is what it was.
    override = {"gates": [SHUT["name"]], "reason": "CHG-1234, nobody can be reached"}
    outcome = checkout.run("failback", failback_gates=[OPEN, SHUT], failback_override=override)
    assert outcome.returncode == 0, outcome.output
    assert checkout.path() == "/lb-check"
    record = checkout.record()
    assert record["id"].startswith(LOCK.partition("-")[0])
    assert [reported["reason"] for reported in record["overrides"]] == [override["reason"]]


def test_no_gates_are_refused_before_anything_is_touched(checkout: Checkout) -> None:
    before = len(checkout.lab.writes())
    outcome = checkout.run("failback", failback_gates=[])
    assert outcome.returncode != 0
    assert "No gates are defined" in outcome.failures()["checkout"]
    assert len(checkout.lab.writes()) == before


def test_i3_check_mode_writes_nothing_and_says_what_would_be_done(checkout: Checkout) -> None:
    before = len(checkout.lab.writes())
    outcome = checkout.run("failback", "--check", "--diff")
    assert outcome.returncode == 0, outcome.output
    assert len(checkout.lab.writes()) == before
    assert "Check mode, nothing was changed." in outcome.reported()["checkout"]
    assert "unlock: planned" in outcome.reported()["checkout"]


def test_i8_an_aborted_run_has_to_be_acknowledged_first(checkout: Checkout) -> None:
    checkout.lab.reset()
    checkout.fail_over(phase="running")
    outcome = checkout.run("failback")
    assert outcome.returncode != 0
    assert f"A failover of this service is in progress, or was aborted: run {LOCK} of operator:alice" in outcome.output
    looked = checkout.run("acknowledge", acknowledge_reason="CHG-1234, it was killed")
    assert looked.returncode == 0, looked.output
    assert checkout.record()["operation"] == "acknowledge"
    outcome = checkout.run("failback")
    assert outcome.returncode == 0, outcome.output
    assert checkout.path() == "/lb-check"


def test_i8_a_failback_that_ended_after_its_unlock_waits_for_the_site_when_it_is_run_again(checkout: Checkout) -> None:
    checkout.lab.control("PUT", "/aws/sites/primary", {"running": False})
    steps = {"failback_steps": ["unlock", "wait", "notify"], "failback_verify_url": "", "failback_wait_timeout": 3}
    assert "before the checkers saw it healthy" in checkout.run("failback", **steps).failures()["checkout"]
    assert checkout.path() == "/lb-check"
    again = checkout.run("failback", **steps)
    assert "before the checkers saw it healthy" in again.failures()["checkout"]
    checkout.lab.control("PUT", "/aws/sites/primary", {"running": True})
    finished = checkout.run("failback", **steps | {"failback_wait_timeout": 60})
    assert finished.returncode == 0, finished.output
    assert [step["name"] for step in checkout.record()["steps"] if step["status"] == "done"] == ["wait"]


def test_i11_what_was_done_before_the_point_of_no_return_is_undone(checkout: Checkout, tmp_path: Path) -> None:
    files = {name: tmp_path / f"{name}.yml" for name in ("stop", "start", "break")}
    mark = tmp_path / "writes"
    mark.write_text("on", encoding="utf-8")
    for name, text in (("stop", "off"), ("start", "on")):
        copy = {"dest": str(mark), "content": text, "mode": "0600"}
        task = {"ansible.builtin.copy": copy, "delegate_to": "localhost"}
        files[name].write_text(json.dumps([task]), encoding="utf-8")
    files["break"].write_text(json.dumps([{"ansible.builtin.fail": {"msg": "no way"}}]), encoding="utf-8")
    outcome = checkout.run(
        "failback",
        failback_steps=["quiesce", {"name": "warm up", "tasks": str(files["break"])}, "unlock"],
        failback_quiesce_tasks=str(files["stop"]),
        failback_quiesce_undo_tasks=str(files["start"]),
    )
    assert outcome.returncode != 0
    assert "warm up: no way" in outcome.failures()["checkout"]
    record = checkout.record()
    assert record["status"] == "undone"
    assert {step["name"]: step["status"] for step in record["steps"]}["quiesce"] == "undone"
    assert mark.read_text(encoding="utf-8") == "on"
    assert "restore=%2Flb-check" in checkout.path()


def test_an_acknowledgement_needs_a_reason(checkout: Checkout) -> None:
    before = len(checkout.lab.writes())
    outcome = checkout.run("acknowledge")
    assert outcome.returncode != 0
    assert "A reason is needed" in outcome.failures()["checkout"]
    assert len(checkout.lab.writes()) == before


def test_automation_is_suppressed_and_let_run_again(checkout: Checkout) -> None:
    for seconds, reported in ((7200, True), (0, False)):
        outcome = checkout.run("acknowledge", acknowledge_reason="planned work", acknowledge_suppress=seconds)
        assert outcome.returncode == 0, outcome.output
        tags = checkout.lab.control("GET", f"/aws/health-checks/{checkout.check}")["Tags"]
        assert ("suppressed-until=" in json.dumps(tags)) is reported


def test_gates_that_are_tasks_pass_if_they_run_through_and_a_site_that_stumbles_is_locked_again(
    checkout: Checkout, tmp_path: Path
) -> None:
    smoke = tmp_path / "smoke.yml"
    smoke.write_text("[]", encoding="utf-8")
    variables: Json = {
        "failback_gates": [{"name": "smoke test", "tasks": {"file": str(smoke)}}],
        "failback_steps": ["unlock", "soak"],
        "failback_verify_url": "http://127.0.0.1:9/",
        "failback_soak": 1,
        "failback_soak_interval": 1,
        "failback_soak_action": "relock",
        "failover_secondary_url": site_url(checkout.lab, "backup"),
        "failover_steps": ["lock"],
    }
    empty = checkout.run("failback", **variables)
    assert empty.returncode != 0
    assert "holds no tasks" in empty.failures()["checkout"]
    smoke.write_text(json.dumps([{"ansible.builtin.assert": {"that": "smoke_is_well"}}]), encoding="utf-8")
    refused = checkout.run("failback", **variables, smoke_is_well=False)
    assert refused.returncode != 0
    assert "'smoke test' failed" in refused.failures()["checkout"]
    outcome = checkout.run("failback", **variables, smoke_is_well=True)
    assert outcome.returncode == 0, outcome.output
    record = checkout.record()
    assert (record["operation"], record["status"]) == ("failover", "completed")
    assert "did not go on serving" in record["reason"]
    assert "restore=%2Flb-check" in checkout.path()


def test_the_claim_is_not_released_where_another_lock_could_not_be(checkout: Checkout, tmp_path: Path) -> None:
    other = checkout.lab.info["aws"]["health_checks"]["backup"]
    auth = checkout.variables["aws_auth"]
    lock = {"state": "locked", "health_check_ids": [other], "lock_id": LOCK, **auth}
    taken_over = {**lock, "lock_id": "20261121T040000Z-00000001", "replaces": LOCK}
    outcome = checkout.playbooks.run_file(
        checkout.playbooks.file(
            [{"hosts": "localhost", "gather_facts": False, "tasks": [{"tidegate.failover.r53_healthcheck_lock": lock}]}]
        )
    )
    assert outcome.returncode == 0, outcome.output
    meanwhile = tmp_path / "meanwhile.yml"
    task = {"tidegate.failover.r53_healthcheck_lock": taken_over, "delegate_to": "localhost"}
    meanwhile.write_text(json.dumps([task]), encoding="utf-8")
    checkout.variables["failover_health_check_ids"] = [checkout.check, other]
    outcome = checkout.run("failback", failback_quiesce_tasks=str(meanwhile))
    assert outcome.returncode != 0
    assert "A newer lock is never released by the id of an older one" in outcome.failures()["checkout"]
    # Otherwise the next failback would find the service open, and leave the other lock for ever.
    assert "restore=%2Flb-check" in checkout.path()
