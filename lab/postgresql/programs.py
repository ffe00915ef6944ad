# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The distribution's PostgreSQL programs, and the user that runs them."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

#: The folders of each version's programs in Debian and derived systems, where only some programs are on PATH.
_DEBIAN = Path("/usr/lib/postgresql")
_NEEDED = ("postgres", "initdb", "pg_basebackup")
#: The distribution's own user for the server comes first; every system has the second user.
_USERS = ("postgres", "nobody")


class ProgramError(OSError):
    """A program is missing or failed; the message has its name and its output."""


@dataclass(frozen=True)
class Programs:
    """The programs, and how to run them.

    :ivar folder: the folder of the programs.
    :ivar prefix: the words before every command.
    :ivar user: ids of the user and the group that run the programs, if this is not the user of the lab.
    """

    folder: Path
    prefix: tuple[str, ...]
    user: tuple[int, int] | None

    def command(self, program: str, *arguments: str | Path) -> list[str]:
        """A command line."""
        own = self.folder / program
        return [*self.prefix, str(own) if own.exists() else program, *map(str, arguments)]

    async def run(self, program: str, *arguments: str | Path, sql: str = "", password: str = "") -> None:
        """Run a program to its end.

        :param sql: the standard input of the program.
        :param password: the password of the server that the program connects to.
        :raises ProgramError: the program failed.
        """
        process = await asyncio.create_subprocess_exec(
            *self.command(program, *arguments),
            cwd="/",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"PGPASSWORD": password},
        )
        _unused, output = await process.communicate(sql.encode())
        if process.returncode != 0 or b"ERROR:" in output:
            raise ProgramError(f"{program} failed: {output.decode(errors='replace').strip()[-2000:]}")


def find_programs() -> Programs:
    """Find the programs, the newest version first.

    :raises ProgramError: they are not installed.
    """
    folder = next((folder for folder in _folders() if all((folder / name).exists() for name in _NEEDED)), None)
    setpriv = shutil.which("setpriv")
    if folder is None or setpriv is None:
        raise ProgramError(
            "the part postgresql needs the server of PostgreSQL and setpriv (of util-linux), and they are not "
            "installed. On Debian or Ubuntu: apt-get install postgresql"
        )
    # The servers of a killed lab end too: the kernel sends them a signal to shut down at once.
    prefix = [setpriv, "--pdeathsig", "QUIT"]
    user = _unprivileged_user()
    if user is not None:
        # PostgreSQL refuses to run as root.
        prefix += ["--reuid", str(user[0]), "--regid", str(user[1]), "--clear-groups"]
    return Programs(folder, (*prefix, "--"), user)


def is_installed() -> bool:
    """Whether this machine has the programs that the part needs."""
    try:
        find_programs()
    except ProgramError:
        return False
    return True


def _folders() -> list[Path]:
    versions = (folder for folder in _DEBIAN.glob("*/bin") if folder.parent.name.isdigit())
    on_path = shutil.which("postgres")
    found = sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)
    return [*found, Path(on_path).resolve().parent] if on_path else found


def _unprivileged_user() -> tuple[int, int] | None:
    if os.geteuid() != 0:
        return None
    for name in _USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise ProgramError(f"PostgreSQL refuses to run as root, and there is no user {' or '.join(_USERS)} to run it as")
