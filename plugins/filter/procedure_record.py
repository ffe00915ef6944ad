# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters that build records of procedures, and their timelines and reports."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence

from ansible.errors import AnsibleFilterError
from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError, with_code
from ansible_collections.tidegate.failover.plugins.module_utils._record import escaping
from ansible_collections.tidegate.failover.plugins.module_utils._record import record as records
from ansible_collections.tidegate.failover.plugins.module_utils._record import report_files as reports
from ansible_collections.tidegate.failover.plugins.module_utils._record import timeline as timelines
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import duration as duration_of


def procedure_record(run: Mapping[str, t.Any], steps: Sequence[Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """See ``procedure_record.yml`` beside this file."""
    try:
        return records.procedure_record(run, steps)
    except TidegateError as problem:
        raise AnsibleFilterError(with_code(str(problem), problem.code)) from problem


def report_files(
    records: Sequence[Mapping[str, t.Any]] | Mapping[str, Mapping[str, t.Any]], directory: str, formats: Sequence[str]
) -> list[dict[str, t.Any]]:
    """See ``report_files.yml`` beside this file."""
    try:
        return reports.report_files(records, directory, formats)
    except TidegateError as problem:
        raise AnsibleFilterError(with_code(str(problem), problem.code)) from problem


def timeline(record: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """See ``timeline.yml`` beside this file."""
    try:
        return timelines.timeline(record)
    except TidegateError as problem:
        raise AnsibleFilterError(with_code(str(problem), problem.code)) from problem
    except KeyError as problem:
        raise AnsibleFilterError(
            with_code(f"This is no record of a procedure: {problem} is missing.", "TG-OPTION")
        ) from problem


def duration(seconds: float) -> str:
    """See ``duration.yml`` beside this file."""
    try:
        return duration_of(float(seconds))
    except (TypeError, ValueError) as problem:
        raise AnsibleFilterError(with_code(f"{seconds!r} is no number of seconds.", "TG-OPTION")) from problem


def escaped_for(text: t.Any, form: str) -> str:
    """See ``escaped_for.yml`` beside this file."""
    try:
        return escaping.escaped_for(text, form)
    except TidegateError as problem:
        raise AnsibleFilterError(with_code(str(problem), problem.code)) from problem


class FilterModule:
    """The filters of this file, by name."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        """Return the filters, which Ansible requests from a filter plugin."""
        return {
            "duration": duration,
            "escaped_for": escaped_for,
            "procedure_record": procedure_record,
            "report_files": report_files,
            "timeline": timeline,
        }
