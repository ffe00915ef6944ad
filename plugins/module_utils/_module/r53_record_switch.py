# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What ``r53_record_switch`` does between its options and its result."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from functools import partial

from ansible_collections.tidegate.failover.plugins.module_utils._aws.account import Account
from ansible_collections.tidegate.failover.plugins.module_utils._aws.records import RecordApi
from ansible_collections.tidegate.failover.plugins.module_utils._converge import (
    Clock,
    Convergence,
    Deadline,
    call_patiently,
)
from ansible_collections.tidegate.failover.plugins.module_utils._dns_records.decision import (
    Change,
    after,
    check_target,
    decide,
)
from ansible_collections.tidegate.failover.plugins.module_utils._dns_records.sides import (
    FORMS,
    Json,
    longest_ttl,
    told,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    NotFoundError,
    RefusedError,
    ServiceRejectedError,
    TidegateError,
    WaitTimeoutError,
    defect,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import aws_client, create_aws_module
from ansible_collections.tidegate.failover.plugins.module_utils._module.many_targets import Ending

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Result = dict[str, t.Any]

_POLL_SECONDS = 2.0
_ENDING = Ending(
    key="name",
    listed="targets",
    noun="names",
    unchanged="led there already",
    rest="the others were carried on with",
)


def create_module() -> AnsibleAWSModule:
    """The Ansible module with its argument spec."""
    alias = {
        "zone_id": {"type": "str", "required": True},
        "dns_name": {"type": "str", "required": True},
        "evaluate_target_health": {"type": "bool", "default": False},
    }
    multivalue = {
        "set_identifier": {"type": "str", "required": True},
        "values": {"type": "list", "elements": "str", "required": True},
        "ttl": {"type": "int", "required": True},
        "health_check_id": {"type": "str"},
    }
    side = {
        "type": "dict",
        "required": True,
        "mutually_exclusive": [FORMS],
        "required_one_of": [FORMS],
        "options": {
            "values": {"type": "list", "elements": "str"},
            "ttl": {"type": "int"},
            "alias": {"type": "dict", "options": alias},
            "weights": {"type": "dict"},
            "multivalue": {"type": "list", "elements": "dict", "options": multivalue},
        },
    }
    target = {
        "zone": {"type": "str", "required": True},
        "name": {"type": "str", "required": True},
        "type": {"type": "str", "default": "A"},
        "primary": side,
        "secondary": side,
        "wait_ttl": {"type": "bool", "default": True},
    }
    return create_aws_module(
        {
            "targets": {"type": "list", "elements": "dict", "required": True, "options": target},
            "to": {"type": "str", "required": True, "choices": ["primary", "secondary"]},
            "type": {"type": "str", "default": "planned", "choices": ["planned", "unplanned"]},
            "run_id": {"type": "str", "default": ""},
            "wait_timeout": {"type": "int", "default": 600},
        }
    )


def run(module: AnsibleAWSModule) -> None:
    """Change all names, one after the other, and then wait for all of them."""
    params = module.params
    if params["wait_timeout"] < 1:
        module.fail_json(msg=f"wait_timeout is {params['wait_timeout']}. Give at least one second.", targets=[])
    if not params["targets"]:
        module.fail_json(msg="targets is empty, so nothing would be moved. Name at least one.", targets=[])
    new_deadline = Deadline(params["wait_timeout"], Clock()).for_another
    client = aws_client(module, "route53")
    account = Account(lambda _service: client, new_deadline)
    switches = [_Switch(target, params, client, new_deadline()) for target in params["targets"]]
    for switch in switches:
        switch.attempt(partial(switch.change, account, check_mode=module.check_mode))
    if not module.check_mode:
        for switch in switches:
            switch.attempt(switch.wait)
    _ENDING.switched(module, [switch.result() for switch in switches])


class _Switch:
    """One name."""

    def __init__(self, target: Mapping[str, t.Any], params: Mapping[str, t.Any], client: t.Any, end: Deadline) -> None:
        self._target, self._client, self._deadline = target, client, end
        self._to, self._run_id = params["to"], params["run_id"]
        self._loop: Convergence[list[Json], Change] | None = None
        self._api: RecordApi | None = None
        self._change_id = ""
        self._problem: TidegateError | None = None

    def attempt(self, act: t.Callable[[], None]) -> None:
        """Do something unless something has gone wrong; what goes wrong is this name's alone."""
        if self._problem is not None:
            return
        try:
            act()
        except TidegateError as problem:
            self._problem = problem
        # Not even what nobody foresaw in one name may hide what became of the others.
        except Exception as broken:  # noqa: BLE001
            self._problem = defect(broken)

    def change(self, account: Account, *, check_mode: bool) -> None:
        """Lead it there, or predict that in check mode."""
        check_target(self._target)
        zone_id = account.zone_id(self._target["zone"])
        if zone_id is None:
            raise RefusedError(
                f"There is no public hosted zone {self._target['zone']} in this account. Check its name, and that "
                "these credentials are of the account that owns it."
            )
        api = self._api = RecordApi(self._client, zone_id, self._target["name"], self._target["type"])
        self._loop = Convergence(
            read=api.read,
            decide=self._decide,
            write=lambda found, change: self._write(api, found, change),
            settle=lambda: False,
            deadline=self._deadline,
        )
        if check_mode:
            self._loop.predict(lambda found, change: after(change, found))
        else:
            self._loop.run()

    def _decide(self, found: list[Json], _written: Sequence[Change]) -> list[Change]:
        change = decide(self._target, self._to, found)
        return [change] if change else []

    def _write(self, api: RecordApi, found: list[Json], change: Change) -> list[Json]:
        self._change_id = api.change(change.batch, f"tidegate.failover to {self._to} {self._run_id}".strip())
        return after(change, found)

    def wait(self) -> None:
        """Wait until the name servers have the change, and until no resolver has the old answer.

        :raises WaitTimeoutError: the time ran out.
        """
        if self._api is None or not self._change_id:
            return
        api = self._api
        while not call_patiently(lambda: api.is_everywhere(self._change_id), self._deadline):
            self._pause(_POLL_SECONDS, "its change has not reached all name servers of Route 53")
        if self._target["wait_ttl"]:
            seconds = longest_ttl(self._before)
            self._pause(seconds, f"resolvers may still give the old answer for up to {seconds} s")

    def _pause(self, seconds: float, because: str) -> None:
        if seconds > self._deadline.remaining:
            raise WaitTimeoutError(
                f"It was changed, and the wait_timeout of {self._deadline.timeout:g} s is too short: {because}. Look "
                "at the name from outside, or give a longer one."
            )
        self._deadline.sleep(seconds)

    @property
    def _before(self) -> list[Json]:
        return (self._loop.first if self._loop else None) or []

    @property
    def _after(self) -> list[Json]:
        return (self._loop.last if self._loop else None) or []

    @property
    def _changed(self) -> bool:
        return bool(self._loop and self._loop.written)

    def result(self) -> Result:
        """What is told of it."""
        problem = self._problem
        decided = (RefusedError, ServiceRejectedError, NotFoundError)
        return {
            "name": f"{self._target['name']} {self._target['type']}",
            "zone": self._target["zone"],
            "changed": self._changed,
            "failed": problem is not None,
            "refused": isinstance(problem, decided) and not self._changed,
            "msg": str(problem) if problem else self._message(),
            "warnings": [],
            "before": {"records": told(self._before)} if self._loop and self._loop.first is not None else None,
            "after": {"records": told(self._after)} if self._loop and self._loop.first is not None else None,
            "change_id": self._change_id.rpartition("/")[2] or None,
        }

    def _message(self) -> str:
        there = f"the {self._to} site: {told(self._after)}"
        if not self._changed:
            return f"{self._target['name']} leads to {there}, as it did."
        verb = "leads" if self._change_id else "would lead"
        return f"{self._target['name']} {verb} to {there}, in place of {told(self._before)}."
