# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The content on hosts that send everybody the same: stock responses of OCI API Gateway, fixed responses of an ALB."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks

from lab.process import RunningLab

ANSWERS = ("unavailable", "message", "json")
CONTENT: Json = {
    "title": "The shop is closed for maintenance",
    "text": "Orders that you have placed are safe.",
    "exempt": [{"path": "/health", "body": "ok"}, {"path": "/webhooks/*", "status": 202}],
}
PATHS = ("/", "/a/deep/link?item=1", "/health/deep", "/index.php")

Ask = Callable[..., requests.Response]


def rendering(folder: Path, host: str) -> list[Json]:
    """Tasks that render each answer for a host into a folder of its name."""
    content = {f"maintenance_page_{name}": value for name, value in CONTENT.items()}
    return [
        {
            "ansible.builtin.include_role": {"name": "tidegate.failover.maintenance_page"},
            "vars": {
                **content,
                "maintenance_page_hosts": [host],
                "maintenance_page_answer": answer,
                "maintenance_page_directory": str(folder / answer),
            },
        }
        for answer in ANSWERS
    ]


def run(playbooks: Playbooks, tasks: list[Json]) -> None:
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    outcome = playbooks.run_file(playbooks.file([play]))
    assert outcome.returncode == 0, outcome.output


@pytest.fixture(scope="module")
def gateway(scenario_lab: RunningLab, oci_auth: Json, playbooks: Playbooks) -> Ask:
    """A gateway with a deployment for each answer, each below a prefix of its name."""
    scenario_lab.reset()
    oci, folder = scenario_lab.info["oci"], playbooks.home / "gateway-pages"
    options = oci_auth | {"gateway_id": oci["gateway"]["id"], "wait_timeout": 60}
    rendered = f"lookup('ansible.builtin.file', '{folder}/ANSWER/api_gateway.json') | from_json"
    deploying: list[Json] = [
        {
            "tidegate.failover.oci_stock_response": {
                **options,
                "path_prefix": f"/{answer}",
                "specification": f"{{{{ {rendered.replace('ANSWER', answer)} }}}}",
            }
        }
        for answer in ANSWERS
    ]
    run(playbooks, rendering(folder, "api_gateway") + deploying)

    def ask(answer: str, path: str = "/", method: str = "GET") -> requests.Response:
        url = f"https://{oci['gateway']['address']}/{answer}{path}"
        return requests.request(method, url, verify=oci["ca_file"], timeout=10, allow_redirects=False)

    return ask


@pytest.fixture(scope="module")
def balancer(scenario_aws_lab: RunningLab, aws_auth: Json, playbooks: Playbooks) -> Ask:
    """A load balancer with a listener for each answer."""
    scenario_aws_lab.reset()
    folder = playbooks.home / "alb-pages"
    run(playbooks, rendering(folder, "alb"))
    session: Any = boto3.Session(aws_auth["access_key"], aws_auth["secret_key"], region_name=aws_auth["region"])
    elbv2, ec2 = (session.client(name, endpoint_url=aws_auth["endpoint_url"]) for name in ("elbv2", "ec2"))
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
    made = elbv2.create_load_balancer(Name="shop", Subnets=subnets)["LoadBalancers"][0]
    for port, answer in enumerate(ANSWERS, start=80):
        rendered = json.loads((folder / answer / "alb.json").read_text(encoding="utf-8"))
        http = {"LoadBalancerArn": made["LoadBalancerArn"], "Protocol": "HTTP", "Port": port}
        listener = elbv2.create_listener(**http, DefaultActions=rendered["DefaultActions"])["Listeners"][0]
        for priority, rule in enumerate(rendered["Rules"], start=1):
            elbv2.create_rule(ListenerArn=listener["ListenerArn"], Priority=priority, **rule)

    def ask(answer: str, path: str = "/", method: str = "GET") -> requests.Response:
        url = f"http://{scenario_aws_lab.info['aws']['load_balancers']}{path}"
        host = f"{made['DNSName']}:{80 + ANSWERS.index(answer)}"
        return requests.request(method, url, headers={"Host": host}, timeout=10, allow_redirects=False)

    return ask


@pytest.fixture(params=["gateway", "balancer"])
def ask(request: pytest.FixtureRequest) -> Ask:
    found: Ask = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize(("answer", "status"), [("unavailable", 503), ("message", 200)])
def test_people_get_the_message_as_a_page_with_the_status_of_the_answer(ask: Ask, answer: str, status: int) -> None:
    got = ask(answer)
    assert (got.status_code, got.headers["Content-Type"].partition(";")[0]) == (status, "text/html")
    assert CONTENT["title"] in got.text
    assert CONTENT["text"] in got.text


def test_programs_get_json_with_an_error_code_and_status_200(ask: Ask) -> None:
    got = ask("json")
    assert (got.status_code, got.headers["Content-Type"]) == (200, "application/json")
    assert (got.json()["error"]["code"], got.json()["error"]["status"]) == ("MAINTENANCE", 503)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_every_path_and_method_gets_the_same_answer(ask: Ask, answer: str, path: str) -> None:
    first = ask(answer)
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        got = ask(answer, path, method)
        assert (got.status_code, got.content) == (first.status_code, first.content)
    head = ask(answer, path, "HEAD")
    assert (head.status_code, head.content) == (first.status_code, b"")


@pytest.mark.parametrize("answer", ANSWERS)
def test_exempt_paths_get_their_own_answers(ask: Ask, answer: str) -> None:
    health, webhook = ask(answer, "/health"), ask(answer, "/webhooks/payments/1", "POST")
    assert (health.status_code, health.text, webhook.status_code) == (200, "ok", 202)


def test_a_gateway_sends_the_headers_for_retries_and_against_caching(gateway: Ask) -> None:
    unavailable, coded = gateway("unavailable").headers, gateway("json").headers
    assert (unavailable["Retry-After"], unavailable["Cache-Control"]) == ("300", "no-store")
    assert (coded["StatusHeader"], coded["Cache-Control"]) == ("503", "no-store")


def test_an_alb_sends_no_headers_of_the_content_as_the_documentation_says(balancer: Ask) -> None:
    assert not {"Retry-After", "Cache-Control", "StatusHeader"} & set(balancer("json").headers)
