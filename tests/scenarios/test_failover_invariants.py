# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The invariants of a failover, on a shop with two sites."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import (
    DOES_NOTHING,
    FAILS,
    World,
    eventually,
)
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks

from lab.process import RunningLab

_KILLER = """
import os

pid, top = os.getppid(), None
while pid > 1:
    with open(f"/proc/{pid}/cmdline", "rb") as command, open(f"/proc/{pid}/stat") as stat:
        top = pid if b"ansible\\0playbook\\0" in command.read() else top
        pid = int(stat.read().rpartition(")")[2].split()[1])
os.kill(top, 9)
"""
#: Kills the topmost of the processes that run the playbook, as if the machine had failed.
KILLS_THE_RUN = {"name": "Die", "ansible.builtin.command": {"argv": ["python3", "-c", _KILLER]}}


def test_i3_check_mode_reports_what_a_run_then_does_and_a_second_run_writes_nothing(world: World) -> None:
    predicted = world.run("failover", "--check")
    assert predicted.returncode == 0, predicted.output
    assert "Check mode, nothing was changed." in predicted.reported()["checkout"]
    assert "lock: planned" in predicted.reported()["checkout"]
    assert world.lab.writes() == []

    done = world.run("failover", failover_reason="data center down")
    assert done.returncode == 0, done.output
    assert world.steps() == {"lock": "done", "wait": "done"}
    assert world.leads_to("backup")
    assert world.state()["phase"] == "failed_over"

    mark = world.latest()
    again = world.run("failover")
    assert again.returncode == 0, again.output
    assert "Already failed over" in again.reported()["checkout"]
    assert world.lab.writes(since=mark) == []


def put_behind(lab: RunningLab, load_balancer: Json, site: Json) -> None:
    """Let the load balancer lead to a site. Unlike the lab's own backends, a site does not answer every path."""
    path = f"/oci/loadBalancers/{load_balancer['id']}"
    document = lab.control("GET", path)["document"]
    backends = document["backendSets"][load_balancer["backend_set"]]
    place = {"ipAddress": site["address"], "port": site["port"], "name": f"{site['address']}:{site['port']}"}
    backends["backends"] = [backends["backends"][0] | place]
    backends["healthChecker"]["urlPath"] = "/lb-check"
    lab.control("PUT", path, document)


@pytest.mark.usefixtures("plain_http")
def test_i5_the_page_on_the_failing_site_never_releases_its_lock(
    world: World, lab: RunningLab, checkout: Json, load_balancer: Json, route53: Any
) -> None:
    """The load balancer answers the pinned path with 404 before the page is up, and with a redirect afterwards."""
    put_behind(lab, load_balancer, world.lab.info["aws"]["sites"]["primary"])
    url = load_balancer["listeners"]["http"]["url"]
    eventually(lambda: requests.get(f"{url}lb-check", timeout=5).ok and not requests.get(f"{url}x", timeout=5).ok)
    port = urlsplit(url).port
    route53.update_health_check(HealthCheckId=world.check, IPAddress="127.0.0.1", Port=port)
    world.services["checkout"] |= {
        **checkout,
        "failover_health_check_ids": [world.check],
        "failover_lock_method": "path",
    }
    outcome = world.run("failover")
    assert outcome.returncode == 0, outcome.output
    assert world.steps() == {"lock": "done", "maintenance": "done", "wait": "done"}
    assert "the endpoint answers the pinned path with 404" in world.record()["steps"][0]["msg"]
    assert requests.get(f"{url}x", timeout=5, allow_redirects=False).is_redirect
    assert (world.settings()["Disabled"], world.settings()["Inverted"]) == (True, True)
    assert world.lab.control("GET", f"/aws/health-checks/{world.check}")["Healthy"] is False
    assert world.lock_id() == world.record()["id"]


def test_i8_a_run_that_was_killed_keeps_others_out_until_a_person_acknowledges_and_is_then_finished(
    aws_lab: RunningLab, aws_auth: Json, tmp_path: Path
) -> None:
    # What is killed is found by its command line, so each run starts a Python.
    world = World(aws_lab, Playbooks(tmp_path), aws_auth, tmp_path)
    world.checkout["failover_steps"] = ["lock", "scale"]
    world.checkout["failover_scale_tasks"] = world.tasks(KILLS_THE_RUN)
    killed = world.run("failover")
    assert killed.returncode == -signal.SIGKILL
    dead = world.lock_id()
    assert dead is not None

    world.checkout["failover_scale_tasks"] = world.tasks(*DOES_NOTHING)
    refused = world.run("failover")
    assert refused.returncode != 0
    assert f"A failover of this service is in progress, or was aborted: run {dead}" in refused.failures()["checkout"]
    assert refused.failures()["checkout"].endswith(" [TG-HELD-BY-ANOTHER]")
    assert world.record()["status"] == "refused"
    assert world.lock_id() == dead

    looked = world.run("status")
    for said in (
        "got this far: lock: done, scale: begun",
        "no longer running on this host",
        "-l checkout -e acknowledge_reason",
    ):
        assert said in looked.output
    acknowledged = world.run("acknowledge", failover_reason="the first run was killed")
    assert acknowledged.returncode == 0, acknowledged.output
    finished = world.run("failover")
    assert finished.returncode == 0, finished.output
    assert world.steps() == {"lock": "done", "scale": "done"}
    assert str(world.lock_id()).partition("-")[0] == dead.partition("-")[0], "the time of the first lock counts"
    assert world.settings()["ResourcePath"].startswith("/lb-check-failed-over?restore=%2Flb-check&lock=")
    eventually(lambda: world.leads_to("backup"))


def test_i10_the_last_serving_site_is_not_locked_without_an_override_that_says_so(world: World) -> None:
    world.set_site("backup", behaviour="down")
    eventually(lambda: not world.lab.control("GET", f"/aws/health-checks/{world.backup_check}")["Healthy"])
    mark = world.latest()
    refused = world.run("failover", failover_steps=["lock"])
    assert refused.returncode != 0
    assert "The other site is not known to serve" in refused.failures()["checkout"]
    assert refused.failures()["checkout"].endswith(" [TG-LAST-SITE]")
    assert world.lab.writes(since=mark) == []
    override = {"checks": ["last serving site"], "reason": "the primary corrupts data"}
    forced = world.run("failover", failover_override=override, failover_steps=["lock"])
    assert forced.returncode == 0, forced.output
    (kept,) = world.record()["overrides"]
    assert (kept["names"], kept["reason"]) == (["last serving site"], "the primary corrupts data")


def test_i11_what_was_done_before_the_point_of_no_return_is_undone_in_reverse_even_if_one_undo_fails(
    world: World,
) -> None:
    world.checkout["failover_steps"] = [
        "lock",
        {"name": "drain", "tasks": world.tasks(*DOES_NOTHING), "undo_tasks": world.tasks(*FAILS)},
        {"name": "resize", "tasks": world.tasks(*DOES_NOTHING), "undo_tasks": world.tasks(*DOES_NOTHING)},
        {"name": "warm", "tasks": world.tasks(*FAILS)},
        "fences",
        {"name": "promote it", "tasks": world.tasks(*FAILS), "point_of_no_return": True},
    ]
    world.checkout["failover_fence_override"] = {"reason": "nothing is promoted really"}
    outcome = world.run("failover")
    assert outcome.returncode != 0
    assert "warm: it broke. NOT UNDONE: drain." in outcome.failures()["checkout"]
    assert world.record()["status"] == "failed"
    assert world.steps() == {"lock": "undone", "drain": "undo failed", "resize": "undone", "warm": "failed"}
    undone = [step["undo"]["began"] for step in world.record()["steps"] if step["undo"]]
    assert undone == sorted(undone, reverse=True)
    assert world.settings()["ResourcePath"] == "/lb-check"
    assert world.state()["phase"] == "undone"


def test_i11_after_the_point_of_no_return_nothing_is_undone_and_the_next_run_goes_on(world: World) -> None:
    world.services["checkout"] |= {
        "failover_fences": [{"name": "scaled to zero", "command": {"argv": ["true"], "timeout": 5}}],
        "failover_promote_tasks": world.tasks(*DOES_NOTHING),
        "failover_scale_tasks": world.tasks(*FAILS),
        "failover_scale_undo_tasks": world.tasks(*FAILS),
    }
    outcome = world.run("failover")
    assert outcome.returncode != 0
    assert "so nothing was undone" in outcome.failures()["checkout"]
    assert world.steps() == {"lock": "done", "fences": "done", "promote": "done", "scale": "failed"}
    assert world.record()["point_of_no_return_at"] is not None
    assert world.lock_id() == world.record()["id"]
    assert world.state()["phase"] == "interrupted"

    refused = world.run("failover", failover_trigger="automatic")
    assert refused.returncode != 0
    assert "did not succeed" in refused.failures()["checkout"]


def test_i11_a_run_that_lost_its_claim_neither_promotes_nor_undoes(world: World) -> None:
    take_over = {
        "state": "locked",
        "health_check_ids": [world.check],
        "replaces": "{{ procedure_run_id }}",
        "lock_id": "20261121T030405Z-3f9a1c2e",
        "owner": "operator:bob",
    }
    world.checkout["failover_steps"] = [
        "lock",
        "fences",
        {"name": "meanwhile", "tasks": world.tasks({"tidegate.failover.r53_healthcheck_lock": take_over})}
        | {"undo_tasks": world.tasks(*FAILS)},
        {"name": "promote it", "tasks": world.tasks(*FAILS), "point_of_no_return": True},
    ]
    world.checkout["failover_fence_override"] = {"reason": "nothing is promoted really"}
    outcome = world.run("failover")
    assert outcome.returncode != 0
    assert "no longer holds the service: run 20261121T030405Z-3f9a1c2e" in outcome.failures()["checkout"]
    assert "Nothing was undone" in outcome.failures()["checkout"]
    assert world.steps() == {"lock": "done", "fences": "done", "meanwhile": "done", "promote it": "failed"}
    assert world.record()["point_of_no_return_at"] is None
    assert world.lock_id() == "20261121T030405Z-3f9a1c2e"


def test_i12_no_secret_is_printed_or_kept_however_much_is_reported(world: World) -> None:
    secret = "hunter2-of-a-webhook"
    world.checkout["failover_steps"] = ["lock", "fences", "notify"]
    world.checkout["notify_to"] = [{"name": "chat", "webhook": {"url": f"http://127.0.0.1:9/{secret}"}}]
    world.checkout["failover_fences"] = [
        {"name": "page", "http": {"url": "http://127.0.0.1:9/", "headers": {"Authorization": secret}, "timeout": 1}}
    ]
    override = {"fences": ["page"], "reason": "nothing is promoted"}
    outcome = world.run("failover", "-vvv", failover_fence_override=override)
    assert outcome.returncode == 0, outcome.output
    assert world.record()["notifications"][0]["status"] == "failed"
    assert secret not in json.dumps(world.record())
    # A step's variables are the user's own; Ansible shows only what tasks and modules print of them.
    assert secret not in outcome.output
