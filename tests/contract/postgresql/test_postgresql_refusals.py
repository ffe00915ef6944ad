# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The servers and their control routes refuse what real servers refuse, and what could not be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from lab.process import LabProcessError, RunningLab

Ask = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("untouched")


def test_a_standby_takes_no_writes(ask: Ask) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        ask("backup", "CREATE TABLE orders (number int)")


def test_the_part_reports_who_writes_and_who_follows(server: Callable[[str], dict[str, Any]]) -> None:
    assert (server("primary")["role"], server("backup")["role"]) == ("writer", "standby")


def test_a_wrong_password_is_refused(untouched: RunningLab) -> None:
    dsn = untouched.info["postgresql"]["servers"]["primary"]["dsn"].replace("shop-of", "thief-of")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(dsn, connect_timeout=5)


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("POST", "primary/promote", None, "is the writer already"),
        ("POST", "primary/rebuild", None, "promote it first"),
        ("PUT", "primary", {"replaying": False}, "replays nothing"),
        ("PUT", "primary", {"running": "yes"}, "true or false"),
        ("PUT", "primary", {}, "true or false"),
        ("GET", "elsewhere", None, "there are primary, backup"),
        ("POST", "", {"site": "reports"}, "one of"),
        ("POST", "", {"site": "reports", "follows": "primary", "subscribes": "primary"}, "one of"),
        ("POST", "", {"site": "reports", "follows": "primary", "port": "1"}, "one of"),
        ("POST", "", {"site": "../reports", "follows": "primary"}, "site: small letters"),
        ("POST", "", {"site": "reports", "follows": "elsewhere"}, "there are primary, backup"),
        ("POST", "", {"site": "backup", "follows": "primary"}, "there is a server of backup already"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(
    untouched: RunningLab, method: str, path: str, body: Any, message: str
) -> None:
    with pytest.raises(LabProcessError, match=message):
        untouched.control(method, f"/postgresql/servers/{path}".rstrip("/"), body)
