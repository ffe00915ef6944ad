# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The meaning of an instance's or cluster's status: whether it serves, accepts a call, or needs a person."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

AVAILABLE = "available"
_BACKING_UP = "backing-up"
#: With these statuses RDS works in the background, perhaps for hours, and the database serves as usual (user guide,
#: "Viewing DB instance status"). A promoted replica is backed up before it is available.
_SERVING = {
    AVAILABLE,
    _BACKING_UP,
    "configuring-enhanced-monitoring",
    "configuring-iam-database-auth",
    "configuring-log-exports",
    "storage-initialization",
    "storage-optimization",
}
#: Statuses that stay until a person acts, each with the cause or remedy.
_STUCK: Mapping[str, str] = {
    "delete-precheck": "It is being deleted",
    "deleting": "It is being deleted",
    "failed": "RDS cannot recover it",
    "inaccessible-encryption-credentials": "RDS cannot use its KMS key",
    "inaccessible-encryption-credentials-recoverable": "RDS cannot use its KMS key. Allow that, and start it again",
    "insufficient-capacity": "RDS has no capacity for it",
    "restore-error": "It could not be restored",
    "stopped": "Start it",
    "stopping": "Start it once it is stopped",
    "storage-full": "Give it more storage",
}
_INCOMPATIBLE = "incompatible-"


def serves(status: object) -> bool:
    """Whether clients can use a database with this status."""
    return status in _SERVING


def takes_calls(status: object) -> bool:
    """Whether RDS may accept a call to move the writer. RDS never promotes a database during a backup."""
    return status in _SERVING and status != _BACKING_UP


def refuse_stuck(name: str, status: object) -> None:
    """Check that waiting may help.

    :raises RefusedError: the database does not leave this status by itself.
    """
    text = str(status or "")
    remedy = _STUCK.get(text)
    if remedy is None and text.startswith(_INCOMPATIBLE):
        remedy = "RDS cannot use its configuration. Correct it"
    if remedy is not None:
        raise RefusedError(
            f"{name} has the status {text}, which it does not leave by itself. {remedy}. Nothing more was done to it."
        )
