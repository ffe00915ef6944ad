# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Checks the gates of a variable with the code of the module, so that the messages are the same."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._definition import check_definitions
from ansible_collections.tidegate.failover.plugins.module_utils._gates._registry import KINDS
from ansible_collections.tidegate.failover.plugins.module_utils._gates._schema import argument_spec


def names_of(gates: Sequence[t.Any]) -> list[t.Any]:
    """The names of gates, even if their definitions are wrong."""
    return [gate.get("name") for gate in gates if isinstance(gate, Mapping)]


def gate_problems(variable: str, gates: Sequence[t.Any]) -> list[str]:
    """What is wrong with the gates of a variable, a sentence each, without secrets.

    :param variable: its name, which each sentence begins with.
    """
    if not gates:
        return []
    checked = ArgumentSpecValidator({"gates": argument_spec(KINDS)}).validate({"gates": list(gates)})
    if checked.error_messages:
        hidden = frozenset(str(value) for value in checked._no_log_values)
        messages = [str(remove_values(text, hidden)) for text in checked.error_messages]
        return [f"{variable}: {text.rstrip('.')}." for text in messages]
    try:
        check_definitions(checked.validated_parameters["gates"], KINDS)
    except RefusedError as problem:
        return [f"{variable}: {problem}"]
    return []
