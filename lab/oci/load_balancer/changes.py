# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The effect of every write of the API on a load balancer: pure functions from one state to the next.

A change is checked when the service accepts it. It is made when its work request ends, on the state that the load
balancer has then.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import TypeAlias

from lab.oci.errors import conflict, invalid, not_found
from lab.oci.load_balancer.backend_sets import normalised_backend, normalised_backend_set, normalised_health_checker
from lab.oci.load_balancer.fields import IDENTIFIER, NAME, Fields, Json
from lab.oci.load_balancer.listeners import normalised_listener
from lab.oci.load_balancer.routing import (
    normalised_certificate,
    normalised_cipher_suite,
    normalised_hostname,
    normalised_path_route_set,
    normalised_routing_policy,
)
from lab.oci.load_balancer.rule_sets import normalised_rule_set
from lab.oci.load_balancer.tags import check_tags

#: Returns the changed load balancer, and does not modify its argument; raises ApiError if the change cannot be made.
Change: TypeAlias = Callable[[Json], Json]


@dataclass(frozen=True)
class Kind:
    """A kind of resource inside a load balancer.

    :ivar singular: its name in operations: ``RuleSet`` in ``CreateRuleSet``.
    :ivar collection: its path segment, and its field of the load balancer.
    :ivar normalised: checks the details of a POST or PUT and returns the resource as it is stored.
    :ivar name_field: the field of its name in the body of a POST.
    :ivar name_pattern: the allowed names; ``longest_name``: the most characters of a name.
    :ivar used_by: fields of listeners (and of backend sets, for SSL) that name resources of this kind.
    :ivar required_in_post: fields that only a PUT may leave out; ``required_in_put``: that only a POST may.
    """

    singular: str
    collection: str
    normalised: Callable[[Json, str, Json], Json]
    name_field: str = "name"
    name_pattern: re.Pattern[str] = NAME
    longest_name: int = 255
    used_by: tuple[str, ...] = ()
    required_in_post: tuple[str, ...] = ()
    required_in_put: tuple[str, ...] = ()


LISTENERS = Kind("Listener", "listeners", normalised_listener)
BACKEND_SETS = Kind(
    "BackendSet",
    "backendSets",
    normalised_backend_set,
    longest_name=32,
    used_by=("defaultBackendSetName",),
    required_in_put=("backends",),
)
CERTIFICATES = Kind(
    "Certificate",
    "certificates",
    normalised_certificate,
    name_field="certificateName",
    used_by=("sslConfiguration.certificateName",),
)
KINDS = (
    LISTENERS,
    BACKEND_SETS,
    CERTIFICATES,
    Kind("RuleSet", "ruleSets", normalised_rule_set, used_by=("ruleSetNames",)),
    Kind("Hostname", "hostnames", normalised_hostname, used_by=("hostnameNames",)),
    Kind("PathRouteSet", "pathRouteSets", normalised_path_route_set, used_by=("pathRouteSetName",)),
    Kind(
        "RoutingPolicy",
        "routingPolicies",
        normalised_routing_policy,
        name_pattern=IDENTIFIER,
        used_by=("routingPolicyName",),
        required_in_post=("conditionLanguageVersion",),
    ),
    Kind("SSLCipherSuite", "sslCipherSuites", normalised_cipher_suite, used_by=("sslConfiguration.cipherSuiteName",)),
)


def create(kind: Kind, details: Json) -> Change:
    """POST of a new resource."""
    fields = Fields(details, kind.singular)
    name = fields.text(kind.name_field, required=True, pattern=kind.name_pattern) or ""
    if len(name) > kind.longest_name:
        raise fields.wrong(kind.name_field, f"size must be between 1 and {kind.longest_name}")
    _require(details, kind.singular, kind.required_in_post)

    def change(balancer: Json) -> Json:
        if name in balancer[kind.collection]:
            raise conflict(f"The load balancer has a {kind.singular} {name!r} already.")
        return _with(balancer, kind, name, kind.normalised(balancer, name, details))

    return change


def update(kind: Kind, name: str, details: Json) -> Change:
    """PUT of a resource: the body replaces the whole resource."""
    _require(details, kind.singular, kind.required_in_put)

    def change(balancer: Json) -> Json:
        if name not in balancer[kind.collection]:
            raise not_found()
        return _with(balancer, kind, name, kind.normalised(balancer, name, details))

    return change


def delete(kind: Kind, name: str) -> Change:
    """DELETE of a resource that nothing uses."""

    def change(balancer: Json) -> Json:
        if name not in balancer[kind.collection]:
            raise not_found()
        users = _users(balancer, kind, name)
        if users:
            raise conflict(f"{kind.singular} {name!r} is attached to {', '.join(users)}.")
        after = deepcopy(balancer)
        del after[kind.collection][name]
        return after

    return change


def _require(details: Json, where: str, names: tuple[str, ...]) -> None:
    fields = Fields(details, where)
    for name in names:
        fields.value(name, required=True)


def _with(balancer: Json, kind: Kind, name: str, resource: Json) -> Json:
    after = deepcopy(balancer)
    after[kind.collection][name] = deepcopy(resource)
    return after


def _users(balancer: Json, kind: Kind, name: str) -> list[str]:
    """Listeners and backend sets that name a resource."""
    return [
        f"{users.singular} {user['name']!r}"
        for users in (LISTENERS, BACKEND_SETS)
        for user in balancer[users.collection].values()
        if any(_refers(user, field.split("."), name) for field in kind.used_by)
    ]


def _refers(value: object, field: list[str], name: str) -> bool:
    for part in field:
        value = value.get(part) if isinstance(value, dict) else None
    return name in value if isinstance(value, list) else value == name


def create_backend(backend_set: str, details: Json) -> Change:
    """POST of a backend."""
    backend = normalised_backend(details)

    def change(balancer: Json) -> Json:
        backends = _backends(balancer, backend_set)
        if any(other["name"] == backend["name"] for other in backends):
            raise conflict(f"The backend set {backend_set!r} has a backend {backend['name']} already.")
        return _with_backends(balancer, backend_set, [*backends, backend])

    return change


def update_backend(backend_set: str, name: str, details: Json) -> Change:
    """PUT of a backend. Its address and port are in its name."""
    _require(details, "backend", ("weight", "backup", "drain", "offline"))
    address, _unused, port = name.rpartition(":")
    identity = {"ipAddress": address, "port": int(port) if port.isdecimal() else 0}

    def change(balancer: Json) -> Json:
        backends = _backends(balancer, backend_set)
        if all(other["name"] != name for other in backends):
            raise not_found()
        backend = normalised_backend(details | identity)
        return _with_backends(balancer, backend_set, [backend if b["name"] == name else b for b in backends])

    return change


def delete_backend(backend_set: str, name: str) -> Change:
    """DELETE of a backend."""

    def change(balancer: Json) -> Json:
        backends = _backends(balancer, backend_set)
        kept = [backend for backend in backends if backend["name"] != name]
        if len(kept) == len(backends):
            raise not_found()
        return _with_backends(balancer, backend_set, kept)

    return change


#: Fields that UpdateHealthChecker requires. Inside a backend set a health checker must only name its protocol.
_HEALTH_CHECKER_FIELDS = (
    "protocol",
    "port",
    "returnCode",
    "retries",
    "timeoutInMillis",
    "intervalInMillis",
    "responseBodyRegex",
)


def update_health_checker(backend_set: str, details: Json) -> Change:
    """PUT of a backend set's health checker."""
    _require(details, "healthChecker", _HEALTH_CHECKER_FIELDS)
    checker = normalised_health_checker(details)

    def change(balancer: Json) -> Json:
        _backends(balancer, backend_set)
        after = deepcopy(balancer)
        after["backendSets"][backend_set]["healthChecker"] = checker
        return after

    return change


def _backends(balancer: Json, backend_set: str) -> list[Json]:
    if backend_set not in balancer["backendSets"]:
        raise not_found()
    backends: list[Json] = balancer["backendSets"][backend_set]["backends"]
    return backends


def _with_backends(balancer: Json, backend_set: str, backends: list[Json]) -> Json:
    after = deepcopy(balancer)
    after["backendSets"][backend_set]["backends"] = deepcopy(backends)
    return after


#: Fields that UpdateLoadBalancer does not change, because they are fixed or have their own operations.
_READ_ONLY = (
    "id",
    "compartmentId",
    "lifecycleState",
    "timeCreated",
    "ipAddresses",
    "shapeName",
    "shapeDetails",
    "isPrivate",
    "subnetIds",
    "networkSecurityGroupIds",
    "systemTags",
    *(kind.collection for kind in KINDS),
)


def update_load_balancer(details: Json) -> Change:
    """PUT of the load balancer itself. Unlike PUTs of its resources, it keeps fields that the body does not name."""
    fields = Fields(details, "loadBalancer")
    fields.text("displayName")
    fields.boolean("isDeleteProtectionEnabled")
    named = {name: value for name, value in details.items() if name not in _READ_ONLY and value is not None}

    def change(balancer: Json) -> Json:
        after = deepcopy(balancer) | deepcopy(named)
        check_tags(after.get("freeformTags") or {}, after.get("definedTags") or {})
        return after

    return change


def replace_field(name: str, value: object) -> Change:
    """Replace one field of the load balancer that has an operation of its own, for example its shape."""

    def change(balancer: Json) -> Json:
        return deepcopy(balancer) | {name: deepcopy(value)}

    return change


def delete_load_balancer(balancer: Json) -> Json:
    """DELETE of the load balancer with everything in it."""
    if balancer.get("isDeleteProtectionEnabled") and balancer["listeners"]:
        raise conflict("The load balancer is protected against deletion.")
    return deepcopy(balancer) | {"lifecycleState": "DELETED", "listeners": {}, "backendSets": {}}


def create_resources(details: Json, empty: Json) -> Json:
    """A new load balancer with the resources in the body of CreateLoadBalancer.

    :param empty: the load balancer without resources.
    """
    balancer = empty
    # Listeners refer to everything else, so they come last.
    for kind in sorted(KINDS, key=lambda kind: kind is LISTENERS):
        resources = details.get(kind.collection) or {}
        if not isinstance(resources, dict):
            raise invalid(f"{kind.collection} must be an object.")
        for name, resource in resources.items():
            fields = Fields(resource, kind.singular)
            balancer = create(kind, fields.data | {kind.name_field: name})(balancer)
    return balancer
