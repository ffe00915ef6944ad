# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The lab's PostgreSQL part, as good as new for each test, and plain connections to its servers."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from ansible_collections.tidegate.failover.tests.contract import waiting
from psycopg.conninfo import conninfo_to_dict

from lab.ports import free_port
from lab.postgresql.programs import find_programs, is_installed
from lab.process import RunningLab, running_lab
from lab.servers import LOOPBACK

POOLER = """
[databases]
pooled = {login}
[pgbouncer]
listen_addr = {address}
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 1
"""

Ask = Callable[..., Any]
Eventually = Callable[[Callable[[], Any]], Any]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    if not is_installed():
        pytest.skip("the server of PostgreSQL is not installed")
    with running_lab(tmp_path_factory.mktemp("lab"), "--parts", "postgresql") as lab:
        yield lab


@pytest.fixture
def lab(running: RunningLab) -> RunningLab:
    running.reset()
    return running


@pytest.fixture(scope="module")
def untouched(running: RunningLab) -> RunningLab:
    """For tests that change nothing, as a reset takes longer than such a test."""
    running.reset()
    return running


@pytest.fixture
def server(running: RunningLab) -> Callable[[str], dict[str, Any]]:
    """The data of the control API about a site's server."""

    def show(site: str) -> dict[str, Any]:
        said: dict[str, Any] = running.control("GET", f"/postgresql/servers/{site}")
        return said

    return show


@pytest.fixture
def change(running: RunningLab) -> Callable[..., None]:
    """Changes a site's server: change("backup", running=False)."""

    def put(site: str, **state: bool) -> None:
        running.control("PUT", f"/postgresql/servers/{site}", state)

    return put


@pytest.fixture
def ask(running: RunningLab) -> Ask:
    """Runs a statement at a site as a user, and returns the rows that it gives."""

    def run(site: str, statement: Any, user: str = "dsn") -> list[Any]:
        dsn = running.info["postgresql"]["servers"][site][user]
        with psycopg.connect(dsn, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture
def eventually() -> Eventually:
    """Waits until a condition holds, and returns what it returned."""

    return waiting.eventually


@pytest.fixture
def pooled(lab: RunningLab, eventually: Eventually) -> Iterator[str]:
    """Leads to the primary's server as its monitor, through a PgBouncer with one session for all clients."""
    pooler = shutil.which(
        "pgbouncer", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    )
    if pooler is None:
        pytest.skip("pgbouncer is not installed; on Debian or Ubuntu: apt-get install pgbouncer")
    folder, port = Path(lab.info["postgresql"]["directory"]), free_port()
    parts = conninfo_to_dict(lab.info["postgresql"]["servers"]["primary"]["monitor_dsn"])
    login = " ".join(f"{name}={value}" for name, value in parts.items())
    settings = folder / "pgbouncer.ini"
    settings.write_text(POOLER.format(login=login, port=port, address=LOOPBACK), encoding="utf-8")
    with subprocess.Popen(
        find_programs().command(pooler, "-q", settings), cwd="/", stderr=subprocess.DEVNULL
    ) as process:
        dsn = f"postgresql://anybody@{LOOPBACK}:{port}/pooled"
        try:
            eventually(lambda: _answers(dsn))
            yield dsn
        finally:
            process.terminate()


def _answers(dsn: str) -> bool:
    try:
        psycopg.connect(dsn, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
