# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Calls that create, update and delete backend sets, rule sets and listeners of a load balancer, each sent once."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._errors import TransientError
from ansible_collections.tidegate.failover.plugins.module_utils._oci.calls import Calls
from ansible_collections.tidegate.failover.plugins.module_utils._setup.step import Step

_BALANCER = "/loadBalancers/{loadBalancerId}"
_PATHS = {"backend set": "backendSets", "rule set": "ruleSets", "listener": "listeners"}
_METHODS = {"create": "POST", "update": "PUT", "delete": "DELETE"}


class PartsApi:
    """Writes to one load balancer.

    :param client: an ``oci.load_balancer.LoadBalancerClient``.
    """

    def __init__(self, client: t.Any, load_balancer_id: str) -> None:
        self._calls = Calls(client, "the Load Balancing service", "manage load-balancers")
        self._id = load_balancer_id

    def write(self, step: Step, etag: str) -> str:
        """Take a step, if the etag of the load balancer still matches. Returns the id of the work request."""
        action = f"{step.verb} {step.kind} {step.name!r} of {self._id}"
        params = {"loadBalancerId": self._id}
        path = _BALANCER
        if step.kind != "load balancer":
            path += f"/{_PATHS[step.kind]}"
            if step.verb != "create":
                path, params = f"{path}/{{name}}", {**params, "name": step.name}
        body = None if step.verb == "delete" else step.body
        headers = self._calls.change(action, _METHODS[step.verb], path, body, etag, **params)
        if not headers.get("opc-work-request-id"):
            raise TransientError(f"Cannot {action} for certain: no work request was named.", effect_unknown=True)
        return str(headers["opc-work-request-id"])
