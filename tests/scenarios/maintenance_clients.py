# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Each kind of client, and what the README of the role ``maintenance`` promises it under each strategy."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import requests
from ansible_collections.tidegate.failover.plugins.module_utils._aws.endpoint import ask as ask_endpoint
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Question
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

from lab.process import RunningLab

README = Path(__file__).parents[2] / "roles" / "maintenance" / "README.md"
STRATEGIES = ("redirect", "backend_set")
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
    content_type = answer.headers.get("Content-Type", "")
    kinds = [kind for kind in ("JSON", "HTML") if kind.lower() in content_type]
    return f"with the page as {kinds[0]}" if kinds else "from the load balancer"


def clients_of(lab: RunningLab, load_balancer: Json) -> dict[str, Ask]:
    """One request of each kind of client, in the words of the table."""
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
