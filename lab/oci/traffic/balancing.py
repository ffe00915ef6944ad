# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Chooses the backend for a request by the backend set's policy. Source: "Load Balancer Policies" in OCI's docs."""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lab.oci.load_balancer.fields import Json


class Balancing:
    """Chooses backends, and counts their connections."""

    def __init__(self) -> None:
        self._turns: defaultdict[str, int] = defaultdict(int)
        self._connections: Counter[str] = Counter()

    def candidates(
        self, backend_set: Json, is_healthy: Callable[[str], bool], client_address: str, key: str
    ) -> list[Json]:
        """Backends that may get the request, best first; empty if all are down.

        :param is_healthy: whether a backend, by name, passed its health check.
        :param key: distinguishes this backend set from all others.
        """
        usable = [
            backend
            for backend in backend_set["backends"]
            if not (backend.get("drain") or backend.get("offline")) and is_healthy(backend["name"])
        ]
        # Backups serve only while no other backend can.
        chosen = [backend for backend in usable if not backend.get("backup")] or usable
        if not chosen:
            return []
        policy = backend_set.get("policy")
        if policy == "LEAST_CONNECTIONS":
            return sorted(chosen, key=lambda one: self._connections[one["name"]] / (one.get("weight") or 1))
        if policy == "IP_HASH":
            return _from(chosen, zlib.crc32(client_address.encode("ascii")) % len(chosen))
        turns = [index for index, one in enumerate(chosen) for _unused in range(one.get("weight") or 1)]
        self._turns[key] += 1
        return _from(chosen, turns[self._turns[key] % len(turns)])

    @contextmanager
    def connection(self, backend: str) -> Iterator[None]:
        """Count a connection to a backend while the block runs."""
        self._connections[backend] += 1
        try:
            yield
        finally:
            self._connections[backend] -= 1


def _from(backends: list[Json], first: int) -> list[Json]:
    return [*backends[first:], *backends[:first]]
