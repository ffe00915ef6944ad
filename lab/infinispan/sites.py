# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The state transfers and the replication between the clusters of the two sites."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from lab.infinispan.cluster import CANCELED, ERROR, OFFLINE, OK, ONLINE, SENDING, Cache, Cluster

SITES = ("primary", "backup")
SUCCESS = "ok"


@dataclass
class Sites:
    """Both clusters.

    :ivar is_running: whether the cluster of a site can be reached.
    :ivar push_seconds: how long the transfer of a cache's state takes.
    """

    is_running: Callable[[str], bool]
    push_seconds: float = 0.5
    clusters: dict[str, Cluster] = field(default_factory=dict)
    _pushes: dict[tuple[str, str], asyncio.TimerHandle] = field(default_factory=dict)

    def __post_init__(self) -> None:
        one, other = SITES
        self.clusters = {one: Cluster(one, other), other: Cluster(other, one)}

    def reset(self) -> None:
        """Reset both clusters to their first state."""
        for push in self._pushes.values():
            push.cancel()
        self._pushes.clear()
        self.push_seconds = 0.5
        for cluster in self.clusters.values():
            cluster.reset()

    def take_offline(self, cluster: Cluster, cache: Cache) -> str:
        """Stop sending changes to the other site."""
        cache.set_backup(OFFLINE)
        return SUCCESS

    def bring_online(self, cluster: Cluster, cache: Cache) -> str:
        """Send changes to the other site from now on. Earlier changes are not sent."""
        cache.set_backup(ONLINE)
        return SUCCESS

    def push(self, cluster: Cluster, cache: Cache) -> str:
        """Bring the other site online, and start to send all entries to it."""
        if cache.push == SENDING:
            return (
                f"Unable to pushState to '{cluster.other}'. X-Site state transfer to '{cluster.other}' already started!"
            )
        cache.set_backup(ONLINE)
        if not self.is_running(cluster.other):
            cache.push = ERROR
            return f"Unable to pushState to '{cluster.other}'. Site '{cluster.other}' is unreachable."
        cache.push = SENDING
        finish = partial(self._finish, cluster, cache)
        self._pushes[cluster.site, cache.name] = asyncio.get_running_loop().call_later(self.push_seconds, finish)
        return SUCCESS

    def cancel_push(self, cluster: Cluster, cache: Cache) -> str:
        """Cancel a transfer."""
        push = self._pushes.pop((cluster.site, cache.name), None)
        if push is not None:
            push.cancel()
            cache.push = CANCELED
        return SUCCESS

    def clear_push_status(self, cache: Cache) -> str:
        """Clear the status of the last transfer. A running transfer continues."""
        if cache.push != SENDING:
            cache.push = None
        return SUCCESS

    def clear(self, cluster: Cluster, cache: Cache) -> None:
        """Delete all entries. If any node sends to the other site, delete the entries there too."""
        cache.entries.clear()
        if ONLINE in cache.backup.values() and self.is_running(cluster.other):
            self.clusters[cluster.other].caches[cache.name].entries.clear()

    def _finish(self, cluster: Cluster, cache: Cache) -> None:
        del self._pushes[cluster.site, cache.name]
        if not self.is_running(cluster.other):
            cache.push = ERROR
            return
        self.clusters[cluster.other].caches[cache.name].entries |= cache.entries
        cache.push = OK
