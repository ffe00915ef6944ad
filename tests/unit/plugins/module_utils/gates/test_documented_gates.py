# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The gates that the documentation shows can be copied as they are, and each kind documents its limits."""

from __future__ import annotations

import re
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


def shown_gates(page: str) -> list[dict[str, t.Any]]:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    services = [yaml.safe_load(block) for block in blocks if "failback_gates:" in block]
    return [gate for service in services for gate in service["checkout"]["failback_gates"]]


@pytest.mark.parametrize("page", ["README.md", "roles/failback/README.md"])
def test_every_gate_that_is_shown_is_accepted(page: str) -> None:
    gates = shown_gates(page)
    assert [defined(gate, KINDS).name for gate in gates] == [gate["name"] for gate in gates] != []


@pytest.mark.parametrize("page", ["README.md", "roles/failback/README.md"])
def test_a_shown_gate_on_a_database_asks_the_standby_itself_and_no_other_of_its_name(page: str) -> None:
    (database,) = [gate["postgresql"] for gate in shown_gates(page) if "postgresql" in gate]
    assert {"dsn", "standby_dsn", "standby_name", "client_addr"} <= set(database)
    assert database["max_lag_bytes"] == 0
