# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``failover_state``."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import SignInError
from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import (
    TAGS_AT_ONCE,
    HealthCheckApi,
    Tags,
)
from ansible_collections.tidegate.failover.plugins.module_utils._aws.reading import Found, find, side_by_side
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    RefusedError,
    ServiceRejectedError,
    TidegateError,
    TransientError,
    UnreachableError,
    WaitTimeoutError,
    code_of_first,
    defect,
    failure,
)
from ansible_collections.tidegate.failover.plugins.module_utils._failover.decision import (
    Asked,
    Service,
    Verdict,
    acknowledge_command,
    decide,
)
from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import (
    PHASES,
    TAG,
    State,
    by_word,
    next_state,
    read_state,
    reported_state,
    state_tag,
    state_tags_in,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock import report
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import no_room
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lockable import check_claimable
from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import clock_problem
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH, LOCK_ID
from ansible_collections.tidegate.failover.plugins.module_utils._lock.selection import Selection
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import (
    create_aws_module,
    health_check_api,
)

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Result = dict[str, t.Any]


def create_module() -> AnsibleAWSModule:
    """The Ansible module with its argument spec."""
    one: dict[str, t.Any] = {
        "operation": {
            "type": "str",
            "default": "none",
            "choices": ["none", "failover", "failback", "acknowledge"],
        },
        "run_id": {"type": "str"},
        "trigger": {"type": "str", "default": "manual", "choices": ["manual", "automatic"]},
        "automatic_allowed": {"type": "bool", "default": True},
        "cooldown": {"type": "int", "default": 3600},
        "phase": {"type": "str", "choices": list(PHASES)},
        "suppress": {"type": "int"},
        "by": {"type": "str", "default": ""},
        "service": {"type": "str", "default": ""},
        "inventory": {"type": "list", "elements": "str", "default": []},
        "found": {"type": "dict"},
    }
    run_id = [("phase", phase, ["run_id"]) for phase in PHASES]
    target = {"health_check_id": {"type": "str", "required": True}, **one}
    return create_aws_module(
        {
            "health_check_id": {"type": "str"},
            **one,
            "targets": {"type": "list", "elements": "dict", "options": target, "required_if": run_id},
            "lock_path": {"type": "str", "default": DEFAULT_LOCK_PATH},
            "wait_timeout": {"type": "int", "default": 60},
        },
        mutually_exclusive=[("health_check_id", "targets")],
        required_one_of=[("health_check_id", "targets")],
        required_if=run_id,
    )


def run(module: AnsibleAWSModule) -> None:
    """Read the states, decide, and write those for which a phase is given."""
    params, clock = module.params, Clock()
    targets = params["targets"]
    try:
        if params["wait_timeout"] < 1:
            raise RefusedError(f"wait_timeout is {params['wait_timeout']}. Give at least one second.")
        if targets == []:
            raise RefusedError("targets is empty, so it names no service. Name at least one target.")
        api, end = health_check_api(module, clock), Deadline(params["wait_timeout"], clock)
    except TidegateError as problem:
        module.fail_json(**failure(problem), changed=False)
    states = [_State(api, end.for_another(), one, params["lock_path"]) for one in targets or [params]]
    _States(api, end, states).go(check_mode=module.check_mode)
    results = [state.result() for state in states]
    if targets is not None:
        _finish(module, results)
    (result,) = results
    if result.pop("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


def _finish(module: AnsibleAWSModule, results: list[Result]) -> None:
    """End a task with targets."""
    failed = [result for result in results if result["failed"]]
    outcome = {"changed": any(result["changed"] for result in results), "targets": results}
    if failed:
        reported = " | ".join(f"{result['health_check_id']}: {result['msg']}" for result in failed)
        module.fail_json(
            msg=f"{len(failed)} of {len(results)} services: {reported}", **outcome, **code_of_first(results)
        )
    module.exit_json(msg=f"{len(results)} services.", **outcome)


def _check_options(params: t.Mapping[str, t.Any]) -> None:
    for option in ("cooldown", "suppress"):
        if (params[option] or 0) < 0:
            raise RefusedError(f"{option} is {params[option]}. Give seconds, zero or more.")
    if params["run_id"] is not None and not LOCK_ID.fullmatch(params["run_id"]):
        raise RefusedError(
            f"run_id is {params['run_id']!r}. A run id is a UTC time and eight hexadecimal digits, as in "
            "'20261121T030405Z-3f9a1c2e', because its lock has the same id."
        )
    if params["found"] is not None and not params["phase"]:
        raise RefusedError(
            "found is what was read before a phase is written. Give both, or neither to only read the state."
        )
    if params["suppress"] is not None and not params["phase"]:
        raise RefusedError("suppress is written with a phase. Give both, or neither to only read the state.")


class _States:
    """The states of all services of a task, read together. A service that fails does not stop the others."""

    def __init__(self, api: HealthCheckApi, end: Deadline, states: Sequence[_State]) -> None:
        self._api, self._end, self._states = api, end, states

    def go(self, *, check_mode: bool) -> None:
        """Read the states, decide, and write."""
        self._try(_State.check_options, self._states)
        claimed = [state for state in self._states if state.is_claimed]
        self._try(lambda state: state.write_claimed(check_mode=check_mode), claimed)
        self._states = [state for state in self._states if not state.is_claimed]
        # Tags first, then locks: a run that takes over places its lock before it writes tags. So where the lock is
        # still this run's, no tag that was read, and may be removed, belongs to a later run.
        self._read_tags()
        self._read_checks(self._states)
        self._try(lambda state: state.act(check_mode=check_mode), self._states)
        written = [state for state in self._states if state.to_confirm]
        if written:
            # Tags have no versions, so another run may have taken over a service while its state was written.
            self._read_checks(written)
            self._try(_State.confirm, written)

    def _try(self, act: Callable[[_State], None], states: Sequence[_State]) -> None:
        def attempt(state: _State) -> None:
            try:
                if state.problem is None:
                    act(state)
            except TidegateError as problem:
                state.problem = problem
            # An unexpected error must not hide the results of the others.
            except Exception as broken:  # noqa: BLE001
                state.problem = defect(broken)

        side_by_side(attempt, states)

    def _read_tags(self) -> None:
        ids = _ids(self._states)
        parts = [ids[start : start + TAGS_AT_ONCE] for start in range(0, len(ids), TAGS_AT_ONCE)]
        found = {check_id: tags for part in side_by_side(self._tags_of, parts) for check_id, tags in part.items()}
        for state in _without_problem(self._states):
            state.note_tags(found[state.check_id])

    def _tags_of(self, ids: Sequence[str]) -> Mapping[str, Tags | TidegateError]:
        """The tags of each health check. If one must not be read, the whole request fails, so each is read alone."""
        try:
            return call_patiently(lambda: self._api.tags(ids), self._end.for_another())
        except TidegateError as problem:
            of_all = isinstance(problem, SignInError | UnreachableError | WaitTimeoutError)
            if len(ids) > 1 and not of_all:
                return {check_id: found for one in ids for check_id, found in self._tags_of([one]).items()}
            return dict.fromkeys(ids, problem)

    def _read_checks(self, states: Sequence[_State]) -> None:
        ids = _ids(states)
        if not ids:
            return
        try:
            found = find(self._api, Selection(ids=tuple(ids)), self._end.for_another)
        except TidegateError as problem:
            found = Found(ids, problems=dict.fromkeys(ids, problem))
        for state in _without_problem(states):
            state.note_check(found.problems.get(state.check_id) or found.checks[state.check_id])


def _without_problem(states: Sequence[_State]) -> list[_State]:
    """The states without a problem."""
    return [state for state in states if state.problem is None]


def _ids(states: Sequence[_State]) -> list[str]:
    """The ids of the health checks, each once."""
    return list(dict.fromkeys(state.check_id for state in _without_problem(states)))


class _State:
    """The health check that holds a service's state, with its tags.

    :ivar problem: why this service failed; None if it has not.
    :ivar written: whether this run has changed the tags, or may have.
    :ivar to_confirm: whether to check afterwards that no other run has taken over.
    """

    def __init__(self, api: HealthCheckApi, deadline: Deadline, params: t.Mapping[str, t.Any], lock_path: str) -> None:
        self._api, self._deadline, self._params, self._lock_path = api, deadline, params, lock_path
        self.check_id: str = params["health_check_id"]
        self.problem: TidegateError | None = None
        self.written = self.to_confirm = False
        self._tags: Tags = {}
        self._check: HealthCheck
        self._before: Service
        self._result: Result = {}

    def check_options(self) -> None:
        """:raises RefusedError: an option is not valid."""
        _check_options(self._params)

    @property
    def is_claimed(self) -> bool:
        """Whether the run has just placed its claim, after it read the state, so that nothing needs to be read."""
        return self._params["found"] is not None

    def write_claimed(self, *, check_mode: bool) -> None:
        """Write the phase of a run whose claim has just been placed.

        The claim is not checked here: it was placed by compare-and-set, and the next action of the run checks it. Each
        run has its own tag, so this write overwrites no other run's.
        """
        self._tags = {str(key): str(value) for key, value in self._params["found"].items()}
        try:
            before = read_state(self._tags, self._params["run_id"])
        except ValueError:
            before = None
        self._result = self._write_after(before, check_mode=check_mode)

    def note_tags(self, tags: Tags | TidegateError) -> None:
        """Note the tags that were read, or the error."""
        if isinstance(tags, TidegateError):
            self.problem = tags
        else:
            self._tags = tags

    def note_check(self, check: HealthCheck | TidegateError) -> None:
        """Note the health check that was read, or the error, and check that it can hold a claim."""
        if isinstance(check, TidegateError):
            self.problem = check
            return
        self._check = check
        try:
            check_claimable(check, self._lock_path)
        except RefusedError as problem:
            self.problem = RefusedError(
                f"Health check {self.check_id} can hold no claim. {problem}", code="TG-NOT-CLAIMABLE"
            )

    def act(self, *, check_mode: bool) -> None:
        """Write the phase if one is given, or report the state."""
        self._result = self._write(check_mode=check_mode) if self._params["phase"] else self._reported()

    def result(self) -> Result:
        """The result of this service."""
        if self.problem is not None:
            no_answer = isinstance(self.problem, TransientError | WaitTimeoutError)
            reported: Result = {
                "failed": True,
                **failure(self.problem),
                "changed": self.written,
                "no_answer": no_answer,
            }
        else:
            reported = {"failed": False, **self._result}
        return {"health_check_id": self.check_id, **reported}

    def _service(self) -> Service:
        lock = read_lock(self._check, self._lock_path, self._tags)
        try:
            return Service(lock, read_state(self._tags, lock.id if lock else None))
        except ValueError as problem:
            return Service(lock, None, damaged=str(problem))

    def _reported(self) -> Result:
        """The state and, where an operation is given, whether the operation may begin."""
        service, params = self._service(), self._params
        asked = Asked(
            operation=params["operation"],
            run=params["run_id"],
            automatic=params["trigger"] == "automatic",
            automatic_allowed=params["automatic_allowed"],
            cooldown=params["cooldown"],
            acknowledge=acknowledge_command(params["service"], params["health_check_id"], params["inventory"]),
        )
        verdict = None if asked.operation == "none" else decide(service, asked, self._api.clock.moment())
        return {"changed": False, **self._picture(service), **_reported_verdict(verdict)}

    def _picture(self, service: Service) -> Result:
        lock, moment = service.lock, self._api.clock.moment()
        return {
            "lock": report.reported_lock(lock, self._tags) if lock else None,
            "state": reported_state(service.state),
            "found": state_tags_in(self._tags),
            "claim": service.claim,
            "time": moment.service.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "clock_problem": clock_problem(moment),
            "holds_claim": lock is not None and lock.id == self._params["run_id"],
        }

    def _write(self, *, check_mode: bool) -> Result:
        """Write the phase.

        :raises RefusedError: another run holds the claim, or none does.
        """
        service = self._service()
        self._check_claim(service, predicted=check_mode)
        self._before, self.to_confirm = service, not check_mode
        reported = self._write_after(service.state, check_mode=check_mode)
        self.to_confirm = self.to_confirm and reported["changed"]
        return {**reported, **self._picture(service), "state": reported["state"]}

    def _write_after(self, before: State | None, *, check_mode: bool) -> Result:
        """Write the phase as the successor of a state."""
        params = self._params
        after = next_state(
            before,
            run=params["run_id"],
            phase=params["phase"],
            operation=params["operation"],
            now=self._api.clock.moment().service,
            suppress=params["suppress"],
            by=by_word(params["by"]),
        )
        tag, found = state_tag(after), state_tags_in(self._tags)
        if found != tag and not check_mode:
            self._write_tag(tag, [key for key in found if key not in tag])
        return {
            "changed": found != tag,
            "msg": f"The state is now: {' '.join(tag.values())}.",
            "diff": {"before": found, "after": tag},
            "state": reported_state(after),
        }

    def _write_tag(self, tag: Tags, instead_of: list[str]) -> None:
        try:
            call_patiently(lambda: self._send(tag, instead_of), self._deadline)
        except ServiceRejectedError as problem:
            if self.is_claimed:
                self._tags = call_patiently(lambda: self._api.tags([self.check_id]), self._deadline)[self.check_id]
            full = no_room(self._tags, tag, instead_of)
            if not full:
                raise
            raise RefusedError(
                f"The state was not written: there is no room for the tag {TAG} on health check {self.check_id}. "
                f"{full} What is locked stays locked.",
                code="TG-NO-TAGS-LEFT",
            ) from problem

    def _send(self, tag: Tags, instead_of: list[str]) -> None:
        try:
            self._api.add_tags(self.check_id, tag, instead_of)
        except TransientError as problem:
            self.written = self.written or problem.effect_unknown
            raise
        self.written = True

    def _check_claim(self, service: Service, *, predicted: bool) -> None:
        run_id, lock = self._params["run_id"], service.lock
        if (lock is not None and lock.id == run_id) or predicted:
            return
        if lock is None and self._may_write_without_lock():
            return
        found = f"lock {lock.id}" if lock else "no lock"
        raise RefusedError(
            f"The state was not written: run {run_id} does not hold the claim on health check {self._check.id} (any "
            f"more); there is {found}. Another run has taken over. Stop, and find out which one.",
            code="TG-CLAIM-LOST",
        )

    def _may_write_without_lock(self) -> bool:
        """True after an acknowledgement, and at the end of a failback, which has released its lock by then."""
        operation, phase = self._params["operation"], self._params["phase"]
        return bool(operation == "acknowledge" or (operation == "failback" and phase == "serving"))

    def confirm(self) -> None:
        """Check that the claim is unchanged after the state was written.

        :raises RefusedError: another run has taken over meanwhile.
        """
        service, lock = self._before, read_lock(self._check, self._lock_path)
        if (lock and lock.id) == (service.lock and service.lock.id):
            return
        if service.lock is None and lock is not None:
            raise RefusedError(
                f"Run {lock.id} has begun while the state was written. Wait until it has ended, then run this again.",
                code="TG-HELD-BY-ANOTHER",
            )
        found = f"the lock is {lock.id} now" if lock else "its lock has been released"
        raise RefusedError(
            f"Run {self._params['run_id']} lost the claim on health check {self._check.id} while it wrote its state: "
            f"{found}. The phase it wrote does not count, and the state of other runs is intact. Stop, and find out "
            "who has taken over.",
            code="TG-CLAIM-LOST",
        )


def _reported_verdict(verdict: Verdict | None) -> Result:
    if verdict is None:
        return {"allowed": None, "already": None, "replaces": None, "next_phase": None, "msg": "", "refusal_code": None}
    return {
        "allowed": verdict.allowed,
        "already": verdict.already,
        "replaces": verdict.replaces,
        "next_phase": verdict.phase,
        "msg": verdict.msg,
        "refusal_code": verdict.code or None,
    }
