# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A health check in the service, read without the code under test."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import recovery_copies
from ansible_collections.tidegate.failover.tests.scenarios.locked_site import LOCKED_OUT
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

PINNED = re.compile(re.escape(LOCKED_OUT) + r"\?restore=(?P<original>[^&]*)&lock=(?P<id>[^&]*)")


@dataclass(frozen=True)
class Snapshot:
    """One health check at one time, of a type that has a path."""

    id: str
    version: int
    config: Json
    tags: dict[str, str]

    @property
    def path(self) -> str:
        return str(self.config["ResourcePath"])

    @property
    def switched(self) -> bool:
        assert self.config["Disabled"] == self.config["Inverted"]
        return bool(self.config["Disabled"])

    @property
    def pin(self) -> re.Match[str] | None:
        return PINNED.fullmatch(self.path)

    @property
    def lock(self) -> str | None:
        if self.pin:
            return self.pin["id"]
        return f"{self.id}@{self.version}" if self.path == LOCKED_OUT or self.switched else None

    @property
    def others(self) -> Json:
        """The settings that a lock does not change."""
        return {key: value for key, value in self.config.items() if key not in ("ResourcePath", "Disabled", "Inverted")}

    def has_copy_of(self, path: str) -> bool:
        return any(copy.path == path for copy in recovery_copies(self.tags).values())

    def counts_on(self, path: str) -> bool:
        """Whether the tags have a copy of the path that counts: one of the lock that a single change overwrote."""
        counting = [copy.path for copy in recovery_copies(self.tags).values() if copy.version == self.version - 1]
        return counting == [path]


def snapshot(client: Any, check_id: str) -> Snapshot:
    """Read a health check."""
    check = client.get_health_check(HealthCheckId=check_id)["HealthCheck"]
    sets = client.list_tags_for_resources(ResourceType="healthcheck", ResourceIds=[check_id])
    tags = {tag["Key"]: tag["Value"] for tag in sets["ResourceTagSets"][0]["Tags"]}
    return Snapshot(check_id, check["HealthCheckVersion"], check["HealthCheckConfig"], tags)
