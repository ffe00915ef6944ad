# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``oci_maintenance_page``."""

from __future__ import annotations

import typing as t
from functools import partial

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError, failure
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
from ansible_collections.tidegate.failover.plugins.module_utils._oci.auth import load_balancer_client
from ansible_collections.tidegate.failover.plugins.module_utils._oci.load_balancers import LoadBalancer, LoadBalancerApi
from ansible_collections.tidegate.failover.plugins.module_utils._oci.page_parts import PartsApi
from ansible_collections.tidegate.failover.plugins.module_utils._oci.work_requests import wait_for_success
from ansible_collections.tidegate.failover.plugins.module_utils._setup import certificates, page, routes
from ansible_collections.tidegate.failover.plugins.module_utils._setup.step import Step

Json = dict[str, t.Any]

_BACKEND = {"ip_address": {"type": "str", "required": True}, "port": {"type": "int", "default": 443}}


def create_module() -> AnsibleModule:
    """The Ansible module with its argument spec."""
    return DiscreetModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "load_balancer_id": {"type": "str", "required": True},
            "listener": {"type": "str", "default": "maintenance-page"},
            "backend_set": {"type": "str", "default": "maintenance-page"},
            "rule_set": {"type": "str", "default": "maintenance-page"},
            "port": {"type": "int"},
            "certificate_name": {"type": "str"},
            "certificate_ids": {"type": "list", "elements": "str"},
            "backends": {"type": "list", "elements": "dict", "options": _BACKEND},
            "backend_tls": {"type": "bool", "default": True},
            "backend_ca_certificate_name": {"type": "str"},
            "backend_ca_ids": {"type": "list", "elements": "str"},
            "backend_verify_depth": {"type": "int", "default": 3},
            "health_check_path": {"type": "str", "default": "/"},
            "health_check_status": {"type": "int", "default": 503},
            "redirect_code": {"type": "int", "choices": [302, 307], "default": 302},
            "redirect_host": {"type": "str", "default": "{host}"},
            "page_path": {"type": "str", "default": "{path}"},
            "redirect_paths": {"type": "list", "elements": "str", "default": ["/"]},
            "redirect_exact_paths": {"type": "list", "elements": "str", "default": []},
            "keep_paths": {"type": "list", "elements": "str", "default": []},
            "adopt": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 600},
            **oci_argument_spec(),
        },
        mutually_exclusive=[
            ("certificate_name", "certificate_ids"),
            ("backend_ca_certificate_name", "backend_ca_ids"),
        ],
        required_if=[("state", "present", ["port", "backends"])],
        supports_check_mode=True,
    )


def run(module: AnsibleModule) -> None:
    """Bring backend set, rule set and listener to the requested state."""
    require_oci(module)
    params = module.params
    deadline = Deadline(params["wait_timeout"], Clock())
    try:
        check_wait_timeout(params)
        page.check_options(params)
        client = load_balancer_client(params, wait_timeout=params["wait_timeout"])
        api, parts = LoadBalancerApi(client, params["load_balancer_id"]), PartsApi(client, params["load_balancer_id"])
        first = call_patiently(api.read, deadline).data
        warnings = _check_way(first, params, deadline) if params["state"] == "present" else []
    except TidegateError as problem:
        module.fail_json(**failure(problem), changed=False)
    for warning in warnings:
        module.warn(warning)
    converge_and_exit(
        module,
        read=api.read,
        decide=lambda seen: page.missing_steps(params, seen.data),
        write=partial(_write, api, parts, deadline),
        apply=_after,
        picture=lambda seen: page.shown(seen.data, params),
        deadline=deadline,
    )


def _check_way(load_balancer: Json, params: t.Mapping[str, t.Any], deadline: Deadline) -> list[str]:
    """Returns warnings. :raises RefusedError: no traffic would reach the page's backends."""
    networks, unread = readable_networks(params, load_balancer.get("subnetIds") or [], deadline)
    addresses = [backend["ip_address"] for backend in params["backends"]]
    return [
        *page.warnings(load_balancer, params),
        *certificates.warnings(load_balancer, params),
        *unread,
        *routes.check(networks, addresses),
    ]


def _after(seen: LoadBalancer, step: Step) -> LoadBalancer:
    return LoadBalancer(page.after_step(seen.data, step), seen.etag, seen.read_at)


def _write(api: LoadBalancerApi, parts: PartsApi, deadline: Deadline, seen: LoadBalancer, step: Step) -> LoadBalancer:
    """Take a step, and wait for its work request."""
    work_request_id = parts.write(step, seen.etag)
    wait_for_success(lambda: api.read_work_request(work_request_id), work_request_id, deadline, lambda _seen: None)
    return _after(seen, step)
