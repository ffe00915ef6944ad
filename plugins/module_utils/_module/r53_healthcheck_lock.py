# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What ``r53_healthcheck_lock`` does between its options and its result."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from ansible_collections.tidegate.failover.plugins.module_utils._aws.account import Account
from ansible_collections.tidegate.failover.plugins.module_utils._aws.endpoint import ask
from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import (
    TAGS_AT_ONCE,
    HealthCheckApi,
    Tags,
)
from ansible_collections.tidegate.failover.plugins.module_utils._aws.reading import (
    Found,
    find,
    read_tags,
    side_by_side,
)
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError, defect
from ansible_collections.tidegate.failover.plugins.module_utils._failover.last_site import LAST_SITE, override_from
from ansible_collections.tidegate.failover.plugins.module_utils._lock import report
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import Moment
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import (
    LockRequest,
    UnlockRequest,
    clock_warning,
    named_now,
    request_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.selection import selection_from
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import (
    aws_client,
    create_aws_module,
    health_check_api,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_options import (
    SELECTION,
    selection_argument_spec,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_prover import Prover
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_switch import HealthCheckSwitch
from ansible_collections.tidegate.failover.plugins.module_utils._module.last_site_guard import (
    LastSiteGuard,
    Means,
    argument_spec,
    is_wanted,
)

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Result = dict[str, t.Any]


def create_module() -> AnsibleAWSModule:
    """The Ansible module with its argument spec."""
    gate = {"name": {"type": "str", "required": True}, "digest": {"type": "str", "required": True}}
    override = {
        "gates": {"type": "list", "elements": "str", "default": []},
        "checks": {"type": "list", "elements": "str", "default": [], "choices": [LAST_SITE]},
        "reason": {"type": "str", "required": True},
    }
    return create_aws_module(
        {
            "state": {"type": "str", "required": True, "choices": ["locked", "unlocked"]},
            **selection_argument_spec(),
            "method": {"type": "str", "default": "auto", "choices": ["auto", "path", "invert"]},
            "lock_path": {"type": "str", "default": DEFAULT_LOCK_PATH},
            "restore_path": {"type": "str"},
            "lock_id": {"type": "str"},
            "replaces": {"type": "str"},
            "owner": {"type": "str", "default": "operator"},
            "reason": {"type": "str", "default": ""},
            "required_gates": {"type": "list", "elements": "dict", "default": [], "options": gate},
            "evidence": {"type": "dict"},
            "max_evidence_age": {"type": "int", "default": 300},
            "override": {"type": "dict", "options": override},
            "only_if_health": {"type": "str", "choices": ["unhealthy"]},
            **argument_spec(),
            "wait_for": {"type": "str", "choices": ["unhealthy", "healthy"]},
            "wait_timeout": {"type": "int", "default": 600},
        },
        mutually_exclusive=[SELECTION],
        required_one_of=[SELECTION],
    )


def run(module: AnsibleAWSModule) -> None:
    """Lock or unlock all health checks side by side: first every lock, then what goes with them."""
    clock = Clock()
    try:
        request = request_from(module.params, datetime.now(UTC))
        overridden = override_from(module.params["override"], module.params["state"])
        selection = selection_from(module.params)
        # One end for all of them, counted from now; pauses and setbacks are each one's own.
        end = Deadline(module.params["wait_timeout"], clock)
        new_deadline = end.for_another
        api = health_check_api(module, clock)
        found = find(api, selection, new_deadline)
        _read_lost_paths(api, request, found, new_deadline)
        if isinstance(request, LockRequest) and found.checks:
            request = _named(module, request, api.clock.moment())
        guard = None if overridden else _guard(module, found, api, new_deadline)
    except TidegateError as problem:
        module.fail_json(msg=str(problem), changed=False, health_checks=[])
    if overridden:
        module.warn(f"Whether another site serves was not checked, because: {overridden}")
    switches = _switches(found, request, api, new_deadline, module.params, guard)
    _switch(list(switches.values()), api, new_deadline, check_mode=module.check_mode)
    if module.params["wait_for"] and not module.check_mode:
        _each(HealthCheckSwitch.wait, list(switches.values()))
    _finish(module, [_result(check_id, switches, found.problems) for check_id in found.ids])


def _named(module: AnsibleAWSModule, request: LockRequest, moment: Moment) -> LockRequest:
    warning = clock_warning(module.params, moment)
    if warning:
        module.warn(warning)
    return named_now(request, module.params, moment)


def _read_lost_paths(
    api: HealthCheckApi, request: LockRequest | UnlockRequest, found: Found, new_deadline: Callable[[], Deadline]
) -> None:
    """Unlocking needs the tags of those whose lock does not carry the original path itself."""
    if isinstance(request, LockRequest):
        return
    locks = {check_id: read_lock(check, request.lock_path) for check_id, check in found.checks.items()}
    bare = [check_id for check_id, lock in locks.items() if lock and not lock.carries_path]
    found.tags |= read_tags(api, [check_id for check_id in bare if check_id not in found.tags], new_deadline)


def _guard(
    module: AnsibleAWSModule, found: Found, api: HealthCheckApi, new_deadline: Callable[[], Deadline]
) -> LastSiteGuard | None:
    """What keeps the last serving site in, if the task says how to find out."""
    if not is_wanted(module.params):
        return None
    client = aws_client(module, "route53")
    return LastSiteGuard(module.params, found, Means(api, Account(lambda _service: client, new_deadline), new_deadline))


def _switches(
    found: Found,
    request: LockRequest | UnlockRequest,
    api: HealthCheckApi,
    new_deadline: Callable[[], Deadline],
    params: Mapping[str, t.Any],
    guard: LastSiteGuard | None,
) -> dict[str, HealthCheckSwitch]:
    prover = Prover(ask)
    return {
        check_id: HealthCheckSwitch(
            found.checks[check_id],
            request,
            api=api,
            prover=prover,
            deadline=new_deadline(),
            tags=found.tags.get(check_id),
            wait_for=params["wait_for"],
            only_if_health=params["only_if_health"],
            last_site=guard,
        )
        for check_id in found.ids
        if check_id in found.checks
    }


def _switch(
    switches: Sequence[HealthCheckSwitch],
    api: HealthCheckApi,
    new_deadline: Callable[[], Deadline],
    *,
    check_mode: bool,
) -> None:
    _each(lambda switch: switch.switch(check_mode=check_mode), switches)
    try:
        _look_for_unfinished(switches, api, new_deadline)
    # The locks are on by then, whatever becomes of their tags. See _each.
    except Exception as broken:  # noqa: BLE001
        for switch in switches:
            switch.problem = switch.problem or defect(broken)
    _each(lambda switch: switch.keep_tags(check_mode=check_mode), switches)


def _each(act: Callable[[HealthCheckSwitch], None], switches: Sequence[HealthCheckSwitch]) -> None:
    """Act on all of them. Not even what nobody foresaw may hide what became of the others: it is that one's problem."""

    def attempt(switch: HealthCheckSwitch) -> None:
        try:
            act(switch)
        except Exception as broken:  # noqa: BLE001
            switch.problem = switch.problem or defect(broken)

    side_by_side(attempt, switches)


def _look_for_unfinished(
    switches: Sequence[HealthCheckSwitch], api: HealthCheckApi, new_deadline: Callable[[], Deadline]
) -> None:
    """Find tags that a run before this one did not get to, when it died between the locks and their tags, or that are
    left because something opened the lock that knows nothing of them.

    Of those that were switched all are looked at, now that the locks are on. Of the others the last ones tell, as tags
    are written in the order of the health checks: reading more than one request's worth would cost a run that finds
    nothing to do more than all the rest. Only if those show a gap, all are looked at.
    """
    unread = [switch for switch in switches if switch.problem is None and switch.tags.now is None]
    switched = [switch for switch in unread if switch.switched]
    untouched = [switch for switch in unread if not switch.switched]
    last = untouched[-TAGS_AT_ONCE:]
    _note_tags([*switched, *last], api, new_deadline)
    if any(switch.has_gap() for switch in last):
        _note_tags(untouched[:-TAGS_AT_ONCE], api, new_deadline)


def _note_tags(
    switches: Sequence[HealthCheckSwitch], api: HealthCheckApi, new_deadline: Callable[[], Deadline]
) -> None:
    try:
        tags: Mapping[str, Tags] = read_tags(api, [switch.check.id for switch in switches], new_deadline)
    except TidegateError as problem:
        for switch in switches:
            switch.tags_unread(problem)
        return
    for switch in switches:
        switch.tags.note(tags[switch.check.id])


def _result(check_id: str, switches: Mapping[str, HealthCheckSwitch], problems: Mapping[str, TidegateError]) -> Result:
    problem, changed = problems.get(check_id), False
    if check_id in switches:
        try:
            return switches[check_id].result()
        except Exception as broken:  # noqa: BLE001 See _each.
            problem, changed = switches[check_id].problem or defect(broken), switches[check_id].switched
    nothing = dict.fromkeys(
        ("name", "type", "before", "after", "version", "lock_before", "lock", "fence", "fence_how", "observed"), None
    )
    told = {"changed": changed, "failed": True, "msg": str(problem), "held_back": "", "warnings": []}
    return {"health_check_id": check_id, **nothing, **told}


def _finish(module: AnsibleAWSModule, results: list[Result]) -> None:
    for result in results:
        for warning in result.pop("warnings"):
            module.warn(f"{result['health_check_id']}: {warning}")
    diff = [
        {
            "before_header": result["health_check_id"],
            "after_header": result["health_check_id"],
            "before": result["before"] or {},
            "after": result["after"] or {},
        }
        for result in results
    ]
    outcome: Result = {"changed": any(result["changed"] for result in results), "health_checks": results, "diff": diff}
    if any(result["failed"] for result in results):
        module.fail_json(msg=report.summary_of_failure(results), **outcome)
    module.exit_json(msg=report.summary(results), **outcome)
