# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The role takes the options of its module, and has the documented defaults."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.tidegate.failover.plugins.modules import maintenance_page

ROLE = Path(__file__).parents[3] / "roles" / "maintenance_page"
OPTIONS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
TASK = yaml.safe_load((ROLE / "tasks" / "main.yml").read_text())[0]["tidegate.failover.maintenance_page"]
MODULE = yaml.safe_load(maintenance_page.DOCUMENTATION)["options"]

#: What the role gives to the module, and a user does not.
OWN = {"responder"}

Options = dict[str, dict[str, t.Any]]


def shapes(options: Options) -> dict[str, t.Any]:
    """What decides which values are taken, for each option."""
    reported = ("type", "elements", "choices", "required", "default")
    return {
        name: {key: option[key] for key in reported if key in option}
        | {"options": shapes(option.get("options") or option.get("suboptions") or {})}
        for name, option in options.items()
    }


def test_the_role_takes_what_the_module_takes() -> None:
    ours = {name.removeprefix("maintenance_page_"): option for name, option in OPTIONS.items()}
    assert shapes(ours) == shapes({name: option for name, option in MODULE.items() if name not in OWN})


def test_the_role_hands_every_option_on() -> None:
    assert set(TASK) == set(MODULE)


@pytest.mark.parametrize("name", sorted(set(OPTIONS) - {"maintenance_page_directory"}))
def test_a_default_is_the_documented_one(name: str) -> None:
    assert DEFAULTS[name] == OPTIONS[name].get("default")
