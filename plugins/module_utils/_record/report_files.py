# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The files that reports of records are written to."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = dict[str, t.Any]

#: The file name suffix of each format.
SUFFIXES: Mapping[str, str] = {"html": "html", "markdown": "md"}


def report_files(
    records: Sequence[Mapping[str, t.Any]] | Mapping[str, Mapping[str, t.Any]], directory: str, formats: Sequence[str]
) -> list[Json]:
    """The files, each with its ``record``, ``format`` and ``dest``.

    :param records: a list, or a dictionary by service, as in ``tidegate_records``.
    :raises RefusedError: a format is not known, or a record has no service or id.
    """
    if unknown := [name for name in formats if name not in SUFFIXES]:
        raise RefusedError(f"{', '.join(unknown)} is not a report format. The formats are {', '.join(SUFFIXES)}.")
    listed = list(records.values()) if isinstance(records, Mapping) else records
    return [
        {"record": record, "format": name, "dest": f"{directory}/{_stem(record)}.{SUFFIXES[name]}"}
        for record in listed
        for name in formats
    ]


def _stem(record: Mapping[str, t.Any]) -> str:
    """The name without its suffix. No name of a service can lead out of the folder."""
    missing = [name for name in ("service", "id") if not record.get(name)]
    if missing:
        raise RefusedError(f"This is no record of a procedure: {', '.join(missing)} is missing.")
    return re.sub(r"[^A-Za-z0-9._@+-]", "-", f"{record['service']}-{record['id']}")
