# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Which health checks are selected: by id, by ``Name`` tag, or by tags."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True)
class Selection:
    """What a task names. At most one of the three is given; without any, every health check is selected."""

    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    tags: Mapping[str, str] | None = None

    @property
    def by_tags(self) -> bool:
        """Whether tags have to be read to find the health checks."""
        return bool(self.names or self.tags)


def selection_from(params: Mapping[str, t.Any]) -> Selection:
    """The selection that the options describe.

    :raises RefusedError: an option is given and selects nothing, or is not valid.
    """
    options = ("health_check_ids", "health_check_names", "health_check_tags")
    for option in options:
        if params[option] is not None and not params[option]:
            raise RefusedError(f"{option} is empty, so it selects no health check. Name at least one.")
    for check_id in params["health_check_ids"] or ():
        if not _ID.fullmatch(check_id):
            raise RefusedError(
                f"health_check_ids has {check_id!r}, which is no id of a health check. Expected something like "
                "'233e180f-f023-45a3-954e-415303f21eab'.",
                code="TG-WRONG-OBJECT",
            )
    ids, names, tags = (params[option] for option in options)
    wanted = {str(key): str(value) for key, value in tags.items()} if tags else None
    return Selection(tuple(dict.fromkeys(ids or ())), tuple(dict.fromkeys(names or ())), wanted)


def chosen_by_tags(selection: Selection, tags: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The ids of the selected health checks, in the order of the names, or else of their ids.

    :param tags: the tags of every health check of the account, by id.
    :raises RefusedError: no or several health checks have a name, or no health check has the tags.
    """
    if selection.names:
        return [_named(name, tags) for name in selection.names]
    wanted = (selection.tags or {}).items()
    found = sorted(check_id for check_id, its in tags.items() if all(its.get(key) == value for key, value in wanted))
    if not found:
        reported = ", ".join(f"{key}={value}" for key, value in wanted)
        raise RefusedError(
            f"None of the account's {len(tags)} health checks has the tags {reported}.", code="TG-NOT-FOUND"
        )
    return found


def _named(name: str, tags: Mapping[str, Mapping[str, str]]) -> str:
    found = sorted(check_id for check_id, its in tags.items() if its.get("Name") == name)
    if len(found) > 1:
        raise RefusedError(
            f"{len(found)} health checks are named {name!r}: {', '.join(found)}. Give health_check_ids.",
            code="TG-NOT-FOUND",
        )
    if not found:
        raise RefusedError(
            f"None of the account's {len(tags)} health checks has a Name tag {name!r}. There are: {_some_of(tags)}.",
            code="TG-NOT-FOUND",
        )
    return found[0]


def _some_of(tags: Mapping[str, Mapping[str, str]], most: int = 20) -> str:
    names: Iterable[str] = sorted({its["Name"] for its in tags.values() if its.get("Name")})
    shown = list(names)
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "") or "no names"
