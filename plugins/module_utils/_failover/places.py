# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Where the folders are that users name for records and reports. Pure functions on plain data."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Sequence
from pathlib import Path


def record_folder(given: str, inventory_dirs: Sequence[str], working_directory: str) -> str:
    """The absolute path of a folder for records or reports.

    A relative one begins beside the inventory. With several inventories, or none, nothing says beside which one, so it
    begins in the working directory. ``~`` is the home of the user, as in every path of Ansible.

    :param given: as a user wrote it.
    :param inventory_dirs: for each inventory source that is a file its folder, and for one that is a folder that one.
    :param working_directory: where ansible-playbook was started.
    """
    base = inventory_dirs[0] if len(inventory_dirs) == 1 else working_directory
    return os.path.normpath(Path(working_directory, base, _from_home(given)))


def inventory_sources(sources: Sequence[str], exists: Callable[[str], bool]) -> tuple[str, ...]:
    """The inventories that a command names: those that are there, and lists of hosts.

    :param sources: as Ansible knows them. Where none was given, there is one that need not exist.
    """
    return tuple(source for source in sources if "," in source or exists(source))


def _from_home(given: str) -> Path:
    try:
        return Path(given).expanduser()
    except RuntimeError:  # There is no such user, so it is a name like any other, as a shell takes it.
        return Path(given)
