# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A cluster of ARC in memory, with five endpoints, and tasks of ``routing_control_lock`` on it."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from types import SimpleNamespace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._module import routing_control_lock
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from ..clocks import FakeClock

Json = dict[str, t.Any]
PANEL = "arn:aws:route53-recovery-control::123456789012:controlpanel/a1"
PRIMARY, BACKUP = f"{PANEL}/routingcontrol/p", f"{PANEL}/routingcontrol/b"
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2")
ENDPOINTS = [{"endpoint": f"https://{region}.example.com/v1", "region": region} for region in REGIONS]
ON_A_PERSONS_WORD = {"gates": [], "checks": [], "safety_rules": [], "reason": "CHG-1"}
GET, UPDATE = "get_routing_control_state", "update_routing_control_states"


def refusal(code: str, status: int) -> ClientError:
    answer: t.Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Call")


@dataclass
class Cluster:
    """The cluster, and a module's side of Ansible.

    :ivar states: of the routing controls, by ARN.
    :ivar broken: what an endpoint raises in place of its answer, by Region.
    :ivar at_update: what happens in place of an update.
    :ivar conflicts: how many times that happens; None for always.
    :ivar at_conflict: what somebody does then.
    :ivar lost: how many updates have their effect and an answer that is lost.
    :ivar after_update: what somebody else does right after it.
    :ivar calls: Region, operation and parameters, in order.
    """

    states: dict[str, str] = field(default_factory=lambda: {PRIMARY: "On", BACKUP: "On"})
    broken: dict[str, Exception] = field(default_factory=dict)
    at_update: Exception | None = None
    conflicts: int | None = None
    at_conflict: Callable[[], None] = lambda: None
    lost: int = 0
    after_update: Callable[[], None] = lambda: None
    calls: list[tuple[str, str, Json]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    params: Json = field(default_factory=dict)
    check_mode: bool = False

    @property
    def written(self) -> list[dict[str, str]]:
        """The states that were sent, by call."""
        updates = [given for _region, operation, given in self.calls if operation == UPDATE]
        sent = [given["UpdateRoutingControlStateEntries"] for given in updates]
        return [{one["RoutingControlArn"]: one["RoutingControlState"] for one in entries} for entries in sent]

    def client(self, service: str, endpoint: str, region: str, config: object) -> t.Any:
        assert service == "route53-recovery-cluster"
        assert region in endpoint
        client = SimpleNamespace(meta=SimpleNamespace(endpoint_url=endpoint))
        for operation in (GET, UPDATE):
            setattr(client, operation, lambda operation=operation, **given: self._answer(region, operation, given))
        return client

    def _answer(self, region: str, operation: str, given: Json) -> Json:
        self.calls.append((region, operation, given))
        if region in self.broken:
            raise self.broken[region]
        metadata = {"RequestId": "1", "HTTPHeaders": {"date": format_datetime(datetime.now(UTC), usegmt=True)}}
        if operation == GET:
            arn = given["RoutingControlArn"]
            if arn not in self.states:
                raise refusal("ResourceNotFoundException", 404)
            name = {PRIMARY: "primary", BACKUP: "backup"}.get(arn, "third")
            return {"RoutingControlState": self.states[arn], "RoutingControlName": name, "ResponseMetadata": metadata}
        if self.at_update is not None and self.conflicts != 0:
            self.conflicts = None if self.conflicts is None else self.conflicts - 1
            self.at_conflict()
            raise self.at_update
        self.states |= self.written[-1]
        self.after_update()
        if self.lost:
            self.lost -= 1
            raise ReadTimeoutError(endpoint_url=region)
        return {"ResponseMetadata": metadata}

    def warn(self, warning: str) -> None:
        self.warnings.append(warning)

    def exit_json(self, **result: t.Any) -> t.NoReturn:
        raise _Ended({"failed": False, **result})

    def fail_json(self, **result: t.Any) -> t.NoReturn:
        raise _Ended({**result, "failed": True})

    def all_down(self) -> None:
        """No endpoint takes a connection."""
        self.broken = {region: EndpointConnectionError(endpoint_url=region) for region in REGIONS}

    def lock(self, *, check_mode: bool = False, **options: t.Any) -> Json:
        """The result of locking the primary site."""
        return self._run({"state": "locked", **options}, check_mode=check_mode)

    def unlock(self, *, check_mode: bool = False, **options: t.Any) -> Json:
        """The result of unlocking it, by default with an override of a person."""
        return self._run({"state": "unlocked", "override": ON_A_PERSONS_WORD, **options}, check_mode=check_mode)

    def _run(self, options: Json, *, check_mode: bool) -> Json:
        of_target = {name: options.pop(name) for name in list(options) if name.endswith("_arns")}
        target = {"name": "checkout", "cluster_endpoints": ENDPOINTS, "routing_control_arns": [PRIMARY]}
        others = {} if "standby_routing_control_arns" in of_target else {"other_routing_control_arns": [BACKUP]}
        usual: Json = {
            "lock_id": None,
            "required_gates": [],
            "evidence": None,
            "max_evidence_age": 300,
            "override": None,
        }
        self.params = {"wait_timeout": 20, "targets": [target | others | of_target], **usual, **options}
        self.check_mode = check_mode
        self.calls.clear()
        with pytest.raises(_Ended) as ended:
            routing_control_lock.run(t.cast(t.Any, self))
        return ended.value.result


class _Ended(BaseException):
    def __init__(self, result: Json) -> None:
        super().__init__(result.get("msg"))
        self.result = result


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    clock = FakeClock()
    monkeypatch.setattr(routing_control_lock, "Clock", lambda: clock)
    return Cluster()
