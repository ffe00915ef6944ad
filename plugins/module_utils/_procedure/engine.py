# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The engine: it takes a run from one task to the next. What is to be done is decided here, and asked for by ports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError, defect
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import problems_of_fronts
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import routing_controls
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import Asking
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.libraries import library_problems
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.plan import steps_from
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.procedure import refuse_if
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.registry import (
    BUILT_IN,
    PROCEDURES,
    known_steps,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.resource import (
    observe,
    problems_of_resources,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import (
    NO_CLAIM,
    Json,
    Run,
    Step,
    begin_step,
    end_step,
    end_undo,
    fail_step,
    keeps_what_was_done,
    needs_guard,
    only_observes,
    reported_undo,
    steps_of,
    steps_to_undo,
)


def _taken(steps: list[Step]) -> list[BuiltIn]:
    return [BUILT_IN[step["name"]] for step in steps if step.get("own") and not step.get("skip")]


def _looks(step: Step) -> bool:
    return bool(step.get("observes"))


@dataclass
class Engine:
    """One run, with what it asks.

    :ivar now: the time, RFC 3339 in UTC.
    :ivar folder: where relative paths of the user's files begin; None where there is no such place.
    :ivar check_receivers: what is wrong with the notification targets, a sentence each.
    :ivar has_library: whether a module can be imported by the Python that runs Ansible.
    :ivar check_file: why a file of the user's could not be run; empty if it can.
    """

    context: Context
    now: Callable[[], str]
    folder: str | None = None
    check_file: Callable[[str], str] = lambda _path: ""
    check_receivers: Callable[[], list[str]] = list
    has_library: Callable[[str], bool] = lambda _module: True

    @property
    def run(self) -> Run:
        """The run as it stands."""
        return self.context.run

    def begin(self) -> None:
        """The same as :meth:`beginning`, for this service alone."""
        self.context.alone(self.beginning())

    def beginning(self) -> Asking[None]:
        """Plan the steps, and see whether the procedure may begin. What refuses it ends the run."""
        procedure, context = PROCEDURES[self.run.operation], self.context
        try:
            # These are reported first, all of them, whatever is wrong with the steps too.
            refuse_if(self.problems())
            steps = self.plan()
            context.observe = lambda: self._observing(steps)
            yield from procedure.begin(context)
        except TidegateError as problem:
            self._refuse(problem)
        else:
            if self.run.goes_on:
                self.run.steps = steps_of(self.run, steps)
        self._keep_beginning()

    def _observing(self, steps: list[Step]) -> Asking[None]:
        yield from observe(self.context, _taken(steps))
        if self.run.operation == "failover":
            yield from routing_controls.observe(self.context)

    def problems(self) -> list[str]:
        """What is wrong with the variables, a sentence each; the steps and their files are another matter."""
        options, page = self.context.options, self.context.page
        own = PROCEDURES[self.run.operation].problems(options)
        of_variables = [*own, *problems_of_fronts(page), *problems_of_resources(options)]
        of_variables += [*routing_controls.problems(options), *self.check_receivers()]
        return of_variables or library_problems(options, page, self.has_library)

    def plan(self) -> list[Step]:
        """The steps that would be taken, if the variables are as they have to be.

        :raises RefusedError: steps, their order or their files are not.
        """
        procedure, options = PROCEDURES[self.run.operation], self.context.options
        given = [*procedure.always, *(options.get("steps") or procedure.steps(options))]
        known = known_steps(self.run.operation, options, self.context.page)
        return steps_from(given, known, order=procedure.order(options), folder=self.folder, problem_of=self.check_file)

    def prove(self) -> None:
        """See, once, what is left to be seen before the first step."""
        if not self.run.goes_on or self.run.memory.get("proven"):
            return
        self.run.memory["proven"] = True
        self.context.outcome.clear()
        try:
            PROCEDURES[self.run.operation].prove(self.context)
        except TidegateError as problem:
            self._refuse(problem)
        self._keep_beginning()

    def _refuse(self, problem: TidegateError) -> None:
        self.run.problem, self.run.code, self.run.status = str(problem), problem.code, "refused"

    def _keep_beginning(self) -> None:
        self.run.gates += self.context.outcome.get("gates", [])
        self.run.overrides += self.context.outcome.get("overrides", [])
        self.context.outcome.clear()

    def users_gates(self, number: int | None) -> list[Json]:
        """The gates that are tasks of the user's and are to be run now: before a step, or before the first one.

        Those that do not say that they change nothing are not run in check mode.
        """
        if not self.run.goes_on or self.run.memory.get("only") is not None:
            return []
        if number is None:
            gates = PROCEDURES[self.run.operation].gates(self.context.options)
        else:
            built_in = BUILT_IN.get(self.run.to_take[number]["name"])
            gates = built_in.gates(self.context.options) if built_in else []
        own = [gate for gate in gates if gate.get("tasks")]
        return [gate for gate in own if not self.run.check or gate["tasks"].get("read_only")]

    @property
    def tail(self) -> int:
        """From which step on only observations are left, with no file of the user's. Others need not wait for that."""
        taken = self.run.to_take
        last = (
            number for number in reversed(range(len(taken))) if self._needs_file(number) or not _looks(taken[number])
        )
        return next(last, -1) + 1

    @property
    def pauses(self) -> int:
        """How often at most a file of the user's is still to be run."""
        run = self.run
        if not run.goes_on:
            return 0
        left = [number for number, step in enumerate(run.to_take) if step["name"] not in run.results]
        return sum(self._needs_file(number) for number in left)

    def _needs_file(self, number: int) -> bool:
        step = self.run.to_take[number]
        return bool(step.get("tasks") and not self._only_predicts(step)) or bool(self.users_gates(number))

    def end_gate(self, gate: Json, began: str, problem: str | None) -> None:
        """The user's tasks of a gate have run through, or failed."""
        result = {"name": gate["name"], "passed": problem is None, "from": began, "to": self.now()}
        result["observed"] = "the tasks ran without a failure" if problem is None else problem
        if problem is not None:
            result["remedy"] = "Do what its message says, and run this again."
        self.run.memory.setdefault("task_results", []).append(result)

    def take(self, number: int) -> str:
        """The same as :meth:`taking`, for this service alone."""
        return self.context.alone(self.taking(number))

    def taking(self, number: int) -> Asking[str]:
        """Take a step; one of the user's is only begun.

        :param number: its place among those that are taken.
        :returns: the file of the user's that is to be run now; empty if there is none.
        """
        run, step = self.run, self.run.to_take[number]
        if not run.goes_on:
            return ""
        self._look_before(step)
        run.current = {"name": step["name"], "began": self.now()}
        self.context.outcome.clear()
        self.context.keep()
        try:
            self._guard(step)
            begin_step(run, step, self.now())
            if step.get("tasks") and not self._only_predicts(step):
                return str(step["tasks"])
        except TidegateError as problem:
            fail_step(run, step, str(problem), {}, self.now(), problem.code)
        else:
            yield from self._take_built_in(step)
        return ""

    def _look_before(self, step: Step) -> None:
        """Look at what is about to be promoted. That is for the record: whatever goes wrong with it stops nothing."""
        run = self.run
        if run.check or run.point_of_no_return_at or not step.get("point_of_no_return"):
            return
        self.context.outcome.clear()
        began = self.now()
        try:
            PROCEDURES[run.operation].before_promotion(self.context)
        except Exception as broken:  # noqa: BLE001
            run.memory["not_measured"] = str(broken if isinstance(broken, TidegateError) else defect(broken))
        # What is no gate of the user's has no times of its own.
        run.gates += [{"from": began, "to": began, **gate} for gate in self.context.outcome.get("gates", [])]

    def _only_predicts(self, step: Step) -> bool:
        return self.run.check and not step.get("read_only")

    def _take_built_in(self, step: Step) -> Asking[None]:
        """What the collection does in a step; nothing in one of the user's, which is not run in check mode."""
        run, outcome = self.run, self.context.outcome
        try:
            if step.get("own"):
                asking = BUILT_IN[step["name"]].take(self.context)
                if asking is not None:
                    yield from asking
            else:
                outcome.update(status="not evaluated", changed=False, msg=f"Check mode: {step['tasks']} would be run.")
        except TidegateError as problem:
            fail_step(run, step, str(problem), outcome, self.now(), problem.code)
        else:
            end_step(run, step, outcome, self.now())

    def end(self, problem: str | None, code: str = "") -> None:
        """The user's tasks of the present step have run through, or failed."""
        step = self.run.step(self.run.current["name"])
        if problem is not None:
            fail_step(self.run, step, problem, {}, self.now(), code)
        elif step.get("own"):
            self.context.alone(self._take_built_in(step))
            # Whatever that says, the user's tasks may have changed something.
            self.run.results[step["name"]]["changed"] = True
        else:
            end_step(self.run, step, {}, self.now())

    def _guard(self, step: Step) -> None:
        """:raises TidegateError: another run has taken over."""
        if not needs_guard(self.run, step):
            return
        self.context.guard()

    def complete(self) -> None:
        """All steps have been taken: leave that in the state, and say it. Or say why it came to nothing."""
        run, procedure = self.run, PROCEDURES[self.run.operation]
        # Where an earlier run is finished, there may be no step left.
        if not run.goes_on or not (run.results or run.memory.get("only") is not None):
            return
        if NO_CLAIM in run.memory and not run.check:
            run.point_of_no_return_at = run.point_of_no_return_at or self.now()
            run.problem = routing_controls.said_without_claim(run.memory)
            return
        try:
            # In check mode nothing was unlocked, so the state after that cannot be predicted by the module.
            if procedure.completed_phase and not (run.check and "unlock" in run.results):
                self._leave(procedure.completed_phase)
        except TidegateError as problem:
            # Undoing all steps for this would do harm.
            run.point_of_no_return_at = run.point_of_no_return_at or self.now()
            run.code = problem.code
            run.problem = (
                f"Every step was taken, but the state could not be written: {problem} Run the playbook "
                "tidegate.failover.acknowledge, so that the next run knows."
            )
        else:
            run.status, run.msg = "completed", procedure.completed(run)

    def as_reported(self) -> Run:
        """The run as it is reported: where it goes on, as if it had succeeded."""
        if not self.run.goes_on:
            return self.run
        return replace(self.run, status="completed", msg=PROCEDURES[self.run.operation].completed(self.run))

    def _leave(self, phase: str) -> None:
        self.context.state(run_id=self.run.id, operation=self.run.operation, phase=phase)

    def fail(self, problem: str, code: str = "") -> None:
        """The run ends early: say why, and what is to be undone. If nothing is, a person has to check."""
        run = self.run
        if not run.problem:
            run.problem, run.code = problem, code
        run.msg = run.problem if run.problem.rstrip().endswith((".", "!", "?")) else f"{run.problem}."
        if run.status == "refused":
            return
        run.status = "failed" if run.results else "refused"
        run.memory["undo"] = self._undo_if_held() if run.results and not run.check else []
        if keeps_what_was_done(run) and run.results and not run.check and NO_CLAIM not in run.memory:
            self._say_what_stays()

    def break_off(self, problem: str, code: str = "TG-DEFECT") -> None:
        """Something broke that nobody foresaw. What was being done has failed, and may have had an effect."""
        run, name = self.run, self.run.current.get("name", "")
        if name and name not in run.results:
            fail_step(run, run.step(name), problem, self.context.outcome, self.now(), code)
        elif name in run.memory.get("undo", []) and run.results[name]["undo"] is None:
            self.end_undo(problem)
        else:
            run.problem, run.code = run.problem or problem, run.code or code
            run.msg = run.msg or run.problem

    def _undo_if_held(self) -> list[str]:
        """The steps to undo; none where another run has the service now."""
        names = steps_to_undo(self.run)
        if not names:
            return []
        try:
            held = self.context.state(run_id=self.run.id)
        except TidegateError as problem:
            self.run.msg += f" Nothing was undone: {problem}"
            return []
        if held["holds_claim"] and self.run.claim_is_final:
            # The lock is in force, though the step that placed it broke before it could say so.
            self.run.point_of_no_return_at = self.now()
            return []
        if held["holds_claim"] or held["claim"] == "open":
            return names
        self.run.msg += f" Nothing was undone, because run {(held['lock'] or {}).get('id', '-')} has the service now."
        return []

    def _say_what_stays(self) -> None:
        """What holds by now is read, not concluded. A claim that is still held is left to a person."""
        run = self.run
        if run.ended_by and only_observes(run, run.step(run.ended_by)):
            run.msg += " The service was moved, and that is not confirmed. Nothing was undone."
        else:
            run.msg += f" The point of no return was passed at {run.point_of_no_return_at}, so nothing was undone."
        try:
            held = self.context.state(run_id=run.id)
            run.memory["claim_at_end"] = held["claim"]
            run.msg += f" {PROCEDURES[run.operation].forward(held['claim'])}"
            if held["holds_claim"]:
                self._leave("interrupted")
        except TidegateError as problem:
            run.msg += f" That could not be left in its state either: {problem}"

    def undo(self, number: int) -> str:
        """Undo a step; one of the user's is only begun.

        :param number: its place among those that are undone.
        :returns: the file of the user's that is to be run now; empty if there is none.
        """
        run = self.run
        name = run.memory["undo"][number]
        step = run.step(name)
        run.current = {"name": name, "began": self.now()}
        if not step.get("own"):
            return str(step["undo_tasks"])
        undo = BUILT_IN[name].undo
        try:
            msg = undo(self.context) if undo else ""
        except TidegateError as problem:
            self.end_undo(str(problem))
        else:
            end_undo(run, name, problem=None, msg=msg, now=self.now())
        return ""

    def end_undo(self, problem: str | None) -> None:
        """The user's tasks that undo a step have run through, or failed. The other steps are undone all the same."""
        end_undo(self.run, self.run.current["name"], problem=problem, msg="", now=self.now())

    def complete_undo(self) -> None:
        """Everything that could be undone has been."""
        run = self.run
        if not run.memory.get("undo"):
            return
        run.status = "undone" if run.undone else "failed"
        run.msg = f"{run.msg} {reported_undo(run)}"
