# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is known of mutants already, so that a run goes on where the last one ended."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.mutation.mutants import Mutant


@dataclass(frozen=True)
class Known:
    """What became of a mutant.

    :ivar killer: the test that fails for it; ``time`` if the tests hang with it; empty if it survives.
    :ivar basis: digest of what the outcome rests on.
    """

    killer: str
    basis: str


class Results:
    """The outcomes of mutants, kept in a file with a line for each of them.

    That a mutant is noticed rests on its text and on the file of the test that notices it. That it survives rests on
    all tests of its area.
    """

    def __init__(self, path: Path, copy: Path) -> None:
        """Read what there is; files are those of the copy."""
        self._path, self._copy = path, copy
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        entries = [json.loads(line) for line in lines if line.endswith("}")]
        self._known = {entry.pop("mutant"): Known(**entry) for entry in entries}

    def killer(self, mutant: Mutant, area: Sequence[Path]) -> str | None:
        """The test that kills it, empty if it survives, None if it has to be tried (again)."""
        known = self._known.get(_digest(mutant.file, mutant.text))
        if known is None or known.basis != self._basis(known.killer, area):
            return None
        return known.killer

    def add(self, mutant: Mutant, killer: str, area: Sequence[Path]) -> None:
        """Keep what became of a mutant."""
        key, known = _digest(mutant.file, mutant.text), Known(killer, self._basis(killer, area))
        self._known[key] = known
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"mutant": key, **asdict(known)}) + "\n")

    def _basis(self, killer: str, area: Sequence[Path]) -> str:
        by_test = Path(killer.partition("::")[0])
        files = [by_test] if "::" in killer else area
        texts = [(self._copy / file).read_text(encoding="utf-8") for file in files if (self._copy / file).is_file()]
        return _digest(*texts)


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:24]
