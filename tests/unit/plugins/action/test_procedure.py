# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The action carries the engine from task to task. The engine has its own tests; these test the part between tasks."""

from __future__ import annotations

import json
import os
import socket
import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleUndefinedVariable
from ansible.parsing.dataloader import DataLoader
from ansible_collections.tidegate.failover.plugins.action import procedure
from ansible_collections.tidegate.failover.plugins.action.procedure import ActionModule
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import ModuleFailedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.steps import lock
from ansible_collections.tidegate.failover.plugins.module_utils._record.progress import left_in
from ansible_collections.tidegate.failover.plugins.plugin_utils import _processes
from ansible_collections.tidegate.failover.plugins.plugin_utils._role_variables import with_defaults_for_empty
from ansible_collections.tidegate.failover.tests.unit.plugins.action.looking_task import LookingTask
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    EARLIER,
    PAGE,
    Cloud,
    acknowledge,
    failback,
    failover,
)

SECRET = "hunter2-of-a-webhook"
AUTH: Json = {"aws": {"profile": "of-aws"}, "oci": {"config_profile": "of-oci"}}


class Templar:
    """Templates nothing; a value that is an error is raised."""

    def template(self, value: t.Any) -> t.Any:
        if isinstance(value, Exception):
            raise value
        return value


class HostVars(dict[str, Json]):
    """The variables of each host in Ansible."""

    def raw_get(self, host: str) -> Json:
        return self[host]


class Task:
    """Runs the action as Ansible does, one task after the other.

    :ivar signed: what each module was asked with, of the credentials.
    """

    def __init__(self, options: Json, cloud: Cloud, folder: Path) -> None:
        self.cloud, self.signed = cloud, list[tuple[str, Json]]()
        self.variables: Json = {
            "procedure_options": options,
            "procedure_page": PAGE,
            "procedure_auth": AUTH,
            "inventory_hostname": "checkout",
            "inventory_dir": str(folder),
            "ansible_inventory_sources": [str(folder)],
            "hostvars": HostVars(checkout={}),
            "groups": {"services": ["checkout"]},
        }

    def do(self, do: str, **arguments: t.Any) -> Json:
        """One task, whose result the role registers."""
        action = ActionModule.__new__(ActionModule)
        action.__dict__ |= {
            "_task": SimpleNamespace(args={"do": do, **arguments}, check_mode=False),
            "_templar": Templar(),
            "_loader": DataLoader(),
            "ask": self._ask,
        }
        result = action.run(task_vars=self.variables)
        self.variables["procedure_run"] = json.loads(json.dumps(result))
        return result

    def _ask(self, module: str, arguments: Json, _variables: Json) -> Json:
        arguments.pop("progress_path", None)
        auth = [name for cloud in AUTH.values() for name in cloud]
        self.signed.append((module, {name: arguments[name] for name in auth if name in arguments}))
        given = {name: value for name, value in arguments.items() if name not in auth}
        try:
            return self.cloud(module, **given)
        except ModuleFailedError as failed:
            return failed.result


class KilledError(BaseException):
    """The process is gone: nothing catches that."""


class KillingCloud(Cloud):
    """Kills the run where it is asked to lock."""

    def _r53_healthcheck_lock(self, options: Json) -> Json:
        super()._r53_healthcheck_lock(options)
        raise KilledError


def _breaks(_given: t.Any) -> t.NoReturn:
    raise KeyError("a defect")


def failed_over(folder: Path, **given: t.Any) -> Task:
    """A failover up to its lock."""
    options = failover(secondary_url="", steps=["lock"], record_dir="records", **given)
    options["records"] = [{"name": "checkout.example.com", "zone": "example.com"}]
    task = Task(options, Cloud(), folder)
    task.do("begin", operation="failover")
    return task


def test_a_failover_goes_from_task_to_task(tmp_path: Path) -> None:
    task = failed_over(tmp_path)
    ended = task.do("complete")
    assert (ended["ended_well"], ended["record"]["status"]) == (True, "completed")
    assert ended["ansible_stats"]["data"]["tidegate_records"]["checkout"] == ended["record"]
    assert (tmp_path / "records" / "checkout.jsonl").exists()


def test_the_lock_is_taken_with_the_beginning_and_not_again(tmp_path: Path) -> None:
    task = failed_over(tmp_path)
    locks = dict(task.cloud.locks)
    assert locks != {}
    assert task.do("act")["changed"] is False
    assert task.cloud.locks == locks


def test_each_module_gets_the_credentials_of_its_own_cloud(tmp_path: Path) -> None:
    options = failback(steps=["unlock", "release"])
    task = Task(options, Cloud(held=["failover:checkout"]), tmp_path)
    task.do("begin", operation="failback")
    task.do("act")
    assert {name: next(iter(auth.values()), "") for name, auth in task.signed} == {
        "failover_state": "of-aws",
        "lb_maintenance_mode_info": "of-oci",
        "lb_maintenance_mode": "of-oci",
    }


@pytest.mark.parametrize("do", ["share", "begin"])
def test_where_an_extra_var_says_how_to_connect_nothing_begins(tmp_path: Path, do: str) -> None:
    task = Task(failover(), Cloud(), tmp_path)
    task.variables["ansible_connection"] = "ssh"
    result = task.do(do, operation="failover")
    assert (result["failed"], "ansible_connection is 'ssh'" in result["msg"], task.signed) == (True, True, [])


@pytest.mark.parametrize(
    ("host", "runs_here"),
    [
        ({}, True),
        ({"ansible_host": "192.0.2.1"}, False),
        ({"ansible_ssh_host": "192.0.2.1"}, False),
        ({"ansible_connection": "winrm"}, False),
    ],
)
def test_users_tasks_run_here_only_where_the_host_is_only_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: Json, runs_here: bool
) -> None:
    monkeypatch.setattr(ActionModule, "_problem_of_file", lambda *_given: "")
    options = failover(secondary_url="", steps=["lock", {"name": "move", "tasks": "move.yml"}])
    options["records"] = [{"name": "checkout.example.com", "zone": "example.com"}]
    task = Task(options, Cloud(), tmp_path)
    task.variables["hostvars"]["checkout"] |= host
    begun = task.do("begin", operation="failover")
    assert (begun["run"]["problem"], begun["pauses"], begun["runs_users_tasks_here"]) == ("", 1, runs_here)


def test_i12_no_result_holds_an_address_of_a_notification_target(tmp_path: Path) -> None:
    receiver = {"name": "chat", "webhook": {"url": f"https://chat.example.com/{SECRET}"}}
    task = failed_over(tmp_path, notify_to=[receiver], trigger="manual")
    assert task.variables["procedure_run"]["run"]["problem"] == ""
    assert SECRET not in json.dumps(task.variables["procedure_run"])
    assert SECRET not in json.dumps(task.do("complete"))


def test_gates_of_a_failback_are_evaluated_where_the_service_goes_on_by_itself(tmp_path: Path) -> None:
    task = Task(failback(), Cloud(locks={"check-1": "20261121T020304Z-00c0ffee"}), tmp_path)
    task.do("begin", operation="failback")
    assert task.cloud.asked("failback_gate") == []
    task.do("act")
    assert len(task.cloud.asked("failback_gate")) == 1


def shared(folder: Path, **more: t.Any) -> Json:
    """What is found out once for all services of a user's play."""
    services = {
        name: {"failover_health_check_ids": f"check-{name}", "procedure_operation": "failover", **more}
        for name in ("a", "b")
    }
    return LookingTask(folder, services, "failover", lambda _module, _options: {}).run(ActionModule, do="share")


def test_services_that_a_users_play_begins_in_parallel_are_known_in_their_order(tmp_path: Path) -> None:
    assert shared(tmp_path)["in_parallel"] == [
        {"host": "a", "health_check_ids": ["check-a"]},
        {"host": "b", "health_check_ids": ["check-b"]},
    ]


@pytest.mark.parametrize("more", [{"procedure_together": True}, {"procedure_operation": "failback"}])
def test_nothing_has_to_be_known_where_services_begin_together_or_lock_nothing(tmp_path: Path, more: Json) -> None:
    assert shared(tmp_path, **more)["in_parallel"] == []


def test_i10_a_service_counts_on_no_site_that_one_before_it_takes_out_in_parallel(tmp_path: Path) -> None:
    records = [{"zone": "example.com", "name": "checkout.example.com"}]
    task = Task(failover(records=records, secondary_url=""), Cloud(), tmp_path)
    earlier = {"host": "orders", "health_check_ids": ["check-of-orders", "check-1"]}
    own, later = {"host": "checkout", "health_check_ids": ["check-1"]}, {"host": "z", "health_check_ids": ["check-z"]}
    task.variables["procedure_shared"] = {"shared": {}, "in_parallel": [earlier, own, later]}
    task.do("begin", operation="failover")
    (asked,) = task.cloud.asked("failover_preflight")
    assert list(asked["locked_before"]) == ["check-of-orders"]
    assert "set serial: 1" in asked["locked_before"]["check-of-orders"]


def test_record_and_message_name_the_same_whole_command_as_the_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = failed_over(tmp_path)
    record = task.do("complete")["record"]
    task.do("sum_up")
    command = f"ansible-playbook tidegate.failover.failback -i {tmp_path} -l checkout"
    assert (command in capsys.readouterr().out, command in record["undo"]) == (True, True)


def test_the_summary_shows_once_and_ends_as_the_run_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task = failed_over(tmp_path)
    task.do("complete")
    assert task.do("sum_up") == {"changed": False}
    assert capsys.readouterr().out.count("[checkout] SUMMARY: failed over\n") == 1


def test_a_refused_run_fails_with_its_reasons(tmp_path: Path) -> None:
    task = Task(failover(health_check_ids=[], secondary_url="https://u:p@backup.example.com/"), Cloud(), tmp_path)
    task.do("begin", operation="failover")
    ended = task.do("complete")
    summed_up = task.do("sum_up")
    assert (summed_up["failed"], summed_up["msg"]) == (True, f"{ended['reported']} [TG-VARIABLES]")
    assert summed_up["error_code"] == "TG-VARIABLES"
    assert len(summed_up["msg"].split("\n")) == 2


def test_a_summary_that_breaks_does_not_change_how_the_run_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = failed_over(tmp_path)
    task.do("complete")
    monkeypatch.setattr(ActionModule, "_places", _breaks)
    summed_up = task.do("sum_up")
    assert "failed" not in summed_up
    assert "could not be summed up" in summed_up["warnings"][0]


def test_variables_that_cannot_be_templated_fail_their_service(tmp_path: Path) -> None:
    task = Task(failover(), Cloud(), tmp_path)
    task.variables["procedure_options"] = AnsibleUndefinedVariable("'site' is undefined")
    refused = task.do("begin", operation="failover")
    assert (refused["failed"], "'site' is undefined" in refused["msg"]) == (True, True)


def test_what_nobody_foresaw_in_a_step_is_undone_and_ends_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "_lock_others", _breaks)
    task = failed_over(tmp_path, type="planned")
    assert "a defect" in task.do("complete")["run"]["problem"]
    task.do("undo", number=0)
    ended = task.do("finish")
    assert (ended["ended_well"], ended["record"]["status"], task.cloud.locks) == (False, "undone", {})


def test_notifications_that_cannot_be_sent_keep_no_record_from_being_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ActionModule, "_notify", _breaks)
    task = Task(failover(steps=["lock", "notify"], trigger="automatic"), Cloud(), tmp_path)
    task.cloud.may = {"allowed": False, "msg": "Automation is suppressed."}
    task.do("begin", operation="failover")
    ended = task.do("complete")
    assert ended["record"]["msg"] == "Automation is suppressed."
    assert "No notifications could be sent" in ended["warnings"][0]


def test_health_checks_that_services_have_in_common_are_checked_once(tmp_path: Path) -> None:
    task = Task(failover(), Cloud(), tmp_path)
    task.variables["groups"] = {"services": ["a", "b", "c", "broken"]}
    checks = {"a": ["1", "2"], "b": ["2"], "c": ["3"], "broken": AnsibleUndefinedVariable("x")}
    task.variables["hostvars"] = {host: {"failover_health_check_ids": ids} for host, ids in checks.items()}
    assert task.do("share")["shared"] == {"2": ["a", "b"]}


def test_routing_controls_that_services_have_in_common_are_checked_too(tmp_path: Path) -> None:
    task = Task(failover(), Cloud(), tmp_path)
    task.variables["groups"] = {"services": ["a", "b", "c"]}
    sites = {"a": {"site": ["arn:1"]}, "b": {"site": ["arn:1"]}, "c": "of the wrong kind"}
    task.variables["hostvars"] = {host: {"failover_routing_controls": given} for host, given in sites.items()}
    assert task.do("share")["shared"] == {"arn:1": ["a", "b"]}


def test_a_service_that_shares_its_health_check_is_refused(tmp_path: Path) -> None:
    task = Task(failover(), Cloud(), tmp_path)
    task.variables["procedure_shared"] = {"shared": {"check-1": ["checkout", "shop"]}}
    assert "also that of shop (check-1)" in task.do("begin", operation="failover")["run"]["problem"]


def left_by_a_killed(operation: str, options: Json, cloud: Cloud, folder: Path) -> Json:
    """What a run leaves beside its records that is killed right after its claim."""
    task = Task(options | {"record_dir": "records"}, KillingCloud(**vars(cloud)), folder)
    with pytest.raises(KilledError):
        task.do("begin", operation=operation)
    (left,) = left_in(str(folder / "records"))["checkout"]
    return left


def test_i8_a_run_that_is_killed_in_its_first_step_leaves_how_far_it_came(tmp_path: Path) -> None:
    left = left_by_a_killed("failover", failover(), Cloud(), tmp_path)
    assert left["steps"] == [{"name": "lock", "status": "begun"}]
    assert left["by"] == f"{socket.gethostname()}/{os.getppid()}"


def test_i8_a_failback_that_is_killed_before_its_first_step_leaves_that_it_had_begun(tmp_path: Path) -> None:
    cloud = Cloud(locks={"check-1": EARLIER}, phase=(EARLIER, "failed_over"))
    left = left_by_a_killed("failback", failback(), cloud, tmp_path)
    assert (left["operation"], left["steps"]) == ("failback", [])


def test_i8_a_refusal_and_an_acknowledgement_tell_how_far_the_killed_run_came(tmp_path: Path) -> None:
    cloud, options = Cloud(), failover(record_dir="records")
    left = left_by_a_killed("failover", options, cloud, tmp_path)
    cloud.locks, cloud.may = {"check-1": left["id"]}, {"allowed": False, "msg": "Held.", "replaces": left["id"]}
    refused = Task(options, cloud, tmp_path)
    refused.do("begin", operation="failover")
    said = f"The failover {left['id']}, started by {left['by']}, got this far: lock: begun."
    assert said in refused.do("complete")["reported"]
    assert "is still running on this host" in refused.variables["procedure_run"]["reported"]

    cloud.may = {}
    looked = Task(acknowledge(record_dir="records", health_check_ids=["check-1"], reason="CHG-1"), cloud, tmp_path)
    looked.do("begin", operation="acknowledge")
    looked.do("act")
    assert said in looked.do("complete")["record"]["steps"][0]["msg"]


def test_what_an_aborted_run_left_goes_when_another_one_has_succeeded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_by_a_killed("failover", failover(), Cloud(), tmp_path)
    failed_over(tmp_path).do("complete")
    assert "checkout" in left_in(str(tmp_path / "records")), "its process is still running"
    monkeypatch.setattr(_processes, "is_running", lambda _by, _began: False)
    failed_over(tmp_path).do("complete")
    assert left_in(str(tmp_path / "records")) == {}


def test_a_run_that_is_refused_leaves_nothing_beside_the_records(tmp_path: Path) -> None:
    task = Task(failover(record_dir="records"), Cloud(may={"allowed": False, "msg": "Held."}), tmp_path)
    task.do("begin", operation="failover")
    assert left_in(str(tmp_path / "records")) == {}


def test_an_empty_answer_of_a_survey_is_not_given(tmp_path: Path) -> None:
    given = {
        "failover_cooldown": "",
        "failover_gates": "{{ gates }}",
        "gates": "",
        "failover_owner": "operator:alice",
    }
    variables = with_defaults_for_empty(given)
    assert (variables["failover_cooldown"], variables["failover_gates"]) == (3600, [])
    assert variables["failover_owner"] == "operator:alice"
    task = Task(failover(), Cloud(), tmp_path)
    task.variables["failover_wait_timeout"] = ""
    assert "failed" not in task.do("begin", operation="failover")


def test_a_folder_for_records_with_a_name_that_none_can_have_stops_no_failover(tmp_path: Path) -> None:
    task = Task(failover(steps=["lock"], record_dir="a\0b"), Cloud(), tmp_path)
    task.do("begin", operation="failover")
    ended = task.do("complete")
    assert (ended["ended_well"], "embedded null" in ended["not_kept"]) == (True, True)


def test_what_cannot_be_shown_of_a_service_that_is_locked_stops_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = Task(failover(steps=["lock"]), Cloud(), tmp_path)
    monkeypatch.setattr(procedure, "explained", _breaks)
    begun = task.do("begin", operation="failover")
    assert "a defect" in begun["warnings"][0]
    assert task.do("complete")["ended_well"]


def test_a_list_that_is_given_as_one_text_is_not_taken_apart_by_its_letters(tmp_path: Path) -> None:
    task = Task(failover(steps="lock", health_check_ids="check-1,check-2", wait_timeout="60"), Cloud(), tmp_path)
    task.do("begin", operation="failover")
    assert (task.do("complete")["ended_well"], sorted(task.cloud.locks)) == (True, ["check-1", "check-2"])


def test_an_override_that_is_given_as_json_is_one(tmp_path: Path) -> None:
    override = '{"checks": ["last serving site"], "reason": "both are down"}'
    cloud = Cloud(fails={"last serving site": "no answer"})
    begun = Task(failover(steps=["lock"], override=override), cloud, tmp_path).do("begin", operation="failover")
    assert [given["reason"] for given in begun["run"]["overrides"]] == ["both are down"]


def test_health_checks_that_are_given_as_one_text_are_shared_as_a_whole(tmp_path: Path) -> None:
    task = Task(failover(), Cloud(), tmp_path)
    task.variables["groups"] = {"services": ["a", "b", "c"]}
    ids = {"a": "check-1", "b": "check-2", "c": ["check-2"]}
    task.variables["hostvars"] = HostVars({host: {"failover_health_check_ids": given} for host, given in ids.items()})
    assert task.do("share")["shared"] == {"check-2": ["b", "c"]}
