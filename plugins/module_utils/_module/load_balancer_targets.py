# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The options of ``lb_maintenance_mode`` and its info module that select listeners, and the clients for them."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from threading import Lock

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Selection, selection_from
from ansible_collections.tidegate.failover.plugins.module_utils._oci.auth import (
    SignIn,
    load_balancer_client,
    sign_in_with,
)
from ansible_collections.tidegate.failover.plugins.module_utils._oci.load_balancers import LoadBalancerApi

Params = Mapping[str, t.Any]


#: The two ways to name listeners exclude each other, and so do a single load balancer and targets.
SELECTION_EXCLUDES = (
    ("listeners", "backend_set"),
    ("targets", "load_balancer_id"),
    ("targets", "listeners"),
    ("targets", "backend_set"),
    ("targets", "rule_set"),
    ("targets", "maintenance_backend_set"),
    ("targets", "tester_routing_policy"),
)


class Target(t.NamedTuple):
    """One selection, with its region and the owner of its page if they differ from the task's."""

    selection: Selection
    region: str | None
    owner: str | None = None


def selection_argument_spec(*, rule_set_required: bool) -> dict[str, t.Any]:
    """The argument spec of the options that name listeners on one load balancer, alone or as an element of targets."""
    names: dict[str, t.Any] = {
        "load_balancer_id": {"type": "str"},
        "listeners": {"type": "list", "elements": "str"},
        "backend_set": {"type": "str"},
        "rule_set": {"type": "str"},
        "strategy": {"type": "str", "choices": ["redirect", "backend_set"], "default": "redirect"},
        "maintenance_backend_set": {"type": "str"},
        "tester_routing_policy": {"type": "str"},
    }
    required: dict[str, t.Any] = {"load_balancer_id": {"type": "str", "required": True}}
    targets: dict[str, t.Any] = {
        "type": "list",
        "elements": "dict",
        "options": {**names, **required, "region": {"type": "str"}},
        "mutually_exclusive": [("listeners", "backend_set")],
    }
    if rule_set_required:
        # A task that only reads needs no owner.
        targets["options"]["owner"] = {"type": "str"}
        targets["required_one_of"] = [("listeners", "backend_set")]
    return {**names, "targets": targets}


def targets_from(params: Params) -> list[Target]:
    """All selections of a task, in the order given.

    :raises RefusedError: one of them is not valid, so the task must change none.
    """
    if params.get("targets") is not None and params.get("strategy") == "backend_set":
        raise RefusedError(
            "strategy is backend_set, and targets is given. Give the strategy of each target in targets."
        )
    if params.get("targets") is None:
        return [Target(selection_from(params), None)]
    return [Target(selection_from(given), given.get("region"), given.get("owner")) for given in params["targets"]]


class LoadBalancerApis:
    """The clients for the load balancers of one task, which signs in once for each region of its targets.

    Signing in takes longer than most calls, so it is not repeated for each load balancer. But each load balancer gets
    its own client: the session of a client keeps one connection open, and threads must not share it.
    """

    def __init__(self, params: Params) -> None:
        """Do not sign in yet, so that a region where signing in fails does not hide the others."""
        self._params = params
        self._sign_ins: dict[str | None, SignIn | RefusedError] = {}
        self._signing_in = Lock()

    def of(self, target: Target) -> LoadBalancerApi:
        """The client for a target's load balancer.

        :raises RefusedError: signing in is not possible with the options given.
        """
        options = {**self._params, "region": target.region} if target.region else self._params
        sign_in = self._sign_in(target.region, options)
        client = load_balancer_client(options, wait_timeout=self._params["wait_timeout"], sign_in=sign_in)
        return LoadBalancerApi(client, target.selection.load_balancer_id)

    def _sign_in(self, region: str | None, options: Params) -> SignIn:
        with self._signing_in:
            if region not in self._sign_ins:
                self._sign_ins[region] = _tried(options)
        outcome = self._sign_ins[region]
        if isinstance(outcome, RefusedError):
            raise RefusedError(str(outcome))
        return outcome


def _tried(options: Params) -> SignIn | RefusedError:
    """A refusal is stored too: it may have taken long, and would be the same for every load balancer."""
    try:
        return sign_in_with(options)
    except RefusedError as problem:
        return problem
