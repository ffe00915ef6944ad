# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""An Application Load Balancer of the lab in front of the shop's two sites, as its users see it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import boto3
import requests
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually

from lab.process import RunningLab

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
TESTER = {"X-Maintenance-Tester": "canary-8f1d-4711-abcd"}


class LoadBalancer:
    """The load balancer ``shop``: everything leads to the primary site, and ``/api/*`` to the backup site.

    :ivar front: it, as the front ``alb``.
    """

    def __init__(self, lab: RunningLab) -> None:
        self.lab = lab
        aws = lab.info["aws"]
        for site in ("primary", "backup"):
            lab.control("PUT", f"/aws/sites/{site}", {"behaviour": "catch_all"})
        made: Json = lab.control(
            "PUT", "/aws/load-balancers/shop", {"groups": {"shop": ["primary"], "api": ["backup"]}}
        )
        self.info = made
        self.front: Json = {"load_balancer": "shop", "ports": [80]}
        self.url, self._host = f"http://{aws['load_balancers']}", made["dns_name"]
        settings = {"region_name": aws["region"], "endpoint_url": aws["endpoint_url"]}
        keys = {"aws_access_key_id": aws["access_key"], "aws_secret_access_key": aws["secret_key"]}
        self.elbv2: Any = boto3.client("elbv2", **settings, **keys)

    def settings(self) -> tuple[Any, Any]:
        """The rules and the tags of the listener."""
        arn = self.info["listener_arn"]
        rules = self.elbv2.describe_rules(ListenerArn=arn)["Rules"]
        tags = self.elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"]
        return sorted(rules, key=lambda rule: str(rule["RuleArn"])), tags

    def ask(self, path: str = "/", method: str = "GET", *, follow: bool = False, **more: Any) -> requests.Response:
        """One request of a user."""
        headers = {"Host": self._host, **more.pop("headers", {})}
        return requests.request(
            method, f"{self.url}{path}", headers=headers, timeout=10, allow_redirects=follow, **more
        )

    def gets(self, path: str = "/", **more: Any) -> str:
        """What a user gets: the name of a site, or ``page``."""
        return what(self.ask(path, **more))

    def clients(self) -> dict[str, Callable[[], str]]:
        """One request of each kind of client, in the words of the table."""

        def ask(path: str = "/cart?item=1", method: str = "GET", **more: Any) -> Callable[[], str]:
            return lambda: described(self.ask(path, method, **more))

        return {
            "Browser": ask(headers=BROWSER),
            "Deep link by `curl`": ask("/a/deep/link", headers={"Accept": "*/*"}),
            "JSON client, path in `json_paths`": ask("/api/orders", headers={"Accept": "application/json"}),
            "JSON client, other path": ask(headers={"Accept": "application/json"}),
            "`HEAD`": ask(method="HEAD"),
            "`POST` of a form": ask(method="POST", headers=BROWSER, data="item=1"),
            "Exempt path": ask("/hooks/pay", method="POST"),
            "Tester": ask(headers=BROWSER | TESTER),
            "Route 53 checker": self._checked,
        }

    def _checked(self) -> str:
        """As a checker judges it: it follows nothing, and 2xx and 3xx are healthy."""
        status = self.ask("/lb-check").status_code
        return f"{status}: {'healthy' if 200 <= status < 400 else 'unhealthy'}"


def what(answer: requests.Response) -> str:
    """What an answer is."""
    if answer.status_code == 503 and "maintained" in answer.text:
        return "page"
    if answer.status_code == 200 and answer.text.startswith("Served by "):
        return answer.text.removeprefix("Served by ").strip().rstrip(".")
    return f"{answer.status_code} {answer.text[:60]}"


def described(answer: requests.Response) -> str:
    """Status and content, as the table has it."""
    words = [str(answer.status_code)]
    if answer.status_code == 302:
        words.append(f"to {answer.headers['Location']}")
    elif not answer.content:
        words.append("without a body")
    elif answer.text.startswith("Served by"):
        words.append("from the application")
    else:
        kind = next(kind for kind in ("JSON", "HTML") if kind.lower() in answer.headers["Content-Type"])
        words.append(f"with the page as {kind}")
    return " ".join(words)


class Users:
    """Request without a pause until stopped, a path that gets the page and one that is exempt."""

    def __init__(self, balancer: LoadBalancer) -> None:
        self._balancer = balancer
        self._enough = threading.Event()
        self.answers: dict[str, list[str]] = {"/cart": [], "/api/orders": [], "/hooks/pay": []}
        self._threads = [threading.Thread(target=self._ask, args=(path,)) for path in self.answers]

    def __enter__(self) -> Users:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, path: str) -> None:
        while not self._enough.is_set():
            self.answers[path].append(self._balancer.gets(path))

    def wait_for(self, path: str, answer: str) -> None:
        """Until a few more answers have come, the last of which is this one."""
        answers = self.answers[path]
        enough = len(answers) + 5
        eventually(lambda: len(answers) >= enough and answers[-1] == answer)
