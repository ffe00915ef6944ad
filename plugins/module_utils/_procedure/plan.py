# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The plan of a procedure: the steps that users chose, completed with the properties of the built-in steps."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Step = dict[str, t.Any]

#: The fields of a user's own step, and their types.
OWN_FIELDS: Mapping[str, type] = {
    "name": str,
    "tasks": str,
    "undo_tasks": str,
    "point_of_no_return": bool,
    "read_only": bool,
    "required": bool,
}
_FILES = ("tasks", "undo_tasks")


def steps_from(
    given: Sequence[str | Mapping[str, t.Any]],
    known: Mapping[str, Mapping[str, t.Any]],
    *,
    order: Sequence[Sequence[str]],
    folder: str | None,
    problem_of: Callable[[str], str],
) -> list[Step]:
    """The steps that the engine takes.

    :param given: names of built-in steps, and users' own steps.
    :param known: the built-in steps by name. A step with ``skip`` is not taken, for the reason in ``skip``. A step with
        ``own`` runs code of the collection; the others run files of the user.
    :param order: pairs of names; the first has to come before the second. If the second is taken, the first must be
        there.
    :param folder: the base of users' relative paths; None if there is none.
    :param problem_of: why a file cannot be run, as the end of a sentence; empty if it can.
    :raises RefusedError: the steps are wrong.
    """
    steps = [_step(item, known) for item in given]
    names = [step["name"] for step in steps]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RefusedError(f"The steps name {', '.join(twice)} twice. Each step needs a unique name.")
    _check_order([step["name"] for step in steps if not step.get("skip")], order)
    return [_with_files(step, folder, problem_of) for step in steps]


def _step(item: str | Mapping[str, t.Any], known: Mapping[str, Mapping[str, t.Any]]) -> Step:
    if isinstance(item, str):
        if item not in known:
            raise RefusedError(
                f"The steps name {item!r}, which is none of {', '.join(known)}. For a step of your own "
                "give name and tasks.",
                code="TG-STEPS",
            )
        return {"name": item, **{key: value for key, value in known[item].items() if key != "skip" or value}}
    unknown = sorted(set(item) - set(OWN_FIELDS))
    if unknown:
        raise RefusedError(f"A step has {', '.join(unknown)}. It can have {', '.join(OWN_FIELDS)}.", code="TG-STEPS")
    wrong = [name for name, kind in OWN_FIELDS.items() if name in item and not isinstance(item[name], kind)]
    missing = [name for name in ("name", "tasks") if not item.get(name)]
    if wrong or missing:
        problems = [f"{name} is missing" for name in missing] + [f"{name} is of the wrong type" for name in wrong]
        raise RefusedError(
            f"A step of your own is not complete: {', '.join(problems)}. Expected {', '.join(OWN_FIELDS)}.",
            code="TG-STEPS",
        )
    if item["name"] in known:
        raise RefusedError(
            f"A step of your own is called {item['name']!r}, as a built-in one is. Rename it.", code="TG-STEPS"
        )
    return dict(item)


def _check_order(names: Sequence[str], order: Sequence[Sequence[str]]) -> None:
    for first, second in order:
        if second in names and (first not in names or names.index(first) > names.index(second)):
            raise RefusedError(
                f"The step {second!r} must come after {first!r}; the steps are {', '.join(names)}.", code="TG-STEPS"
            )


def _with_files(step: Step, folder: str | None, problem_of: Callable[[str], str]) -> Step:
    """The step with absolute paths: Ansible would search a relative one beside the collection's playbooks."""
    if step.get("skip"):
        return step
    files = {field: _path(step, field, folder) for field in _FILES if step.get(field)}
    for field, path in files.items():
        if problem := problem_of(path):
            raise RefusedError(f"The step {step['name']!r} has {field} {path}, and {problem}", code="TG-FILE")
    return {**step, **files}


def _path(step: Step, field: str, folder: str | None) -> str:
    path = PurePosixPath(step[field])
    if path.is_absolute():
        return str(path)
    if folder is None:
        raise RefusedError(
            f"The step {step['name']!r} has {field} {path}, and without an inventory there is no folder where that "
            "path begins. Give an absolute one.",
            code="TG-FILE",
        )
    return str(PurePosixPath(folder) / path)
