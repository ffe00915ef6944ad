# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The front ``alb``: listeners of an Application Load Balancer of AWS."""

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
    """The name or ARN of the load balancer, or else the ARN of its first listener."""
    listeners = target.get("listeners") or [""]
    return str(target.get("load_balancer") or listeners[0])


def target(values: Values) -> Json:
    """The given options of a front."""
    return {name: value for name, value in values.items() if value is not None}


def check(options: Json, owner: str) -> list[Json]:
    """:raises RefusedError: a task with these options would be refused."""
    # This import needs Ansible. The other code of this file does not.
    from ansible_collections.tidegate.failover.plugins.module_utils._module.alb_maintenance_mode import targets_of

    return targets_of(options["targets"], owner)


def seen(found: Mapping[str, t.Any]) -> list[Entrance]:
    """The listeners."""
    return [_entrance(listener) for listener in found["listeners"]]


def switched(found: Mapping[str, t.Any]) -> list[Entrance]:
    """The listeners as they are now."""
    return [_entrance(listener) for listener in found["after"]["listeners"]]


def _entrance(listener: Mapping[str, t.Any]) -> Entrance:
    return Entrance(listener["name"], listener["in_maintenance"], listener["holds"], redirects=listener["redirects"])


def label(found: Mapping[str, t.Any]) -> str:
    """The load balancer's name."""
    return str(found["load_balancer"])


_PATTERNS = "Path patterns of an ALB, such as V(/api/*)."

KIND = FrontKind(
    name="alb",
    description="""
        Listeners of one Application Load Balancer of AWS, switched by M(tidegate.failover.alb_maintenance_mode), which
        describes the options in full. Signs in by C(aws_auth).""",
    options={
        "load_balancer": {
            "description": "Name or ARN of the load balancer. It goes with C(ports). Either this or C(listeners).",
            "type": "str",
        },
        "ports": {"description": "The ports of the listeners to switch.", "type": "list", "elements": "int"},
        "listeners": {"description": "The ARNs of the listeners to switch.", "type": "list", "elements": "str"},
        "region": {
            "description": "The region of this load balancer, where it is not that of C(aws_auth) and no ARN names it.",
            "type": "str",
        },
        "language": {"description": "Language of the page, such as V(en).", "type": "str"},
        "title": {"description": "Title of the page.", "type": "str"},
        "text": {"description": "Message of the page.", "type": "str"},
        "contact": {"description": "Whom users can ask.", "type": "str"},
        "html": {
            "description": "A whole HTML page in place of the one that is made. At most 1,024 bytes.",
            "type": "str",
        },
        "json_paths": {
            "description": f"Paths that get the message as JSON. {_PATTERNS}",
            "type": "list",
            "elements": "str",
        },
        "text_paths": {
            "description": f"Paths that get the message as plain text. {_PATTERNS}",
            "type": "list",
            "elements": "str",
        },
        "redirect_url": {
            "description": "Redirect users there, with status 302, in place of showing the page.",
            "type": "str",
        },
        "exempt_paths": {
            "description": f"Paths that are answered as if the page were not up. {_PATTERNS}",
            "type": "list",
            "elements": "str",
        },
        "tester_header": {
            "description": "Name of a header. Requests that have it with C(tester_secret) do not get the page.",
            "type": "str",
        },
        "tester_secret": {
            "description": "The value of that header. Keep it in a vault. It can be read in the rules of the listener.",
            "type": "str",
            "no_log": True,
        },
        "tester_addresses": {
            "description": "Addresses and ranges, such as V(192.0.2.0/24), from which requests do not get the page.",
            "type": "list",
            "elements": "str",
        },
        "move_rules": {
            "description": """
                Whether rules of others may get higher priority numbers while the page is up, where there is no room
                before them. The default is V(true).""",
            "type": "bool",
        },
    },
    module="alb_maintenance_mode",
    info="alb_maintenance_mode_info",
    answer="load_balancers",
    auth="aws",
    library="boto3",
    identity=identity,
    target=target,
    check=check,
    seen=seen,
    switched=switched,
    label=label,
    entrance="listener",
    knows_backends=True,
    constraints={
        "mutually_exclusive": [["load_balancer", "listeners"], ["ports", "listeners"]],
        "required_one_of": [["load_balancer", "listeners"]],
        "required_together": [["load_balancer", "ports"]],
    },
)
