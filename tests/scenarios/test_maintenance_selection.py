# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What a run switches, for every combination of inventory, limit and extra vars; nothing at all is a failure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import NamedTuple

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks

from lab.process import RunningLab


class Case(NamedTuple):
    """An inventory, a limit and extra vars, by the names that they have below."""

    inventory: str
    limit: str
    extra: str


# Each of them alone means one load balancer.
ALONE: Json = {
    "load_balancer_id": "ocid1.loadbalancer.oc1.iad.aaaaexample",
    "listeners": "https",
    "backend_set": "app",
    "rule_set": "maintenance-page",
    "owner": "alarm:backends",
    "reason": "Database upgrade",
    "force": True,
    "wait_timeout": 5,
    "region": "us-ashburn-1",
    "verify_url": "https://shop.example.com/",
    "fronts": [],
}
CASES = [
    *(
        Case(*case)
        for case in product(
            ("none", "no services", "services"),
            ("", "checkout", "nothing", "localhost", "databases"),
            ("none", "complete", "load_balancer_id", "unknown"),
        )
    ),
    *(Case("services", "", name) for name in ALONE if name != "load_balancer_id"),
    *(Case("services", "", name) for name in ("no rule_set", "no backend_set")),
    # Not of the product, because Ansible provides a localhost by itself unless an inventory has one.
    *(Case("services and localhost", limit, "complete") for limit in ("", "localhost", "checkout")),
]

# Every other combination selects nothing.
BOTH = {"checkout", "search"}
SELECTED = {
    Case("services", "", "none"): BOTH,
    Case("services", "", "unknown"): BOTH,
    Case("services", "checkout", "none"): {"checkout"},
    Case("services", "checkout", "unknown"): {"checkout"},
    Case("none", "", "complete"): {"localhost"},
    Case("none", "localhost", "complete"): {"localhost"},
    Case("no services", "", "complete"): {"localhost"},
    Case("services", "", "complete"): {"localhost"},
    Case("services and localhost", "", "complete"): {"localhost"},
    Case("services and localhost", "localhost", "complete"): {"localhost"},
}


@pytest.fixture(scope="module")
def complete(load_balancer: Json, oci_auth: Json) -> Json:
    """Extra vars that describe one load balancer completely."""
    return {
        "load_balancer_id": load_balancer["id"],
        "backend_set": load_balancer["backend_set"],
        "rule_set": load_balancer["rule_set"],
        "oci_auth": oci_auth,
    }


@pytest.fixture(scope="module")
def inventories(playbooks: Playbooks, checkout: Json) -> dict[str, str | None]:
    """Inventories by their name in the cases."""
    databases: Json = {"hosts": {"db1": {}}}
    services = {"checkout": checkout, "search": checkout}
    return {
        "none": None,
        "no services": playbooks.inventory({}, databases=databases),
        "services": playbooks.inventory(services, databases=databases),
        "services and localhost": playbooks.inventory(services, controllers={"hosts": {"localhost": {}}}),
    }


@pytest.fixture(scope="module")
def outcomes(
    scenario_lab: RunningLab, playbooks: Playbooks, inventories: dict[str, str | None], complete: Json
) -> dict[Case, Outcome]:
    """All cases, run in check mode, two at a time."""
    scenario_lab.reset()
    extras = {name: {name: value} for name, value in ALONE.items()} | {
        "none": None,
        "complete": complete,
        "no rule_set": {name: value for name, value in complete.items() if name != "rule_set"},
        "no backend_set": complete | {"backend_set": ""},
        "unknown": {"load_balancer_ocid": complete["load_balancer_id"]},
    }

    def run(case: Case) -> Outcome:
        limit = ["--limit", case.limit] if case.limit else []
        return playbooks.run(
            "enter_maintenance", "--check", *limit, inventory=inventories[case.inventory], extra=extras[case.extra]
        )

    with ThreadPoolExecutor(max_workers=2) as side_by_side:
        return dict(zip(CASES, side_by_side.map(run, CASES), strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.inventory}-limit {case.limit or 'none'}-{case.extra}")
def test_a_run_switches_what_is_selected_and_fails_if_that_is_nothing(
    outcomes: dict[Case, Outcome], case: Case
) -> None:
    outcome = outcomes[case]
    assert set(outcome.reported()) == SELECTED.get(case, set()), outcome.output
    assert (outcome.returncode == 0) == (case in SELECTED), outcome.output


@pytest.mark.parametrize(
    ("extra", "missing"),
    [
        ("load_balancer_id", "backend_set or listeners, rule_set"),
        ("listeners", "load_balancer_id, rule_set"),
        ("backend_set", "load_balancer_id, rule_set"),
        ("rule_set", "load_balancer_id, backend_set or listeners"),
        ("owner", "load_balancer_id, backend_set or listeners, rule_set"),
        ("no rule_set", "rule_set"),
        ("no backend_set", "backend_set or listeners"),
    ],
)
def test_incomplete_extra_vars_say_what_is_missing(outcomes: dict[Case, Outcome], extra: str, missing: str) -> None:
    said = outcomes[Case("services", "", extra)].failures()["localhost"]
    assert f"not given as an extra var (-e) were {missing}, or fronts." in said


def test_a_limit_that_leaves_no_service_says_which_there_are(outcomes: dict[Case, Outcome]) -> None:
    said = outcomes[Case("services", "databases", "none")].output
    assert "--limit databases leaves no host of the group 'services'" in said
    assert "checkout, search" in said


def test_a_limit_that_leaves_out_localhost_is_named(outcomes: dict[Case, Outcome]) -> None:
    said = outcomes[Case("services", "checkout", "complete")].output
    assert "--limit checkout leaves out localhost" in said


def test_variables_of_an_inventory_do_not_describe_the_one_load_balancer(
    lab: RunningLab, playbooks: Playbooks, checkout: Json, complete: Json
) -> None:
    common = {"force": True, "owner": "team:web", "listeners": ["nowhere"], "maintenance_targets": [{"nonsense": 1}]}
    inventory = playbooks.inventory({"checkout": checkout}, all={"vars": common})
    outcome = playbooks.run("enter_maintenance", "--check", inventory=inventory, extra=complete)
    assert outcome.returncode == 0, outcome.output
    assert "held by operator" in outcome.reported()["localhost"]


def test_variables_of_a_service_with_the_names_of_extra_vars_do_not_make_it_one_load_balancer(
    lab: RunningLab, playbooks: Playbooks, checkout: Json
) -> None:
    inventory = playbooks.inventory({"checkout": checkout | {"load_balancer_id": "x", "owner": "team:web"}})
    outcome = playbooks.run("enter_maintenance", "--check", inventory=inventory)
    assert outcome.returncode == 0, outcome.output
    assert "held by operator" in outcome.reported()["checkout"]
