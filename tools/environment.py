# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Sets up the environment of the Makefile's targets. Needs only Python; does nothing when everything is set up.

Everything comes from PyPI, with the versions and hashes of lock files. Nothing is written outside this folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
REQUIREMENTS = ROOT / "requirements"
UV_FOLDER = CACHE / "uv"
COLLECTIONS = CACHE / "collections"
# With this link Python and Ansible find the clone under its import name.
CLONE_LINK = CACHE / "clone" / "ansible_collections" / "tidegate" / "failover"
# The interpreter itself, also when a virtual environment is active: that could be the one to recreate.
PYTHON = str(Path(sys.executable).resolve())
WHEELS = CACHE / "wheels"
#: Supported versions, the newest first.
PYTHONS = ("3.13", "3.12", "3.11")

# Collections that ours depends on. They come from the `ansible` package instead of Galaxy, so that there is one place
# to download from and one kind of hash to check.
NEEDED_COLLECTIONS = ("amazon.aws", "awx.awx", "community.aws")

# The home folder of ansible-test (see tools/ansible_test.py).
ANSIBLE_TEST_HOME = CACHE / "ansible-test" / ".venv" / "home"

GET_PIP = '''\
"""Stands in for get-pip.py: installs pip from a wheel that came from PyPI. Made by tools/environment.py."""

import runpy
import sys

WHEEL = {wheel!r}

sys.path.insert(0, WHEEL)
# Arguments: pip==<version> --disable-pip-version-check --no-setuptools --no-wheel. pip itself lacks the last two.
words = [word for word in sys.argv[1:] if not word.startswith("--no-")]
sys.argv[1:] = ["install", *(WHEEL if word.startswith("pip==") else word for word in words)]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
'''


class SetUpError(Exception):
    """The environment could not be set up; the message names the reason."""


def main(arguments: Sequence[str]) -> int:
    """Set up or update everything; returns the exit status.

    :param arguments: the Python to develop and test with; without it the newest Python on PATH.
    """
    CLONE_LINK.parent.mkdir(parents=True, exist_ok=True)
    if not CLONE_LINK.is_symlink():
        CLONE_LINK.symlink_to(os.path.relpath(ROOT, CLONE_LINK.parent))
    with (CACHE / "environment.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            set_up("uv, which installs everything else", "uv.txt", UV_FOLDER, _install_uv)
            base = arguments[0] if arguments else newest_python()
            what, lock_file = tools_for(base)
            set_up(what, lock_file, ROOT / ".venv", lambda lock, folder: sync(lock, folder, base), base)
            set_up("the AWS CLI", "aws-cli.txt", CACHE / "aws-cli", sync)
            set_up("the libraries of an OCI Function", "function.txt", CACHE / "function", sync)
            set_up("collections", "wheels.txt", WHEELS, _fetch_wheels)
        except SetUpError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


def newest_python() -> str:
    """The path of the newest supported Python on PATH. This program itself runs on a supported one."""
    return next(filter(None, map(python_on_path, PYTHONS)), PYTHON)


def tools_for(python: str) -> tuple[str, str]:
    """A description and the lock file of the tools for a Python: the newest ansible-core that runs on it."""
    version = _run(python, "-c", "import sys; print(*sys.version_info[:2], sep='.')")
    core = "oldest" if version == PYTHONS[-1] else "newest"
    return f"tools and libraries, with the {core} ansible-core, on Python {version}", f"dev-{core}.txt"


def set_up(what: str, lock_file: str, folder: Path, install: Callable[[Path, Path], None], base: str = PYTHON) -> None:
    """Run `install` unless it ran before with the same lock file, interpreters, folder and version of this program."""
    lock = REQUIREMENTS / lock_file
    facts = [lock.read_bytes(), Path(__file__).read_bytes(), sys.version.encode(), base.encode(), str(folder).encode()]
    digest = hashlib.sha256(b"\0".join(facts)).hexdigest()
    stamp = folder / ".set-up-from"
    if stamp.is_file() and stamp.read_text() == digest:
        return
    print(f"Setting up {what} ... ", end="", flush=True)
    begin = time.monotonic()
    stamp.unlink(missing_ok=True)
    install(lock, folder)
    stamp.write_text(digest)
    print(f"{time.monotonic() - begin:.0f} s")


def _install_uv(lock: Path, folder: Path) -> None:
    _run(PYTHON, "-m", "venv", "--clear", str(folder))
    _run(*_pip("install", lock))


def sync(lock: Path, folder: Path, base: str = PYTHON) -> None:
    """Make a virtual environment match a lock file.

    :param base: the Python of the environment.
    """
    uv = str(UV_FOLDER / "bin" / "uv")
    python = folder / "bin" / "python"
    if not python.exists() or _version_of(str(python)) != _version_of(base):
        _run(uv, "venv", "--quiet", "--clear", "--python", base, str(folder))
    _run(uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(lock))


def _version_of(python: str) -> str:
    return _run(python, "-c", "import sys; print(sys.version)")


def find_python(version: str) -> str | None:
    """The path of a Python of this machine, such as 3.12, on PATH or installed by pyenv; None if there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    kept = sorted(str(python) for python in pyenv.glob(f"{version}.*/bin/python{version}"))
    return next(filter(None, (python_on_path(version), *map(_working, reversed(kept)))), None)


def python_on_path(version: str) -> str | None:
    """The path of a Python on PATH, such as 3.12; None if there is none."""
    found = shutil.which(f"python{version}")
    return _working(found) if found else None


def _working(python: str) -> str | None:
    """The interpreter's own path; None if it does not work, such as a shim of pyenv."""
    with contextlib.suppress(SetUpError):
        return str(Path(_run(python, "-c", "import ensurepip, sys; print(sys.executable)")).resolve())
    return None


def _fetch_wheels(lock: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _run(*_pip("download", lock), "--no-deps", "--dest", str(folder))
    _extract_collections(_wheel("ansible"))
    furnish(ANSIBLE_TEST_HOME)
    # Only the collections of this wheel are needed, and the wheel is large.
    _wheel("ansible").unlink()


def _pip(command: str, lock: Path) -> tuple[str, ...]:
    pip = (str(UV_FOLDER / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check")
    return (*pip, command, "--require-hashes", "--only-binary", ":all:", "--requirement", str(lock))


def _wheel(name: str) -> Path:
    (wheel,) = WHEELS.glob(f"{name}-*.whl")
    return wheel


def _extract_collections(wheel: Path) -> None:
    shutil.rmtree(COLLECTIONS, ignore_errors=True)
    with ZipFile(wheel) as archive:
        for collection in NEEDED_COLLECTIONS:
            prefix = f"ansible_collections/{collection.replace('.', '/')}/"
            archive.extractall(COLLECTIONS, [name for name in archive.namelist() if name.startswith(prefix)])


def furnish(home: Path) -> None:
    """Put into ansible-test's folder the files that it would download, or create with ssh-keygen."""
    folder, pip_wheel = home / ".ansible" / "test", _wheel("pip")
    version = pip_wheel.name.split("-")[1]
    script = folder / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(GET_PIP.format(wheel=str(pip_wheel)))
    # ansible-test needs a pair of keys for remote machines. There are none, so nothing ever reads these keys.
    for key in ("id_rsa", "id_rsa.pub"):
        (folder / key).touch()


def _run(*command: str) -> str:
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=_installer_environment())
    if result.returncode:
        raise SetUpError(
            f"failed.\n{' '.join(command)}\nended with {result.returncode}:\n{result.stdout}{result.stderr}"
        )
    return result.stdout.rstrip("\n")


def _installer_environment() -> dict[str, str]:
    """The environment of uv. uv does not read pip's variables, so a mirror of PyPI is set for uv too."""
    environment = dict(os.environ)
    if "PIP_INDEX_URL" in environment:
        environment.setdefault("UV_DEFAULT_INDEX", environment["PIP_INDEX_URL"])
    # Our environment must not use the interpreter of an activated environment.
    environment.pop("VIRTUAL_ENV", None)
    return environment


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
