# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The folders that users name for records and reports. Pure functions on plain data."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Sequence
from pathlib import Path


def record_folder(given: str, inventory_dirs: Sequence[str], working_directory: str) -> str:
    """The absolute path of a folder for records or reports.

    A relative path begins in the folder of the inventory. With several inventories or none, it begins in the working
    directory. ``~`` is the home of the user, as in every path of Ansible.

    :param given: the path that the user wrote.
    :param inventory_dirs: the folder of each inventory source; a source that is a folder counts itself.
    :param working_directory: where ansible-playbook was started.
    """
    base = inventory_dirs[0] if len(inventory_dirs) == 1 else working_directory
    return os.path.normpath(Path(working_directory, base, _from_home(given)))


def inventory_sources(sources: Sequence[str], exists: Callable[[str], bool]) -> tuple[str, ...]:
    """The inventories to name in a command: existing sources, and lists of hosts.

    :param sources: Ansible's sources. If the user gave none, this is Ansible's default, which may not exist.
    """
    return tuple(source for source in sources if "," in source or exists(source))


def _from_home(given: str) -> Path:
    try:
        return Path(given).expanduser()
    except RuntimeError:  # There is no such user, so this is an ordinary name, as in a shell.
        return Path(given)
