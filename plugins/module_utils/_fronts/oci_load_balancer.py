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

#: The options of lb_maintenance_mode that select listeners -> the variables of the role without their prefix.
_SELECTION = {
    "load_balancer_id": "load_balancer_id",
    "listeners": "listeners",
    "backend_set": "backend_set",
    "rule_set": "rule_set",
    "strategy": "strategy",
    # The role calls the backend set of the application maintenance_backend_set.
    "maintenance_backend_set": "page_backend_set",
    "tester_routing_policy": "tester_routing_policy",
    "targets": "targets",
}


def identity(target: Mapping[str, t.Any]) -> str:
    """The OCID of the load balancer."""
    return str(target["load_balancer_id"])


def target(values: Values) -> Json:
    """The given options of a front."""
    return {name: value for name, value in values.items() if value is not None}


def short_form(page: Page) -> Json:
    """The options of the short form. An empty list of listeners is kept, because the module refuses it."""
    if not (page.get("load_balancer_id") or page.get("targets")):
        return {}
    given = {name: value for name, variable in _SELECTION.items() if (value := page.get(variable)) or value == []}
    if given.get("strategy") == "redirect":
        # The default of the module. Each of its targets has its own strategy.
        del given["strategy"]
    return given if given.get("targets") else {name: value for name, value in given.items() if name != "targets"}


def check(options: Json, owner: str) -> list[Json]:
    """:raises RefusedError: a task with these options would be refused."""
    # This import needs Ansible. The other code of this file does not.
    from ansible_collections.tidegate.failover.plugins.module_utils._module.lb_maintenance_mode import targets_of

    return targets_of(options, owner)


def seen(found: Mapping[str, t.Any]) -> list[Entrance]:
    """The listeners. A listener whose users get the page at another listener need not have the page."""
    elsewhere = {left["listener"] for left in found.get("left_out", ()) if left["leads_to"]}
    return [
        Entrance(
            item["name"],
            item["in_maintenance"],
            item["holds"],
            redirects=True,
            counts=item["in_maintenance"] or item["name"] not in elsewhere,
            passed_by=item.get("passed_by") or (),
        )
        for item in found.get("listeners", ())
    ]


def switched(found: Mapping[str, t.Any]) -> list[Entrance]:
    """The listeners that were switched, as they are now."""
    return [_entrance(found, name, listener) for name, listener in found["after"]["listeners"].items()]


def _entrance(found: Mapping[str, t.Any], name: str, listener: Mapping[str, t.Any]) -> Entrance:
    if found["strategy"] == "backend_set":
        return Entrance(name, listener["default_backend_set_name"] == found["maintenance_backend_set"])
    return Entrance(name, found["rule_set"] in listener["rule_set_names"], redirects=True)


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
            "description": "Name of the rule set that redirects to the page. Needed where it is to redirect.",
            "type": "str",
        },
        "strategy": {
            "description": """
                How users get the page. V(redirect) redirects them to it. With V(backend_set) they get it
                at the address that they asked for.""",
            "type": "str",
            "choices": ["redirect", "backend_set"],
            "default": "redirect",
        },
        "maintenance_backend_set": {
            "description": "With V(backend_set), name of the backend set that serves the page. It must exist.",
            "type": "str",
        },
        "tester_routing_policy": {
            "description": """
                With V(backend_set), name of a routing policy that leads testers to the application, by a header or a
                cookie. It must exist.""",
            "type": "str",
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
    identity=identity,
    target=target,
    check=check,
    seen=seen,
    switched=switched,
    label=label,
    entrance="listener",
    short_form=short_form,
    short_form_names=("maintenance_load_balancer_id", "maintenance_targets"),
    knows_backends=True,
    constraints={
        "mutually_exclusive": [["listeners", "backend_set"]],
        "required_one_of": [["listeners", "backend_set"]],
    },
)
