# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Finds the phrases of tools/words.toml, which have plainer alternatives; ``typos`` finds single words.

``python -m tools.words [file ...]``; without files, it checks every text of the project.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.collection_copy import ROOT, project_files

PHRASES = Path(__file__).with_suffix(".toml")
#: Texts that people read or write. Other files are generated, or from other projects.
ENDINGS = frozenset({".in", ".j2", ".md", ".py", ".sh", ".toml", ".yaml", ".yml"})
#: The list itself, and published texts that must not change.
LEFT_OUT = frozenset(
    {
        Path("tests/unit/tools/test_words.py"),
        Path("tools/words.toml"),
        Path("CHANGELOG.md"),
        Path("changelogs/changelog.yaml"),
    }
)


@dataclass(frozen=True)
class Phrase:
    """A phrase to avoid.

    :ivar write: what to write instead.
    """

    find: re.Pattern[str]
    write: str


@dataclass(frozen=True)
class Finding:
    """A phrase in a text."""

    line: int
    found: str
    write: str


def main(arguments: Sequence[str]) -> int:
    """Print the findings; returns the exit status."""
    phrases, status = read_phrases(), 0
    for path in map(Path, arguments) if arguments else texts():
        for finding in findings(path.read_text(encoding="utf-8"), phrases):
            print(f"{path}:{finding.line}: {finding.found!r}: write {finding.write}")
            status = 1
    return status


def texts() -> list[Path]:
    """Every text of the project."""
    return [ROOT / path for path in project_files() if path.suffix in ENDINGS and path not in LEFT_OUT]


def read_phrases(path: Path = PHRASES) -> list[Phrase]:
    """The phrases of a list."""
    listed = tomllib.loads(path.read_text(encoding="utf-8"))["phrase"]
    return [Phrase(re.compile(one["find"].replace(" ", r"\s+"), re.IGNORECASE), one["write"]) for one in listed]


def findings(text: str, phrases: Sequence[Phrase]) -> Iterator[Finding]:
    """Each phrase in a text, also across a line break."""
    for phrase in phrases:
        for found in phrase.find.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield Finding(line, " ".join(found[0].split()), phrase.write)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
