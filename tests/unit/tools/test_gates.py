# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is generated from the kinds of gates and fronts is found to be out of date, and brought up to date."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from tools import gates


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the kinds of this one, and nothing generated."""
    shutil.copytree(gates.ROOT / gates.KINDS, tmp_path / gates.KINDS)
    (tmp_path / gates.REGISTRY).unlink()
    shutil.copytree(gates.ROOT / gates.FRONTS, tmp_path / gates.FRONTS)
    (tmp_path / gates.FRAGMENT).parent.mkdir()
    (tmp_path / gates.ROLE_SPEC).parent.mkdir(parents=True)
    shutil.copy(gates.ROOT / gates.ROLE_SPEC, tmp_path / gates.ROLE_SPEC)
    monkeypatch.setattr(gates, "ROOT", tmp_path)
    return tmp_path


def test_what_is_missing_is_drift(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gates.main(["--check"]) == 1
    reported = capsys.readouterr().out
    assert f"{gates.REGISTRY} does not match the kinds of gates. Run 'make gates'." in reported
    assert not (project / gates.REGISTRY).exists()


def test_once_generated_nothing_has_drifted(project: Path) -> None:
    assert gates.main([]) == 0
    assert gates.main(["--check"]) == 0
    (project / gates.FRAGMENT).write_text("something else")
    assert gates.main(["--check"]) == 1


def test_every_kind_is_in_the_registry_that_modules_import(project: Path) -> None:
    gates.main([])
    names = {path.stem for path in (project / gates.KINDS).glob("*.py") if not path.stem.startswith("_")}
    registry = (project / gates.REGISTRY).read_text()
    assert all(f"_gates.{name} import KIND as {name.upper()}" in registry for name in names)
    assert {"http", "tasks", "attestation"} <= names


def test_a_kind_of_front_is_in_its_registry_and_in_the_options_of_the_role(project: Path) -> None:
    (project / gates.FRONTS_REGISTRY).unlink()
    spec = (project / gates.ROLE_SPEC).read_text()
    (project / gates.ROLE_SPEC).write_text(spec.replace("          oci_load_balancer:\n", "          other:\n"))
    assert gates.main(["--check"]) == 1
    gates.main([])
    assert "_fronts.oci_load_balancer import KIND" in (project / gates.FRONTS_REGISTRY).read_text().replace(
        "(\n    KIND", "KIND"
    )
    assert (project / gates.ROLE_SPEC).read_text() == spec


def test_a_kind_is_called_like_its_file(monkeypatch: pytest.MonkeyPatch, project: Path) -> None:
    monkeypatch.setattr("importlib.import_module", lambda _name: SimpleNamespace(KIND=SimpleNamespace(name="tcp")))
    with pytest.raises(SystemExit, match="another name than their file: attestation, "):
        gates.main(["--check"])


def test_no_line_is_too_long_and_no_word_is_lost(project: Path) -> None:
    gates.main([])
    text = (project / gates.FRAGMENT).read_text()
    assert max(len(line) for line in text.splitlines()) <= 120
    document = yaml.safe_load(text.split('DOCUMENTATION = r"""')[1].split('"""')[0])
    kind = importlib.import_module(f"{gates.PACKAGE}.http").KIND
    paragraphs = [" ".join(paragraph.split()) for paragraph in kind.description.split("\n\n")]
    assert document["options"]["gates"]["suboptions"]["http"]["description"] == paragraphs
