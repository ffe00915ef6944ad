# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The first story: an operator and an alarm put a maintenance page in front of a shop, on an OCI load balancer."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from lab.demo.telling import DemoError, browse, expect, heading, run, say


def tell(lab: dict[str, Any], folder: Path) -> None:
    """Before, during and after maintenance.

    :raises DemoError: a user saw something unexpected.
    """
    listener = lab["oci"]["load_balancers"]["checkout"]["listeners"]["http"]["url"]
    ca_file = lab["oci"]["ca_file"]
    shop = urljoin(listener, "cart?item=1")
    inventory = ("-i", str(folder / "inventory.yml"), "-l", "checkout")

    heading("1. Before: the shop is open. Who comes by HTTP is sent to HTTPS")
    expect(browse(shop, ca_file), [301, 200])

    heading("2. An operator starts a database upgrade and puts the maintenance page in front of the shop")
    reason = ("-e", "maintenance_owner=change:CHG-1234", "-e", '{"maintenance_reason": "Database upgrade"}')
    run("ansible-playbook tidegate.failover.enter_maintenance", *inventory, *reason)

    heading("3. During: every address of the shop leads to the page, which says when to come back")
    page = expect(browse(shop, ca_file), [301, 302, 503])
    if "retry-after" not in page.headers:
        raise DemoError("the maintenance page has no Retry-After header")

    heading("4. Meanwhile an alarm goes off, and a little later it recovers")
    alarm = ("-e", "maintenance_owner=alarm:backends")
    run("ansible-playbook tidegate.failover.enter_maintenance", *inventory, *alarm)
    run("ansible-playbook tidegate.failover.exit_maintenance", *inventory, *alarm)
    say("The page stays, because the operator still holds it. That is what a user sees:")
    expect(browse(shop, ca_file), [301, 302, 503])

    heading("5. The upgrade is done, and the operator takes the page away")
    run("ansible-playbook tidegate.failover.exit_maintenance", *inventory, *reason[:2])

    heading("6. After: the shop is open again")
    expect(browse(shop, ca_file), [301, 200])
