# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``cf_maintenance_mode``."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry.client import CloudFoundry
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry.routes import RouteApi
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.request import Request
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, failure
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import (
    REASON_LENGTH,
    check_owner,
    check_text,
    event_time_from,
    in_utc,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.cf_options import (
    SELECTION_EXCLUDES,
    Target,
    cf_argument_spec,
    cloud_from,
    route_argument_spec,
    targets_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.many_targets import Ending
from ansible_collections.tidegate.failover.plugins.module_utils._module.route_switch import RouteSwitch
from ansible_collections.tidegate.failover.plugins.module_utils._module.secrets import DiscreetModule

#: How many routes are switched at the same time. Platforms limit the rate of requests, so there are not more.
SIDE_BY_SIDE = 8

#: How a task ends.
ENDING = Ending("url", "routes", "routes", "unchanged", "the others match the requested state")

Result = dict[str, t.Any]

#: The other options of a task that gives only targets and an owner.
_OTHER_OPTIONS = {"reason": "", "force": False, "only_if_backends": None, "event_time": None, "wait_timeout": 120}


def create_module() -> AnsibleModule:
    """The Ansible module with its argument spec."""
    return DiscreetModule(
        argument_spec={
            "state": {"type": "str", "required": True, "choices": ["enabled", "disabled"]},
            **route_argument_spec(with_owner=True),
            "owner": {"type": "str", "default": "operator"},
            "reason": {"type": "str", "default": ""},
            "force": {"type": "bool", "default": False},
            "only_if_backends": {"type": "str", "choices": ["down", "serving"]},
            "event_time": {"type": "str"},
            "wait_timeout": {"type": "int", "default": 120},
            **cf_argument_spec(),
        },
        mutually_exclusive=SELECTION_EXCLUDES,
        required_one_of=[("route_guid", "url", "targets")],
        supports_check_mode=True,
    )


def run(module: AnsibleModule) -> None:
    """Switch all routes in parallel."""
    try:
        targets = targets_from(module.params)
        requests = requests_from(module.params, targets)
        cloud = cloud_from(module.params)
    except RefusedError as problem:
        module.fail_json(**failure(problem), changed=False, routes=[])

    def switch(pair: tuple[Target, Request]) -> Result:
        return _switch(cloud, *pair, wait_timeout=module.params["wait_timeout"], check_mode=module.check_mode)

    with ThreadPoolExecutor(max_workers=min(SIDE_BY_SIDE, len(targets))) as threads:
        results = list(threads.map(switch, zip(targets, requests, strict=True)))
    ENDING.switched(module, results)


def requests_from(params: Mapping[str, t.Any], targets: Sequence[Target]) -> list[Request]:
    """The request of a task for each target.

    :raises RefusedError: an option is not valid. No route was changed.
    """
    for owner in {params["owner"], *(target.owner for target in targets if target.owner is not None)}:
        check_owner(owner)
    check_text("reason", params["reason"], REASON_LENGTH)
    enabled = params["state"] == "enabled"
    if params["wait_timeout"] < 1:
        raise RefusedError(f"wait_timeout is {params['wait_timeout']}. Allow at least one second.")
    if params["force"] and enabled:
        raise RefusedError("force releases other owners' holds, so it goes with state: disabled only.")
    if enabled and not all(target.responder and target.responder.strip() for target in targets):
        raise RefusedError("responder_app is not given. Name the app that shows the maintenance page.")
    now = datetime.now(UTC)
    event_time = event_time_from(params["event_time"], now) if params["event_time"] else None
    return [
        Request(
            enabled=enabled,
            owner=params["owner"] if target.owner is None else target.owner,
            since=event_time or in_utc(now),
            reason=params["reason"],
            responder=target.responder,
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
    params = {"targets": given, "state": "enabled", "owner": owner, **_OTHER_OPTIONS}
    requests_from(params, targets_from(params))
    return [{**one, "owner": owner} for one in given]


def _switch(cloud: CloudFoundry, target: Target, request: Request, *, wait_timeout: int, check_mode: bool) -> Result:
    deadline = Deadline(wait_timeout, Clock())
    switch = RouteSwitch(lambda: RouteApi(cloud), target.selection, request, deadline)
    return switch.run(check_mode=check_mode)
