# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A cluster: its nodes, its caches, and the status of its backup at the other site."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lab.infinispan.errors import ApiError

#: Caches of Keycloak that are backed up to the other site, and a cache of the server itself without a backup.
BACKED_UP = ("actionTokens", "authenticationSessions", "loginFailures", "work")
LOCAL = "___protobuf_metadata"

ONLINE, OFFLINE, MIXED = "online", "offline", "mixed"
SENDING, OK, ERROR, CANCELED = "SENDING", "OK", "ERROR", "CANCELED"


@dataclass
class Cache:
    """A cache.

    :ivar backup: by node, whether the node sends to the other site: online or offline. Empty without a backup.
    :ivar push: status of the last state transfer to the other site; None after it was cleared.
    """

    name: str
    backup: dict[str, str] = field(default_factory=dict)
    push: str | None = None
    entries: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """Online or offline if all nodes have the same status, otherwise mixed."""
        found = set(self.backup.values())
        return found.pop() if len(found) == 1 else MIXED

    def set_backup(self, status: str) -> None:
        """Set the backup status of every node."""
        self.backup = dict.fromkeys(self.backup, status)

    def describe(self) -> dict[str, Any]:
        """The cache in the control API."""
        return {"name": self.name, "backup": self.backup, "push": self.push, "entries": self.entries}


@dataclass
class Cluster:
    """The cluster of one site.

    :ivar site: the site of the cluster; ``other`` is the site that it backs up to.
    :ivar health: the health of the whole cluster, as in its health resource.
    """

    site: str
    other: str
    health: str = "HEALTHY"
    caches: dict[str, Cache] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reset()

    @property
    def nodes(self) -> list[str]:
        """The names of the nodes."""
        return [f"{self.site}-node-0", f"{self.site}-node-1"]

    def reset(self) -> None:
        """Reset to the first state: all changes are sent to the other site, and no state was ever transferred."""
        self.health = "HEALTHY"
        self.caches = {name: Cache(name, dict.fromkeys(self.nodes, ONLINE)) for name in BACKED_UP}
        self.caches[LOCAL] = Cache(LOCAL)

    @property
    def backed_up(self) -> list[Cache]:
        """The caches that have a backup at the other site."""
        return [cache for cache in self.caches.values() if cache.backup]

    def cache(self, name: str) -> Cache:
        """A cache. :raises ApiError: there is no cache of that name."""
        if name not in self.caches:
            raise ApiError(404, f"ISPN012010: Cache with name '{name}' not found amongst the configured caches")
        return self.caches[name]

    def cache_with_backup(self, name: str, site: str | None = None) -> Cache:
        """A cache with a backup, at that site if one is named. :raises ApiError: the cache has no such backup."""
        cache = self.cache(name)
        if not cache.backup:
            raise ApiError(404, f"Cache '{name}' does not have backup sites.")
        if site not in (None, self.other):
            raise ApiError(404, f"Cache '{name}' does not backup to site '{site}'")
        return cache

    def status(self) -> dict[str, Any]:
        """The common status of all caches: mixed if they differ, or if one of them is mixed."""
        by_status: dict[str, list[str]] = {ONLINE: [], OFFLINE: [], MIXED: []}
        for cache in self.backed_up:
            by_status[cache.status].append(cache.name)
        found = [status for status, names in by_status.items() if names]
        return {"status": found[0]} if found in ([ONLINE], [OFFLINE]) else {"status": MIXED, **by_status}
