# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The common loop of the collection: read, decide, compare-and-set. After a conflict it repeats, until a deadline."""

from __future__ import annotations

import random
import time
import typing as t
from collections.abc import Callable, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    ConflictError,
    TidegateError,
    TransientError,
    UnreachableError,
    WaitTimeoutError,
)

State = t.TypeVar("State")
Step = t.TypeVar("Step")
Answer = t.TypeVar("Answer")

#: Connections that may fail before the first answer. After a first answer the endpoint is known to be right, and the
#: loop retries until the deadline. Before it, a typo in an endpoint should not make a person wait for minutes.
FIRST_CONTACT_ATTEMPTS = 4

_PAUSE_FIRST = 0.25
_PAUSE_LONGEST = 4.0

_UNDONE = (
    "A change that had succeeded was gone at the next read. Somebody or something else keeps undoing it, such as "
    "an ingress controller or a scheduled Terraform run: find out which, and stop it."
)


class Clock:
    """The time of the loop. Tests can replace it."""

    def now(self) -> float:
        """Seconds on a clock that never jumps."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for ``seconds``."""
        time.sleep(seconds)


class Deadline:
    """The time limit for one object, and the pauses between attempts on it.

    :param timeout: seconds from now.
    """

    def __init__(self, timeout: float, clock: Clock) -> None:
        self._clock = clock
        self._end = clock.now() + timeout
        self._timeout = timeout
        self._setbacks = 0
        self._contact = False

    @property
    def remaining(self) -> float:
        """Seconds that are left, never negative."""
        return max(0.0, self._end - self._clock.now())

    @property
    def timeout(self) -> float:
        """Seconds that were allowed in all."""
        return self._timeout

    def for_another(self) -> Deadline:
        """A deadline with the same end for another object of the same service, with its own pauses."""
        another = Deadline(self._timeout, self._clock)
        another._end, another._contact = self._end, self._contact
        return another

    def sleep(self, seconds: float) -> None:
        """Wait for ``seconds``, but never past the end."""
        self._clock.sleep(min(seconds, self.remaining))

    def note_contact(self) -> None:
        """The service answered, so its address is right."""
        self._contact = True

    def note_progress(self) -> None:
        """A change went through, so the pauses start small again."""
        self._setbacks = 0

    def pause_after(self, setback: TidegateError) -> None:
        """Wait before the next attempt: longer each time, and with jitter, so that writers do not collide again.

        :raises WaitTimeoutError: no time is left for another attempt.
        :raises UnreachableError: the endpoint has never answered, so waiting longer would not help.
        """
        self._setbacks += 1
        if isinstance(setback, UnreachableError) and not self._contact and self._setbacks >= FIRST_CONTACT_ATTEMPTS:
            raise setback
        pause = min(_PAUSE_LONGEST, _PAUSE_FIRST * 2 ** (self._setbacks - 1)) * random.uniform(0.5, 1.0)
        asked = setback.retry_after if isinstance(setback, TransientError) else None
        pause = max(pause, asked or 0.0)
        if pause >= self.remaining:
            raise WaitTimeoutError(
                f"The wait_timeout of {self._timeout:g} s ran out after {self._setbacks} attempts in a row that did "
                f"not go through. The last one: {setback}"
            ) from setback
        self.sleep(pause)


def call_patiently(call: Callable[[], Answer], deadline: Deadline) -> Answer:
    """Make a call that changes nothing, and repeat it while its failures are transient.

    :raises WaitTimeoutError: it did not succeed before the deadline.
    """
    while True:
        try:
            answer = call()
        except TransientError as setback:
            deadline.pause_after(setback)
        else:
            deadline.note_contact()
            return answer


class Convergence(t.Generic[State, Step]):
    """Brings one object to the requested state, and records the steps.

    :ivar first: the object as it was first read.
    :ivar last: the latest known state of the object.
    :ivar written: the steps that took effect, in order.
    :ivar doubtful: the step whose response was lost, until a read shows whether it took effect.
    """

    def __init__(
        self,
        *,
        read: Callable[[], State],
        decide: Callable[[State, Sequence[Step]], Sequence[Step]],
        write: Callable[[State, Step], State],
        settle: Callable[[], bool],
        deadline: Deadline,
        settles_before: Callable[[Sequence[Step]], bool] = lambda steps: not steps,
    ) -> None:
        """
        :param read: reads the object with its version.
        :param decide: returns the missing steps, in order; pure. Its parameters are the object and the written steps.
        :param write: takes one step, guarded by the version that was read, and returns the object after it.
        :param settle: waits until changes in progress have ended, and returns whether there were any.
        :param settles_before: whether to call ``settle`` before these steps, as long as this run has written nothing.
            By default, it is called only if no step is missing.
        """
        self._read = read
        self._decide = decide
        self._write = write
        self._settle = settle
        self._deadline = deadline
        self._settles_before = settles_before
        self.first: State | None = None
        self.last: State | None = None
        self.written: list[Step] = []
        self.doubtful: Step | None = None

    def run(self) -> None:
        """Take step after step until none is missing.

        The object is read again before every step, because each step changes its version. It is not read after the last
        step, whose outcome follows from the version that guarded it. A step that somebody undoes is repeated within the
        deadline, with growing pauses: two programs that disagree must not write without a pause for ever.

        :raises TidegateError: as the callables do; :attr:`first`, :attr:`last` and :attr:`written` show the progress.
        """
        while True:
            state, steps = self._missing()
            if not steps:
                return
            if steps[0] in self.written:
                self._deadline.pause_after(ConflictError(_UNDONE))
            try:
                self.last = self._write(state, steps[0])
            except (ConflictError, TransientError) as setback:
                if isinstance(setback, TransientError) and setback.effect_unknown:
                    self.doubtful = steps[0]
                self._deadline.pause_after(setback)
                continue
            if steps[0] not in self.written:
                self._deadline.note_progress()
                self.written.append(steps[0])
            if len(steps) == 1:
                return

    def _missing(self) -> tuple[State, Sequence[Step]]:
        """The object, and its missing steps.

        If no step seems to be missing, a change in progress may still alter the object, because the previous run may
        not have waited for its end. A person who ends maintenance must not find the page up a minute later. Some steps,
        too, are right only if no change is in progress.
        """
        state = self.read()
        steps = self._decide(state, self.written)
        self._resolve_doubt(steps)
        if self.written or not self._settles_before(steps) or not self._settle():
            return state, steps
        state = self.read()
        return state, self._decide(state, self.written)

    def _resolve_doubt(self, missing: Sequence[Step]) -> None:
        """Record a step whose response was lost as written if it is no longer missing."""
        if self.doubtful is not None and self.doubtful not in (*missing, *self.written):
            self.written.append(self.doubtful)
        self.doubtful = None

    def read(self) -> State:
        """Read the object, after a change whose response was lost has settled."""
        if self.doubtful is not None:
            self._settle()
        state = call_patiently(self._read, self._deadline)
        self.last = state
        if self.first is None:
            self.first = state
        return state

    def predict(self, apply: Callable[[State, Step], State]) -> None:
        """Read the object and simulate every step: what :meth:`run` would do if nobody interferes."""
        state, steps = self._missing()
        for step in steps:
            self.last = state = apply(state, step)
            self.written.append(step)
