# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A site that is up, an account with its health check, and tasks that work on that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..aws.account import Account
from ..aws.site import site
from ..lock.health_checks import CHECK_ID, health_check
from .lock_task import NAMED, Tasks


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a site that is up, and answers 404 to any pinned path."""
    with site(lambda handler: handler.answer(404 if "failed-over" in handler.path else 200)) as server:
        yield server.server_port


@pytest.fixture
def account(port: int) -> Account:
    """An account with one health check, of that site."""
    check = health_check(Type="HTTP", IPAddress="127.0.0.1", Port=port, Regions=["eu-west-1", "us-east-1", "us-west-2"])
    return Account(check, tags={CHECK_ID: NAMED})


@pytest.fixture
def tasks(account: Account, monkeypatch: pytest.MonkeyPatch) -> Tasks:
    return Tasks(account, monkeypatch)
