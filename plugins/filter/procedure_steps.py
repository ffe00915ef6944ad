# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter ``procedure_steps``; its documentation is in ``procedure_steps.yml``."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ansible.errors import AnsibleFilterError
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.plan import Step, steps_from


def _problem_of(path: str) -> str:
    return "" if Path(path).is_file() else "there is no such file."


def procedure_steps(
    given: Sequence[str | Mapping[str, t.Any]],
    known: Mapping[str, Mapping[str, t.Any]],
    order: Sequence[Sequence[str]] = (),
    folder: str | None = None,
) -> list[Step]:
    """The steps that the role ``procedure`` takes."""
    try:
        return steps_from(given, known, order=order, folder=folder or None, problem_of=_problem_of)
    except RefusedError as problem:
        raise AnsibleFilterError(str(problem)) from problem


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        """By name."""
        return {"procedure_steps": procedure_steps}
