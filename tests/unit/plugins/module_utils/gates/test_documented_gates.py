# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The gates that the documentation shows can be copied as they are, and each kind documents its limits."""

from __future__ import annotations

import re
import textwrap
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.tidegate.failover.plugins.module_utils._gates._registry import KINDS

from .gates import defined

ROOT = Path(__file__).resolve().parents[5]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_documents_what_else_could_make_it_pass(kind: str) -> None:
    assert re.search(r"\n\s*What else could make (it|this gate) pass\b", KINDS[kind].description)


def gates_in(shown: t.Any) -> t.Iterator[dict[str, t.Any]]:
    """The gates of every service in what a page shows, however deep its variables lie."""
    if isinstance(shown, list):
        for one in shown:
            yield from gates_in(one)
    if isinstance(shown, dict):
        for key, value in shown.items():
            yield from value if key == "failback_gates" else gates_in(value)


def shown_gates(page: Path) -> list[dict[str, t.Any]]:
    blocks = re.findall(r"^ *```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [gate for block in blocks for gate in gates_in(yaml.safe_load(textwrap.dedent(block)))]


#: Shows a kind that its reader writes, which has a test of its own.
TEACHES = ROOT / "docs" / "writing_a_gate.md"
PAGES = sorted(
    page
    for pattern in ("README.md", "docs/*.md", "roles/*/README.md")
    for page in ROOT.glob(pattern)
    if page != TEACHES and shown_gates(page)
)


def test_the_pages_that_teach_a_failback_show_gates() -> None:
    assert {"failover.md", "inventory.md", "keycloak.md", "README.md"} <= {page.name for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_gate_that_is_shown_is_accepted(page: Path) -> None:
    gates = shown_gates(page)
    assert [defined(gate, KINDS).name for gate in gates] == [gate["name"] for gate in gates]


@pytest.mark.parametrize(
    "database",
    [
        pytest.param(gate["postgresql"], id=str(page.relative_to(ROOT)))
        for page in PAGES
        for gate in shown_gates(page)
        if "postgresql" in gate
    ],
)
def test_a_shown_gate_on_a_database_asks_the_standby_itself_and_no_other_of_its_name(
    database: dict[str, t.Any],
) -> None:
    assert {"dsn", "standby_dsn", "standby_name", "client_addr"} <= set(database)
    assert database["max_lag_bytes"] == 0
