# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Pack an in-cloud function: its own files, and the files of this collection that it needs, unchanged.

The import statements decide which files are needed, and no others are packed. The archive of the same files is always
the same, byte for byte, no matter who packs it or when. So its digest identifies the deployed code.
"""

from __future__ import annotations

import argparse
import ast
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
COLLECTION = HERE.parents[1]
NAMESPACE = "ansible_collections.tidegate.failover"
#: Files for readers of the collection, which the function does not need.
_NOT_PACKED = frozenset({"README.md", "policy.json"})
_NEXT = {
    "oci_maintenance": "Next: cd {target} && fn deploy --app YOUR_APPLICATION",
    "route53_lock": "Next: aws lambda create-function or update-function-code with --zip-file fileb://{target}",
}
#: The earliest time that an archive can hold, and permissions by which Lambda may read a file.
_TIME, _PERMISSIONS = (1980, 1, 1, 0, 0, 0), 0o644 << 16


def main() -> int:
    """Pack what the command line names; returns the exit status."""
    parser = argparse.ArgumentParser(description="Pack an in-cloud function of tidegate.failover.")
    parser.add_argument("function", choices=sorted(_NEXT), help="which one")
    parser.add_argument("target", type=Path, help="a new or empty folder, or a new file that ends with .zip")
    arguments = parser.parse_args()
    target: Path = arguments.target
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        print(f"{target} exists and is not an empty folder. Give another one, or remove it.", file=sys.stderr)
        return 1
    files = files_of(arguments.function)
    if target.suffix == ".zip":
        write_archive(files, target)
    else:
        write_folder(files, target)
    print(f"Packed into {target}. {_NEXT[arguments.function].format(target=target)}")
    return 0


def files_of(function: str) -> dict[str, bytes]:
    """Return the files of a function, by their names."""
    own = [path for path in sorted((HERE / function).iterdir()) if path.is_file() and path.name not in _NOT_PACKED]
    files = {path.name: path.read_bytes() for path in own}
    files["LICENSE"] = (COLLECTION / "LICENSES" / "GPL-3.0-or-later.txt").read_bytes()
    for source in sorted(needed([path for path in own if path.suffix == ".py"])):
        files["/".join((*NAMESPACE.split("."), *source.relative_to(COLLECTION).parts))] = source.read_bytes()
    return files


def write_folder(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def write_archive(files: Mapping[str, bytes], archive: Path) -> None:
    """Write an archive. It is not compressed, because the compressed bytes depend on the version of the library."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as opened:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIME)
            # The same on every machine.
            entry.create_system, entry.external_attr = 3, _PERMISSIONS
            opened.writestr(entry, files[name])


def needed(files: list[Path]) -> set[Path]:
    """Return the files of the collection that these files import, directly or indirectly."""
    found: set[Path] = set()
    waiting = list(files)
    while waiting:
        new = {imported for imported in _imports(waiting.pop()) if imported not in found}
        found |= new
        waiting += new
    return found


def _imports(file: Path) -> Iterator[Path]:
    for node in _when_loaded(ast.parse(file.read_text(encoding="utf-8")).body):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{NAMESPACE}."):
            module = COLLECTION.joinpath(*str(node.module).split(".")[3:])
            # The import names something in a module, or a module of a package.
            candidates = [module.with_suffix(".py"), *(module / f"{name.name}.py" for name in node.names)]
            yield from (candidate for candidate in candidates if candidate.is_file())
            yield from (init for init in [module / "__init__.py"] if init.is_file())


def _when_loaded(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Return the statements that are executed when a file is imported.

    Imports inside functions are for options that are not offered in a cloud. Imports for types are not needed there.
    """
    for statement in body:
        yield statement
        if isinstance(statement, ast.Try):
            yield from _when_loaded(statement.body)


if __name__ == "__main__":
    sys.exit(main())
