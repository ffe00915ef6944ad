# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``oci_stock_response``."""

from __future__ import annotations

import typing as t
from functools import partial

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    NotFoundError,
    RefusedError,
    TidegateError,
    failure,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.oci_options import (
    oci_argument_spec,
    require_oci,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.oci_routes import readable_networks
from ansible_collections.tidegate.failover.plugins.module_utils._module.secrets import DiscreetModule
from ansible_collections.tidegate.failover.plugins.module_utils._module.set_up import (
    check_wait_timeout,
    converge_and_exit,
)
from ansible_collections.tidegate.failover.plugins.module_utils._oci.auth import gateway_client
from ansible_collections.tidegate.failover.plugins.module_utils._oci.gateways import GatewayApi
from ansible_collections.tidegate.failover.plugins.module_utils._oci.work_requests import wait_for_success
from ansible_collections.tidegate.failover.plugins.module_utils._setup import routes, stock_response
from ansible_collections.tidegate.failover.plugins.module_utils._setup.step import Step

Json = dict[str, t.Any]


class Seen(t.NamedTuple):
    """What was read: the deployment, if there is one."""

    deployment: Json | None


def create_module() -> AnsibleModule:
    """The Ansible module with its argument spec."""
    return DiscreetModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "gateway_id": {"type": "str", "required": True},
            "compartment_id": {"type": "str"},
            "path_prefix": {"type": "str", "required": True},
            "name": {"type": "str", "default": "maintenance-page"},
            "status": {"type": "int", "default": 503},
            "headers": {"type": "dict", "default": {}},
            "body": {"type": "str", "default": ""},
            "specification": {"type": "dict"},
            "adopt": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 600},
            **oci_argument_spec(),
        },
        supports_check_mode=True,
    )


def run(module: AnsibleModule) -> None:
    """Bring the deployment to the requested state."""
    require_oci(module)
    params = module.params
    deadline = Deadline(params["wait_timeout"], Clock())
    try:
        check_wait_timeout(params)
        stock_response.check_content(params)
        api = GatewayApi(gateway_client(params, wait_timeout=params["wait_timeout"]), params["gateway_id"])
        gateway = _gateway(api, params, deadline)
        warnings = _check_way(gateway, params, deadline) if params["state"] == "present" else []
    except TidegateError as problem:
        module.fail_json(**failure(problem), changed=False)
    for warning in warnings:
        module.warn(warning)
    compartment_id = params["compartment_id"] or gateway.get("compartmentId") or ""
    converge_and_exit(
        module,
        read=lambda: _read(api, params, compartment_id),
        decide=lambda seen: stock_response.missing_steps(params, compartment_id, seen.deployment),
        write=partial(_write, api, deadline),
        apply=_after,
        picture=lambda seen: stock_response.shown(seen.deployment),
        deadline=deadline,
        finish=_found,
    )


def _gateway(api: GatewayApi, params: t.Mapping[str, t.Any], deadline: Deadline) -> Json:
    """The gateway. A gateway that does not exist has no deployments, so absent does not need it.

    :raises RefusedError: there is no such gateway, or it accepts no deployment.
    """
    try:
        gateway = call_patiently(api.gateway, deadline)
    except NotFoundError as problem:
        if params["state"] == "absent":
            return {}
        raise RefusedError(f"{problem} Give the OCID of a gateway that exists in gateway_id.") from problem
    if params["state"] == "present":
        stock_response.check_gateway(gateway, params["gateway_id"])
    return gateway


def _check_way(gateway: Json, params: t.Mapping[str, t.Any], deadline: Deadline) -> list[str]:
    """Returns warnings about failed checks. :raises RefusedError: no answer of the gateway would reach users."""
    if not (routes.needs_rules(gateway) and gateway.get("subnetId")):
        return []
    networks, unread = readable_networks(params, [gateway["subnetId"]], deadline)
    for network in networks:
        routes.check_gateway(gateway, network)
    return unread


def _read(api: GatewayApi, params: t.Mapping[str, t.Any], compartment_id: str) -> Seen:
    return Seen(api.deployment(compartment_id, params["path_prefix"]) if compartment_id else None)


def _write(api: GatewayApi, deadline: Deadline, seen: Seen, step: Step) -> Seen:
    """Take a step, and wait for its work request."""
    made, work_request_id = api.write(step)
    if work_request_id:

        def read() -> Json:
            found = api.work_request(work_request_id)
            failed = found["lifecycleState"] == "FAILED"
            return {**found, "errorDetails": api.problems(work_request_id) if failed else []}

        wait_for_success(read, work_request_id, deadline, lambda _seen: None)
    after = _after(seen, step).deployment
    return Seen({**after, **made} if after is not None else None)


def _after(seen: Seen, step: Step) -> Seen:
    """The deployment after a step."""
    return Seen(None if step.verb == "delete" else {**(seen.deployment or {}), **step.body})


def _found(seen: Seen) -> Json:
    """What the result contains about an existing deployment."""
    found = seen.deployment
    return {"endpoint": found.get("endpoint"), "deployment_id": found.get("id")} if found else {}
