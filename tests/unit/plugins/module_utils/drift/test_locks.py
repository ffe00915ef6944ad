# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is found of health checks and routing controls, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._drift.finding import Finding
from ansible_collections.tidegate.failover.plugins.module_utils._drift.locks import (
    Locking,
    claim_of,
    findings,
    findings_of_controls,
    is_moved,
)

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
RUN, LATER = "20261121T030405Z-3f9a1c2e", "20261121T040506Z-00c0ffee"
LOCK = {"id": RUN, "placed_by": "tidegate", "since": "2026-11-21T03:04:05Z"}
LOCKING = Locking("/lb-check-failed-over", guard={"secondary_url": "https://backup.example.com/"})
ARN = "arn:aws:route53-recovery-control::111122223333:controlpanel/0/routingcontrol/1"


def state(phase: str, run: str = RUN) -> dict[str, str]:
    return {f"tidegate-failover-{run}": f"run={run} phase={phase}"}


def check(lock: Any = None, tags: Any = None, name: str = "one", **more: Any) -> dict[str, Any]:
    settings = {"resource_path": "/lb-check", "disabled": False, "inverted": False, **more.pop("settings", {})}
    reported = {"health_check_id": name, "failed": False, "msg": "", "type": "HTTPS", "version": 7, "lock": lock}
    return {
        **reported,
        "configuration": settings,
        "health": "unhealthy" if lock else "healthy",
        "tags": tags or {},
        **more,
    }


def found(*checks: dict[str, Any], locking: Locking = LOCKING) -> list[Finding]:
    return findings(checks, locking, NOW)


def kinds(*checks: dict[str, Any], locking: Locking = LOCKING) -> list[str]:
    return [finding.kind for finding in found(*checks, locking=locking)]


@pytest.mark.parametrize(
    "checks",
    [
        [],
        [check()],
        [check(tags=state("serving")), check(name="two")],
        [check(tags=state("releasing"))],
        [check(tags=state("undone"))],
        [check(LOCK)],
        [check(LOCK, state("running")), check(name="two")],
        [check(LOCK, state("failed_over")), check(LOCK, name="two")],
        [check({**LOCK, "placed_by": None})],
        [check(type="TCP", settings={"resource_path": None})],
    ],
)
def test_what_is_as_it_was_left_is_not_found(checks: list[dict[str, Any]]) -> None:
    assert kinds(*checks) == []


@pytest.mark.parametrize("phase", ["running", "failing_back", "failed_over", "interrupted"])
def test_a_lock_that_a_run_has_left_and_that_is_open_was_opened(phase: str) -> None:
    (opened,) = found(check(tags=state(phase)))
    assert (opened.kind, opened.object) == ("lock_opened", "one")
    assert RUN in opened.expected


def test_it_is_locked_again_with_the_same_id_owner_and_reason_and_only_if_another_site_serves() -> None:
    people = {f"tidegate-lock-{RUN}-owner": "operator:alice", f"tidegate-lock-{RUN}-reason": "CHG-1"}
    (opened,) = found(check(tags=state("failed_over") | people))
    assert opened.repair
    assert opened.repair.options == {
        "state": "locked",
        "health_check_ids": ["one"],
        "lock_path": "/lb-check-failed-over",
        "method": "auto",
        "lock_id": RUN,
        "owner": "operator:alice",
        "reason": "CHG-1",
        "secondary_url": "https://backup.example.com/",
    }


def test_tags_of_a_lock_tell_too_that_it_was_opened_unless_a_later_run_ended_in_order() -> None:
    tags = {f"tidegate-lock-{RUN}-owner": "operator"}
    assert kinds(check(tags=tags)) == ["lock_opened"]
    assert kinds(check(tags=tags | state("serving", LATER))) == []
    newer = {f"tidegate-lock-{LATER}-owner": "operator"}
    assert kinds(check(tags=newer | state("serving", RUN))) == ["lock_opened"]


def test_a_lock_without_a_path_gets_an_id_of_its_own() -> None:
    (opened,) = found(check(tags={"tidegate-lock-one@6-owner": "operator"}, type="TCP"))
    assert opened.repair
    assert "lock_id" not in opened.repair.options
    assert opened.repair.options["owner"] == "operator"


def test_of_several_health_checks_each_is_checked() -> None:
    first = check(LOCK, state("failed_over"))
    (opened,) = found(first, check(name="two"))
    assert (opened.kind, opened.object) == ("lock_opened", "two")


@pytest.mark.parametrize(("placed_by", "said"), [("foreign", "something else"), ("hand", "by hand")])
def test_a_lock_that_is_not_ours_is_a_change_by_hand(placed_by: str, said: str) -> None:
    (pinned,) = found(check({**LOCK, "placed_by": placed_by}))
    assert (pinned.kind, pinned.repair, said in pinned.observed) == ("health_check_changed", None, True)


@pytest.mark.parametrize(
    ("settings", "said"), [({"disabled": True}, "healthy whatever"), ({"inverted": True}, "while")]
)
def test_one_of_two_switches_is_a_change_by_hand(settings: dict[str, bool], said: str) -> None:
    (changed,) = found(check(settings=settings))
    assert (changed.kind, said in changed.observed) == ("health_check_changed", True)


def test_a_path_is_compared_only_where_it_is_known_and_not_locked() -> None:
    known = Locking("/lb-check-failed-over", path="/lb-check")
    other = {"resource_path": "/other"}
    assert kinds(check(settings=other)) == []
    assert kinds(check(settings=other), locking=known) == ["health_check_changed"]
    assert kinds(check(LOCK, settings=other), locking=known) == []
    assert kinds(check(settings=other, type="TCP"), locking=known) == []
    # What has been opened is one finding, and not two.
    assert kinds(check(tags=state("failed_over"), settings=other), locking=known) == ["lock_opened"]


def test_a_lock_that_does_not_hold_is_found_once_it_has_had_time() -> None:
    young = {**LOCK, "since": "2026-11-21T04:58:00Z"}
    assert kinds(check(young, health="healthy")) == []
    (loose,) = found(check(LOCK, health="healthy"))
    assert loose.repair
    assert (loose.kind, loose.repair.options["method"]) == ("lock_without_effect", "invert")
    assert kinds(check({**LOCK, "since": None}, health="healthy")) == ["lock_without_effect"]


def test_what_could_not_be_read_is_said_and_nothing_else_is_concluded() -> None:
    unread = {"health_check_id": "one", "failed": True, "msg": "no rights"}
    (one,) = found(unread)
    assert (one.kind, one.observed) == ("not_observed", "no rights.")
    assert claim_of([unread]).locked is None


def test_without_observations_the_settings_still_count() -> None:
    assert kinds(check(tags=state("failed_over"), failed=True, msg="throttled")) == ["not_observed", "lock_opened"]


def test_a_damaged_state_is_not_observed() -> None:
    damaged = check(tags={"tidegate-failover": "phase=nonsense"})
    assert kinds(damaged) == ["not_observed"]
    assert claim_of([damaged]).locked is None


@pytest.mark.parametrize(
    ("checks", "states", "moved"),
    [
        ([check()], None, False),
        ([check(LOCK)], None, True),
        ([check(tags=state("failed_over"))], None, True),
        ([{"health_check_id": "one", "failed": True, "msg": "no rights"}], None, None),
        ([], None, False),
        ([], {ARN: "On"}, False),
        ([check()], {ARN: "Off"}, True),
        ([check()], {}, None),
        ([check(LOCK)], {}, True),
    ],
)
def test_resources_belong_to_the_site_that_is_not_locked_as_far_as_that_is_known(
    checks: list[dict[str, Any]], states: Any, moved: bool | None
) -> None:
    seen = None if states is None else {"site": [ARN], "states": states, "problem": ""}
    assert is_moved(claim_of(checks), seen, has_checks=bool(checks)) == moved


def controls(states: Any, problem: str = "", *, tags: Any = None, lock: Any = None) -> list[Finding]:
    seen = {"site": [ARN], "states": states, "problem": problem}
    return findings_of_controls(seen, claim_of([check(lock, tags)]), {"name": "checkout"})


def test_a_routing_control_that_is_on_opens_the_lock() -> None:
    assert controls({ARN: "Off"}, lock=LOCK) == []
    (opened,) = controls({ARN: "On"}, lock=LOCK)
    assert opened.repair
    assert (opened.kind, opened.repair.module) == ("lock_opened", "routing_control_lock")
    assert opened.repair.options == {"state": "locked", "targets": [{"name": "checkout"}]}


def test_a_routing_control_that_is_off_without_a_claim_is_found_and_not_turned_on() -> None:
    assert controls({ARN: "On"}) == []
    (off,) = controls({ARN: "Off"})
    assert (off.kind, off.repair) == ("resource_elsewhere", None)


def test_routing_controls_that_cannot_be_read_are_not_observed() -> None:
    assert [finding.kind for finding in controls(None, "no answer")] == ["not_observed"]
    assert [finding.kind for finding in controls({ARN: "Off", "other": "On"}, lock=LOCK)] == []
    assert [finding.kind for finding in controls({}, lock=LOCK)] == ["not_observed"]
    assert findings_of_controls(None, claim_of([]), None) == []
    unknown = {"site": [ARN], "states": {ARN: "On"}, "problem": ""}
    assert findings_of_controls(unknown, claim_of([]), {}) == []


@pytest.mark.parametrize("suffix", ["00000000", "ffffffff"])
def test_i5_tags_of_the_lock_that_a_failback_has_released_are_no_lock_that_should_be_on(suffix: str) -> None:
    """A failback is called by the time of the lock that it takes over, and by a random end of its own."""
    back = f"{RUN.partition('-')[0]}-{suffix}"
    left = {f"tidegate-lock-{RUN}-owner": "operator:alice"}
    for phase in ("releasing", "serving"):
        assert kinds(check(tags=state(phase, back)), check(name="two", tags=left)) == []


def test_i5_a_lock_without_a_time_that_a_failback_may_have_released_is_not_put_back() -> None:
    left = {"tidegate-lock-two@6-owner": "operator:alice"}
    two = check(name="two", tags=left, type="TCP", settings={"resource_path": None})
    (opened,) = found(check(tags=state("serving")), two)
    assert (opened.kind, opened.repair) == ("lock_opened", None)
    (opened,) = found(check(LOCK, tags=state("interrupted")), two)
    assert opened.repair
