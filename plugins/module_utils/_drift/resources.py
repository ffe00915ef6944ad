# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Findings about resources that cannot be moved with the service, or are not at the site of its users."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._drift.finding import Finding, not_observed

Json = Mapping[str, t.Any]

_LOST = {"rds": "replica_lost", "autoscaling": "capacity_lost"}
#: Prefixes of RDS statuses of an instance that serves no reads and cannot be promoted.
_BROKEN = ("failed", "inaccessible", "incompatible", "restore-error", "stopped", "storage-full", "deleting")


def findings(seen: Sequence[Json], *, locked: bool) -> list[Finding]:
    """Findings about a service's resources.

    :param seen: the predictions of their modules for a move to the secondary site, each with its ``kind``.
    :param locked: whether the service is failed over, so that the resources have to be at the secondary site.
    """
    return [finding for one in seen for finding in _of_resource(one, locked=locked)]


def _of_resource(one: Json, *, locked: bool) -> Iterator[Finding]:
    kind = str(one["kind"])
    name = f"{kind} {one['name']}".rstrip()
    if one["failed"] and not one.get("refused"):
        yield not_observed(name, str(one["msg"]))
        return
    if one["failed"]:
        yield Finding(
            _LOST.get(kind, "resource_not_ready"),
            name,
            str(one["msg"]),
            "a resource that a failover can move.",
            "correct that before the failover is needed. Preflight shows what would stop it.",
        )
        return
    yield from _in_service(one, name)
    if locked and one.get("changed"):
        yield Finding(
            "capacity_lost" if kind == "autoscaling" else "resource_elsewhere",
            name,
            f"The service is failed over, and this resource has changed since. Needed: {one['msg']}",
            "the resource at the site where users are.",
            "find out who changed it. To take the missing steps, run the failover again.",
        )


def _in_service(one: Json, name: str) -> Iterator[Finding]:
    """Findings about the present state of a resource."""
    before = one.get("before") or {}
    if one["kind"] == "autoscaling" and before and before["in_service"] < before["desired"]:
        yield Finding(
            "capacity_lost",
            name,
            f"{before['in_service']} of {before['desired']} instances are in service.",
            "all of them.",
            "check the scaling activities of the group.",
        )
    status = str(before.get("status") or "")
    if one["kind"] == "rds" and status.startswith(_BROKEN):
        yield Finding(
            "replica_lost",
            name,
            f"Its status is {status}.",
            "a database that replicates.",
            "see its events in RDS, and repair or rebuild it.",
        )
