# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Credentials that a survey or ``-e aws_auth=`` gives as an empty text count as not given."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

ROLES = Path(__file__).parents[3] / "roles"
FILES = sorted([*ROLES.glob("*/defaults/main.yml"), *ROLES.glob("*/vars/main.yml")])


def signing_in(file: Path) -> list[tuple[str, Any]]:
    """The variables that hold credentials, as templates: they are named so, or are in a dictionary named so."""
    loader = cast(Any, DataLoader())
    variables = loader.load_from_file(str(file), trusted_as_template=True) or {}
    return [(f"{file.parts[-3]}: {name}", value) for name, value in variables.items() if name.endswith("_auth")]


FOUND = [one for file in FILES for one in signing_in(file)]
USUALLY = {"aws_auth": "", "oci_auth": "", "cf_auth": ""}


def test_all_roles_are_read() -> None:
    assert len(FOUND) >= 15


@pytest.mark.parametrize(("name", "template"), FOUND, ids=[name for name, _template in FOUND])
def test_what_is_empty_for_all_roles_is_not_given(name: str, template: Any) -> None:
    own = {other.split(": ")[1]: value for other, value in FOUND if other.split(": ")[1] != name.split(": ")[1]}
    value = Templar(loader=DataLoader(), variables={**own, **USUALLY}).template(template)
    assert value == {} or all(item == {} for item in value.values())
