# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Checks the execution and decision environments: ``python -m tools.environments [NAME]``.

ansible-builder creates the build context of each. The libraries that the definition and the collection name are
installed in a new virtual environment, without others, and every file of the collection is imported there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tools.collection_copy import CACHE, ROOT, copy_collection

DEFINITIONS = ROOT / "extensions" / "environments"
BUILD = CACHE / "environments"
UV = CACHE / "uv" / "bin" / "uv"
NAMES = ("execution-environment", "decision-environment")

IMPORTS = """\
import importlib, pathlib, runpy, sys

root = pathlib.Path(sys.argv[1])
prefix = "ansible_collections.tidegate.failover"
files = [path for path in root.glob("plugins/**/*.py")]
for path in files:
    importlib.import_module(".".join((prefix, *path.relative_to(root).with_suffix("").parts)))
sources = list(root.glob("extensions/eda/plugins/*/*.py")) if "--eda" in sys.argv else []
for path in sources:
    runpy.run_path(str(path))
print(len(files) + len(sources), "files imported")
"""


class EnvironmentCheckError(Exception):
    """An environment is wrong; the message names the problem."""


def main(names: list[str]) -> int:
    """Check; returns the exit status."""
    try:
        copy = copy_collection(BUILD / "source")
        for name in names or NAMES:
            _check(name, copy)
    except EnvironmentCheckError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _check(name: str, copy: Path) -> None:
    context = BUILD / name
    shutil.rmtree(context, ignore_errors=True)
    definition = DEFINITIONS / f"{name}.yml"
    builder = Path(sys.executable).parent / "ansible-builder"
    _run(str(builder), "create", "-f", str(definition), "-c", str(context), "--output-filename", "Containerfile")
    if not (context / "Containerfile").is_file():
        raise EnvironmentCheckError(f"ansible-builder made no Containerfile of {definition}.")
    _check_imports(name, copy, requirements(yaml.safe_load(definition.read_text(encoding="utf-8"))))
    _build_image(name, context)


def requirements(definition: dict[str, Any]) -> list[str]:
    """The Python libraries of an environment, from its definition and from the collection's metadata."""
    wanted = definition["dependencies"]
    declared = (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").splitlines()
    tools = [wanted[tool]["package_pip"] for tool in ("ansible_core", "ansible_runner")]
    return [*tools, *wanted.get("python", []), *(line for line in declared if line and not line.startswith("#"))]


def _check_imports(name: str, copy: Path, libraries: list[str]) -> None:
    folder = BUILD / f"{name}-venv"
    python = str(folder / "bin" / "python")
    _run(str(UV), "venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
    _run(str(UV), "pip", "install", "--quiet", "--python", python, *libraries)
    more = ["--eda"] if name.startswith("decision") else []
    print(f"{name}: {_run(python, '-c', IMPORTS, str(copy), *more, path=BUILD / 'source')}")


def _build_image(name: str, context: Path) -> None:
    engine = next(filter(_is_usable, ("podman", "docker")), None)
    if engine is None:
        print(f"{name}: the image was not built, because neither podman nor docker runs here. Not run.")
        return
    _run(engine, "build", "--file", str(context / "Containerfile"), "--tag", f"tidegate-{name}", str(context))
    print(f"{name}: the image was built")


def _is_usable(engine: str) -> bool:
    """Whether a container engine is installed and works. Docker may be installed without its daemon."""
    program = shutil.which(engine)
    return program is not None and not subprocess.run((program, "info"), capture_output=True, check=False).returncode


def _run(*command: str, path: Path | None = None) -> str:
    print(f"{Path(command[0]).name} {command[1]} ...", flush=True)
    own = dict(os.environ)
    if "PIP_INDEX_URL" in own:
        own.setdefault("UV_DEFAULT_INDEX", own["PIP_INDEX_URL"])
    own.pop("VIRTUAL_ENV", None)
    own.pop("PYTHONPATH", None)
    if path is not None:
        own["PYTHONPATH"] = str(path)
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=own, cwd=BUILD)
    if done.returncode:
        raise EnvironmentCheckError(f"{done.stdout}{done.stderr}\n{command[0]} ended with {done.returncode}.")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
