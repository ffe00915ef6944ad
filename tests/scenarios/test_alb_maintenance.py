# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Services behind an Application Load Balancer of AWS: the same playbooks, and what users get meanwhile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_filter.alarm import main
from ansible_collections.tidegate.failover.tests.scenarios.alb_run import TESTER, LoadBalancer, Users
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import World
from ansible_collections.tidegate.failover.tests.scenarios.maintenance_clients import README
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import ALARM_ID, oci

from lab.process import RunningLab

((HEADER, SECRET),) = TESTER.items()
PAGE: Json = {"exempt_paths": ["/hooks/*"], "tester_header": HEADER, "tester_secret": SECRET, "json_paths": ["/api/*"]}


@pytest.fixture
def balancer(aws_lab: RunningLab) -> LoadBalancer:
    return LoadBalancer(aws_lab)


@pytest.fixture
def shop(balancer: LoadBalancer, aws_auth: Json) -> Json:
    """Variables of the service ``shop``."""
    return {"aws_auth": aws_auth, "maintenance_fronts": [{"alb": {**balancer.front, **PAGE}}]}


def test_users_get_the_page_exempt_paths_the_application_and_all_comes_back(
    balancer: LoadBalancer, playbooks: Playbooks, shop: Json
) -> None:
    inventory, before = playbooks.inventory({"shop": shop}), balancer.settings()
    with Users(balancer) as users:
        users.wait_for("/cart", "primary")
        entered = playbooks.run("enter_maintenance", inventory=inventory)
        assert entered.returncode == 0, entered.output
        users.wait_for("/cart", "page")
        assert "MAINTENANCE ON, held by operator" in playbooks.run("status", inventory=inventory).output
        ended = playbooks.run("exit_maintenance", inventory=inventory)
        assert ended.returncode == 0, ended.output
        users.wait_for("/cart", "primary")
    assert {path: set(answers) for path, answers in users.answers.items()} == {
        "/cart": {"primary", "page"},
        "/api/orders": {"backup", "page"},
        "/hooks/pay": {"primary"},
    }
    assert balancer.settings() == before


def table() -> dict[str, dict[str, str]]:
    """What the README promises: by client, for the page and for a redirect."""
    text = README.read_text(encoding="utf-8").split("## Application Load Balancers of AWS")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in re.findall(r"^\|.*\|$", text, re.MULTILINE)]
    _header, _rule, *found = rows
    return {row[0]: dict(zip(("page", "redirect"), row[1:], strict=True)) for row in found}


@pytest.mark.parametrize(
    ("strategy", "page"),
    [("page", PAGE), ("redirect", {**PAGE, "json_paths": None, "redirect_url": "https://status.example.com/"})],
)
def test_each_client_gets_what_the_table_says(
    balancer: LoadBalancer, playbooks: Playbooks, aws_auth: Json, strategy: str, page: Json
) -> None:
    given = {name: value for name, value in page.items() if value is not None}
    extra = {"fronts": [{"alb": {**balancer.front, **given}}], "aws_auth": aws_auth}
    entered = playbooks.run("enter_maintenance", extra=extra)
    assert entered.returncode == 0, entered.output
    found = {name: ask() for name, ask in balancer.clients().items()}
    assert found == {name: row[strategy] for name, row in table().items()}


def test_preflight_tries_the_page_and_writes_nothing(balancer: LoadBalancer, playbooks: Playbooks, shop: Json) -> None:
    found = playbooks.run("preflight", inventory=playbooks.inventory({"shop": shop}))
    assert "READY for maintenance." in found.output, found.output
    assert not balancer.lab.writes()
    wrong = {**shop["maintenance_fronts"][0]["alb"], "ports": [443]}
    refused = playbooks.run(
        "preflight", inventory=playbooks.inventory({"shop": shop | {"maintenance_fronts": [{"alb": wrong}]}})
    )
    assert "Showing the page would fail." in refused.output
    assert "no listener 443" in refused.output


@pytest.mark.parametrize("name", ["enter_maintenance", "status", "preflight", "exit_maintenance"])
def test_i12_the_secret_of_testers_is_never_printed(
    balancer: LoadBalancer, playbooks: Playbooks, shop: Json, name: str
) -> None:
    inventory = playbooks.inventory({"shop": shop})
    playbooks.run("enter_maintenance", inventory=inventory)
    assert balancer.gets(headers=TESTER) == "primary"
    outcome = playbooks.run(name, "-vvv", "--diff", inventory=inventory)
    assert outcome.returncode == 0, outcome.output.replace(SECRET, "<the secret>")
    assert SECRET not in outcome.output


def follow(balancer: LoadBalancer, playbooks: Playbooks, auth: Json, state: str) -> Outcome:
    """Run the playbook for a message, by a map that names the load balancer."""
    event = main({"payload": oci(state, dimensions=[], body=None)})
    assert isinstance(event, dict)
    extra = {"alarm": event["alarm"], "alarms": {ALARM_ID: {"targets": [{"alb": balancer.front}]}}, "aws_auth": auth}
    return playbooks.run("maintenance_by_alarm", extra=extra)


def test_i9_an_alarm_is_followed_only_where_the_health_of_targets_confirms_it(
    balancer: LoadBalancer, playbooks: Playbooks, aws_auth: Json
) -> None:
    before = balancer.settings()
    outcome = follow(balancer, playbooks, aws_auth, "OK_TO_FIRING")
    assert (outcome.returncode, balancer.settings()) == (0, before), outcome.output
    for site in ("primary", "backup"):
        balancer.lab.control("PUT", f"/aws/sites/{site}", {"behaviour": "down"})
    outcome = follow(balancer, playbooks, aws_auth, "OK_TO_FIRING")
    assert (outcome.returncode, balancer.gets()) == (0, "page"), outcome.output
    assert follow(balancer, playbooks, aws_auth, "FIRING_TO_OK").returncode == 0
    assert balancer.gets() == "page"
    balancer.lab.control("PUT", "/aws/sites/primary", {"behaviour": "catch_all"})
    outcome = follow(balancer, playbooks, aws_auth, "FIRING_TO_OK")
    assert (outcome.returncode, balancer.settings()) == (0, before), outcome.output


def test_a_failover_puts_the_page_up_and_the_failback_takes_it_away(
    aws_lab: RunningLab, balancer: LoadBalancer, playbooks: Playbooks, aws_auth: Json, tmp_path: Path
) -> None:
    before = balancer.settings()
    world = World(aws_lab, playbooks, aws_auth, tmp_path)
    world.checkout.update(
        maintenance_fronts=[{"alb": balancer.front}],
        failback_gates=[{"name": "an hour of the day", "window": {"hours": ["00:00-24:00"]}}],
        failback_steps=["unlock", "release"],
        failback_wait_timeout=60,
    )
    outcome = world.run("failover")
    assert (outcome.returncode, balancer.gets()) == (0, "page"), outcome.output
    outcome = world.run("failback")
    assert (outcome.returncode, balancer.settings()) == (0, before), outcome.output
