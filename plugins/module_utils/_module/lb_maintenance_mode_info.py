# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``lb_maintenance_mode_info``."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    RefusedError,
    TidegateError,
    defect,
    failure,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance import report, swaps
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import (
    TAGS_PER_RESOURCE,
    Hold,
    other_tags,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Selection
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.routing import redirect_rules
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.selection import (
    check_rule_set,
    chosen_listeners,
    showing,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.state import (
    holds_of,
    holds_on,
    is_attached,
    rule_set_names,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module import many_targets
from ansible_collections.tidegate.failover.plugins.module_utils._module.lb_maintenance_mode import SIDE_BY_SIDE
from ansible_collections.tidegate.failover.plugins.module_utils._module.load_balancer_targets import (
    SELECTION_EXCLUDES,
    LoadBalancerApis,
    Target,
    selection_argument_spec,
    targets_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.oci_options import (
    oci_argument_spec,
    require_oci,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.secrets import DiscreetModule

Result = dict[str, t.Any]
Json = t.Mapping[str, t.Any]


def create_module() -> AnsibleModule:
    """The Ansible module with its argument spec."""
    return DiscreetModule(
        argument_spec={
            **selection_argument_spec(rule_set_required=False),
            "wait_timeout": {"type": "int", "default": 60},
            **oci_argument_spec(),
        },
        mutually_exclusive=SELECTION_EXCLUDES,
        required_one_of=[("load_balancer_id", "targets")],
        supports_check_mode=True,
    )


def run(module: AnsibleModule) -> None:
    """Read all targets in parallel. If one cannot be read, the task fails, and still returns the others."""
    require_oci(module)
    try:
        targets = targets_from(module.params)
        if not targets:
            raise RefusedError("targets is empty. Name at least one load balancer.")
    except RefusedError as problem:
        module.fail_json(**failure(problem), load_balancers=[])
    with ThreadPoolExecutor(max_workers=min(SIDE_BY_SIDE, len(targets))) as threads:
        results = list(threads.map(partial(_read_target, module.params, LoadBalancerApis(module.params)), targets))
    many_targets.read(module, results, key="load_balancer_id", listed="load_balancers", noun="load balancers")


def _read_target(params: t.Mapping[str, t.Any], apis: LoadBalancerApis, target: Target) -> Result:
    result: Result = {"load_balancer_id": target.selection.load_balancer_id, "failed": False, "msg": ""}
    deadline = Deadline(params["wait_timeout"], Clock())
    try:
        seen = call_patiently(apis.of(target).read, deadline)
        return {**result, "etag": seen.etag, **_described(swaps.view(seen.data), target)}
    except TidegateError as problem:
        return {**result, "failed": True, **failure(problem)}
    # An unexpected error fails this load balancer, and must not hide the others.
    except Exception as broken:  # noqa: BLE001
        return {**result, "failed": True, **failure(defect(broken))}


def _described(load_balancer: Json, target: Target) -> Result:
    rule_set = target.selection.rule_set
    holds = holds_of(load_balancer)
    # Holds outlast their rule set or listener, and have to be shown so that somebody can release them.
    stale = [hold for hold in holds if _keeps_nothing(load_balancer, hold)]
    if rule_set is not None and not any(hold.rule_set == rule_set for hold in stale):
        _check_page(load_balancer, rule_set)
    names = _shown_listeners(load_balancer, target.selection, holds)
    listeners = [_listener(load_balancer, name, holds, rule_set) for name in names]
    return {
        "display_name": load_balancer.get("displayName"),
        "lifecycle_state": load_balancer.get("lifecycleState"),
        "in_maintenance": any(listener["in_maintenance"] for listener in listeners),
        "listeners": listeners,
        "left_out": report.left_out(showing(load_balancer, target.selection, rule_set).left_out) if rule_set else [],
        "unexplained": report.unexplained(load_balancer, names, rule_set) if rule_set else [],
        "stale_holds": [report.reported_hold(hold) for hold in stale],
        "tags_for_holds": TAGS_PER_RESOURCE - len(other_tags(load_balancer.get("freeformTags") or {})),
        "redirect_rule_sets": sorted(
            name for name, items in load_balancer["ruleSets"].items() if redirect_rules(items)
        ),
    }


def _shown_listeners(load_balancer: Json, selection: Selection, holds: t.Sequence[Hold]) -> tuple[str, ...]:
    """The selected listeners or, where one does not exist any more, the selected listeners that have holds."""
    try:
        return chosen_listeners(load_balancer, selection)
    except RefusedError:
        held = {hold.listener for hold in holds if selection.rule_set in (None, hold.rule_set)}
        if not held.intersection(selection.listeners or held):
            raise
        names = selection.listeners or sorted(held)
        return tuple(name for name in names if name in load_balancer["listeners"])


def _check_page(load_balancer: Json, rule_set: str) -> None:
    if swaps.page_of(rule_set):
        swaps.check_exists(load_balancer, rule_set)
    else:
        check_rule_set(load_balancer, rule_set)


def _keeps_nothing(load_balancer: Json, hold: Hold) -> bool:
    page = swaps.page_of(hold.rule_set)
    known = page in load_balancer["backendSets"] if page else hold.rule_set in load_balancer["ruleSets"]
    return hold.listener not in load_balancer["listeners"] or not known


def _listener(load_balancer: Json, name: str, holds: t.Sequence[Hold], rule_set: str | None) -> Result:
    listener = swaps.real_listener(load_balancer, name)
    pages = {rule_set} if rule_set else {hold.rule_set for hold in holds if hold.listener == name}
    held = [hold for page in sorted(pages) for hold in holds_on(holds, name, page)]
    return {
        "name": name,
        "protocol": listener.get("protocol"),
        "port": listener.get("port"),
        "default_backend_set_name": listener.get("defaultBackendSetName"),
        "rule_set_names": rule_set_names(load_balancer, name),
        "in_maintenance": any(is_attached(load_balancer, name, page) for page in pages),
        "passed_by": swaps.passed_by(load_balancer, name),
        "original": _original(load_balancer, name),
        "holds": [report.reported_hold(hold) for hold in held],
    }


def _original(load_balancer: Json, name: str) -> Result | None:
    """What a listener gets back if its backend set is swapped; None if it is not swapped."""
    had, now = load_balancer["listeners"][name], swaps.real_listener(load_balancer, name)
    if swaps.routes_of(had) == swaps.routes_of(now):
        return None
    routes = swaps.routes_of(had)
    return {
        "default_backend_set_name": routes.default,
        "routing_policy_name": routes.policy or None,
        "path_route_set_name": routes.paths or None,
    }
