# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The lock, with everything that can interfere, in every order that hypothesis finds.

Up to three runs lock and unlock one health check at once, each an API call at a time. Any call may be throttled, lose
its answer, or be the last one of its process. Meanwhile a Lambda pins the path without looking, a person changes other
settings, and the site changes its answers. Whatever happens, the original path is not lost, no newer lock is removed by
an older unlock, and a run that nobody disturbs puts everything right.

Most orders are tried in memory, with the very code that the lab answers with: a call takes a tenth of a millisecond
there and three over HTTP, and it is the number of orders that finds the rare one. Some are tried over HTTP as well,
which shows that the client library and the lab's own endpoint change nothing about it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import is_recovery
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Answer, Question
from ansible_collections.tidegate.failover.plugins.module_utils._module import (
    health_check_switches,
    r53_healthcheck_lock,
)
from ansible_collections.tidegate.failover.tests.scenarios.held_up_run import (
    ANSWER_LOST,
    ANSWERED,
    KILLED_AFTER,
    KILLED_BEFORE,
    THROTTLED,
    HeldUpRun,
)
from ansible_collections.tidegate.failover.tests.scenarios.lock_run import switch
from ansible_collections.tidegate.failover.tests.scenarios.lock_snapshot import Snapshot, snapshot
from ansible_collections.tidegate.failover.tests.scenarios.lock_worlds import InMemory, OnTheLab, World
from ansible_collections.tidegate.failover.tests.scenarios.locked_site import LOCKED_OUT, OVERRIDE, evidence
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from lab.process import RunningLab

RUNS_AT_ONCE = 3
GATES = [{"name": "replication", "digest": "d1"}]

fates = st.sampled_from([ANSWERED] * 6 + [THROTTLED, ANSWER_LOST, KILLED_BEFORE, KILLED_AFTER])


class VirtualClock(Clock):
    """Time passes by waiting alone, which takes none."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds


@dataclass
class Watched:
    """A run, and what it may do.

    :ivar given: the locks that it may release by its options; None if it was given none.
    :ivar found: the lock that was there at its first read; None before that, empty if there was none.
    :ivar began: how many states of the health check there had been when it began.
    """

    run: HeldUpRun
    began: int
    given: set[str] | None = None
    found: str | None = None
    wrote: bool = False

    def may_open(self, lock: str | None) -> bool:
        if self.run.options.get("lock_id"):
            return bool(lock == self.run.options["lock_id"])
        return lock == self.found and (self.given is None or lock in self.given)


class LockMachine(RuleBasedStateMachine):
    """Original paths are what the site's owners set; everything else is done to them."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.client = world, world.client
        self.original = "/lb-check"
        config = {"Type": "HTTP", **world.place, "ResourcePath": self.original, "RequestInterval": 30}
        config["Regions"] = ["us-east-1", "us-west-2", "eu-west-1"]
        self.id = self.client.create_health_check(CallerReference="it", HealthCheckConfig=config)["HealthCheck"]["Id"]
        self.runs: list[Watched] = []
        self.locks_named = 0
        self.states = [self.look()]
        self.promised_copy = False

    def look(self) -> Snapshot:
        return snapshot(self.client, self.id)

    @property
    def now(self) -> Snapshot:
        return self.states[-1]

    @property
    def known_locks(self) -> list[str]:
        """All locks that there ever were, and one that there never was."""
        return [*dict.fromkeys(state.lock for state in self.states if state.lock), "20250101T000000Z-00000000"]

    # What others do.

    @rule()
    def the_lambda_pins_the_path_without_looking(self) -> None:
        was_locked = self.now.pin is not None
        self.client.update_health_check(HealthCheckId=self.id, ResourcePath=LOCKED_OUT)
        self.states.append(self.look())
        # A lock that was placed a moment ago, or has been changed since, has no copy that counts.
        self.promised_copy = was_locked and self.now.counts_on(self.original)

    @rule(threshold=st.integers(1, 10))
    def a_person_changes_another_setting(self, threshold: int) -> None:
        self.client.update_health_check(HealthCheckId=self.id, FailureThreshold=threshold)
        self.states.append(self.look())
        self.promised_copy = False

    @precondition(lambda self: self.nobody_counts_on_the_path())
    @rule(path=st.sampled_from(["/lb-check", "/ready?deep=1&lock=no", "/a%2Fb"]))
    def a_person_changes_the_path(self, path: str) -> None:
        self.client.update_health_check(HealthCheckId=self.id, ResourcePath=path)
        self.original = path
        self.states.append(self.look())

    def nobody_counts_on_the_path(self) -> bool:
        """A test that has given a run the path would have to give it a new one too."""
        return self.now.lock is None and not any("restore_path" in watched.run.options for watched in self.runs)

    @precondition(lambda self: self.now.lock is not None and not self.now.switched)
    @rule()
    def a_script_opens_the_lock_by_writing_the_path(self) -> None:
        self.client.update_health_check(HealthCheckId=self.id, ResourcePath=self.original)
        self.states.append(self.look())
        self.promised_copy = False

    @rule(behaviour=st.sampled_from(["healthy", "catch_all"]))
    def the_site_changes_its_answers(self, behaviour: str) -> None:
        self.world.behave(behaviour)

    # What runs do.

    def new_lock_id(self) -> str:
        self.locks_named += 1
        return f"20261121T030405Z-{self.locks_named:08x}"

    def begin(self, given: set[str] | None = None, **options: Any) -> Watched:
        """Begin a run and let it read; before that it has no effect."""
        watched = Watched(HeldUpRun(self.client, health_check_ids=[self.id], **options), len(self.states) - 1, given)
        self.runs.append(watched)
        self.advance(watched, ANSWERED)
        return watched

    @precondition(lambda self: len(self.runs) < RUNS_AT_ONCE)
    @rule(method=st.sampled_from(["auto", "auto", "path", "invert"]))
    def somebody_locks(self, method: str) -> None:
        self.begin(state="locked", method=method, lock_id=self.new_lock_id())

    @precondition(lambda self: len(self.runs) < RUNS_AT_ONCE)
    @rule(number=st.integers(0, 20))
    def somebody_takes_a_lock_over(self, number: int) -> None:
        replaced = self.known_locks[-1 - number % len(self.known_locks)]
        self.begin(state="locked", lock_id=self.new_lock_id(), replaces=replaced, restore_path=self.original)

    @precondition(lambda self: len(self.runs) < RUNS_AT_ONCE)
    @rule(reports_path=st.booleans())
    def somebody_unlocks_what_is_there(self, reports_path: bool) -> None:
        reported: Json = {"restore_path": self.original} if reports_path else {}
        self.begin(state="unlocked", override=OVERRIDE, **reported)

    @precondition(lambda self: len(self.runs) < RUNS_AT_ONCE)
    @rule(number=st.integers(0, 20))
    def somebody_unlocks_one_lock(self, number: int) -> None:
        lock_id = self.known_locks[-1 - number % len(self.known_locks)]
        self.begin(state="unlocked", override=OVERRIDE, lock_id=lock_id)

    @precondition(lambda self: len(self.runs) < RUNS_AT_ONCE)
    @rule(number=st.integers(0, 20))
    def somebody_unlocks_with_evidence(self, number: int) -> None:
        lock_id = self.known_locks[-1 - number % len(self.known_locks)]
        shown = evidence(lock_id, gates=GATES)
        self.begin({lock_id}, state="unlocked", required_gates=GATES, evidence=shown)

    @precondition(lambda self: self.runs)
    @rule(number=st.integers(0, RUNS_AT_ONCE - 1), fate=fates)
    def a_run_makes_a_call(self, number: int, fate: str) -> None:
        self.advance(self.runs[number % len(self.runs)], fate)

    @precondition(lambda self: self.runs)
    @rule(number=st.integers(0, RUNS_AT_ONCE - 1))
    def a_run_gets_to_its_end(self, number: int) -> None:
        self.finish(self.runs[number % len(self.runs)])

    @precondition(lambda self: self.now.lock and len(self.runs) < RUNS_AT_ONCE)
    @rule()
    def others_open_the_lock_and_place_a_new_one(self) -> None:
        options: list[Json] = [
            {"state": "unlocked", "override": OVERRIDE, "restore_path": self.original},
            {"state": "locked", "lock_id": self.new_lock_id()},
        ]
        for chosen in options:
            self.finish(self.begin(**chosen))

    def finish(self, watched: Watched) -> None:
        """Let a run make all its remaining calls, undisturbed."""
        while watched in self.runs:
            self.advance(watched, ANSWERED)

    def advance(self, watched: Watched, fate: str) -> None:
        """Let a run make its next call, and check what that did."""
        call, before = watched.run.next_call, self.now
        if call == "get_health_check" and fate == ANSWERED and watched.found is None:
            watched.found = before.lock or ""
        watched.run.go_on(fate)
        after = self.look()
        if after != before:
            self.states.append(after)
            watched.wrote = True
        if after.version != before.version:
            self.check_change(watched, before, after)
        self.check_tags(watched, before, after)
        if watched.run.next_call is None:
            self.runs.remove(watched)
            self.check_end(watched)

    # What must hold.

    def check_change(self, watched: Watched, before: Snapshot, after: Snapshot) -> None:
        """Of the settings nothing changes but what placing or opening this very lock takes."""
        assert after.others == before.others
        if watched.run.options["state"] == "unlocked":
            assert watched.may_open(before.lock), f"{before.lock} was opened by {watched}"
            assert (after.path, after.switched) == (self.original, False)
            self.promised_copy = False
        elif before.lock is None:
            assert "replaces" not in watched.run.options
            assert after.pin
            assert after.lock == watched.run.options["lock_id"]
        elif before.lock == watched.run.options.get("replaces"):
            assert after.pin
            assert after.lock == watched.run.options["lock_id"]
            assert after.switched or not before.switched
        else:
            assert after.path == before.path, "a lock was replaced by another one"
            assert (before.switched, after.switched) == (False, True)
            self.promised_copy = False

    def check_tags(self, watched: Watched, before: Snapshot, after: Snapshot) -> None:
        """Runs take no tags of the lock away that is on, nor the copy that counts; they may renew its version."""
        gone = before.tags.keys() - after.tags.keys()
        renewed = {key for key in before.tags.keys() - gone if after.tags[key] != before.tags[key]}
        assert all(is_recovery(key) for key in renewed)
        assert not any(after.lock and after.lock in key for key in gone)

    def check_end(self, watched: Watched) -> None:
        """The result of a run is true."""
        result = watched.run.result()
        if result is None:
            return
        reported = result["health_checks"][0] if result["health_checks"] else {"lock": None}
        assert result["changed"] or not watched.wrote
        met = {state.lock for state in self.states[watched.began :]}
        if not result["failed"]:
            assert (reported["lock"]["id"] if reported["lock"] else None) in met
            assert reported["lock"] or watched.run.options["state"] == "unlocked"
            lock_id = reported["lock"]["id"] if reported["lock"] else None
            if watched.run.options["state"] == "locked" and self.now.pin and self.now.lock == lock_id:
                assert self.now.has_copy_of(self.original)

    @invariant()
    def the_original_path_is_not_lost(self) -> None:
        now = self.now
        if now.pin:
            assert unquote(now.pin["original"]) == self.original
        elif now.path != LOCKED_OUT:
            assert now.path == self.original
        elif self.promised_copy:
            assert now.counts_on(self.original)

    def teardown(self) -> None:
        """All processes end here; then undisturbed runs bring everything to where it belongs."""
        for watched in list(self.runs):
            self.advance(watched, KILLED_BEFORE)
        locked = switch(self.client, state="locked", health_check_ids=[self.id])
        before = self.now
        self.states.append(self.look())
        self.promised_copy = self.promised_copy and self.now.version == before.version
        assert not locked["failed"], locked["msg"]
        assert self.now.lock == locked["health_checks"][0]["lock"]["id"]
        self.the_original_path_is_not_lost()
        reported: Json = {} if self.now.path != LOCKED_OUT or self.promised_copy else {"restore_path": self.original}
        for _time in range(2):
            # The second time no lock is left, and what killed runs left in the tags goes.
            unlocked = switch(self.client, state="unlocked", health_check_ids=[self.id], override=OVERRIDE, **reported)
            assert not unlocked["failed"], unlocked["msg"]
        now = self.look()
        assert (now.lock, now.path, now.switched, now.tags) == (None, self.original, False, {})


def run_machine(new_world: Callable[[], World], monkeypatch: pytest.MonkeyPatch, *, examples: int) -> None:
    worlds: list[World] = []

    class Machine(LockMachine):
        def __init__(self) -> None:
            worlds[:] = [new_world()]
            super().__init__(worlds[0])

    def ask(question: Question) -> Answer:
        return worlds[0].ask(question)

    monkeypatch.setattr(r53_healthcheck_lock, "Clock", VirtualClock)
    monkeypatch.setattr(health_check_switches, "ask", ask)
    bounds = settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        derandomize=True,
        database=None,
        # Making a failure shorter takes minutes; the steps that led there are shown as they are.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=bounds)


def test_whatever_happens_no_path_is_lost_and_no_newer_lock_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    run_machine(InMemory, monkeypatch, examples=150)


def test_the_same_holds_over_http(aws_lab: RunningLab, route53: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run_machine(lambda: OnTheLab(aws_lab, route53), monkeypatch, examples=12)
