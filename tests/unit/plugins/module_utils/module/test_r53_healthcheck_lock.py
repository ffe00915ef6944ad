# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Whole tasks of the lock: the calls they make, what they leave behind whatever comes in between, what they tell."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import lock_keys_in, recovery_tags
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH, pinned_path

from ..aws.account import READS, Account, Effect, Event, answer_lost, preceded_by, refused
from ..aws.site import site
from ..lock.health_checks import CHECK_ID, LOCK_ID, NEWER_LOCK_ID, PINNED, always_unhealthy, health_check
from .lock_task import Result, Tasks

GET, UPDATE, TAG = "get_health_check", "update_health_check", "change_tags_for_resource"
READ_TAGS, LOOK = "list_tags_for_resources", "get_health_check_status"
NAMED = {"Name": "checkout primary"}
NEWER = pinned_path(DEFAULT_LOCK_PATH, "/lb-check", NEWER_LOCK_ID)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a site that is up, and answers 404 to any pinned path."""
    with site(lambda handler: handler.answer(404 if "failed-over" in handler.path else 200)) as server:
        yield server.server_port


@pytest.fixture
def account(port: int) -> Account:
    """An account with one health check, of that site."""
    check = health_check(Type="HTTP", IPAddress="127.0.0.1", Port=port, Regions=["eu-west-1", "us-east-1", "us-west-2"])
    return Account(check, tags={CHECK_ID: NAMED})


@pytest.fixture
def tasks(account: Account, monkeypatch: pytest.MonkeyPatch) -> Tasks:
    return Tasks(account, monkeypatch)


def one(result: Result) -> Result:
    """What is told of the only health check."""
    [told] = result["health_checks"]
    return t.cast(Result, told)


def path_of(account: Account) -> str | None:
    return account.checks[CHECK_ID].path


# Locking.


def test_locking_takes_one_update_and_one_call_for_its_tags(tasks: Tasks, account: Account) -> None:
    result = tasks.lock(lock_id=LOCK_ID)
    assert account.calls == [GET, UPDATE, TAG]
    assert path_of(account) == PINNED
    assert (result["failed"], result["changed"], one(result)["fence"]) == (False, True, "proven")
    assert (one(result)["lock"]["owner"], one(result)["lock"]["reason"]) == ("operator:alice", "CHG-1234")


def test_i1_locking_and_unlocking_leave_configuration_and_tags_as_they_were(tasks: Tasks, account: Account) -> None:
    before = account.checks[CHECK_ID].config
    tasks.lock()
    assert {key for key, value in account.checks[CHECK_ID].config.items() if before[key] != value} == {"ResourcePath"}
    tasks.unlock()
    assert account.checks[CHECK_ID].config == before
    assert account.tags[CHECK_ID] == NAMED


@pytest.mark.parametrize("method", ["auto", "path", "invert"])
def test_i3_locking_again_writes_nothing(tasks: Tasks, account: Account, method: str) -> None:
    first = one(tasks.lock(method=method))
    again = one(tasks.lock(method=method))
    assert account.written == []
    assert (again["changed"], again["lock"], again["fence"]) == (False, first["lock"], first["fence"])


def test_i3_unlocking_again_writes_nothing(tasks: Tasks, account: Account) -> None:
    tasks.lock()
    tasks.unlock()
    result = tasks.unlock()
    assert account.written == []
    assert (result["changed"], result["msg"]) == (False, "Not locked, so there is nothing to open.")


@pytest.mark.parametrize("method", ["auto", "invert"])
def test_i3_check_mode_predicts_exactly_what_locking_does_and_writes_nothing(
    tasks: Tasks, account: Account, method: str
) -> None:
    predicted = tasks.lock(check_mode=True, lock_id=LOCK_ID, method=method)
    assert account.written == []
    assert tasks.lock(lock_id=LOCK_ID, method=method) == predicted


def test_i3_check_mode_predicts_exactly_what_unlocking_does_and_writes_nothing(tasks: Tasks, account: Account) -> None:
    tasks.lock()
    predicted = tasks.unlock(check_mode=True)
    assert account.written == []
    assert tasks.unlock() == predicted


def test_i2_what_somebody_else_changes_meanwhile_stays(tasks: Tasks, account: Account) -> None:
    account.at_next(UPDATE, preceded_by(lambda: account.change(CHECK_ID, FailureThreshold=1)))
    result = tasks.lock(lock_id=LOCK_ID)
    assert (result["changed"], path_of(account)) == (True, PINNED)
    assert account.checks[CHECK_ID].config["FailureThreshold"] == 1
    assert account.written == [UPDATE, UPDATE, TAG]


def test_i2_the_lock_of_another_run_that_came_first_stays(tasks: Tasks, account: Account) -> None:
    account.at_next(UPDATE, preceded_by(lambda: account.change(CHECK_ID, ResourcePath=NEWER)))
    told = one(tasks.lock(lock_id=LOCK_ID))
    assert path_of(account) == NEWER
    assert (told["changed"], told["lock"]["id"], told["lock"]["owner"]) == (True, NEWER_LOCK_ID, None)


def test_a_lock_whose_answer_was_lost_is_placed_once_and_counts_as_changed(tasks: Tasks, account: Account) -> None:
    account.at_next(UPDATE, answer_lost())
    told = one(tasks.lock(lock_id=LOCK_ID))
    assert account.written == [UPDATE, TAG]
    assert (told["failed"], told["changed"], told["lock"]["id"]) == (False, True, LOCK_ID)


def test_a_rivals_lock_is_not_taken_for_ones_own_whose_answer_was_lost(tasks: Tasks, account: Account) -> None:
    def overtaken(_effect: Effect) -> Result:
        account.change(CHECK_ID, ResourcePath=NEWER)
        return refused("InternalFailure", 500)(_effect)

    account.at_next(UPDATE, overtaken)
    told = one(tasks.lock(lock_id=LOCK_ID, owner="operator:bob"))
    assert told["lock"]["id"] == NEWER_LOCK_ID
    assert told["lock"]["owner"] is None


def test_i7_where_it_is_not_known_whether_it_was_changed_that_is_said(tasks: Tasks, account: Account) -> None:
    account.at_next(UPDATE, answer_lost())
    account.at_next(GET, lambda effect: effect(), *[refused("Throttling")] * 100)
    told = one(tasks.lock())
    assert (told["failed"], told["changed"]) == (True, True)
    assert "because the answer was lost: whether it was changed. Run this again to see." in told["msg"]


def test_i4_a_health_check_that_does_not_exist_fails_and_does_not_hide_the_others(
    tasks: Tasks, account: Account
) -> None:
    result = tasks.lock(health_check_ids=["nowhere", CHECK_ID], lock_id=LOCK_ID)
    assert path_of(account) == PINNED
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["msg"].startswith(
        f"1 of 2 health checks failed; the others are as asked. Changed by this run: {CHECK_ID}."
    )
    assert [told["failed"] for told in result["health_checks"]] == [True, False]
    assert "NoSuchHealthCheck" in result["health_checks"][0]["msg"]


@pytest.mark.parametrize("code", ["AccessDenied", "Throttling", "InvalidInput"])
def test_i7_a_health_check_that_cannot_be_changed_is_a_failure(tasks: Tasks, account: Account, code: str) -> None:
    account.at_next(UPDATE, *[refused(code)] * 100)
    result = tasks.lock()
    assert (result["failed"], result["changed"]) == (True, False)
    assert code in result["msg"]
    assert path_of(account) == "/lb-check"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lock_path": "closed"}, "must begin with '/'"),
        ({"health_check_ids": []}, "selects no health check"),
        ({"health_check_ids": None, "health_check_names": ["x"]}, "has a Name tag 'x'"),
    ],
)
def test_bad_input_fails_before_anything_is_written(
    tasks: Tasks, account: Account, options: Result, words: str
) -> None:
    result = tasks.lock(**options)
    assert (result["failed"], result["changed"], result["health_checks"]) == (True, False, [])
    assert words in result["msg"]
    assert account.written == []


def test_health_checks_that_share_an_endpoint_and_a_path_are_each_locked(tasks: Tasks, account: Account) -> None:
    first = account.checks[CHECK_ID]
    others = {f"id-{number:03}": replace(first, id=f"id-{number:03}") for number in range(20)}
    account.checks = others
    result = tasks.lock(health_check_ids=list(others), lock_id=LOCK_ID)
    assert result["msg"] == "20 health checks: 20 changed, 0 already as asked."
    assert {check.path for check in account.checks.values()} == {PINNED}


def test_the_diff_shows_each_health_check_before_and_after(tasks: Tasks) -> None:
    [shown] = tasks.lock(lock_id=LOCK_ID)["diff"]
    assert shown["before_header"] == CHECK_ID
    assert (shown["before"]["resource_path"], shown["after"]["resource_path"]) == ("/lb-check", PINNED)


# Tags.


def test_a_lock_stays_on_and_the_task_fails_where_its_tags_cannot_be_kept(tasks: Tasks, account: Account) -> None:
    account.at_next(TAG, refused("AccessDenied"))
    result = tasks.lock(lock_id=LOCK_ID)
    assert path_of(account) == PINNED
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["msg"].startswith("It is locked as asked, but whether its tags are kept is not sure")


def test_where_only_the_words_for_people_are_rejected_the_copy_is_kept_with_a_warning(
    tasks: Tasks, account: Account
) -> None:
    account.at_next(TAG, refused("InvalidInput"))
    result = tasks.lock(lock_id=LOCK_ID)
    assert result["failed"] is False
    assert recovery_tags(LOCK_ID, "/lb-check").items() <= account.tags[CHECK_ID].items()
    assert one(result)["lock"]["owner"] is None
    assert "Owner and reason of the lock could not be kept in tags" in tasks.warnings[0]


def test_where_no_tag_is_taken_at_all_the_task_fails(tasks: Tasks, account: Account) -> None:
    account.at_next(TAG, *[refused("InvalidInput")] * 2)
    assert tasks.lock()["failed"] is True


def test_a_run_that_finds_the_lock_completes_the_copy_and_does_not_sign_for_it(tasks: Tasks, account: Account) -> None:
    account.change(CHECK_ID, ResourcePath=PINNED)
    told = one(tasks.lock(owner="operator:bob"))
    assert account.tags[CHECK_ID] == NAMED | recovery_tags(LOCK_ID, "/lb-check")
    assert (told["changed"], told["lock"]["owner"]) == (True, None)


def test_every_tag_is_looked_at_once_the_last_ones_show_a_gap(tasks: Tasks, account: Account) -> None:
    account.change(CHECK_ID, ResourcePath=PINNED)
    first = account.checks[CHECK_ID]
    account.checks = {f"id-{number:03}": replace(first, id=f"id-{number:03}") for number in range(25)}
    tasks.lock(health_check_ids=list(account.checks))
    assert account.calls.count(TAG) == 25
    tasks.lock(health_check_ids=list(account.checks))
    assert account.calls == ["list_health_checks", READ_TAGS]


def test_tags_that_cannot_be_read_are_a_failure_of_those_health_checks(tasks: Tasks, account: Account) -> None:
    tasks.lock()
    account.at_next(READ_TAGS, refused("AccessDenied"))
    result = tasks.lock()
    assert result["failed"] is True
    assert "whether its tags are kept is not sure" in result["msg"]


def test_tags_that_an_unlock_left_behind_are_removed_by_the_next_one(tasks: Tasks, account: Account) -> None:
    for number in range(4):
        account.tags[CHECK_ID] |= recovery_tags(f"2026112{number}T000000Z-00000000", "/" + "a" * 200)
        account.tags[CHECK_ID][f"tidegate-lock-2026112{number}T000000Z-00000000-owner"] = "operator"
    result = tasks.unlock()
    assert account.tags[CHECK_ID] == NAMED
    assert (result["failed"], result["changed"]) == (False, True)


def test_tags_of_a_lock_that_was_placed_meanwhile_are_left_alone(tasks: Tasks, account: Account) -> None:
    tags = recovery_tags(NEWER_LOCK_ID, "/lb-check")

    def locked_by_another_run() -> None:
        account.change(CHECK_ID, ResourcePath=NEWER)
        account.tags[CHECK_ID] |= tags

    account.at_next(READ_TAGS, preceded_by(locked_by_another_run))
    tasks.unlock()
    assert account.tags[CHECK_ID] == NAMED | tags


# Unlocking.


def test_unlocking_takes_one_update_and_one_call_for_the_tags(tasks: Tasks, account: Account) -> None:
    tasks.lock(lock_id=LOCK_ID)
    result = tasks.unlock(lock_id=LOCK_ID)
    assert account.calls == [GET, UPDATE, TAG]
    assert (result["failed"], result["changed"], one(result)["lock"]) == (False, True, None)
    assert result["msg"] == (
        f"Unlocked, lock {LOCK_ID} is open and path '/lb-check' is in force again; without any gate, because: CHG-1235."
    )


def evidence_for(lock_id: str, **more: t.Any) -> Result:
    """Evidence as ``failback_gate`` gives it, of one gate that has passed just now."""
    now = datetime.now(UTC)
    gate = {
        "name": "database",
        "digest": "sha256:aaaa",
        "passed": True,
        "observed": "in step",
        "expected": "in step",
        "from": (now - timedelta(seconds=1)).isoformat(),
        "to": now.isoformat(),
    }
    return {"lock_ids": [lock_id], "date": now.isoformat(), "gates": [gate | more]}


REQUIRED = [{"name": "database", "digest": "sha256:aaaa"}]


def test_evidence_opens_the_lock_that_it_is_for(tasks: Tasks, account: Account) -> None:
    tasks.lock(lock_id=LOCK_ID)
    result = tasks.unlock(override=None, required_gates=REQUIRED, evidence=evidence_for(LOCK_ID))
    assert (result["failed"], path_of(account)) == (False, "/lb-check")
    assert result["msg"].endswith("proven by database.")


@pytest.mark.parametrize(
    "evidence",
    [
        None,
        evidence_for(NEWER_LOCK_ID),
        evidence_for(LOCK_ID, passed=False),
        evidence_for(LOCK_ID, digest="sha256:other"),
        evidence_for(LOCK_ID, **{"from": "2020-01-01T00:00:00Z", "to": "2020-01-01T00:00:01Z"}),
        evidence_for(LOCK_ID, to="2999-01-01T00:00:00Z"),
        {**evidence_for(LOCK_ID), "gates": []},
    ],
    ids=["missing", "foreign", "failed", "of another definition", "stale", "from the future", "incomplete"],
)
def test_i6_a_lock_stays_on_without_evidence_that_counts(
    tasks: Tasks, account: Account, evidence: Result | None
) -> None:
    tasks.lock(lock_id=LOCK_ID)
    result = tasks.unlock(override=None, required_gates=REQUIRED, evidence=evidence)
    assert (result["failed"], result["changed"], account.written) == (True, False, [])
    assert path_of(account) == PINNED


def test_i5_a_newer_lock_that_comes_in_between_is_not_opened(tasks: Tasks, account: Account) -> None:
    tasks.lock(lock_id=LOCK_ID)
    account.at_next(UPDATE, preceded_by(lambda: account.change(CHECK_ID, ResourcePath=NEWER)))
    result = tasks.unlock()
    assert (result["failed"], path_of(account)) == (True, NEWER)
    assert f"The lock is {NEWER_LOCK_ID}, and this is to open {LOCK_ID}" in result["msg"]


def test_i5_a_bare_path_that_overwrites_the_lock_in_between_is_not_opened(tasks: Tasks, account: Account) -> None:
    tasks.lock(lock_id=LOCK_ID)
    account.at_next(UPDATE, preceded_by(lambda: account.change(CHECK_ID, ResourcePath=DEFAULT_LOCK_PATH)))
    assert tasks.unlock()["failed"] is True
    assert path_of(account) == DEFAULT_LOCK_PATH


def test_i1_a_path_that_a_lambda_overwrote_comes_back_from_its_copy(tasks: Tasks, account: Account) -> None:
    tasks.lock(lock_id=LOCK_ID)
    account.change(CHECK_ID, ResourcePath=DEFAULT_LOCK_PATH)
    told = one(tasks.unlock())
    assert path_of(account) == "/lb-check"
    assert told["lock_before"]["recovery_copies"] == [{"lock_id": LOCK_ID, "path": "/lb-check"}]
    assert account.tags[CHECK_ID] == NAMED


def test_a_type_without_a_path_is_locked_and_unlocked_by_its_settings(tasks: Tasks, account: Account) -> None:
    account.checks[CHECK_ID] = health_check(None, Type="TCP")
    locked = one(tasks.lock())["lock"]
    assert (locked["id"], locked["placed_by"], locked["owner"]) == (f"{CHECK_ID}@8", "tidegate", "operator:alice")
    assert tasks.unlock(lock_id=locked["id"])["failed"] is False
    assert account.checks[CHECK_ID].config["Disabled"] is False
    assert account.tags[CHECK_ID] == NAMED


# Runs that die.


class Killed(BaseException):
    """The run dies here."""


def before(effect: Effect) -> Result:
    """Die before a call takes effect."""
    raise Killed


def after(effect: Effect) -> Result:
    """Die once a call has taken effect."""
    effect()
    raise Killed


def left_behind(account: Account) -> tuple[object, object]:
    return dict(account.checks[CHECK_ID].config), dict(account.tags[CHECK_ID])


@pytest.mark.parametrize("death", [before, after])
@pytest.mark.parametrize("operation", [GET, UPDATE, TAG])
@pytest.mark.parametrize("state", ["locked", "unlocked"])
def test_i8_after_a_run_that_died_another_comes_to_the_same_end(
    tasks: Tasks, account: Account, state: str, operation: str, death: Event
) -> None:
    locked_first = state == "unlocked"
    run: Callable[..., Result] = tasks.unlock if locked_first else tasks.lock
    undo: Callable[..., Result] = tasks.lock if locked_first else tasks.unlock
    if locked_first:
        tasks.lock(lock_id=LOCK_ID)
    account.at_next(operation, death)
    with pytest.raises(Killed):
        run(lock_id=LOCK_ID)
    assert run(lock_id=LOCK_ID)["failed"] is False
    end = left_behind(account)
    undo(lock_id=LOCK_ID)
    run(lock_id=LOCK_ID)
    assert end == left_behind(account)


# Waiting.


def observed(*texts: str, checked: datetime | None = None) -> list[Result]:
    report = {"CheckedTime": checked or datetime.now(UTC) + timedelta(hours=1)}
    return [
        {"Region": "eu-west-1", "IPAddress": "198.51.100.7", "StatusReport": report | {"Status": text}}
        for text in texts
    ]


def test_waiting_ends_once_the_checkers_see_it(tasks: Tasks, account: Account) -> None:
    account.observations = observed("Failure: HTTP Status Code 404")
    told = one(tasks.lock(wait_for="unhealthy"))
    assert account.calls == [GET, UPDATE, TAG, LOOK]
    assert told["observed"] == {"health": "unhealthy", "how": "0 of 1 checkers see success", "share": 0.0}


def test_waiting_goes_on_until_checkers_have_looked_since_the_change(tasks: Tasks, account: Account) -> None:
    account.observations = observed("Failure: Connection refused", checked=datetime.now(UTC) - timedelta(seconds=9))

    def looked() -> None:
        account.observations = observed("Failure: HTTP Status Code 404")

    account.at_next(LOOK, lambda effect: effect(), preceded_by(looked))
    assert tasks.lock(wait_for="unhealthy")["failed"] is False
    assert account.calls.count(LOOK) == 2


@pytest.mark.parametrize("lost", [True, False])
def test_i7_a_wait_that_runs_out_fails_and_says_what_was_done(tasks: Tasks, account: Account, lost: bool) -> None:
    account.observations = observed("Failure: x", checked=datetime.now(UTC) - timedelta(seconds=9))
    if lost:
        account.at_next(UPDATE, answer_lost())
    result = tasks.lock(wait_for="unhealthy")
    assert (result["failed"], result["changed"]) == (True, True)
    assert "The wait_timeout of 60 s ran out before the checkers saw it unhealthy: no checker" in result["msg"]
    assert result["msg"].endswith("It was changed as asked all the same.")


def test_a_disabled_health_check_is_not_asked_about(tasks: Tasks, account: Account) -> None:
    told = one(tasks.lock(method="invert", wait_for="unhealthy"))
    assert LOOK not in account.calls
    assert told["observed"]["health"] == "unhealthy"


def test_waiting_for_what_nobody_sees_is_refused_before_it_is_changed(tasks: Tasks, account: Account) -> None:
    account.checks[CHECK_ID] = always_unhealthy(None, Type="CALCULATED")
    result = tasks.unlock(wait_for="healthy")
    assert (result["failed"], account.written) == (True, [])
    assert "type CALCULATED has none" in result["msg"]


def test_nothing_is_waited_for_in_check_mode(tasks: Tasks, account: Account) -> None:
    tasks.lock(check_mode=True, wait_for="unhealthy")
    assert set(account.calls) <= set(READS)


def test_a_lock_is_there_as_soon_as_the_task_has_said_so(tasks: Tasks, account: Account) -> None:
    told = one(tasks.lock())
    lock = read_lock(account.checks[CHECK_ID], DEFAULT_LOCK_PATH, account.tags[CHECK_ID])
    assert lock is not None
    assert (told["lock"]["id"], told["version"]) == (lock.id, account.checks[CHECK_ID].version)
    assert lock_keys_in(account.tags[CHECK_ID])
