# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Pack the function into a folder for ``fn deploy``: the handler, and unchanged the files of this collection it needs.

What is needed follows from the import statements, so nothing else comes along.
"""

from __future__ import annotations

import argparse
import ast
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
COLLECTION = HERE.parents[2]
NAMESPACE = "ansible_collections.tidegate.failover"
OWN_FILES = ("func.py", "func.yaml", "requirements.txt")


def main() -> int:
    """Pack into the folder that the command line names; returns the exit status."""
    parser = argparse.ArgumentParser(description="Pack the function for 'fn deploy'.")
    parser.add_argument("folder", type=Path, help="a folder that does not exist or is empty")
    folder: Path = parser.parse_args().folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        print(f"{folder} exists and is not an empty folder. Give another one, or remove it.", file=sys.stderr)
        return 1
    pack(folder)
    print(f"Packed into {folder}. Next: cd {folder} && fn deploy --app YOUR_APPLICATION")
    return 0


def pack(folder: Path) -> None:
    """Copy the function and what it imports."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in OWN_FILES:
        shutil.copy(HERE / name, folder / name)
    shutil.copy(COLLECTION / "LICENSES" / "GPL-3.0-or-later.txt", folder / "LICENSE")
    for source in sorted(needed(HERE / "func.py")):
        target = folder.joinpath(*NAMESPACE.split("."), source.relative_to(COLLECTION))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def needed(file: Path) -> set[Path]:
    """The files of the collection that a file imports, and those that these import."""
    found: set[Path] = set()
    waiting = [file]
    while waiting:
        new = {imported for imported in _imports(waiting.pop()) if imported not in found}
        found |= new
        waiting += new
    return found


def _imports(file: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{NAMESPACE}."):
            module = COLLECTION.joinpath(*str(node.module).split(".")[3:])
            # What is imported is a name of a module, or a module of a package.
            candidates = [module.with_suffix(".py"), *(module / f"{name.name}.py" for name in node.names)]
            yield from (candidate for candidate in candidates if candidate.is_file())
            yield from (init for init in [module / "__init__.py"] if init.is_file())


if __name__ == "__main__":
    sys.exit(main())
