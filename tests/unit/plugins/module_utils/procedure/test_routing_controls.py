# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Routing controls as a part of the lock, and in place of it while Route 53 does not answer."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import routing_controls
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import ModuleFailedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    CONTROLS,
    RUN,
    Cloud,
    Role,
    failback,
    failover,
)

MODULE = "routing_control_lock"
PROMOTING: Json = {"promote_tasks": "promote.yml", "fence_override": {"fences": [], "reason": "CHG-1"}}
CLAIM = {"checks": ["claim"], "reason": "CHG-2, nobody else is at it"}


class SilentRoute53(Cloud):
    """A cloud whose Route 53 does not answer."""

    def __call__(self, module: str, /, **options: t.Any) -> Json:
        if module in ("failover_state", "r53_healthcheck_lock", "r53_healthcheck_info", "failover_preflight"):
            self.calls.append((module, options))
            reported = {"failed": True, "no_answer": True, "msg": "Route 53 said nothing."}
            raise ModuleFailedError({**reported, "targets": [reported] * len(options.get("targets", [1]))})
        return super().__call__(module, **options)


class BrokenControls(Cloud):
    """A cloud whose routing controls cannot be switched.

    :ivar refused: whether that is a decision.
    """

    refused = False

    def _routing_control_lock(self, options: Json) -> Json:
        raise ModuleFailedError({"failed": True, "name": "", "msg": "It stays on.", "refused": self.refused})


def failed_over(cloud: Cloud, **given: t.Any) -> Role:
    role = Role(failover(routing_controls=CONTROLS, **given), cloud)
    role.go()
    return role


def switched(cloud: Cloud) -> list[str]:
    """What routing controls were brought to, without the reads."""
    return [options["state"] for options in cloud.asked(MODULE) if not options.get("check_mode")]


def test_a_failover_turns_the_controls_off_after_it_has_locked_the_health_check() -> None:
    failed_over(cloud := Cloud())
    names = [name for name, options in cloud.calls if not options.get("check_mode")]
    assert (cloud.control, names.index("r53_healthcheck_lock") < names.index(MODULE)) == ("Off", True)


def test_a_service_without_controls_asks_nothing_of_them() -> None:
    Role(failover(), cloud := Cloud()).go()
    assert cloud.asked(MODULE) == []


def test_controls_that_are_refused_refuse_the_run_before_anything_is_changed() -> None:
    cloud = BrokenControls()
    cloud.refused = True
    role = failed_over(cloud)
    assert (role.run.status, cloud.locks) == ("refused", {})
    assert "failover_routing_controls" in role.run.msg


@pytest.mark.parametrize(("kind", "status", "locked"), [("planned", "refused", False), ("unplanned", "failed", True)])
def test_controls_that_cannot_be_read_stop_a_planned_failover_only(kind: str, status: str, locked: bool) -> None:
    cloud = BrokenControls()
    role = failed_over(cloud, type=kind)
    assert (role.run.status, bool(cloud.locks)) == (status, locked)
    assert [warning.partition(" could")[0] for warning in role.warned] == ["failover_routing_controls"] * locked


def test_a_failover_that_is_undone_turns_on_what_it_has_turned_off() -> None:
    steps = ["lock", {"name": "own", "tasks": "own.yml"}]
    options = failover(type="planned", routing_controls=CONTROLS, steps=steps)
    role = Role(options, Cloud(), files={"/inventory/own.yml": "It broke."})
    role.go()
    assert switched(role.cloud) == ["locked", "unlocked"]
    assert (role.run.status, role.cloud.control, role.cloud.locks) == ("undone", "On", {})


def test_what_was_off_before_stays_off_when_a_failover_is_undone() -> None:
    role = Role(
        failover(type="planned", routing_controls=CONTROLS, steps=["lock", {"name": "own", "tasks": "own.yml"}]),
        Cloud(control="Off"),
        files={"/inventory/own.yml": "It broke."},
    )
    role.go()
    assert (role.run.status, role.cloud.control) == ("undone", "Off")


def test_i6_a_failback_turns_them_on_with_the_evidence_for_its_own_claim() -> None:
    cloud = Cloud(locks={"check-1": "20261121T020304Z-00c0ffee"}, control="Off")
    role = Role(failback(routing_controls=CONTROLS), cloud)
    role.go()
    (asked,) = cloud.asked(MODULE)
    assert (role.run.status, cloud.control) == ("completed", "On")
    assert asked["lock_id"] == role.run.id
    assert asked["evidence"]["lock_ids"] == [role.run.id]


def test_i5_a_failback_turns_them_on_before_it_opens_the_claim() -> None:
    cloud = Cloud(locks={"check-1": "20261121T020304Z-00c0ffee"}, control="Off", fails={MODULE: "No endpoint answers."})
    role = Role(failback(routing_controls=CONTROLS), cloud)
    role.go()
    assert (role.run.status, cloud.locks) == ("failed", {"check-1": role.run.id})


def test_a_failback_that_finds_no_lock_does_not_pass_over_a_control_that_is_off() -> None:
    class Refusing(Cloud):
        def _routing_control_lock(self, options: Json) -> Json:
            reported = {"failed": True, "name": "", "msg": "no evidence", "refused": True}
            raise ModuleFailedError({**reported, "lock_ids": ["routing-control-1"], "before": {"arn:primary": "Off"}})

    role = Role(failback(routing_controls=CONTROLS), Refusing())
    role.go()
    assert role.run.status == "refused"
    assert "a routing control of the site is off (routing-control-1)" in role.run.msg


def test_without_route_53_the_site_is_locked_by_its_controls_and_the_run_says_that_the_claim_is_missing() -> None:
    role = failed_over(cloud := SilentRoute53())
    assert (cloud.control, role.run.status) == ("Off", "failed")
    assert "The claim is missing, because Route 53 did not answer: Route 53 said nothing." in role.run.msg
    assert "NO CLAIM" in role.run.results["lock"]["msg"]


def test_without_route_53_nothing_is_promoted_and_nothing_undone() -> None:
    role = failed_over(cloud := SilentRoute53(), **PROMOTING)
    assert (role.ran, cloud.control) == ([], "Off")
    assert "name claim in failover_override.checks" in next(
        step["skip"] for step in role.run.steps if step["name"] == "promote"
    )


def test_without_a_claim_a_person_may_promote_all_the_same() -> None:
    role = failed_over(SilentRoute53(), **PROMOTING, override=CLAIM)
    assert role.ran == ["/inventory/promote.yml"]
    assert [one["names"] for one in role.run.overrides if one["what"] == "check"] == [["claim"]]
    assert "The claim is missing" in role.run.msg


@pytest.mark.parametrize("given", [{"trigger": "automatic"}, {"type": "planned"}, {"routing_controls": None}])
def test_without_route_53_all_other_failovers_are_refused(given: Json) -> None:
    role = Role(failover(**({"routing_controls": CONTROLS} | given)), cloud := SilentRoute53())
    role.go()
    assert (role.run.status, cloud.control) == ("refused", "On")


def test_the_last_site_stays_also_without_route_53() -> None:
    cloud = SilentRoute53(fails={"last serving site": "it answers nothing"})
    role = failed_over(cloud)
    assert (role.run.status, cloud.control) == ("refused", "On")


def test_the_next_run_claims_and_takes_the_steps_that_are_left() -> None:
    failed_over(silent := SilentRoute53(), **PROMOTING)
    role = failed_over(cloud := Cloud(control=silent.control), **PROMOTING)
    assert (role.run.status, cloud.locks, role.ran) == ("completed", {"check-1": RUN}, ["/inventory/promote.yml"])


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ([], ""),
        ("arn:primary", "is of the wrong kind"),
        ({"cluster_arn": "arn:cluster"}, "has no site"),
        ({"site": ["arn:primary"]}, "has no cluster_endpoints"),
        ({**CONTROLS, "site": "arn:primary"}, "site is not a list"),
        ({**CONTROLS, "primary": ["arn:primary"]}, "has primary"),
    ],
)
def test_what_is_wrong_with_the_variable_is_reported(given: t.Any, problem: str) -> None:
    assert problem in " ".join(routing_controls.problems({"routing_controls": given}))


def test_what_a_person_overrides_is_handed_on() -> None:
    override = {"checks": ["last serving site", "claim"], "safety_rules": ["rule-1"], "reason": "CHG-1"}
    asked = routing_controls.locking({"routing_controls": CONTROLS, "override": override}, "checkout")
    assert asked["override"] == {"checks": ["last serving site"], "safety_rules": ["rule-1"], "reason": "CHG-1"}
