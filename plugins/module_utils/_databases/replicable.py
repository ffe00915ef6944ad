# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Finds out why RDS would refuse to create a replica of a database."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

_SQL_SERVER = "sqlserver"


def refuse_unreplicable(
    name: str, writer: Mapping[str, t.Any], returning: Mapping[str, t.Any], *, elsewhere: bool
) -> None:
    """Check that RDS can create a replica of a database.

    :param writer: the database as RDS describes it.
    :param returning: the options of the replica.
    :param elsewhere: whether the replica is to be in another Region.
    :raises RefusedError: RDS cannot create it (user guide, "Working with DB instance read replicas").
    """
    problem = _problem(writer, returning, elsewhere=elsewhere)
    if problem:
        raise RefusedError(f"RDS cannot make a replica of {name}: {problem} Nothing was done.", code="TG-REPLICATION")


def _problem(writer: Mapping[str, t.Any], returning: Mapping[str, t.Any], *, elsewhere: bool) -> str:
    if writer.get("BackupRetentionPeriod") == 0:
        return "its automated backups are off. Set its backup retention period to one day or more first."
    if writer.get("MasterUserSecret") and not str(writer.get("Engine") or "").startswith(_SQL_SERVER):
        return (
            "Secrets Manager manages the password of its master user, which only SQL Server can have beside replicas. "
            "Set a password of your own first."
        )
    key = returning.get("kms_key")
    if elsewhere and writer.get("StorageEncrypted") and not key:
        return "it is encrypted, and another Region needs a key of its own. Give targets[].returning.kms_key."
    if key and not elsewhere:
        return "in the same Region it is encrypted with the key of its source. Remove targets[].returning.kms_key."
    return ""
