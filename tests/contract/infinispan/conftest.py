# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The lab's Infinispan part, as good as new for each test, and a plain HTTP client that talks to its clusters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from ansible_collections.tidegate.failover.tests.contract import waiting

from lab.process import RunningLab, running_lab

Call = Callable[..., requests.Response]
Eventually = Callable[[Callable[[], Any]], Any]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), "--parts", "infinispan") as lab:
        yield lab


@pytest.fixture(autouse=True)
def lab(running: RunningLab) -> RunningLab:
    running.reset()
    return running


@pytest.fixture
def call(lab: RunningLab) -> Call:
    """Asks a site's cluster as the administrator: call("backup", "GET", "/caches")."""
    info = lab.info["infinispan"]

    def request(site: str, method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("auth", (info["username"], info["password"]))
        return requests.request(method, f"{info['sites'][site]['url']}/rest/v2{path}", timeout=10, **options)

    return request


@pytest.fixture
def set_cache(lab: RunningLab) -> Callable[..., None]:
    """Sets a cache as it is: set_cache("backup", "work", push="OK")."""

    def put(site: str, cache: str, **state: Any) -> None:
        lab.control("PUT", f"/infinispan/sites/{site}/caches/{cache}", state)

    return put


@pytest.fixture
def entries(lab: RunningLab) -> Callable[[str, str], dict[str, Any]]:
    """The entries of a cache."""

    def read(site: str, cache: str) -> dict[str, Any]:
        found: dict[str, Any] = lab.control("GET", f"/infinispan/sites/{site}")["caches"][cache]["entries"]
        return found

    return read


@pytest.fixture
def eventually() -> Eventually:
    """Waits until a condition holds, and returns what it returned."""

    return waiting.eventually
