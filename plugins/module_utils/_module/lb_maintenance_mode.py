# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``lb_maintenance_mode``."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, failure
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import (
    REASON_LENGTH,
    Request,
    check_owner,
    check_page_given,
    check_text,
    event_time_from,
    in_utc,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.load_balancer_switch import LoadBalancerSwitch
from ansible_collections.tidegate.failover.plugins.module_utils._module.load_balancer_targets import (
    SELECTION_EXCLUDES,
    LoadBalancerApis,
    Target,
    selection_argument_spec,
    targets_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.many_targets import Ending
from ansible_collections.tidegate.failover.plugins.module_utils._module.oci_options import (
    oci_argument_spec,
    require_oci,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.secrets import DiscreetModule

#: How many load balancers are switched at the same time. A region has a few tens, so more threads would not help.
SIDE_BY_SIDE = 32

Result = dict[str, t.Any]

#: How a task ends.
ENDING = Ending(
    "load_balancer_id",
    "load_balancers",
    "targets",
    "already in the requested state",
    "the others match the requested state",
)

#: Which of the options that name listeners require or exclude each other.
_CONSTRAINTS: Result = {
    "mutually_exclusive": SELECTION_EXCLUDES,
    "required_one_of": [("load_balancer_id", "targets"), ("listeners", "backend_set", "targets")],
}


#: The other options of a task that puts the page up and gives only listeners and an owner.
_OTHER_OPTIONS: Result = {
    "state": "enabled",
    "reason": "",
    "force": False,
    "only_if_backends": None,
    "event_time": None,
    "wait_timeout": 60,
}


def create_module() -> AnsibleModule:
    """The Ansible module with its argument spec."""
    return DiscreetModule(
        argument_spec={
            "state": {"type": "str", "required": True, "choices": ["enabled", "disabled"]},
            **selection_argument_spec(rule_set_required=True),
            "owner": {"type": "str", "default": "operator"},
            "reason": {"type": "str", "default": ""},
            "force": {"type": "bool", "default": False},
            "only_if_backends": {"type": "str", "choices": ["down", "serving"]},
            "event_time": {"type": "str"},
            "wait_timeout": {"type": "int", "default": 600},
            **oci_argument_spec(),
        },
        supports_check_mode=True,
        **_CONSTRAINTS,
    )


def run(module: AnsibleModule) -> None:
    """Switch all load balancers in parallel, and the targets of each load balancer one after the other."""
    require_oci(module)
    try:
        requests = requests_from(module.params)
    except RefusedError as problem:
        module.fail_json(**failure(problem), changed=False, load_balancers=[])
    groups = _by_load_balancer(requests)
    apis = LoadBalancerApis(module.params)
    switch_all = partial(_switch_in_turn, module.params, requests, apis, check_mode=module.check_mode)
    with ThreadPoolExecutor(max_workers=min(SIDE_BY_SIDE, len(groups))) as threads:
        done = dict(pair for group in threads.map(switch_all, groups) for pair in group)
    results = [done[position] for position in range(len(requests))]
    ENDING.switched(module, results)


def requests_from(params: t.Mapping[str, t.Any]) -> list[tuple[Target, Request]]:
    """The targets of a task, each with its request.

    :raises RefusedError: an option is not valid. No load balancer was changed.
    """
    check_owner(params["owner"])
    check_text("reason", params["reason"], REASON_LENGTH)
    if params["wait_timeout"] < 1:
        raise RefusedError(
            f"wait_timeout is {params['wait_timeout']}. Allow at least one second; changes are always awaited."
        )
    if params["force"] and params["state"] == "enabled":
        raise RefusedError("force releases other owners' holds, so it goes with state: disabled only.")
    targets = targets_from(params)
    if not targets:
        raise RefusedError("targets is empty. Name at least one load balancer.")
    for target in targets:
        check_page_given(target.selection)
    for owner in {target.owner for target in targets if target.owner is not None}:
        check_owner(owner)
    now = datetime.now(UTC)
    event_time = event_time_from(params["event_time"], now) if params["event_time"] else None
    return [
        (
            target,
            Request(
                selection=target.selection,
                rule_set=str(target.selection.rule_set),
                enabled=params["state"] == "enabled",
                owner=params["owner"] if target.owner is None else target.owner,
                reason=params["reason"],
                since=event_time or in_utc(now),
                force=params["force"],
                only_if_backends=params["only_if_backends"],
                event_time=event_time,
            ),
        )
        for target in targets
    ]


def targets_of(selection: t.Mapping[str, t.Any], owner: str) -> list[Result]:
    """The listeners of one service, as ``targets`` of a task that switches many services.

    :param selection: the options that name listeners, alone or by ``targets``.
    :raises RefusedError: a task with these options would be refused.
    """
    spec = selection_argument_spec(rule_set_required=True)
    checked = ArgumentSpecValidator(spec, **_CONSTRAINTS).validate(dict(selection))
    if checked.error_messages:
        raise RefusedError(" ".join(f"{text.rstrip('.')}." for text in checked.error_messages))
    given: Result = checked.validated_parameters
    requests_from({**given, **_OTHER_OPTIONS, "owner": owner})
    named = given["targets"] or [{name: given[name] for name in spec if name != "targets"}]
    return [{name: value for name, value in {**one, "owner": owner}.items() if value is not None} for one in named]


def _by_load_balancer(requests: Sequence[tuple[Target, Request]]) -> list[list[int]]:
    """The positions of the requests, grouped by load balancer. OCIDs are not case-sensitive."""
    groups: dict[str, list[int]] = {}
    for position, (_target, request) in enumerate(requests):
        groups.setdefault(request.selection.load_balancer_id.lower(), []).append(position)
    return list(groups.values())


def _switch_in_turn(
    params: t.Mapping[str, t.Any],
    requests: Sequence[tuple[Target, Request]],
    apis: LoadBalancerApis,
    positions: Sequence[int],
    *,
    check_mode: bool,
) -> list[tuple[int, Result]]:
    """Switch the targets of one load balancer, one after the other. A failure of one does not stop the next."""
    results = []
    for position in positions:
        target, request = requests[position]
        deadline = Deadline(params["wait_timeout"], Clock())
        switch = LoadBalancerSwitch(partial(apis.of, target), request, deadline)
        results.append((position, switch.run(check_mode=check_mode)))
    return results
