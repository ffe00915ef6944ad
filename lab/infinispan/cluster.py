# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A cluster: its nodes, its caches, and what it knows of its backup at the other site."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lab.infinispan.errors import ApiError

#: Caches of Keycloak that are backed up to the other site, and one of the server's own that is not.
BACKED_UP = ("actionTokens", "authenticationSessions", "loginFailures", "work")
LOCAL = "___protobuf_metadata"

ONLINE, OFFLINE, MIXED = "online", "offline", "mixed"
SENDING, OK, ERROR, CANCELED = "SENDING", "OK", "ERROR", "CANCELED"


@dataclass
class Cache:
    """A cache.

    :ivar backup: by node, whether it sends to the other site: online or offline. Empty without a backup.
    :ivar push: status of the last state transfer to the other site; None once it was cleared.
    """

    name: str
    backup: dict[str, str] = field(default_factory=dict)
    push: str | None = None
    entries: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """Online or offline if all nodes agree, else mixed."""
        found = set(self.backup.values())
        return found.pop() if len(found) == 1 else MIXED

    def set_backup(self, status: str) -> None:
        """Every node sends, or none."""
        self.backup = dict.fromkeys(self.backup, status)

    def describe(self) -> dict[str, Any]:
        """What the control API shows."""
        return {"name": self.name, "backup": self.backup, "push": self.push, "entries": self.entries}


@dataclass
class Cluster:
    """The cluster of one site.

    :ivar site: its site, and ``other`` the one that it backs up to.
    :ivar health: of the whole cluster, as its health resource says it.
    """

    site: str
    other: str
    health: str = "HEALTHY"
    caches: dict[str, Cache] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reset()

    @property
    def nodes(self) -> list[str]:
        """Names of its nodes."""
        return [f"{self.site}-node-0", f"{self.site}-node-1"]

    def reset(self) -> None:
        """As after a first start: everything is sent to the other site, and no state was ever transferred."""
        self.health = "HEALTHY"
        self.caches = {name: Cache(name, dict.fromkeys(self.nodes, ONLINE)) for name in BACKED_UP}
        self.caches[LOCAL] = Cache(LOCAL)

    @property
    def backed_up(self) -> list[Cache]:
        """The caches that have a backup at the other site."""
        return [cache for cache in self.caches.values() if cache.backup]

    def cache(self, name: str) -> Cache:
        """A cache. :raises ApiError: there is none of that name."""
        if name not in self.caches:
            raise ApiError(404, f"ISPN012010: Cache with name '{name}' not found amongst the configured caches")
        return self.caches[name]

    def cache_with_backup(self, name: str, site: str | None = None) -> Cache:
        """A cache that has a backup, and at that site if one is named. :raises ApiError: it has none."""
        cache = self.cache(name)
        if not cache.backup:
            raise ApiError(404, f"Cache '{name}' does not have backup sites.")
        if site not in (None, self.other):
            raise ApiError(404, f"Cache '{name}' does not backup to site '{site}'")
        return cache

    def status(self) -> dict[str, Any]:
        """The status of all caches as one: mixed if they differ, or if one of them is mixed."""
        by_status: dict[str, list[str]] = {ONLINE: [], OFFLINE: [], MIXED: []}
        for cache in self.backed_up:
            by_status[cache.status].append(cache.name)
        found = [status for status, names in by_status.items() if names]
        return {"status": found[0]} if found in ([ONLINE], [OFFLINE]) else {"status": MIXED, **by_status}
