# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The front ``cloud_foundry``: a route of Cloud Foundry."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._fronts._kind import (
    Entrance,
    FrontKind,
    Json,
    Values,
)


def identity(target: Mapping[str, t.Any]) -> str:
    """The guid of the route, or else its address."""
    return str(target.get("route_guid") or target.get("url"))


def target(values: Values) -> Json:
    """The given options of a front."""
    return {name: value for name, value in values.items() if value is not None}


def check(options: Json, owner: str) -> list[Json]:
    """:raises RefusedError: a task with these options would be refused."""
    # This import needs Ansible. The other code of this file does not.
    from ansible_collections.tidegate.failover.plugins.module_utils._module.cf_maintenance_mode import targets_of

    return targets_of(options["targets"], owner)


def seen(found: Mapping[str, t.Any]) -> list[Entrance]:
    """The route. Users get the page at the address that they requested."""
    return [Entrance(found["url"], found["in_maintenance"], found["holds"])]


def switched(found: Mapping[str, t.Any]) -> list[Entrance]:
    """The route as it is now."""
    return [Entrance(found["url"], found["after"]["in_maintenance"], found["after"]["holds"])]


def label(found: Mapping[str, t.Any]) -> str:
    """The route's address."""
    return str(found["url"])


KIND = FrontKind(
    name="cloud_foundry",
    description="""
        One route of Cloud Foundry, switched by M(tidegate.failover.cf_maintenance_mode), which describes the options in
        full. Signs in by C(cf_auth).""",
    options={
        "route_guid": {"description": "The guid of the route. Either this or C(url).", "type": "str"},
        "url": {
            "description": """
                The address of the route, such as V(shop.apps.example.com/cart). Either this or C(route_guid).""",
            "type": "str",
        },
        "organization": {
            "description": "Name or guid of the organization that the route must be in.",
            "type": "str",
        },
        "space": {"description": "Name or guid of the space that the route must be in.", "type": "str"},
        "responder_app": {
            "description": "Name or guid of the app that shows the page. It must be running.",
            "type": "str",
            "required": True,
        },
    },
    module="cf_maintenance_mode",
    info="cf_maintenance_mode_info",
    answer="routes",
    auth="cf",
    library="",
    identity=identity,
    target=target,
    check=check,
    seen=seen,
    switched=switched,
    label=label,
    entrance="route",
    knows_backends=True,
    constraints={
        "mutually_exclusive": [["route_guid", "url"]],
        "required_one_of": [["route_guid", "url"]],
    },
)
