# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The role aws_setup, run for one service on the sites of the lab's shop."""

from __future__ import annotations

from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.route53_events import Account

_PLAY: list[Json] = [
    {"hosts": "services", "gather_facts": False, "roles": [{"role": "tidegate.failover.aws_setup"}]},
]


def fencing_variables(account: Account) -> Json:
    """A second service on the sites of the lab's shop, whose own name is checkout."""
    sites = account.info["sites"]
    return {
        "aws_auth": account.auth,
        "aws_setup_zone": account.info["zone"]["name"],
        "aws_setup_record": f"pay.{account.info['zone']['name']}",
        "aws_setup_check_type": "HTTP",
        "aws_setup_check_port": sites["primary"]["port"],
        "aws_setup_sites": {
            "primary": {"answers": [sites["primary"]["address"]], "ip_address": sites["primary"]["address"]},
            "secondary": {"answers": [sites["backup"]["address"]], "ip_address": sites["backup"]["address"]},
        },
    }


class SetUp:
    """Runs the role for the service ``checkout``."""

    def __init__(self, playbooks: Playbooks, service: Json) -> None:
        self._playbooks = playbooks
        self._inventory = playbooks.inventory({"checkout": service})

    def __call__(self, *arguments: str) -> Outcome:
        """Run it, however it ends."""
        return self._playbooks.run_file(self._playbooks.file(_PLAY), "-i", self._inventory, *arguments)

    def succeeds(self, *arguments: str) -> str:
        """Run it; returns what was printed."""
        outcome = self(*arguments)
        assert outcome.returncode == 0, outcome.output
        return outcome.output
