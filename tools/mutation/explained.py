# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The file that explains why mutants may survive."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.collection_copy import ROOT
from tools.mutation.mutants import Mutant

EXPLAINED = ROOT / "tests" / "mutation" / "survivors.toml"


@dataclass(frozen=True)
class Survivor:
    """A mutant for which no test fails, and why that is right.

    :ivar place: the function or class that it is in.
    """

    file: str
    place: str
    before: str
    after: str
    why: str

    @property
    def name(self) -> tuple[str, str, str, str]:
        """As :attr:`Mutant.name`."""
        return (self.file, self.place, self.before, self.after)


def explained(path: Path = EXPLAINED) -> list[Survivor]:
    """The entries of the file. One entry may explain several changes of a line."""
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("survivor", [])
    return [
        Survivor(entry["file"], entry["in"], entry["before"], after, entry["why"])
        for entry in entries
        for after in ([entry["after"]] if isinstance(entry["after"], str) else entry["after"])
    ]


def problems(file: str, alive: Iterable[Mutant], known: Iterable[Survivor], *, finished: bool) -> list[str]:
    """Survivors of a file without an explanation, and explanations of mutants that do not survive.

    :param alive: the mutants of the file that survived.
    :param known: the explanations, also of other files.
    :param finished: whether all mutants of the file were tried.
    """
    alive, known = list(alive), [survivor for survivor in known if survivor.file == file]
    names, reasons = {mutant.name for mutant in alive}, {survivor.name for survivor in known}
    unexplained = [_shown("NOT NOTICED", mutant) for mutant in alive if mutant.name not in reasons]
    stale = [survivor for survivor in known if finished and survivor.name not in names]
    return unexplained + [_shown("EXPLAINED, BUT DOES NOT SURVIVE", survivor) for survivor in stale]


def _shown(what: str, change: Mutant | Survivor) -> str:
    where = f"{change.file}:{change.line}" if isinstance(change, Mutant) else change.file
    return f"{what}  {where} in {change.place or 'the file'}\n    - {change.before}\n    + {change.after}"
