# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The known outcomes of mutants, so that a run continues where the last run ended."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.mutation.mutants import Mutant


@dataclass(frozen=True)
class Known:
    """The outcome of a mutant.

    :ivar killer: the test that fails for it; ``time`` if the tests hang with it; empty if it survives.
    :ivar basis: digest of the files that the outcome depends on.
    """

    killer: str
    basis: str


class Results:
    """The outcomes of mutants, kept in a file with a line for each of them.

    If a test noticed the mutant, the outcome depends on the mutant's text and on the file of that test. If the mutant
    survived, the outcome depends on all tests of its area.
    """

    def __init__(self, path: Path, copy: Path) -> None:
        """Read the known outcomes; the digests are of files in the copy."""
        self._path, self._copy = path, copy
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        entries = [json.loads(line) for line in lines if line.endswith("}")]
        self._known = {entry.pop("mutant"): Known(**entry) for entry in entries}

    def killer(self, mutant: Mutant, area: Sequence[Path]) -> str | None:
        """The test that kills a mutant; empty if the mutant survives; None if it has to be tried (again)."""
        known = self._known.get(_digest(mutant.file, mutant.text))
        if known is None or known.basis != self._basis(known.killer, area):
            return None
        return known.killer

    def add(self, mutant: Mutant, killer: str, area: Sequence[Path]) -> None:
        """Keep the outcome of a mutant."""
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
