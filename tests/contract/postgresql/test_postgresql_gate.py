# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The gate ``postgresql`` on real servers: what must not make it pass, and what a standby that has everything shows."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation, Probe
from ansible_collections.tidegate.failover.plugins.module_utils._gates.postgresql import KIND
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.gates.gates import LOCK_ID, NOW, options_of

from lab.postgresql.programs import find_programs
from lab.process import RunningLab

Ask = Callable[..., Any]
Eventually = Callable[[Callable[[], Any]], Any]
Change = Callable[..., None]
Join = Callable[..., dict[str, Any]]

ORDERS = "CREATE TABLE orders (number int PRIMARY KEY)"
MORE_ORDERS = "INSERT INTO orders SELECT generate_series(1, 10000)"
CUT_OFF = "ALTER SYSTEM SET primary_conninfo = ''"
RELOAD = "SELECT pg_reload_conf()"

pytestmark = pytest.mark.usefixtures("lab")


class Gate:
    """A gate at the serving site, or at a standby alone. Its probes share a memory, as those within a task do."""

    def __init__(self, dsn: str, **options: Any) -> None:
        self._options = options_of(KIND, **{"dsn": dsn, "max_lag_bytes": 0, **options})
        self._memory: dict[str, Any] = {}

    def probe(self) -> Observation:
        return KIND.observe(self._options, Probe(NOW, 10.0, (LOCK_ID,), memory=self._memory))

    def passes(self) -> bool:
        return self.probe().passed


@pytest.fixture
def dsn(running: RunningLab) -> Callable[[str], str]:
    def of(site: str) -> str:
        monitor: str = running.info["postgresql"]["servers"][site]["monitor_dsn"]
        return monitor

    return of


@pytest.fixture
def join(running: RunningLab) -> Join:
    """Lets a further server join: join("reports", follows="backup")."""

    def add(site: str, **fields: str) -> dict[str, Any]:
        server: dict[str, Any] = running.control("POST", "/postgresql/servers", {"site": site, **fields})
        return server

    return add


def execute(dsn: str, *statements: Any) -> list[Any]:
    rows: list[Any] = []
    with psycopg.connect(dsn, autocommit=True, connect_timeout=5) as connection:
        for statement in statements:
            cursor = connection.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
    return rows


def senders(dsn: str) -> list[str]:
    streaming = "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn IS NOT NULL"
    return sorted(name for (name,) in execute(dsn, streaming))


@contextmanager
def stopped(server: dict[str, Any], process: str) -> Iterator[None]:
    """A process of a server's own does nothing while the block runs."""
    processes = dict(execute(server["administrator_dsn"], "SELECT backend_type, pid FROM pg_stat_activity"))
    os.kill(processes[process], signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(processes[process], signal.SIGCONT)


# A standby that has everything


def test_a_standby_that_has_everything_passes_and_the_evidence_names_it(
    dsn: Callable[[str], str], eventually: Eventually, running: RunningLab
) -> None:
    port = running.info["postgresql"]["servers"]["primary"]["port"]
    gate = Gate(dsn("primary"), standby_name="backup", client_addr="127.0.0.0/8", standby_dsn=dsn("backup"))
    eventually(gate.passes)
    seen = (
        f"the writer 127.0.0.1:{port}, timeline 1, streams to 'backup' from 127.0.0.1, without a slot, state streaming"
    )
    assert seen in gate.probe().observed


def test_an_idle_writer_that_has_just_changed_its_file_has_nothing_to_replicate(
    running: RunningLab, dsn: Callable[[str], str], eventually: Eventually
) -> None:
    primary = running.info["postgresql"]["servers"]["primary"]
    header = """SELECT pg_current_wal_insert_lsn() - replay_lsn FROM pg_stat_replication
                 WHERE replay_lsn = pg_current_wal_flush_lsn()"""
    # It would write something after a while, and with it the header of the page.
    with stopped(primary, "background writer"):
        execute(primary["administrator_dsn"], "SELECT pg_switch_wal()")
        eventually(lambda: execute(dsn("primary"), header) == [(40,)])
        assert Gate(dsn("primary"), standby_name="backup").probe().passed
        assert Gate(dsn("primary"), standby_name="backup", standby_dsn=dsn("backup"), max_lag_seconds=0).probe().passed


def test_what_is_committed_asynchronously_and_not_sent_yet_is_missing(
    ask: Ask, running: RunningLab, dsn: Callable[[str], str], eventually: Eventually
) -> None:
    ask("primary", ORDERS)
    primary = running.info["postgresql"]["servers"]["primary"]
    gates = [Gate(dsn("primary"), standby_name="backup", **more) for more in ({}, {"standby_dsn": dsn("backup")})]
    for gate in gates:
        eventually(gate.passes)
    with stopped(primary, "walwriter"):
        execute(primary["dsn"], "SET synchronous_commit = off", "INSERT INTO orders VALUES (1)")
        assert [gate.probe().passed for gate in gates] == [False, False]
    for gate in gates:
        eventually(gate.passes)


# Others that replicate


def test_a_logical_subscriber_does_not_stand_for_a_standby_that_is_gone(
    ask: Ask, join: Join, change: Change, dsn: Callable[[str], str], eventually: Eventually
) -> None:
    billing = join("billing", subscribes="primary", application_name="backup")
    execute(billing["dsn"], ORDERS)
    ask("primary", ORDERS)
    eventually(lambda: senders(dsn("primary")) == ["backup", "backup"])
    assert Gate(dsn("primary"), standby_name="backup").passes()
    change("backup", running=False)
    ask("primary", MORE_ORDERS)
    caught_up = "SELECT replay_lsn >= pg_current_wal_lsn() FROM pg_stat_replication"
    eventually(lambda: execute(dsn("primary"), caught_up) == [(True,)])
    seen = Gate(dsn("primary"), standby_name="backup").probe()
    assert (seen.passed, "'backup' from 127.0.0.1, slot 'billing', logical" in seen.observed) == (False, True)


def test_a_receiver_of_the_log_does_not_stand_for_a_standby_that_is_gone(
    running: RunningLab, change: Change, dsn: Callable[[str], str], eventually: Eventually
) -> None:
    change("backup", running=False)
    primary, programs = running.info["postgresql"]["servers"]["primary"], find_programs()
    login = f"{primary['administrator_dsn']}?application_name=backup"
    command = programs.command("pg_receivewal", "-d", login, "-D", running.info["postgresql"]["directory"])
    with subprocess.Popen(command, cwd="/", stderr=subprocess.DEVNULL) as receiver:
        listed = "SELECT state FROM pg_stat_replication WHERE application_name = 'backup'"
        eventually(lambda: execute(dsn("primary"), listed) == [("streaming",)])
        seen = Gate(dsn("primary"), standby_name="backup").probe()
        receiver.terminate()
    assert (seen.passed, "has not reported how far it has replayed" in seen.observed) == (False, True)


def test_in_a_split_brain_the_serving_sites_own_replica_proves_nothing(
    lab: RunningLab, join: Join, dsn: Callable[[str], str], eventually: Eventually
) -> None:
    lab.control("POST", "/postgresql/servers/backup/promote")
    join("replica", follows="backup")
    execute(lab.info["postgresql"]["servers"]["backup"]["dsn"], ORDERS)
    eventually(lambda: senders(dsn("backup")) == ["replica"])
    by_name = Gate(dsn("backup"), standby_name="primary").probe()
    assert (by_name.passed, "connected are: 'replica'" in by_name.observed) == (False, True)
    by_both = Gate(dsn("backup"), standby_name="replica", standby_dsn=dsn("primary")).probe()
    assert (by_both.passed, "takes writes itself" in by_both.observed) == (False, True)


def test_of_two_standbys_of_one_name_the_one_that_stays_does_not_stand_for_the_other(
    ask: Ask, join: Join, dsn: Callable[[str], str], eventually: Eventually, change: Change
) -> None:
    join("replica", follows="primary", application_name="backup", slot="local")
    ask("primary", ORDERS)
    eventually(lambda: senders(dsn("primary")) == ["backup", "backup"])
    by_name = Gate(dsn("primary"), standby_name="backup")
    by_slot = Gate(dsn("primary"), standby_name="backup", slot_name="local")
    itself = Gate(dsn("primary"), standby_name="backup", slot_name="local", standby_dsn=dsn("backup"))
    assert "2 standbys match" in by_name.probe().observed
    eventually(by_slot.passes)
    eventually(itself.passes)
    change("backup", running=False)
    eventually(lambda: senders(dsn("primary")) == ["backup"])
    assert [gate.probe().passed for gate in (by_name, by_slot, itself)] == [False, True, False]


# Cascades, and a standby alone


def test_a_standby_behind_one_that_is_cut_off_fails_although_nothing_seems_missing_to_it(
    ask: Ask, join: Join, dsn: Callable[[str], str], eventually: Eventually, running: RunningLab
) -> None:
    servers = running.info["postgresql"]["servers"]
    leaf = join("leaf", follows="backup")
    join("relay", follows="primary")
    ask("primary", ORDERS)
    eventually(lambda: senders(dsn("primary")) == ["backup", "relay"] and senders(dsn("backup")) == ["leaf"])
    chain = Gate(dsn("primary"), standby_name="backup", standby_dsn=leaf["monitor_dsn"])
    eventually(chain.passes)
    execute(servers["backup"]["administrator_dsn"], CUT_OFF, RELOAD)
    eventually(lambda: senders(dsn("primary")) == ["relay"])
    ask("primary", MORE_ORDERS)
    assert "no standby 'backup' replicates" in chain.probe().observed
    # Another standby is listed in its place. The positions show that.
    other = Gate(dsn("primary"), standby_name="relay", standby_dsn=leaf["monitor_dsn"]).probe()
    assert (other.passed, f"bytes: replayed by 127.0.0.1:{leaf['port']}" in other.observed) == (False, True)
    for upstream in ("primary", "backup"):
        where = {"writer_host": "127.0.0.1", "writer_port": servers[upstream]["port"]}
        assert not Gate(leaf["monitor_dsn"], server="standby", **where).passes()


def test_a_standby_that_follows_writers_only_proves_its_upstream_by_what_it_sends_later(
    ask: Ask, join: Join, eventually: Eventually, running: RunningLab
) -> None:
    direct = join("direct", follows="primary", target_session_attrs="primary")
    port = running.info["postgresql"]["servers"]["primary"]["port"]
    gate = Gate(direct["monitor_dsn"], server="standby", writer_host="127.0.0.1", writer_port=port)
    streaming = "SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'"
    eventually(lambda: execute(direct["monitor_dsn"], streaming) == [(1,)])
    assert "none since this gate began" in gate.probe().observed

    def passes_after_a_message() -> bool:
        ask("primary", "SELECT pg_create_restore_point('message')", user="administrator_dsn")
        return gate.passes()

    eventually(passes_after_a_message)


def test_a_standby_that_follows_writers_only_never_connects_to_a_standby(
    join: Join, dsn: Callable[[str], str], eventually: Eventually, running: RunningLab
) -> None:
    leaf = join("leaf", follows="backup", target_session_attrs="primary")
    log = Path(running.info["postgresql"]["directory"]) / "leaf.log"
    eventually(lambda: "server is in hot standby mode" in log.read_text(encoding="utf-8"))
    port = running.info["postgresql"]["servers"]["backup"]["port"]
    seen = Gate(leaf["monitor_dsn"], server="standby", writer_host="127.0.0.1", writer_port=port).probe()
    assert (seen.passed, "connected to no upstream" in seen.observed) == (False, True)


def test_two_servers_that_were_promoted_apart_share_a_timeline_number_and_no_history(
    lab: RunningLab, join: Join, dsn: Callable[[str], str], eventually: Eventually
) -> None:
    other = join("other", follows="primary")
    for site in ("backup", "other"):
        lab.control("POST", f"/postgresql/servers/{site}/promote")
    returning = join("returning", follows="other", application_name="primary")
    join("local", follows="backup", application_name="primary")
    execute(other["dsn"], ORDERS, MORE_ORDERS)
    execute(lab.info["postgresql"]["servers"]["backup"]["dsn"], ORDERS)
    eventually(lambda: senders(dsn("backup")) == senders(other["monitor_dsn"]) == ["primary"])
    gate = Gate(dsn("backup"), standby_name="primary", standby_dsn=returning["monitor_dsn"])
    eventually(lambda: "bytes that the writer never wrote" in gate.probe().observed)


# What is left of a gate


def test_a_gate_leaves_a_pooled_session_as_it_was(
    pooled: str, ask: Ask, dsn: Callable[[str], str], eventually: Eventually
) -> None:
    def state() -> list[Any]:
        settings = execute(pooled, "SELECT name, setting FROM pg_settings WHERE source = 'session' ORDER BY name")
        return [*settings, *execute(pooled, "SELECT statement FROM pg_prepared_statements")]

    before = state()
    gate = Gate(pooled, standby_name="backup", standby_dsn=dsn("backup"))
    eventually(gate.passes)
    assert state() == before
    assert not any(name == "statement_timeout" for name, _value in before)


def test_a_gate_asks_within_a_read_only_transaction_and_sets_nothing_for_the_session(
    ask: Ask, running: RunningLab, dsn: Callable[[str], str], eventually: Eventually
) -> None:
    log = Path(running.info["postgresql"]["directory"]) / "primary.log"
    ask("primary", "ALTER ROLE monitor SET log_statement = 'all'", user="administrator_dsn")
    Gate(dsn("primary"), standby_name="backup").probe()
    said = log.read_text(encoding="utf-8")
    statements = [
        line.split(": ", 2)[2] for line in said.splitlines() if " LOG:  statement:" in line or " LOG:  execute " in line
    ]
    assert (statements[0], statements[-1]) == ("BEGIN READ ONLY", "COMMIT")
    assert not any(text.upper().startswith(("SET", "PREPARE")) or ", false)" in text for text in statements)
    assert "SELECT set_config('statement_timeout', $1, true)" in statements
