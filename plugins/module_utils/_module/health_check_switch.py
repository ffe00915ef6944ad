# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""One health check of ``r53_healthcheck_lock``: the loop that switches it, its tags and its result."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Sequence
from datetime import datetime

from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import ThrottledError
from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import (
    HealthCheckApi,
    Tags,
)
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Convergence, Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    RefusedError,
    TidegateError,
    TransientError,
    WaitTimeoutError,
    code_of,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock import (
    observations,
    report,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.decision import (
    decide_lock,
    decide_unlock,
    question_for,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import (
    Change,
    HealthCheck,
    after_change,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import Lock, read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lockable import check_updatable
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import Pin, read_pin
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Fence
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import LockRequest, UnlockRequest
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_prover import Prover
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_tags import (
    LockTags,
    NoRoomError,
    Standing,
)

Result = dict[str, t.Any]


class LastSite(t.Protocol):
    """Finds out whether another site would serve."""

    #: Whether to hold back a lock where no other site is known to serve. Otherwise the lock is refused.
    holds_back: bool

    def doubt(self, check_id: str) -> str:
        """Why no other site is known to serve; empty if one is."""


#: Seconds between polls of what the checkers see. They report every ten or thirty seconds, and the API call has a
#: low rate limit.
_PAUSES = (1.0, 2.0, 4.0, 8.0)


class HealthCheckSwitch:
    """Locks or unlocks one health check.

    :ivar problem: the error, if any; the later stages then skip this health check.
    :ivar held_back: why the health check is left unchanged although nothing failed; empty if it is not held back.
    :ivar tags: its tags.
    """

    def __init__(
        self,
        check: HealthCheck,
        request: LockRequest | UnlockRequest,
        *,
        api: HealthCheckApi,
        prover: Prover,
        deadline: Deadline,
        tags: Tags | None = None,
        wait_for: str | None = None,
        only_if_health: str | None = None,
        last_site: LastSite | None = None,
    ) -> None:
        self.problem: TidegateError | None = None
        self._api, self._prover, self._deadline = api, prover, deadline
        self._request = request
        self._wait_for = wait_for
        self._only_if_health = only_if_health
        self._last_site = last_site
        self.held_back = ""
        self._found: HealthCheck | None = check
        self._first = check
        self.tags = LockTags(check.id, request, api=api, deadline=deadline, tags=tags)
        self._fence: Fence | None = None
        self._unanswered: list[Pin] = []
        self._changed_at: datetime | None = None
        self._tags_problem = ""
        self._verdict: observations.Verdict | None = None
        self._loop: Convergence[HealthCheck, Change] = Convergence(
            read=self._read, decide=self._decide, write=self._write, settle=lambda: False, deadline=deadline
        )

    @property
    def check(self) -> HealthCheck:
        """The health check as it is now, as far as is known."""
        return self._loop.last or self._first

    @property
    def switched(self) -> bool:
        """Whether its settings were changed, or may have been: a response was lost and the outcome is unknown."""
        if self._loop.doubtful is not None or any(self._took_effect(change) for change in self._loop.written):
            return True
        # What was read after a lost response may be older than the write. But a pinned path names its run.
        return any(pin == read_pin(self.check.path) for pin in self._unanswered)

    def _took_effect(self, change: Change) -> bool:
        """After a lost response the loop takes any lock for its own. The pin of another run has another id."""
        pin = read_pin(change.path)
        return pin is None or pin == read_pin(self.check.path)

    def switch(self, *, check_mode: bool) -> None:
        """Lock or unlock, or predict it in check mode."""

        def act() -> None:
            if check_mode:
                self._loop.predict(after_change)
            else:
                self._loop.run()

        self._attempt(act)

    def _attempt(self, act: Callable[[], None]) -> None:
        if self.problem is None:
            try:
                act()
            except TidegateError as problem:
                self.problem = problem

    def _read(self) -> HealthCheck:
        """The first time, the health check that was read with all others. After a conflict it is read alone."""
        found, self._found = self._found, None
        return found or self._api.read(self._first.id)

    def _decide(self, check: HealthCheck, _written: Sequence[Change]) -> list[Change]:
        self.held_back = self._reason_to_hold_back(check)
        if self.held_back:
            return []
        change = self._decided(check)
        # This check is last, because asking the endpoint takes seconds, and the state of the other site should be
        # recent when the lock is written.
        self.held_back = self._doubt_about_other_site(check, change)
        if self.held_back:
            return []
        if self._wait_for:
            observations.check_waitable(after_change(check, change) if change else check)
        return [change] if change else []

    def _reason_to_hold_back(self, check: HealthCheck) -> str:
        """Why an unlocked health check is left unchanged; empty if nothing speaks against a lock."""
        is_conditional = self._only_if_health is not None and isinstance(self._request, LockRequest)
        if is_conditional:
            check_updatable(check)
        if not is_conditional or read_lock(check, self._request.lock_path) is not None:
            return ""
        seen = None
        if observations.has_observations(check):
            seen = call_patiently(lambda: self._api.observations(check.id), self._deadline)
        verdict = observations.verdict_on(check, seen)
        if verdict.health == self._only_if_health:
            return ""
        return f"it is {verdict.health} ({verdict.how}), and was to be locked only if it is {self._only_if_health}."

    def _doubt_about_other_site(self, check: HealthCheck, change: Change | None) -> str:
        """Why a lock that would take a site out of service is held back; empty if it is not.

        :raises RefusedError: another site is not known to serve, and the task does not hold back.
        """
        locks_out = change and (change.switches or read_lock(check, self._request.lock_path) is None)
        if not locks_out or self._last_site is None or not isinstance(self._request, LockRequest):
            return ""
        doubt = self._last_site.doubt(check.id)
        if doubt and not self._last_site.holds_back:
            raise RefusedError(f"Nothing was changed: {doubt}", code="TG-LAST-SITE")
        return doubt

    def _decided(self, check: HealthCheck) -> Change | None:
        request = self._request
        if isinstance(request, UnlockRequest):
            first = read_lock(self._first, request.lock_path)
            return decide_unlock(
                check,
                request,
                tags=self.tags.now,
                found_first=first.id if first else None,
                moment=self._api.clock.moment(),
            )
        question = question_for(check, request)
        decision = decide_lock(check, request, self._prover.prove(question) if question else None)
        self._fence = decision.fence
        return decision.change

    def _write(self, check: HealthCheck, change: Change) -> HealthCheck:
        # If no response arrives, the change was made at this time or later.
        self._changed_at = self._api.clock.moment().service
        try:
            after, at_latest = self._api.update(check, change)
        except ThrottledError:
            # The request was not executed, so what was read is still valid. Another read would add a request when
            # there are too many.
            self._found = check
            raise
        except TransientError as problem:
            if problem.effect_unknown and (pin := read_pin(change.path)):
                self._unanswered.append(pin)
            raise
        self._changed_at = at_latest or self._changed_at
        return after

    # Tags are written after the lock. A problem with tags never undoes the lock.

    def lock(self) -> Lock | None:
        """The lock that is on the health check now, with the details from its tags."""
        return read_lock(self.check, self._request.lock_path, self.tags.now)

    def has_gap(self) -> bool:
        """Whether tags are missing or left over, as far as is known."""
        standing = self._standing()
        return self.problem is None and bool(self.tags.missing(standing) or self.tags.surplus(standing))

    def keep_tags(self, *, check_mode: bool) -> None:
        """Bring the tags in line with the lock. An error here fails the health check, but does not undo the lock."""
        if self.problem is None:
            try:
                self.tags.keep(self._standing(), self._read_again, check_mode=check_mode)
            except RefusedError as problem:
                self.problem = problem
            except TidegateError as problem:
                self._tags_failed(problem)

    def tags_unread(self, problem: TidegateError) -> None:
        """Note that the tags could not be read. If this run placed or released the lock, its tags are known anyway."""
        if self.switched:
            self.tags.warnings.append(f"Whether tags of older locks are left is not known. {problem}")
        elif self.problem is None:
            self._tags_failed(problem)

    def _standing(self) -> Standing:
        return Standing(self._first, self.check, self.switched)

    def _read_again(self) -> HealthCheck:
        """The health check now. An unlock reports what was read; a lock does not report later changes as its own."""
        if isinstance(self._request, UnlockRequest):
            return self._loop.read()
        return call_patiently(lambda: self._api.read(self._first.id), self._deadline)

    def _tags_failed(self, problem: TidegateError) -> None:
        self.problem = problem
        if isinstance(problem, NoRoomError):
            self._tags_problem = (
                "It is locked as requested, and the lock holds. Only a copy of the original path could not be kept in "
                "its tags, for the case that something overwrites the pinned path."
            )
        elif isinstance(self._request, LockRequest):
            self._tags_problem = (
                "It is locked as requested, but whether its tags are kept is not sure: without them, a writer that "
                "overwrites the pinned path loses the original one. Run this again for this health check."
            )
        else:
            self._tags_problem = (
                "It is unlocked as requested, but tags of the lock may be left. Run this again for this health check."
            )

    # Waiting for the checkers.

    def wait(self) -> None:
        """Wait until the checkers report the requested health."""
        if not self.held_back:
            self._attempt(self._wait)

    def _wait(self) -> None:
        check, polls = self.check, 0
        while True:
            seen = None
            if observations.has_observations(check):
                seen = call_patiently(lambda: self._api.observations(check.id), self._deadline)
            self._verdict = observations.verdict_on(check, seen, self._changed_at)
            if self._verdict.health == self._wait_for:
                return
            if self._deadline.remaining <= 0:
                done = " But it was changed as requested." if self.switched else ""
                raise WaitTimeoutError(
                    f"The wait_timeout of {self._deadline.timeout:g} s ran out before the checkers saw it "
                    f"{self._wait_for}: {self._verdict.how}.{done}"
                )
            self._deadline.sleep(_PAUSES[min(polls, len(_PAUSES) - 1)])
            polls += 1

    # The result.

    def result(self) -> Result:
        """What was found and done, for the task's result."""
        lock, fence, verdict = self.lock(), self._fence, self._verdict
        found = read_lock(self._first, self._request.lock_path, self.tags.found)
        return {
            "health_check_id": self._first.id,
            "name": (self.tags.now or {}).get("Name"),
            "type": self._first.type,
            "changed": self.switched or self.tags.changed,
            "failed": self.problem is not None,
            "msg": self._message(lock),
            **code_of(self.problem),
            "before": report.picture(self._loop.first or self._first),
            "after": report.picture(self.check),
            "version": self.check.version,
            "lock_before": report.reported_lock(found, self.tags.found) if found else None,
            "lock": report.reported_lock(lock, self.tags.now) if lock else None,
            "fence": report.reported_fence(fence) if fence and lock else None,
            "fence_how": fence.how if fence and lock else None,
            "held_back": self.held_back,
            "observed": {"health": verdict.health, "how": verdict.how, "share": verdict.share} if verdict else None,
            "warnings": self.tags.warnings,
        }

    def _message(self, lock: Lock | None) -> str:
        request = self._request
        if self.problem is not None:
            doubt = " The response was lost, so the outcome is unknown. Run this again to see whether it was changed."
            return f"{self._tags_problem} {self.problem}".strip() + (doubt if self._loop.doubtful else "")
        if self.held_back:
            return f"Nothing was changed: {self.held_back}"
        if isinstance(request, LockRequest) and lock and self._fence:
            return report.locked_message(lock, self._fence, changed=self.switched)
        released = read_lock(self._first, request.lock_path) if self.switched else None
        return report.unlocked_message(released, t.cast(UnlockRequest, request), self.check.path)
