# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Moves the writer of one database: read, decide, make the next call, and read again until the move is complete."""

from __future__ import annotations

import socket
import typing as t
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from ansible_collections.tidegate.failover.plugins.module_utils._aws import databases
from ansible_collections.tidegate.failover.plugins.module_utils._aws.cloudwatch import latest_maximum
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._databases.decision import decide, facts
from ansible_collections.tidegate.failover.plugins.module_utils._databases.replicas import rebuild
from ansible_collections.tidegate.failover.plugins.module_utils._databases.resources import kind_of
from ansible_collections.tidegate.failover.plugins.module_utils._databases.verdict import Json, Target, Verdict, Write
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    ConflictError,
    RefusedError,
    TidegateError,
    TransientError,
    WaitTimeoutError,
    code_of,
    defect,
)

#: Returns a client for a service and a Region. An empty Region is the Region of the task.
Clients = Callable[[str, str], t.Any]

#: Seconds between two reads while RDS works; a move takes from half a minute to many minutes.
_POLL = 2.0
_CONNECT = 3.0
#: CloudWatch gets replication metrics once a minute, one or two minutes late.
_LAG_AGE = timedelta(minutes=10)
_MILLISECONDS = 1000


class DatabaseSwitch:
    """One target of a task.

    :param options: ``to``, ``type``, ``run_id`` and ``rebuild`` of the task.
    """

    def __init__(self, target: Target, options: Mapping[str, t.Any], clients: Clients, deadline: Deadline) -> None:
        self._target, self._options, self._clients, self._deadline = target, options, clients, deadline
        self._name = str(target[kind_of(target)])
        self._written: list[Write] = []
        self._before: Json | None = None
        self._after: Json | None = None
        self._msg, self._changed = "", False
        self._problem: TidegateError | None = None
        self._refused = False
        self._warnings: list[str] = []

    def switch(self, *, check_mode: bool) -> None:
        """Move the writer, or predict that. The result contains any error."""
        try:
            self._predict() if check_mode else self._move()
        except RefusedError as problem:
            self._problem, self._refused = problem, not self._changed
        except TidegateError as problem:
            self._problem = problem
        # An unexpected error of one target must not hide the results of the others.
        except Exception as broken:  # noqa: BLE001
            self._problem = defect(broken)

    def result(self) -> Json:
        """The result of this target."""
        return {
            "name": self._name,
            "changed": self._changed,
            "failed": self._problem is not None,
            "refused": self._refused,
            "msg": str(self._problem or self._msg),
            **code_of(self._problem),
            "warnings": self._warnings,
            "before": self._before,
            "after": self._after,
        }

    def _predict(self) -> None:
        verdict = self._check()
        self._changed, self._msg = bool(verdict.writes), verdict.msg

    def _move(self) -> None:
        while True:
            verdict = self._check()
            self._msg = verdict.msg
            if verdict.done:
                break
            if not self._act(verdict):
                self._wait(verdict)
        self._accept_write()

    def _act(self, verdict: Verdict) -> bool:
        """Make the next call, unless it was made before or cannot be made yet. Returns whether the call was made."""
        if not verdict.writes or not verdict.ready or verdict.writes[0] in self._written:
            return False
        write = verdict.writes[0]
        try:
            databases.write(self._clients("rds", write.region), write.operation, write.arguments)
        except (ConflictError, TransientError) as setback:
            # Where the response was lost, the next read shows whether it took effect.
            self._changed = self._changed or (isinstance(setback, TransientError) and setback.effect_unknown)
            self._deadline.pause_after(setback)
            return True
        self._written.append(write)
        self._changed = True
        self._deadline.note_progress()
        return True

    def _wait(self, verdict: Verdict) -> None:
        """:raises WaitTimeoutError: no time is left."""
        if self._deadline.remaining <= 0:
            raise WaitTimeoutError(
                f"The wait_timeout of {self._deadline.timeout:g} s ran out. {verdict.msg} RDS has not completed that: "
                f"{self._after}. What was begun goes on in RDS; run this again to wait for it."
            )
        self._deadline.sleep(_POLL)

    def _check(self) -> Verdict:
        seen = self._read()
        self._after = facts(self._target, seen)
        if self._before is None:
            self._before = {**self._after, "lag_seconds": self._lag()}
        if self._options["rebuild"]:
            return rebuild(self._target, seen)
        options = self._options
        return decide(self._target, options["to"], options["type"], options["run_id"], seen)

    def _read(self) -> Json:
        target, kind = self._target, kind_of(self._target)
        region = target.get("region") or ""
        if kind == "global_cluster":
            return self._read_global()
        if kind == "cluster":
            return {"cluster": self._ask(databases.read_cluster, region, target["cluster"])}
        seen = {"instance": self._ask(databases.read_instance, region, self._name)}
        returning = target.get("returning")
        if returning and (self._options["to"] == "primary" or self._options["rebuild"]):
            where = returning.get("region") or ""
            seen["returning"] = self._ask(databases.read_instance, where, returning["replica"])
        return seen

    def _read_global(self) -> Json:
        """The global cluster, read in the Region that is to take over, because the other Region may be unavailable."""
        wanted = self._target["writer"][self._options["to"]]
        found = self._ask(databases.read_global_cluster, wanted, self._name)
        members = (found or {}).get("GlobalClusterMembers") or []
        arn = next((str(one["DBClusterArn"]) for one in members if f":{wanted}:" in str(one["DBClusterArn"])), "")
        cluster = self._ask(databases.read_cluster, wanted, arn) if arn else None
        return {"global_cluster": found, "cluster": cluster}

    def _ask(self, read: Callable[[t.Any, str], Json | None], region: str, name: str) -> Json | None:
        return call_patiently(partial(read, self._clients("rds", region), name), self._deadline)

    def _lag(self) -> float | None:
        """The replication lag of the database that takes over, as the recovery point. No decision depends on it."""
        target, kind = self._target, kind_of(self._target)
        now = datetime.now(UTC)
        try:
            if kind == "replica" and self._options["to"] == "secondary":
                client = self._clients("cloudwatch", target.get("region") or "")
                dimensions = {"DBInstanceIdentifier": self._name}
                found = latest_maximum(client, "AWS/RDS", "ReplicaLag", dimensions, now - _LAG_AGE, now)
                return found.value if found and found.value >= 0 else None
            if kind == "global_cluster":
                return self._lag_of_global(now)
        except TidegateError as problem:
            self._warnings.append(f"The replication lag could not be read. {problem}")
        return None

    def _lag_of_global(self, now: datetime) -> float | None:
        wanted = self._target["writer"][self._options["to"]]
        cluster = self._read_global()["cluster"]
        if cluster is None:
            return None
        dimensions = {"DBClusterIdentifier": str(cluster["DBClusterIdentifier"])}
        client = self._clients("cloudwatch", wanted)
        found = latest_maximum(client, "AWS/RDS", "AuroraGlobalDBReplicationLag", dimensions, now - _LAG_AGE, now)
        return found.value / _MILLISECONDS if found else None

    def _accept_write(self) -> None:
        """Wait until the writer's address accepts connections, if an address is given.

        :raises WaitTimeoutError: it does not accept connections in time.
        """
        where = self._address()
        while where:
            try:
                with socket.create_connection((where["host"], where["port"]), timeout=_CONNECT):
                    return
            except OSError as problem:
                if self._deadline.remaining <= 0:
                    raise WaitTimeoutError(
                        f"{self._msg} But {where['host']}:{where['port']} does not accept connections: {problem}. "
                        "Check the endpoint, and the security groups between this machine and the database."
                    ) from problem
                self._deadline.sleep(_POLL)

    def _address(self) -> Json | None:
        target = self._target
        if self._options["rebuild"]:
            return None
        back = kind_of(target) == "replica" and self._options["to"] == "primary"
        return ((target.get("returning") or {}) if back else target).get("accepts_write")
