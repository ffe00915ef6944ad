# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""One description of a kind becomes an argument spec and documentation."""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.tidegate.failover.plugins.module_utils._gates import _schema as schema
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import GateKind, Observation, Timing
from ansible_collections.tidegate.failover.plugins.module_utils._gates._registry import KINDS

MADE_UP = GateKind(
    "made_up",
    """
        One paragraph,
        folded.

        Another one.""",
    {
        "account": {
            "description": "Who asks.",
            "type": "dict",
            "required_together": [("name", "key")],
            "options": {
                "name": {"description": "Its name.", "type": "str"},
                "key": {"description": "Its key.", "type": "str", "no_log": True, "rotates": True},
            },
        },
    },
    lambda _options: "",
    lambda _options, _look: Observation(True, ""),
    timing=Timing(3, 2.0, 60),
    constraints={"required_one_of": [("account",)]},
)
ONLY = {"made_up": MADE_UP}


def suboptions(kind: str, made: dict[str, t.Any], under: str) -> dict[str, t.Any]:
    found: dict[str, t.Any] = made[under][kind][under]
    return found


def test_the_argument_spec_holds_what_ansible_knows() -> None:
    spec = schema.argument_spec(ONLY)["options"]["made_up"]
    account = spec["options"]["account"]
    assert spec["required_one_of"] == [("account",)]
    assert account["required_together"] == [("name", "key")]
    assert account["options"]["key"] == {"type": "str", "no_log": True}
    assert "description" not in spec


def test_the_documentation_holds_what_people_read() -> None:
    made = schema.documentation(ONLY)["suboptions"]["made_up"]
    assert made["description"] == ["One paragraph, folded.", "Another one."]
    assert made["suboptions"]["account"] == {
        "description": ["Who asks."],
        "type": "dict",
        "suboptions": {
            "name": {"description": ["Its name."], "type": "str"},
            "key": {"description": ["Its key."], "type": "str"},
        },
    }


def test_how_often_to_probe_is_an_option_of_each_kind_with_its_own_defaults() -> None:
    options = suboptions("made_up", schema.argument_spec(ONLY), "options")
    assert {name: options[name]["default"] for name in ("consecutive", "interval", "timeout")} == {
        "consecutive": 3,
        "interval": 2.0,
        "timeout": 60,
    }


def test_a_kind_that_is_misspelt_is_named() -> None:
    outcome = ArgumentSpecValidator({"gates": schema.argument_spec(KINDS)}).validate(
        {"gates": [{"name": "a", "htpp": {}}]}
    )
    assert "htpp" in outcome.error_messages[0]


def test_a_gate_has_one_kind() -> None:
    given = {"name": "a", "tcp": {"host": "a", "port": 1}, "command": {"argv": ["true"]}}
    outcome = ArgumentSpecValidator({"gates": schema.argument_spec(KINDS)}).validate({"gates": [given]})
    assert "mutually exclusive" in outcome.error_messages[0]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: str(kind.name))
def test_what_is_called_like_a_secret_is_kept_out_of_output(kind: GateKind) -> None:
    telling = ("password", "secret", "dsn", "headers", "environment", "token", "pass_phrase")
    shown = [
        name
        for name, option in flat(kind.options)
        if any(word in name for word in telling) and not option.get("no_log")
    ]
    assert shown == []


def flat(options: t.Mapping[str, t.Any]) -> t.Iterator[tuple[str, t.Mapping[str, t.Any]]]:
    for name, option in options.items():
        yield name, option
        yield from flat(option.get("options", {}))


def test_a_task_imports_no_library_of_kinds_that_it_does_not_use() -> None:
    module = "ansible_collections.tidegate.failover.plugins.module_utils._module.failback_gate"
    show = f"import sys, {module}; print({{'boto3', 'oci', 'psycopg', 'dns'}} & set(sys.modules))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", show], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
