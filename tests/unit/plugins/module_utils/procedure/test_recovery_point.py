# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The replication lag is read right before the promotion, and never stops the promotion."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._procedure import ending
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import ModuleFailedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    CAUGHT_UP,
    NOW,
    Cloud,
    Role,
    failover,
)

LAG: Json = {"name": "lag", "rds_replica_lag": {"db_instance": "shop-replica", "source": "shop", "max_lag_seconds": 5}}
STEPS = ["lock", "fences", "promote"]


class Measuring(Cloud):
    """A cloud in which the gate ``lag`` measures 2.5 s."""

    def _failback_gate(self, options: Json) -> Json:
        seen = super()._failback_gate(options)
        for gate in seen["evidence"]["gates"]:
            measured = {"lag_seconds": 2.5} if gate["name"] == LAG["name"] else {}
            gate |= {"observed": "what it saw", "from": NOW, "to": NOW, "measured": measured}
        return seen


class Unreachable(Cloud):
    """A cloud in which the gate ``lag`` cannot be evaluated."""

    def _failback_gate(self, options: Json) -> Json:
        if any(gate["name"] == LAG["name"] for gate in options["gates"]):
            raise ModuleFailedError({"msg": "no such module"})
        return super()._failback_gate(options)


def promoting(**given: t.Any) -> Json:
    return failover(
        **{"promote_tasks": "p.yml", "fence_override": {"reason": "r"}, "steps": STEPS, "gates": [LAG], **given}
    )


def looks(role: Role) -> list[Json]:
    """What was asked of gates that measure."""
    asked = [gate for options in role.cloud.asked("failback_gate") for gate in options["gates"]]
    return [gate for gate in asked if gate["name"] == "lag"]


def test_an_unplanned_failover_measures_what_it_promotes() -> None:
    role = Role(promoting(), Measuring())
    record = ending.record(role.go(), role.options, NOW)
    assert (record["status"], record["recovery_point"]["lag_seconds"]) == ("completed", 2.5)


def test_users_wait_for_one_short_probe_only() -> None:
    role = Role(promoting(), Measuring())
    role.go()
    (look,) = looks(role)
    assert (look["rds_replica_lag"]["consecutive"], look["rds_replica_lag"]["timeout"]) == (1, 3)


def test_a_promotion_of_the_users_own_is_measured_too() -> None:
    own = {"name": "promote it", "tasks": "p.yml", "point_of_no_return": True}
    role = Role(promoting(promote_tasks="", steps=["lock", "fences", own]), Measuring())
    assert ending.record(role.go(), role.options, NOW)["recovery_point"]["lag_seconds"] == 2.5


def test_what_measures_nothing_is_not_asked_before_the_promotion() -> None:
    role = Role(promoting(gates=[CAUGHT_UP]), Measuring())
    record = ending.record(role.go(), role.options, NOW)
    assert "no gate of failover_gates measures" in record["recovery_point"]["msg"]
    assert CAUGHT_UP["name"] not in str(role.cloud.asked("failback_gate"))


def test_a_lag_that_cannot_be_asked_for_stops_no_promotion() -> None:
    role = Role(promoting(), Unreachable())
    record = ending.record(role.go(), role.options, NOW)
    assert (record["status"], record["recovery_point"]["msg"]) == ("completed", "unknown: no such module")


def test_a_database_that_is_too_far_behind_stops_no_unplanned_promotion() -> None:
    role = Role(promoting(), Measuring(fails={"lag": "too far"}))
    assert role.go().status == "completed"


def test_check_mode_promotes_nothing_and_measures_nothing() -> None:
    role = Role(promoting(), Measuring(), check=True)
    assert ending.record(role.go(), role.options, NOW)["recovery_point"] is None
    assert looks(role) == []


def test_nothing_is_measured_where_nothing_is_promoted() -> None:
    role = Role(failover(steps=["lock"], gates=[LAG]), Measuring())
    assert ending.record(role.go(), role.options, NOW)["recovery_point"] is None
    assert looks(role) == []


class Lagging(Cloud):
    """A cloud whose database is 2 s behind until it is promoted."""

    def _rds_failover(self, options: Json) -> Json:
        return {**super()._rds_failover(options), "name": options["replica"], "before": {"lag_seconds": 2.0}}


DATABASE: Json = {"rds": [{"replica": "orders-b", "source": "orders-a"}]}


def test_a_database_that_the_step_rds_promotes_is_measured_without_a_gate() -> None:
    given = {"resources": DATABASE, "promote_tasks": "", "gates": [], "steps": ["lock", "fences", "rds"]}
    role = Role(promoting(**given), Lagging())
    point = ending.record(role.go(), role.options, NOW)["recovery_point"]
    assert (point["lag_seconds"], point["gates"]) == (2.0, ["rds orders-b"])


def test_of_a_gate_and_a_database_the_one_that_is_further_behind_counts() -> None:
    class Both(Measuring, Lagging):
        """A gate measures 2.5 s, and the module 2 s."""

    role = Role(promoting(resources=DATABASE, promote_tasks="", steps=["lock", "fences", "rds"]), Both())
    point = ending.record(role.go(), role.options, NOW)["recovery_point"]
    assert (point["lag_seconds"], point["gates"]) == (2.5, ["lag", "rds orders-b"])


def test_a_lag_that_is_not_known_is_no_recovery_point() -> None:
    class Blind(Lagging):
        """CloudWatch has no value."""

        def _rds_failover(self, options: Json) -> Json:
            return {**super()._rds_failover(options), "before": {"lag_seconds": None}}

    role = Role(promoting(resources=DATABASE, promote_tasks="", gates=[], steps=["lock", "fences", "rds"]), Blind())
    point = ending.record(role.go(), role.options, NOW)["recovery_point"]
    assert (point["lag_seconds"], "its lag is not known" in point["msg"]) == (None, True)
