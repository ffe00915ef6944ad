# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""Checks variables against the argument specification of their role.

Ansible checks them only when the entry point ``main`` of a role runs, which may be after a site was locked. And it
prints the whole specification with each problem.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import (
    check_type_bool,
    check_type_dict,
    check_type_float,
    check_type_int,
    check_type_list,
)
from ansible.module_utils.common.yaml import yaml_load
from ansible.template import Templar
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.spelling import unknown_variables

_ROLES = Path(__file__).parents[2] / "roles"


def _defaults_of_roles() -> dict[str, t.Any]:
    found: dict[str, t.Any] = {}
    for file in sorted(_ROLES.glob("*/defaults/main.yml")):
        found |= yaml_load(file.read_text(encoding="utf-8")) or {}
    return found


def _options_of_roles() -> dict[str, dict[str, t.Any]]:
    files = _ROLES.glob("*/meta/argument_specs.yml")
    return {
        file.parts[-3]: yaml_load(file.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
        for file in files
    }


#: The options of each role, read by the process from which Ansible forks its workers, not by each task before its lock.
_OPTIONS = _options_of_roles()
_DEFAULTS = _defaults_of_roles()
#: A template that is only another variable, such as an extra var with a shorter name in a playbook.
_OTHER_NAME = re.compile(r"\{\{ (\w+) \}\}")


def list_of(value: t.Any) -> list[t.Any]:
    """A list as a user gives it: a list, one item, or a text with commas, which may have spaces around them.

    :raises TypeError: it is not a list.
    """
    items = check_type_list(value)
    return [item.strip() for item in items if item.strip()] if isinstance(value, str) else items


#: The functions that convert a text to the type of an option.
_READ_AS: Mapping[str, Callable[[t.Any], t.Any]] = {
    "bool": check_type_bool,
    "dict": check_type_dict,
    "float": check_type_float,
    "int": check_type_int,
    "list": list_of,
}
_KNOWN = frozenset(name for options in _OPTIONS.values() for name in options)


def with_defaults_for_empty(variables: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Variables in which the role's default replaces each empty text.

    A survey gives an empty text for a question without an answer. As an extra var it would override the default.
    """
    unset = {name: default for name, default in _DEFAULTS.items() if default != "" and _is_empty(name, variables)}
    return {**variables, **unset}


def _is_empty(name: str, variables: Mapping[str, t.Any]) -> bool:
    given = variables.get(name)
    other = _OTHER_NAME.fullmatch(given) if isinstance(given, str) else None
    return isinstance(given, str) and (given == "" or (other is not None and variables.get(other[1]) == ""))


def problems_of_variables(templar: Templar, role: str, variables: Mapping[str, t.Any]) -> list[str]:
    """The problems of a role's variables, a sentence each.

    :raises AnsibleError: a variable cannot be evaluated.
    """
    return problems_of_values(
        role, {name: templar.template(variables[name]) for name in options_of(role) if name in variables}
    )


def problems_of_values(role: str, values: Mapping[str, t.Any]) -> list[str]:
    """The problems of a role's variables with these values, a sentence each."""
    checked = ArgumentSpecValidator(options_of(role)).validate(dict(values), validate_role_argument_spec=True)
    return [f"The role {role} cannot take its variables: {text.rstrip('.')}." for text in checked.error_messages]


def as_specified(role: str, options: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Options of a role with the types of its specification.

    A text may stand for a list, a dictionary, a number or a boolean.
    An extra var is a text, and a list of one item is often written as that item. Ansible accepts both.

    :param options: without the prefix of the role; they are valid.
    """
    specified = options_of(role)
    return {name: _as_type(specified.get(f"{role}_{name}", {}).get("type"), value) for name, value in options.items()}


def _as_type(kind: str | None, value: t.Any) -> t.Any:
    read = _READ_AS.get(str(kind))
    return read(value) if read and isinstance(value, str) and value else value


def options_of(role: str) -> dict[str, t.Any]:
    """The argument specification of a role's variables."""
    return _OPTIONS[role]


def misspelt_variables(variables: Collection[str], role: str = "") -> list[str]:
    """The problems of the names of a service's variables, a sentence each.

    :param role: check only variables with the prefix of this role; all if it is empty.
    """
    checked = [name for name in variables if name.startswith(f"{role}_")] if role else variables
    return unknown_variables(checked, _KNOWN)
