# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What ``failover_state`` does between its options and its result."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import HealthCheckApi, Tags
from ansible_collections.tidegate.failover.plugins.module_utils._aws.reading import find
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    RefusedError,
    ServiceRejectedError,
    TidegateError,
    TransientError,
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
    by_word,
    next_state,
    read_state,
    state_tag,
    state_tags_in,
    told_state,
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
    return create_aws_module(
        {
            "health_check_id": {"type": "str", "required": True},
            "operation": {
                "type": "str",
                "default": "none",
                "choices": ["none", "failover", "failback", "acknowledge"],
            },
            "run_id": {"type": "str"},
            "trigger": {"type": "str", "default": "manual", "choices": ["manual", "automatic"]},
            "automatic_allowed": {"type": "bool", "default": True},
            "block_period": {"type": "int", "default": 3600},
            "phase": {"type": "str", "choices": list(PHASES)},
            "downtime": {"type": "int"},
            "by": {"type": "str", "default": ""},
            "service": {"type": "str", "default": ""},
            "inventory": {"type": "list", "elements": "str", "default": []},
            "lock_path": {"type": "str", "default": DEFAULT_LOCK_PATH},
            "wait_timeout": {"type": "int", "default": 60},
        },
        required_if=[("phase", phase, ["run_id"]) for phase in PHASES],
    )


def run(module: AnsibleAWSModule) -> None:
    """Read the state, decide, and write it where a phase is given."""
    params, clock = module.params, Clock()
    state: _State | None = None
    try:
        _check_options(params)
        api, end = health_check_api(module, clock), Deadline(params["wait_timeout"], clock)
        state = _State(api, end, params)
        result = state.write(check_mode=module.check_mode) if params["phase"] else state.told()
    except TidegateError as problem:
        module.fail_json(msg=str(problem), changed=state is not None and state.written)
    module.exit_json(**result)


def _check_options(params: t.Mapping[str, t.Any]) -> None:
    if params["wait_timeout"] < 1:
        raise RefusedError(f"wait_timeout is {params['wait_timeout']}. Give at least one second.")
    for option in ("block_period", "downtime"):
        if (params[option] or 0) < 0:
            raise RefusedError(f"{option} is {params[option]}. Give seconds, zero or more.")
    if params["run_id"] is not None and not LOCK_ID.fullmatch(params["run_id"]):
        raise RefusedError(
            f"run_id is {params['run_id']!r}. A run is called by its UTC time and eight hexadecimal digits, as in "
            "'20261121T030405Z-3f9a1c2e', because its lock is called the same."
        )
    if params["downtime"] is not None and not params["phase"]:
        raise RefusedError("downtime is written with a phase. Give both, or neither to only look.")


class _State:
    """The health check that holds a service's state, with its tags.

    :ivar written: whether this has changed its tags, or may have.
    """

    def __init__(self, api: HealthCheckApi, deadline: Deadline, params: t.Mapping[str, t.Any]) -> None:
        self._api, self._deadline, self._params = api, deadline, params
        self.written = False
        # In this order: a run that takes over locks first and then writes. So where the lock is still this run's, none
        # of the tags, which may be removed, is that of a run after it.
        self._tags = self._read_tags()
        self._check = self._read()

    def _read(self) -> HealthCheck:
        check_id = self._params["health_check_id"]
        found = find(self._api, Selection(ids=(check_id,)), self._deadline.for_another)
        if problem := found.problems.get(check_id):
            raise problem
        check = found.checks[check_id]
        try:
            check_claimable(check, self._params["lock_path"])
        except RefusedError as problem:
            raise RefusedError(f"Health check {check_id} can hold no claim. {problem}") from problem
        return check

    def _read_tags(self) -> Tags:
        check_id = self._params["health_check_id"]
        return call_patiently(lambda: self._api.tags([check_id]), self._deadline)[check_id]

    def _service(self) -> Service:
        lock = read_lock(self._check, self._params["lock_path"], self._tags)
        try:
            return Service(lock, read_state(self._tags, lock.id if lock else None))
        except ValueError as problem:
            return Service(lock, None, damaged=str(problem))

    def told(self) -> Result:
        """What was read and, where an operation is given, whether it may begin."""
        service, params = self._service(), self._params
        asked = Asked(
            operation=params["operation"],
            run=params["run_id"],
            automatic=params["trigger"] == "automatic",
            automatic_allowed=params["automatic_allowed"],
            block_period=params["block_period"],
            acknowledge=acknowledge_command(params["service"], params["health_check_id"], params["inventory"]),
        )
        verdict = None if asked.operation == "none" else decide(service, asked, self._api.clock.moment())
        return {"changed": False, **self._picture(service), **_told_verdict(verdict)}

    def _picture(self, service: Service) -> Result:
        lock, moment = service.lock, self._api.clock.moment()
        return {
            "lock": report.told_lock(lock, self._tags) if lock else None,
            "state": told_state(service.state),
            "claim": service.claim,
            "time": moment.service.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "clock_problem": clock_problem(moment),
            "holds_claim": lock is not None and lock.id == self._params["run_id"],
        }

    def write(self, *, check_mode: bool) -> Result:
        """Write the phase.

        :raises RefusedError: the claim is another's, or nobody's.
        """
        service, params = self._service(), self._params
        self._check_claim(service, predicted=check_mode)
        after = next_state(
            service.state,
            run=params["run_id"],
            phase=params["phase"],
            operation=params["operation"],
            now=self._api.clock.moment().service,
            downtime=params["downtime"],
            by=by_word(params["by"]),
        )
        tag, found = state_tag(after), state_tags_in(self._tags)
        if found != tag and not check_mode:
            self._write_tag(tag, [key for key in found if key not in tag])
            self._check_still(service)
        told = self._picture(service) | {"state": told_state(after)}
        text = " ".join(tag.values())
        return {
            "changed": found != tag,
            "msg": f"The state is now: {text}.",
            "diff": {"before": found, "after": tag},
            **told,
        }

    def _write_tag(self, tag: Tags, instead_of: list[str]) -> None:
        try:
            call_patiently(lambda: self._send(tag, instead_of), self._deadline)
        except ServiceRejectedError as problem:
            full = no_room(self._tags, tag, instead_of)
            if not full:
                raise
            raise RefusedError(
                f"The state was not written: there is no room for the tag {TAG} on health check {self._check.id}. "
                f"{full} What is locked stays locked."
            ) from problem

    def _send(self, tag: Tags, instead_of: list[str]) -> None:
        try:
            self._api.add_tags(self._check.id, tag, instead_of)
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
            f"more); there is {found}. Somebody has taken over. Stop, and look who."
        )

    def _may_write_without_lock(self) -> bool:
        """After an acknowledgement, and at the end of a failback, whose lock is open by then."""
        operation, phase = self._params["operation"], self._params["phase"]
        return bool(operation == "acknowledge" or (operation == "failback" and phase == "serving"))

    def _check_still(self, service: Service) -> None:
        """Tags know no versions, so another run may have taken the service over while the state was written."""
        lock = read_lock(self._read(), self._params["lock_path"])
        if (lock and lock.id) == (service.lock and service.lock.id):
            return
        if service.lock is None and lock is not None:
            raise RefusedError(
                f"Run {lock.id} has begun while the state was written. Run this again when it has ended, and look "
                "whether that run has."
            )
        found = f"the lock is {lock.id} now" if lock else "its lock has been released"
        raise RefusedError(
            f"Run {self._params['run_id']} lost the claim on health check {self._check.id} while it wrote its state: "
            f"{found}. The phase it wrote does not count, and the state of other runs is intact. Stop, and find out "
            "who has taken over."
        )


def _told_verdict(verdict: Verdict | None) -> Result:
    if verdict is None:
        return {"allowed": None, "already": None, "replaces": None, "next_phase": None, "msg": ""}
    return {
        "allowed": verdict.allowed,
        "already": verdict.already,
        "replaces": verdict.replaces,
        "next_phase": verdict.phase,
        "msg": verdict.msg,
    }
