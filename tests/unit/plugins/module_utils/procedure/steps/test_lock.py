# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The failed site is locked out; its first health check carries the claim."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import ModuleFailedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.steps import lock
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    EARLIER,
    OTHER,
    RUN,
    Cloud,
    context_of,
    failover,
)

CHECKS = ["check-1", "check-2", "check-3"]


def context(cloud: Cloud, *, replaces: str | None = None, **given: t.Any) -> Context:
    """A failover of a service with three health checks that may begin."""
    made = context_of(failover(health_check_ids=CHECKS, **given), cloud)
    made.run.memory["may"] = {"replaces": replaces}
    return made


def locked(cloud: Cloud) -> list[tuple[str, str | None]]:
    """What was locked, in order, and what that was to replace."""
    asked = cloud.asked("r53_healthcheck_lock")
    return [(options["health_check_ids"][0], options.get("replaces")) for options in asked]


def taken(made: Context) -> None:
    """Take the step."""
    made.alone(lock.take(made))


def undone(cloud: Cloud, *, replaces: str | None = None, **run: t.Any) -> str:
    """The message of undoing the step."""
    made = context(cloud, replaces=replaces)
    for name, value in run.items():
        setattr(made.run, name, value)
    return lock.undo(made)


def test_all_health_checks_are_locked_under_the_name_of_the_run_the_claim_first() -> None:
    made = context(cloud := Cloud())
    taken(made)
    assert cloud.locks == dict.fromkeys(CHECKS, RUN)
    assert locked(cloud)[0] == ("check-1", None)
    assert made.outcome["lock_ids"] == [RUN, RUN, RUN]


@pytest.mark.parametrize(
    ("method", "steps", "used"),
    [
        ("auto", ["lock"], "auto"),
        ("auto", ["lock", "maintenance"], "invert"),
        ("path", ["lock", "maintenance"], "path"),
    ],
)
def test_i5_where_a_page_comes_the_lock_rests_on_no_answer_to_begin_with(
    method: str, steps: list[str], used: str
) -> None:
    made = context(cloud := Cloud(), lock_method=method)
    made.run.steps = [{"name": name} for name in steps]
    taken(made)
    assert {options["method"] for options in cloud.asked("r53_healthcheck_lock")} == {used}


def test_the_claim_is_written_down_before_anything_else_is_locked() -> None:
    taken(context(cloud := Cloud()))
    names = [name for name, _options in cloud.calls]
    assert names[:2] == ["r53_healthcheck_lock", "failover_state"]
    assert cloud.phases == ["running"]


def test_i2_of_two_runs_the_loser_says_so_and_touches_nothing_more() -> None:
    made = context(cloud := Cloud(locks={"check-1": OTHER}))
    with pytest.raises(RefusedError, match="Another run acquired the lock first"):
        taken(made)
    assert (cloud.locks, cloud.phases) == ({"check-1": OTHER}, [])
    assert "lock_ids" not in made.outcome


def test_locks_of_a_run_that_has_died_are_taken_over_and_others_are_not() -> None:
    cloud = Cloud(locks={"check-1": EARLIER, "check-2": EARLIER, "check-3": OTHER})
    taken(context(cloud, replaces=EARLIER))
    assert cloud.locks == {"check-1": RUN, "check-2": RUN, "check-3": OTHER}


def test_one_that_cannot_be_locked_does_not_keep_the_others_open_and_what_was_locked_is_kept() -> None:
    made = context(cloud := Cloud(fails={"r53_healthcheck_lock check-2": "not allowed"}))
    with pytest.raises(RefusedError, match="not allowed"):
        taken(made)
    assert cloud.locks == {"check-1": RUN, "check-3": RUN}
    assert made.outcome["lock_ids"] == [RUN, RUN]


def test_i11_a_claim_that_could_not_be_written_down_is_kept_all_the_same() -> None:
    made = context(Cloud(fails={"failover_state running": "throttled"}))
    with pytest.raises(TidegateError, match="throttled"):
        taken(made)
    assert made.outcome["lock_ids"] == [RUN]


@pytest.mark.parametrize(("restore", "handed_on"), [(None, {}), ("/lb-check", {"restore_path": "/lb-check"})])
def test_only_the_claim_gets_the_path_that_is_to_be_restored(restore: str | None, handed_on: Json) -> None:
    taken(context(cloud := Cloud(), restore_path=restore))
    first, *others = cloud.asked("r53_healthcheck_lock")
    assert {name: value for name, value in first.items() if name == "restore_path"} == handed_on
    assert not any("restore_path" in options for options in others)


def test_undone_it_opens_the_locks_that_this_run_placed_the_claim_last() -> None:
    cloud = Cloud(locks={"check-1": RUN, "check-2": OTHER, "check-3": RUN})
    assert undone(cloud) == "Released the locks of check-1, check-3."
    assert cloud.locks == {"check-2": OTHER}
    assert [check for check, _replaces in locked(cloud)] == ["check-3", "check-1"]
    assert cloud.phases == ["undone"]


def test_a_lock_of_a_type_without_a_path_has_an_id_of_its_own() -> None:
    cloud = Cloud(locks={"check-1": RUN, "check-2": "check-2@7"})
    undone(cloud, lock_ids=[RUN, "check-2@7"])
    assert cloud.locks == {}


def test_undone_half_way_it_opens_what_there_is() -> None:
    cloud = Cloud()
    assert undone(cloud) == "Released the locks of no health check."
    assert cloud.phases == []


def test_i11_a_lock_that_was_taken_over_stays_and_says_that_somebody_has_to_check() -> None:
    cloud = Cloud(locks={"check-1": RUN})
    assert f"lock {EARLIER} was there before" in undone(cloud, replaces=EARLIER)
    assert (cloud.locks, cloud.phases) == ({"check-1": RUN}, ["interrupted"])


def test_a_claim_that_fails_without_another_lock_is_not_called_slow() -> None:
    with pytest.raises(TidegateError, match="^not allowed$"):
        taken(context(Cloud(fails={"r53_healthcheck_lock check-1": "not allowed"})))


def test_the_second_of_two_health_checks_is_locked_too() -> None:
    made = context_of(failover(health_check_ids=CHECKS[:2]), cloud := Cloud())
    made.run.memory["may"] = {"replaces": None}
    taken(made)
    assert list(cloud.locks) == CHECKS[:2]


def test_a_claim_counts_as_a_change_where_the_others_were_locked_already() -> None:
    made = context(Cloud(locks=dict.fromkeys(CHECKS[1:], RUN)))
    taken(made)
    assert made.outcome["changed"] is True


def test_the_lock_of_another_run_on_a_second_health_check_does_not_count_as_this_runs() -> None:
    made = context(Cloud())
    claim, held = ({"lock": {"id": run}, "failed": run != RUN} for run in (RUN, OTHER))
    asking = lock.take(made)
    next(asking)
    asking.send({"changed": True, "msg": "", "health_checks": [claim]})
    asking.send({})
    with pytest.raises(RefusedError):
        asking.throw(ModuleFailedError({"health_checks": [claim, held]}))
    assert made.outcome["lock_ids"] == [RUN]


def test_of_health_checks_only_the_locks_are_read_to_undo_it() -> None:
    undone(cloud := Cloud())
    assert cloud.asked("r53_healthcheck_info")[0]["include_observations"] is False
