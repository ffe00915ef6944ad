# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``r53_healthcheck``."""

from __future__ import annotations

import secrets
import typing as t
from functools import partial

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import HealthCheckApi
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import ConflictError, TidegateError, failure
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH, check_lock_path
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import (
    create_aws_module,
    health_check_api,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.set_up import (
    check_wait_timeout,
    converge_and_exit,
)
from ansible_collections.tidegate.failover.plugins.module_utils._setup.site_health_check import (
    Found,
    after,
    one_of,
    reference_prefix,
    steps_to_have,
    steps_to_remove,
)
from ansible_collections.tidegate.failover.plugins.module_utils._setup.step import Step

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Json = dict[str, t.Any]


def create_module() -> AnsibleAWSModule:
    """The Ansible module with its argument spec."""
    return create_aws_module(
        {
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "service": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "health_check_id": {"type": "str"},
            "type": {"type": "str", "choices": ["HTTP", "HTTPS", "TCP"], "default": "HTTPS"},
            "ip_address": {"type": "str"},
            "fqdn": {"type": "str"},
            "port": {"type": "int"},
            "resource_path": {"type": "str", "default": "/"},
            "request_interval": {"type": "int", "choices": [10, 30], "default": 30},
            "failure_threshold": {"type": "int", "default": 3},
            "lock_path": {"type": "str", "default": DEFAULT_LOCK_PATH},
            "wait_timeout": {"type": "int", "default": 60},
        },
        required_if=[("state", "present", ["ip_address", "fqdn"], True), ("type", "TCP", ["port"])],
    )


def run(module: AnsibleAWSModule) -> None:
    """Bring the health check to the requested state."""
    params = module.params
    try:
        check_wait_timeout(params)
        check_lock_path(params["lock_path"])
    except TidegateError as problem:
        module.fail_json(**failure(problem), changed=False)
    clock = Clock()
    task = _Task(health_check_api(module, clock), params)
    decide = steps_to_have if params["state"] == "present" else steps_to_remove
    converge_and_exit(
        t.cast(AnsibleModule, module),
        read=task.read,
        decide=partial(decide, params, params["lock_path"]),
        write=task.write,
        apply=after,
        picture=_picture,
        deadline=Deadline(params["wait_timeout"], clock),
        finish=lambda found: {"health_check_id": found.check.id if found.check else None},
    )


class _Task:
    """The calls of one task."""

    def __init__(self, api: HealthCheckApi, params: t.Mapping[str, t.Any]) -> None:
        self._api, self._params = api, params
        # One reference for the whole task, so that a call whose response was lost creates no second health check.
        self._reference = reference_prefix(params["service"], params["name"]) + secrets.token_hex(8)

    def read(self) -> Found:
        """The health check and its tags."""
        given = self._params["health_check_id"]
        check = self._api.read(given) if given else one_of(self._all(), self._params["service"], self._params["name"])
        return Found(check, self._api.tags([check.id])[check.id]) if check else Found()

    def _all(self) -> list[HealthCheck]:
        found, marker = self._api.page(None)
        while marker:
            more, marker = self._api.page(marker)
            found += more
        return found

    def write(self, found: Found, step: Step) -> Found:
        """Take a step."""
        if step.verb == "create":
            return Found(self._api.create(self._reference, step.body), found.tags)
        if found.check is None:
            raise ConflictError("The health check is gone.")
        if step.verb == "delete":
            self._api.delete(found.check.id)
            return Found()
        if step.kind != "health check":
            self._api.add_tags(found.check.id, step.body)
            return after(found, step)
        return Found(self._api.configure(found.check, step.body), found.tags)


def _picture(found: Found) -> Json:
    if found.check is None:
        return {}
    return {"configuration": camel_dict_to_snake_dict(dict(found.check.config)), "tags": dict(found.tags)}
