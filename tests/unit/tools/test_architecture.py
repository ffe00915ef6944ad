# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The picture of the layers shows what the folders hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import architecture
from tools.architecture import ADAPTERS, DECISIONS, ENGINE, GATES, DrawingError, check_placed, draw, layers, main


def test_each_module_and_step_stands_in_the_picture() -> None:
    drawn = draw(layers())
    for folder in ("plugins/modules", "plugins/module_utils/_procedure/steps"):
        for path in (architecture.ROOT / folder).glob("[!_]*.py"):
            assert path.stem in drawn


def test_a_package_without_a_layer_is_an_error() -> None:
    with pytest.raises(DrawingError, match="without a layer: .._new"):
        check_placed((*ENGINE, *DECISIONS, *ADAPTERS, GATES, "_new"))


def test_a_picture_that_is_not_up_to_date_fails_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(architecture, "PICTURE", architecture.ROOT / ".cache" / "absent.svg")
    assert main(["--check"]) == 1
    assert "Run make pictures." in capsys.readouterr().err
