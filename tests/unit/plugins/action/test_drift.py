# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A drift watch reads for all services in one task, confirms what it finds, and puts back what is named and no more."""

from __future__ import annotations

import time
import typing as t
from collections import Counter
from pathlib import Path

import pytest
from ansible import constants
from ansible_collections.tidegate.failover.plugins.action.drift import ActionModule
from ansible_collections.tidegate.failover.plugins.module_utils._notify.options import Options
from ansible_collections.tidegate.failover.plugins.module_utils._notify.receivers import Receiver
from ansible_collections.tidegate.failover.plugins.plugin_utils._telling import Notifier
from ansible_collections.tidegate.failover.tests.unit.plugins.action.looking_task import Json, LookingTask
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.drift.test_locks import (
    LOCK,
    RUN,
    check,
    state,
)

FRONT = {
    "maintenance_load_balancer_id": "ocid1.loadbalancer.oc1.iad.aaaaexample",
    "maintenance_backend_set": "app",
    "maintenance_rule_set": "maintenance-page",
}
CHECKOUT: Json = {"failover_health_check_ids": ["check-a"], "failover_secondary_url": "https://backup.example.com/"}
ORDERS: Json = {"failover_health_check_ids": ["check-b"], **FRONT}
HOLD = {"owner": "change:CHG-1", "since": "2026-11-21T03:04:05Z", "reason": ""}


class Cloud:
    """What modules answer; ``checks`` are those that are not as they should be."""

    def __init__(self, **checks: Json) -> None:
        self.checks = {name.replace("_", "-"): reported for name, reported in checks.items()}
        self.page_up = True
        self.repair: Json = {"changed": True, "msg": "Done."}

    def __call__(self, module: str, options: Json) -> Json:
        if module == "r53_healthcheck_info":
            return {"health_checks": [self.checks.get(name, check(name=name)) for name in options["health_check_ids"]]}
        if module == "lb_maintenance_mode_info":
            listener = {"name": "https", "in_maintenance": self.page_up, "holds": [HOLD]}
            return {"load_balancers": [{"failed": False, "listeners": [listener]} for _one in options["targets"]]}
        if module == "lb_maintenance_mode" and "owner" not in options:
            return {"load_balancers": [{"failed": False, "msg": ""} for _one in options["targets"]]}
        return self.repair


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The folder for temporary files of a run; and how long it has waited."""
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


def watched(folder: Path, services: dict[str, Json], cloud: Cloud, *, check_mode: bool = False) -> LookingTask:
    task = LookingTask(folder, services, "drift", cloud)
    task.check_mode = check_mode
    return task


def found(task: LookingTask, services: int = 1) -> list[Json]:
    """The result for each service."""
    place = task.run(ActionModule, do="watch")["found"]
    return [task.run(ActionModule, host, do="hand_out", found=place) for host in range(services)]


def kinds(reported: Json) -> list[str]:
    return [finding["kind"] for finding in reported["findings"]]


OPENED = check(tags=state("failed_over"), name="check-a")


def test_all_services_are_read_by_one_call_for_each_module_and_are_as_they_should_be(tmp_path: Path) -> None:
    task = watched(tmp_path, {"checkout": CHECKOUT, "orders": ORDERS}, Cloud())
    reported = found(task, 2)
    assert [(one["failed"], one["findings"]) for one in reported] == [(False, []), (False, [])]
    asked = sorted(module for module, _options in task.asked)
    assert asked == ["lb_maintenance_mode", "lb_maintenance_mode_info", "r53_healthcheck_info"]


def asked_for(folder: Path, count: int) -> Counter[str]:
    """How often each module is asked for so many services of one account, which share a topic and a load balancer."""

    def answers(module: str, options: Json) -> Json:
        if module == "failover_alarms":
            alarm = {"failed": False, "exists": True, "actions_enabled": True, "alarm_actions": ["arn:x:failover"]}
            subscribed = {"subscriptions": [{"protocol": "sqs", "endpoint": "arn:x:alarms", "confirmed": True}]}
            return {"alarms": [alarm | subscribed for _one in options["alarms"]]}
        if module == "rds_failover":
            nothing = {"name": "b", "failed": False, "changed": False, "msg": "", "before": {}}
            return {"targets": [nothing for _one in options["targets"]]}
        if module == "oci_maintenance_alarm":
            return {"changed": False, "before": {}, "after": {}}
        return Cloud()(module, options)

    service = {
        **FRONT,
        "drift_alarms": [{"name": "down", "topic": "failover"}],
        "drift_oci_alarms": [{"name": "backends"}],
        "failover_resources": {"rds": [{"replica": "b", "source": "a"}]},
    }
    services = {f"s{number}": {**service, "failover_health_check_ids": [f"c{number}"]} for number in range(count)}
    task = LookingTask(folder, services, "drift", answers)
    assert [reported["findings"] for reported in found(task, count)] == [[]] * count
    return Counter(module for module, _options in task.asked)


def test_modules_are_asked_once_however_many_services_there_are_but_for_alarms_of_oci(tmp_path: Path) -> None:
    one, many = asked_for(tmp_path, 1), asked_for(tmp_path, 30)
    assert one.pop("oci_maintenance_alarm") == 1
    assert many.pop("oci_maintenance_alarm") == 30
    assert set(one) >= {"r53_healthcheck_info", "lb_maintenance_mode_info", "failover_alarms", "rds_failover"}
    assert one == many == Counter(set(one))


def test_a_misspelt_variable_is_a_finding_and_the_service_beside_it_is_watched(tmp_path: Path) -> None:
    task = watched(tmp_path, {"checkout": CHECKOUT | {"drift_repairs": ["lock_opened"]}, "orders": ORDERS}, Cloud())
    wrong, other = found(task, 2)
    assert (wrong["failed"], other["failed"]) == (True, False)
    assert "knows the variable drift_repairs. Did you mean drift_repair?" in wrong["msg"]


def test_a_finding_fails_its_service_alone_and_is_checked_twice(tmp_path: Path, own_folder: list[float]) -> None:
    task = watched(tmp_path, {"checkout": CHECKOUT, "orders": ORDERS}, Cloud(check_a=OPENED))
    reported = found(task, 2)
    assert [(one["failed"], kinds(one)) for one in reported] == [(True, ["lock_opened"]), (False, [])]
    reads = [options["health_check_ids"] for module, options in task.asked if module == "r53_healthcheck_info"]
    assert (reads, own_folder) == ([["check-a", "check-b"], ["check-a"]], [30.0])


def test_what_is_gone_at_the_second_probe_is_not_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud(check_a=OPENED)
    monkeypatch.setattr(time, "sleep", lambda _seconds: cloud.checks.clear())
    assert [kinds(one) for one in found(watched(tmp_path, {"checkout": CHECKOUT}, cloud))] == [[]]


def test_nothing_is_put_back_that_is_not_named(tmp_path: Path) -> None:
    services = {"checkout": CHECKOUT | {"drift_repair": ["page_dropped"], "drift_settle": 0}}
    task = watched(tmp_path, services, Cloud(check_a=OPENED))
    assert [one["failed"] for one in found(task)] == [True]
    assert {module for module, _options in task.asked} == {"r53_healthcheck_info"}


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_is_named_is_put_back_by_the_module_of_a_run(tmp_path: Path, check_mode: bool) -> None:
    services = {"checkout": CHECKOUT | {"drift_repair": ["lock_opened"], "aws_auth": {"profile": "web"}}}
    task = watched(tmp_path, services, Cloud(check_a=OPENED), check_mode=check_mode)
    (reported,) = found(task)
    assert (reported["failed"], reported["findings"][0]["repaired"]) == (False, True)
    assert ("this is predicted" in reported["findings"][0]["outcome"]) == check_mode
    module, options = task.asked[-1]
    assert (module, options["lock_id"], options["profile"]) == ("r53_healthcheck_lock", RUN, "web")
    assert options["secondary_url"] == CHECKOUT["failover_secondary_url"]


def test_where_nothing_says_how_to_see_the_other_site_the_records_of_the_account_do(tmp_path: Path) -> None:
    services = {"orders": ORDERS | {"drift_repair": ["lock_opened"], "drift_settle": 0}}
    task = watched(tmp_path, services, Cloud(check_b=OPENED | {"health_check_id": "check-b"}))
    found(task)
    _module, options = task.asked[-1]
    # A page may come up again, which answers every path.
    assert (options["find_records"], options["method"]) == (True, "invert")


def test_what_cannot_be_put_back_stays_a_finding_with_its_reason(tmp_path: Path) -> None:
    cloud = Cloud(check_a=OPENED)
    cloud.repair = {"failed": True, "msg": "no other site serves"}
    services = {"checkout": CHECKOUT | {"drift_repair": ["lock_opened"], "drift_settle": 0}}
    (reported,) = found(watched(tmp_path, services, cloud))
    assert (reported["failed"], "no other site serves" in reported["msg"]) == (True, True)


def test_locks_come_before_pages_and_each_module_is_asked_once(tmp_path: Path) -> None:
    cloud = Cloud(check_b=OPENED | {"health_check_id": "check-b"})
    cloud.page_up = False
    services = {"orders": ORDERS | {"drift_repair": ["page_dropped", "lock_opened"], "drift_settle": 0}}
    task = watched(tmp_path, services, cloud)
    assert sorted(kinds(found(task)[0])) == ["lock_opened", "page_dropped"]
    repairs = [one for one in task.asked if one[0] in ("r53_healthcheck_lock", "lb_maintenance_mode")]
    assert [module for module, _options in repairs[-3:]] == [
        "r53_healthcheck_lock",
        "lb_maintenance_mode",
        "lb_maintenance_mode",
    ]
    assert task.asked[-1][1]["owner"] == "change:CHG-1"


def test_i5_a_lock_that_somebody_has_accepted_as_open_meanwhile_is_not_put_back(tmp_path: Path) -> None:
    """What is read after the health checks takes its time."""
    cloud = Cloud(check_a=OPENED)

    def answers(module: str, options: Json) -> Json:
        if module == "failover_alarms":
            # Somebody runs the playbook acknowledge.
            cloud.checks.clear()
            return {"alarms": [{"failed": True, "msg": "slow"}]}
        return cloud(module, options)

    services = {"checkout": CHECKOUT | {"drift_repair": ["lock_opened"], "drift_settle": 0}}
    services["checkout"]["drift_alarms"] = [{"name": "down"}]
    task = LookingTask(tmp_path, services, "drift", answers)
    (reported,) = found(task)
    assert "r53_healthcheck_lock" not in [module for module, _options in task.asked]
    assert kinds(reported) == ["not_observed"]


def test_a_page_that_nobody_holds_any_longer_is_not_put_up_again(tmp_path: Path) -> None:
    class Ended(Cloud):
        """Maintenance ends between the first read and the repair."""

        held = True

        def __call__(self, module: str, options: Json) -> Json:
            if module == "lb_maintenance_mode_info" and not self.held:
                listener = {"name": "https", "in_maintenance": False, "holds": []}
                return {"load_balancers": [{"failed": False, "listeners": [listener]}]}
            if module == "failover_alarms":
                self.held = False
                return {"alarms": [{"failed": True, "msg": "slow"}]}
            return super().__call__(module, options)

    cloud = Ended()
    cloud.page_up = False
    services = {"orders": ORDERS | {"drift_repair": ["page_dropped"], "drift_settle": 0}}
    services["orders"]["drift_alarms"] = [{"name": "down"}]
    task = watched(tmp_path, services, cloud)
    (reported,) = found(task)
    assert [one for one in task.asked if one[0] == "lb_maintenance_mode" and "owner" in one[1]] == []
    assert kinds(reported) == ["not_observed"]


def test_what_cannot_be_read_again_is_not_put_back(tmp_path: Path) -> None:
    cloud = Cloud(check_a=OPENED)
    reads: list[str] = []

    def answers(module: str, options: Json) -> Json:
        reads.append(module)
        if reads.count("r53_healthcheck_info") > 1:
            return {"failed": True, "msg": "Route 53 does not answer"}
        return cloud(module, options)

    services = {"checkout": CHECKOUT | {"drift_repair": ["lock_opened"], "drift_settle": 0}}
    (reported,) = found(LookingTask(tmp_path, services, "drift", answers))
    assert reads == ["r53_healthcheck_info"] * 2
    assert (reported["failed"], kinds(reported), "Route 53 does not answer" in reported["msg"]) == (
        True,
        ["lock_opened"],
        True,
    )


def test_kinds_that_are_not_to_fail_are_warnings(tmp_path: Path) -> None:
    services = {"checkout": CHECKOUT | {"drift_fail_on": ["page_gone"], "drift_settle": 0}}
    (reported,) = found(watched(tmp_path, services, Cloud(check_a=OPENED)))
    assert (reported["failed"], len(reported["warnings"])) == (False, 1)


class People:
    """Who is notified, in place of a real service."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.messages: list[str] = []
        self.status = "sent"

        def notify(notifier: Notifier, record: Json, receivers: list[Receiver], _options: Options) -> list[Json]:
            status = "not sent" if notifier._action._task.check_mode else self.status
            self.messages += [str(record["msg"])] if status == "sent" else []
            return [{"to": one.name, "kind": one.kind, "status": status, "msg": ""} for one in receivers]

        monkeypatch.setattr(Notifier, "notify", notify)

    def hear(self, folder: Path, *, drifted: bool, check_mode: bool = False, **variables: t.Any) -> tuple[int, Json]:
        """Watch once; returns how many messages were sent, and the result of the service."""
        topic = {"name": "on-call", "sns": {"topic_arn": "arn:aws:sns:us-east-1:123456789012:on-call"}}
        service = CHECKOUT | {"drift_settle": 0, "drift_notify_to": [topic]} | variables
        cloud = Cloud(check_a=OPENED) if drifted else Cloud()
        before = len(self.messages)
        (reported,) = found(watched(folder, {"checkout": service}, cloud, check_mode=check_mode))
        return len(self.messages) - before, reported


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> People:
    return People(monkeypatch)


def test_people_are_notified_once_of_what_lasts_and_once_of_its_end(tmp_path: Path, people: People) -> None:
    kept: Json = {"drift_record_dir": str(tmp_path / "records")}
    heard = [people.hear(tmp_path, drifted=drifted, **kept)[0] for drifted in (False, True, True, True, False, False)]
    assert heard == [0, 1, 0, 0, 1, 0]
    assert people.messages == ["1 found, 0 put back.", "No drift. 1 found before, gone now."]


def test_what_lasts_is_found_and_fails_the_service_although_nobody_is_notified_again(
    tmp_path: Path, people: People
) -> None:
    kept: Json = {"record_dir": str(tmp_path / "records")}
    people.hear(tmp_path, drifted=True, **kept)
    heard, reported = people.hear(tmp_path, drifted=True, **kept)
    assert (heard, reported["failed"], kinds(reported), reported["notified"]) == (0, True, ["lock_opened"], [])


@pytest.mark.parametrize("variables", [{}, {"drift_record_dir": "{folder}", "drift_notify_again": 0}])
def test_each_watch_notifies_where_nothing_is_kept_or_no_interval_is_wanted(
    tmp_path: Path, people: People, variables: Json
) -> None:
    given: Json = {name: str(tmp_path) if value == "{folder}" else value for name, value in variables.items()}
    assert [people.hear(tmp_path, drifted=True, **given)[0] for _watch in range(2)] == [1, 1]


def test_who_was_not_reached_is_notified_by_the_next_watch(tmp_path: Path, people: People) -> None:
    kept: Json = {"drift_record_dir": str(tmp_path / "records")}
    people.status = "failed"
    assert people.hear(tmp_path, drifted=True, **kept)[0] == 0
    people.status = "sent"
    assert people.hear(tmp_path, drifted=True, **kept)[0] == 1


def test_check_mode_neither_notifies_nor_keeps_anything(tmp_path: Path, people: People) -> None:
    records = tmp_path / "records"
    assert people.hear(tmp_path, drifted=True, check_mode=True, drift_record_dir=str(records))[0] == 0
    assert not records.exists()


def test_a_file_that_cannot_be_read_is_a_warning_and_everything_counts_as_new(tmp_path: Path, people: People) -> None:
    (tmp_path / "checkout.drift.json").write_text("{", encoding="utf-8")
    heard, reported = people.hear(tmp_path, drifted=True, drift_record_dir=str(tmp_path))
    assert (heard, "all findings count as new" in reported["warnings"][0]) == (1, True)
    assert people.hear(tmp_path, drifted=True, drift_record_dir=str(tmp_path))[0] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"drift_notify_again": -1},
        {"drift_repair": ["page_gone"]},
        {"drift_fail_on": ["nonsense"]},
        {"drift_settle": -1},
        {"drift_alarms": [{"topic": "x"}]},
        {"failover_health_check_ids": {"no": "list"}},
        {"failover_health_check_ids": []},
        {"failover_resources": {"ec2": []}},
    ],
)
def test_variables_that_cannot_be_used_fail_their_service_whatever_may_fail(tmp_path: Path, wrong: Json) -> None:
    services = {"checkout": CHECKOUT | {"drift_fail_on": []} | wrong, "orders": ORDERS}
    reported = found(watched(tmp_path, services, Cloud()), 2)
    assert [(one["failed"], kinds(one)) for one in reported] == [(True, ["not_observed"]), (False, [])]


def test_an_account_that_cannot_be_read_is_never_called_the_same(tmp_path: Path) -> None:
    def refuses(module: str, options: Json) -> Json:
        return {"failed": True, "msg": "no rights"} if options.get("profile") else Cloud()(module, options)

    alarms = [{"name": "down", "topic": "failover"}]
    everything = (
        CHECKOUT
        | FRONT
        | {
            "aws_auth": {"profile": "x"},
            "oci_auth": {"profile": "x"},
            "drift_alarms": alarms,
            "drift_oci_alarms": [{"name": "backends"}],
            "failover_resources": {"rds": [{"replica": "b", "source": "a"}]},
            "drift_settle": 0,
        }
    )
    task = LookingTask(tmp_path, {"checkout": everything}, "drift", refuses)
    (reported,) = found(task)
    # Resources are not reported if the site where they must be is not known.
    assert kinds(reported) == ["not_observed"] * 4


def test_resources_are_judged_by_the_lock(tmp_path: Path) -> None:
    def answers(module: str, options: Json) -> Json:
        if module != "rds_failover":
            return Cloud(check_a=check(LOCK, name="check-a"))(module, options)
        moved = {"name": "b", "failed": False, "changed": True, "msg": "b would be promoted.", "before": {}}
        return {"targets": [moved]}

    resources = {"failover_resources": {"rds": [{"replica": "b", "source": "a"}]}, "drift_settle": 0}
    (reported,) = found(LookingTask(tmp_path, {"checkout": CHECKOUT | resources}, "drift", answers))
    assert kinds(reported) == ["resource_elsewhere"]


def test_what_the_set_up_roles_have_made_is_expected(tmp_path: Path) -> None:
    service = {
        "aws_setup_sites": {"primary": {"answers": ["192.0.2.1"]}},
        "maintenance_setup_alarm_name": "backends",
        "maintenance_setup_function_id": "ocid1.fnfunc.oc1..x",
        **CHECKOUT,
    }

    def answers(module: str, options: Json) -> Json:
        if module == "failover_alarms":
            return {"alarms": [{"failed": True, "msg": "stop here"}]}
        return {"changed": False} if module == "oci_maintenance_alarm" else Cloud()(module, options)

    task = LookingTask(tmp_path, {"checkout": service}, "drift", answers)
    task.run(ActionModule, do="watch")
    asked = dict(task.asked)
    (alarm,) = asked["failover_alarms"]["alarms"]
    assert alarm == {"name": "checkout-primary-down", "region": "us-east-1", "topic": "checkout-failover"}
    assert asked["oci_maintenance_alarm"]["function_id"] == "ocid1.fnfunc.oc1..x"
    assert "endpoint" not in asked["oci_maintenance_alarm"]


def test_the_lines_are_printed_by_the_host_that_has_checked(tmp_path: Path) -> None:
    task = watched(tmp_path, {"checkout": CHECKOUT, "orders": ORDERS}, Cloud())
    place = task.run(ActionModule, do="watch")["found"]
    printed = [task.run(ActionModule, host, do="print", found=place) for host in (0, 1)]
    assert (printed[0]["msg"], printed[1]) == (["checkout: no drift.", "orders: no drift."], {"changed": False})
