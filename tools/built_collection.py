# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Builds the collection's archive, and checks it as Galaxy does and as a user would install it.

The archive must hold only the files that a run needs, pass galaxy-importer, and install without a network.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path, PurePosixPath

from tools.collection_copy import CACHE, copy_collection
from tools.packing import repack_collection

BIN = Path(sys.executable).parent
BUILD = CACHE / "build"
# The archive may hold these and nothing else. Name all other files in build_ignore of galaxy.yml.
SHIPPED = {
    "CHANGELOG.md",
    "CHANGELOG.rst",
    "FILES.json",
    "LICENSES",
    "MANIFEST.json",
    "README.md",
    "changelogs",
    "docs",
    "extensions",
    "meta",
    "playbooks",
    "plugins",
    "roles",
}
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)")
IMPORTER_CONFIG = """\
[galaxy-importer]
CHECK_REQUIRED_TAGS = True
LOG_LEVEL_MAIN = INFO
RUN_ANSIBLE_DOC = True
RUN_ANSIBLE_LINT = True
RUN_ANSIBLE_TEST = False
"""


class BuildError(Exception):
    """The archive is wrong; the message names the problem."""


def main() -> int:
    """Build and check; returns the exit status."""
    try:
        archive = build(BUILD)
        _check_content(archive)
        _check_links(archive)
        _check_import(archive)
        _check_installation(archive)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def build(folder: Path) -> Path:
    """Build the archive in a folder; the same files make the same bytes.

    :raises BuildError: ansible-galaxy could not build it.
    """
    BUILD.mkdir(parents=True, exist_ok=True)
    copy = copy_collection(folder / "source")
    for old in folder.glob("*.tar.gz"):
        old.unlink()
    _run("ansible-galaxy", "collection", "build", "--output-path", str(folder), cwd=copy)
    (archive,) = folder.glob("*.tar.gz")
    repack_collection(archive)
    return archive


def _check_content(archive: Path) -> None:
    with tarfile.open(archive) as content:
        others = {name.split("/")[0] for name in content.getnames()} - SHIPPED
    if others:
        raise BuildError(
            f"The archive holds {', '.join(sorted(others))}, which no run needs. See build_ignore in galaxy.yml."
        )


def _check_links(archive: Path) -> None:
    """Every link of a document leads to a file of the archive."""
    with tarfile.open(archive) as content:
        files = {name: content.extractfile(name) for name in content.getnames()}
        texts = {name: file.read().decode() for name, file in files.items() if file and name.endswith(".md")}
    dead = [
        f"{name}: {target}"
        for name, text in texts.items()
        for target in _LINK.findall(text)
        if "://" not in target and os.path.normpath(PurePosixPath(name).parent / target) not in files
    ]
    if dead:
        raise BuildError("Links lead to files that are not in the archive:\n" + "\n".join(dead))


def _check_import(archive: Path) -> None:
    config = BUILD / "galaxy-importer.cfg"
    config.write_text(IMPORTER_CONFIG)
    settings = {"GALAXY_IMPORTER_CONFIG": str(config)}
    output = _run("python", "-m", "galaxy_importer.main", str(archive), cwd=BUILD, environment=settings)
    if warnings := [line for line in output.splitlines() if line.startswith("WARNING")]:
        raise BuildError("galaxy-importer warns:\n" + "\n".join(warnings))


def _check_installation(archive: Path) -> None:
    """Install the archive as a user would, without a Galaxy server, and load a module and a playbook of it."""
    target = BUILD / "installed"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(CACHE / "collections", target)
    environment = {"ANSIBLE_COLLECTIONS_PATH": str(target)}
    install = ("collection", "install", "--offline", str(archive), "--collections-path", str(target))
    _run("ansible-galaxy", *install, cwd=BUILD, environment=environment)
    _run("ansible-doc", "tidegate.failover.lb_maintenance_mode", cwd=BUILD, environment=environment)
    playbook = ("tidegate.failover.enter_maintenance", "--syntax-check")
    _run("ansible-playbook", *playbook, cwd=BUILD, environment=environment)


def _run(name: str, *arguments: str, cwd: Path, environment: dict[str, str] | None = None) -> str:
    print(f"{name} {' '.join(arguments)}", flush=True)
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    # Ansible must find the installed collection without the clone's configuration.
    no_config = BUILD / "ansible.cfg"
    no_config.touch()
    settings = os.environ | {"PATH": path, "ANSIBLE_CONFIG": str(no_config)} | (environment or {})
    result = subprocess.run(
        (str(BIN / name), *arguments),
        cwd=cwd,
        env=settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode:
        raise BuildError(f"{result.stdout}{name} ended with {result.returncode}.")
    return result.stdout


if __name__ == "__main__":
    sys.exit(main())
