# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Entering and ending maintenance with the playbooks, and what users of the site get meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin

import pytest
import requests
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks

from lab.process import RunningLab

Visit = Callable[[str], requests.Response]


@pytest.fixture
def inventory(lab: RunningLab, playbooks: Playbooks, checkout: Json) -> str:
    """An inventory with the one service ``checkout``, on a fresh lab."""
    return playbooks.inventory({"checkout": checkout})


@pytest.fixture
def site(load_balancer: Json) -> str:
    """The address for users."""
    url: str = load_balancer["listeners"]["https"]["url"]
    return url


@pytest.fixture
def visit(lab: RunningLab) -> Visit:
    """Ask as a user of the site does; redirects are not followed."""
    trusted = lab.info["oci"]["ca_file"]
    return lambda url: requests.get(url, timeout=10, allow_redirects=False, verify=trusted)


@pytest.fixture
def followed(lab: RunningLab) -> Callable[[str], list[tuple[int, str]]]:
    """What a user's browser gets, redirect by redirect: the status, and the address that gave it."""
    trusted = lab.info["oci"]["ca_file"]

    def follow(url: str) -> list[tuple[int, str]]:
        answer = requests.get(url, timeout=10, verify=trusted)
        return [(hop.status_code, hop.url) for hop in [*answer.history, answer]]

    return follow


def test_users_get_the_page_during_maintenance_and_the_service_after_it(
    playbooks: Playbooks, inventory: str, site: str, visit: Visit
) -> None:
    assert visit(site).status_code == 200

    entered = playbooks.run("enter_maintenance", "-l", "checkout", inventory=inventory)
    assert entered.returncode == 0, entered.output
    assert "In maintenance: 'maintenance-page' is attached to https" in entered.reported()["checkout"]
    assert "which answers 503." in entered.reported()["checkout"]
    redirected = visit(urljoin(site, "cart?item=1"))
    page = visit(redirected.headers["Location"])
    assert (redirected.status_code, page.status_code, "Retry-After" in page.headers) == (302, 503, True)

    ended = playbooks.run("exit_maintenance", "-l", "checkout", inventory=inventory)
    assert ended.returncode == 0, ended.output
    assert ended.reported()["checkout"].endswith(f" redirects to {site}, which answers 200.")
    assert visit(site).status_code == 200


def test_users_who_come_by_http_arrive_at_the_page_through_https_and_are_back_after_it(
    playbooks: Playbooks,
    inventory: str,
    load_balancer: Json,
    followed: Callable[[str], list[tuple[int, str]]],
) -> None:
    http, https, page = (f"{load_balancer['listeners'][name]['url']}" for name in ("http", "https", "maintenance"))
    entered = playbooks.run("enter_maintenance", inventory=inventory)
    assert entered.returncode == 0, entered.output
    assert followed(http) == [(301, http), (302, https), (503, page)]
    ended = playbooks.run("exit_maintenance", inventory=inventory)
    assert ended.returncode == 0, ended.output
    assert followed(http) == [(301, http), (200, https)]


def test_i3_second_runs_change_and_write_nothing(lab: RunningLab, playbooks: Playbooks, checkout: Json) -> None:
    inventory = playbooks.inventory({"checkout": checkout | {"maintenance_verify_url": ""}})
    for name in ("enter_maintenance", "exit_maintenance"):
        assert "changed=1" in playbooks.run(name, inventory=inventory).output
        written = len(lab.writes())
        again = playbooks.run(name, inventory=inventory)
        assert again.returncode == 0, again.output
        assert "changed=0" in again.output
        assert len(lab.writes()) == written


def test_i3_check_mode_shows_what_would_change_and_writes_nothing(
    lab: RunningLab, playbooks: Playbooks, inventory: str, site: str, visit: Visit
) -> None:
    predicted = playbooks.run("enter_maintenance", "--check", "--diff", inventory=inventory)
    assert predicted.returncode == 0, predicted.output
    assert '+                "maintenance-page"' in predicted.output
    assert predicted.reported()["checkout"].startswith(
        "Check mode, nothing was changed. A run would report: In maintenance:"
    )
    assert "Not checked from outside" in predicted.reported()["checkout"]
    assert lab.writes() == []
    assert visit(site).status_code == 200


def test_an_alarm_that_recovers_does_not_end_a_planned_window(
    playbooks: Playbooks, inventory: str, load_balancer: Json, checkout: Json, site: str, visit: Visit
) -> None:
    opened = playbooks.run("enter_maintenance", inventory=inventory, extra={"maintenance_owner": "change:CHG-1234"})
    assert opened.returncode == 0, opened.output
    alarm = {name: load_balancer[name] for name in ("backend_set", "rule_set")} | {
        "load_balancer_id": load_balancer["id"],
        "owner": "alarm:backends",
        "oci_auth": checkout["oci_auth"],
        "maintenance_verify_ca_path": checkout["maintenance_verify_ca_path"],
    }
    assert playbooks.run("enter_maintenance", extra=alarm).returncode == 0
    recovered = playbooks.run("exit_maintenance", extra=alarm | {"verify_url": site})
    assert recovered.returncode == 0, recovered.output
    assert recovered.reported()["localhost"].startswith("STILL IN MAINTENANCE. ")
    assert "held by change:CHG-1234" in recovered.reported()["localhost"]
    assert visit(site).status_code == 302


def test_force_ends_it_and_says_whose_holds_were_released(playbooks: Playbooks, inventory: str) -> None:
    playbooks.run("enter_maintenance", inventory=inventory, extra={"maintenance_owner": "change:CHG-1234"})
    ended = playbooks.run("exit_maintenance", "-e", "maintenance_force=true", inventory=inventory)
    assert ended.returncode == 0, ended.output
    assert ended.reported()["checkout"].startswith("Maintenance ended")
    assert "Released the holds of change:CHG-1234." in ended.reported()["checkout"]


def test_one_play_may_put_the_page_up_and_take_it_away(lab: RunningLab, playbooks: Playbooks, checkout: Json) -> None:
    role = {"name": "tidegate.failover.maintenance"}
    tasks = [
        {"ansible.builtin.include_role": role, "vars": {"maintenance_state": state}}
        for state in ("enabled", "disabled")
    ]
    play = {"hosts": "localhost", "gather_facts": False, "vars": checkout, "tasks": tasks}
    outcome = playbooks.run_file(playbooks.file([play]))
    assert outcome.returncode == 0, outcome.output
    assert outcome.reported()["localhost"].endswith("which answers 200.")


def test_the_host_of_a_service_need_not_exist(lab: RunningLab, playbooks: Playbooks, checkout: Json) -> None:
    elsewhere = {
        "ansible_host": "checkout.invalid",
        "ansible_connection": "ssh",
        "ansible_python_interpreter": "/nonexistent/python",
        "ansible_become": True,
        "ansible_become_user": "nobody-of-that-name",
    }
    outcome = playbooks.run("enter_maintenance", inventory=playbooks.inventory({"checkout": checkout | elsewhere}))
    assert outcome.returncode == 0, outcome.output
    assert "which answers 503." in outcome.reported()["checkout"]


def test_i7_an_endpoint_that_nobody_answers_at_fails_the_run_and_is_named(
    lab: RunningLab, playbooks: Playbooks, checkout: Json, oci_auth: Json
) -> None:
    # The discard port; nothing listens there, and no other process can take it by chance.
    auth = oci_auth | {"service_endpoint": "http://127.0.0.1:9"}
    inventory = playbooks.inventory({"checkout": checkout | {"oci_auth": auth, "maintenance_wait_timeout": 5}})
    outcome = playbooks.run("enter_maintenance", inventory=inventory)
    assert outcome.returncode != 0
    assert "no connection to http://127.0.0.1:9" in outcome.failures()["checkout"]
    assert outcome.reported() == {}
