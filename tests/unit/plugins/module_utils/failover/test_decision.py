# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Whether a failover, a failback or an acknowledgement may begin."""

from __future__ import annotations

import typing as t
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._failover.decision import (
    Asked,
    Service,
    Verdict,
    acknowledge_command,
    decide,
)
from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import State
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import Lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import Moment

NOW = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
MOMENT = Moment(NOW, NOW, NOW)
#: This machine's clock is ten minutes ahead.
WRONG = Moment(NOW + timedelta(minutes=10), NOW, NOW)
OWN, OTHER, OLD = "20261121T030405Z-3f9a1c2e", "20261121T020304Z-00c0ffee", "20261120T020304Z-00c0ffee"
FOREIGN = "233e180f-f023-45a3-954e-415303f21eab@7"
COMMAND = acknowledge_command("checkout", "233e180f-f023-45a3-954e-415303f21eab")
SETTLED = ["failed_over", "interrupted", "undone", "releasing", "serving"]


def lock(lock_id: str = OTHER) -> Lock:
    """A lock of alice's."""
    return Lock(lock_id, "path", "tidegate", True, "/lb-check", "2026-11-21T02:03:04Z", "operator:alice")


def held(phase: str, *, run: str = OTHER, **times: t.Any) -> Service:
    """A service whose lock is :data:`OTHER`, and whose state ``run`` wrote."""
    return Service(lock(), State(run, phase, **times))


def ask(service: Service, operation: str = "failover", moment: Moment = MOMENT, **more: t.Any) -> Verdict:
    """The verdict for :data:`OWN`."""
    given: dict[str, t.Any] = {
        "automatic": False,
        "automatic_allowed": True,
        "cooldown": 3600,
        "acknowledge": COMMAND,
    } | more
    return decide(service, Asked(operation, OWN, **given), moment)


OPEN = Service(None, None)
BARE = Service(Lock(FOREIGN, "path", "foreign", False), None)


@pytest.mark.parametrize("phase", [None, *SETTLED, "running", "failing_back"])
def test_an_open_service_can_be_failed_over_whatever_an_old_state_says(phase: str | None) -> None:
    service = Service(None, State(OLD, phase) if phase else None)
    assert ask(service) == Verdict(True, "No lock is there yet.", phase="running")


@pytest.mark.parametrize("operation", ["failover", "failback"])
@pytest.mark.parametrize("phase", ["running", "failing_back"])
def test_another_run_keeps_the_service(phase: str, operation: str) -> None:
    verdict = ask(held(phase), operation)
    assert not verdict.allowed
    assert f"run {OTHER} of operator:alice since 2026-11-21T02:03:04Z" in verdict.msg
    assert "`ansible-playbook tidegate.failover.acknowledge -l checkout -e acknowledge_reason=...`" in verdict.msg


def test_who_carries_out_the_run_that_keeps_the_service_is_reported() -> None:
    verdict = ask(held("running", by="ctl1/4711", began_at=NOW))
    assert "since 2026-11-21T02:03:04Z, started by ctl1/4711 at 2026-11-21T03:04:05Z." in verdict.msg


@pytest.mark.parametrize(
    ("service", "which"),
    [("checkout", "-l checkout"), ("check out", "-l 'check out'"), ("", "-e health_check_ids=233e180f")],
)
def test_the_command_that_acknowledges_is_complete(service: str, which: str) -> None:
    command = acknowledge_command(service, "233e180f")
    assert command == f"ansible-playbook tidegate.failover.acknowledge {which} -e acknowledge_reason=..."


@pytest.mark.parametrize("operation", ["failover", "failback"])
@pytest.mark.parametrize("service", [Service(lock(), None), held("failed_over", run=OLD)], ids=["none", "older"])
def test_i7_a_lock_that_the_state_does_not_explain_is_another_run(service: Service, operation: str) -> None:
    assert service.claim == "unknown"
    verdict = ask(service, operation)
    assert not verdict.allowed
    assert "its state does not record the purpose" in verdict.msg


@pytest.mark.parametrize("phase", SETTLED)
def test_a_failback_takes_over_the_lock_of_a_run_that_has_ended(phase: str) -> None:
    verdict = ask(held(phase), "failback")
    assert (verdict.allowed, verdict.replaces, verdict.phase) == (True, OTHER, "failing_back")


@pytest.mark.parametrize("phase", ["interrupted", "undone", "serving"])
def test_a_failover_goes_on_from_one_that_did_not_succeed(phase: str) -> None:
    verdict = ask(held(phase))
    assert (verdict.allowed, verdict.replaces, verdict.phase) == (True, OTHER, "running")


def test_i5_a_service_that_is_failed_over_is_left_alone() -> None:
    verdict = ask(held("failed_over"))
    assert (verdict.allowed, verdict.already, verdict.replaces) == (True, True, None)


def test_a_service_that_is_not_locked_has_nothing_to_fail_back() -> None:
    verdict = ask(OPEN, "failback")
    assert (verdict.allowed, verdict.already) == (True, True)


def test_a_run_that_may_begin_has_something_to_do() -> None:
    assert not ask(OPEN).already


@pytest.mark.parametrize("operation", ["failover", "failback"])
def test_the_same_run_goes_on_with_its_own_claim(operation: str) -> None:
    verdict = ask(Service(lock(OWN), None), operation)
    assert (verdict.allowed, verdict.replaces) == (True, None)


@pytest.mark.parametrize("operation", ["failover", "failback"])
def test_a_lock_that_a_lambda_placed_belongs_to_no_run(operation: str) -> None:
    verdict = ask(BARE, operation)
    assert (verdict.allowed, verdict.replaces) == (True, FOREIGN)


@pytest.mark.parametrize(
    ("service", "phase"),
    [
        (held("running"), "interrupted"),
        (held("failing_back"), "interrupted"),
        (Service(lock(), None), "interrupted"),
        (held("failed_over"), "failed_over"),
        (BARE, "interrupted"),
    ],
    ids=["running", "failing back", "unknown", "failed over", "foreign"],
)
def test_a_person_may_take_over_any_lock(service: Service, phase: str) -> None:
    verdict = ask(service, "acknowledge")
    assert service.lock is not None
    assert (verdict.allowed, verdict.replaces, verdict.phase) == (True, service.lock.id, phase)


def test_an_open_service_is_acknowledged_without_a_claim() -> None:
    verdict = ask(OPEN, "acknowledge")
    assert (verdict.allowed, verdict.replaces, verdict.phase) == (True, None, "serving")


# Automatic runs.

LAST: dict[str, t.Any] = {"failed_over_at": NOW - timedelta(seconds=3599)}


@pytest.mark.parametrize(
    ("service", "more", "said"),
    [
        (OPEN, {"automatic_allowed": False}, "switched off"),
        (Service(None, None, damaged="by bob"), {}, "cannot be parsed"),
        (
            Service(None, State(OLD, "serving", suppressed_until=NOW + timedelta(seconds=1))),
            {},
            "Automation is suppressed until",
        ),
        (Service(None, State(OLD, "serving", **LAST)), {}, "nobody has acknowledged"),
        (
            Service(None, State(OLD, "serving", acknowledged_at=NOW - timedelta(seconds=3600), **LAST)),
            {},
            "nobody has acknowledged",
        ),
        (held("interrupted"), {}, "did not succeed"),
    ],
    ids=["kill switch", "damaged", "suppress", "cool-down", "acknowledged before", "interrupted"],
)
def test_no_run_begins_automatically(service: Service, more: dict[str, t.Any], said: str) -> None:
    verdict = ask(service, automatic=True, **more)
    assert not verdict.allowed
    assert said in verdict.msg
    assert ask(service, **more).allowed


@pytest.mark.parametrize(
    ("service", "more"),
    [
        (OPEN, {}),
        (Service(None, State(OLD, "serving", suppressed_until=NOW)), {}),
        (Service(None, State(OLD, "serving", failed_over_at=NOW - timedelta(seconds=3600))), {}),
        (Service(None, State(OLD, "serving", acknowledged_at=NOW, **LAST)), {}),
        (Service(None, State(OLD, "serving", acknowledged_at=LAST["failed_over_at"], **LAST)), {}),
        (Service(None, State(OLD, "serving", **LAST)), {"cooldown": 0}),
        (held("undone"), {}),
    ],
    ids=[
        "first",
        "suppression over",
        "cool-down over",
        "acknowledged",
        "acknowledged at once",
        "no cool-down",
        "undone",
    ],
)
def test_a_run_begins_automatically(service: Service, more: dict[str, t.Any]) -> None:
    assert ask(service, automatic=True, **more).allowed


def test_a_cooldown_does_not_hold_a_failback_up() -> None:
    assert ask(held("failed_over", **LAST), "failback", automatic=True).allowed


def test_an_alarm_that_repeats_finds_the_service_failed_over() -> None:
    verdict = ask(held("failed_over", **LAST), automatic=True)
    assert (verdict.allowed, verdict.already) == (True, True)


def test_by_a_clock_that_is_wrong_no_failback_begins() -> None:
    verdict = ask(held("failed_over"), "failback", WRONG)
    assert not verdict.allowed
    assert verdict.msg.startswith("This machine's clock is 600 s ahead of that of AWS")


def test_a_failover_begins_whatever_the_clock_says() -> None:
    assert ask(OPEN, moment=WRONG).allowed


def test_how_long_ago_the_last_failover_was_is_counted_by_the_services_clock() -> None:
    recent = held("serving", failed_over_at=NOW - timedelta(seconds=3595))
    assert not ask(recent, moment=WRONG, automatic=True).allowed


def test_a_failback_that_was_aborted_after_its_unlock_is_known_as_such() -> None:
    verdict = ask(Service(None, State(OLD, "releasing")), "failback")
    assert (verdict.allowed, verdict.already, verdict.msg) == (
        True,
        True,
        "The health check is not locked, but its failback was not finished.",
    )
    assert ask(Service(None, State(OLD, "releasing")), "acknowledge").phase == "releasing"


@pytest.mark.parametrize(("before", "left"), [(f"{OTHER[:16]}-3f9a1c2e", "failed_over"), (OLD, "interrupted")])
def test_what_was_left_holds_where_a_run_was_aborted_right_after_it_took_that_lock_over(before: str, left: str) -> None:
    assert ask(held("failed_over", run=before), "acknowledge").phase == left
