# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Finds misspelt variables. They have a prefix of this collection, and would be ignored silently."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

#: Prefixes of the variables of this collection's roles.
PREFIXES = (
    "failover_",
    "failback_",
    "maintenance_",
    "acknowledge_",
    "drift_",
    "drill_",
    "notify_",
    "report_",
    "status_",
    "aws_setup_",
    "awx_setup_",
)
#: Facts that roles of this collection set for users' plays.
_LEFT_BY_ROLES = frozenset(
    {
        "drift_of_service",
        "drill_record",
        "drill_run",
        "failover_findings",
        "maintenance_page_result",
        "notify_sent",
        "report_files",
        "status_of_service",
    }
)
#: Variables that several roles use if their own variables are not given.
_SHARED = frozenset({"report_dir"})
#: Variables of this collection's rulebooks, which may be in the same inventory.
_OF_RULEBOOKS = frozenset(
    {
        "drift_interval",
        "drift_watch",
        "drift_watch_fail_on",
        "drift_watch_repair",
        "drift_watch_settle",
        "failover_alarm_record_directory",
        "failover_alarms",
        "failover_confirm_within",
        "failover_job_template",
    }
)

#: Former names of variables. The new names are too different to be found as a close match.
_RENAMED = {"acknowledge_downtime": "acknowledge_suppress", "failover_block_period": "failover_cooldown"}


def unknown_variables(names: Collection[str], known: Collection[str]) -> list[str]:
    """Problems of the names of a service's variables, a sentence each.

    :param names: all variables of the service.
    :param known: the variables in the roles' argument specifications.
    """
    fine = {*known, *_LEFT_BY_ROLES, *_SHARED, *_OF_RULEBOOKS}
    return [_reported(name, known) for name in sorted(set(names) - fine) if name.startswith(PREFIXES)]


def _reported(name: str, known: Collection[str]) -> str:
    if name in _RENAMED:
        return f"The variable {name} is called {_RENAMED[name]} now. Rename it."
    close = get_close_matches(name, known, n=1, cutoff=0.8)
    hint = f"Did you mean {close[0]}?" if close else "If it is a variable of your own, rename it."
    return f"No role of this collection knows the variable {name}. {hint}"
