# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``rds_failover``."""

from __future__ import annotations

import typing as t
from functools import lru_cache

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.tidegate.failover.plugins.module_utils._aws.reading import side_by_side
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._databases.resources import KINDS
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import (
    aws_client,
    create_aws_module,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.database_switch import DatabaseSwitch
from ansible_collections.tidegate.failover.plugins.module_utils._module.many_targets import Ending

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

_ENDING = Ending(
    key="name",
    listed="targets",
    noun="databases",
    unchanged="already in the requested state",
    rest="the run went on with the others",
)
_ADDRESS = {
    "type": "dict",
    "options": {"host": {"type": "str", "required": True}, "port": {"type": "int", "required": True}},
}
_RETURNING = {
    "replica": {"type": "str", "required": True},
    "region": {"type": "str"},
    "instance_class": {"type": "str"},
    "subnet_group": {"type": "str"},
    "security_groups": {"type": "list", "elements": "str"},
    "kms_key": {"type": "str", "no_log": False},
    "accepts_write": _ADDRESS,
}
_WRITER = {"primary": {"type": "str", "required": True}, "secondary": {"type": "str", "required": True}}
_TARGET = {
    **{kind: {"type": "str"} for kind in KINDS},
    "source": {"type": "str"},
    "returning": {"type": "dict", "options": _RETURNING},
    "writer": {"type": "dict", "options": _WRITER},
    "region": {"type": "str"},
    "accepts_write": _ADDRESS,
}


def create_module() -> AnsibleAWSModule:
    """The Ansible module with its argument spec."""
    return create_aws_module(
        {
            "targets": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": _TARGET,
                "mutually_exclusive": [KINDS],
                "required_one_of": [KINDS],
                "required_by": {
                    "replica": ["source"],
                    "instance": ["writer"],
                    "cluster": ["writer"],
                    "global_cluster": ["writer"],
                },
            },
            "to": {"type": "str", "choices": ["primary", "secondary"]},
            "type": {"type": "str", "choices": ["planned", "unplanned"], "default": "planned"},
            "rebuild": {"type": "bool", "default": False},
            "run_id": {"type": "str", "default": ""},
            "wait_timeout": {"type": "int", "default": 900},
        },
        required_one_of=[("to", "rebuild")],
        mutually_exclusive=[("to", "rebuild")],
    )


def run(module: AnsibleAWSModule) -> None:
    """Move the writers in parallel, and end the task."""
    params = module.params
    if not params["rebuild"] and params["to"] is None:
        module.fail_json(msg="Give to, primary or secondary, or rebuild=true.")

    @lru_cache
    def client(service: str, region: str) -> t.Any:
        chosen: dict[str, t.Any] = {"region": region} if region else {}
        return aws_client(module, service, **chosen)

    deadline = Deadline(params["wait_timeout"], Clock())
    targets = params["targets"]
    # Clients are created here, because signing in is not safe in threads; calls are.
    for target in targets:
        for region in _regions(target):
            client("rds", region), client("cloudwatch", region)
    switches = [DatabaseSwitch(target, params, client, deadline.for_another()) for target in targets]
    side_by_side(lambda switch: switch.switch(check_mode=module.check_mode), switches)
    _ENDING.switched(t.cast(AnsibleModule, module), [switch.result() for switch in switches])


def _regions(target: dict[str, t.Any]) -> set[str]:
    """All Regions that are read for a target."""
    returning = (target.get("returning") or {}).get("region") or ""
    writers = (target.get("writer") or {}).values() if target.get("global_cluster") else ()
    return {target.get("region") or "", returning, *writers}
