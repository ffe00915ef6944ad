# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A code without an explanation, an unused code, and an invented example are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.troubleshooting import generation
from tools.troubleshooting.codes import CODES, GROUPS, Code
from tools.troubleshooting.found import codes_in

MODULE = """\
class LostError(TidegateError):
    own_code = "TG-LOST"

def take(name):
    if name:
        raise RefusedError(f"The site {name} is the last one that serves.", code="TG-LAST")
    raise LostError(f"The answer about {name} was lost.")
"""
ROLE = """\
- ansible.builtin.fail:
    msg: >-
      Nothing was done for {{ inventory_hostname }},
      which has no page. [TG-PAGE]
"""
LAST = Code("TG-LAST", "m", "d", "The site primary is the last one that serves.")
LOST = Code("TG-LOST", "m", "d", "The answer about primary was lost.")
PAGE = Code("TG-PAGE", "m", "d", "Nothing was done for web, which has no page.")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with three codes."""
    for name, text in (("plugins/module.py", MODULE), ("roles/a/tasks/main.yml", ROLE)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "playbooks").mkdir()
    return tmp_path


def problems(project: Path, *known: Code) -> list[str]:
    return generation.problems(codes_in(project), {code.name: code for code in known})


def test_what_is_explained_with_real_messages_is_fine(project: Path) -> None:
    assert problems(project, LAST, LOST, PAGE) == []


def test_a_code_that_nobody_explains_is_found(project: Path) -> None:
    assert problems(project, LAST, LOST) == [
        "TG-PAGE is used in roles/a/tasks/main.yml:4 and is not in tools/troubleshooting/codes.py. Explain it there."
    ]


def test_a_code_that_no_failure_has_is_found(project: Path) -> None:
    (problem,) = problems(project, LAST, LOST, PAGE, Code("TG-GONE", "m", "d", "e"))
    assert problem == "TG-GONE is in tools/troubleshooting/codes.py, but no failure uses it. Remove it."


@pytest.mark.parametrize("name", ["TG-LAST", "TG-LOST", "TG-PAGE"])
def test_an_invented_example_is_found(project: Path, name: str) -> None:
    known = {code.name: code for code in (LAST, LOST, PAGE)} | {name: Code(name, "m", "d", "Something else.")}
    (problem,) = problems(project, *known.values())
    assert problem.startswith(f"The example of {name} matches no message with this code.")


def test_the_page_explains_every_code_once() -> None:
    text = generation.page()
    assert [text.count(f"### {name}\n") for name in CODES] == [1] * len(CODES)
    assert len(CODES) == sum(map(len, GROUPS.values()))


def test_a_page_that_differs_is_found_and_made(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generation, "ROOT", project)
    monkeypatch.setattr(generation, "CODES", {code.name: code for code in (LAST, LOST, PAGE)})
    (project / "docs").mkdir()
    assert generation.main(["--check"]) == 1
    assert "does not match the codes" in capsys.readouterr().out
    assert generation.main([]) == 0
    assert generation.main(["--check"]) == 0
