# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Variables that look like ours and are none: misspelt, they would be left out without a word."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

#: What the variables of this collection's roles begin with.
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
#: What roles of this collection leave for users' plays.
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
#: What several roles go by, where their own variables are not given.
_SHARED = frozenset({"report_dir"})
#: What rulebooks of this collection take, which may stand in an inventory beside the rest.
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

#: What variables were called before. Nobody finds the new name by the old one's letters.
_RENAMED = {"acknowledge_downtime": "acknowledge_suppress", "failover_block_period": "failover_cooldown"}


def unknown_variables(names: Collection[str], known: Collection[str]) -> list[str]:
    """What is wrong with the names of a service's variables, a sentence each.

    :param names: all variables of the service.
    :param known: those that the roles' argument specifications know.
    """
    fine = {*known, *_LEFT_BY_ROLES, *_SHARED, *_OF_RULEBOOKS}
    return [_reported(name, known) for name in sorted(set(names) - fine) if name.startswith(PREFIXES)]


def _reported(name: str, known: Collection[str]) -> str:
    if name in _RENAMED:
        return f"The variable {name} is called {_RENAMED[name]} now. Rename it."
    close = get_close_matches(name, known, n=1, cutoff=0.8)
    hint = f"Did you mean {close[0]}?" if close else "If it is a variable of your own, rename it."
    return f"No role of this collection knows the variable {name}. {hint}"
