# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``oci_backend_set``: the health checks of an OCI load balancer find a backend set well.

What the statuses mean is from the API reference of BackendSetHealth: CRITICAL says that fewer than half of the backends
are well, and UNKNOWN also that no listener uses the set.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Look,
    Observation,
    Values,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._oci import OCI_OPTION, REQUIREMENTS, client

_NOT_OK = {
    "critical": "criticalStateBackendNames",
    "warning": "warningStateBackendNames",
    "unknown": "unknownStateBackendNames",
}


def check(options: Values) -> None:
    """Refuse a number of backends that proves nothing."""
    if options["min_healthy"] is not None and options["min_healthy"] < 1:
        raise RefusedError(f"min_healthy is {options['min_healthy']}. At least one backend has to be well.")


def expected(options: Values) -> str:
    """What the gate wants to see."""
    many = "all" if options["min_healthy"] is None else f"at least {options['min_healthy']}"
    return f"{many} backends of {options['backend_set']} OK"


def observe(options: Values, look: Look) -> Observation:
    """Ask for the health of the backend set once."""
    made = client(_connect, options, look)
    if isinstance(made, Observation):
        return made
    from ansible_collections.tidegate.failover.plugins.module_utils._oci.load_balancers import LoadBalancerApi

    return judge(options, LoadBalancerApi(made, options["load_balancer_id"]).backend_set_health(options["backend_set"]))


def _connect(sign_in: dict[str, t.Any], limit: float) -> t.Any:
    from ansible_collections.tidegate.failover.plugins.module_utils._oci.auth import load_balancer_client

    return load_balancer_client(sign_in, wait_timeout=limit)


def judge(options: Values, health: Mapping[str, t.Any]) -> Observation:
    """Unknown is not well, whatever is counted."""
    troubled = {state: list(health.get(names) or ()) for state, names in _NOT_OK.items()}
    total, status = int(health.get("totalBackendCount") or 0), health["status"]
    healthy = total - sum(len(names) for names in troubled.values())
    named = [f"{state}: {', '.join(names)}" for state, names in troubled.items() if names]
    observed = "; ".join([f"{status}, {max(0, healthy)} of {total} backends OK", *named])
    if status == "OK" and total > 0:
        return _enough(options, healthy, observed)
    if total == 0:
        return Observation(False, observed, "Add backends to the set.")
    if status not in ("WARNING", "CRITICAL"):
        remedy = "Wait for the first health checks, and see that a listener uses the backend set."
        return Observation(False, observed, remedy)
    if options["min_healthy"] is not None:
        return _enough(options, healthy, observed)
    return Observation(False, observed, "Start the backends that are not OK, or look why their health checks fail.")


def _enough(options: Values, healthy: int, observed: str) -> Observation:
    if options["min_healthy"] is None or healthy >= options["min_healthy"]:
        return Observation(True, observed)
    return Observation(False, observed, f"Start backends, until at least {options['min_healthy']} are OK.")


KIND = GateKind(
    name="oci_backend_set",
    description="""
        Passes if the health checks of an OCI load balancer find the backends of a backend set OK: all of them, or as
        many as O(gates[].oci_backend_set.min_healthy) says. A status of C(UNKNOWN) fails, and so does a set without
        backends.""",
    options={
        "load_balancer_id": {"description": "OCID of the load balancer.", "type": "str", "required": True},
        "backend_set": {"description": "Name of the backend set.", "type": "str", "required": True},
        "min_healthy": {
            "description": "How many backends have to be OK. If not set, all of them.",
            "type": "int",
        },
        **OCI_OPTION,
    },
    expected=expected,
    observe=observe,
    check=check,
    requirements=REQUIREMENTS,
)
