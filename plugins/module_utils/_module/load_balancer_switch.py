# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""One target of ``lb_maintenance_mode``: the loop that switches one load balancer, and its result."""

from __future__ import annotations

import time
import typing as t
from collections.abc import Callable, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._converge import Convergence, Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    ConflictError,
    NotFoundError,
    RefusedError,
    RelatedResourceError,
    ServiceRejectedError,
    TidegateError,
    UnknownFieldError,
    WorkRequestFailedError,
    code_of,
    defect,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance import backends, report, swaps
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.decision import (
    ChangeHolds,
    Step,
    Switch,
    after_step,
    listener_body,
    load_balancer_body,
    missing_steps,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.leaving import (
    check_no_slip,
    fronts,
    meant_listeners,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.refused_fields import LeftOut, without
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Request
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.selection import Fronts, check_writable
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.state import is_attached
from ansible_collections.tidegate.failover.plugins.module_utils._oci.load_balancers import LoadBalancer, LoadBalancerApi
from ansible_collections.tidegate.failover.plugins.module_utils._oci.work_requests import (
    RUNNING,
    may_be_unseen,
    wait_for_success,
)

#: For a moment after a read, an update may fail with 404 (other controllers see this too). But OCI also responds with
#: 404 when a policy allows reading and not updating. So the update is tried again, a few times.
UPDATES_NOT_FOUND = 3

Result = dict[str, t.Any]


class LoadBalancerSwitch:
    """Switches the maintenance mode of the listeners of one request.

    :param connect: creates the client of the load balancer; may raise RefusedError.
    """

    def __init__(self, connect: Callable[[], LoadBalancerApi], request: Request, deadline: Deadline) -> None:
        self._connect = connect
        self._request = request
        self._deadline = deadline
        self._api: LoadBalancerApi
        self._work_requests: list[Result] = []
        self._not_found = 0
        self._given_up: dict[str, TidegateError] = {}
        self._healths: dict[str, Result] = {}
        self._page_health: Result | None = None
        self._held_back = ""
        self._hold_without_page = False
        self._left_out = LeftOut()
        self._notes: list[str] = []
        self._losses: list[str] = []
        self._loop: Convergence[LoadBalancer, Step] | None = None

    def run(self, *, check_mode: bool) -> Result:
        """Switch, or predict it in check mode. Failures are part of the result, so that other targets go on."""
        try:
            return self._run(check_mode=check_mode)
        # An unexpected error fails this target, and must not hide the others.
        except Exception as broken:  # noqa: BLE001
            return self._outline(defect(broken))

    def _run(self, *, check_mode: bool) -> Result:
        try:
            self._api = self._connect()
            self._loop = Convergence(
                read=self._read,
                decide=self._decide,
                write=self._write,
                settle=self._settle,
                deadline=self._deadline,
                settles_before=lambda steps: not steps or self._hold_without_page,
            )
            if check_mode:
                self._loop.predict(lambda seen, step: LoadBalancer(self._after(seen, step), seen.etag, seen.read_at))
            else:
                self._loop.run()
        except TidegateError as problem:
            return self._result(self._with_given_up(problem))
        return self._result(self._with_given_up(None))

    def _read(self) -> LoadBalancer:
        """The load balancer and, until the first write, the health of the backends where a decision depends on it."""
        read = self._api.read()
        seen = LoadBalancer(swaps.view(read.data), read.etag, read.read_at)
        if self._loop and self._loop.written:
            return seen
        if self._request.only_if_backends:
            names = backends.checked_backend_sets(seen.data, self._request)
            self._healths = {name: self._api.backend_set_health(name) for name in names}
        if self._request.enabled and self._request.in_place in seen.data["backendSets"]:
            self._page_health = self._api.backend_set_health(self._request.in_place)
        return seen

    def _decide(self, seen: LoadBalancer, written: Sequence[Step]) -> list[Step]:
        if not self._request.enabled and self._loop and seen is self._loop.first:
            check_no_slip(seen.data, self._request)
        steps = missing_steps(seen.data, self._request, written, self._given_up)
        if not written:
            self._held_back = self._reason_to_hold_back(seen.data, steps)
            self._check_page_health(seen.data, steps)
        if self._held_back:
            return []
        self._hold_without_page = _releases_without_page(seen.data, steps)
        return steps if self._request.enabled else self._without_unwritable(seen.data, steps, written)

    def _reason_to_hold_back(self, load_balancer: Result, steps: Sequence[Step]) -> str:
        if steps:
            return backends.held_back(load_balancer, self._request, self._healths)
        return report.nothing_of_ours(load_balancer, self._request, meant_listeners(load_balancer, self._request))

    def _check_page_health(self, load_balancer: Result, steps: Sequence[Step]) -> None:
        """:raises RefusedError: no backend would answer users in place of the application."""
        swapped = any(isinstance(step, Switch) and step.attach for step in steps)
        if self._page_health is not None and swapped and not self._held_back:
            backends.check_page_health(load_balancer, self._request.in_place, self._page_health)

    def _without_unwritable(self, load_balancer: Result, steps: list[Step], written: Sequence[Step]) -> list[Step]:
        """The steps without listeners that cannot be written. These keep page and hold; the others lose theirs."""
        blocked = {
            step.listener: problem
            for step in steps
            if isinstance(step, Switch) and (problem := _unwritable(load_balancer, step, self._request.rule_set))
        }
        if not blocked:
            return steps
        self._given_up.update(blocked)
        return missing_steps(load_balancer, self._request, written, self._given_up)

    def _after(self, seen: LoadBalancer, step: Step) -> dict[str, t.Any]:
        return after_step(seen.data, step, self._request.rule_set)

    def _write(self, seen: LoadBalancer, step: Step) -> LoadBalancer:
        """Write once by compare-and-set, and wait until the change is complete.

        :raises ConflictError: the service refuses to change this listener. The other listeners still get the page,
            and their holds are recorded: without a hold an alarm could not remove the page. Or the service refuses
            a field that it returns itself, and the step is tried again without this field.
        """
        after = LoadBalancer(self._after(seen, step), seen.etag, seen.read_at)
        try:
            self._wait(self._send(seen, step), step)
        except NotFoundError as problem:
            raise self._judged(problem) from problem
        except (ServiceRejectedError, WorkRequestFailedError) as problem:
            if not self._leave_out(seen.data, step, problem):
                self._give_up(step, problem)
            raise ConflictError(str(problem)) from problem
        self._check_left_out(seen.data, step)
        return after

    def _leave_out(self, load_balancer: Result, step: Step, problem: TidegateError) -> bool:
        """Leave out a field that the service refuses from now on, if it may be left out. Returns whether that is so."""
        if isinstance(step, Switch) and isinstance(problem, UnknownFieldError):
            return self._left_out.add(load_balancer["listeners"][step.listener], problem.field, problem.path)
        if isinstance(step, ChangeHolds) and isinstance(problem, RelatedResourceError):
            return self._left_out.add_of_load_balancer(load_balancer_body(load_balancer, step))
        return False

    def _give_up(self, step: Step, problem: TidegateError) -> None:
        """:raises TidegateError: the run cannot go on without this step."""
        if isinstance(step, Switch):
            self._given_up[step.listener] = problem
        elif isinstance(problem, RelatedResourceError):
            raise ServiceRejectedError(f"{problem} {report.tags_refused(self._left_out.load_balancer_fields)}")
        else:
            raise problem

    def _check_left_out(self, before: Result, step: Step) -> None:
        """Check whether fields that were left out of a write are unchanged after it."""
        changed = report.fields_left_out(before, step, self._left_out)
        if not changed:
            return
        after = call_patiently(self._api.read, self._deadline).data
        self._notes += report.reported_of_left_out(before, after, step, self._left_out)
        self._losses += report.lost_tags(before, after, step, self._left_out)

    def _with_given_up(self, problem: TidegateError | None) -> TidegateError | None:
        """All errors together; None if there is none."""
        reported = [f"Listener {name!r} was not switched. {reason}" for name, reason in self._given_up.items()]
        reported += self._losses
        return (
            TidegateError(" ".join([*reported, str(problem)] if problem else reported)) if reported or problem else None
        )

    def _send(self, seen: LoadBalancer, step: Step) -> str:
        if isinstance(step, Switch):
            body = listener_body(seen.data, step, self._request.rule_set)
            body = without(body, self._left_out.of_listeners)
            return self._api.update_listener(step.listener, body, seen.etag)
        body = without(load_balancer_body(seen.data, step), [(name,) for name in self._left_out.load_balancer_fields])
        return self._api.update_load_balancer(body, seen.etag)

    def _judged(self, problem: NotFoundError) -> TidegateError:
        self._not_found += 1
        if self._not_found < UPDATES_NOT_FOUND:
            return ConflictError(str(problem))
        return AccessError(
            f"{problem} It can be read, so what is missing is probably a policy that lets them 'use load-balancers'."
        )

    def _wait(self, work_request_id: str, step: Step) -> None:
        reported = report.taken([step], self._request.rule_set)[0]
        entry: Result = {"id": work_request_id, "lifecycle_state": "ACCEPTED", "step": reported, "seconds": 0.0}
        self._work_requests.append(entry)
        began = time.monotonic()

        def note(seen: Result) -> None:
            entry.update(lifecycle_state=seen.get("lifecycleState"), seconds=round(time.monotonic() - began, 1))

        wait_for_success(lambda: self._api.read_work_request(work_request_id), work_request_id, self._deadline, note)

    def _settle(self) -> bool:
        """Wait for all running changes of this load balancer, no matter who made them.

        A change that has ended by now may have been running when the load balancer was read, and counts too.
        """
        newest = call_patiently(self._api.newest_work_requests, self._deadline)
        read_at = self._loop.last.read_at if self._loop and self._loop.last else ""
        unseen = [seen for seen in newest if may_be_unseen(seen, read_at)]
        for seen in unseen:
            if seen["lifecycleState"] in RUNNING:
                self._wait_whatever_comes(str(seen["id"]))
        return bool(unseen)

    def _wait_whatever_comes(self, work_request_id: str) -> None:
        while (
            call_patiently(lambda: self._api.read_work_request(work_request_id), self._deadline)["lifecycleState"]
            in RUNNING
        ):
            self._deadline.pause_after(ConflictError(f"Work request {work_request_id} is still running."))

    def _outline(self, problem: TidegateError | None) -> Result:
        """The result as far as it is known without reading the load balancer."""
        request = self._request
        return {
            "load_balancer_id": request.selection.load_balancer_id,
            "display_name": None,
            "strategy": "backend_set" if request.in_place else "redirect",
            "rule_set": None if request.in_place else request.rule_set,
            "maintenance_backend_set": request.in_place or None,
            "listeners": list(request.selection.listeners),
            "left_out": [],
            "changed": self._changed(),
            "failed": problem is not None,
            "msg": self._failure(problem) if problem else "",
            **code_of(problem),
            "before": None,
            "after": None,
            "etag": None,
            "held_by": [],
            "unexplained": [],
            "released": [],
            "held_back": self._held_back,
            "no_room_for_alarms": "",
            "work_requests": self._work_requests,
            "warnings": self._notes,
        }

    def _result(self, problem: TidegateError | None) -> Result:
        request, loop, result = self._request, self._loop, self._outline(problem)
        if loop is None or loop.first is None or loop.last is None:
            return result
        before, after = loop.first.data, loop.last.data
        result.update(display_name=before.get("displayName"), etag=loop.last.etag)
        found = self._fronts(before, after)
        if found is None:
            return result  # The result already reports this refusal.
        names = found.names
        result.update(
            listeners=list(names),
            left_out=report.left_out(found.left_out),
            before=report.picture(before, names, request.rule_set),
            after=report.picture(after, names, request.rule_set),
            held_by=report.held_by(after, names, request.rule_set),
            unexplained=report.unexplained(after, names, request.rule_set),
            released=report.released(before, loop.written),
        )
        if request.enabled:
            result["no_room_for_alarms"] = report.no_room_for_alarms(after, request, names)
        if problem is not None:
            how_it_stands = report.after_failure(after, request, names, changed=result["changed"])
            result["msg"] = " ".join([result["msg"], *how_it_stands])
        else:
            result["warnings"] = [*report.warnings(before, after, request, names), *self._notes]
            result["msg"] = report.message(before, after, request, names, loop.written)
            if request.enabled and not self._held_back:
                result["warnings"] += report.page_warnings(after, found, request.rule_set)
                result["warnings"] += self._page_health_warnings(before)
            if self._held_back:
                result["msg"] = f"Nothing was changed: {self._held_back}"
        return result

    def _page_health_warnings(self, load_balancer: Result) -> list[str]:
        if self._page_health is None:
            return []
        return backends.page_health_warnings(load_balancer, self._request.in_place, self._page_health)

    def _fronts(self, before: Result, after: Result) -> Fronts | None:
        """The listeners of the run; None if there are none.

        After an entry, these are the listeners that show the page now; after an exit, the ones that showed it. Somebody
        may have changed the load balancer in between, so the switched listeners are always included.
        """
        for seen in (after, before) if self._request.enabled else (before, after):
            try:
                found = fronts(seen, self._request)
            except TidegateError:
                continue
            switched = [step.listener for step in self._loop.written if isinstance(step, Switch)] if self._loop else []
            names = tuple(dict.fromkeys([*found.names, *switched]))
            return Fronts(names, tuple(left for left in found.left_out if left.listener not in names))
        return None

    def _changed(self) -> bool:
        """Whether anything was written, or was accepted and may still take effect."""
        under_way = any(entry["lifecycle_state"] in RUNNING for entry in self._work_requests)
        return under_way or bool(self._loop and (self._loop.written or self._loop.doubtful))

    def _failure(self, problem: TidegateError) -> str:
        done = report.taken(self._loop.written, self._request.rule_set) if self._loop else []
        until_then = f" Done: {'; '.join(done)}." if done else ""
        doubtful = (
            report.taken([self._loop.doubtful], self._request.rule_set) if self._loop and self._loop.doubtful else []
        )
        in_doubt = (
            f" The response was lost, so the outcome is unknown: {doubtful[0]}. Run this again to see."
            if doubtful
            else ""
        )
        return f"{problem}{until_then}{in_doubt}"


def _releases_without_page(load_balancer: Result, steps: Sequence[Step]) -> bool:
    """Whether a step releases a hold whose page is not up. The page may be under way, so the run waits first."""
    released = [key for step in steps if isinstance(step, ChangeHolds) for key in step.release]
    return any(not is_attached(load_balancer, listener, rule_set) for listener, rule_set, _owner in released)


def _unwritable(load_balancer: Result, step: Switch, rule_set: str) -> RefusedError | None:
    try:
        check_writable(load_balancer, [step.listener])
    except RefusedError as problem:
        return problem
    if swaps.page_of(rule_set) and not step.attach:
        gone = swaps.not_restorable(load_balancer, step.listener, rule_set)
        return RefusedError(gone) if gone else None
    return None
