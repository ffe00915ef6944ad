# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Procedures of many services that begin together, each with its own claim and its own outcome."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import ModuleFailedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.engine import Engine
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run
from ansible_collections.tidegate.failover.plugins.plugin_utils._beginning import Beginning, Together, share_out
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    NOW,
    OTHER,
    Cloud,
    failover,
)

NAMES = ("a", "b", "c")


class KilledError(BaseException):
    """The process is gone."""


class Clouds:
    """One cloud for all services, whose calls can be counted.

    :ivar asked: each call with the services that it was for.
    :ivar dies_at: the number of the call that kills the process.
    """

    def __init__(self, cloud: Cloud | None = None) -> None:
        self.cloud = cloud or Cloud()
        self.asked: list[tuple[str, list[str]]] = []
        self.dies_at = -1
        self.broken = self.own_account = ""

    def ask(self, services: Sequence[Beginning], module: str, /, **options: t.Any) -> Json:
        if len(self.asked) == self.dies_at:
            raise KilledError
        names = [service.host.name for service in services]
        self.asked.append((module, names))
        if self.broken in names:
            raise AnsibleError("no connection")
        return self.cloud(module, **options)

    def begin(self, b: Json | None = None, *, of: Mapping[str, Json] | None = None, runs: str = "1") -> dict[str, Run]:
        """Fail services over; the outcome of each.

        :param b: what is different about the second one.
        :param of: what is different about each, by its name.
        :param runs: a digit that all runs have in their ids.
        """
        usual = failover(steps=["lock"])
        different = of or {"b": b or {}}
        services = [self._service(name, runs, usual | different.get(name, {})) for name in NAMES]
        Together(services, self.ask).begin()
        return {service.host.name: service.engine.run for service in services}

    def _service(self, name: str, runs: str, options: Json) -> Beginning:
        given = options | {"health_check_ids": [f"check-{name}"], "service": name}
        run = Run("failover", f"20261121T030405Z-{runs * 7}{name}", name, NOW)
        service = Beginning(t.cast(t.Any, SimpleNamespace(name=name)), t.cast(t.Any, None), {"aws": {}})
        if name in (self.broken, self.own_account):
            service.auth = {"aws": {"profile": "own"}}
        context = Context(given, {}, run, ask=lambda module, /, **more: self.ask([service], module, **more), host=name)
        service.engine = Engine(context, now=lambda: NOW)
        return service


def outcomes(runs: dict[str, Run]) -> dict[str, bool]:
    """Which of them are locked by their run."""
    return {name: run.results.get("lock", {}).get("status") == "done" for name, run in runs.items()}


def test_all_services_are_asked_about_and_locked_together() -> None:
    clouds = Clouds()
    assert all(outcomes(clouds.begin()).values())
    modules = ["failover_state", "failback_gate", "r53_healthcheck_lock", "failover_state"]
    assert clouds.asked == [(module, list(NAMES)) for module in modules]


def test_each_lock_is_that_of_its_own_run() -> None:
    clouds = Clouds()
    runs = clouds.begin()
    assert clouds.cloud.locks == {f"check-{name}": run.id for name, run in runs.items()}


@pytest.mark.parametrize(
    ("cloud", "options", "said"),
    [
        (Cloud(fails={"r53_healthcheck_lock check-b": "not allowed"}), {}, "not allowed"),
        (Cloud(), {"fences": [{"name": "f", "tcpp": {}}]}, "failover_fences"),
        (Cloud(), {"secondary_url": "nowhere"}, "failover_secondary_url"),
    ],
    ids=["no rights", "a wrong fence", "a wrong address"],
)
def test_one_that_cannot_be_locked_stops_no_other(cloud: Cloud, options: Json, said: str) -> None:
    runs = Clouds(cloud).begin(options)
    assert outcomes(runs) == {"a": True, "b": False, "c": True}
    assert said in runs["b"].problem


def test_an_account_that_cannot_be_asked_stops_no_service_of_another() -> None:
    clouds = Clouds()
    clouds.broken = "b"
    runs = clouds.begin()
    assert outcomes(runs) == {"a": True, "b": False, "c": True}
    assert (runs["b"].status, runs["b"].problem) == ("refused", "no connection")


def test_one_whose_first_step_is_another_is_not_locked_yet() -> None:
    planned = {"type": "planned", "steps": ["quiesce", "lock"], "quiesce_tasks": "/q.yml"}
    runs = Clouds().begin(b=planned)
    assert (outcomes(runs)["b"], runs["b"].problem, runs["b"].results) == (False, "", {})


def test_i10_what_a_service_takes_out_no_later_one_counts_on() -> None:
    clouds = Clouds()
    clouds.begin(b={"records": [{"zone": "example.com", "name": "b.example.com"}]})
    (asked,) = clouds.cloud.asked("failover_preflight")
    assert asked["locked_before"] == {"check-a": "a", "check-c": "c"}
    assert asked["services"][0]["lock_if"] == "not_unhealthy"


class EachOthersSite(Cloud):
    """The services ``a`` and ``b`` are each other's other site. A read of several services at once may fail.

    :ivar at_once: whether it does not.
    """

    at_once = True

    def _failover_preflight(self, options: Json) -> Json:
        if len(options["services"]) > 1 and not self.at_once:
            raise ModuleFailedError({"msg": "throttled"})
        taken = set(options.get("locked_before", {}))
        reported: list[Json] = []
        for service in options["services"]:
            other = {"check-a": "check-b", "check-b": "check-a"}[service["health_check_ids"][0]]
            reported.append(
                {"other_site": {"health": "unhealthy" if other in taken else "healthy", "how": "", "answers": {}}}
            )
            taken |= set(service["health_check_ids"])
        return {"services": reported}


@pytest.mark.parametrize(
    ("at_once", "other_account"),
    [(True, ""), (False, ""), (True, "b")],
    ids=["in one call", "in turn", "in two accounts"],
)
def test_i10_of_two_services_that_are_each_others_site_one_stays_open(at_once: bool, other_account: str) -> None:
    cloud = EachOthersSite()
    cloud.at_once = at_once
    clouds = Clouds(cloud)
    clouds.own_account = other_account
    records = {"records": [{"zone": "example.com", "name": "www.example.com"}]}
    runs = clouds.begin(of={"a": records, "b": records})
    assert outcomes(runs) == {"a": True, "b": False, "c": True}
    assert "would leave none" in runs["b"].problem


@pytest.mark.parametrize("call", range(5))
def test_i8_a_run_that_is_killed_between_calls_for_all_is_finished_by_the_next(call: int) -> None:
    clouds = Clouds()
    clouds.dies_at = call
    if call < 4:
        with pytest.raises(KilledError):
            clouds.begin()
    clouds.dies_at = -1
    second = clouds.begin(runs="2")
    assert clouds.cloud.locks == {f"check-{name}": run.id for name, run in second.items()}


def test_what_is_reported_of_a_health_check_is_reported_to_its_service_alone() -> None:
    services = [Clouds()._service(name, "1", failover()) for name in "ab"]
    said = ["check-a: it is slow", "the clock is wrong"]
    diffs = [{"before_header": "check-b", "before": 1}]
    targets = [{"health_check_id": "check-a", "diff": {"before": 2}}]
    share_out({"warnings": said, "diff": diffs, "targets": targets}, services)
    assert [service.warnings for service in services] == [said, said[1:]]
    assert [service.diffs for service in services] == [[{"before": 2}], diffs]


def test_a_warning_that_ansible_hands_on_as_an_object_is_kept_as_its_text() -> None:
    services = [Clouds()._service("a", "1", failover())]
    share_out({"warnings": [SimpleNamespace(event=SimpleNamespace(msg="The clock is wrong."))]}, services)
    assert services[0].warnings == ["The clock is wrong."]


def test_another_run_that_holds_one_service_keeps_it() -> None:
    clouds = Clouds(Cloud(locks={"check-b": OTHER}))
    clouds.cloud.may = {"replaces": None}
    runs = clouds.begin()
    assert outcomes(runs) == {"a": True, "b": False, "c": True}
    assert "Another run acquired the lock first" in runs["b"].problem
    assert clouds.cloud.locks["check-b"] == OTHER
