# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""One rehearsal from beginning to end. It removes all temporary resources, however it ends.

The functions that run modules, make requests as a user and show lines are parameters.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterable

from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    RefusedError,
    TidegateError,
    WaitTimeoutError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._setup import rehearsal
from ansible_collections.tidegate.failover.plugins.module_utils._setup.rehearsal import Json, Seen, Values

#: Seconds until a page that was put up directly must be seen, or a removed page must be gone.
_SOON = 60
#: Seconds after which a wait shows a line even without a change.
_SILENCE = 30


class Rehearsal:
    """One rehearsal.

    :ivar proven: what is proven so far, with the seconds of each proof.
    :param ask: runs a module of this collection with options, and returns its result.
    :param look: makes a request to the spare listener.
    :param show: shows a line on the screen.
    """

    def __init__(
        self,
        values: Values,
        topic_id: str,
        *,
        ask: Callable[[str, Json], Json],
        look: Callable[[], Seen],
        show: Callable[[str], None],
        clock: Clock | None = None,
    ) -> None:
        """Prepare the rehearsal, without a request."""
        self._values, self._topic_id = values, topic_id
        self._ask, self._look, self._show = ask, look, show
        self._clock = clock or Clock()
        self.proven: list[Json] = []

    def run(self) -> None:
        """Rehearse what the values define.

        :raises TidegateError: something was not proven, or a temporary resource could not be removed.
        """
        left = self.remove()
        if left or rehearsal.level_of(self._values) == "none":
            self._check_removed(left)
            return
        try:
            self._prove()
        except TidegateError as problem:
            raise type(problem)(
                " ".join([str(problem), *self.remove(), self._reported_of_proofs()]).strip()
            ) from problem
        except BaseException:
            # Temporary resources are removed after any error.
            self.remove()
            raise
        self._check_removed(self.remove())

    def remove(self) -> list[str]:
        """Remove the temporary resources of this run or of an aborted run.

        The alarm comes first, so that it sends no more messages. The listener is next. If a listener of that name
        belongs to somebody else, this is refused, and no holds are released. Then all holds on the removed listener
        follow.

        :returns: what could not be removed, one sentence each.
        """
        values = self._values
        alarm = [("oci_maintenance_alarm", rehearsal.no_spare_alarm(values))] if values["alarm_name"] else []
        left = self._refusals([*alarm, ("oci_maintenance_page", rehearsal.no_spare(values))])
        if not left and self._is_held():
            left = self._refusals([("lb_maintenance_mode", options) for options in rehearsal.releases(values)])
        # Mostly the same error stops all of them.
        what = "What is temporary could not be removed. Run this again, which tries that first."
        return [what, *dict.fromkeys(left)] if left else []

    def _is_held(self) -> bool:
        """Whether a hold is left on the removed spare listener. The name can be read only then."""
        found = self._ask("lb_maintenance_mode_info", self._of_listener())
        seen = [] if found.get("failed") else found.get("load_balancers") or []
        return bool(seen) and not any(one.get("failed") for one in seen)

    def _refusals(self, tasks: Iterable[tuple[str, Json]]) -> list[str]:
        """Run each of these tasks, and collect the errors."""
        refused = []
        for module, options in tasks:
            try:
                self._result_of(module, options)
            except TidegateError as problem:
                refused.append(str(problem))
        return refused

    def _check_removed(self, left: list[str]) -> None:
        if left:
            raise RefusedError(" ".join([*left, self._reported_of_proofs()]).strip())

    def _reported_of_proofs(self) -> str:
        return f"Proven before that: {', '.join(one['what'] for one in self.proven)}." if self.proven else ""

    def _prove(self) -> None:
        values = self._values
        self._show(f"a spare listener is created: {rehearsal.url(values)}")
        self._result_of("oci_maintenance_page", rehearsal.spare(values, healthy=False))
        before = self._listener()
        self._prove_page(before)
        if rehearsal.level_of(values) == "alarm":
            self._prove_alarm(before)

    def _prove_page(self, before: Json) -> None:
        values = self._values
        began = self._clock.now()
        self._result_of("lb_maintenance_mode", rehearsal.switch(values, enabled=True))
        self._until(rehearsal.is_page, "the page", _SOON, lambda seen: rehearsal.not_seen(values, seen))
        self._prove_one("the page is seen where the listener shows it", began)
        began = self._clock.now()
        self._result_of("lb_maintenance_mode", rehearsal.switch(values, enabled=False))
        self._until(rehearsal.is_gone, "the end of the page", _SOON, lambda seen: rehearsal.not_gone(values, seen))
        self._check_as_before(before, 0)
        self._prove_one("the page goes, and the listener is as before", began)

    def _prove_alarm(self, before: Json) -> None:
        values, topic_id, limit = self._values, self._topic_id, float(self._values["rehearsal_timeout"])
        began = self._clock.now()
        alarm_id = self._result_of("oci_maintenance_alarm", rehearsal.spare_alarm(values, topic_id)).get("alarm_id")
        self._show(f"the alarm {rehearsal.alarm_name(values)!r} is created; it has {limit:g} s to put the page up")
        self._until(rehearsal.is_redirected, "the page", limit, lambda seen: rehearsal.no_alarm(values, seen, topic_id))
        if not rehearsal.is_held_by_alarm(listener := self._listener()):
            raise RefusedError(rehearsal.not_by_alarm(listener))
        self._check_alarm(alarm_id)
        self._prove_one("the alarm puts the page up", began)
        began = self._clock.now()
        self._result_of("oci_maintenance_page", rehearsal.spare(values, healthy=True))
        self._show(f"the backend is healthy; the alarm has {limit:g} s to take the page away")
        self._until(
            rehearsal.is_not_redirected,
            "the end of the page",
            limit,
            lambda seen: rehearsal.no_recovery(values, seen, topic_id),
        )
        self._check_as_before(before, _SOON)
        self._check_alarm(alarm_id)
        self._prove_one("its recovery takes the page away, and the listener is as before", began)

    def _check_alarm(self, alarm_id: str | None) -> None:
        """Request the alarm again, to check that it is still the alarm that this run has created."""
        again = self._result_of("oci_maintenance_alarm", rehearsal.spare_alarm(self._values, self._topic_id))
        if again.get("alarm_id") != alarm_id or again.get("changed"):
            raise RefusedError(rehearsal.other_alarm(self._values))

    def _prove_one(self, what: str, began: float) -> None:
        seconds = round(self._clock.now() - began, 1)
        self.proven.append({"what": what, "seconds": seconds})
        self._show(f"proven: {what} ({seconds} s)")

    def _until(
        self, wanted: Callable[[Seen, Values], bool], what: str, limit: float, late: Callable[[Seen], str]
    ) -> None:
        """Make requests until one has the wanted result. :raises WaitTimeoutError: none had it in time."""
        began, shown, shown_at = self._clock.now(), "", 0.0
        while not wanted(seen := self._look(), self._values):
            waited = self._clock.now() - began
            if waited >= limit:
                raise WaitTimeoutError(late(seen))
            reported = rehearsal.described(seen)
            if reported != shown or waited - shown_at >= _SILENCE:
                self._show(f"waiting for {what}, {waited:.0f} s of at most {limit:g} s: {reported}")
                shown, shown_at = reported, waited
            self._clock.sleep(float(self._values["rehearsal_delay"]))

    def _check_as_before(self, before: Json, limit: float) -> None:
        """Wait until the listener is as before. The hold is released some seconds after the page is removed."""
        began = self._clock.now()
        while (after := self._listener()) != before:
            if self._clock.now() - began >= limit:
                raise RefusedError(rehearsal.not_as_before(before, after))
            self._clock.sleep(float(self._values["rehearsal_delay"]))

    def _listener(self) -> Json:
        found = self._result_of("lb_maintenance_mode_info", self._of_listener())["load_balancers"][0]
        if found.get("failed"):
            raise RefusedError(f"The spare listener cannot be read. {found['msg']}")
        return t.cast(Json, found["listeners"][0])

    def _of_listener(self) -> Json:
        return {
            "load_balancer_id": self._values["load_balancer_id"],
            "listeners": [rehearsal.name_of(self._values)],
        }

    def _result_of(self, module: str, options: Json) -> Json:
        result = self._ask(module, options)
        if result.get("failed"):
            raise RefusedError(str(result.get("msg") or f"{module} failed without a reason."))
        return result
