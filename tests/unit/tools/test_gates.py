# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is generated from the kinds of gates is found to be out of date, and brought up to date."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from tools import gates

ROLE = """\
argument_specs:
  main:
    options:
      failback_gates:
        description: [What has to pass.]
        # make gates: begin failback_gates
        # make gates: end
        required: true
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the kinds of this one, a role that wants them, and nothing generated."""
    shutil.copytree(gates.ROOT / gates.KINDS, tmp_path / gates.KINDS)
    (tmp_path / gates.REGISTRY).unlink()
    (tmp_path / gates.FRAGMENT).parent.mkdir()
    role = tmp_path / "roles" / "failback" / "meta" / "argument_specs.yml"
    role.parent.mkdir(parents=True)
    role.write_text(ROLE)
    monkeypatch.setattr(gates, "ROOT", tmp_path)
    return tmp_path


def test_what_is_missing_is_drift(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gates.main(["--check"]) == 1
    told = capsys.readouterr().out
    assert f"{gates.REGISTRY} is not what follows from the kinds of gates. Run 'make gates'." in told
    assert not (project / gates.REGISTRY).exists()


def test_once_generated_nothing_has_drifted(project: Path) -> None:
    assert gates.main([]) == 0
    assert gates.main(["--check"]) == 0
    (project / gates.FRAGMENT).write_text("something else")
    assert gates.main(["--check"]) == 1


def test_a_role_gets_the_argument_spec_of_its_option_and_keeps_the_rest(project: Path) -> None:
    gates.main([])
    text = (project / "roles" / "failback" / "meta" / "argument_specs.yml").read_text()
    option = yaml.safe_load(text)["argument_specs"]["main"]["options"]["failback_gates"]
    assert (option["description"], option["required"]) == (["What has to pass."], True)
    assert option["options"]["tcp"]["options"]["port"]["type"] == "int"
    assert "O(failback_gates[].http.url_username)" in text
    assert "O(gates[]" not in text


def test_every_kind_is_in_the_registry_that_modules_import(project: Path) -> None:
    gates.main([])
    names = {path.stem for path in (project / gates.KINDS).glob("*.py") if not path.stem.startswith("_")}
    registry = (project / gates.REGISTRY).read_text()
    assert all(f"_gates.{name} import KIND as {name.upper()}" in registry for name in names)
    assert {"http", "tasks", "attestation"} <= names


def test_a_kind_is_called_like_its_file(monkeypatch: pytest.MonkeyPatch, project: Path) -> None:
    monkeypatch.setattr("importlib.import_module", lambda _name: SimpleNamespace(KIND=SimpleNamespace(name="tcp")))
    with pytest.raises(SystemExit, match="another name than their file: attestation, "):
        gates.main(["--check"])


def test_no_line_is_too_long_and_no_word_is_lost(project: Path) -> None:
    gates.main([])
    role = project / "roles" / "failback" / "meta" / "argument_specs.yml"
    for path in (project / gates.FRAGMENT, role):
        assert max(len(line) for line in path.read_text().splitlines()) <= 120
    kind = importlib.import_module(f"{gates.PACKAGE}.http").KIND
    option = yaml.safe_load(role.read_text())["argument_specs"]["main"]["options"]["failback_gates"]["options"]["http"]
    paragraphs = [
        " ".join(paragraph.split())
        for paragraph in kind.description.replace("O(gates[]", "O(failback_gates[]").split("\n\n")
    ]
    assert option["description"] == paragraphs
