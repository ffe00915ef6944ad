# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which steps scale a group and put it back, and when waiting for its instances ends."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._capacity import decision
from ansible_collections.tidegate.failover.plugins.module_utils._capacity.decision import (
    Activity,
    Capacity,
    Forget,
    Group,
    Health,
    Instance,
    Keep,
    Kept,
    Processes,
    Scale,
    Step,
    Wish,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

SMALL, LARGE = Capacity(0, 1, 8), Capacity(2, 4, 8)
GROUP = Group("standby", SMALL)
WISH = Wish(4, 2, run="r1")
KEPT = Kept(SMALL, LARGE, run="r1")


def taken(group: Group, steps: t.Sequence[Step]) -> Group:
    for step in steps:
        group = decision.after(step, group)
    return group


def test_what_the_group_had_is_kept_before_it_is_scaled() -> None:
    assert decision.steps_up(GROUP, WISH) == [Keep(KEPT), Scale(LARGE)]


def test_a_scaled_group_needs_nothing() -> None:
    assert decision.steps_up(taken(GROUP, decision.steps_up(GROUP, WISH)), WISH) == []


def test_a_group_that_has_the_capacity_anyway_needs_nothing_and_keeps_nothing() -> None:
    assert decision.steps_up(replace(GROUP, capacity=LARGE), WISH) == []


FULL = replace(GROUP, suspended=frozenset({"Launch", "AZRebalance"}), has_scheduled=True)


def test_a_group_is_put_back_exactly_processes_and_all() -> None:
    steps = decision.steps_up(FULL, replace(WISH, resume=True))
    up = taken(FULL, steps)
    assert up.suspended == {"AZRebalance", "ScheduledActions"}
    assert taken(up, decision.steps_back(up)) == FULL


@pytest.mark.parametrize("done", range(6))
def test_i8_an_aborted_run_is_taken_on_or_put_back_from_any_step(done: int) -> None:
    wish = replace(WISH, resume=True)
    steps = decision.steps_up(FULL, wish)
    aborted = taken(FULL, steps[:done])
    assert taken(aborted, decision.steps_up(aborted, wish)) == taken(FULL, steps)
    assert taken(aborted, decision.steps_back(aborted)) == FULL


@pytest.mark.parametrize("done", range(6))
def test_i8_an_aborted_way_back_is_taken_on_from_any_step(done: int) -> None:
    up = taken(FULL, decision.steps_up(FULL, replace(WISH, resume=True)))
    aborted = taken(up, decision.steps_back(up)[:done])
    assert taken(aborted, decision.steps_back(aborted)) == FULL


SCHEDULED = replace(GROUP, has_scheduled=True)
NIGHT = Capacity(0, 0, 2)


def scheduled_action_after(done: int, group: Group, steps: t.Sequence[Step]) -> Group:
    """The group after some of the steps, where a scheduled action has fired then."""
    return replace(taken(group, steps[:done]), capacity=NIGHT)


@pytest.mark.parametrize("done", range(3))
def test_i1_a_scheduled_action_that_fires_before_its_suspension_is_what_the_group_is_put_back_to(done: int) -> None:
    wish = replace(WISH, maximum=8)
    night = scheduled_action_after(done, SCHEDULED, decision.steps_up(SCHEDULED, wish))
    up = taken(night, decision.steps_up(night, wish))
    assert (up.capacity, up.suspended) == (LARGE, frozenset({"ScheduledActions"}))
    assert taken(up, decision.steps_back(up)) == replace(SCHEDULED, capacity=NIGHT)


def test_i8_an_aborted_run_whose_group_a_scheduled_action_changed_is_put_back_to_that() -> None:
    night = scheduled_action_after(1, SCHEDULED, decision.steps_up(SCHEDULED, WISH))
    assert decision.steps_back(night) == [Forget()]


def test_i8_a_scheduled_action_that_fires_on_an_aborted_way_back_is_left_as_it_is() -> None:
    up = taken(SCHEDULED, decision.steps_up(SCHEDULED, WISH))
    back = decision.steps_back(up)
    resumed = next(number for number, step in enumerate(back, 1) if isinstance(step, Processes))
    night = scheduled_action_after(resumed, up, back)
    assert taken(night, decision.steps_back(night)) == replace(SCHEDULED, capacity=NIGHT)


def test_limits_that_somebody_sets_once_the_group_is_scaled_are_refused_with_scheduled_actions_too() -> None:
    up = taken(SCHEDULED, decision.steps_up(SCHEDULED, WISH))
    with pytest.raises(RefusedError, match="Somebody else"):
        decision.steps_back(replace(up, capacity=NIGHT))


def test_a_group_without_the_tag_is_not_put_back() -> None:
    assert decision.steps_back(replace(GROUP, capacity=LARGE)) == []


def test_i2_limits_that_somebody_else_has_set_are_not_overwritten() -> None:
    changed = replace(GROUP, capacity=Capacity(3, 4, 9), tag=KEPT.text())
    for steps in (lambda: decision.steps_back(changed), lambda: decision.steps_up(changed, WISH)):
        with pytest.raises(RefusedError, match=r"minimum 3, desired 4, maximum 9.*Somebody else"):
            steps()


def test_a_number_that_a_scaling_policy_has_changed_is_nobody_elses() -> None:
    busy = replace(GROUP, capacity=Capacity(2, 6, 8), tag=KEPT.text())
    assert decision.steps_up(busy, WISH) == []
    assert decision.steps_back(busy) == [Scale(SMALL), Forget()]


def test_another_wish_keeps_what_was_before() -> None:
    up = taken(GROUP, decision.steps_up(GROUP, WISH))
    keep = decision.steps_up(up, Wish(6, 2))[0]
    assert keep == Keep(replace(KEPT, to=Capacity(2, 6, 8), leaving=LARGE))


@pytest.mark.parametrize("done", range(3))
def test_i8_another_wish_that_is_aborted_is_taken_on_or_put_back_from_any_step(done: int) -> None:
    up, wish = taken(GROUP, decision.steps_up(GROUP, WISH)), Wish(6, 3, maximum=9)
    steps = decision.steps_up(up, wish)
    aborted = taken(up, steps[:done])
    assert taken(aborted, decision.steps_up(aborted, wish)).capacity == Capacity(3, 6, 9)
    assert taken(aborted, decision.steps_back(aborted)) == GROUP


def test_a_maximum_below_what_is_wanted_is_refused_unless_it_is_raised() -> None:
    with pytest.raises(RefusedError, match=r"need 9 instances, and its maximum is 8. Give capacity.max"):
        decision.steps_up(GROUP, Wish(9))
    assert decision.steps_up(GROUP, Wish(9, maximum=9))[-1] == Scale(Capacity(0, 9, 9))


def test_a_suspended_launch_is_refused() -> None:
    with pytest.raises(RefusedError, match="Launch suspended"):
        decision.steps_up(replace(GROUP, suspended=frozenset({"Launch"})), WISH)


def test_scheduled_actions_may_be_left_on() -> None:
    group = replace(GROUP, has_scheduled=True)
    steps = decision.steps_up(group, replace(WISH, suspend_scheduled=False))
    assert not [step for step in steps if isinstance(step, Processes)]


def test_a_group_that_is_being_deleted_is_refused() -> None:
    with pytest.raises(RefusedError, match="being deleted"):
        decision.steps_up(replace(GROUP, status="Delete in progress"), WISH)


def test_a_tag_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(RefusedError, match="cannot be read"):
        decision.steps_back(replace(GROUP, tag="0/1 -"))


def test_the_tag_is_read_as_it_was_written_and_is_short_enough() -> None:
    kept = replace(KEPT, resumed=decision.NEEDED, suspended=("ScheduledActions",), run="20261121T030405Z-3f9a1c2e")
    assert decision.kept_from(kept.text(), "standby") == kept
    assert len(kept.text()) < 256


@pytest.mark.parametrize(
    ("capacity", "said"),
    [
        ({"desired": 0}, "at least one"),
        ({"desired": 2, "min": 3}, r"capacity\.min is 3"),
        ({"desired": 2, "max": 1}, r"capacity\.max is 1"),
    ],
)
def test_numbers_that_cannot_be_meant_are_refused(capacity: dict[str, int], said: str) -> None:
    given = {"capacity": {"min": None, "max": None, **capacity}}
    options = {"resume_processes": False, "suspend_scheduled_actions": True}
    with pytest.raises(RefusedError, match=said):
        decision.wish_from({**given, **options}, "r1")


def test_a_write_has_taken_effect_where_only_a_policy_has_moved_the_number_since() -> None:
    assert decision.took_effect(Scale(LARGE), replace(GROUP, capacity=Capacity(2, 5, 8)))
    assert not decision.took_effect(Scale(LARGE), replace(GROUP, capacity=Capacity(3, 5, 8)))


TG = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-b/2"


def test_instances_count_once_they_are_healthy_in_every_target_group() -> None:
    instances = (Instance("i-1", in_service=True), Instance("i-2", in_service=True), Instance("i-3", in_service=False))
    group = replace(GROUP, instances=instances, target_groups=(TG,))
    assert decision.missing(group, 2, Health({TG: frozenset({"i-1", "i-3"})})) == (
        "1 of 2 are healthy in target group shop-b"
    )
    assert not decision.missing(group, 2, Health({TG: frozenset({"i-1", "i-2"})}))
    assert decision.missing(replace(group, target_groups=()), 3, Health()) == "2 of 3 instances are in service"


def test_weighted_instances_count_by_their_weight() -> None:
    group = replace(GROUP, instances=(Instance("i-1", in_service=True, weight=4),))
    assert not decision.missing(group, 4, Health())


FAILED = [Activity(str(number), "Failed", f"no capacity {number}.") for number in range(3)]


def test_it_is_given_up_after_three_failures_in_a_row_with_the_last_message() -> None:
    assert "The last one: no capacity 0." in decision.given_up(FAILED, frozenset())


@pytest.mark.parametrize(
    ("activities", "known"),
    [
        (FAILED[:2], frozenset()),
        ([FAILED[0], Activity("s", "Successful", ""), *FAILED[1:]], frozenset()),
        (FAILED, frozenset({"1"})),
        ([Activity("p", "InProgress", ""), *FAILED[:2]], frozenset()),
    ],
    ids=["two", "one has succeeded since", "from before", "one is under way"],
)
def test_fewer_failures_are_waited_out(activities: list[Activity], known: frozenset[str]) -> None:
    assert not decision.given_up(activities, known)


def test_a_maximum_that_a_forecast_may_have_raised_is_reported_as_that() -> None:
    raised = replace(GROUP, capacity=Capacity(2, 6, 12), tag=KEPT.text())
    with pytest.raises(RefusedError, match="predictive scaling policy"):
        decision.steps_back(raised)


def test_instances_that_wait_for_a_lifecycle_hook_are_reported() -> None:
    group = replace(GROUP, instances=(Instance("i-1", in_service=False, hooked=True),))
    assert decision.missing(group, 1, Health()) == (
        "0 of 1 instances are in service (1 wait for a lifecycle hook to be completed)"
    )


def test_traffic_whose_health_checks_are_not_read_is_reported() -> None:
    (warning,) = decision.warnings(replace(GROUP, unchecked=("Classic Load Balancer old",)))
    assert "Classic Load Balancer old" in warning
    assert decision.warnings(GROUP) == []
