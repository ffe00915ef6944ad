# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Steps that users choose and order, put together."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.plan import Step, steps_from

KNOWN: dict[str, Step] = {
    "lock": {"own": True, "tasks": "/collection/lock.yml"},
    "promote": {"tasks": "promote.yml", "point_of_no_return": True},
    "scale": {"tasks": "", "skip": "nothing to scale"},
}


def steps(*given: t.Any, order: t.Any = (), folder: str | None = "/inventory", exists: bool = True) -> list[Step]:
    """The steps put together."""
    return steps_from(
        given, KNOWN, order=order, folder=folder, problem_of=lambda _path: "" if exists else "there is no such file."
    )


def test_built_in_steps_come_with_what_is_known_of_them() -> None:
    assert steps("lock", "promote") == [
        {"name": "lock", "own": True, "tasks": "/collection/lock.yml"},
        {"name": "promote", "tasks": "/inventory/promote.yml", "point_of_no_return": True},
    ]


def test_paths_of_users_begin_at_the_inventory_unless_they_are_absolute() -> None:
    own = {"name": "warm", "tasks": "warm.yml", "undo_tasks": "/etc/cool.yml"}
    assert steps(own) == [{"name": "warm", "tasks": "/inventory/warm.yml", "undo_tasks": "/etc/cool.yml"}]


def test_a_step_that_is_skipped_needs_no_file_and_keeps_its_place() -> None:
    assert steps("scale", exists=False) == [{"name": "scale", "tasks": "", "skip": "nothing to scale"}]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["locks"], "none of lock, promote, scale"),
        (["lock", "lock"], "lock twice"),
        ([{"name": "lock", "tasks": "x.yml"}], "as a built-in one is"),
        ([{"name": "warm"}], "tasks is missing"),
        ([{"tasks": "x.yml"}], "name is missing"),
        ([{"name": "warm", "tasks": "x.yml", "undo": "y.yml"}], "has undo"),
        ([{"name": "warm", "tasks": "x.yml", "read_only": "no"}], "read_only is of the wrong type"),
    ],
)
def test_a_step_that_cannot_be_is_refused(given: list[t.Any], said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        steps(*given)


@pytest.mark.parametrize("given", [["promote"], ["promote", "lock"]])
def test_an_order_that_is_not_safe_is_refused(given: list[str]) -> None:
    with pytest.raises(RefusedError, match="'promote' must come after 'lock'"):
        steps(*given, order=[["lock", "promote"]])


def test_an_order_says_nothing_of_a_step_that_is_skipped() -> None:
    assert steps("scale", order=[["lock", "scale"]])


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(RefusedError, match="tasks /inventory/promote.yml, and there is no such file"):
        steps("promote", exists=False)


def test_a_relative_path_without_an_inventory_is_refused() -> None:
    with pytest.raises(RefusedError, match="Give an absolute one"):
        steps("promote", folder=None)


def test_a_step_with_nothing_to_skip_it_for_is_taken() -> None:
    known = {"scale": {"own": True, "tasks": "/collection/scale.yml", "skip": ""}}
    assert steps_from(["scale"], known, order=[], folder=None, problem_of=lambda _path: "") == [
        {"name": "scale", "own": True, "tasks": "/collection/scale.yml"}
    ]
