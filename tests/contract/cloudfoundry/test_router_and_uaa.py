# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The router's traffic, and signing in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from lab.process import RunningLab

Call = Callable[..., requests.Response]
Info = dict[str, Any]


def test_requests_are_shared_by_all_instances(visit: Call, info: Info) -> None:
    seen = {visit(info["route_url"]).headers["X-Served-By"] for _unused in range(9)}
    assert seen == {"shop-0", "shop-1", "shop-admin-0"}


def test_the_longest_path_wins(visit: Call, info: Info) -> None:
    seen = {visit(info["route_url"], "/assets/logo.png").headers["X-Served-By"] for _unused in range(9)}
    assert seen == {"shop-0", "shop-1"}


def test_a_host_that_no_route_has_is_unknown(visit: Call) -> None:
    answer = visit("nothing.apps.example.com")
    assert (answer.status_code, answer.headers["X-Cf-RouterError"]) == (404, "unknown_route")


def test_the_router_follows_after_a_while(visit: Call, info: Info, lab: RunningLab) -> None:
    lab.control("PATCH", "/cloudfoundry/settings", {"propagation_seconds": 60})
    page = {"app": {"guid": info["guids"]["app maintenance"]}}
    lab.control("PUT", f"/cloudfoundry/routes/{info['route']}", {"destinations": [page]})
    assert visit(info["route_url"]).status_code == 200


def test_the_api_names_its_uaa(info: Info) -> None:
    links = requests.get(f"{info['api_url']}/", timeout=10).json()["links"]
    assert (links["uaa"]["href"], links["login"]["href"]) == (info["uaa_url"], info["uaa_url"])


@pytest.mark.parametrize(("header", "code"), [({}, 10002), ({"Authorization": "bearer nonsense"}, 1000)])
def test_without_a_good_token_nothing_is_answered(info: Info, header: dict[str, str], code: int) -> None:
    answer = requests.get(f"{info['api_url']}/v3/routes", headers=header, timeout=10)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, code)


def test_a_refresh_token_brings_an_access_token(info: Info, token: Call) -> None:
    user = info["users"]["developer"]
    first = token("cf", "", grant_type="password", username=user["name"], password=user["secret"]).json()
    second = token("cf", "", grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (second.status_code, second.json()["token_type"]) == (200, "bearer")


@pytest.mark.parametrize(
    ("client", "secret", "form", "error"),
    [
        ("failover", "wrong", {"grant_type": "client_credentials"}, "invalid_client"),
        ("cf", "", {"grant_type": "client_credentials"}, "invalid_client"),
        ("cf", "", {"grant_type": "password", "username": "nobody", "password": "x"}, "unauthorized"),
        ("cf", "", {"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_token"),
    ],
)
def test_wrong_credentials_are_refused(token: Call, client: str, secret: str, form: dict[str, str], error: str) -> None:
    answer = token(client, secret, **form)
    assert (answer.status_code, answer.json()["error"]) == (401, error)
