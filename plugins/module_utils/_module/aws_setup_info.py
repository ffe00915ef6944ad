# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``aws_setup_info``."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from functools import lru_cache

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from ansible_collections.tidegate.failover.plugins.module_utils._aws.account import Account
from ansible_collections.tidegate.failover.plugins.module_utils._aws.function_resources import FunctionResources
from ansible_collections.tidegate.failover.plugins.module_utils._aws.site_resources import SiteResources
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import NotFoundError, TidegateError, failure
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import (
    aws_client,
    create_aws_module,
)

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Json = dict[str, t.Any]

_OF_FUNCTIONS = ("functions", "roles", "log_groups")
KINDS = ("target_groups", "load_balancers", "databases", "groups", "alarms", "topics", "queues", *_OF_FUNCTIONS)
#: Route 53 and STS answer for all Regions.
_ANYWHERE = "us-east-1"
_RECORDS = {
    "zone": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "type": {"type": "str", "required": True},
}


def create_module() -> AnsibleAWSModule:
    """The Ansible module with its argument spec."""
    names = {kind: {"type": "list", "elements": "str", "default": []} for kind in KINDS}
    return create_aws_module(
        {
            "places": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {"region": {"type": "str", "required": True}, **names},
            },
            "record": {"type": "dict", "options": _RECORDS},
            "wait_timeout": {"type": "int", "default": 60},
        }
    )


def run(module: AnsibleAWSModule) -> None:
    """Read everything, Region by Region. The task fails if something cannot be read."""
    if module.params["wait_timeout"] < 1:
        module.fail_json(msg=f"wait_timeout is {module.params['wait_timeout']}. Give at least one second.")
    deadline = Deadline(module.params["wait_timeout"], Clock())
    try:
        caller = SiteResources(_client(module, _ANYWHERE), deadline.for_another).caller()
        zone, records = _records(module, deadline) if module.params["record"] else ("", [])
        found = [_place(module, place, caller, deadline) for place in module.params["places"]]
    except TidegateError as problem:
        module.fail_json(**failure(problem))
    module.exit_json(changed=False, caller=caller, zone_id=zone, records=records, places=found)


def _client(module: AnsibleAWSModule, region: str) -> Callable[[str], t.Any]:
    @lru_cache
    def client(service: str) -> t.Any:
        return aws_client(module, service, region=region)

    return client


def _place(module: AnsibleAWSModule, place: Json, caller: Json, deadline: Deadline) -> Json:
    client = _client(module, place["region"])
    resources = SiteResources(client, deadline.for_another)
    of_functions = FunctionResources(client, deadline.for_another)
    partition = caller["arn"].split(":")[1]
    # SNS identifies topics only by their ARN.
    topics = [f"arn:{partition}:sns:{place['region']}:{caller['account']}:{name}" for name in place["topics"]]
    named = {**place, "topics": topics}
    # A kind that is not requested needs no permission.
    readers = {kind: of_functions if kind in _OF_FUNCTIONS else resources for kind in KINDS}
    found = {kind: getattr(readers[kind], kind)(named[kind]) if named[kind] else [] for kind in KINDS}
    return {"region": place["region"], **found}


def _records(module: AnsibleAWSModule, deadline: Deadline) -> tuple[str, list[Json]]:
    """The id of the zone, and its records of one name and type, unchanged."""
    wanted = module.params["record"]
    account = Account(lambda service: aws_client(module, service, region=_ANYWHERE), deadline.for_another)
    zone = account.zone_id(wanted["zone"])
    if zone is None:
        raise NotFoundError(
            f"There is no public hosted zone {wanted['zone']}. Create it, or check its name and the account."
        )
    found = account.raw_records(zone, wanted["name"], wanted["type"])
    return zone, [camel_dict_to_snake_dict(item) for item in found]
