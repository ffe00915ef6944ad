# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The roles failover and procedure have the documented defaults, and take the options of the modules that they run."""

from __future__ import annotations

import functools
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.tidegate.failover.plugins.modules import failover_state, r53_healthcheck_lock

ROLES = Path(__file__).parents[3] / "roles"
LOCK = yaml.safe_load(r53_healthcheck_lock.DOCUMENTATION)["options"]
STATE = yaml.safe_load(failover_state.DOCUMENTATION)["options"]


@functools.cache
def options(role: str) -> dict[str, dict[str, t.Any]]:
    """The options of a role, as it documents them."""
    specs = yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    found: dict[str, dict[str, t.Any]] = specs["argument_specs"]["main"]["options"]
    return found


@functools.cache
def defaults(role: str) -> dict[str, t.Any]:
    """The values that a role gives its variables."""
    found: dict[str, t.Any] = yaml.safe_load((ROLES / role / "defaults" / "main.yml").read_text(encoding="utf-8"))
    return found


NAMES = [(role, name) for role in ("failover", "procedure") for name in options(role)]


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, name in NAMES if "default" in options(role)[name]])
def test_a_default_is_the_documented_one(role: str, name: str) -> None:
    assert defaults(role)[name] == options(role)[name]["default"]


def test_every_variable_of_the_failover_is_documented() -> None:
    assert set(defaults("failover")) == set(options("failover"))


@pytest.mark.parametrize(
    ("name", "module", "option"),
    [
        ("failover_lock_method", LOCK, "method"),
        ("failover_trigger", STATE, "trigger"),
        ("failover_automatic_allowed", STATE, "automatic_allowed"),
        ("failover_cooldown", STATE, "cooldown"),
    ],
)
def test_what_is_handed_on_to_a_module_is_what_that_takes(
    name: str, module: dict[str, dict[str, t.Any]], option: str
) -> None:
    reported = ("type", "choices", "default")
    ours = {key: options("failover")[name][key] for key in reported if key in options("failover")[name]}
    assert ours == {key: module[option][key] for key in reported if key in module[option]}
