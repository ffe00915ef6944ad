# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Queries a PostgreSQL server for what the gate ``postgresql`` needs. The caller imports psycopg first.

PostgreSQL's manual describes the columns in "The Cumulative Statistics System": ``pg_stat_replication`` on the writer,
``pg_stat_wal_receiver`` on the standby. Users without ``pg_monitor`` see the rows with empty columns.

All queries run in one read-only transaction, and their setting ends with it. A pooler such as PgBouncer may give the
server's session to another client, which would inherit settings and prepared statements of the session.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from contextlib import closing

from ansible_collections.tidegate.failover.plugins.module_utils._gates._postgresql import (
    Receiver,
    Sender,
    Standby,
    Writer,
    record_end,
)

if t.TYPE_CHECKING:
    from psycopg import Connection

    Connected = Connection[dict[str, t.Any]]

_WHO = "SELECT pg_is_in_recovery() AS standby, system_identifier AS system FROM pg_control_system()"
#: The position up to which records are inserted, not the position up to which they are written. With
#: ``synchronous_commit = off`` the server confirms commits to clients before they are written.
_WRITER = """
SELECT pg_walfile_name(pg_current_wal_insert_lsn()) AS segment,
       (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint AS inserted,
       wal_block_size AS page, bytes_per_wal_segment AS segment_bytes, max_data_alignment AS alignment,
       extract(epoch FROM clock_timestamp())::float AS now
  FROM pg_control_init()
"""
#: Walsenders that decode are logical: they have a logical slot and a database. A standby's walsender has neither.
#: The view has no time of the last reply by the server's own clock; ``reply_time`` is by the standby's clock.
_SENDERS = """
SELECT sender.application_name AS name, host(sender.client_addr) AS address, slot.slot_name AS slot, sender.state,
       activity.datid IS NOT NULL OR coalesce(slot.slot_type = 'logical', false) AS logical,
       (sender.replay_lsn - '0/0'::pg_lsn)::bigint AS replayed,
       extract(epoch FROM sender.replay_lag)::float AS replay_seconds,
       extract(epoch FROM clock_timestamp() - sender.reply_time)::float AS silent_seconds
  FROM pg_stat_replication AS sender
  LEFT JOIN pg_replication_slots AS slot ON slot.active_pid = sender.pid
  LEFT JOIN pg_stat_activity AS activity ON activity.pid = sender.pid
"""
#: The connection string may contain secrets, so the query returns only one of its settings.
_RECEIVER = r"""
SELECT status, received_tli AS timeline, sender_host AS host, sender_port AS port,
       (greatest(latest_end_lsn, pg_last_wal_receive_lsn()) - '0/0'::pg_lsn)::bigint AS announced,
       extract(epoch FROM last_msg_send_time)::float AS sent,
       extract(epoch FROM last_msg_receipt_time)::float AS received,
       array(SELECT found[1] FROM regexp_matches(conninfo, '\mtarget_session_attrs=(\S+)', 'g') AS found)
         AS session_attrs
  FROM pg_stat_wal_receiver
"""
_STANDBY = """
SELECT (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint AS replayed, pg_is_wal_replay_paused() AS paused,
       extract(epoch FROM pg_last_xact_replay_timestamp())::float AS replayed_at,
       extract(epoch FROM clock_timestamp())::float AS now
"""


def ask(dsn: str, limit: float) -> Writer | Standby:
    """Query a server once, and return what it is.

    :param limit: seconds that it may take.
    :raises psycopg.Error: the server did not answer.
    """
    import psycopg
    from psycopg.rows import dict_row

    milliseconds = max(1, round(limit * 1000))
    connection = psycopg.connect(
        dsn,
        autocommit=True,
        row_factory=dict_row,
        # Prepared statements would remain on the server after the transaction.
        prepare_threshold=None,
        # libpq waits for at least two seconds.
        connect_timeout=max(2, int(limit)),
        tcp_user_timeout=milliseconds,
    )
    with closing(connection):
        connection.read_only = True
        with connection.transaction():
            connection.execute("SELECT set_config('statement_timeout', %s, true)", [f"{milliseconds}ms"])
            who = _row(connection, _WHO)
            server = f"{connection.info.host}:{connection.info.port}"
            return (_standby if who["standby"] else _writer)(connection, server, who["system"])


def _writer(connection: Connected, server: str, system: int) -> Writer:
    row = _row(connection, _WRITER)
    # The writer's position is read first, so that the standbys are compared with what was written until then.
    senders = [Sender(**sender) for sender in connection.execute(_SENDERS).fetchall()]
    return Writer(
        server=server,
        system=system,
        timeline=int(row["segment"][:8], 16),
        written=record_end(row["inserted"], row["page"], row["segment_bytes"], row["alignment"]),
        now=row["now"],
        senders=senders,
    )


def _standby(connection: Connected, server: str, system: int) -> Standby:
    receiver = connection.execute(_RECEIVER).fetchone()
    row = _row(connection, _STANDBY)
    return Standby(server=server, system=system, receiver=Receiver(**receiver) if receiver else None, **row)


def _row(connection: Connected, query: t.LiteralString) -> Mapping[str, t.Any]:
    row = connection.execute(query).fetchone()
    return row if row is not None else {}
