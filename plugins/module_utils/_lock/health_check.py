# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""A Route 53 health check as plain data, and what its type allows (API reference, HealthCheckConfig)."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

#: Types that request a path of an endpoint. Only these have a ResourcePath.
PATH_TYPES = frozenset({"HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH"})
#: Types that Route 53's checkers probe. The others follow other checks, alarms or routing controls.
PROBED_TYPES = PATH_TYPES | {"TCP"}
#: The type that a routing control switches. UpdateHealthCheck refuses every change of it.
ROUTING_CONTROL_TYPE = "RECOVERY_CONTROL"


@dataclass(frozen=True)
class HealthCheck:
    """A health check as it was read.

    :ivar config: its HealthCheckConfig, as the API returns it.
    :ivar version: its HealthCheckVersion, which increases with every change of the configuration.
    :ivar caller_reference: the reference from its creation; it never changes.
    """

    id: str
    config: Mapping[str, t.Any]
    version: int
    caller_reference: str = field(default="", compare=False)

    @property
    def type(self) -> str:
        """Its type, such as ``HTTPS``."""
        return str(self.config["Type"])

    @property
    def updatable(self) -> bool:
        """Whether UpdateHealthCheck accepts changes of it, so that it can be locked and unlocked."""
        return self.type != ROUTING_CONTROL_TYPE

    @property
    def path(self) -> str | None:
        """Its ResourcePath; None if it is empty or not set."""
        return self.config.get("ResourcePath") or None

    @property
    def disabled(self) -> bool:
        """Whether it is disabled, which Route 53 counts as healthy."""
        return bool(self.config.get("Disabled"))

    @property
    def inverted(self) -> bool:
        """Whether healthy and unhealthy are swapped."""
        return bool(self.config.get("Inverted"))

    @property
    def always_unhealthy(self) -> bool:
        """Whether it is disabled, which counts as healthy, and inverted, which makes that unhealthy."""
        return self.disabled and self.inverted


@dataclass(frozen=True)
class Change:
    """What one UpdateHealthCheck sets; None leaves a setting unchanged.

    :ivar path: the new ResourcePath; empty removes it.
    :ivar switches: the new value of both Disabled and Inverted.
    """

    path: str | None = None
    switches: bool | None = None

    def parameters(self) -> dict[str, t.Any]:
        """The parameters of UpdateHealthCheck, without the id and the version."""
        parameters: dict[str, t.Any] = {}
        if self.path:
            parameters["ResourcePath"] = self.path
        elif self.path is not None:
            parameters["ResetElements"] = ["ResourcePath"]
        if self.switches is not None:
            parameters |= {"Disabled": self.switches, "Inverted": self.switches}
        return parameters


def after_change(check: HealthCheck, change: Change) -> HealthCheck:
    """The health check after a change, if nobody else changes it."""
    config = dict(check.config)
    if change.path:
        config["ResourcePath"] = change.path
    elif change.path is not None:
        config.pop("ResourcePath", None)
    if change.switches is not None:
        config |= {"Disabled": change.switches, "Inverted": change.switches}
    return replace(check, config=config, version=check.version + 1)
