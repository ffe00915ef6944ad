# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""Whether variables are of the kinds that the argument specification of their role says.

Ansible looks only where the entry point ``main`` of a role is run, which may be after a site was locked. And it prints
the whole specification with what is wrong.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from pathlib import Path

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

_ROLES = Path(__file__).parents[2] / "roles"


def problems_of_variables(templar: Templar, loader: DataLoader, role: str, variables: Mapping[str, t.Any]) -> list[str]:
    """What is wrong with the variables of a role, a sentence each.

    :raises AnsibleError: the value of one of them cannot be found out.
    """
    specs = loader.load_from_file(str(_ROLES / role / "meta" / "argument_specs.yml"))
    options = specs["argument_specs"]["main"]["options"]
    given = {name: templar.template(variables[name]) for name in options if name in variables}
    checked = ArgumentSpecValidator(options).validate(given, validate_role_argument_spec=True)
    return [f"The role {role} cannot take its variables: {text.rstrip('.')}." for text in checked.error_messages]
