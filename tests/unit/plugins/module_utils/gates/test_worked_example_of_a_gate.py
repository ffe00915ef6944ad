# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The kind of gate that the guide writes is validated, evaluated and documented as the others are."""

from __future__ import annotations

import os
import re
import typing as t
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import GateKind, Observation, Probe
from ansible_collections.tidegate.failover.plugins.module_utils._gates._registry import KINDS

from .gates import NOW, defined

ROOT = Path(__file__).resolve().parents[5]


@pytest.fixture
def kind(tmp_path: Path) -> GateKind:
    """The kind, from a file that holds what the guide shows."""
    text = (ROOT / "docs" / "writing_a_gate.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    file = tmp_path / "marker.py"
    file.write_text(example, encoding="utf-8")
    spec = spec_from_file_location("marker", file)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return t.cast(GateKind, module.KIND)


def observed(kind: GateKind, path: Path, **options: t.Any) -> Observation:
    given: dict[str, t.Any] = {"path": str(path), "max_age": 60} | options
    assert defined({"name": "storage", "marker": given}, {**KINDS, "marker": kind}).name == "storage"
    return kind.observe(given, Probe(now=NOW, limit=5))


@pytest.mark.parametrize(
    ("age", "passed", "message"),
    [(59, True, "written 59 s ago"), (61, False, "written 61 s ago"), (-5, False, "was written in the future")],
)
def test_the_age_of_the_copy_decides(kind: GateKind, tmp_path: Path, age: int, passed: bool, message: str) -> None:
    copy = tmp_path / "copy"
    copy.touch()
    written = (NOW - timedelta(seconds=age)).timestamp()
    os.utime(copy, (written, written))
    seen = observed(kind, copy)
    assert (seen.passed, message in seen.observed) == (passed, True)


def test_a_copy_that_is_missing_does_not_pass(kind: GateKind, tmp_path: Path) -> None:
    seen = observed(kind, tmp_path / "absent")
    assert (seen.passed, "No such file" in seen.observed) == (False, True)


def test_an_age_that_cannot_be_meant_is_refused_before_anything_is_observed(kind: GateKind, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="max_age is 0"):
        observed(kind, tmp_path, max_age=0)


def test_it_says_what_else_could_make_it_pass(kind: GateKind) -> None:
    assert re.search(r"\n\s*What else could make (it|this gate) pass\b", kind.description)
