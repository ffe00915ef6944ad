# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""One target of ``alb_maintenance_mode``: the loop that switches its listeners, and its result."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener import report
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.decision import (
    MoveRules,
    RemovePage,
    ShowPage,
    Step,
    after_step,
    missing_steps,
    tag_changes,
    took_effect,
)
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.fitness import (
    check_count,
    check_no_loop,
    chosen_listeners,
)
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.holding_back import (
    held_back,
    left_alone,
    reported_name,
)
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.page import (
    own_rules,
    shows_page,
    target_groups_of,
)
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.request import Request, Selection
from ansible_collections.tidegate.failover.plugins.module_utils._aws.load_balancer_rules import LoadBalancerRules
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Convergence, Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    ConflictError,
    TidegateError,
    code_of,
    defect,
)

Result = dict[str, t.Any]
Json = dict[str, t.Any]
#: The chosen listeners, by ARN.
State = Mapping[str, Json]


class ListenerSwitch:
    """Switches the maintenance mode of listeners of one load balancer."""

    def __init__(self, api: LoadBalancerRules, selection: Selection, request: Request, deadline: Deadline) -> None:
        self._api = api
        self._selection = selection
        self._request = request
        self._deadline = deadline
        self._balancer: Json | None = None
        self._elsewhere: list[Json] = []
        self._counted = False
        self._verified: State | None = None
        self._held_back = ""
        self._accepted = False
        self._notes: list[str] = []
        self._loop: Convergence[State, Step] = Convergence(
            read=self._read,
            decide=self._decide,
            write=self._write,
            # A change of rules or tags is complete when the API responds, so there is nothing to wait for.
            settle=lambda: False,
            deadline=deadline,
        )

    def run(self, *, check_mode: bool) -> Result:
        """Switch, or predict it in check mode. Failures are part of the result, so that other targets go on."""
        try:
            self._converge(check_mode=check_mode)
            return self._result(None)
        except TidegateError as problem:
            return self._result(problem)
        # An unexpected error fails this target, and must not hide the others.
        except Exception as broken:  # noqa: BLE001
            return self._result(defect(broken))

    def _converge(self, *, check_mode: bool) -> None:
        """Repeat until no step is missing, also in what was read after the last write, because others write too."""
        if check_mode:
            self._loop.predict(_after)
            return
        while True:
            self._loop.run()
            seen = self._loop.last
            if seen is None or self._held_back or not self._missing(seen, self._loop.written):
                return

    def _read(self) -> State:
        """The listeners. After a write of this run, they were read already to verify it."""
        if self._verified is not None:
            seen, self._verified = self._verified, None
            return seen
        if self._balancer is None:
            self._balancer = self._api.load_balancer(self._selection.load_balancer)
        listeners = self._api.listeners(self._balancer["LoadBalancerArn"])
        chosen = chosen_listeners(self._balancer, listeners, self._selection)
        self._elsewhere = [one for one in listeners if one not in chosen]
        return {str(one["ListenerArn"]): self._api.with_rules(one) for one in chosen}

    def _missing(self, state: State, written: Sequence[Step]) -> list[Step]:
        return [step for listener in state.values() for step in missing_steps(listener, self._request, written)]

    def _decide(self, state: State, written: Sequence[Step]) -> list[Step]:
        steps = self._missing(state, written)
        listeners = list(state.values())
        if not written:
            alone = left_alone(listeners, self._request)
            if alone and steps and alone not in self._notes:
                self._notes.append(alone)
            self._held_back = self._reason_to_wait(listeners) if steps else alone
        if self._held_back:
            return []
        self._check(state, steps)
        return steps

    def _reason_to_wait(self, listeners: Sequence[Json]) -> str:
        states: list[list[str]] = []
        if self._request.only_if_backends is not None:
            groups = dict.fromkeys(group for one in listeners for group in target_groups_of(one["Rules"]))
            states = [self._api.target_states(group) for group in groups]
        return held_back(listeners, self._request, states)

    def _check(self, state: State, steps: Sequence[Step]) -> None:
        """Refuse steps that could not be taken, before the first write."""
        shows = [step for step in steps if isinstance(step, ShowPage)]
        if not shows or self._counted:
            return
        for step in shows:
            check_no_loop(self._balancer or {}, state[step.listener], step.rules)
        new = sum(len(step.rules) - len(own_rules(state[step.listener]["Rules"])) for step in shows)
        if new > 0:
            self._check_count(state, new)
        self._counted = True

    def _check_count(self, state: State, new: int) -> None:
        try:
            most = self._api.most_rules()
        except AccessError as problem:
            self._notes.append(f"{problem} So it was not checked whether the load balancer can have more rules.")
            return
        rules = [one["Rules"] for one in state.values()]
        rules += [self._api.rules(one["ListenerArn"]) for one in self._elsewhere]
        check_count(rules, new, most)

    def _write(self, state: State, step: Step) -> State:
        """Take one step, and return the listeners after it.

        :raises ConflictError: somebody else changed the listener meanwhile.
        """
        listener = state[step.listener]
        self._take(listener, step)
        self._accepted = True
        after = call_patiently(lambda: self._api.with_rules(_bare(listener)), self._deadline)
        if not took_effect(after, step):
            raise ConflictError(
                "What had been written was not there when it was read again: somebody else changes the listener at the "
                "same time."
            )
        self._verified = {**state, step.listener: after}
        return self._verified

    def _take(self, listener: Json, step: Step) -> None:
        if isinstance(step, ShowPage):
            self._api.show(listener, step.rules)
        elif isinstance(step, RemovePage):
            self._api.remove(own_rules(listener["Rules"]))
        elif isinstance(step, MoveRules):
            self._api.set_priorities(step.priorities)
        else:
            new, gone = tag_changes(listener, step)
            if new:
                self._api.add_tags(step.listener, new)
            if gone:
                self._api.remove_tags(step.listener, sorted(gone))

    def _failure(self, problem: TidegateError) -> str:
        names = {arn: reported_name(listener) for arn, listener in (self._loop.last or {}).items()}
        done = report.taken(self._loop.written, names)
        until_then = f" Done: {'; '.join(done)}." if done else ""
        doubtful = report.taken([self._loop.doubtful], names) if self._loop.doubtful else []
        in_doubt = (
            f" The response was lost, so the outcome is unknown: {doubtful[0]}. Run this again to see."
            if doubtful
            else ""
        )
        return f"{problem}{until_then}{in_doubt}"

    def _outline(self, problem: TidegateError | None) -> Result:
        """The result as far as it is known without reading the load balancer."""
        balancer = self._balancer or {}
        return {
            "load_balancer": balancer.get("LoadBalancerName") or self._selection.load_balancer,
            "load_balancer_arn": balancer.get("LoadBalancerArn"),
            "changed": self._accepted or bool(self._loop.written or self._loop.doubtful),
            "failed": problem is not None,
            "msg": self._failure(problem) if problem else "",
            **code_of(problem),
            "before": None,
            "after": None,
            "in_maintenance": None,
            "held_by": [],
            "unexplained": False,
            "released": [],
            "held_back": self._held_back,
            "warnings": self._notes,
        }

    def _result(self, problem: TidegateError | None) -> Result:
        loop, request = self._loop, self._request
        if loop.first is None or loop.last is None:
            return self._outline(problem)
        before, after = list(loop.first.values()), list(loop.last.values())
        if problem is None and not self._held_back:
            self._warn(before, after)
        result = self._outline(problem)
        result.update(
            before={"listeners": [report.picture(one) for one in before]},
            after={"listeners": [report.picture(one) for one in after]},
            in_maintenance=all(shows_page(one["Rules"]) for one in after),
            held_by=report.held_by(after),
            unexplained=any(report.is_unexplained(one) for one in after),
            released=report.released(before, loop.written),
        )
        if problem is None:
            done = report.message(result["load_balancer"], before, after, request, changed=bool(loop.written))
            result["msg"] = f"Nothing was changed: {self._held_back}" if self._held_back else done
        return result

    def _warn(self, before: Sequence[Json], after: Sequence[Json]) -> None:
        written = self._loop.written
        if self._request.enabled:
            state = str(((self._balancer or {}).get("State") or {}).get("Code") or "active")
            self._notes += report.warnings_of_enter(before, self._request, written, state)
        else:
            self._notes += report.warnings_of_exit(before, after, written)


def _after(state: State, step: Step) -> State:
    return {**state, step.listener: after_step(state[step.listener], step)}


def _bare(listener: Json) -> Json:
    return {name: value for name, value in listener.items() if name not in ("Rules", "Tags")}
