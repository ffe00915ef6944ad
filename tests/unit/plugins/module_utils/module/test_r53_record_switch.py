# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""How long the module waits after a name was switched."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._module import r53_record_switch
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.clocks import FakeClock
from botocore.exceptions import ConnectionClosedError

Json = dict[str, t.Any]

ZONE, ELB = "Z0EXAMPLE1", "Z2EXAMPLE2"


def alias(name: str, target: str, zone: str = ZONE) -> Json:
    aimed = {"HostedZoneId": zone, "DNSName": f"{target}.", "EvaluateTargetHealth": False}
    return {"Name": f"{name}.", "Type": "A", "AliasTarget": aimed}


def plain(name: str, ttl: int) -> Json:
    return {"Name": f"{name}.", "Type": "A", "TTL": ttl, "ResourceRecords": [{"Value": "192.0.2.1"}]}


class Route53:
    """A zone in memory."""

    meta = SimpleNamespace(endpoint_url="https://route53.amazonaws.com")

    def __init__(self, *records: Json) -> None:
        self.records = list(records)

    def list_resource_record_sets(self, **given: t.Any) -> Json:
        name = given["StartRecordName"].rstrip(".")
        found = [record for record in self.records if record["Name"].rstrip(".") == name]
        return {"ResourceRecordSets": found, "IsTruncated": False}

    def change_resource_record_sets(self, **given: t.Any) -> Json:
        for change in given["ChangeBatch"]["Changes"]:
            act = self.records.remove if change["Action"] == "DELETE" else self.records.append
            act(change["ResourceRecordSet"])
        return {"ChangeInfo": {"Id": "/change/C1", "Status": "PENDING"}}

    def get_change(self, **_given: t.Any) -> Json:
        return {"ChangeInfo": {"Id": "/change/C1", "Status": "INSYNC"}}


class _Ended(BaseException):
    pass


class Task:
    """A module's side of Ansible."""

    check_mode = False

    def __init__(self, primary: Json, secondary: Json, *, wait_unchanged: bool = False) -> None:
        target = {"zone": ZONE, "name": "shop.example.com", "type": "A", "wait_ttl": True}
        sides = {"primary": {"alias": primary}, "secondary": {"alias": secondary}}
        self.params: Json = {"to": "secondary", "run_id": "", "wait_timeout": 6000, "targets": [{**target, **sides}]}
        self.params["wait_unchanged"] = wait_unchanged
        self.result: Json = {}

    def warn(self, _warning: str) -> None:
        """Ignore messages."""

    def exit_json(self, **result: t.Any) -> t.NoReturn:
        self.result = {"failed": False, **result}
        raise _Ended

    def fail_json(self, **result: t.Any) -> t.NoReturn:
        self.result = {"failed": True, **result}
        raise _Ended


class Cut(Route53):
    """A service whose response to the first change is lost, and whose changes reach the name servers late."""

    changes = 0
    left = 3

    def change_resource_record_sets(self, **given: t.Any) -> Json:
        answer = super().change_resource_record_sets(**given)
        self.changes += 1
        if self.changes == 1:
            raise ConnectionClosedError(endpoint_url=self.meta.endpoint_url)
        return answer

    def get_change(self, **_given: t.Any) -> Json:
        self.left -= 1
        return {"ChangeInfo": {"Id": "/change/C1", "Status": "PENDING" if self.left else "INSYNC"}}


class Slow(Route53):
    """A service whose changes reach the name servers late. It counts the changes."""

    changes = 0
    left = 3

    def change_resource_record_sets(self, **given: t.Any) -> Json:
        self.changes += 1
        return super().change_resource_record_sets(**given)

    def get_change(self, **_given: t.Any) -> Json:
        self.left -= 1
        return {"ChangeInfo": {"Id": "/change/C1", "Status": "PENDING" if self.left else "INSYNC"}}


class Killed(Slow):
    """One that kills the first run while it waits."""

    def get_change(self, **given: t.Any) -> Json:
        if self.changes == 1:
            raise _KilledError
        return super().get_change(**given)


class _KilledError(BaseException):
    pass


def waited(monkeypatch: pytest.MonkeyPatch, first: Json, *others: Json, route53: type[Route53] = Route53) -> float:
    """Seconds until the name has left its first record for an alias of something else."""
    clock, zone = FakeClock(), route53(first, *others)
    monkeypatch.setattr(r53_record_switch, "Clock", lambda: clock)
    monkeypatch.setattr(r53_record_switch, "aws_client", lambda *_given, **_more: zone)
    old = first["AliasTarget"]
    primary = {"zone_id": old["HostedZoneId"], "dns_name": old["DNSName"], "evaluate_target_health": False}
    task = Task(primary, {**primary, "dns_name": "standby.example.com"})
    began = clock.now()
    with pytest.raises(_Ended):
        r53_record_switch.run(t.cast(t.Any, task))
    assert (task.result["failed"], task.result["changed"]) == (False, True)
    return clock.now() - began


def test_an_alias_of_a_load_balancer_is_waited_for_60_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(monkeypatch, alias("shop.example.com", "lb.elb.example.com", ELB)) == 60


def test_an_alias_of_another_name_of_the_zone_is_waited_for_by_the_ttl_of_that_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    between, end = alias("a.example.com", "b.example.com"), plain("b.example.com", 3600)
    assert waited(monkeypatch, alias("shop.example.com", "a.example.com"), between, end) == 3600


def test_i8_a_change_whose_response_was_lost_is_waited_for_too(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = waited(monkeypatch, alias("shop.example.com", "lb.elb.example.com", ELB), route53=Cut)
    assert seconds >= 2 * 2 + 60


def test_aliases_of_each_other_end_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    other = alias("a.example.com", "shop.example.com")
    assert waited(monkeypatch, alias("shop.example.com", "a.example.com"), other) == 60


def again(monkeypatch: pytest.MonkeyPatch, zone: Slow, first: Json, *, wait_unchanged: bool) -> tuple[float, Json]:
    """Seconds that a second run takes after the first one was killed in its wait, or not; and its result."""
    clock = FakeClock()
    monkeypatch.setattr(r53_record_switch, "Clock", lambda: clock)
    monkeypatch.setattr(r53_record_switch, "aws_client", lambda *_given, **_more: zone)
    old = first["AliasTarget"]
    primary = {"zone_id": old["HostedZoneId"], "dns_name": old["DNSName"], "evaluate_target_health": False}
    secondary = {**primary, "dns_name": "standby.example.com"}
    with pytest.raises((_KilledError, _Ended)):
        r53_record_switch.run(t.cast(t.Any, Task(primary, secondary)))
    began, task = clock.now(), Task(primary, secondary, wait_unchanged=wait_unchanged)
    with pytest.raises(_Ended):
        r53_record_switch.run(t.cast(t.Any, task))
    return clock.now() - began, task.result


def test_i8_a_run_that_was_killed_in_its_wait_waits_when_it_is_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    between, end = alias("a.example.com", "b.example.com"), plain("b.example.com", 3600)
    first = alias("shop.example.com", "a.example.com")
    seconds, result = again(monkeypatch, Killed(first, between, end), first, wait_unchanged=True)
    assert seconds == 2 * 2 + 3600
    assert (result["failed"], result["changed"]) == (False, False)


def test_i3_a_second_run_by_itself_writes_nothing_and_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    first = alias("shop.example.com", "lb.elb.example.com", ELB)
    zone = Slow(first)
    seconds, result = again(monkeypatch, zone, first, wait_unchanged=False)
    assert (seconds, result["changed"], zone.changes) == (0, False, 1)


@pytest.mark.parametrize("wait_unchanged", [False, True])
def test_the_ttls_of_several_names_pass_side_by_side(monkeypatch: pytest.MonkeyPatch, *, wait_unchanged: bool) -> None:
    clock, target = FakeClock(), "standby.example.com" if wait_unchanged else "lb.elb.example.com"
    zone = Route53(*(alias(name, target, ELB) for name in ("shop.example.com", "pay.example.com")))
    monkeypatch.setattr(r53_record_switch, "Clock", lambda: clock)
    monkeypatch.setattr(r53_record_switch, "aws_client", lambda *_given, **_more: zone)
    primary = {"zone_id": ELB, "dns_name": "lb.elb.example.com", "evaluate_target_health": False}
    task = Task(primary, {**primary, "dns_name": "standby.example.com"}, wait_unchanged=wait_unchanged)
    task.params["targets"].append({**task.params["targets"][0], "name": "pay.example.com"})
    task.params["wait_timeout"] = 100
    began = clock.now()
    with pytest.raises(_Ended):
        r53_record_switch.run(t.cast(t.Any, task))
    assert (task.result["failed"], clock.now() - began) == (False, 60)
