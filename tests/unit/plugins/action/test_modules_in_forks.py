# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Each module has an action of its name, and the process that loads the action loads the module."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest
from ansible.plugins.action import ActionBase

PLUGINS = "ansible_collections.tidegate.failover.plugins"
FOLDER = Path(__file__).resolve().parents[4] / "plugins" / "modules"
MODULES = sorted(file.stem for file in FOLDER.glob("[!_]*.py"))


@pytest.mark.parametrize("name", MODULES)
def test_the_action_of_a_module_loads_the_modules_that_it_runs(name: str) -> None:
    action = import_module(f"{PLUGINS}.action.{name}").ActionModule
    assert issubclass(action, ActionBase)
    # Modules that few services need are loaded by the task that runs them.
    later: frozenset[str] = getattr(action, "_loads_when_asked", frozenset())
    modules = {module for module in getattr(action, "_modules", {}).values() if module.rpartition(".")[2] not in later}
    # Where only one task runs modules, that one loads them.
    assert getattr(action, "_runs_modules_once", False) or modules <= set(sys.modules)
