# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What was measured: as tables for people, and as plain data for programs."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from .measuring import Aim, Report, Sample, Table

_NOT_LOOKED_AT = "-"
_COLUMNS = (
    "",
    "seconds",
    "least - most",
    "locked after s",
    "CPU s",
    "peak MB",
    "noticed s",
    "processes",
    "tasks shown",
    "API calls",
)
_TEXT_COLUMNS = ("", "API calls")
_GAP = "  "


def as_text(report: Report) -> str:
    """The tables and aims of a subject, for a terminal."""
    lines = [report.title, "=" * len(report.title), ""]
    for table in report.tables:
        lines += [table.title, *(f"  {line}" for line in _table_lines(table)), ""]
    return "\n".join([*lines, report.notes, "", *_aim_lines(report.aims)])


def as_data(report: Report) -> dict[str, Any]:
    """Every sample, the medians and the aims, ready for JSON."""
    return {
        "subject": report.title,
        "tables": [
            {"title": table.title, "rows": {name: _row_data(samples) for name, samples in table.rows.items()}}
            for table in report.tables
        ],
        "aims": [asdict(aim) | {"met": aim.met} for aim in report.aims],
    }


def _row_data(samples: Sequence[Sample]) -> dict[str, Any]:
    medians = {
        name: statistics.median(getattr(sample, name) for sample in samples)
        for name in ("seconds", "cpu_seconds", "peak_bytes")
    }
    return {"median": medians, "samples": [asdict(sample) for sample in samples]}


def _table_lines(table: Table) -> Iterator[str]:
    columns = zip(_COLUMNS, *(_cells(name, samples) for name, samples in table.rows.items()), strict=True)
    # What no row measures is not shown.
    shown = [column for column in columns if set(column[1:]) != {_NOT_LOOKED_AT}]
    widths = [max(len(cell) for cell in column) for column in shown]
    titles = [column[0] for column in shown]
    for row in zip(*shown, strict=True):
        aligned = (
            cell.ljust(width) if title in _TEXT_COLUMNS else cell.rjust(width)
            for title, cell, width in zip(titles, row, widths, strict=True)
        )
        yield _GAP.join(aligned).rstrip()


def _cells(name: str, samples: Sequence[Sample]) -> tuple[str, ...]:
    seconds = [sample.seconds for sample in samples]
    noticed = [after for sample in samples for after in sample.noticed]
    locked = [sample.locked_after for sample in samples if sample.locked_after is not None]
    return (
        name,
        f"{statistics.median(seconds):.2f}",
        f"{min(seconds):.2f} - {max(seconds):.2f}",
        f"{statistics.median(locked):.2f}" if locked else _NOT_LOOKED_AT,
        f"{statistics.median(sample.cpu_seconds for sample in samples):.2f}",
        f"{statistics.median(sample.peak_bytes for sample in samples) / 1e6:.1f}",
        f"{statistics.median(noticed):.2f}, at worst {max(noticed):.2f}" if noticed else _NOT_LOOKED_AT,
        _span([sample.processes for sample in samples]),
        _span([sample.tasks for sample in samples]),
        _calls(samples),
    )


def _span(counts: Sequence[int | None]) -> str:
    known = [count for count in counts if count is not None]
    if not known:
        return _NOT_LOOKED_AT
    return f"{min(known)}" if min(known) == max(known) else f"{min(known)}-{max(known)}"


def _calls(samples: Sequence[Sample]) -> str:
    """Calls by operation; where rounds differ, as they do in the number of polls, the least and the most."""
    counts = {name: [sample.calls.get(name, 0) for sample in samples] for name in samples[0].calls}
    reported = (f"{_span(found)} {name}" for name, found in sorted(counts.items()))
    return ", ".join(reported) or "none"


def _aim_lines(aims: Sequence[Aim]) -> Iterator[str]:
    width = max(len(aim.text) for aim in aims)
    yield "Aims"
    for aim in aims:
        figures = f"{aim.observed:5.3g} of at {'least' if aim.at_least else 'most'} {aim.limit:g} {aim.unit}"
        yield f"  {'met' if aim.met else 'NOT MET':7}  {aim.text:{width}}  {figures}".rstrip()
