# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The schema of a list of gates: its argument spec and its documentation, both made from the kinds."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import GateKind, Options, Timing

Kinds = Mapping[str, GateKind]
Schema = dict[str, t.Any]

#: Keys that this collection adds to argument specs. Ansible does not know them.
_NOT_IN_SPEC = frozenset({"description", "rotates"})
#: Keys of argument specs that are not part of the documentation.
_CONSTRAINTS = ("mutually_exclusive", "required_together", "required_one_of", "required_if", "required_by")
_NOT_IN_DOCUMENTATION = frozenset({"no_log", "fallback", "options", "rotates", *_CONSTRAINTS})


def argument_spec(kinds: Kinds) -> Schema:
    """The argument spec of a list of gates: each has a name and at most one kind.

    A missing kind is reported later: an error here would hide that a kind is misspelt.
    """
    options = _spec(_gate_options(kinds))
    return {"type": "list", "elements": "dict", "mutually_exclusive": [list(kinds)], "options": options}


def documentation(kinds: Kinds) -> Schema:
    """The documentation of a list of gates, in the form of module options."""
    return {"type": "list", "elements": "dict", "suboptions": _documentation(_gate_options(kinds))}


def kind_options(kind: GateKind) -> dict[str, Mapping[str, t.Any]]:
    """The options of a kind, including those that set how often to probe."""
    return {**kind.options, **(_timing_options(kind.timing) if kind.timing else {})}


def _gate_options(kinds: Kinds) -> dict[str, Mapping[str, t.Any]]:
    name = {
        "description": "The name of the gate. Each gate needs a unique name.",
        "type": "str",
        "required": True,
    }
    return {"name": name, **{kind.name: _kind_option(kind) for kind in kinds.values()}}


def _kind_option(kind: GateKind) -> Schema:
    return {"description": kind.description, "type": "dict", **kind.constraints, "options": kind_options(kind)}


def _timing_options(timing: Timing) -> dict[str, Mapping[str, t.Any]]:
    return {
        "consecutive": {
            "description": "How many consecutive probes have to pass.",
            "type": "int",
            "default": timing.consecutive,
        },
        "interval": {
            "description": "Seconds from one probe to the next.",
            "type": "float",
            "default": timing.interval,
        },
        "timeout": {
            "description": """
                Seconds that the gate may take in all. The gate is probed repeatedly until it passes. It fails if it has
                not passed within this time. With V(1) there is one probe.""",
            "type": "int",
            "default": timing.timeout,
        },
    }


def _spec(options: Options) -> Schema:
    return {
        name: {
            key: _spec(value) if key == "options" else value for key, value in option.items() if key not in _NOT_IN_SPEC
        }
        for name, option in options.items()
    }


def _documentation(options: Options) -> Schema:
    return {name: _documented(described(option)) for name, option in options.items()}


def _documented(option: Mapping[str, t.Any]) -> Schema:
    documented = {key: value for key, value in option.items() if key not in _NOT_IN_DOCUMENTATION}
    return {**documented, "suboptions": _documentation(option["options"])} if "options" in option else documented


def described(option: Mapping[str, t.Any]) -> Schema:
    """The option with its description as a list of paragraphs, which is the form of the documentation."""
    paragraphs = option["description"].split("\n\n")
    return {**option, "description": [" ".join(paragraph.split()) for paragraph in paragraphs]}
