# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Several services of one account need few calls together, and each gets its own result."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import (
    CHECK_MODE,
    Answer,
    ModuleFailedError,
    Question,
    Turn,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.bulk import answers
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json

LOCK = {"state": "locked", "lock_path": "/pin"}


class Module:
    """Answers calls, and notes them."""

    def __init__(self, *answers: Json | ModuleFailedError) -> None:
        self._answers, self.calls = list(answers), list[Json]()

    def __call__(self, module: str, /, **options: t.Any) -> Json:
        self.calls.append(options)
        answer = self._answers.pop(0)
        if isinstance(answer, ModuleFailedError):
            raise answer
        return answer


def target(number: int, **more: t.Any) -> Json:
    """The result for one service."""
    return {"lock_id": str(number), "failed": False, "msg": f"reported {number}", **more}


def gate(name: str, *, passed: bool = True) -> Json:
    """The result for a gate."""
    return {"name": name, "evaluated": True, "passed": passed, "observed": "o", "expected": "e", "remedy": "Look."}


def locks(*paths: str) -> dict[int, Question]:
    """Each service requests a lock."""
    return {
        place: Question(
            "r53_healthcheck_lock", LOCK | {"lock_path": path, "targets": [{"lock_id": str(place)}]}, Turn.LOCK
        )
        for place, path in enumerate(paths)
    }


def states(number: int) -> dict[int, Question]:
    """Each service leaves its state."""
    return {
        place: Question("failover_state", {"targets": [{"run_id": str(place)}]}, Turn.WRITE) for place in range(number)
    }


def gates(*names: str) -> dict[int, Question]:
    """Each service has a gate evaluated."""
    return {
        place: Question("failback_gate", {"gates": [{"name": name}], "fail": False}, Turn.READ)
        for place, name in enumerate(names)
    }


def said(answer: Answer) -> str:
    """What an answer reports."""
    return str(answer) if isinstance(answer, ModuleFailedError) else str(answer["msg"])


def test_what_is_asked_in_the_same_way_is_one_call_and_is_shared_out() -> None:
    module = Module({"targets": [target(0), target(1)]})
    found = answers(module, locks("/pin", "/pin"))
    assert module.calls == [LOCK | {"targets": [{"lock_id": "0"}, {"lock_id": "1"}]}]
    assert [said(found[place]) for place in (0, 1)] == ["reported 0", "reported 1"]


def test_what_is_asked_in_another_way_is_a_call_of_its_own() -> None:
    module = Module({"targets": [target(0)]}, {"targets": [target(1)]})
    assert len(answers(module, locks("/pin", "/other"))) == len(module.calls) == 2


def test_one_that_fails_is_the_failure_of_its_service_alone() -> None:
    reported = {"msg": "1 of 2 failed", "targets": [target(0, failed=True), target(1)]}
    found = answers(Module(ModuleFailedError(reported)), locks("/pin", "/pin"))
    assert [isinstance(found[place], ModuleFailedError) for place in (0, 1)] == [True, False]
    assert said(found[0]) == "reported 0"


def test_a_call_that_fails_as_a_whole_fails_all_and_is_not_repeated_where_it_writes() -> None:
    module = Module(ModuleFailedError({"msg": "no credentials", "targets": []}))
    found = answers(module, locks("/pin", "/pin"))
    assert [said(found[place]) for place in (0, 1)] == ["no credentials"] * 2
    assert len(module.calls) == 1


def test_a_probe_that_fails_as_a_whole_is_taken_for_each_alone() -> None:
    services = [{"name": "a"}, {"name": "b"}]
    questions = {
        place: Question("failover_preflight", {"services": [one]}, Turn.READ) for place, one in enumerate(services)
    }
    well: Json = {"services": [{"msg": "well"}]}
    module = Module(ModuleFailedError({"msg": "b is wrong"}), well, ModuleFailedError({"msg": "b is wrong"}))
    found = answers(module, questions)
    assert [said(found[place]) for place in (0, 1)] == ["well", "b is wrong"]


def test_gates_of_services_may_be_called_alike() -> None:
    reported = {"gates": [gate("site (0)", passed=False), gate("site (1)")], "date": "now"}
    module = Module({"evidence": reported, "passed": False, "msg": "1 of 2"})
    found = answers(module, gates("site", "site"))
    assert [one["name"] for one in module.calls[0]["gates"]] == ["site (0)", "site (1)"]
    assert said(found[0]) == "0 of 1 gates passed. 'site' failed: observed o; expected e. Look."
    assert [t.cast(Json, found[place])["passed"] for place in (0, 1)] == [False, True]


def test_no_call_evaluates_more_gates_than_there_may_be_threads() -> None:
    reported = [[gate(f"g ({place})") for place in places] for places in (range(200), range(200, 250))]
    module = Module(*({"evidence": {"gates": part}} for part in reported))
    answers(module, gates(*["g"] * 250))
    assert [len(call["gates"]) for call in module.calls] == [200, 50]


def test_health_checks_that_are_read_together_are_reported_to_whom_they_belong() -> None:
    questions = {
        place: Question("r53_healthcheck_info", {"health_check_ids": ids}, Turn.READ)
        for place, ids in enumerate([["a"], ["b", "c"]])
    }
    reported = [{"health_check_id": one, "failed": one == "a", "msg": "gone" if one == "a" else ""} for one in "abc"]
    found = answers(Module(ModuleFailedError({"msg": "x", "health_checks": reported})), questions)
    assert said(found[0]) == "a: gone"
    assert [one["health_check_id"] for one in t.cast(Json, found[1])["health_checks"]] == ["b", "c"]


@pytest.mark.parametrize(("number", "given"), [(1, None), (60, None), (400, 400)])
def test_many_services_are_given_the_time_that_a_slow_account_needs(number: int, given: int | None) -> None:
    module = Module({"targets": [target(place) for place in range(number)]})
    answers(module, states(number))
    assert module.calls[0].get("wait_timeout") == given


def test_what_is_asked_in_the_same_way_is_one_call_whatever_the_order_of_options() -> None:
    module = Module({"targets": [target(0), target(1)]})
    first, second = locks("/pin", "/pin").values()
    turned = dict(reversed(list(second.options.items())))
    answers(module, {0: first, 1: replace(second, options=turned)})
    assert len(module.calls) == 1


def test_gates_of_one_service_alone_keep_their_names() -> None:
    module = Module({"evidence": {"gates": [gate("site")]}})
    answers(module, gates("site"))
    assert module.calls[0]["gates"] == [{"name": "site"}]


def test_each_service_gets_its_failed_gates_and_that_probing_changed_nothing() -> None:
    reported = [gate("a (0)"), gate("b (1)", passed=False), gate("c (2)", passed=False) | {"evaluated": False}]
    found = answers(Module({"evidence": {"gates": reported}}), gates("a", "b", "c"))
    each = [t.cast(Json, found[place]) for place in range(3)]
    assert [one["failed_gates"] for one in each] == [[], ["b"], []]
    assert {one["changed"] for one in each} == {False}


def test_one_that_fails_alone_is_reported_as_it_is_among_others() -> None:
    failed = ModuleFailedError({"msg": "1 of 1 failed", "targets": [target(0, failed=True)]})
    assert said(answers(Module(failed), locks("/pin"))[0]) == "reported 0"


def test_health_checks_that_cannot_be_read_are_a_failure_for_one_service_alone_too() -> None:
    question = Question("r53_healthcheck_info", {"health_check_ids": ["a"]}, Turn.READ)
    reported = [{"health_check_id": "a", "failed": True, "msg": "gone"}]
    failed = ModuleFailedError({"msg": "a: gone", "health_checks": reported})
    assert answers(Module(failed), {0: question}) == {0: failed}


def moves(*numbers: int) -> dict[int, Question]:
    """Each service requests, in check mode, the predicted outcome for this number of resources."""
    common = {"to": "secondary", CHECK_MODE: True}
    return {
        place: Question(
            "names", {**common, "targets": [{"name": f"{place}-{one}"} for one in range(number)]}, Turn.READ
        )
        for place, number in enumerate(numbers)
    }


def moved(name: str, **more: t.Any) -> Json:
    """The result for a resource."""
    return {"name": name, "changed": True, "failed": False, "msg": f"reported {name}", **more}


def test_each_service_gets_what_is_reported_of_its_own_resources() -> None:
    module = Module({"targets": [moved("0-0"), moved("0-1"), moved("1-0")]})
    first, second = (t.cast(Json, answer) for answer in answers(module, moves(2, 1)).values())
    assert [one["name"] for one in first["targets"]] == ["0-0", "0-1"]
    assert (second["targets"], len(module.calls)) == ([moved("1-0")], 1)


def test_a_resource_that_is_refused_is_that_of_its_service_alone() -> None:
    refused = moved("0-1", changed=False, failed=True, refused=True)
    module = Module(ModuleFailedError({"msg": "one failed", "targets": [moved("0-0"), refused, moved("1-0")]}))
    first, second = answers(module, moves(2, 1)).values()
    assert isinstance(first, ModuleFailedError)
    assert (said(first), first.result["targets"][1]["refused"]) == ("0-1: reported 0-1", True)
    assert not isinstance(second, ModuleFailedError)


def test_resources_that_no_module_takes_are_asked_for_again_by_service_since_that_changes_nothing() -> None:
    wrong = ModuleFailedError({"msg": "unsupported parameters"})
    module = Module(wrong, wrong, {"targets": [moved("1-0")]})
    first, second = answers(module, moves(1, 1)).values()
    assert (said(first), isinstance(second, ModuleFailedError), len(module.calls)) == (
        "unsupported parameters",
        False,
        3,
    )
