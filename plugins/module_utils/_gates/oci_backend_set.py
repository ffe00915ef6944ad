# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``oci_backend_set``: backends of an OCI load balancer that take the traffic of new users are healthy.

The API reference of BackendSetHealth defines the statuses: CRITICAL means that fewer than half of the backends are
healthy. UNKNOWN can also mean that no listener uses the set. The statuses include drained, offline and backup backends.
So the gate judges each backend, with its flags.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Observation,
    Probe,
    Values,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._oci import OCI_OPTION, REQUIREMENTS, client
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.capacity import (
    OK,
    Capacity,
    capacity_of,
    described,
)


def check(options: Values) -> None:
    """Refuse a number of backends that proves nothing."""
    if options["min_healthy"] is not None and options["min_healthy"] < 1:
        raise RefusedError(f"min_healthy is {options['min_healthy']}. At least one backend has to be healthy.")


def expected(options: Values) -> str:
    """What the gate expects to observe."""
    many = "all" if options["min_healthy"] is None else f"at least {options['min_healthy']}"
    return f"{many} backends of {options['backend_set']} that take new users OK"


def observe(options: Values, probe: Probe) -> Observation:
    """Read the backends and their health once."""
    made = client(_connect, options, probe)
    if isinstance(made, Observation):
        return made
    from ansible_collections.tidegate.failover.plugins.module_utils._oci.load_balancers import LoadBalancerApi

    api, name = LoadBalancerApi(made, options["load_balancer_id"]), options["backend_set"]
    load_balancer = api.read().data
    return judge(options, load_balancer, api.backend_set_health(name))


def _connect(sign_in: dict[str, t.Any], limit: float) -> t.Any:
    from ansible_collections.tidegate.failover.plugins.module_utils._oci.auth import load_balancer_client

    return load_balancer_client(sign_in, wait_timeout=limit)


def judge(options: Values, load_balancer: Mapping[str, t.Any], health: Mapping[str, t.Any]) -> Observation:
    """Judge the health of the backends. Unknown counts as not healthy."""
    state = load_balancer.get("lifecycleState")
    if state != "ACTIVE":
        remedy = "Check the state of the load balancer; only an active one forwards traffic."
        return Observation(False, f"the load balancer is {state or 'in an unknown state'}", remedy)
    capacity = capacity_of(load_balancer["backendSets"].get(options["backend_set"]), health)
    if capacity.unclear:
        return Observation(False, described(capacity), "Backends are being added or removed. Evaluate the gate again.")
    observed = f"{health['status']}, {described(capacity)}"
    if not capacity.states:
        return Observation(False, observed, _nobody(capacity))
    if health["status"] not in ("OK", "WARNING", "CRITICAL"):
        remedy = "Wait for the first health checks, and check that a listener uses the backend set."
        return Observation(False, observed, remedy)
    healthy = len(capacity.names(OK))
    if options["min_healthy"] is None:
        remedy = "Start the backends that are not OK, or find out why their health checks fail."
        return _passed_if(healthy == len(capacity.states), observed, remedy)
    remedy = f"Start backends, or end their drain or offline, until at least {options['min_healthy']} are OK."
    return _passed_if(healthy >= options["min_healthy"], observed, remedy)


def _nobody(capacity: Capacity) -> str:
    if not capacity.set_aside:
        return "Add backends to the set."
    return "No backend takes new users. End the drain or offline of some, or add backends that are no backup."


def _passed_if(passed: bool, observed: str, remedy: str) -> Observation:
    return Observation(passed, observed, "" if passed else remedy)


KIND = GateKind(
    name="oci_backend_set",
    description="""
        Passes if the health checks of an OCI load balancer report backends of a backend set as OK: all backends that
        take traffic of new users, or at least O(gates[].oci_backend_set.min_healthy) of them.

        Backends with the flag C(drain), C(offline) or C(backup) take no new users, so they do not count, even if they
        are healthy; the evidence names them. The gate fails if the set has no other backends, if its status is
        C(UNKNOWN), and if its health lists other backends than the load balancer, because some were added or removed
        just now.

        What else could make it pass:

        A single backend, if all others are drained and O(gates[].oci_backend_set.min_healthy) is not set. Set it to the
        number of backends that can carry the load.

        A health check that tests too little. A check of protocol TCP, or of another port, passes while the application
        answers with errors.

        A backend that failed a moment ago. It is OK until all retries of the health checker have failed. Use
        O(gates[].oci_backend_set.consecutive) and O(gates[].oci_backend_set.interval) to cover that time.

        A maintenance page that is still up, or a listener that leads elsewhere. The gate does not check listeners and
        rule sets.

        Needs the right to C(read) load balancers.""",
    options={
        "load_balancer_id": {"description": "OCID of the load balancer.", "type": "str", "required": True},
        "backend_set": {"description": "Name of the backend set.", "type": "str", "required": True},
        "min_healthy": {
            "description": """
                How many of the backends that take traffic of new users have to be OK. If not set, all of them, even if
                there is only one.""",
            "type": "int",
        },
        **OCI_OPTION,
    },
    expected=expected,
    observe=observe,
    check=check,
    requirements=REQUIREMENTS,
)
