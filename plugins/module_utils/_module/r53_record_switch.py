# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``r53_record_switch``."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._aws.account import Account
from ansible_collections.tidegate.failover.plugins.module_utils._aws.records import RecordApi
from ansible_collections.tidegate.failover.plugins.module_utils._converge import (
    Clock,
    Convergence,
    Deadline,
    call_patiently,
)
from ansible_collections.tidegate.failover.plugins.module_utils._dns_records.decision import (
    SITES,
    Change,
    after,
    check_target,
    decide,
)
from ansible_collections.tidegate.failover.plugins.module_utils._dns_records.sides import (
    FORMS,
    Json,
    aliases_within,
    longest_ttl,
    made_for,
    reported,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    RefusedError,
    TransientError,
    WaitTimeoutError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import aws_client, create_aws_module
from ansible_collections.tidegate.failover.plugins.module_utils._module.many_targets import Ending
from ansible_collections.tidegate.failover.plugins.module_utils._module.resource_target import (
    Attempts,
    argument_spec,
    move_all,
)

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

_POLL_SECONDS = 2.0
_ENDING = Ending(
    key="name",
    listed="targets",
    noun="names",
    unchanged="led there already",
    rest="the run went on with the others",
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
    spec = argument_spec({"options": target})
    return create_aws_module({**spec, "wait_unchanged": {"type": "bool", "default": False}})


def run(module: AnsibleAWSModule) -> None:
    """Change all names, one after the other, and then wait for all of them."""
    clock, params = Clock(), module.params
    client = aws_client(module, "route53")
    account = Account(lambda _service: client, Deadline(params["wait_timeout"], clock).for_another)
    move_all(module, lambda target, deadline: _Switch(target, params, account, client, deadline), _ENDING, clock)


class _Switch(Attempts):
    """One name."""

    def __init__(
        self,
        target: Mapping[str, t.Any],
        params: Mapping[str, t.Any],
        account: Account,
        client: t.Any,
        deadline: Deadline,
    ) -> None:
        super().__init__()
        self._target, self._account, self._client, self._deadline = target, account, client, deadline
        self._to, self._comment = params["to"], f"tidegate.failover to {params['to']} {params['run_id']}".strip()
        self._wait_unchanged = bool(params["wait_unchanged"])
        self._check_mode = False
        self._loop: Convergence[list[Json], Change] | None = None
        self._api: RecordApi | None = None
        self._change_id = ""
        #: Seconds that were left when the name servers had the change; None if not known yet.
        self._left: float | None = None

    @property
    def name(self) -> str:
        """The name with the type of its records."""
        return f"{self._target['name']} {self._target['type']}"

    def move(self, *, check_mode: bool) -> None:
        """Change the records, or predict that."""
        self._check_mode = check_mode
        check_target(self._target)
        zone_id = self._account.zone_id(self._target["zone"])
        if zone_id is None:
            raise RefusedError(
                f"There is no public hosted zone {self._target['zone']} in this account. Check its name, and that "
                "these credentials are of the account that owns it.",
                code="TG-NOT-FOUND",
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
        self._change_id = api.change(change.batch, self._comment)
        return after(change, found)

    def settle(self) -> None:
        """Wait until the name servers have the change.

        :raises WaitTimeoutError: the time ran out.
        """
        if self._api is None or not (self.changed or self._wait_unchanged):
            return
        api = self._api
        self._find_change(api)
        while not call_patiently(lambda: api.is_everywhere(self._change_id), self._deadline):
            self._pause(_POLL_SECONDS, "its change has not reached all name servers of Route 53")
        self._left = self._deadline.remaining

    def wait(self) -> None:
        """Wait until no resolver has the old answer. The waits of all names run at the same time.

        :raises WaitTimeoutError: the time ran out.
        """
        if self._api is None or self._left is None or not self._target["wait_ttl"]:
            return
        seconds = self._old_ttl(self._api) - (self._left - self._deadline.remaining)
        if seconds > 0:
            self._pause(seconds, f"resolvers may still give the old answer for up to {seconds:g} s")

    def _find_change(self, api: RecordApi) -> None:
        """Find the id of a change to wait for. This run does not know the id if the response was lost, or another run
        made the change. So it replaces the records by themselves: that change reaches the name servers after the
        unknown one."""
        same = Change(tuple(self._last), tuple(self._last))
        while not self._change_id:
            try:
                self._change_id = api.change(same.batch, self._comment)
            except TransientError as setback:
                self._deadline.pause_after(setback)

    def _old_ttl(self, api: RecordApi) -> int:
        """Seconds that resolvers may keep the old answer, also where an alias took it from another name of the zone."""
        seconds, records, known = 0, self._old, set[str]()
        while records:
            seconds = max(seconds, longest_ttl(records))
            names = [name for name in aliases_within(records, api.zone_id) if name not in known]
            known.update(names)
            records = [record for name in names for record in call_patiently(api.of(name).read, self._deadline)]
        return seconds

    @property
    def _old(self) -> list[Json]:
        """The records before the change. If another run made the change, they are the records of the other site."""
        return self._first if self.changed else made_for(self._target[SITES[self._to]], self._last)

    def _pause(self, seconds: float, because: str) -> None:
        if seconds > self._deadline.remaining:
            did = "was changed" if self.changed else "leads there"
            raise WaitTimeoutError(
                f"It {did}, and the wait_timeout of {self._deadline.timeout:g} s is too short: {because}. Query "
                "at the name from outside, or give a longer one."
            )
        self._deadline.sleep(seconds)

    @property
    def _first(self) -> list[Json]:
        return (self._loop.first if self._loop else None) or []

    @property
    def _last(self) -> list[Json]:
        return (self._loop.last if self._loop else None) or []

    @property
    def changed(self) -> bool:
        """Whether its records were changed, or would be."""
        return bool(self._loop and self._loop.written)

    def warnings(self) -> list[str]:
        """None."""
        return []

    def before(self) -> Json | None:
        """The records as they were found."""
        return self._reported(self._first)

    def after(self) -> Json | None:
        """The records as they are now, or would be."""
        return self._reported(self._last)

    def _reported(self, records: list[Json]) -> Json | None:
        return {"records": reported(records)} if self._loop and self._loop.first is not None else None

    def message(self) -> str:
        """A message about where the name leads."""
        there = f"the {self._to} site: {reported(self._last)}"
        if not self.changed:
            return f"{self._target['name']} leads to {there}, as it did."
        verb = "would lead" if self._check_mode else "leads"
        return f"{self._target['name']} {verb} to {there}, in place of {reported(self._first)}."

    def result(self) -> Json:
        """The result, with the id of the change."""
        return super().result() | {
            "zone": self._target["zone"],
            "change_id": self._change_id.rpartition("/")[2] or None,
        }
