# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``r53_healthcheck_lock``."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from datetime import UTC, datetime

from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import HealthCheckApi
from ansible_collections.tidegate.failover.plugins.module_utils._aws.reading import Found, find, read_tags
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError, code_of_first, failure
from ansible_collections.tidegate.failover.plugins.module_utils._failover.last_site import LAST_SITE, override_from
from ansible_collections.tidegate.failover.plugins.module_utils._lock import report
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import Moment
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import (
    METHODS,
    LockRequest,
    UnlockRequest,
    clock_warning,
    named_now,
    request_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.selection import selection_from
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import (
    create_aws_module,
    health_check_api,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_options import (
    SELECTION,
    selection_argument_spec,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_switches import (
    Switches,
    warn_and_diff,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_targets import (
    TARGETS_EXCLUDE,
    lock_targets,
    targets_argument_spec,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.last_site_guard import argument_spec

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
            **targets_argument_spec(),
            "method": {"type": "str", "default": "auto", "choices": list(METHODS)},
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
        mutually_exclusive=[(*SELECTION, "targets"), *(("targets", option) for option in TARGETS_EXCLUDE)],
        required_one_of=[(*SELECTION, "targets")],
    )


def run(module: AnsibleAWSModule) -> None:
    """Lock or unlock all health checks in parallel: first all locks, then tags and waits."""
    clock = Clock()
    if module.params["targets"] is not None:
        lock_targets(module, clock)
        return
    try:
        request = request_from(module.params, datetime.now(UTC))
        overridden = override_from(module.params["override"], module.params["state"])
        selection = selection_from(module.params)
        # All health checks share one end time, counted from now. Each has its own pauses and retries.
        new_deadline = Deadline(module.params["wait_timeout"], clock).for_another
        api = health_check_api(module, clock)
        found = find(api, selection, new_deadline)
        _read_lost_paths(api, request, found, new_deadline)
        if isinstance(request, LockRequest) and found.checks:
            request = _named(module, request, api.clock.moment())
        task = Switches(module, api, found, new_deadline, guarded=not overridden)
    except TidegateError as problem:
        module.fail_json(**failure(problem), changed=False, health_checks=[])
    if overridden:
        module.warn(f"Whether another site serves was not checked, because: {overridden}")
    switches = {check_id: task.of(check_id, request, overridden=bool(overridden)) for check_id in found.ids}
    there = [switch for switch in switches.values() if switch]
    task.switch(there)
    task.follow_up(there)
    _finish(module, [task.result(check_id, switch) for check_id, switch in switches.items()])


def _named(module: AnsibleAWSModule, request: LockRequest, moment: Moment) -> LockRequest:
    warning = clock_warning(module.params, moment)
    if warning:
        module.warn(warning)
    return named_now(request, module.params, moment)


def _read_lost_paths(
    api: HealthCheckApi, request: LockRequest | UnlockRequest, found: Found, new_deadline: Callable[[], Deadline]
) -> None:
    """Read the tags of health checks whose lock does not carry the original path. An unlock needs them."""
    if isinstance(request, LockRequest):
        return
    locks = {check_id: read_lock(check, request.lock_path) for check_id, check in found.checks.items()}
    bare = [check_id for check_id, lock in locks.items() if lock and not lock.carries_path]
    found.tags |= read_tags(api, [check_id for check_id in bare if check_id not in found.tags], new_deadline)


def _finish(module: AnsibleAWSModule, results: list[Result]) -> None:
    outcome: Result = {
        "diff": warn_and_diff(module, results),
        "changed": any(result["changed"] for result in results),
        "health_checks": results,
    }
    if any(result["failed"] for result in results):
        module.fail_json(msg=report.summary_of_failure(results), **outcome, **code_of_first(results))
    module.exit_json(msg=report.summary(results), **outcome)
