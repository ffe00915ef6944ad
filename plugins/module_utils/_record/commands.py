# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Commands for people: on the screen, in reports, in notifications and in refusals."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A service, in the form that the playbooks take.

    :ivar host: its name in the inventory; empty if it is in none.
    :ivar inventory: the inventory sources, one for each ``-i``.
    :ivar health_check_ids: the health checks of the site. They identify a service that is in no inventory.
    """

    host: str
    inventory: Sequence[str] = ()
    health_check_ids: Sequence[str] = ()

    def command(self, playbook: str, *more: str) -> str:
        """A shell command that runs a playbook for this service."""
        words = ["ansible-playbook", f"tidegate.failover.{playbook}"]
        words += [word for source in self.inventory for word in ("-i", source)]
        which = ["-l", self.host] if self.host else ["-e", f"health_check_ids={','.join(self.health_check_ids)}"]
        return shlex.join([*words, *which, *more])
