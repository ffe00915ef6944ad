# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The health API, computed from the health checks. Source of the rules: the documentation of the API's models."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from lab.oci.load_balancer.fields import Json

#: Backend set name, backend name -> the backend's health in the API's form.
BackendHealthOf: TypeAlias = Callable[[str, str], Json]


def backend_health(check_status: str, timestamp: str) -> Json:
    """Health of one backend.

    :param check_status: outcome of its health check, one of the API's ``healthCheckStatus``. The real service has a
        primary and a standby checker. The lab has one checker, so WARNING (they disagree) does not occur.
    """
    status = check_status if check_status in ("OK", "UNKNOWN") else "CRITICAL"
    result = {
        "subnetId": "",
        "sourceIpAddress": "127.0.0.1",
        "timestamp": timestamp,
        "healthCheckStatus": check_status,
    }
    return {"status": status, "healthCheckResults": [result]}


def backend_set_health(balancer: Json, name: str, health_of: BackendHealthOf) -> Json:
    """Health of a backend set.

    OK: all are OK. WARNING: half or more are OK. CRITICAL: fewer than half are OK. UNKNOWN: more than half are unknown,
    or no listener uses the backend set.
    """
    backends = [backend["name"] for backend in balancer["backendSets"][name]["backends"]]
    states = {backend: health_of(name, backend)["status"] for backend in backends}
    attached = any(name in _used_by(balancer, listener) for listener in balancer["listeners"].values())
    return {
        "status": _backend_set_status(list(states.values()), attached),
        "warningStateBackendNames": _in_state(states, "WARNING"),
        "criticalStateBackendNames": _in_state(states, "CRITICAL"),
        "unknownStateBackendNames": _in_state(states, "UNKNOWN"),
        "totalBackendCount": len(states),
    }


def _used_by(balancer: Json, listener: Json) -> set[str]:
    """Every backend set that a listener sends requests to.

    Ingress controllers read the health of backend sets that only routing policies name, to find out whether pods are
    ready.
    """
    rules = balancer["routingPolicies"].get(listener.get("routingPolicyName"), {}).get("rules", [])
    routed = {action["backendSetName"] for rule in rules for action in rule["actions"]}
    routes = balancer["pathRouteSets"].get(listener.get("pathRouteSetName"), {}).get("pathRoutes", [])
    return {listener["defaultBackendSetName"], *routed, *(route["backendSetName"] for route in routes)}


def _backend_set_status(states: list[str], attached: bool) -> str:
    count = len(states)
    if count == 0 or not attached or states.count("UNKNOWN") * 2 > count:
        return "UNKNOWN"
    if states.count("OK") == count:
        return "OK"
    return "WARNING" if states.count("OK") * 2 >= count else "CRITICAL"


def load_balancer_health(balancer: Json, health_of: BackendHealthOf) -> Json:
    """Health of a load balancer, from the health of its backend sets."""
    states = {name: backend_set_health(balancer, name, health_of)["status"] for name in balancer["backendSets"]}
    return {
        "status": _load_balancer_status(list(states.values()), balancer["lifecycleState"]),
        "warningStateBackendSetNames": _in_state(states, "WARNING"),
        "criticalStateBackendSetNames": _in_state(states, "CRITICAL"),
        "unknownStateBackendSetNames": _in_state(states, "UNKNOWN"),
        "totalBackendSetCount": len(states),
    }


def _load_balancer_status(states: list[str], lifecycle_state: str) -> str:
    if lifecycle_state != "ACTIVE" or not states:
        return "UNKNOWN"
    for worst in ("CRITICAL", "WARNING"):
        if worst in states:
            return worst
    if states.count("UNKNOWN") * 2 > len(states):
        return "UNKNOWN"
    # Some are OK, and all others are unknown. The API reference does not define this case; OK would be too optimistic.
    return "OK" if states.count("OK") == len(states) else "WARNING"


def _in_state(states: dict[str, str], state: str) -> list[str]:
    return [name for name, value in states.items() if value == state]
