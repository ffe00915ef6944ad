# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What a person sees: the README of the role has what a failover with all eight steps prints, as it is."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import DOES_NOTHING, World
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

from lab.process import CLONE, RunningLab

#: What differs from run to run, and from a lab to the documentation's reserved names.
_DIFFERS = (
    (r"\d{8}T\d{6}Z-[0-9a-f]{8}", "RUN"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "CHECK"),
    (r"https?://[^\s,]+", "ADDRESS"),
    (r"(?<= )/\S+/", "/"),
    (r"-i \S+", "-i INVENTORY"),
    (r"\d+(\.\d+)? (s|min)\b( \d+ s\b)?", "TIME"),
)


class _TakesPosts(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads a log."""


@pytest.fixture
def chat() -> Iterator[str]:
    """The address of a notification target."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _TakesPosts)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def all_steps(world: World, lab: RunningLab, checkout: Json, chat: str, plain_http: None, tmp_path: Path) -> World:
    """The shop with something for each step to do; its primary site is down."""
    world.checkout.update(checkout)
    world.checkout.update(
        failover_fences=[{"name": "nothing writes", "command": {"argv": ["/bin/true"], "timeout": 20}}],
        failover_promote_tasks=world.tasks(*DOES_NOTHING),
        failover_scale_tasks=world.tasks(*DOES_NOTHING),
        failover_verify_url=world.checkout["failover_secondary_url"],
        failover_owner="operator:alice",
        failover_rto=300,
        failover_rpo=60,
        notify_to=[{"name": "chat", "webhook": {"url": chat, "form": "json"}}],
        report_dir=str(tmp_path / "reports"),
    )
    world.set_site("primary", up=False)
    return world


def printed(text: str) -> list[str]:
    """What the collection prints of itself, without how long it waited for what."""
    lines = re.findall(r"^\[checkout\] .*$|^    (?!\")\S.*$|^ {20}\S.*$", text, re.MULTILINE)
    for pattern, same in _DIFFERS:
        lines = [re.sub(pattern, same, line) for line in lines]
    return lines


def test_the_readme_shows_what_a_failover_with_all_steps_prints(all_steps: World) -> None:
    outcome = all_steps.run("failover")
    assert outcome.returncode == 0, outcome.output
    readme = (CLONE / "roles" / "failover" / "README.md").read_text(encoding="utf-8")
    shown = readme.partition("## What it prints")[2].partition("```text\n")[2].partition("```")[0]
    assert printed(shown) == printed(outcome.output), outcome.output
    # Nothing but what Ansible itself says comes after the summary.
    after = outcome.output.partition("] SUMMARY: ")[2].partition("\nok: [checkout]\n")[2]
    assert after.lstrip().startswith("PLAY RECAP")


def test_a_refusal_has_one_reason_a_line_and_no_summary(world: World) -> None:
    world.checkout.update(failover_promote_tasks=world.tasks(*DOES_NOTHING), failover_type="planned")
    world.checkout["failover_gates"] = [{"name": "a", "tcp": {"host": "db.example.com", "prot": 1}}]
    outcome = world.run("failover")
    reasons = outcome.failures()["checkout"].split("\n")
    assert len(reasons) > 1
    assert [reason.endswith("[TG-VARIABLES]") for reason in reasons] == [False] * (len(reasons) - 1) + [True]
    assert "SUMMARY" not in outcome.output
