# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``postgresql``: a standby has replayed what the writer wrote.

What the columns mean is from PostgreSQL's manual, "The Cumulative Statistics System": ``pg_stat_replication`` on the
writer, ``pg_stat_wal_receiver`` on the standby. Users without ``pg_monitor`` see the rows, with nothing in them.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping, Sequence
from contextlib import closing

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Look,
    Observation,
    Values,
    missing_library,
)

Row = Mapping[str, t.Any]

_IN_RECOVERY = "SELECT pg_is_in_recovery() AS standby"
#: Of the time since the last reply counts what the database's own clock says, not the clock here.
_ON_WRITER = """
SELECT application_name, state, (pg_current_wal_lsn() - replay_lsn)::bigint AS lag_bytes,
       extract(epoch FROM replay_lag)::float AS replay_seconds,
       extract(epoch FROM clock_timestamp() - reply_time)::float AS silent_seconds
  FROM pg_stat_replication
"""
#: What the writer last said that it has is compared, not only what arrived: it may still be on its way.
_ON_STANDBY = """
SELECT status, pg_is_wal_replay_paused() AS paused,
       (greatest(latest_end_lsn, pg_last_wal_receive_lsn()) - pg_last_wal_replay_lsn())::bigint AS lag_bytes,
       extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float AS replay_seconds
  FROM pg_stat_wal_receiver
"""

#: The options that limit how far behind a standby may be, with their units.
_LIMITS = {"max_lag_bytes": "bytes", "max_lag_seconds": "s"}

_GRANT = "Let the user of dsn see it, as with 'GRANT pg_monitor TO <user>'."
_REBUILD = "Bring it back as a standby of the serving site's server, with pg_rewind or pg_basebackup."
_NO_FAILBACK = "To let users write there as it is would lose what was written at the serving site."


def check(options: Values) -> None:
    """Refuse limits that nothing could keep, and a standby's name where the standby itself is asked."""
    for name in ("max_lag_bytes", "max_lag_seconds"):
        if options[name] is not None and options[name] < 0:
            raise RefusedError(f"{name} is {options[name]:g}. Give 0 or more.")
    if options["standby_name"] and options["server"] == "standby":
        raise RefusedError("standby_name tells the writer's standbys apart, and server is standby. Leave it out.")


def expected(options: Values) -> str:
    """What the gate wants to see."""
    limits = [f"{options[name]:g} {unit}" for name, unit in _LIMITS.items() if options[name] is not None]
    who = f"standby {options['standby_name']!r}" if options["standby_name"] else "the standby"
    return f"{who} replicating, at most {' and '.join(limits)} behind"


def observe(options: Values, look: Look) -> Observation:
    """Ask the server once."""
    try:
        import psycopg
        from psycopg.conninfo import conninfo_to_dict
    except ImportError:
        return missing_library("psycopg", "the gate postgresql")
    try:
        password = str(conninfo_to_dict(options["dsn"]).get("password") or "")
    except psycopg.Error:
        # What libpq says about it would quote the string, and with it the password.
        remedy = "Write it as 'host=db.example.com dbname=app user=monitor', or as a URI that begins postgresql://."
        return Observation(False, "dsn is no connection string", remedy, final=True)
    try:
        standby, rows = _ask(options["dsn"], look.limit)
    except psycopg.Error as problem:
        return _no_answer(str(problem), password)
    return on_standby(options, rows) if standby else on_writer(options, rows)


def on_writer(options: Values, rows: Sequence[Row]) -> Observation:
    """Judge what a writer says about its standbys."""
    if options["server"] == "standby":
        return Observation(
            False, "the server is no standby: it takes writes itself, and follows nobody", f"{_REBUILD} {_NO_FAILBACK}"
        )
    named = [row for row in rows if options["standby_name"] in (None, row["application_name"])]
    if any(row["state"] is None for row in named) or (rows and not named and rows[0]["state"] is None):
        return Observation(False, "the user of dsn may not see the state of replication", _GRANT)
    # Backups and receivers of WAL are listed too; they replay nothing. A named one is judged whatever it is.
    standbys = [row for row in named if options["standby_name"] or row["lag_bytes"] is not None]
    if not standbys:
        return _not_replicating(options, rows)
    if len(standbys) > 1:
        names = ", ".join(sorted(repr(row["application_name"]) for row in standbys))
        remedy = "Name the one that matters in standby_name, and give each an application_name of its own."
        return Observation(False, f"{len(standbys)} standbys replicate ({names}), and any of them may be meant", remedy)
    row = standbys[0]
    if row["state"] != "streaming":
        return Observation(False, f"the standby is in state {row['state']}", "Wait until it is streaming.")
    return _judge(options, row["lag_bytes"], _seconds_on_writer(row))


def on_standby(options: Values, rows: Sequence[Row]) -> Observation:
    """Judge what a standby says about itself."""
    if options["server"] == "writer":
        remedy = "Give the dsn of the server that takes the writes now, or say 'server: standby'."
        return Observation(False, "the server is a standby, and only the writer knows all that was written", remedy)
    if not rows:
        remedy = "Look into the standby's log, at primary_conninfo, and whether the writer can be reached from there."
        return Observation(False, "the standby is not replicating: it is connected to no writer", remedy)
    row = rows[0]
    if row["status"] is None:
        return Observation(False, "the user of dsn may not see the state of replication", _GRANT)
    if row["status"] != "streaming":
        return Observation(False, f"the standby is not replicating: its receiver is {row['status']}", "Wait for it.")
    seconds = 0.0 if row["lag_bytes"] == 0 else row["replay_seconds"]
    seen = _judge(options, row["lag_bytes"], seconds)
    if row["paused"] and not seen.passed:
        return Observation(False, f"{seen.observed}, and replay is paused", "Resume it: SELECT pg_wal_replay_resume().")
    return seen


def _seconds_on_writer(row: Row) -> float | None:
    """How old what was replayed last is. Without anything to replicate that is nothing, however old it is."""
    if row["lag_bytes"] == 0:
        return 0.0
    known = [row[name] for name in ("replay_seconds", "silent_seconds") if row[name] is not None]
    # A standby that has fallen silent is at least as far behind as it is silent.
    return max(known) if row["replay_seconds"] is not None else None


def _judge(options: Values, lag_bytes: int | None, seconds: float | None) -> Observation:
    lags = {"max_lag_bytes": lag_bytes, "max_lag_seconds": seconds}
    asked = {name: lag for name, lag in lags.items() if options[name] is not None}
    unknown = [name for name, lag in asked.items() if lag is None]
    if unknown:
        what = " and ".join(name.removeprefix("max_").replace("_", " in ") for name in unknown)
        return Observation(False, f"the standby replicates, and its {what} cannot be told yet", "Wait, and look again.")
    told = ", ".join(f"{max(0, lag):.0f} {_LIMITS[name]}" for name, lag in asked.items() if lag is not None)
    if all(lag is not None and lag <= options[name] for name, lag in asked.items()):
        return Observation(True, f"{told} behind")
    remedy = "Wait until it has caught up. If it never does, stop the writes, or look what holds its replay up."
    return Observation(False, f"{told} behind", remedy)


def _not_replicating(options: Values, rows: Sequence[Row]) -> Observation:
    others = ", ".join(sorted(repr(row["application_name"]) for row in rows))
    if options["standby_name"] and others:
        observed = f"no standby {options['standby_name']!r} replicates; connected are {others}"
        return Observation(False, observed, f"Check standby_name against the standby's application_name. {_REBUILD}")
    return Observation(False, "no standby replicates from this server", _REBUILD)


def _no_answer(said: str, password: str) -> Observation:
    told = re.sub(r"\s+", " ", said).strip().rstrip(".")
    if password:
        told = told.replace(password, "********")
    return Observation(False, f"no answer: {told}", "Check dsn, and that the server runs and can be reached from here.")


def _ask(dsn: str, limit: float) -> tuple[bool, list[Row]]:
    """Whether the server is a standby, and the rows about replication. :raises psycopg.Error: no answer."""
    import psycopg
    from psycopg.rows import dict_row

    milliseconds = max(1, round(limit * 1000))
    connection = psycopg.connect(
        dsn,
        autocommit=True,
        row_factory=dict_row,
        # libpq waits for two seconds at least.
        connect_timeout=max(2, int(limit)),
        tcp_user_timeout=milliseconds,
    )
    with closing(connection):
        connection.execute("SELECT set_config('statement_timeout', %s, false)", [f"{milliseconds}ms"])
        answer = connection.execute(_IN_RECOVERY).fetchone()
        standby = bool(answer and answer["standby"])
        rows: list[Row] = list(connection.execute(_ON_STANDBY if standby else _ON_WRITER).fetchall())
        return standby, rows


KIND = GateKind(
    name="postgresql",
    description="""
        Passes if a PostgreSQL standby replicates and has replayed what the writer wrote, up to a limit in bytes, in
        seconds, or both.

        Where there is nothing to replicate it passes. It fails if nothing replicates, if replication is broken or
        cannot be seen, and if the server is not what O(gates[].postgresql.server) says.

        Only streaming replication counts, not a standby that is fed from an archive.""",
    options={
        "dsn": {
            "description": """
                How to connect, as a connection string or URI of libpq.

                The user needs the rights of C(pg_monitor), and no others.""",
            "type": "str",
            "required": True,
            "no_log": True,
        },
        "server": {
            "description": """
                Which server O(gates[].postgresql.dsn) leads to. The gate fails if it turns out to be the other one.

                V(writer) is the serving site's server, which takes the writes now. It knows all that was written, so
                this is the stricter look. How far a standby is, it learns from that standby's replies, every 10 seconds
                where nothing is written (C(wal_receiver_status_interval)).

                V(standby) is the server of the site that is to come back. It knows what the writer last told it. If the
                connection to the writer hangs, it notices only after C(wal_receiver_timeout).""",
            "type": "str",
            "choices": ["writer", "standby"],
            "default": "writer",
        },
        "standby_name": {
            "description": """
                The C(application_name) of the standby that has to have caught up.

                Needed with O(gates[].postgresql.server=writer) if more than one standby replicates.""",
            "type": "str",
        },
        "max_lag_bytes": {
            "description": "How many bytes of the write-ahead log may not have been replayed yet.",
            "type": "int",
        },
        "max_lag_seconds": {
            "description": """
                How many seconds the replay may be behind.

                Asked of a standby that is a little behind a writer which seldom writes, this is the time since the last
                transaction that it replayed, which may be long ago.""",
            "type": "float",
        },
    },
    expected=expected,
    observe=observe,
    check=check,
    constraints={"required_one_of": [("max_lag_bytes", "max_lag_seconds")]},
    requirements=("psycopg >= 3.1, for gates of kind postgresql",),
)
