# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What a health check is, and what one update of it sends and leaves behind."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import Change, after_change

from . import health_checks as of


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_path_is_none(empty: str | None) -> None:
    assert of.health_check(empty).path is None


@pytest.mark.parametrize(
    ("disabled", "inverted", "always"),
    [(False, False, False), (True, False, False), (False, True, False), (True, True, True)],
)
def test_only_disabled_and_inverted_together_are_always_unhealthy(disabled: bool, inverted: bool, always: bool) -> None:
    assert of.health_check(Disabled=disabled, Inverted=inverted).always_unhealthy is always


@pytest.mark.parametrize(
    ("change", "parameters"),
    [
        (Change(), {}),
        (Change(path="/pinned"), {"ResourcePath": "/pinned"}),
        (Change(path=""), {"ResetElements": ["ResourcePath"]}),
        (Change(switches=True), {"Disabled": True, "Inverted": True}),
        (Change(path="/lb-check", switches=False), {"ResourcePath": "/lb-check", "Disabled": False, "Inverted": False}),
    ],
)
def test_i1_an_update_names_only_what_it_changes(change: Change, parameters: dict[str, object]) -> None:
    assert change.parameters() == parameters


@pytest.mark.parametrize("change", [Change(path="/pinned"), Change(path=""), Change(switches=True), Change()])
def test_i1_on_paper_an_update_changes_nothing_else_and_counts_the_version_up(change: Change) -> None:
    found = of.health_check(Regions=["eu-west-1", "us-east-1", "us-west-2"])
    after = after_change(found, change)
    changed = {"ResourcePath", "Disabled", "Inverted"}
    assert after.version == found.version + 1
    assert {key: value for key, value in after.config.items() if key not in changed} == {
        key: value for key, value in found.config.items() if key not in changed
    }


def test_on_paper_an_update_takes_effect() -> None:
    locked = after_change(of.health_check(), Change(path="/pinned", switches=True))
    assert (locked.path, locked.always_unhealthy) == ("/pinned", True)
    opened = after_change(locked, Change(path="", switches=False))
    assert (opened.path, opened.disabled, opened.inverted) == (None, False, False)
