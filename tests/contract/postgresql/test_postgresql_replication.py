# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The lab's two servers replicate, fail over and come back as real ones do, because they are real ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from lab.process import LabProcessError, RunningLab

Ask = Callable[..., Any]
Eventually = Callable[[Callable[[], Any]], Any]
Change = Callable[..., None]
Show = Callable[[str], dict[str, Any]]

ORDERS = "CREATE TABLE orders (number int PRIMARY KEY)"


def numbers(ask: Ask, site: str) -> list[int]:
    return [number for (number,) in ask(site, "SELECT number FROM orders ORDER BY number")]


def test_what_is_written_at_the_primary_site_arrives_at_the_backup_site(
    lab: RunningLab, ask: Ask, eventually: Eventually
) -> None:
    ask("primary", ORDERS)
    ask("primary", "INSERT INTO orders VALUES (1)")
    eventually(lambda: ask("backup", "SELECT to_regclass('orders') IS NOT NULL") == [(True,)])
    eventually(lambda: numbers(ask, "backup") == [1])


def test_a_standby_whose_replay_is_paused_receives_and_lags(
    lab: RunningLab, ask: Ask, change: Change, eventually: Eventually
) -> None:
    change("backup", replaying=False)
    ask("primary", ORDERS)
    lag = "SELECT pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) > 0"
    eventually(lambda: ask("backup", lag) == [(True,)])
    assert ask("backup", "SELECT to_regclass('orders')") == [(None,)]
    change("backup", replaying=True)
    eventually(lambda: ask("backup", "SELECT to_regclass('orders') IS NOT NULL") == [(True,)])


def test_a_killed_writer_refuses_connections_and_keeps_what_it_acknowledged(
    lab: RunningLab, ask: Ask, change: Change
) -> None:
    ask("primary", ORDERS)
    ask("primary", "INSERT INTO orders VALUES (1)")
    change("primary", running=False)
    with pytest.raises(psycopg.OperationalError):
        numbers(ask, "primary")
    change("primary", running=True)
    assert numbers(ask, "primary") == [1]


def test_after_a_promotion_the_old_primary_returns_with_old_data_and_takes_writes(
    ask: Ask, change: Change, lab: RunningLab, eventually: Eventually
) -> None:
    ask("primary", ORDERS)
    eventually(lambda: ask("backup", "SELECT to_regclass('orders') IS NOT NULL") == [(True,)])
    change("primary", running=False)
    lab.control("POST", "/postgresql/servers/backup/promote")
    ask("backup", "INSERT INTO orders VALUES (1)")
    change("primary", running=True)
    ask("primary", "INSERT INTO orders VALUES (99)")
    assert (numbers(ask, "primary"), numbers(ask, "backup")) == ([99], [1])


def test_a_rebuilt_primary_follows_the_backup_site_and_its_strays_are_gone(
    ask: Ask, change: Change, lab: RunningLab, server: Show, eventually: Eventually
) -> None:
    ask("primary", ORDERS)
    eventually(lambda: ask("backup", "SELECT to_regclass('orders') IS NOT NULL") == [(True,)])
    lab.control("POST", "/postgresql/servers/backup/promote")
    ask("primary", "INSERT INTO orders VALUES (99)")
    lab.control("POST", "/postgresql/servers/primary/rebuild")
    ask("backup", "INSERT INTO orders VALUES (1)")
    eventually(lambda: numbers(ask, "primary") == [1])
    assert (server("primary")["role"], server("backup")["role"]) == ("standby", "writer")


def test_the_writer_can_be_moved_back_and_the_backup_site_rebuilt(ask: Ask, lab: RunningLab, server: Show) -> None:
    for step in ("backup/promote", "primary/rebuild", "primary/promote", "backup/rebuild"):
        lab.control("POST", f"/postgresql/servers/{step}")
    assert (server("primary")["role"], server("backup")["role"]) == ("writer", "standby")
    ask("primary", ORDERS)


def test_a_standby_catches_up_after_it_was_away(
    lab: RunningLab, ask: Ask, change: Change, eventually: Eventually
) -> None:
    change("backup", running=False)
    ask("primary", ORDERS)
    change("backup", running=True)
    eventually(lambda: ask("backup", "SELECT to_regclass('orders') IS NOT NULL") == [(True,)])


def test_the_monitoring_user_sees_replication_and_no_orders(lab: RunningLab, ask: Ask) -> None:
    ask("primary", ORDERS)
    assert ask("primary", "SELECT state FROM pg_stat_replication", user="monitor_dsn") == [("streaming",)]
    with pytest.raises(psycopg.errors.UndefinedTable):
        ask("primary", "SELECT * FROM orders", user="monitor_dsn")


def test_a_server_that_does_not_run_cannot_be_promoted(lab: RunningLab, change: Change) -> None:
    change("backup", running=False)
    with pytest.raises(LabProcessError, match="is not running"):
        lab.control("POST", "/postgresql/servers/backup/promote")


def test_further_servers_follow_and_subscribe_until_a_reset(lab: RunningLab, ask: Ask, eventually: Eventually) -> None:
    leaf = {"site": "leaf", "follows": "backup", "application_name": "reader", "slot": "leaf_slot"}
    lab.control("POST", "/postgresql/servers", leaf)
    lab.control("POST", "/postgresql/servers", {"site": "billing", "subscribes": "primary"})
    names = "SELECT application_name FROM pg_stat_replication ORDER BY 1"
    eventually(lambda: ask("primary", names, "monitor_dsn") == [("backup",), ("billing",)])
    eventually(lambda: ask("backup", names, "monitor_dsn") == [("reader",)])
    assert ask("backup", "SELECT slot_name, active FROM pg_replication_slots") == [("leaf_slot", True)]
    lab.reset()
    assert [server["site"] for server in lab.control("GET", "/postgresql/servers")] == ["primary", "backup"]


def test_a_further_server_is_not_rebuilt_as_it_has_no_other_site(lab: RunningLab) -> None:
    lab.control("POST", "/postgresql/servers", {"site": "leaf", "follows": "backup"})
    with pytest.raises(LabProcessError, match="let leaf join again"):
        lab.control("POST", "/postgresql/servers/leaf/rebuild")
