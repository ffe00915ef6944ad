# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The health check of one site of a service: how it is found again, and which steps are missing.

It is found by its caller reference, which is part of the call that creates it and never changes. A tag would need
another call, so an aborted run could leave a health check that no run finds again.
"""

from __future__ import annotations

import hashlib
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import PATH_TYPES, HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._setup.ownership import TAG
from ansible_collections.tidegate.failover.plugins.module_utils._setup.step import Step

Json = dict[str, t.Any]

_DEFAULT_PORTS = {"HTTP": 80, "HTTPS": 443}
#: Route 53 cannot change these later (API reference, UpdateHealthCheck).
_FIXED = ("Type", "RequestInterval")


@dataclass(frozen=True)
class Found:
    """The existing health check.

    :ivar check: the health check, or None.
    :ivar tags: its tags.
    """

    check: HealthCheck | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


def reference_prefix(service: str, name: str) -> str:
    """The beginning of the caller references of a site. A whole reference has at most 64 characters."""
    digest = hashlib.sha256(f"{service}\0{name}".encode()).hexdigest()
    return f"tidegate-{digest[:20]}-"


def one_of(checks: Sequence[HealthCheck], service: str, name: str) -> HealthCheck | None:
    """The health check that was created for a site.

    :raises RefusedError: there are several.
    """
    prefix = reference_prefix(service, name)
    ours = [check for check in checks if check.caller_reference.startswith(prefix)]
    if len(ours) > 1:
        raise RefusedError(
            f"The health check '{name}' of '{service}' exists {len(ours)} times: {', '.join(one.id for one in ours)}. "
            "Nothing was changed. Delete all but the one that the records name."
        )
    return ours[0] if ours else None


def wanted_config(params: Mapping[str, t.Any]) -> Json:
    """The HealthCheckConfig of the options."""
    kind = params["type"]
    config = {
        "Type": kind,
        "IPAddress": params["ip_address"],
        "FullyQualifiedDomainName": params["fqdn"],
        "Port": params["port"] or _DEFAULT_PORTS.get(kind),
        "ResourcePath": params["resource_path"] if kind in PATH_TYPES else None,
        "RequestInterval": params["request_interval"],
        "FailureThreshold": params["failure_threshold"],
    }
    return {name: value for name, value in config.items() if value is not None}


def steps_to_have(params: Mapping[str, t.Any], lock_path: str, found: Found) -> list[Step]:
    """The missing steps.

    :raises RefusedError: the health check is locked, or a fixed setting differs.
    """
    wanted, name = wanted_config(params), params["name"]
    steps: list[Step] = []
    if found.check is None:
        steps.append(Step("create", "health check", name, wanted))
    else:
        _refuse_locked(found.check, lock_path, found.tags, name)
        differs = _differing(found.check, wanted, name)
        if differs:
            steps.append(Step("update", "health check", name, differs, found.check.id))
    tags = {"Name": name, TAG: params["service"]}
    missing = {key: value for key, value in tags.items() if found.tags.get(key) != value}
    if missing:
        steps.append(Step("update", "tags of health check", name, missing, found.check.id if found.check else ""))
    return steps


def steps_to_remove(params: Mapping[str, t.Any], lock_path: str, found: Found) -> list[Step]:
    """The deletion, if it exists. :raises RefusedError: it is locked, so a deletion would return traffic to it."""
    if found.check is None:
        return []
    _refuse_locked(found.check, lock_path, found.tags, params["name"])
    return [Step("delete", "health check", params["name"], identifier=found.check.id)]


def after(found: Found, step: Step) -> Found:
    """The health check after a step."""
    if step.verb == "delete":
        return Found()
    if step.verb == "create":
        return replace(found, check=HealthCheck("", step.body, 1))
    if step.kind != "health check":
        return replace(found, tags={**found.tags, **step.body})
    if found.check is None:
        return found
    return replace(found, check=replace(found.check, config={**found.check.config, **step.body}))


def _refuse_locked(check: HealthCheck, lock_path: str, tags: Mapping[str, str], name: str) -> None:
    if read_lock(check, lock_path, tags):
        raise RefusedError(
            f"The health check '{name}' ({check.id}) is locked: its site is kept out. Nothing was changed. Fail back "
            "first."
        )


def _differing(check: HealthCheck, wanted: Json, name: str) -> Json:
    differs = {key: value for key, value in wanted.items() if check.config.get(key) != value}
    for key in _FIXED:
        if key in differs:
            raise RefusedError(
                f"The health check '{name}' ({check.id}) has {key} {check.config.get(key)}, not {wanted[key]}. "
                "Route 53 cannot change that. Nothing was changed. Put the option back, or delete it first."
            )
    if "IPAddress" in differs and not check.config.get("IPAddress"):
        raise RefusedError(
            f"The health check '{name}' ({check.id}) has no IP address, and Route 53 cannot add one. Nothing was "
            "changed. Leave ip_address out, or delete the health check first."
        )
    return differs
