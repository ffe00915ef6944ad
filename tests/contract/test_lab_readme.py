# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The lab's README names everything that its control API can do."""

from __future__ import annotations

import re

import pytest

from lab.faults import Faults
from lab.parts import PARTS, Options
from lab.process import CLONE
from lab.requests_log import RequestsLog

README = (CLONE / "lab" / "README.md").read_text(encoding="utf-8")
#: The first cells of its tables, with one word for whatever stands in braces.
CELLS = [re.sub(r"{\w+}", "{}", cell) for cell in re.findall(r"^\| ([^|]*) \|", README, re.MULTILINE)]


@pytest.mark.parametrize("name", sorted(PARTS))
def test_the_readme_lists_every_control_route_of_a_part(name: str) -> None:
    part = PARTS[name](RequestsLog(), Faults(), Options(parts=[name]))
    routes = [(route.method, re.sub(r"{\w+}", "{}", route.path)) for route in part.control_routes()]
    assert [route for route in routes if not any(is_shown(route, cell) for cell in CELLS)] == []


def is_shown(route: tuple[str, str], cell: str) -> bool:
    method, path = route
    return re.search(rf"\b{method}\b", cell) is not None and re.search(rf"{re.escape(path)}[`?]", cell) is not None
