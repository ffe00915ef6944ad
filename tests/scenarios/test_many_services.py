# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Status and preflight read once for all services, whatever the strategy, and even if some hosts have failed before."""

from __future__ import annotations

import math
import re
from collections import Counter

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks

from lab.process import RunningLab

ROLES = {"status": {"name": "status"}, "preflight": {"name": "failover", "tasks_from": "preflight"}}
MOST = 13
#: A tenth of these have a page each, in front of one load balancer.
PAGE_OF_EACH = 10
#: Tags of so many health checks come with one call.
TAGS_AT_ONCE = 10
GATES = [{"name": "primary answers", "tcp": {"host": "127.0.0.1", "port": 1}}]


class Many:
    """Services that are alike, each with a health check of its own.

    :ivar common: their variables.
    """

    def __init__(self, aws_lab: RunningLab, lab: RunningLab, playbooks: Playbooks, common: Json, page: Json) -> None:
        self._aws_lab, self._lab, self._playbooks = aws_lab, lab, playbooks
        self.common, self._page = common, page
        site = aws_lab.info["aws"]["sites"]["primary"]
        config = {"IPAddress": site["address"], "Port": site["port"]}
        self._ids = aws_lab.control("POST", "/aws/health-checks", {"count": MOST, "config": config})["ids"]

    def run(self, role: str, count: int, play: Json | None = None, *arguments: str) -> Outcome:
        """Run a role for so many services, in a play of its own."""
        services = {
            f"service{number}": {**self.common, "failover_health_check_ids": [check]}
            | (self._page if number % PAGE_OF_EACH == 0 else {})
            for number, check in enumerate(self._ids[:count])
        }
        role_task = {"import_role": {**ROLES[role], "name": f"tidegate.failover.{ROLES[role]['name']}"}}
        before = (play or {}).get("tasks", [])
        whole = {"hosts": "services", "gather_facts": False, **(play or {}), "tasks": [*before, role_task]}
        inventory = self._playbooks.inventory(services)
        self._since = [self._latest(lab) for lab in (self._aws_lab, self._lab)]
        return self._playbooks.run_file(self._playbooks.file([whole]), "-i", inventory, *arguments)

    def calls(self) -> Counter[str]:
        """The number of calls of each operation by the last run."""
        labs = zip((self._aws_lab, self._lab), self._since, strict=True)
        return Counter(request["operation"] for lab, since in labs for request in lab.requests(since))

    def _latest(self, lab: RunningLab) -> int:
        requests = lab.requests()
        return int(requests[-1]["n"]) if requests else 0


@pytest.fixture
def many(aws_lab: RunningLab, lab: RunningLab, playbooks: Playbooks, aws_auth: Json, checkout: Json) -> Many:
    """The services, of one account in each cloud."""
    url = aws_lab.info["aws"]["sites"]["backup"]["check_url"]
    page = {name: value for name, value in checkout.items() if not name.startswith("maintenance_verify")}
    common = {"aws_auth": aws_auth, "failover_secondary_url": url, "failback_gates": GATES}
    return Many(aws_lab, lab, playbooks, common, page)


def module_runs(outcome: Outcome) -> Counter[str]:
    """How often each module was run, as ``-vvv`` reports it."""
    return Counter(re.findall(r"RUN ansible_collections\.tidegate\.failover\.plugins\.modules\.(\w+)", outcome.output))


@pytest.mark.parametrize(
    ("role", "runs", "of_each"),
    [
        ("status", {"r53_healthcheck_info": 1, "lb_maintenance_mode_info": 1}, {"GetHealthCheckStatus": 1}),
        (
            "preflight",
            {"failover_preflight": 1, "failback_gate": 1, "lb_maintenance_mode": 1},
            {"GetHealthCheckStatus": 1, "DescribeAlarmsForMetric": 1},
        ),
    ],
)
def test_more_services_cost_no_more_runs_of_modules_and_few_more_calls(
    many: Many, role: str, runs: dict[str, int], of_each: dict[str, int]
) -> None:
    for count in (4, MOST):
        outcome = many.run(role, count, None, "-vvv")
        assert outcome.returncode == 0, outcome.output[-3000:]
        assert module_runs(outcome) == runs
        pages = math.ceil(count / PAGE_OF_EACH)
        calls = many.calls()
        assert calls.pop("ListTagsForResources") == math.ceil(count / TAGS_AT_ONCE)
        assert calls.pop("GetLoadBalancer") == pages
        assert calls.pop("ListHealthChecks", 0) + calls.pop("GetHealthCheck", 0) <= 4
        assert calls == {operation: times * count for operation, times in of_each.items()}


@pytest.mark.parametrize("role", ["status", "preflight"])
@pytest.mark.parametrize(
    ("play", "arguments", "looks"),
    [
        ({"strategy": "free"}, ["--forks", "50"], 1),
        ({"strategy": "ansible.builtin.host_pinned"}, ["--forks", "1"], 1),
        ({"serial": 3}, ["--forks", "2"], 2),
    ],
    ids=["free", "host_pinned", "serial"],
)
def test_the_strategy_of_the_play_does_not_matter(
    many: Many, role: str, play: Json, arguments: list[str], looks: int
) -> None:
    outcome = many.run(role, 5, play, "-vvv", *arguments)
    assert outcome.returncode == 0, outcome.output[-3000:]
    assert sum(module_runs(outcome).values()) <= looks * 3
    assert many.calls()["GetHealthCheckStatus"] == 5
    for number in range(5):
        assert f"ok: [service{number}]" in outcome.output
        reported = rf'"service{number}  \w' if role == "status" else rf"ok: \[service{number}\][^]]*READY"
        assert re.search(reported, outcome.output)


@pytest.mark.parametrize("role", ["status", "preflight"])
@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_hosts_that_failed_before_keep_the_others_from_nothing(many: Many, role: str, strategy: str) -> None:
    fails = {"fail": {"msg": "no"}, "when": "inventory_hostname == 'service0'"}
    gone = {
        "ping": None,
        "vars": {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1},
        "when": "inventory_hostname == 'service1'",
    }
    outcome = many.run(role, 4, {"strategy": strategy, "tasks": [fails, gone]})
    assert "service1                   : ok=0    changed=0    unreachable=1" in outcome.output
    assert set(outcome.failures()) == {"service0"}
    for number in (2, 3):
        assert re.search(rf"service{number} +: ok=[1-9]\d* .* failed=0", outcome.output)


def test_variables_that_cannot_be_used_are_reported_for_their_service_alone(many: Many) -> None:
    many.common["failover_owner"] = "{{ 'operator' if inventory_hostname != 'service1' else missing }}"
    outcome = many.run("preflight", 3)
    assert set(outcome.failures()) == {"service1"}
    assert "'missing' is undefined" in outcome.failures()["service1"]
