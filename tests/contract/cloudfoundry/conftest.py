# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The lab's Cloud Foundry part, as good as new for each test, and a plain HTTP client that talks to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from lab.process import RunningLab, running_lab

Call = Callable[..., requests.Response]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), "--parts", "cloudfoundry") as lab:
        yield lab


@pytest.fixture(autouse=True)
def lab(running: RunningLab) -> RunningLab:
    running.reset()
    return running


@pytest.fixture
def info(lab: RunningLab) -> dict[str, Any]:
    found: dict[str, Any] = lab.info["cloudfoundry"]
    return found


@pytest.fixture
def token(info: dict[str, Any]) -> Callable[..., requests.Response]:
    """Asks the UAA for a token: token("cf", "", grant_type="password", ...)."""

    def ask(client: str, secret: str, **form: str) -> requests.Response:
        return requests.post(f"{info['uaa_url']}/oauth/token", data=form, auth=(client, secret), timeout=10)

    return ask


@pytest.fixture
def call(info: dict[str, Any], token: Callable[..., requests.Response]) -> Call:
    """Asks the API as a user: call("GET", "/v3/routes", user="auditor")."""

    def request(method: str, path: str, *, user: str = "developer", **options: Any) -> requests.Response:
        known = info["users"][user]
        form = {"grant_type": "password", "username": known["name"], "password": known["secret"]}
        headers = {"Authorization": f"bearer {token('cf', '', **form).json()['access_token']}"}
        return requests.request(method, f"{info['api_url']}{path}", headers=headers, timeout=10, **options)

    return request


@pytest.fixture
def visit(info: dict[str, Any]) -> Callable[..., requests.Response]:
    """Asks the router for a route: visit("shop.apps.example.com", "/cart")."""

    def ask(host: str, path: str = "/") -> requests.Response:
        return requests.get(f"{info['router']}{path}", headers={"Host": host}, timeout=10)

    return ask
