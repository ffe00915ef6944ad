# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The status of services is one line for each, and the same as data."""

from __future__ import annotations

import re

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks

from lab.process import RunningLab

GATES = [
    {"name": "a year has passed", "hold_down": {"minimum": 31536000, "timeout": 1}},
    {"name": "an hour of the day", "window": {"hours": ["00:00-24:00"]}},
    {"name": "alice agrees", "attestation": {"by": "alice", "statement": "CHG-1"}},
    {"name": "carol agrees", "attestation": {"by": "carol", "statement": "CHG-1"}},
]


@pytest.fixture
def services(aws_lab: RunningLab, lab: RunningLab, aws_auth: Json, checkout: Json) -> dict[str, Json]:
    """A service with a page and health checks, and one with health checks only, of which the first is of no site."""
    checks = aws_lab.info["aws"]["health_checks"]
    both = {"aws_auth": aws_auth, "failback_gates": GATES}
    return {
        "checkout": {**checkout, **both, "failover_health_check_ids": [checks["primary"]]},
        "search": {**both, "failover_health_check_ids": [checks["backup"]]},
    }


def lines(outcome: Outcome) -> dict[str, str]:
    """The line of each service."""
    found = re.findall(r'^        "((\w+) .*?)",?$', outcome.output, re.MULTILINE)
    return {name: re.sub(r"  +", " | ", line) for line, name in found}


def test_a_service_that_serves_as_it_should(playbooks: Playbooks, services: dict[str, Json]) -> None:
    outcome = playbooks.run("status", inventory=playbooks.inventory(services))
    assert outcome.returncode == 0, outcome.output
    assert lines(outcome) == {
        "checkout": "checkout | primary | page down | not locked",
        "search": "search | primary | no page | not locked",
    }


def test_one_call_reads_the_health_checks_of_all_services(
    aws_lab: RunningLab, playbooks: Playbooks, services: dict[str, Json]
) -> None:
    playbooks.run("status", inventory=playbooks.inventory(services))
    reads = [call["operation"] for call in aws_lab.requests()]
    assert sorted(reads) == ["GetHealthCheck"] * 2 + ["GetHealthCheckStatus"] * 2 + ["ListTagsForResources"]


def test_a_locked_service_under_maintenance(playbooks: Playbooks, services: dict[str, Json]) -> None:
    inventory = playbooks.inventory(services)
    playbooks.run(
        "enter_maintenance", "-l", "checkout", inventory=inventory, extra={"maintenance_owner": "change:CHG-1"}
    )
    lock = {"state": "locked", "health_check_ids": services["checkout"]["failover_health_check_ids"]}
    task = {"tidegate.failover.r53_healthcheck_lock": lock | {"owner": "operator:alice", "reason": "down"}}
    defaults = {"group/tidegate.failover.aws": services["checkout"]["aws_auth"]}
    play = {"hosts": "localhost", "gather_facts": False, "module_defaults": defaults, "tasks": [task]}
    assert playbooks.run_file(playbooks.file([play])).returncode == 0
    # As a person types it: what stands behind the sign of equality is text.
    outcome = playbooks.run(
        "status", "-e", "status_evaluate_gates=true", "-e", "failback_requester=alice", inventory=inventory
    )
    assert outcome.returncode == 0, outcome.output
    reported = lines(outcome)["checkout"]
    assert re.match(
        r"checkout \| \S.* \| MAINTENANCE ON, held by change:CHG-1 \| LOCKED for \d.* s by operator:alice \(down\), "
        r"2\S+ \| 2 of 4 gates pass, missing: a year has passed, alice agrees \| before its failback, .*acknowledge .*",
        reported,
    ), reported


def test_what_cannot_be_read_is_reported_and_hides_nothing(playbooks: Playbooks, services: dict[str, Json]) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    services["search"]["failover_health_check_ids"] = [unknown]
    outcome = playbooks.run("status", inventory=playbooks.inventory(services))
    assert outcome.returncode != 0
    assert lines(outcome)["checkout"] == "checkout | primary | page down | not locked"
    assert f"NOT KNOWN: {unknown}: " in lines(outcome)["search"]
    assert set(outcome.failures()) == {"search"}


def test_a_service_may_be_given_by_extra_vars(playbooks: Playbooks, services: dict[str, Json]) -> None:
    search = services["search"]
    extra = {"status_health_check_ids": search["failover_health_check_ids"], "aws_auth": search["aws_auth"]}
    outcome = playbooks.run("status", extra=extra)
    assert outcome.returncode == 0, outcome.output
    assert lines(outcome) == {"localhost": "localhost | primary | no page | not locked"}


@pytest.mark.parametrize("arguments", [[], ["-l", "db"]], ids=["no inventory", "a limit that leaves none"])
def test_nothing_selected_is_a_failure(playbooks: Playbooks, services: dict[str, Json], arguments: list[str]) -> None:
    inventory = playbooks.inventory(services, databases={"hosts": {"db": {}}}) if arguments else None
    outcome = playbooks.run("status", *arguments, inventory=inventory)
    assert outcome.returncode != 0
    assert "Nothing was checked: no host of the group 'services' is left." in outcome.output
