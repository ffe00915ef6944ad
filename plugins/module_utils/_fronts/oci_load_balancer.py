# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The front ``oci_load_balancer``: listeners of a load balancer of Oracle Cloud Infrastructure."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._fronts._kind import (
    Entrance,
    FrontKind,
    Json,
    Page,
    Values,
)

#: The options of lb_maintenance_mode that say what is switched, called like the variables of the role.
_SELECTION = ("load_balancer_id", "listeners", "backend_set", "rule_set", "targets")


def target(values: Values) -> Json:
    """What is given of a front."""
    return {name: value for name, value in values.items() if value is not None}


def short_form(page: Page) -> Json:
    """What is switched. An empty list of listeners is not the same as none: the module refuses it."""
    if not (page.get("load_balancer_id") or page.get("targets")):
        return {}
    given = {name: value for name in _SELECTION if (value := page.get(name)) or value == []}
    return given if given.get("targets") else {name: value for name, value in given.items() if name != "targets"}


def check(options: Json, owner: str) -> list[Json]:
    """:raises RefusedError: a task with these options would be refused."""
    # The module's own code, which needs Ansible. The rest of this file does not.
    from ansible_collections.tidegate.failover.plugins.module_utils._module.lb_maintenance_mode import targets_of

    return targets_of(options, owner)


def seen(found: Mapping[str, t.Any]) -> list[Entrance]:
    """The listeners; those whose users get the page at another one need not have it."""
    elsewhere = {left["listener"] for left in found.get("left_out", ()) if left["leads_to"]}
    return [
        Entrance(
            item["name"],
            item["in_maintenance"],
            item["holds"],
            redirects=True,
            counts=item["in_maintenance"] or item["name"] not in elsewhere,
        )
        for item in found.get("listeners", ())
    ]


def switched(found: Mapping[str, t.Any]) -> list[Entrance]:
    """The listeners that were switched, as they are now."""
    rule_set = found["rule_set"]
    return [
        Entrance(name, rule_set in listener["rule_set_names"], redirects=True)
        for name, listener in found["after"]["listeners"].items()
    ]


def label(found: Mapping[str, t.Any]) -> str:
    """The load balancer's name."""
    return str(found["display_name"])


KIND = FrontKind(
    name="oci_load_balancer",
    description="""
        Listeners of one OCI load balancer, switched by M(tidegate.failover.lb_maintenance_mode), which describes the
        options in full. Signs in by C(oci_auth).""",
    options={
        "load_balancer_id": {"description": "OCID of the load balancer.", "type": "str", "required": True},
        "backend_set": {
            "description": """
                Switch every listener whose default backend set this is and that can show the page. Either this or
                O(maintenance_fronts[].oci_load_balancer.listeners).""",
            "type": "str",
        },
        "listeners": {"description": "Switch just these listeners.", "type": "list", "elements": "str"},
        "rule_set": {
            "description": "Name of the rule set that redirects to the page.",
            "type": "str",
            "required": True,
        },
        "region": {
            "description": "The region of this load balancer, where it is not that of the credentials.",
            "type": "str",
        },
    },
    module="lb_maintenance_mode",
    info="lb_maintenance_mode_info",
    answer="load_balancers",
    auth="oci",
    library="oci",
    identity="load_balancer_id",
    target=target,
    check=check,
    seen=seen,
    switched=switched,
    label=label,
    entrance="listener",
    short_form=short_form,
    short_form_names=("maintenance_load_balancer_id", "maintenance_targets"),
    constraints={
        "mutually_exclusive": [["listeners", "backend_set"]],
        "required_one_of": [["listeners", "backend_set"]],
    },
)
