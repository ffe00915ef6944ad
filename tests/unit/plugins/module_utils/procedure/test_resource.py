# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Resources are read before the first write, moved by their step, and put back."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import registry
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import CHECK_MODE, ModuleFailedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.resource import (
    problems_of_resources,
    resource_step,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.steps import dns
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    EARLIER,
    Cloud,
    Role,
    context_of,
    failback,
    failover,
)

TWO: Json = {"dns": [{"name": "a"}, {"name": "b"}]}


@dataclass
class Names(Cloud):
    """A cloud with names that lead to a site each.

    :ivar at: where each leads.
    :ivar refuses: those that a decision refuses.
    :ivar fails_once_locked: those that can be read, and not changed.
    :ivar codes: the codes with which they fail.
    """

    at: dict[str, str] = field(default_factory=lambda: {"a": "primary", "b": "primary"})
    refuses: set[str] = field(default_factory=set)
    fails_once_locked: set[str] = field(default_factory=set)
    codes: dict[str, str] = field(default_factory=dict)

    def _answer_targets(self, module: str, options: Json) -> Json:
        if module != "names":
            return super()._answer_targets(module, options)
        self.calls.append((module, options))
        reported = [self._moved(target["name"], options) for target in options["targets"]]
        answer = {"changed": any(one["changed"] for one in reported), "targets": reported}
        failed = [str(one["msg"]) for one in reported if one["failed"]]
        if failed:
            raise ModuleFailedError({**answer, "failed": True, "msg": " ".join(failed)})
        return answer

    def _moved(self, name: str, options: Json) -> Json:
        about = {"name": name, "changed": False, "failed": True, "refused": name in self.refuses}
        changed = self.at[name] != options["to"]
        denied = name in self.fails_once_locked and not options.get(CHECK_MODE)
        if name in self.refuses or name in self.fails or (denied and (changed or options.get("wait_unchanged"))):
            code = {"error_code": self.codes[name]} if name in self.codes else {}
            return about | {"msg": f"{name} is not moved.", **code}
        if not options.get(CHECK_MODE):
            self.at[name] = options["to"]
        return about | {"failed": False, "changed": changed, "msg": f"{name} leads to {options['to']}."}

    @property
    def writes(self) -> list[str]:
        """To where names were moved, in order."""
        return [options["to"] for options in self.asked("names") if not options.get(CHECK_MODE)]


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of resource whose module is ``names``."""
    monkeypatch.setitem(registry.BUILT_IN, "dns", resource_step("dns", "names", permissions=("dns:Move",)))


def over(**given: t.Any) -> Json:
    return failover(resources=TWO, **given)


def back(**given: t.Any) -> Json:
    return failback(resources=TWO, **given)


def locked(**given: t.Any) -> Names:
    return Names(locks={"check-1": EARLIER}, at={"a": "secondary", "b": "secondary"}, **given)


def test_a_failover_moves_resources_once_the_site_is_locked() -> None:
    role = Role(over(), Names())
    assert role.go().status == "completed"
    assert list(role.statuses())[:2] == ["lock", "dns"]
    assert role.cloud.at == {"a": "secondary", "b": "secondary"}  # type: ignore[attr-defined]


def test_a_service_without_resources_has_no_step_for_them() -> None:
    assert "dns" not in [step["name"] for step in Role(failover()).go().steps]


def test_resources_are_observed_before_anything_is_locked() -> None:
    role = Role(over(), Names())
    role.go()
    asked = [name for name, options in role.cloud.calls if name in ("names", "r53_healthcheck_lock")]
    assert asked == ["names", "r53_healthcheck_lock", "names"]
    assert role.cloud.asked("names")[0][CHECK_MODE] is True


@pytest.mark.parametrize("kind_of_failover", ["planned", "unplanned"])
def test_i4_a_resource_that_would_be_refused_refuses_the_failover_before_its_lock(kind_of_failover: str) -> None:
    role = Role(over(type=kind_of_failover), Names(refuses={"b"}))
    run = role.go()
    assert (run.status, run.problem) == ("refused", "failover_resources, dns: b: b is not moved.")
    assert role.cloud.locks == {}


@pytest.mark.parametrize(("kind_of_failover", "status"), [("planned", "refused"), ("unplanned", "failed")])
def test_what_cannot_be_read_keeps_no_failed_site_from_being_locked(kind_of_failover: str, status: str) -> None:
    role = Role(over(type=kind_of_failover), Names(fails={"a": "no answer"}))
    assert role.go().status == status
    assert bool(role.cloud.locks) == (kind_of_failover == "unplanned")


def test_a_failover_warns_of_what_it_could_not_read_before_its_lock() -> None:
    role = Role(over(type="unplanned"), Names(fails={"a": "no answer"}))
    role.go()
    (warning,) = role.warned
    assert warning.startswith("failover_resources, dns could not be read before the lock")
    assert warning.endswith("a: a is not moved.")


def test_i11_a_planned_failover_that_fails_puts_back_what_it_has_moved() -> None:
    role = Role(over(type="planned", steps=["lock", "dns", {"name": "own", "tasks": "/own.yml"}]), Names())
    role.files = {"/own.yml": "broken"}
    assert role.go().status == "undone"
    assert role.cloud.at == {"a": "primary", "b": "primary"}  # type: ignore[attr-defined]


def test_i11_what_was_there_before_the_run_is_not_put_back() -> None:
    cloud = Names(at={"a": "secondary", "b": "primary"})
    role = Role(over(type="planned", steps=["lock", "dns", {"name": "own", "tasks": "/own.yml"}]), cloud)
    role.files = {"/own.yml": "broken"}
    role.go()
    assert cloud.at == {"a": "secondary", "b": "primary"}


def test_one_that_fails_keeps_the_others_from_nothing_and_is_put_back_too() -> None:
    cloud = Names()
    role = Role(over(type="planned"), cloud)
    role.begin()
    cloud.fails = {"b": "broken"}
    for number in range(len(role.run.to_take)):
        role.step(number)
    cloud.fails = {}
    assert role.end().status == "undone"
    assert [target["name"] for target in cloud.asked("names")[-1]["targets"]] == ["a", "b"]


def test_a_failback_moves_them_back_once_the_lock_is_open() -> None:
    role = Role(back(), locked())
    assert role.go().status == "completed"
    assert [name for name in role.statuses() if name in ("unlock", "dns", "wait")] == ["unlock", "dns", "wait"]
    assert role.cloud.at == {"a": "primary", "b": "primary"}  # type: ignore[attr-defined]


def test_a_failback_that_cannot_read_a_resource_claims_nothing() -> None:
    role = Role(back(), locked(fails={"a": "no answer"}))
    assert role.go().status == "refused"
    assert role.cloud.locks == {"check-1": EARLIER}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([1], "failover_resources is of the wrong kind."),
        ({"rsd": []}, "failover_resources has 'rsd', which is none of rds,"),
        ({"dns": {"name": "a"}}, "failover_resources.dns is of the wrong kind. Give a list of dictionaries."),
        ({"dns": ["a"]}, "failover_resources.dns is of the wrong kind."),
    ],
)
def test_resources_that_are_none_are_refused(given: t.Any, said: str) -> None:
    (problem,) = problems_of_resources({"resources": given})
    assert problem.startswith(said)


def test_a_service_need_not_have_resources() -> None:
    assert problems_of_resources({"resources": {}}) == problems_of_resources({"resources": None}) == []


def test_i8_the_step_dns_waits_also_for_what_an_aborted_run_has_changed() -> None:
    cloud = Cloud(led={"a": "secondary", "b": "primary"})
    dns.STEP.take(context_of(over(), cloud))
    assert [options["wait_unchanged"] for options in cloud.asked("r53_record_switch")] == [True, True]


def test_an_undo_waits_only_for_what_it_puts_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that could not be moved is where it was: to replace its records with themselves may fail as the move."""
    step = resource_step("dns", "names", permissions=("dns:Move",), more={"wait_unchanged": True})
    monkeypatch.setitem(registry.BUILT_IN, "dns", step)
    role = Role(over(type="planned"), Names(fails_once_locked={"b"}))
    assert role.go().status == "undone"
    asked = [(options["to"], options.get("wait_unchanged")) for options in role.cloud.asked("names")]
    assert asked == [("secondary", None), ("secondary", True), ("primary", None)]


@pytest.mark.parametrize(
    ("cloud", "code"),
    [
        (Names(refuses={"b"}, codes={"b": "TG-WRITER"}), "TG-RESOURCE"),
        (Names(fails={"b": ""}, codes={"b": "TG-THROTTLED"}), "TG-THROTTLED"),
        (Names(fails={"b": ""}), "TG-RESOURCE"),
    ],
)
def test_what_could_not_be_read_is_not_shown_as_a_resource_to_correct(cloud: Names, code: str) -> None:
    run = Role(over(type="planned"), cloud).go()
    assert (run.status, run.code) == ("refused", code)
