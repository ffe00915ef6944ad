# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The README of the role failover shows each kind of resource, as the module of the kind takes it."""

from __future__ import annotations

import re
import typing as t
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.registry import RESOURCES
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.resource import KINDS

README = Path(__file__).parents[3] / "roles" / "failover" / "README.md"
MODULES = {step.name: step.module for step in RESOURCES}


def shown() -> dict[str, list[dict[str, t.Any]]]:
    """The resources in the examples, by kind."""
    found: dict[str, list[dict[str, t.Any]]] = {}
    for text in re.findall(r"```yaml\n(failover_resources:.*?)```", README.read_text(encoding="utf-8"), re.DOTALL):
        for kind, resources in yaml.safe_load(text)["failover_resources"].items():
            found.setdefault(kind, []).extend(resources)
    return found


def specified(option: dict[str, t.Any]) -> dict[str, t.Any]:
    """An option of the documentation as an argument specification."""
    spec: dict[str, t.Any] = {
        name: option[name] for name in ("type", "elements", "required", "choices", "no_log") if name in option
    }
    if "suboptions" in option:
        spec["options"] = {name: specified(one) for name, one in option["suboptions"].items()}
    return spec


def test_the_readme_shows_every_kind() -> None:
    assert set(shown()) == set(KINDS) == set(MODULES)


@pytest.mark.parametrize("kind", KINDS)
def test_the_resources_in_the_readme_are_what_the_module_takes(kind: str) -> None:
    module = import_module(f"ansible_collections.tidegate.failover.plugins.modules.{MODULES[kind]}")
    option = yaml.safe_load(module.DOCUMENTATION)["options"]["targets"]
    checked = ArgumentSpecValidator({"targets": specified(option)}).validate({"targets": shown()[kind]})
    assert checked.error_messages == []
