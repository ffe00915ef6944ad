# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters that return the state of services."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from ansible.errors import AnsibleFilterError
from ansible_collections.tidegate.failover.plugins.module_utils._failover import status
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import Seen, seen_of
from ansible_collections.tidegate.failover.plugins.module_utils._fronts.oci_load_balancer import KIND


def service_statuses(
    asked: status.Found, aws_answers: status.Found, oci_answers: status.Found
) -> list[dict[str, t.Any]]:
    """See ``service_statuses.yml`` beside this file."""
    try:
        fronts = _fronts(asked, oci_answers)
        services = [{**service, "fronts": seen} for service, seen in zip(asked, fronts, strict=True)]
        return status.service_statuses(services, aws_answers, datetime.now(UTC))
    except (KeyError, IndexError) as problem:
        raise AnsibleFilterError(
            f"What was asked and what was answered do not belong together: {problem}."
        ) from problem


def _fronts(asked: status.Found, answers: status.Found) -> list[list[Seen]]:
    """The observations of each service's load balancers, taken in order from the answers of its account."""
    targets: list[list[dict[str, t.Any]]] = [[] for _answer in answers]
    for service in asked:
        if service["targets"]:
            targets[service["oci_account"]] += service["targets"]
    found = [iter(seen_of(KIND, answer, wanted)) for answer, wanted in zip(answers, targets, strict=True)]
    return [[next(found[service["oci_account"]]) for _target in service["targets"]] for service in asked]


def status_table(statuses: Sequence[Mapping[str, t.Any]]) -> list[str]:
    """See ``status_table.yml`` beside this file."""
    return status.table(list(statuses))


class FilterModule:
    """The filters of this file, by name."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        """Return the filters, which Ansible requests from a filter plugin."""
        return {"service_statuses": service_statuses, "status_table": status_table}
