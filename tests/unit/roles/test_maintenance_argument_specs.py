# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The role takes the options of its module, and has the documented defaults."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.tidegate.failover.plugins.module_utils._module.oci_options import oci_argument_spec
from ansible_collections.tidegate.failover.plugins.modules import lb_maintenance_mode

ROLE = Path(__file__).parents[3] / "roles" / "maintenance"
OPTIONS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
MODULE = yaml.safe_load(lb_maintenance_mode.DOCUMENTATION)["options"]

#: What other roles of the collection share is theirs if it is not given.
SHARED = {"maintenance_oci_auth", "maintenance_cf_auth", "maintenance_aws_auth", "maintenance_health_check_ids"}
#: What the role does beside running the module.
BESIDES = ("verify_", "oci_auth", "cf_auth", "aws_auth", "health_check_ids", "fronts")
#: The role calls the backend set of the application maintenance_backend_set.
RENAMED = {"maintenance_page_backend_set": "maintenance_backend_set"}
#: What the playbook of the alarms gives to the module itself, for the event that it was started by.
OF_ONE_EVENT = ("only_if_backends", "event_time")

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
    ours = {RENAMED.get(name, name.removeprefix("maintenance_")): option for name, option in OPTIONS.items()}
    same = {name: option for name, option in ours.items() if not name.startswith(BESIDES)}
    module = shapes({name: option for name, option in MODULE.items() if name not in OF_ONE_EVENT})
    # In an inventory an empty list means "no targets".
    module["targets"]["default"] = []
    # It switches one service, whose page has one owner.
    del module["targets"]["options"]["owner"]
    assert shapes(same) == module


def test_a_front_takes_what_a_target_of_its_module_takes() -> None:
    front = shapes(OPTIONS["maintenance_fronts"]["options"])["oci_load_balancer"]["options"]
    target = shapes(MODULE)["targets"]["options"]
    assert front == {name: option for name, option in target.items() if name != "owner"}


def test_the_role_signs_in_with_what_the_module_signs_in_with() -> None:
    spec = {
        name: {key: value for key, value in option.items() if key in ("type", "choices", "no_log")}
        for name, option in oci_argument_spec().items()
    }
    ours = {
        name: {key: value for key, value in option.items() if key in ("type", "choices", "no_log")}
        for name, option in OPTIONS["maintenance_oci_auth"]["options"].items()
    }
    assert ours == spec


@pytest.mark.parametrize("name", sorted(set(OPTIONS) - SHARED - {"maintenance_state"}))
def test_a_default_is_the_documented_one(name: str) -> None:
    assert DEFAULTS[name] == OPTIONS[name].get("default")
