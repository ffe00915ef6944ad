# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Entering and exiting maintenance on the listener of a load balancer, whatever happens meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.recorded import recorded_in
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.alb_listener.world import (
    LISTENER,
    KilledError,
    World,
    forward,
    header,
    host,
    path,
    refusal,
    switch,
)

SECRET = "open-sesame-4711-x"
EXEMPT = {"exempt_paths": ["/hooks/*"], "tester_header": "X-Tester", "tester_secret": SECRET}


def crowded() -> World:
    """The first priorities are in use, one further behind is not next to them."""
    return World((1, [path("/api/*")]), (2, [host("shop.example.com")]), (900, [path("/hooks/pay")]))


def holders(world: World) -> list[str]:
    return [hold.owner for hold in recorded_in(world.tags[LISTENER]).holds]


def test_users_get_the_page_and_then_what_they_had() -> None:
    world = crowded()
    assert switch(world, enabled=True)["in_maintenance"]
    assert {world.answer(path=one) for one in ("/", "/api/x", "/hooks/pay")} == {"fixed-response"}
    assert not switch(world, enabled=False)["in_maintenance"]
    assert (world.answer(path="/"), world.answer(path="/api/x")) == ("default", "own-1")


@pytest.mark.parametrize("page", [{}, EXEMPT, {"redirect_url": "https://status.example.com/"}], ids=str)
def test_i1_rules_tags_and_priorities_of_others_come_back_exactly(page: dict[str, Any]) -> None:
    world = crowded()
    before = world.snapshot()
    assert not switch(world, enabled=True, page=page)["failed"]
    assert world.snapshot() != before
    assert not switch(world, enabled=False)["failed"]
    assert world.snapshot() == before


def test_a_listener_with_nothing_but_a_default_action_shows_the_page() -> None:
    world = World()
    switch(world, enabled=True)
    assert (world.answer(path="/any"), world.ours()) == ("fixed-response", ["page"])


def test_rules_of_others_keep_their_place_where_the_first_priorities_are_free() -> None:
    world = World((10, [path("/api/*")]))
    before = world.others()
    switch(world, enabled=True)
    assert (world.others(), "set_rule_priorities" in world.calls) == (before, False)


def test_as_few_rules_of_others_as_possible_are_moved_and_none_overtakes_another() -> None:
    world = crowded()
    (first, second, third, _default) = [arn for arn, _priority in world.others()]
    switch(world, enabled=True)
    assert world.others()[:3] == [(first, "2"), (second, "3"), (third, "900")]


def test_i3_again_changes_nothing_in_either_direction() -> None:
    world = crowded()
    for enabled in (True, False):
        assert switch(world, enabled=enabled, page=EXEMPT if enabled else None)["changed"]
        world.calls.clear()
        assert not switch(world, enabled=enabled, page=EXEMPT if enabled else None)["changed"]
        assert world.writes() == []


def test_i3_an_answer_without_what_is_empty_and_with_values_in_another_order_means_the_same() -> None:
    world = World()
    page = {"redirect_url": "https://status.example.com/", "exempt_paths": ["/b", "/a"]}
    world.before_call = lambda _name: settle(world)
    assert not switch(world, enabled=True, page=page)["failed"]
    assert not switch(world, enabled=True, page=page)["changed"]


def settle(world: World) -> None:
    """Show rules as a service does that leaves out empty fields, and sorts values."""
    for rule in world.rules:
        for action in rule["Actions"]:
            action.get("RedirectConfig", {}).pop("Query", None)
        for condition in rule["Conditions"]:
            condition.get("PathPatternConfig", {}).get("Values", []).sort()


@pytest.mark.parametrize("enabled", [True, False])
def test_i3_check_mode_predicts_what_the_run_does_and_writes_nothing(*, enabled: bool) -> None:
    world = crowded()
    if not enabled:
        switch(world, enabled=True, page=EXEMPT)
    world.calls.clear()
    predicted = switch(world, enabled=enabled, page=EXEMPT if enabled else None, check_mode=True)
    assert world.writes() == []
    done = switch(world, enabled=enabled, page=EXEMPT if enabled else None)
    for picture in (predicted["after"], done["after"]):
        for rule in picture["listeners"][0]["rules"]:
            del rule["id"]
    assert predicted == done


def test_i2_a_rule_that_appears_at_our_priority_is_not_overwritten() -> None:
    world = World()

    def appear(name: str) -> None:
        if name == "create_rule" and len(world.rules) == 1:
            world.add(1, [path("/new/*")])

    world.before_call = appear
    assert not switch(world, enabled=True)["failed"]
    assert (world.answer(path="/new/x"), len(world.others())) == ("fixed-response", 2)
    switch(world, enabled=False)
    assert world.others()[0][1] == "1"


def test_i2_a_rule_that_somebody_has_moved_since_is_not_moved_back() -> None:
    world = World((1, [path("/api/*")]))
    switch(world, enabled=True)
    first = world.others()[0][0]
    world.do_set_rule_priorities({"RulePriorities": [{"RuleArn": first, "Priority": 500}]})
    found = switch(world, enabled=False)
    assert dict(world.others())[first] == "500"
    assert "did not get their priorities back" in found["warnings"][0]


def test_i1_rules_do_not_overtake_one_that_somebody_has_put_between_them() -> None:
    world = World((1, [path("/a")]), (3, [path("/b")]))
    switch(world, enabled=True, page=EXEMPT)
    order = [arn for arn, _priority in world.others()]
    world.do_delete_rule({"RuleArn": next(rule["RuleArn"] for rule in world.rules if rule["Priority"] == "1")})
    new = world.add(1, [path("/a/new")])
    assert not switch(world, enabled=False)["failed"]
    assert [arn for arn, _priority in world.others()] == [new, *order]


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_i8_killed_at_any_call_and_run_again_it_ends_as_it_would_have(*, enabled: bool, after: bool) -> None:
    for number in range(1, 60):
        world = crowded()
        whole = world.snapshot()
        if not enabled:
            switch(world, enabled=True, page=EXEMPT)
        killed = killed_at(world, number, enabled=enabled, after=after)
        assert not switch(world, enabled=enabled, page=EXEMPT if enabled else None)["failed"]
        assert holders(world) == (["operator"] if enabled else [])
        if enabled:
            assert world.answer(path="/") == "fixed-response"
            switch(world, enabled=False)
        assert world.snapshot() == whole
        if not killed:
            return
    raise AssertionError("a run makes fewer calls")


def killed_at(world: World, number: int, *, enabled: bool, after: bool) -> bool:
    """Whether a run came to this call, where it ended."""
    count = 0

    def kill(name: str) -> None:
        nonlocal count
        count += 1
        if count == number + after:
            world.before_call = lambda _name: None
            raise KilledError(name)

    world.before_call = kill
    try:
        switch(world, enabled=enabled, page=EXEMPT if enabled else None)
    except KilledError:
        return True
    finally:
        world.before_call = lambda _name: None
    return False


@pytest.mark.parametrize("operation", ["create_rule", "set_rule_priorities", "add_tags", "delete_rule", "remove_tags"])
def test_the_effect_of_a_lost_response_is_read(operation: str) -> None:
    world = crowded()
    before = world.snapshot()
    lost: list[str] = []

    def lose(name: str) -> None:
        if name == operation and len(lost) < 2:
            lost.append(name)
            raise refusal("InternalFailure", 500)

    world.before_call = lose
    assert not switch(world, enabled=True, page=EXEMPT)["failed"]
    assert not switch(world, enabled=False)["failed"]
    assert (lost, world.snapshot()) == ([operation] * 2, before)


def test_the_page_stays_until_the_last_holder_leaves() -> None:
    world = crowded()
    switch(world, enabled=True)
    switch(world, enabled=True, owner="alarm:x")
    found = switch(world, enabled=False, owner="alarm:x")
    assert (world.answer(), holders(world), found["held_by"]) == ("fixed-response", ["operator"], ["operator"])
    switch(world, enabled=False)
    assert (world.answer(), holders(world)) == ("default", [])


def test_two_who_leave_at_the_same_moment_do_not_leave_the_page_behind() -> None:
    world = crowded()
    before = world.snapshot()
    switch(world, enabled=True)
    switch(world, enabled=True, owner="alarm:x")
    left: list[str] = []

    def leave(name: str) -> None:
        if name == "remove_tags" and not left:
            left.append(name)
            switch(world, enabled=False, owner="alarm:x")

    world.before_call = leave
    switch(world, enabled=False)
    assert world.snapshot() == before


def test_somebody_who_enters_while_the_page_is_removed_gets_it_back() -> None:
    world = crowded()
    switch(world, enabled=True, page=EXEMPT)
    entered: list[str] = []

    def enter(name: str) -> None:
        if name == "delete_rule" and not entered:
            entered.append(name)
            switch(world, enabled=True, owner="change:CHG-1", page=EXEMPT)

    world.before_call = enter
    switch(world, enabled=False)
    assert (world.answer(path="/"), holders(world)) == ("fixed-response", ["change:CHG-1"])


def test_a_page_that_others_hold_stays_as_they_have_put_it_up() -> None:
    world = crowded()
    switch(world, enabled=True)
    found = switch(world, enabled=True, owner="alarm:x", page={"redirect_url": "https://status.example.com/"})
    assert (world.answer(), found["held_by"]) == ("fixed-response", ["alarm:x", "operator"])
    assert "not those that this task asks for" in found["warnings"][0]


def test_a_controller_that_would_remove_the_page_is_named() -> None:
    world = crowded()
    world.tags[LISTENER]["elbv2.k8s.aws/cluster"] = "prod"
    found = switch(world, enabled=True)
    assert (found["changed"], "Controller of the cluster prod" in found["warnings"][0]) == (True, True)


def test_its_only_holder_changes_the_page_and_it_is_at_no_time_missing() -> None:
    world = crowded()
    switch(world, enabled=True, page=EXEMPT)
    seen = set()
    world.before_call = lambda _name: seen.add(world.answer(path="/other"))
    changed = switch(world, enabled=True, page={"title": "Later"})
    assert (changed["changed"], seen, world.ours()) == (True, {"fixed-response"}, ["page"])


def test_exempt_requests_reach_what_they_reached_at_every_moment() -> None:
    world = crowded()
    seen = set()
    world.before_call = lambda _name: seen.add((world.answer(path="/hooks/pay"), world.answer(path="/hooks/other")))
    switch(world, enabled=True, page=EXEMPT)
    switch(world, enabled=False)
    assert seen == {("own-900", "default")}


def test_a_rule_that_is_new_reaches_exempt_requests_after_the_same_task_again() -> None:
    world = World()
    switch(world, enabled=True, page=EXEMPT)
    world.add(700, [path("/hooks/new")])
    assert world.answer(path="/hooks/new") == "default"
    switch(world, enabled=True, page=EXEMPT)
    assert world.answer(path="/hooks/new") == "own-700"


def test_an_alarm_leaves_a_page_unchanged_that_nobody_holds() -> None:
    world = crowded()
    switch(world, enabled=True)
    world.tags[LISTENER] = {key: value for key, value in world.tags[LISTENER].items() if "hold-" not in key}
    for enabled in (True, False):
        found = switch(world, enabled=enabled, owner="alarm:x")
        assert (found["changed"], "nobody holds it" in found["held_back"]) == (False, True)
        assert found["unexplained"]
    assert switch(world, enabled=False)["changed"]
    assert world.answer() == "default"


@pytest.mark.parametrize(
    ("states", "wanted", "acts"),
    [
        (["unhealthy", "healthy"], "down", False),
        (["unhealthy"], "down", True),
        (["unhealthy", "initial"], "down", False),
        ([], "down", True),
    ],
)
def test_i9_an_alarm_puts_the_page_up_only_where_no_target_serves(
    *, states: list[str], wanted: str, acts: bool
) -> None:
    world = World()
    world.health["default"] = states
    found = switch(world, enabled=True, owner="alarm:x", only_if_backends=wanted)
    assert (found["changed"], bool(found["held_back"])) == (acts, not acts)


def test_i9_an_event_from_before_the_hold_takes_nothing_away() -> None:
    world = World()
    switch(world, enabled=True, owner="alarm:x", since="2026-11-21T04:00:00Z")
    found = switch(world, enabled=False, owner="alarm:x", event_time="2026-11-21T03:00:00Z")
    assert (found["changed"], "outdated" in found["held_back"]) == (False, True)


def test_force_releases_all_and_says_whose() -> None:
    world = crowded()
    before = world.snapshot()
    switch(world, enabled=True, owner="a")
    switch(world, enabled=True, owner="b")
    found = switch(world, enabled=False, force=True)
    assert [hold["owner"] for hold in found["released"]] == ["a", "b"]
    assert world.snapshot() == before


def test_holds_that_cannot_be_read_are_an_error_until_they_are_forced_away() -> None:
    world = World()
    switch(world, enabled=True)
    key = next(key for key in world.tags[LISTENER] if "hold-" in key)
    world.tags[LISTENER][key] = "1/1/edited/x"
    for enabled in (True, False):
        found = switch(world, enabled=enabled)
        assert (found["failed"], key in found["msg"]) == (True, True)
    switch(world, enabled=False, force=True)
    assert (world.answer(), world.tags[LISTENER]) == ("default", {"team": "web"})


# Refused before anything is changed


def refused(world: World, **more: Any) -> str:
    before = world.snapshot()
    found = switch(world, enabled=True, **more)
    assert (found["failed"], world.snapshot(), world.writes()) == (True, before, [])
    return str(found["msg"])


def test_a_load_balancer_of_another_kind_is_refused() -> None:
    assert "shop is a Network Load Balancer" in refused(World(kind="network"))


def test_priorities_that_must_not_be_moved_are_reported() -> None:
    assert "move_rules is false" in refused(crowded(), move_rules=False)


def test_more_rules_than_the_load_balancer_can_have_are_refused() -> None:
    world = crowded()
    world.most = 3
    assert "has 3 rules and would need 1 more. It can have 3" in refused(world)


def test_without_the_right_to_read_limits_the_page_goes_up_with_a_warning() -> None:
    world = World()

    def deny(name: str) -> None:
        if name == "describe_account_limits":
            raise refusal("AccessDenied", 403)

    world.before_call = deny
    found = switch(world, enabled=True)
    assert (found["changed"], "not checked" in found["warnings"][0]) == (True, True)


def test_paths_that_are_exempt_in_part_of_a_rule_only_are_refused() -> None:
    world = World((5, [path("*.json")]))
    assert "neither contains the other" in refused(world, page={"exempt_paths": ["/api/*"]})


def test_a_rule_that_signs_users_in_by_openid_cannot_be_repeated() -> None:
    world = World()
    world.add(5, [path("/hooks/*")], {"Type": "authenticate-oidc", "Order": 1}, {**forward("x"), "Order": 2})
    assert "client secret cannot be read" in refused(world, page=EXEMPT)


def test_a_redirect_to_the_listener_itself_is_refused() -> None:
    page = {"redirect_url": "https://shop-1.example.com/sorry"}
    assert "again and again" in refused(World(), page=page)


def test_a_listener_without_room_for_tags_is_refused() -> None:
    world = World()
    world.tags[LISTENER] = {f"tag-{number}": "" for number in range(50)}
    assert "can have 50 in all" in refused(world)


def test_a_port_without_a_listener_is_reported_with_those_that_are_there() -> None:
    world = World()
    world.port = 80
    assert "no listener 443. It has listeners on these ports: 80" in refused(world)


def test_i12_no_header_value_is_in_a_result() -> None:
    world = World((5, [header("X-Origin-Verify", "a-secret-of-cloudfront")]))
    found = [switch(world, enabled=True, page=EXEMPT), switch(world, enabled=False)]
    assert (SECRET in str(found), "a-secret-of-cloudfront" in str(found)) == (False, False)
    assert "X-Tester".lower() in str(found)
