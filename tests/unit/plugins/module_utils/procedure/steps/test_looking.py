# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The steps that only observe: gates, fences, data_gates, wait, verify and soak."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.gate_problems import gate_problems
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.registry import BUILT_IN, known_steps
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.steps import (
    data_gates,
    fences,
    gates,
    soak,
    verify,
    wait,
)
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    CAUGHT_UP,
    FENCE,
    Cloud,
    context_of,
    failback,
    failover,
)

URL = "https://checkout.example.com/"
TWO_FENCES = [FENCE, FENCE | {"name": "switched off"}]
OVERRIDE = {"fences": ["scaled to zero"], "reason": "the site burns"}
RECORD: Json = {"name": "checkout.example.com", "primary_answers": ["198.51.100.7"], "ttl": 30}


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    seconds: list[int] = []
    monkeypatch.setattr("time.sleep", seconds.append)
    return seconds


def looking(options: Json, *fails: str, check: bool = False) -> Context:
    """What a step has at hand where these gates fail."""
    return context_of(options, Cloud(fails=dict.fromkeys(fails, "it does not")), check=check)


def looked(context: Context) -> list[Json]:
    """The gates that were evaluated."""
    return [gate for asked in t.cast(Cloud, context.ask).asked("failback_gate") for gate in asked["gates"]]


def skipped(name: str, options: Json) -> str:
    """Why a step is not taken."""
    return str(known_steps(options["operation"], options, {})[name]["skip"])


def test_a_planned_failover_begins_only_where_its_gates_pass() -> None:
    gates.take(passing := looking(failover(gates=[CAUGHT_UP])))
    assert [(gate["name"], gate["passed"]) for gate in passing.outcome["gates"]] == [("caught up", True)]
    with pytest.raises(RefusedError, match="caught up: it does not"):
        gates.take(looking(failover(gates=[CAUGHT_UP]), "caught up"))


def test_one_proven_fence_is_enough() -> None:
    fences.take(looking(failover(fences=TWO_FENCES), "scaled to zero"))


def test_i7_no_proven_fence_is_refused_with_the_way_out() -> None:
    with pytest.raises(RefusedError, match="No fence is proven.*failover_fence_override"):
        fences.take(looking(failover(fences=TWO_FENCES), "scaled to zero", "switched off"))


def test_a_fence_that_is_overridden_is_not_asked_and_the_others_are() -> None:
    fences.take(context := looking(failover(fences=TWO_FENCES, fence_override=OVERRIDE)))
    assert [gate["name"] for gate in looked(context)] == ["switched off"]
    assert context.outcome["overrides"][0]["reason"] == "the site burns"


def test_where_all_are_overridden_nothing_is_asked() -> None:
    fences.take(context := looking(failover(fences=[FENCE], fence_override=OVERRIDE)))
    assert looked(context) == []
    assert context.outcome["msg"] == "Overridden by operator:alice: the site burns"


def test_a_fence_that_only_a_lock_could_prove_does_not_fail_check_mode() -> None:
    fences.take(context := looking(failover(fences=[FENCE]), "scaled to zero", check=True))
    assert context.outcome["status"] == "not evaluated"


def test_gates_on_data_are_evaluated_again_and_the_others_are_not() -> None:
    options = failback(gates=[CAUGHT_UP, FENCE], data_gates=["caught up"])
    data_gates.take(context := looking(options, "scaled to zero"))
    assert [gate["name"] for gate in looked(context)] == ["caught up"]
    assert context.run.memory["again"]["passed"]


def test_data_that_is_missing_by_now_stops_the_failback_unless_overridden() -> None:
    options = failback(data_gates=["caught up"])
    with pytest.raises(RefusedError, match="caught up"):
        data_gates.take(looking(options, "caught up"))
    data_gates.take(looking(options | {"override": {"gates": ["caught up"], "reason": "r"}}, "caught up"))


def test_users_who_do_not_arrive_fail_the_wait() -> None:
    with pytest.raises(RefusedError, match="the other site serves: it does not"):
        wait.take(looking(failover(), "the other site serves"))


def test_answers_that_were_read_before_the_lock_are_waited_for() -> None:
    context = looking(failover(records=[{"name": "checkout.example.com", "zone": "example.com"}], secondary_url=""))
    context.run.memory["other_site"] = {"answers": {"checkout.example.com A": ["198.51.100.9"]}}
    wait.take(context)
    assert looked(context)[0]["dns"]["answers"] == ["198.51.100.9"]


def test_after_a_failback_one_ttl_has_to_pass(slept: list[int]) -> None:
    wait.take(context := looking(failback(records=[RECORD])))
    assert (slept, context.outcome["msg"]) == ([30], "all passed. One TTL of 30 s has passed.")


def test_without_known_answers_the_checkers_are_what_counts() -> None:
    wait.take(context := looking(failback()))
    assert looked(context) == []
    assert context.outcome["msg"].startswith("The checkers find the primary site healthy.")


def test_a_failover_waits_for_no_ttl(slept: list[int]) -> None:
    wait.take(looking(failover(records=[RECORD])))
    assert sum(slept) == 0


@pytest.mark.parametrize(
    ("records", "skip"), [([], True), ([{"name": "a", "zone": "b"}], False), ([{"name": "a", "answers": ["c"]}], False)]
)
def test_a_failover_waits_where_it_can_tell(records: list[Json], skip: bool) -> None:
    assert bool(skipped("wait", failover(secondary_url="", records=records))) is skip
    assert not skipped("wait", failback(records=records))


def test_users_who_are_not_served_fail_the_verification() -> None:
    verify.take(looking(failover(verify_url=URL)))
    with pytest.raises(RefusedError, match="users are served: it does not"):
        verify.take(looking(failover(verify_url=URL), "users are served"))


@pytest.mark.parametrize(("seconds", "times"), [(60, 12), (3, 1)])
def test_a_watch_lasts_as_long_as_was_asked(seconds: int, times: int) -> None:
    soak.take(context := looking(failback(soak=seconds, verify_url=URL)))
    assert looked(context)[0]["http"]["consecutive"] == times
    assert context.run.memory["soaked"] is True


def test_a_site_that_does_not_go_on_serving_is_reported() -> None:
    context = looking(failback(soak=10, verify_url=URL), "users go on being served")
    with pytest.raises(RefusedError, match="it does not"):
        soak.take(context)
    assert context.run.memory["soaked"] is False


@pytest.mark.parametrize("name", ["wait", "verify", "soak"])
def test_what_is_only_seen_afterwards_is_planned_in_check_mode(name: str, slept: list[int]) -> None:
    context = looking(failback(records=[RECORD], soak=10, verify_url=URL), check=True)
    BUILT_IN[name].take(context)
    assert context.outcome["status"] == "planned"
    assert (looked(context), slept) == ([], [])


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("gates", failover()),
        ("fences", failover()),
        ("verify", failover()),
        ("verify", failback()),
        ("data_gates", failback()),
        ("soak", failback(soak=10)),
        ("soak", failback(verify_url=URL)),
    ],
)
def test_a_step_that_has_nothing_to_check_is_skipped_and_says_why(name: str, options: Json) -> None:
    assert skipped(name, options).endswith(".")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("gates", failover(gates=[CAUGHT_UP])),
        ("fences", failover(fences=[FENCE])),
        ("fences", failover(fence_override={"reason": "r"})),
        ("verify", failover(verify_url=URL)),
        ("data_gates", failback(data_gates=["caught up"])),
        ("soak", failback(soak="10", verify_url=URL)),
    ],
)
def test_one_that_has_something_to_check_is_taken(name: str, options: Json) -> None:
    assert skipped(name, options) == ""


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("gates", failover(gates=[CAUGHT_UP])),
        ("fences", failover(fences=[FENCE])),
        ("data_gates", failback(data_gates=["caught up"])),
        ("wait", failback()),
        ("verify", failback(verify_url=URL)),
        ("soak", failback(soak=10, verify_url=URL)),
    ],
)
def test_a_step_that_only_observes_has_changed_nothing(name: str, options: Json) -> None:
    BUILT_IN[name].take(context := looking(options))
    assert context.outcome["changed"] is False


def test_which_fences_were_overridden_is_kept() -> None:
    fences.take(context := looking(failover(fences=TWO_FENCES, fence_override=OVERRIDE)))
    assert context.outcome["overrides"][0]["names"] == ["scaled to zero"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (failover(), "To wait for: the other site serves."),
        (failback(records=[RECORD]), "DNS leads to the primary site: checkout.example.com A, one TTL of 30 s."),
    ],
)
def test_check_mode_says_what_would_be_waited_for(options: Json, said: str) -> None:
    wait.take(context := looking(options, check=True))
    assert context.outcome["msg"].endswith(said)


def test_a_failover_waits_for_an_address_without_any_records() -> None:
    assert skipped("wait", failover(records=[])) == ""


def test_users_have_to_be_served_twice_in_a_row() -> None:
    verify.take(context := looking(failover(verify_url=URL)))
    assert looked(context)[0]["http"]["consecutive"] == 2


def test_a_watch_that_meets_a_failure_has_the_time_to_begin_again() -> None:
    soak.take(context := looking(failback(soak=60, verify_url=URL)))
    assert looked(context)[0]["http"]["timeout"] == 130


@pytest.mark.parametrize("name", ["verify", "soak"])
def test_what_is_checked_is_what_the_module_takes(name: str) -> None:
    BUILT_IN[name].take(context := looking(failback(soak=10, verify_url=URL)))
    assert gate_problems(name, looked(context)) == []


def test_a_watch_that_check_mode_plans_does_not_lock_the_site_again() -> None:
    soak.take(context := looking(failback(soak=10, verify_url=URL), check=True))
    assert context.run.memory["soaked"] is True


def test_a_gate_that_does_not_pass_does_not_fail_its_module() -> None:
    gates.take(context := looking(failover(gates=[CAUGHT_UP])))
    assert t.cast(Cloud, context.ask).asked("failback_gate")[0]["fail"] is False
