# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``cf_maintenance_mode_info``."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry.client import CloudFoundry
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry.routes import Found, RouteApi
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route import fitness, report
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.decision import (
    annotations_of,
    holds_of,
    responder_shown,
)
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.destinations import destinations_of
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.route_holds import (
    ANNOTATIONS_PER_ROUTE,
    is_hold_key,
)
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    RefusedError,
    TidegateError,
    defect,
    failure,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module import many_targets
from ansible_collections.tidegate.failover.plugins.module_utils._module.cf_maintenance_mode import SIDE_BY_SIDE
from ansible_collections.tidegate.failover.plugins.module_utils._module.cf_options import (
    SELECTION_EXCLUDES,
    Target,
    cf_argument_spec,
    cloud_from,
    route_argument_spec,
    targets_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.secrets import DiscreetModule

Result = dict[str, t.Any]


def create_module() -> AnsibleModule:
    """The Ansible module with its argument spec."""
    return DiscreetModule(
        argument_spec={
            **route_argument_spec(),
            "wait_timeout": {"type": "int", "default": 60},
            **cf_argument_spec(),
        },
        mutually_exclusive=SELECTION_EXCLUDES,
        required_one_of=[("route_guid", "url", "targets")],
        supports_check_mode=True,
    )


def run(module: AnsibleModule) -> None:
    """Read all routes in parallel. If one cannot be read, the task fails, and still returns the others."""
    try:
        targets = targets_from(module.params)
        cloud = cloud_from(module.params)
    except RefusedError as problem:
        module.fail_json(**failure(problem), routes=[])

    def read(target: Target) -> Result:
        return _read_target(cloud, target, module.params["wait_timeout"])

    with ThreadPoolExecutor(max_workers=min(SIDE_BY_SIDE, len(targets))) as threads:
        results = list(threads.map(read, targets))
    many_targets.read(module, results, key="url", listed="routes", noun="routes")


def _read_target(cloud: CloudFoundry, target: Target, wait_timeout: int) -> Result:
    selection = target.selection
    result: Result = {"route_guid": selection.guid, "url": selection.reported, "failed": False, "msg": ""}
    deadline = Deadline(wait_timeout, Clock())
    api = RouteApi(cloud)
    try:
        found = call_patiently(lambda: api.find(selection), deadline)
        responder = _responder(api, target, found, deadline)
        around = call_patiently(lambda: api.surroundings(found, responder), deadline)
        fitness.check_place(around, selection.organization, selection.space)
        return {**result, **_described(api, found, around)}
    except TidegateError as problem:
        return {**result, "failed": True, **failure(problem)}
    # An unexpected error fails this route, and must not hide the others.
    except Exception as broken:  # noqa: BLE001
        return {**result, "failed": True, **failure(defect(broken))}


def _responder(api: RouteApi, target: Target, found: Found, deadline: Deadline) -> Result | None:
    named = target.responder
    return None if named is None else call_patiently(lambda: api.responder(named, found), deadline)


def _described(api: RouteApi, found: Found, around: fitness.Surroundings) -> Result:
    route, holds = found.route, holds_of(found.route)
    held = {one.app for hold in holds.holds for one in hold.before or ()} | {hold.responder for hold in holds.holds}
    apps = {**around.apps, **api.apps(held - around.apps.keys())}
    names = {guid: str(app["name"]) for guid, app in apps.items()}
    responder = around.responder["guid"] if around.responder else None
    others = [key for key in annotations_of(route) if not is_hold_key(key)]
    return {
        "route_guid": route["guid"],
        "url": route["url"],
        "organization": found.organization["name"],
        "space": found.space["name"],
        "protocol": route.get("protocol"),
        "in_maintenance": responder_shown(route, holds, responder) is not None,
        "unexplained": report.is_unexplained(route, responder),
        "destinations": report.described(destinations_of(route), names),
        "holds": [report.hold_described(hold, names) for hold in holds.holds],
        "damaged_annotations": list(holds.damaged),
        "blockers": _blockers(route, around),
        "route_services": around.route_services,
        "annotations_for_holds": ANNOTATIONS_PER_ROUTE - len(others),
    }


def _blockers(route: Result, around: fitness.Surroundings) -> list[str]:
    """Why this route could not be put into maintenance, as far as that is known."""
    checks: tuple[t.Callable[[], None], ...] = (
        lambda: fitness.check_can_show_page(route, around),
        lambda: fitness.check_responder(around),
        lambda: fitness.check_way_back(route, around),
    )
    found = []
    for check in checks:
        try:
            check()
        except RefusedError as problem:
            found.append(str(problem))
    return found
