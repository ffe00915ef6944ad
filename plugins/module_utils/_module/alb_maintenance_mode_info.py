# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``alb_maintenance_mode_info``."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener import report
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.decision import recorded
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.fitness import chosen_listeners
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.holding_back import backends
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.page import target_groups_of
from ansible_collections.tidegate.failover.plugins.module_utils._aws.load_balancer_rules import LoadBalancerRules
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    RefusedError,
    TidegateError,
    defect,
    failure,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module import many_targets
from ansible_collections.tidegate.failover.plugins.module_utils._module.alb_maintenance_mode import SIDE_BY_SIDE
from ansible_collections.tidegate.failover.plugins.module_utils._module.alb_options import (
    LoadBalancerApis,
    Target,
    constraints,
    listener_argument_spec,
    targets_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import create_aws_module

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Result = dict[str, t.Any]


def create_module() -> AnsibleAWSModule:
    """The Ansible module with its argument spec."""
    return create_aws_module(
        {**listener_argument_spec(with_page=False), "wait_timeout": {"type": "int", "default": 60}},
        **constraints(with_page=False),
    )


def run(module: AnsibleAWSModule) -> None:
    """Read all load balancers in parallel. If one cannot be read, the task fails, and still returns the others."""
    try:
        targets = targets_from(module.params, enabled=False)
    except RefusedError as problem:
        module.fail_json(**failure(problem), load_balancers=[])
    apis = LoadBalancerApis(module, targets)

    def read(target: Target) -> Result:
        return _read_target(apis.of(target), target, module.params["wait_timeout"])

    with ThreadPoolExecutor(max_workers=min(SIDE_BY_SIDE, len(targets))) as threads:
        results = list(threads.map(read, targets))
    many_targets.read(
        t.cast("AnsibleModule", module), results, key="load_balancer", listed="load_balancers", noun="load balancers"
    )


def _read_target(api: LoadBalancerRules, target: Target, wait_timeout: int) -> Result:
    result: Result = {"load_balancer": target.selection.load_balancer, "failed": False, "msg": "", "listeners": []}
    deadline = Deadline(wait_timeout, Clock())
    try:
        balancer = call_patiently(lambda: api.load_balancer(target.selection.load_balancer), deadline)
        found = call_patiently(lambda: api.listeners(balancer["LoadBalancerArn"]), deadline)
        chosen = chosen_listeners(balancer, found, target.selection)
        listeners = call_patiently(lambda: [api.with_rules(one) for one in chosen], deadline)
        return {
            **result,
            "load_balancer": balancer["LoadBalancerName"],
            "load_balancer_arn": balancer["LoadBalancerArn"],
            "state": (balancer.get("State") or {}).get("Code"),
            "listeners": [_described(api, one, deadline) for one in listeners],
        }
    except TidegateError as problem:
        return {**result, "failed": True, **failure(problem)}
    # An unexpected error fails this load balancer, and must not hide the others.
    except Exception as broken:  # noqa: BLE001
        return {**result, "failed": True, **failure(defect(broken))}


def _described(api: LoadBalancerRules, listener: Result, deadline: Deadline) -> Result:
    found = recorded(listener)
    groups = target_groups_of(listener["Rules"])
    states = call_patiently(lambda: [api.target_states(group) for group in groups], deadline)
    return {
        **report.picture(listener),
        "unexplained": report.is_unexplained(listener),
        "overtaken": report.blocked_by_others(listener),
        "backends": backends(states),
        "damaged_tags": list(found.damaged),
        "moved_rules": [{"id": move.rule, "priority_before": move.before} for move in found.moves],
    }
