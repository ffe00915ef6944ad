# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters that return what an alarm leads to."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from ansible.errors import AnsibleFilterError
from ansible_collections.tidegate.failover.plugins.module_utils import _alarms, _site_alerts
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, with_code
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._registry import KINDS


def alarm_entry(alarms: Mapping[str, t.Any], alarm: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """See ``alarm_entry.yml`` beside this file."""
    try:
        return _alarms.alarm_entry(alarms, alarm)
    except RefusedError as problem:
        raise AnsibleFilterError(with_code(str(problem), problem.code)) from problem


def alarm_fronts(
    alarms: Mapping[str, t.Any],
    alarm: Mapping[str, t.Any],
    rule_set: str = "",
    listeners: str | Sequence[str] = (),
) -> list[dict[str, t.Any]]:
    """See ``alarm_fronts.yml`` beside this file."""
    kinds = {name: kind.options for name, kind in KINDS.items()}
    try:
        return _alarms.alarm_fronts(alarms, alarm, kinds, rule_set, listeners)
    except RefusedError as problem:
        raise AnsibleFilterError(with_code(str(problem), problem.code)) from problem


def site_alert(
    accelerators: Mapping[str, t.Any],
    alarm: Mapping[str, t.Any],
    bring_in: str = "never",
    received_at: str = "",
    max_age: float = 3600,
) -> dict[str, t.Any]:
    """See ``site_alert.yml`` beside this file."""
    try:
        age = (datetime.now(UTC) - datetime.fromisoformat(received_at)).total_seconds() if received_at else 0.0
        outdated = _site_alerts.outdated(age, float(max_age))
        return _site_alerts.site_alert(accelerators, alarm, bring_in, outdated)
    except (RefusedError, TypeError, ValueError) as problem:
        raise AnsibleFilterError(str(problem)) from problem


class FilterModule:
    """The filters of this file, by name."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        """Return the filters, which Ansible requests from a filter plugin."""
        return {"alarm_entry": alarm_entry, "alarm_fronts": alarm_fronts, "site_alert": site_alert}
