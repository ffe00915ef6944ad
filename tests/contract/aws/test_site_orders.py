# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Sites that take orders acknowledge none that is not in their database, and serve nobody under maintenance."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

ORDER: dict[str, Any] = {"client": "ann", "number": 1}


@pytest.fixture
def nobody() -> Iterator[str]:
    """A database that does not exist: its port is bound by a socket that does not listen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"postgresql://shop@127.0.0.1:{taken.getsockname()[1]}/shop"


def answers(aws: dict[str, Any], path: str) -> list[int]:
    """What the primary site answers to a POST and a GET."""
    url = aws["sites"]["primary"]["url"] + path
    return [requests.post(url, json=ORDER, timeout=10).status_code, requests.get(url, timeout=10).status_code]


def test_a_site_without_a_database_knows_no_orders(aws: dict[str, Any], lab: Any) -> None:
    assert answers(aws, "orders") == [404, 404]


def test_an_order_that_the_database_does_not_take_is_refused(
    aws: dict[str, Any], set_site: Callable[..., None], nobody: str
) -> None:
    set_site("primary", database=nobody)
    assert answers(aws, "orders") == [503, 503]


def test_a_site_that_is_started_again_has_its_database(
    aws: dict[str, Any], set_site: Callable[..., None], nobody: str
) -> None:
    set_site("primary", database=nobody, running=False)
    set_site("primary", running=True)
    assert answers(aws, "orders") == [503, 503]


def test_under_maintenance_only_the_check_is_answered(aws: dict[str, Any], set_site: Callable[..., None]) -> None:
    set_site("primary", behaviour="maintenance")
    assert (answers(aws, ""), answers(aws, "orders")) == ([503, 503], [503, 503])
    assert answers(aws, "lb-check") == [200, 200]
