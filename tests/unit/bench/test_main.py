# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The command line of the benchmark reports what it does while it does it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.tidegate.failover.tests.bench import __main__ as bench
from ansible_collections.tidegate.failover.tests.bench.measuring import Aim, BenchError, Report


def test_the_subject_is_named_before_it_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    printed: list[str] = []

    def measure(*_given: object, **_more: object) -> Report:
        assert "Measuring drift" in printed[-1]
        return Report("drift", "", [], [Aim("a ratio", 1, 2)])

    monkeypatch.setattr(bench, "import_module", lambda *_given: SimpleNamespace(measure=measure))
    assert bench.main(["drift", "--quick"], printed.append) == 0


def test_what_could_not_be_measured_ends_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(*_given: object, **_more: object) -> Report:
        raise BenchError("no lab")

    monkeypatch.setattr(bench, "import_module", lambda *_given: SimpleNamespace(measure=measure))
    assert bench.main(["drift", "--quick"], lambda _text: None) == 1
