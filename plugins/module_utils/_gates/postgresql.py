# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``postgresql``: a certain standby has replayed what the writer wrote."""

from __future__ import annotations

import ipaddress
import math
import re
import time
import typing as t
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Observation,
    Probe,
    Values,
    missing_library,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._postgresql import (
    DEFAULT_PORT,
    LIMITS,
    LIST_STANDBYS,
    Standby,
    Writer,
    by_both,
    by_standby,
    by_writer,
    no_standby,
    no_writer,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._postgresql_server import ask

#: Options that can be used only with this value of ``server``.
_ONLY_WITH = {
    "writer": ("standby_name", "client_addr", "slot_name", "standby_dsn"),
    "standby": ("writer_host", "writer_port"),
}
_SECRETS = ("password", "sslpassword")


def check(options: Values) -> None:
    """Refuse invalid limits, and a gate that does not name its standby."""
    for name in LIMITS:
        if options[name] is not None and not 0 <= options[name] < math.inf:
            raise RefusedError(f"{name} is {options[name]:g}. Give a number that is 0 or more.")
    server = options["server"]
    for other, names in _ONLY_WITH.items():
        given = [name for name in names if options[name] is not None and other != server]
        if given:
            raise RefusedError(f"{', '.join(given)} cannot be used with server={server}. Leave it out.")
    if server == "writer":
        _check_standby(options)
    elif not options["writer_host"]:
        raise RefusedError(
            "server is standby, and writer_host is missing. A standby cannot know whether its upstream is the writer: "
            "give the host of the writer as in the standby's primary_conninfo, or better query the writer too, with "
            "server=writer, standby_name and standby_dsn."
        )


def _check_standby(options: Values) -> None:
    if not options["standby_name"]:
        raise RefusedError(
            "standby_name is missing. The writer may have other standbys and subscribers, which prove nothing. Give "
            f"the application_name of the standby that is meant. To find it, query the writer: {LIST_STANDBYS};"
        )
    if options["client_addr"]:
        try:
            ipaddress.ip_network(options["client_addr"])
        except ValueError as problem:
            raise RefusedError(
                f"client_addr is no address and no network: {problem}. Give one such as 192.0.2.10 or 192.0.2.0/24."
            ) from problem


def expected(options: Values) -> str:
    """What the gate expects to observe."""
    limits = [f"{options[name]:g} {unit}" for name, unit in LIMITS.items() if options[name] is not None]
    return f"{_who(options)}, replication lag at most {' and '.join(limits)}"


def _who(options: Values) -> str:
    if options["server"] == "standby":
        return f"a standby that streams from the writer {options['writer_host']}:{_port(options)}"
    reported = [f"from {options['client_addr']}"] if options["client_addr"] else []
    reported += [f"with slot '{options['slot_name']}'"] if options["slot_name"] else []
    asked = ", asked itself," if options["standby_dsn"] else ""
    return " ".join([f"standby '{options['standby_name']}'", *reported]) + f"{asked} streaming"


def _port(options: Values) -> int:
    return t.cast(int, options["writer_port"] or DEFAULT_PORT)


def observe(options: Values, probe: Probe) -> Observation:
    """Query the servers once."""
    servers = _Servers(options, time.monotonic() + probe.limit)
    try:
        server = servers.ask("dsn")
        if options["server"] == "standby":
            return no_standby(server) if isinstance(server, Writer) else by_standby(options, server, probe.memory)
        if isinstance(server, Standby):
            return no_writer(server)
        if not options["standby_dsn"]:
            return by_writer(options, server, probe.memory)
        return _with_standby(options, probe, server, servers)
    except _NoAnswerError as problem:
        return problem.observation
    except ImportError:
        return missing_library("psycopg", "the gate postgresql")


def _with_standby(options: Values, probe: Probe, before: Writer, servers: _Servers) -> Observation:
    """Query the standby too, and then the writer again. The standby has to be between the writer's two positions."""
    standby = servers.ask("standby_dsn")
    if isinstance(standby, Writer):
        return no_standby(standby)
    after = servers.ask("dsn")
    if isinstance(after, Standby):
        return no_writer(after)
    return by_both(options, before, standby, after, probe.memory)


class _NoAnswerError(Exception):
    def __init__(self, observation: Observation) -> None:
        super().__init__(observation.observed)
        self.observation = observation


@dataclass(frozen=True)
class _Servers:
    """The servers of a gate. All queries of a probe share its time limit."""

    options: Values
    end: float

    def ask(self, option: str) -> Writer | Standby:
        """Query the server of a connection string. :raises _NoAnswerError: the server does not answer."""
        import psycopg
        from psycopg.conninfo import conninfo_to_dict

        dsn = self.options[option]
        try:
            parts = conninfo_to_dict(dsn)
        except psycopg.Error as problem:
            # The message of libpq would quote the string, including the password.
            remedy = "Write it as 'host=db.example.com dbname=app user=monitor', or as a URI that begins postgresql://."
            raise _NoAnswerError(
                Observation(False, f"{option} is no connection string", remedy, final=True)
            ) from problem
        secrets = [str(parts[name]) for name in _SECRETS if parts.get(name)]
        try:
            return ask(dsn, max(0.1, self.end - time.monotonic()))
        except psycopg.errors.InsufficientPrivilege as problem:
            refused = f"the user of {option} lacks a right: {_reported(problem, secrets)}"
            remedy = "Grant what is missing to that user: pg_monitor, and EXECUTE on the function that is named."
            raise _NoAnswerError(Observation(False, refused, remedy)) from problem
        except psycopg.Error as problem:
            remedy = f"Check {option}, and that the server runs and can be reached from here."
            observed = f"no answer from the server of {option}: {_reported(problem, secrets)}"
            raise _NoAnswerError(Observation(False, observed, remedy)) from problem


def _reported(problem: Exception, secrets: Sequence[str]) -> str:
    reported = re.sub(r"\s+", " ", str(problem)).strip().rstrip(".")
    for secret in secrets:
        reported = reported.replace(secret, "********")
    return reported


KIND = GateKind(
    name="postgresql",
    description="""
        Passes if a certain PostgreSQL standby replicates, and if its replication lag is within a limit in bytes, in
        seconds, or both. In a failback that is the standby of the returning site.

        The most certain way is to give both connection strings, with O(gates[].postgresql.dsn) for the writer,
        O(gates[].postgresql.standby_dsn) for the standby, and O(gates[].postgresql.standby_name). The writer's position
        is read first, then the position of the standby. The standby has to be a copy of the writer, on the same
        timeline, and not ahead of it.

        If there is nothing to replicate, the gate passes. It fails if no standby replicates, if replication is broken
        or cannot be read, and if a server is not of the kind in O(gates[].postgresql.server). The evidence names the
        servers that were queried, and the standby's name, address, slot and state.

        Only streaming replication counts, not a standby that is fed from an archive.

        What else could make it pass, and how the gate prevents it:

        A logical subscriber, or a tool that decodes changes, that has caught up. The gate never counts these.

        Another standby, such as a replica at the serving site. Only O(gates[].postgresql.standby_name) counts, and it
        is required. The name alone is enough only if no other server that replicates from the writer has it, now or
        later. If two servers have the name, and the right one disconnects, the gate cannot distinguish them. Give
        O(gates[].postgresql.client_addr), O(gates[].postgresql.slot_name) or O(gates[].postgresql.standby_dsn) too.
        While several standbys match, the gate fails.

        A tool that receives the log under the standby's name. C(pg_receivewal) reports no replay, so the gate fails. To
        detect a tool that reports received data as replayed, give O(gates[].postgresql.standby_dsn), which has to lead
        to a server.

        A standby whose upstream is a standby that is cut off from the writer. Its position is compared with the
        writer's. With O(gates[].postgresql.server=standby) it has to stream from the writer itself.

        A connection that hangs. The gate compares with the writer's own position, not with the position that it sent
        last. With O(gates[].postgresql.server=standby) a message has to arrive that was sent after the gate began.

        A server with another history, such as a standby of an old primary that was promoted too. System identifier and
        timeline have to be the same. Two servers that were promoted independently can have the same timeline number. So
        the writer also has to list the standby as streaming, and the standby must not have replayed more than the
        writer wrote.

        The wrong writer: after a split brain, O(gates[].postgresql.dsn) may lead to the old primary. The gate fails if
        it is a standby, and the evidence names the server and its timeline. The gate cannot check that the server
        belongs to the serving site: give that server's own address, not a list of hosts or a name that moves.

        Transactions that were committed with C(synchronous_commit=off). Their commit is confirmed before they are
        written. The gate uses the position after the last inserted record, even if that is not written yet.

        Writes after the probe. A failback evaluates its gates on data again once the writes have been stopped.

        Data that is not replicated at all, such as the data of unlogged tables. Positions do not show that.""",
    options={
        "dsn": {
            "description": """
                How to connect to the server that O(gates[].postgresql.server) names, as a connection string or URI of
                libpq.

                The user needs only the rights of C(pg_monitor). The gate reads in one read-only transaction, and leaves
                nothing behind in the session. So the connection may go through a pooler such as PgBouncer in
                transaction mode, if the pooler leads to this server only.""",
            "type": "str",
            "required": True,
            "no_log": True,
        },
        "server": {
            "description": """
                Which server O(gates[].postgresql.dsn) leads to. The gate fails if the server is of the other kind.

                V(writer) is the server that takes the writes now. In a failback that is the server of the serving site.
                It knows everything that was written. It receives the position of a standby in the standby's replies,
                every 10 seconds if nothing is written (C(wal_receiver_status_interval)).

                Use V(standby) if only the standby can be reached. A standby cannot know whether its upstream is the
                writer. So it has to stream from O(gates[].postgresql.writer_host), with C(target_session_attrs=primary)
                in its C(primary_conninfo). With this setting it connects only to a server that is not a standby.
                (C(read-write) has the same effect. Before PostgreSQL 14, use that.) Also, a message has to
                arrive that the writer sent at least one second after the gate began, by the clocks of both. An idle
                writer sends one every 30 seconds (half of C(wal_receiver_timeout)), so give the gate a
                O(gates[].postgresql.timeout) of 60. The gate cannot detect that the address belongs to an old primary
                that takes writes too.""",
            "type": "str",
            "choices": ["writer", "standby"],
            "default": "writer",
        },
        "standby_name": {
            "description": f"""
                The C(application_name) of the standby that has to have caught up, as the writer lists it. Required with
                O(gates[].postgresql.server=writer).

                To find it, query the writer: C({LIST_STANDBYS}).

                The name is set in the standby's C(primary_conninfo), or else by its C(cluster_name). By default it is
                C(walreceiver) for all standbys.

                If the standby of O(gates[].postgresql.standby_dsn) follows another standby, give the name of the
                standby that follows the writer.""",
            "type": "str",
        },
        "client_addr": {
            "description": """
                The address that the standby connects from, as the writer sees it, or the network of its site, such as
                V(192.0.2.0/24).

                Recommended, because sites are often set up alike, and their replicas have the same names.""",
            "type": "str",
        },
        "slot_name": {
            "description": """
                The replication slot that the standby uses on the writer (C(primary_slot_name)). A slot serves one
                standby at a time.""",
            "type": "str",
        },
        "standby_dsn": {
            "description": """
                How to connect to the standby itself, with O(gates[].postgresql.server=writer). Recommended wherever the
                standby can be reached.

                The gate then passes only if the writer lists O(gates[].postgresql.standby_name), and if this server
                itself has replayed what the writer had written before. This server may also follow the standby of that
                name.

                Give the server's own address: any host of a list may answer.""",
            "type": "str",
            "no_log": True,
        },
        "writer_host": {
            "description": """
                With O(gates[].postgresql.server=standby), the host of the writer, as C(host) in the standby's
                C(primary_conninfo) and in C(sender_host) of C(pg_stat_wal_receiver). Required there.

                It must always lead to the same server. A name that moves with the writer proves nothing, because a
                connection to the old writer outlives the move.""",
            "type": "str",
        },
        "writer_port": {
            "description": f"The port of O(gates[].postgresql.writer_host). If not given it is V({DEFAULT_PORT}).",
            "type": "int",
        },
        "max_lag_bytes": {
            "description": """
                How many bytes of the write-ahead log may not have been replayed yet.

                With V(0) nothing may be missing. If a transaction is open on a writer that is otherwise idle, it can
                count as missing for some 20 seconds, until its records are sent.""",
            "type": "int",
        },
        "max_lag_seconds": {
            "description": """
                How many seconds the replay may be behind. If nothing is missing it is 0.

                With O(gates[].postgresql.standby_dsn) or O(gates[].postgresql.server=standby) the lag is the time since
                the commit of the last transaction that was replayed. If writes are rare, that may be long ago, although
                little is missing.

                Otherwise the lag is the last measurement of the writer, or the time since the standby's last reply if
                that is longer. The clocks of both servers have to agree. If the standby's clock is seen to be ahead by
                more than a second, the gate fails.""",
            "type": "float",
        },
    },
    expected=expected,
    observe=observe,
    check=check,
    constraints={"required_one_of": [("max_lag_bytes", "max_lag_seconds")]},
    requirements=("psycopg >= 3.1, for gates of kind postgresql",),
    measures=("lag_bytes", "lag_seconds"),
)
