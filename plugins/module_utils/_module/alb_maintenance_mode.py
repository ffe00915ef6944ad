# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``alb_maintenance_mode``."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.request import Request
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, failure
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import (
    REASON_LENGTH,
    check_owner,
    check_text,
    event_time_from,
    in_utc,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.alb_options import (
    LoadBalancerApis,
    Target,
    constraints,
    listener_argument_spec,
    targets_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import create_aws_module
from ansible_collections.tidegate.failover.plugins.module_utils._module.listener_switch import ListenerSwitch
from ansible_collections.tidegate.failover.plugins.module_utils._module.many_targets import Ending

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

#: How many load balancers are switched at the same time. The API limits apply to the whole account.
SIDE_BY_SIDE = 8

#: How a task ends.
ENDING = Ending(
    "load_balancer", "load_balancers", "load balancers", "unchanged", "the others match the requested state"
)

Result = dict[str, t.Any]

#: The other options of a task that gives only targets and an owner.
_OTHER_OPTIONS = {"reason": "", "force": False, "only_if_backends": None, "event_time": None, "wait_timeout": 120}


def create_module() -> AnsibleAWSModule:
    """The Ansible module with its argument spec."""
    return create_aws_module(
        {
            "state": {"type": "str", "required": True, "choices": ["enabled", "disabled"]},
            **listener_argument_spec(with_page=True),
            "owner": {"type": "str", "default": "operator"},
            "reason": {"type": "str", "default": ""},
            "force": {"type": "bool", "default": False},
            "only_if_backends": {"type": "str", "choices": ["down", "serving"]},
            "event_time": {"type": "str"},
            "wait_timeout": {"type": "int", "default": 120},
        },
        **constraints(with_page=True),
    )


def run(module: AnsibleAWSModule) -> None:
    """Switch all load balancers in parallel, and the targets of each load balancer one after the other."""
    try:
        targets = targets_from(module.params, enabled=module.params["state"] == "enabled")
        requests = requests_from(module.params, targets)
    except RefusedError as problem:
        module.fail_json(**failure(problem), changed=False, load_balancers=[])
    apis = LoadBalancerApis(module, targets)

    def switch(positions: Sequence[int]) -> list[tuple[int, Result]]:
        done = []
        for position in positions:
            target = targets[position]
            deadline = Deadline(module.params["wait_timeout"], Clock())
            one = ListenerSwitch(apis.of(target), target.selection, requests[position], deadline)
            done.append((position, one.run(check_mode=module.check_mode)))
        return done

    groups = _by_load_balancer(targets)
    with ThreadPoolExecutor(max_workers=min(SIDE_BY_SIDE, len(groups))) as threads:
        found = dict(pair for group in threads.map(switch, groups) for pair in group)
    ENDING.switched(t.cast("AnsibleModule", module), [found[position] for position in range(len(targets))])


def requests_from(params: Mapping[str, t.Any], targets: Sequence[Target]) -> list[Request]:
    """The request of a task for each target.

    :raises RefusedError: an option is not valid. No load balancer was changed.
    """
    for owner in {params["owner"], *(target.owner for target in targets if target.owner is not None)}:
        check_owner(owner)
    check_text("reason", params["reason"], REASON_LENGTH)
    enabled = params["state"] == "enabled"
    if params["wait_timeout"] < 1:
        raise RefusedError(f"wait_timeout is {params['wait_timeout']}. Allow at least one second.")
    if params["force"] and enabled:
        raise RefusedError("force releases other owners' holds, so it goes with state: disabled only.")
    now = datetime.now(UTC)
    event_time = event_time_from(params["event_time"], now) if params["event_time"] else None
    return [
        Request(
            enabled=enabled,
            owner=params["owner"] if target.owner is None else target.owner,
            since=event_time or in_utc(now),
            reason=params["reason"],
            page=target.page,
            move_rules=target.move_rules,
            force=params["force"],
            only_if_backends=params["only_if_backends"],
            event_time=event_time,
        )
        for target in targets
    ]


def targets_of(given: Sequence[Mapping[str, t.Any]], owner: str) -> list[Result]:
    """The targets of a task that enters maintenance, each with the owner of its page.

    :raises RefusedError: a task with these targets would be refused.
    """
    checked = ArgumentSpecValidator(listener_argument_spec(with_page=True)).validate({"targets": list(given)})
    if checked.error_messages:
        raise RefusedError(" ".join(f"{text.rstrip('.')}." for text in checked.error_messages))
    params = {**checked.validated_parameters, "state": "enabled", "owner": owner, **_OTHER_OPTIONS}
    requests_from(params, targets_from(params, enabled=True))
    return [{**one, "owner": owner} for one in given]


def _by_load_balancer(targets: Sequence[Target]) -> list[list[int]]:
    """The positions of the targets, grouped by load balancer."""
    groups: dict[tuple[str | None, str], list[int]] = {}
    for position, target in enumerate(targets):
        groups.setdefault((target.region, target.selection.load_balancer), []).append(position)
    return list(groups.values())
