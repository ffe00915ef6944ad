# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters that say how services stand."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from ansible.errors import AnsibleFilterError
from ansible_collections.tidegate.failover.plugins.module_utils._failover import status


def service_statuses(
    asked: status.Found, aws_answers: status.Found, oci_answers: status.Found
) -> list[dict[str, t.Any]]:
    """See ``service_statuses.yml`` beside this file."""
    try:
        return status.service_statuses(asked, aws_answers, oci_answers, datetime.now(UTC))
    except (KeyError, IndexError) as problem:
        raise AnsibleFilterError(
            f"What was asked and what was answered do not belong together: {problem}."
        ) from problem


def status_table(statuses: Sequence[Mapping[str, t.Any]]) -> list[str]:
    """See ``status_table.yml`` beside this file."""
    return status.table(list(statuses))


class FilterModule:
    """The filters of this file, by name."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        """What Ansible asks a filter plugin."""
        return {"service_statuses": service_statuses, "status_table": status_table}
