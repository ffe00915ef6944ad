# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A way to become another user that stays this user, so that the tests run as any user."""

from __future__ import annotations

from ansible.plugins.become import BecomeBase

DOCUMENTATION = """
name: other_user
short_description: Become nobody else
description: For tests.
author: The Tidegate authors (@tidegate)
options:
  become_user:
    description: Not looked at.
    default: root
  become_exe:
    description: Not looked at.
  become_flags:
    description: Not looked at.
  become_pass:
    description: Not looked at.
"""


class BecomeModule(BecomeBase):
    """Runs commands as they are."""

    name = "example.direct.other_user"

    def build_become_command(self, cmd: str, shell: object) -> str:
        """Return the command."""
        super().build_become_command(cmd, shell)
        return str(self._build_success_command(cmd, shell))
