# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A drill runs from task to task: it first checks who holds the service, and undoes only its own changes."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible import constants
from ansible_collections.tidegate.failover.plugins.action.drill import ActionModule
from ansible_collections.tidegate.failover.plugins.plugin_utils._all_services import SharedState
from ansible_collections.tidegate.failover.tests.unit.plugins.action.looking_task import Json, LookingTask

GATE = {"name": "up", "tcp": {"host": "primary.example.com", "port": 443}}
CHECKOUT: Json = {"failover_health_check_ids": ["check"], "failback_gates": [GATE], "drill_of": ["failover"]}
#: As extra vars.
NAMED: Json = {"drill_services": "checkout"}
MAY: Json = {
    "allowed": True,
    "lock": None,
    "clock_problem": "",
    "msg": "No lock is there yet.",
    "state": None,
    "time": "2026-11-25T12:00:00Z",
}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary files of a run."""
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))


class Service:
    """One service, its cloud, and the tasks of its drill.

    :ivar state: what ``failover_state`` answers.
    :ivar passes: whether gates pass.
    """

    def __init__(self, folder: Path, extra_vars: Json | None = None, **variables: t.Any) -> None:
        self.state, self.passes = dict(MAY), True
        self._task = LookingTask(folder, {"checkout": CHECKOUT | variables}, "drill", self._answer, extra_vars)
        self.asked = self._task.asked
        self._found = SharedState(folder)
        self._found.keep("checkout", {"checkout": {"findings": []}}, None)

    def _answer(self, module: str, options: Json) -> Json:
        if module == "failover_state":
            return self.state
        if module == "r53_healthcheck_info":
            return {"health_checks": [{"health_check_id": "check", "failed": False, "health": "healthy", "lock": None}]}
        gates = [{"name": gate["name"], "passed": self.passes, "observed": "-"} for gate in options["gates"]]
        return {"evidence": {"gates": gates}}

    def do(self, what: str, **options: t.Any) -> Json:
        """Take a task, and keep what it registers."""
        if what == "begin":
            options["found"] = str(self._found.place)
        result = self._task.run(ActionModule, do=what, **options)
        self._task.know("checkout", drill_run=result)
        return result

    def know(self, **facts: t.Any) -> None:
        """What other tasks have left."""
        self._task.know("checkout", **facts)


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """A service whose failover is rehearsed."""
    return Service(tmp_path)


def test_it_asks_as_an_automatic_failover_would(service: Service) -> None:
    begun = service.do("begin")
    assert begun["rehearse"] == ["failover"]
    (options,) = (options for module, options in service.asked if module == "failover_state")
    assert (options["trigger"], options["operation"]) == ("automatic", "failover")


def test_effect_for_services_that_nobody_named_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    service = Service(tmp_path, drill_effect=True)
    assert "no service is named" in service.do("begin")["msg"]
    assert service.asked == []


@pytest.mark.parametrize("effect", [True, False])
def test_services_that_the_inventory_names_are_refused(tmp_path: Path, effect: bool) -> None:
    service = Service(tmp_path, drill_effect=effect, drill_services=["checkout"])
    assert "drill_services counts as an extra var only" in service.do("begin")["msg"]
    assert service.asked == []


@pytest.mark.parametrize("given", ["", [], ","])
def test_extra_vars_that_name_nothing_name_no_service(tmp_path: Path, given: t.Any) -> None:
    assert "no service is named" in Service(tmp_path, {"drill_services": given}, drill_effect=True).do("begin")["msg"]


@pytest.mark.parametrize("given", [" checkout ", ["checkout"], [" checkout,checkout"]])
def test_services_are_named_as_the_playbook_reads_them(tmp_path: Path, given: t.Any) -> None:
    assert Service(tmp_path, {"drill_services": given}, drill_effect=True).do("begin")["effects"] == ["failover"]


def test_extra_vars_win_over_what_the_inventory_names(tmp_path: Path) -> None:
    service = Service(tmp_path, NAMED, drill_effect=True, drill_services=["other"])
    assert service.do("begin")["effects"] == ["failover"]


def test_named_services_are_rehearsed_with_their_way_back(tmp_path: Path) -> None:
    service = Service(tmp_path, NAMED, drill_effect=True)
    begun = service.do("begin")
    assert (begun["rehearse"], begun["effects"]) == (["failover", "gates"], ["failover"])


def test_a_way_back_that_would_be_refused_keeps_the_effect_away(tmp_path: Path) -> None:
    service = Service(tmp_path, NAMED, drill_effect=True)
    service.do("begin")
    service.passes = False
    assert service.do("rehearse_gates")["effects"] == []


def test_a_misspelt_variable_is_reported_with_what_was_meant(tmp_path: Path) -> None:
    assert "Did you mean drill_page_url?" in Service(tmp_path, drill_page_uri="x").do("begin")["msg"]


def test_a_service_whose_state_cannot_be_read_is_rehearsed_and_stops(service: Service) -> None:
    service.state = {"failed": True, "msg": "no rights"}
    begun = service.do("begin")
    assert [one["msg"] for one in begun["run"]["findings"] if one["result"] == "stops"] == ["no rights"]


def test_only_a_lock_of_its_own_is_taken_back(service: Service) -> None:
    begun = service.do("begin")
    service.state["lock"] = {"id": "other", "owner": "operator:bob", "reason": "CHG-1"}
    assert service.do("see_way_back")["way_back"] is False
    service.state["lock"] = {"id": "other", "owner": "operator:bob", "reason": f"drill {begun['run']['id']}: x"}
    assert service.do("see_way_back")["way_back"] is True


def test_the_way_back_is_tried_where_the_state_cannot_be_read(service: Service) -> None:
    service.do("begin")
    service.state = {"failed": True, "msg": "throttled"}
    assert service.do("see_way_back")["way_back"] is True


def test_only_a_failover_of_its_own_is_acknowledged(service: Service) -> None:
    service.state["state"] = {"failed_over_at": "2026-11-01T00:00:00Z", "phase": "serving"}
    service.do("begin")
    assert service.do("see_what_blocks")["acknowledge"] is False
    service.state["state"] = {"failed_over_at": "2026-11-25T12:00:30Z", "phase": "serving"}
    assert service.do("see_what_blocks")["acknowledge"] is True


def test_a_step_that_fails_on_the_way_back_is_reported_as_such(service: Service) -> None:
    service.do("begin")
    service.do("start", of="failover", step="failback of the failover")
    service.know(ansible_failed_result={"msg": "it broke"})
    service.do("end", of="failback", failed=True, way_back=True)
    finished = service.do("finish")
    assert finished["record"]["drill"]["way_back_failed"]
    summed = service.do("sum_up")
    assert summed["failed"]
    assert summed["msg"].startswith("THE WAY BACK FAILED.")


def test_the_record_is_in_a_stat_by_service(service: Service) -> None:
    service.do("begin")
    finished = service.do("finish")
    assert finished["ansible_stats"]["data"]["tidegate_drills"]["checkout"]["status"] == "completed"
    assert service.do("sum_up")["msg"].startswith("Drill of failover, without effect passed")
