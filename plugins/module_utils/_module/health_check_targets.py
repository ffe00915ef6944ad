# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The targets of ``r53_healthcheck_lock``: the claims of many services in one run, each with its own result."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ansible_collections.tidegate.failover.plugins.module_utils._aws.reading import Found, find
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    RefusedError,
    TidegateError,
    code_of_first,
    defect,
    failure,
)
from ansible_collections.tidegate.failover.plugins.module_utils._failover.last_site import LAST_SITE, override_from
from ansible_collections.tidegate.failover.plugins.module_utils._lock import report
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lockable import check_claimable
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import (
    METHODS,
    LockRequest,
    check_task,
    clock_warning,
    request_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.selection import Selection, selection_from
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import health_check_api
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_switch import HealthCheckSwitch
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_switches import (
    Switches,
    warn_and_diff,
)

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Result = dict[str, t.Any]

#: Options that apply to one lock or one service, so a task with targets cannot have them.
TARGETS_EXCLUDE = ("lock_id", "replaces", "restore_path", "override", "secondary_url")

_NOT_CLAIMED = "It was left unchanged, because health check {} was not claimed: that comes first."


@dataclass(frozen=True)
class Target:
    """The claim of one service.

    :ivar ids: the health checks of the service. The first one carries the claim.
    :ivar overridden: the reason why no other site has to serve; None if another site has to.
    """

    ids: tuple[str, ...]
    request: LockRequest
    overridden: str | None


def targets_argument_spec() -> dict[str, t.Any]:
    """The argument spec of the option that names targets."""
    override = {
        "checks": {"type": "list", "elements": "str", "default": [], "choices": [LAST_SITE]},
        "reason": {"type": "str", "required": True},
    }
    target = {
        "health_check_ids": {"type": "list", "elements": "str", "required": True},
        "lock_id": {"type": "str", "required": True},
        "replaces": {"type": "str"},
        "restore_path": {"type": "str"},
        "method": {"type": "str", "choices": list(METHODS)},
        "owner": {"type": "str"},
        "reason": {"type": "str"},
        "override": {"type": "dict", "options": override},
    }
    return {"targets": {"type": "list", "elements": "dict", "options": target}}


def targets_from(params: Mapping[str, t.Any], now: datetime) -> list[Target | RefusedError]:
    """All targets of a task in the given order; the error in place of a refused target, which stops no other.

    :raises RefusedError: an option of the whole task is not valid.
    """
    if params["state"] != "locked":
        raise RefusedError("targets places locks, so it goes with state: locked. Name health checks to unlock them.")
    if not params["targets"]:
        raise RefusedError("targets is empty, so it selects no health check. Name at least one target.")
    check_task(params)
    targets: list[Target | RefusedError] = []
    taken: dict[str, int] = {}
    for position, given in enumerate(params["targets"]):
        try:
            target = _target(params, given, now)
            _check_not_taken(target, taken)
        except RefusedError as problem:
            targets.append(problem)
            continue
        targets.append(target)
        taken |= dict.fromkeys(target.ids, position)
    return targets


def _target(params: Mapping[str, t.Any], given: Mapping[str, t.Any], now: datetime) -> Target:
    options = {**params, **{name: value for name, value in given.items() if value is not None}}
    overridden = override_from(given["override"], "locked")
    request = t.cast(LockRequest, request_from(options, now))
    return Target(selection_from(options).ids, request, overridden)


def _check_not_taken(target: Target, taken: Mapping[str, int]) -> None:
    """Only one target of a task can claim a health check, as only one of two runs can."""
    for check_id in target.ids:
        if check_id in taken:
            raise RefusedError(
                f"Health check {check_id} is also in targets[{taken[check_id]}], which comes first. Two services that "
                "share a health check cannot both be claimed; name it in one target."
            )


def lock_targets(module: AnsibleAWSModule, clock: Clock) -> None:
    """Lock all targets in parallel: first every claim, then the other health checks of the claimed services."""
    params = module.params
    try:
        targets = targets_from(params, datetime.now(UTC))
        asked = [target for target in targets if isinstance(target, Target)]
        new_deadline = Deadline(params["wait_timeout"], clock).for_another
        api = health_check_api(module, clock)
        ids = tuple(check_id for target in asked for check_id in target.ids)
        # A selection without ids would select every health check.
        found = find(api, Selection(ids=ids), new_deadline) if ids else Found([])
        task = Switches(module, api, found, new_deadline, guarded=not all(target.overridden for target in asked))
    except TidegateError as problem:
        module.fail_json(**failure(problem), changed=False, targets=[])
    if found.checks and (warning := clock_warning({"lock_id": asked[0].request.lock_id}, api.clock.moment())):
        module.warn(warning)
    locks = {id(target): _TargetLock(target, found, task) for target in asked}
    _lock(list(locks.values()), task)
    results = [
        locks[id(target)].result() if isinstance(target, Target) else _refused(target, given)
        for target, given in zip(targets, params["targets"], strict=True)
    ]
    for target in asked:
        if target.overridden:
            module.warn(f"{target.ids[0]}: Whether another site serves was not checked, because: {target.overridden}")
    _finish(module, results)


class _TargetLock:
    """One target and its progress."""

    def __init__(self, target: Target, found: Found, task: Switches) -> None:
        self._target, self._task = target, task
        self._switches = {check_id: self._switch(check_id, found) for check_id in target.ids}
        first, *others = self._switches.values()
        self.claim = first
        self.others = [switch for switch in others if switch]
        self._check_claimable()

    def _switch(self, check_id: str, found: Found) -> HealthCheckSwitch | None:
        request, check = self._target.request, found.checks.get(check_id)
        lock = read_lock(check, request.lock_path) if check else None
        if check_id != self._target.ids[0] and (lock is None or lock.id != request.replaces):
            # The run that this run takes over from may have locked only the first health check.
            request = replace(request, replaces=None, restore_path=None)
        return self._task.of(check_id, request, overridden=bool(self._target.overridden))

    def _check_claimable(self) -> None:
        if self.claim is None:
            return
        try:
            check_claimable(self.claim.check, self._target.request.lock_path)
        except RefusedError as problem:
            self.claim.problem = RefusedError(f"It can hold no claim. {problem}", code="TG-NOT-CLAIMABLE")

    def judge_claim(self) -> None:
        """Check whether the claim was placed. If not, this run must not lock the other health checks."""
        claim, wanted = self.claim, self._target.request.lock_id
        if claim is not None and claim.problem is None and not claim.held_back:
            lock = claim.lock()
            if lock is None or lock.id != wanted:
                claim.problem = RefusedError(
                    f"Lock {wanted} was not placed, because lock {lock.id if lock else '-'} is on already: another run "
                    "holds the service, or has left it locked. Nothing was changed. Find out which run that is. "
                    "Wait until it has ended, or name the lock in replaces to take it over.",
                    code="TG-HELD-BY-ANOTHER",
                )
        for other in self.others:
            if claim is None or claim.problem is not None:
                other.problem = RefusedError(_NOT_CLAIMED.format(self._target.ids[0]))
            elif claim.held_back:
                other.held_back = _NOT_CLAIMED.format(self._target.ids[0])

    @property
    def to_follow(self) -> list[HealthCheckSwitch]:
        """The other health checks, if the claim was placed."""
        return [other for other in self.others if other.problem is None and not other.held_back]

    @property
    def all(self) -> list[HealthCheckSwitch]:
        """All health checks that could be read, in the order given."""
        return [switch for switch in self._switches.values() if switch]

    def result(self) -> Result:
        """The result of this target."""
        results = [self._task.result(check_id, switch) for check_id, switch in self._switches.items()]
        failed = any(result["failed"] for result in results)
        if results[0]["failed"]:
            msg = str(results[0]["msg"])
        else:
            msg = report.summary_of_failure(results) if failed else report.summary(results)
        return {
            "lock_id": self._target.request.lock_id,
            "changed": any(result["changed"] for result in results),
            "failed": failed,
            "msg": msg,
            **code_of_first(results),
            "health_checks": results,
        }


def _lock(locks: Sequence[_TargetLock], task: Switches) -> None:
    task.switch([lock.claim for lock in locks if lock.claim])
    for lock in locks:
        try:
            lock.judge_claim()
        except Exception as broken:  # noqa: BLE001 An unexpected error must not hide the results of the others.
            for switch in lock.all:
                switch.problem = switch.problem or defect(broken)
    task.switch([switch for lock in locks for switch in lock.to_follow])
    task.follow_up([switch for lock in locks for switch in lock.all])


def _refused(problem: RefusedError, given: Mapping[str, t.Any]) -> Result:
    reported = {"changed": False, "failed": True, **failure(problem)}
    return {"lock_id": given["lock_id"], **reported, "health_checks": []}


def _finish(module: AnsibleAWSModule, results: list[Result]) -> None:
    outcome: Result = {
        "diff": warn_and_diff(module, [check for result in results for check in result["health_checks"]]),
        "changed": any(result["changed"] for result in results),
        "targets": results,
    }
    msg = report.summary_of_targets(results)
    if any(result["failed"] for result in results):
        module.fail_json(msg=msg, **outcome, **code_of_first(results))
    module.exit_json(msg=msg, **outcome)
