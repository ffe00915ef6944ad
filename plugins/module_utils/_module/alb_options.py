# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The options that choose listeners of Application Load Balancers, and the clients for them."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.page import Page
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.request import (
    Selection,
    page_from,
    selection_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._aws.load_balancer_rules import LoadBalancerRules
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import aws_client

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

_LISTENERS: dict[str, dict[str, t.Any]] = {
    "load_balancer": {"type": "str"},
    "ports": {"type": "list", "elements": "int"},
    "listeners": {"type": "list", "elements": "str"},
}
_PAGE: dict[str, dict[str, t.Any]] = {
    "language": {"type": "str"},
    "title": {"type": "str"},
    "text": {"type": "str"},
    "contact": {"type": "str"},
    "html": {"type": "str"},
    "json_paths": {"type": "list", "elements": "str"},
    "text_paths": {"type": "list", "elements": "str"},
    "redirect_url": {"type": "str"},
    "exempt_paths": {"type": "list", "elements": "str"},
    "tester_header": {"type": "str"},
    "tester_secret": {"type": "str", "no_log": True},
    "tester_addresses": {"type": "list", "elements": "str"},
    "move_rules": {"type": "bool"},
}
#: The options of one target, besides its owner.
TARGET: Mapping[str, Mapping[str, t.Any]] = {**_LISTENERS, "region": {"type": "str"}, **_PAGE}
_EXCLUDES = [("load_balancer", "listeners"), ("ports", "listeners")]
_ONE_OF = [("load_balancer", "listeners")]
_TOGETHER = [("load_balancer", "ports")]


@dataclass(frozen=True)
class Target:
    """Listeners of one load balancer.

    :ivar page: the page that users get; None where the task does not enter maintenance.
    :ivar region: the region of the load balancer, if it is not the region of the task.
    :ivar owner: the owner of the page, if it is not the owner of the task.
    """

    selection: Selection
    page: Page | None = None
    move_rules: bool = True
    region: str | None = None
    owner: str | None = None


def listener_argument_spec(*, with_page: bool) -> dict[str, t.Any]:
    """The options that choose listeners, alone or as targets. A task that only reads needs no owner and no page."""
    owner: dict[str, t.Any] = {"owner": {"type": "str"}} if with_page else {}
    # A task that only reads accepts the same targets as a task that switches.
    target: dict[str, t.Any] = {**TARGET, **owner}
    return {
        **_LISTENERS,
        **(_PAGE if with_page else {}),
        "targets": {
            "type": "list",
            "elements": "dict",
            "options": target,
            "mutually_exclusive": _EXCLUDES,
            "required_one_of": _ONE_OF,
            "required_together": _TOGETHER,
        },
    }


def constraints(*, with_page: bool) -> dict[str, t.Any]:
    """Which of these options exclude or require each other."""
    single = [*_LISTENERS, *(_PAGE if with_page else ())]
    return {
        "mutually_exclusive": [*_EXCLUDES, *(("targets", option) for option in single)],
        "required_one_of": [("load_balancer", "listeners", "targets")],
        "required_together": _TOGETHER,
    }


def targets_from(params: Mapping[str, t.Any], *, enabled: bool) -> list[Target]:
    """The listeners that a task names, and the page that each is to show.

    :raises RefusedError: an option is not valid, or there is no target.
    """
    given: Sequence[Mapping[str, t.Any]] = [params] if params["targets"] is None else params["targets"]
    if not given:
        raise RefusedError("targets is empty. Name at least one load balancer.")
    single = params["targets"] is None
    return [_target(one, None if single else one.get("owner"), enabled=enabled, single=single) for one in given]


def _target(given: Mapping[str, t.Any], owner: str | None, *, enabled: bool, single: bool) -> Target:
    selection = selection_from(given)
    # The region option of the task belongs to amazon.aws, whose client reads it by itself.
    region = selection.region or (None if single else given.get("region"))
    page = page_from(given) if enabled else None
    return Target(selection, page, given.get("move_rules") is not False, region, owner)


class LoadBalancerApis:
    """A client for each region that the targets of a task name. Threads may share them."""

    def __init__(self, module: AnsibleAWSModule, targets: Sequence[Target]) -> None:
        """Create all clients before any thread starts, because a failure ends the task."""
        regions = dict.fromkeys(target.region for target in targets)
        self._apis = {region: self._made(module, region) for region in regions}

    def of(self, target: Target) -> LoadBalancerRules:
        """The client for a target's region."""
        return self._apis[target.region]

    @staticmethod
    def _made(module: AnsibleAWSModule, region: str | None) -> LoadBalancerRules:
        chosen: dict[str, t.Any] = {"region": region} if region else {}
        return LoadBalancerRules(aws_client(module, "elbv2", **chosen))
