# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What each kind of client gets under each strategy is what the table of the role's README says, by real traffic."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from ansible_collections.tidegate.failover.plugins.module_utils._aws.endpoint import ask as ask_endpoint
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Question
from ansible_collections.tidegate.failover.tests.scenarios.maintenance_run import Maintenance
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.test_maintenance_in_place import TESTERS

from lab.process import RunningLab

README = Path(__file__).parents[2] / "roles" / "maintenance" / "README.md"
STRATEGIES = ("redirect", "backend_set")
SORRY = "maintenance-page"
SECRET = {"X-Tester": "open sesame"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
Ask = Callable[[], str]


def table() -> dict[str, dict[str, str]]:
    """What the README promises: by client, for each strategy."""
    text = README.read_text(encoding="utf-8").split("## What each client gets")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in re.findall(r"^\|.*\|$", text, re.MULTILINE)]
    header, _rule, *found = rows
    assert header[1:] == [f"`{strategy}`" for strategy in STRATEGIES]
    return {row[0]: dict(zip(STRATEGIES, row[1:], strict=True)) for row in found}


TABLE = table()


def described(answer: requests.Response) -> str:
    """The statuses, redirect by redirect, and what came in the end."""
    statuses = [hop.status_code for hop in [*answer.history, answer]]
    words = [", then ".join(map(str, statuses))]
    if answer.history and answer.request.method != answer.history[0].request.method:
        words.append(f"by {answer.request.method}")
    return " ".join([*words, _content(answer)])


def _content(answer: requests.Response) -> str:
    if not answer.content:
        return "without a body"
    if answer.headers.get("X-Served-By"):
        return "from the application"
    kind = "JSON" if "json" in answer.headers.get("Content-Type", "") else "HTML"
    return f"with the page as {kind}"


@pytest.fixture
def clients(lab: RunningLab, load_balancer: Json) -> dict[str, Ask]:
    """One request of each kind of client, described as the table does."""
    url, trusted = f"{load_balancer['listeners']['https']['url']}cart?item=1", lab.info["oci"]["ca_file"]

    def ask(method: str = "GET", *, follow: bool = True, **more: Json | str) -> Ask:
        return lambda: described(
            requests.request(method, url, timeout=10, verify=trusted, allow_redirects=follow, **more)  # type: ignore[arg-type]
        )

    return {
        "Browser": ask(headers=BROWSER),
        "Deep link by `curl`": ask(follow=False, headers={"Accept": "*/*"}),
        "JSON client": ask(headers={"Accept": "application/json"}),
        "`HEAD`": ask("HEAD", follow=False),
        "`POST` of a form": ask("POST", headers=BROWSER, data="item=1"),
        "Tester": ask(headers=BROWSER | SECRET),
        "Route 53 checker": lambda: _checked(url),
    }


def _checked(url: str) -> str:
    """A request as a checker makes it: it follows nothing, and 2xx and 3xx are healthy."""
    parts = urlsplit(url)
    question = Question(
        tls=True, address="127.0.0.1", host=None, port=parts.port or 443, path=parts.path, sni=False, search=None
    )
    status = ask_endpoint(question).status or 0
    return f"{status}: {'healthy' if 200 <= status < 400 else 'unhealthy'}"


@pytest.fixture
def maintenance(lab: RunningLab, load_balancer: Json, oci_auth: Json) -> Maintenance:
    """The lab's load balancer, with a routing policy for testers that nobody uses."""
    switched = Maintenance(lab, load_balancer, oci_auth)
    switched.change(lambda raw: raw["routingPolicies"].update(testers=TESTERS))
    return switched


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_each_client_gets_what_the_table_says_and_afterwards_nothing_has_changed(
    maintenance: Maintenance, clients: dict[str, Ask], strategy: str
) -> None:
    before, served = maintenance.raw(), {name: ask() for name, ask in clients.items()}
    page: Json = {"rule_set": f"<{SORRY}", "testers": "testers"} if strategy == "backend_set" else {}
    entered = maintenance.run(enabled=True, **page)
    assert not entered["failed"], entered["msg"]
    assert {name: ask() for name, ask in clients.items()} == {name: row[strategy] for name, row in TABLE.items()}
    assert not maintenance.run(enabled=False, **page)["failed"]
    assert maintenance.raw() == before
    assert {name: ask() for name, ask in clients.items()} == served


def test_playbooks_put_the_page_in_place_and_look_at_what_users_get(
    maintenance: Maintenance, playbooks: Playbooks, checkout: Json
) -> None:
    before = maintenance.raw()
    own = {"maintenance_strategy": "backend_set", "maintenance_page_backend_set": SORRY, "maintenance_rule_set": ""}
    inventory = playbooks.inventory({"checkout": checkout | own})
    entered = playbooks.run("enter_maintenance", "-l", "checkout", inventory=inventory)
    assert entered.returncode == 0, entered.output
    assert "In maintenance: backend set 'maintenance-page' answers on https" in entered.told()["checkout"]
    assert " answers 503." in entered.told()["checkout"]
    ended = playbooks.run("exit_maintenance", "-l", "checkout", inventory=inventory)
    assert ended.returncode == 0, ended.output
    assert maintenance.raw() == before


def test_a_front_of_each_strategy_is_switched_and_reported_by_one_run(
    maintenance: Maintenance, playbooks: Playbooks, checkout: Json, load_balancer: Json
) -> None:
    front = {"load_balancer_id": load_balancer["id"]}
    fronts = [
        {"oci_load_balancer": front | {"listeners": ["https"], "rule_set": SORRY}},
        {
            "oci_load_balancer": front
            | {"listeners": ["http"], "strategy": "backend_set", "maintenance_backend_set": SORRY}
        },
    ]
    inventory = playbooks.inventory({"checkout": {"maintenance_fronts": fronts, "oci_auth": checkout["oci_auth"]}})
    entered = playbooks.run("enter_maintenance", "-l", "checkout", inventory=inventory)
    assert entered.returncode == 0, entered.output
    assert maintenance.attached()["https"] == [SORRY]
    assert maintenance.raw()["listeners"]["http"]["defaultBackendSetName"] == SORRY
    status = playbooks.run("status", inventory=inventory)
    assert "PAGE UP, held by operator" in status.output
