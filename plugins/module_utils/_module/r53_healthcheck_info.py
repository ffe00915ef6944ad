# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``r53_healthcheck_info``."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import HealthCheckApi
from ansible_collections.tidegate.failover.plugins.module_utils._aws.reading import (
    Found,
    find,
    read_tags,
    side_by_side,
)
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    RefusedError,
    TidegateError,
    code_of,
    code_of_first,
    defect,
    failure,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock import observations, report
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH, check_lock_path
from ansible_collections.tidegate.failover.plugins.module_utils._lock.selection import Selection, selection_from
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import (
    create_aws_module,
    health_check_api,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_options import (
    SELECTION,
    selection_argument_spec,
)

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Result = dict[str, t.Any]

#: By default the checkers are read for at most this many health checks.
ASKED_BY_DEFAULT = 10


@dataclass
class Seen:
    """What the checkers saw, and the errors of failed reads, by the id of the health check."""

    observed: dict[str, list[observations.Observation]] = field(default_factory=dict)
    problems: dict[str, TidegateError] = field(default_factory=dict)


def create_module() -> AnsibleAWSModule:
    """The Ansible module with its argument spec."""
    return create_aws_module(
        {
            **selection_argument_spec(),
            "lock_path": {"type": "str", "default": DEFAULT_LOCK_PATH},
            "include_observations": {"type": "bool"},
            "include_tags": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 60},
        },
        mutually_exclusive=[SELECTION],
    )


def run(module: AnsibleAWSModule) -> None:
    """Read the selected health checks. If one cannot be read, the task fails, and still returns the others."""
    params, clock = module.params, Clock()
    try:
        check_lock_path(params["lock_path"])
        if params["wait_timeout"] < 1:
            raise RefusedError(f"wait_timeout is {params['wait_timeout']}. Give at least one second.")
        selection = selection_from(params)
        end = Deadline(params["wait_timeout"], clock)
        api = health_check_api(module, clock)
        found = find(api, selection, end.for_another)
        unread = [check_id for check_id in found.ids if check_id in found.checks and check_id not in found.tags]
        if params["include_tags"]:
            found.tags |= read_tags(api, unread, end.for_another)
    except TidegateError as problem:
        module.fail_json(**failure(problem), health_checks=[])
    seen = _seen(api, found, end.for_another) if _asks(params, selection, found) else Seen()
    results = [_one_result(check_id, found, seen, params["lock_path"]) for check_id in found.ids]
    failed = [result for result in results if result["failed"]]
    if failed:
        problems = " | ".join(f"{result['health_check_id']}: {result['msg']}" for result in failed)
        reported = problems if len(results) == 1 else f"{len(failed)} of {len(results)} health checks: {problems}"
        module.fail_json(msg=reported, health_checks=results, **code_of_first(results))
    module.exit_json(changed=False, health_checks=results)


def _asks(params: Mapping[str, t.Any], selection: Selection, found: Found) -> bool:
    requested = params["include_observations"]
    if requested is not None:
        return bool(requested)
    named = bool(selection.ids or selection.by_tags)
    return named and len(found.ids) <= ASKED_BY_DEFAULT


def _seen(api: HealthCheckApi, found: Found, new_deadline: Callable[[], Deadline]) -> Seen:
    seen = Seen()

    def observe(check_id: str) -> None:
        try:
            seen.observed[check_id] = call_patiently(lambda: api.observations(check_id), new_deadline())
        except TidegateError as problem:
            seen.problems[check_id] = problem
        # An unexpected error must not hide the other health checks.
        except Exception as broken:  # noqa: BLE001
            seen.problems[check_id] = defect(broken)

    side_by_side(observe, [key for key, check in found.checks.items() if observations.has_observations(check)])
    return seen


def _one_result(check_id: str, found: Found, seen: Seen, lock_path: str) -> Result:
    try:
        return _result(check_id, found, seen, lock_path)
    # An unexpected error fails this health check, and must not hide the others.
    except Exception as broken:  # noqa: BLE001
        return {"health_check_id": check_id, "failed": True, **failure(defect(broken))}


def _result(check_id: str, found: Found, seen: Seen, lock_path: str) -> Result:
    if check_id in found.problems:
        return {"health_check_id": check_id, "failed": True, **failure(found.problems[check_id])}
    check, tags = found.checks[check_id], found.tags.get(check_id, {})
    lock = read_lock(check, lock_path, tags)
    problem, observed = seen.problems.get(check_id), seen.observed.get(check_id)
    verdict = observations.verdict_on(check, observed)
    return {
        "health_check_id": check_id,
        "failed": problem is not None,
        "msg": str(problem or ""),
        **code_of(problem),
        "name": tags.get("Name"),
        "type": check.type,
        "version": check.version,
        "caller_reference": check.caller_reference,
        "configuration": camel_dict_to_snake_dict(dict(check.config)),
        "tags": tags,
        "lock": report.reported_lock(lock, tags) if lock else None,
        "health": verdict.health,
        "health_how": verdict.how,
        "healthy_share": verdict.share,
        "observations": [report.reported_observation(item) for item in observed] if observed is not None else None,
    }
