# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which Python and which ansible-core are developed and tested with."""

from __future__ import annotations

import sys

import pytest

from tools import environment


def test_the_newest_python_on_path_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "python_on_path", {"3.11": "/old", "3.12": "/new"}.get)
    assert environment.newest_python() == "/new"


def test_without_any_on_path_it_is_the_one_that_runs_the_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "python_on_path", lambda version: None)
    assert environment.newest_python() == environment.PYTHON


@pytest.mark.parametrize(("version", "lock"), [("3.11", "oldest"), ("3.12", "newest"), ("3.13", "newest")])
def test_a_python_gets_the_newest_ansible_core_that_runs_on_it(
    monkeypatch: pytest.MonkeyPatch, version: str, lock: str
) -> None:
    monkeypatch.setattr(environment, "_run", lambda *command: version)
    what, lock_file = environment.tools_for(sys.executable)
    assert (what, lock_file) == (
        f"tools and libraries, with the {lock} ansible-core, on Python {version}",
        f"dev-{lock}.txt",
    )
