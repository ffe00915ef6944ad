# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What event sources and filters document of themselves can be read by tools: it is YAML, and complete."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

PLUGINS = Path(__file__).parents[4] / "extensions" / "eda" / "plugins"
FILES = sorted(PLUGINS.rglob("[!_]*.py"))


def texts(file: Path) -> dict[str, str]:
    """The texts that a plugin assigns to DOCUMENTATION and EXAMPLES."""
    found: dict[str, str] = {}
    for statement in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            value = statement.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[statement.targets[0].id] = value.value
    return found


def test_there_are_plugins() -> None:
    assert {"sqs", "sns", "alarm"} <= {file.stem for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_documentation_is_yaml_and_describes_each_option(file: Path) -> None:
    documented = yaml.safe_load(texts(file)["DOCUMENTATION"])
    assert documented["short_description"]
    for name, option in (documented.get("options") or {}).items():
        assert option["description"], name
        assert all(isinstance(sentence, str) for sentence in option["description"]), name


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_examples_are_yaml(file: Path) -> None:
    assert yaml.safe_load(texts(file)["EXAMPLES"])
