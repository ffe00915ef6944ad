# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A change that the load balancer completed is not enough: users must get what they should."""

from __future__ import annotations

from typing import Protocol

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks

from lab.process import RunningLab


class Switch(Protocol):
    """Runs a playbook for ``checkout``, with some of its variables changed."""

    def __call__(self, name: str, **variables: object) -> Outcome:
        """Run it."""


@pytest.fixture
def switch(lab: RunningLab, playbooks: Playbooks, checkout: Json) -> Switch:
    """Run playbooks on a fresh lab."""

    def run(name: str, **variables: object) -> Outcome:
        return playbooks.run(name, inventory=playbooks.inventory({"checkout": checkout | variables}))

    return run


@pytest.fixture
def urls(load_balancer: Json) -> dict[str, str]:
    """Addresses of the listeners."""
    return {name: listener["url"] for name, listener in load_balancer["listeners"].items()}


@pytest.fixture
def page_is_up(lab: RunningLab, load_balancer: Json) -> None:
    """Somebody attached the page to both listeners of the service by hand; nobody holds it."""
    path = f"/oci/loadBalancers/{load_balancer['id']}"
    document = lab.control("GET", path)["document"]
    for name in ("http", "https"):
        document["listeners"][name]["ruleSetNames"] = [load_balancer["rule_set"]]
    lab.control("PUT", path, document)


def test_a_page_that_is_down_fails_the_run_and_stays_attached(lab: RunningLab, switch: Switch) -> None:
    lab.control("POST", "/oci/backends/maintenance-1", {"running": False})
    outcome = switch("enter_maintenance")
    assert outcome.returncode != 0
    said = outcome.failures()["checkout"]
    assert "But users do not get the page." in said
    assert "which answers 502. Expected: a redirect to a page that answers 503." in said
    assert "The page stays attached." in said


def test_a_page_without_a_redirect_is_not_the_listeners_doing(switch: Switch, urls: dict[str, str]) -> None:
    outcome = switch("enter_maintenance", maintenance_verify_url=urls["maintenance"])
    assert outcome.returncode != 0
    assert f"{urls['maintenance']} answers 503. Expected: a redirect" in outcome.failures()["checkout"]


def test_an_address_that_gives_no_answer_fails_the_run(switch: Switch) -> None:
    outcome = switch("enter_maintenance", maintenance_verify_url="http://127.0.0.1:9/")
    assert outcome.returncode != 0
    assert "http://127.0.0.1:9/ gives no answer (" in outcome.failures()["checkout"]


@pytest.mark.usefixtures("page_is_up")
def test_a_service_that_is_down_after_maintenance_fails_the_run(lab: RunningLab, switch: Switch) -> None:
    for name in ("app-1", "app-2"):
        lab.control("POST", f"/oci/backends/{name}", {"running": False})
    outcome = switch("exit_maintenance")
    assert outcome.returncode != 0
    said = outcome.failures()["checkout"]
    assert "Maintenance ended" in said
    assert "answers 502. Expected: 200 from the service." in said


@pytest.mark.parametrize("name", ["enter_maintenance", "exit_maintenance"])
def test_statuses_may_be_given_on_the_command_line(switch: Switch, name: str) -> None:
    # What "-e maintenance_verify_status=500,503" comes to.
    outcome = switch(name, maintenance_verify_status="500,503", maintenance_verify_service_status="200")
    assert outcome.returncode == 0, outcome.output


@pytest.mark.usefixtures("page_is_up")
def test_a_page_with_the_services_status_is_distinguished_from_it_by_the_redirect(
    switch: Switch, urls: dict[str, str]
) -> None:
    outcome = switch(
        "exit_maintenance",
        maintenance_backend_set=None,
        maintenance_listeners=["https"],
        maintenance_verify_url=urls["http"],  # Still has the page.
        maintenance_verify_status=[200, 503],
        maintenance_verify_service_status=[200, 503],
    )
    assert outcome.returncode != 0
    assert f"{urls['http']} answers 302. Expected: 200 or 503 from the service." in outcome.failures()["checkout"]


@pytest.mark.usefixtures("page_is_up")
def test_nothing_is_expected_where_the_page_stays_on_some_listeners(switch: Switch) -> None:
    window: Json = {"maintenance_backend_set": None, "maintenance_listeners": ["https"], "maintenance_verify_url": ""}
    assert switch("enter_maintenance", maintenance_owner="change:CHG-1234", **window).returncode == 0
    outcome = switch("exit_maintenance")
    assert outcome.returncode == 0, outcome.output
    assert outcome.reported()["checkout"].startswith("STILL IN MAINTENANCE. ")
    assert (
        "Not checked from outside: the page stays on some of the listeners or routes only"
        in outcome.reported()["checkout"]
    )


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "not trusted"])
def test_the_certificate_must_be_trusted(lab: RunningLab, switch: Switch, urls: dict[str, str], trusted: bool) -> None:
    trust = {"maintenance_verify_ca_path": lab.info["oci"]["ca_file"] if trusted else ""}
    outcome = switch("exit_maintenance", maintenance_verify_url=urls["https"], **trust)
    assert (outcome.returncode == 0) == trusted, outcome.output
    reported = outcome.failures().get("checkout", "")
    assert (
        "not trusted here, and users may see no fault: name the authorities in maintenance_verify_ca_path" in reported
    ) != trusted
