# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The engine: it takes a run from one task to the next. It decides what to do, and acts through its ports."""

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


def _only_observes(step: Step) -> bool:
    return bool(step.get("observes"))


@dataclass
class Engine:
    """One run, with its ports.

    :ivar now: the time, RFC 3339 in UTC.
    :ivar folder: the base of relative paths of the user's files; None if there is none.
    :ivar check_receivers: problems of the notification targets, a sentence each.
    :ivar has_library: whether the Python that runs Ansible can import a module.
    :ivar check_file: why a file of the user's cannot be run; empty if it can.
    """

    context: Context
    now: Callable[[], str]
    folder: str | None = None
    check_file: Callable[[str], str] = lambda _path: ""
    check_receivers: Callable[[], list[str]] = list
    has_library: Callable[[str], bool] = lambda _module: True

    @property
    def run(self) -> Run:
        """The present state of the run."""
        return self.context.run

    def begin(self) -> None:
        """The same as :meth:`beginning`, for this service alone."""
        self.context.alone(self.beginning())

    def beginning(self) -> Asking[None]:
        """Plan the steps, and check whether the procedure may begin. A refusal ends the run."""
        procedure, context = PROCEDURES[self.run.operation], self.context
        try:
            # All problems of variables are reported before problems of the steps.
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
        """Problems of the variables, a sentence each. Steps and their files are checked by :meth:`plan`."""
        options, page = self.context.options, self.context.page
        own = PROCEDURES[self.run.operation].problems(options)
        of_variables = [*own, *problems_of_fronts(page), *problems_of_resources(options)]
        of_variables += [*routing_controls.problems(options), *self.check_receivers()]
        return of_variables or library_problems(options, page, self.has_library)

    def plan(self) -> list[Step]:
        """The steps that would be taken. The variables must be valid.

        :raises RefusedError: the steps, their order or their files are wrong.
        """
        procedure, options = PROCEDURES[self.run.operation], self.context.options
        given = [*procedure.always, *(options.get("steps") or procedure.steps(options))]
        known = known_steps(self.run.operation, options, self.context.page)
        return steps_from(given, known, order=procedure.order(options), folder=self.folder, problem_of=self.check_file)

    def prove(self) -> None:
        """Make the last checks before the first step, once, such as the gates of a failback."""
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
        """The gates of kind ``tasks`` to run now.

        In check mode, only gates that are declared ``read_only`` are run.

        :param number: the step that they are run before; None for the gates before the first step.
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
        """The first step of the final part that only observes and runs no file. No other service waits for it."""
        taken = self.run.to_take
        last = (
            number
            for number in reversed(range(len(taken)))
            if self._needs_file(number) or not _only_observes(taken[number])
        )
        return next(last, -1) + 1

    @property
    def pauses(self) -> int:
        """How many files of the user's are still to be run at most."""
        run = self.run
        if not run.goes_on:
            return 0
        left = [number for number, step in enumerate(run.to_take) if step["name"] not in run.results]
        return sum(self._needs_file(number) for number in left)

    def _needs_file(self, number: int) -> bool:
        step = self.run.to_take[number]
        return bool(step.get("tasks") and not self._only_predicts(step)) or bool(self.users_gates(number))

    def end_gate(self, gate: Json, began: str, problem: str | None) -> None:
        """The user's tasks of a gate have succeeded or failed."""
        result = {"name": gate["name"], "passed": problem is None, "from": began, "to": self.now()}
        result["observed"] = "the tasks ran without a failure" if problem is None else problem
        if problem is not None:
            result["remedy"] = "Follow its message, and run this again."
        self.run.memory.setdefault("task_results", []).append(result)

    def take(self, number: int) -> str:
        """The same as :meth:`taking`, for this service alone."""
        return self.context.alone(self.taking(number))

    def taking(self, number: int) -> Asking[str]:
        """Take a step. A step of the user's is only begun.

        :param number: its position among the steps that are taken.
        :returns: the file of the user's that is to be run now; empty if there is none.
        """
        run, step = self.run, self.run.to_take[number]
        if not run.goes_on:
            return ""
        self._measure_before(step)
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

    def _measure_before(self, step: Step) -> None:
        """Measure what is about to be promoted. This is for the record only: an error does not stop the run."""
        run = self.run
        if run.check or run.point_of_no_return_at or not step.get("point_of_no_return"):
            return
        self.context.outcome.clear()
        began = self.now()
        try:
            PROCEDURES[run.operation].before_promotion(self.context)
        except Exception as broken:  # noqa: BLE001
            run.memory["not_measured"] = str(broken if isinstance(broken, TidegateError) else defect(broken))
        # Only gates of the user's have their own times.
        run.gates += [{"from": began, "to": began, **gate} for gate in self.context.outcome.get("gates", [])]

    def _only_predicts(self, step: Step) -> bool:
        return self.run.check and not step.get("read_only")

    def _take_built_in(self, step: Step) -> Asking[None]:
        """The collection's part of a step. In check mode, a step of the user's is not run."""
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
            # The user's tasks may have changed something, so the step counts as changed.
            self.run.results[step["name"]]["changed"] = True
        else:
            end_step(self.run, step, {}, self.now())

    def _guard(self, step: Step) -> None:
        """:raises TidegateError: another run has taken over."""
        if not needs_guard(self.run, step):
            return
        self.context.guard()

    def complete(self) -> None:
        """All steps have been taken: write the service's state, and set the message of the run."""
        run, procedure = self.run, PROCEDURES[self.run.operation]
        # Where an earlier run is finished, there may be no step left.
        if not run.goes_on or not (run.results or run.memory.get("only") is not None):
            return
        if NO_CLAIM in run.memory and not run.check:
            run.point_of_no_return_at = run.point_of_no_return_at or self.now()
            run.problem = routing_controls.message_without_claim(run.memory)
            return
        try:
            # In check mode nothing was unlocked, so the state after that cannot be predicted by the module.
            if procedure.completed_phase and not (run.check and "unlock" in run.results):
                self._leave(procedure.completed_phase)
        except TidegateError as problem:
            # Do not undo all steps because of this: that would do harm.
            run.point_of_no_return_at = run.point_of_no_return_at or self.now()
            run.code = problem.code
            run.problem = (
                f"Every step was taken, but the state could not be written: {problem} Run the playbook "
                "tidegate.failover.acknowledge, so that the next run knows."
            )
        else:
            run.status, run.msg = "completed", procedure.completed(run)

    def as_reported(self) -> Run:
        """The run as it is reported. A run that is still in progress is reported as if it had succeeded."""
        if not self.run.goes_on:
            return self.run
        return replace(self.run, status="completed", msg=PROCEDURES[self.run.operation].completed(self.run))

    def _leave(self, phase: str) -> None:
        self.context.state(run_id=self.run.id, operation=self.run.operation, phase=phase)

    def fail(self, problem: str, code: str = "") -> None:
        """The run ends early: set why, and what is to be undone. If nothing is undone, a person has to check."""
        run = self.run
        if not run.problem:
            run.problem, run.code = problem, code
        run.msg = run.problem if run.problem.rstrip().endswith((".", "!", "?")) else f"{run.problem}."
        if run.status == "refused":
            return
        run.status = "failed" if run.results else "refused"
        run.memory["undo"] = self._undo_if_held() if run.results and not run.check else []
        if keeps_what_was_done(run) and run.results and not run.check and NO_CLAIM not in run.memory:
            self._report_remains()

    def break_off(self, problem: str, code: str = "TG-DEFECT") -> None:
        """An unexpected error occurred. The present step or undo has failed, and may have had an effect."""
        run, name = self.run, self.run.current.get("name", "")
        if name and name not in run.results:
            fail_step(run, run.step(name), problem, self.context.outcome, self.now(), code)
        elif name in run.memory.get("undo", []) and run.results[name]["undo"] is None:
            self.end_undo(problem)
        else:
            run.problem, run.code = run.problem or problem, run.code or code
            run.msg = run.msg or run.problem

    def _undo_if_held(self) -> list[str]:
        """The steps to undo; none if another run holds the service now."""
        names = steps_to_undo(self.run)
        if not names:
            return []
        try:
            held = self.context.state(run_id=self.run.id)
        except TidegateError as problem:
            self.run.msg += f" Nothing was undone: {problem}"
            return []
        if held["holds_claim"] and self.run.claim_is_final:
            # The lock is in force, although the step that placed it failed before it could record that.
            self.run.point_of_no_return_at = self.now()
            return []
        if held["holds_claim"] or held["claim"] == "open":
            return names
        self.run.msg += f" Nothing was undone, because run {(held['lock'] or {}).get('id', '-')} has the service now."
        return []

    def _report_remains(self) -> None:
        """Report what remains. The claim is read again, not assumed. If it is still held, a person has to decide."""
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
        """Undo a step. The undo of a step of the user's is only begun.

        :param number: its position among the steps that are undone.
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
        """The user's tasks that undo a step have succeeded or failed. The other steps are undone in both cases."""
        end_undo(self.run, self.run.current["name"], problem=problem, msg="", now=self.now())

    def complete_undo(self) -> None:
        """The undo has ended: set the status and message of the run."""
        run = self.run
        if not run.memory.get("undo"):
            return
        run.status = "undone" if run.undone else "failed"
        run.msg = f"{run.msg} {reported_undo(run)}"
