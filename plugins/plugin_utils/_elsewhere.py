# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""Whether an extra var would move tasks to another machine that have to run on the controller."""

from __future__ import annotations

_LOCAL = frozenset({"", "local", "ansible.builtin.local"})


def elsewhere(connection: str) -> str:
    """Why nothing is done; empty if tasks run on the controller.

    :param connection: the variable ``ansible_connection`` of a task whose role sets it to ``local``, or of a play
        before it has hosts. Only an extra var overrides the value of the role, and only an extra var is defined before
        a play has hosts.
    """
    if connection in _LOCAL:
        return ""
    return (
        f"Nothing was done: the extra var ansible_connection is {connection!r}. It counts for all tasks of the run, "
        "and those of this collection have to run where Ansible runs, with its credentials and its Python. Leave it "
        "out. Set in the inventory how users' tasks connect to a host."
    )
