# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Taking a site out of an accelerator: what is sent, and what keeps it from being sent."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._module import global_accelerator_site
from botocore.exceptions import ClientError, ReadTimeoutError

from ..clocks import FakeClock

Json = dict[str, t.Any]
ARN = "arn:aws:globalaccelerator::123456789012:accelerator/a"
HERE, THERE = f"{ARN}/listener/l/endpoint-group/here", f"{ARN}/listener/l/endpoint-group/there"


def group(arn: str, dial: float = 100.0, **health: str) -> Json:
    described = [
        {"EndpointId": one, "Weight": 128, "ClientIPPreservationEnabled": True, "HealthState": state}
        for one, state in health.items()
    ]
    return {"EndpointGroupArn": arn, "TrafficDialPercentage": dial, "EndpointDescriptions": described}


def endpoints(name: str) -> list[Json]:
    return [{"endpoint_id": name, "weight": 128, "client_ip_preservation": True}]


DIALS: Json = {"name": "checkout", "primary": {"endpoint_group_arn": HERE}, "secondary": {"endpoint_group_arn": THERE}}
SHARED: Json = {
    "name": "checkout",
    "primary": {"endpoint_group_arn": HERE, "endpoints": endpoints("a")},
    "secondary": {"endpoint_group_arn": HERE, "endpoints": endpoints("b")},
}


@dataclass
class Accelerator:
    """An accelerator in memory, and a module's side of Ansible.

    :ivar deployed_after: seconds after a change.
    :ivar after_write: what somebody else does right after a write.
    :ivar busy: what is raised in place of adding endpoints, one after the other.
    """

    groups: dict[str, Json] = field(
        default_factory=lambda: {HERE: group(HERE, a="HEALTHY"), THERE: group(THERE, b="HEALTHY")}
    )
    deployed_after: float = 20.0
    after_write: Callable[[], None] = lambda: None
    busy: list[Exception] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    clock: FakeClock = field(default_factory=FakeClock)
    params: Json = field(default_factory=dict)
    check_mode: bool = False
    changed_at: float = -1000.0

    @property
    def meta(self) -> t.Any:
        return SimpleNamespace(endpoint_url="https://globalaccelerator.example.com")

    def describe_endpoint_group(self, **given: t.Any) -> Json:
        one = self.groups[given["EndpointGroupArn"]]
        for endpoint in one["EndpointDescriptions"]:
            if endpoint["HealthState"] == "INITIAL" and self.clock.now() > self.changed_at + 5:
                endpoint["HealthState"] = "HEALTHY"
        return {"EndpointGroup": {**one, "EndpointDescriptions": [dict(x) for x in one["EndpointDescriptions"]]}}

    def describe_accelerator(self, **_given: t.Any) -> Json:
        done = self.clock.now() >= self.changed_at + self.deployed_after
        return {"Accelerator": {"Status": "DEPLOYED" if done else "IN_PROGRESS"}}

    def update_endpoint_group(self, **given: t.Any) -> Json:
        assert set(given) == {"EndpointGroupArn", "TrafficDialPercentage"}
        self.groups[given["EndpointGroupArn"]]["TrafficDialPercentage"] = given["TrafficDialPercentage"]
        return self._wrote(f"dial {given['EndpointGroupArn'].rpartition('/')[2]} {given['TrafficDialPercentage']:g}")

    def add_endpoints(self, **given: t.Any) -> Json:
        if self.busy:
            raise self.busy.pop()
        described = self.groups[given["EndpointGroupArn"]]["EndpointDescriptions"]
        described += [{**one, "HealthState": "INITIAL"} for one in given["EndpointConfigurations"]]
        return self._wrote("add " + " ".join(one["EndpointId"] for one in given["EndpointConfigurations"]))

    def remove_endpoints(self, **given: t.Any) -> Json:
        gone = [one["EndpointId"] for one in given["EndpointIdentifiers"]]
        one = self.groups[given["EndpointGroupArn"]]
        one["EndpointDescriptions"] = [x for x in one["EndpointDescriptions"] if x["EndpointId"] not in gone]
        return self._wrote("remove " + " ".join(gone))

    def _wrote(self, what: str) -> Json:
        self.written.append(what)
        self.changed_at = self.clock.now()
        self.after_write()
        return {}

    def ids(self) -> list[str]:
        """The endpoints of the first group."""
        return [one["EndpointId"] for one in self.groups[HERE]["EndpointDescriptions"]]

    def warn(self, _warning: str) -> None:
        """Ignore messages."""

    def exit_json(self, **result: t.Any) -> t.NoReturn:
        raise _Ended({"failed": False, **result})

    def fail_json(self, **result: t.Any) -> t.NoReturn:
        raise _Ended({**result, "failed": True})

    def switch(self, to: str, *targets: Json, check_mode: bool = False, if_last_site: str = "refuse") -> Json:
        """The result of a task."""
        self.params = {
            "to": to,
            "targets": list(targets or [DIALS]),
            "wait_timeout": 600,
            "run_id": "",
            "type": "planned",
            "if_last_site": if_last_site,
        }
        self.check_mode = check_mode
        self.written.clear()
        with pytest.raises(_Ended) as ended:
            global_accelerator_site.run(t.cast(t.Any, self))
        return ended.value.result


class _Ended(BaseException):
    def __init__(self, result: Json) -> None:
        super().__init__(result.get("msg"))
        self.result = result


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Accelerator:
    made = Accelerator()
    monkeypatch.setattr(global_accelerator_site, "Clock", lambda: made.clock)
    monkeypatch.setattr(global_accelerator_site, "aws_client", lambda *_given, **_more: made)
    return made


@pytest.fixture
def shared(cloud: Accelerator) -> Accelerator:
    """Both sites are endpoints of one group."""
    cloud.groups = {HERE: group(HERE, a="HEALTHY", b="HEALTHY")}
    return cloud


def test_a_site_is_dialled_to_0_and_back(cloud: Accelerator) -> None:
    assert cloud.switch("secondary")["changed"]
    assert cloud.written == ["dial here 0"]
    cloud.switch("primary")
    assert cloud.written == ["dial here 100"]


def test_endpoints_of_a_shared_group_are_removed_and_put_back_exactly(shared: Accelerator) -> None:
    before = group(HERE, b="HEALTHY", a="HEALTHY")
    shared.switch("secondary", SHARED)
    assert (shared.written, shared.ids()) == (["remove a"], ["b"])
    shared.switch("primary", SHARED)
    assert (shared.written, shared.groups[HERE]) == (["add a"], before)


def test_i3_the_second_run_writes_nothing(cloud: Accelerator) -> None:
    cloud.switch("secondary")
    assert (cloud.switch("secondary")["changed"], cloud.written) == (False, [])


@pytest.mark.parametrize("target", [DIALS, {**DIALS, "passive": True}])
def test_i3_check_mode_predicts_and_writes_nothing(cloud: Accelerator, target: Json) -> None:
    predicted = cloud.switch("secondary", target, check_mode=True)
    assert cloud.written == []
    assert cloud.switch("secondary", target)["diff"] == predicted["diff"]


def test_it_waits_until_the_accelerator_is_deployed(cloud: Accelerator) -> None:
    cloud.switch("secondary")
    assert cloud.clock.now() >= cloud.changed_at + 20


def test_i8_a_run_that_was_killed_in_its_wait_waits_when_it_is_run_again(cloud: Accelerator) -> None:
    cloud.switch("secondary")
    cloud.changed_at = cloud.clock.now()
    assert not cloud.switch("secondary")["changed"]
    assert (cloud.written, cloud.clock.now() >= cloud.changed_at + 20) == ([], True)


def test_an_accelerator_that_another_change_holds_up_says_that_it_was_not_changed(cloud: Accelerator) -> None:
    cloud.switch("secondary")
    cloud.changed_at, cloud.deployed_after = cloud.clock.now(), 10000
    reported = cloud.switch("secondary")
    assert (reported["failed"], reported["changed"]) == (True, False)
    assert "The endpoint groups were as they should be already" in reported["msg"]


def test_an_accelerator_that_is_not_deployed_in_time_fails(cloud: Accelerator) -> None:
    cloud.deployed_after = 10000
    reported = cloud.switch("secondary")
    assert (reported["failed"], reported["changed"]) == (True, True)
    assert "was not DEPLOYED within 600 s" in reported["msg"]


def test_i10_the_last_site_with_a_healthy_endpoint_stays(cloud: Accelerator) -> None:
    cloud.groups[THERE] = group(THERE, b="UNHEALTHY")
    reported = cloud.switch("secondary")
    assert (reported["targets"][0]["refused"], cloud.written) == (True, [])
    assert "the secondary site is not known to serve" in reported["msg"]


def test_a_refusal_reports_what_was_seen_and_not_what_was_predicted(shared: Accelerator) -> None:
    shared.groups[HERE] = group(HERE, dial=0.0, a="HEALTHY")
    assert "(traffic dial 0, endpoints: none)" in shared.switch("secondary", SHARED)["msg"]


def test_i10_a_site_whose_other_one_is_dialled_to_0_stays(cloud: Accelerator) -> None:
    cloud.groups[THERE]["TrafficDialPercentage"] = 0.0
    cloud.groups[THERE]["EndpointDescriptions"] = []
    assert cloud.switch("secondary")["targets"][0]["refused"]
    assert cloud.groups[HERE]["TrafficDialPercentage"] == 100


def test_the_last_site_goes_where_a_person_says_so(cloud: Accelerator) -> None:
    cloud.groups[THERE] = group(THERE, b="UNHEALTHY")
    reported = cloud.switch("secondary", {**DIALS, "override": {"reason": "CHG-1"}})
    assert (reported["failed"], cloud.written) == (False, ["dial here 0"])


def test_i10_of_two_runs_that_take_out_a_site_each_one_puts_its_own_back(shared: Accelerator) -> None:
    def other_run() -> None:
        shared.after_write = lambda: None
        described = shared.groups[HERE]["EndpointDescriptions"]
        shared.groups[HERE]["EndpointDescriptions"] = [one for one in described if one["EndpointId"] != "b"]

    shared.after_write = other_run
    reported = shared.switch("secondary", SHARED)
    assert (reported["targets"][0]["refused"], shared.ids()) == (True, ["a"])
    assert "at the same moment" in reported["msg"]


@pytest.mark.parametrize("code", ["TransactionInProgressException", "InternalServiceErrorException"])
def test_i10_a_site_is_put_back_also_where_the_accelerator_is_busy_at_first(shared: Accelerator, code: str) -> None:
    def other_run() -> None:
        shared.after_write = lambda: None
        shared.groups[HERE]["EndpointDescriptions"] = []
        shared.busy = [ClientError({"Error": {"Code": code, "Message": "busy"}}, "AddEndpoints")]

    shared.after_write = other_run
    reported = shared.switch("secondary", SHARED)
    assert (reported["targets"][0]["refused"], shared.ids()) == (True, ["a"])


@pytest.fixture
def both_out(cloud: Accelerator) -> Accelerator:
    """The secondary site is passive; as it goes out, another run takes out the primary one."""

    def other_run() -> None:
        if cloud.written[-1] == "dial there 0":
            cloud.after_write = lambda: None
            cloud.groups[HERE]["TrafficDialPercentage"] = 0.0

    cloud.after_write = other_run
    return cloud


def while_it_waits(cloud: Accelerator, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Do something in the time that the run of the secondary site leaves to the other run."""
    sleep = cloud.clock.sleep

    def acting(seconds: float) -> None:
        if seconds == global_accelerator_site._GRACE:
            act()
        sleep(seconds)

    monkeypatch.setattr(cloud.clock, "sleep", acting)


PASSIVE: Json = {**DIALS, "passive": True}


def test_the_run_of_the_secondary_site_waits_for_the_other_run_to_put_its_site_back(
    both_out: Accelerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    while_it_waits(both_out, monkeypatch, lambda: both_out.groups[HERE].update(TrafficDialPercentage=100.0))
    assert not both_out.switch("primary", PASSIVE)["failed"]
    assert both_out.written == ["dial there 0"]


def test_i10_the_run_of_the_secondary_site_puts_it_back_if_the_other_run_does_not(both_out: Accelerator) -> None:
    reported = both_out.switch("primary", PASSIVE)
    assert (reported["targets"][0]["refused"], both_out.written) == (True, ["dial there 0", "dial there 100"])


def test_a_site_that_was_taken_out_meanwhile_is_brought_in_again(
    both_out: Accelerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    while_it_waits(both_out, monkeypatch, lambda: both_out.groups[THERE].update(TrafficDialPercentage=100.0))
    assert not both_out.switch("primary", PASSIVE)["failed"]
    assert both_out.groups[HERE]["TrafficDialPercentage"] == 100


def test_a_passive_site_comes_in_first_and_goes_out_last(cloud: Accelerator) -> None:
    cloud.groups[THERE]["TrafficDialPercentage"] = 0.0
    passive = {**DIALS, "passive": True}
    cloud.switch("secondary", passive)
    assert cloud.written == ["dial there 100", "dial here 0"]
    cloud.switch("primary", passive)
    assert cloud.written == ["dial here 100", "dial there 0"]


ALERT: Json = {**DIALS, "passive": True, "bring_in": "never"}


def follow(cloud: Accelerator, to: str, **more: t.Any) -> Json:
    """The outcome of an alert for the other site."""
    reported: Json = cloud.switch(to, {**ALERT, **more}, if_last_site="hold_back")["targets"][0]
    return reported


def test_an_alert_takes_a_site_out(cloud: Accelerator) -> None:
    reported = follow(cloud, "primary")
    assert (reported["changed"], reported["held_back"], cloud.written) == (True, "", ["dial there 0"])


def test_i10_an_alert_does_not_bring_in_the_site_that_was_taken_out_before(cloud: Accelerator) -> None:
    cloud.groups[THERE]["TrafficDialPercentage"] = 0.0
    reported = follow(cloud, "secondary")
    assert (reported["failed"], reported["changed"], cloud.written) == (False, False, [])
    assert "the secondary site is not known to serve" in reported["held_back"]
    assert reported["msg"] == reported["held_back"]


def test_i10_a_site_whose_only_other_one_is_unhealthy_is_held_back(cloud: Accelerator) -> None:
    cloud.groups[THERE] = group(THERE, b="UNHEALTHY")
    assert "b weight 128 UNHEALTHY" in follow(cloud, "secondary")["held_back"]


def test_held_back_is_predicted_too(cloud: Accelerator) -> None:
    cloud.groups[THERE] = group(THERE, b="UNHEALTHY")
    reported = cloud.switch("secondary", ALERT, if_last_site="hold_back", check_mode=True)
    assert "not known to serve" in reported["targets"][0]["held_back"]


def test_i7_that_no_site_gets_traffic_is_a_failure(cloud: Accelerator) -> None:
    for one in cloud.groups.values():
        one["TrafficDialPercentage"] = 0.0
    reported = follow(cloud, "secondary")
    assert (reported["failed"], reported["held_back"], cloud.written) == (True, "", [])
    assert "no site gets traffic" in reported["msg"]


def test_the_site_that_reports_comes_in_where_none_is_left_if_that_is_wanted(cloud: Accelerator) -> None:
    for one in cloud.groups.values():
        one["TrafficDialPercentage"] = 0.0
    assert not follow(cloud, "secondary", bring_in="if_none")["failed"]
    assert cloud.written == ["dial there 100"]
    cloud.groups[HERE]["TrafficDialPercentage"] = 100.0
    cloud.groups[THERE]["TrafficDialPercentage"] = 0.0
    assert follow(cloud, "secondary", bring_in="if_none")["held_back"]


def test_i10_the_run_that_puts_its_site_back_is_held_back(shared: Accelerator) -> None:
    def other_run() -> None:
        shared.after_write = lambda: None
        shared.groups[HERE]["EndpointDescriptions"].clear()

    shared.after_write = other_run
    reported = follow(shared, "secondary", **SHARED)
    assert (reported["failed"], reported["changed"], shared.ids()) == (False, False, ["a"])
    assert "at the same moment" in reported["held_back"]


def test_i10_a_site_is_put_back_although_the_service_is_busy_at_first(cloud: Accelerator) -> None:
    busy = {"left": 3}

    def other_run() -> None:
        if cloud.written[-1] == "dial here 0":
            cloud.groups[THERE]["TrafficDialPercentage"] = 0.0

    def rejecting(**given: t.Any) -> Json:
        if given["TrafficDialPercentage"] and busy["left"]:
            busy["left"] -= 1
            raise ClientError({"Error": {"Code": "TransactionInProgressException", "Message": ""}}, "x")
        return Accelerator.update_endpoint_group(cloud, **given)

    cloud.after_write, cloud.update_endpoint_group = other_run, rejecting  # type: ignore[method-assign]
    assert follow(cloud, "secondary")["held_back"]
    assert (busy["left"], cloud.groups[HERE]["TrafficDialPercentage"]) == (0, 100)


def test_i8_a_site_that_a_write_with_a_lost_response_took_out_is_put_back_if_none_is_left(cloud: Accelerator) -> None:
    def lost(**given: t.Any) -> Json:
        del cloud.update_endpoint_group
        cloud.update_endpoint_group(**given)
        cloud.groups[THERE]["TrafficDialPercentage"] = 0.0
        raise ReadTimeoutError(endpoint_url="https://globalaccelerator.example.com")

    cloud.update_endpoint_group = lost  # type: ignore[method-assign]
    assert "was put back" in follow(cloud, "secondary")["held_back"]
    assert cloud.groups[HERE]["TrafficDialPercentage"] == 100


def test_i10_where_both_sites_came_back_the_secondary_one_goes_out_again(
    both_out: Accelerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[str] = []

    def other_run() -> None:
        waits.append("wait")
        # It takes longer than the first wait of the run of the secondary site.
        if len(waits) == 2:
            both_out.groups[HERE]["TrafficDialPercentage"] = 100.0

    while_it_waits(both_out, monkeypatch, other_run)
    reported = follow(both_out, "primary")
    assert (reported["failed"], reported["held_back"]) == (False, "")
    assert both_out.written == ["dial there 0", "dial there 100", "dial there 0"]


def test_a_third_state_is_refused_with_what_was_seen(cloud: Accelerator) -> None:
    cloud.groups[HERE]["TrafficDialPercentage"] = 40.0
    reported = cloud.switch("secondary")
    assert (reported["targets"][0]["refused"], cloud.written) == (True, [])
    assert "traffic dial 40" in reported["msg"]


def behind_load_balancers(shared: Accelerator, kind: str, *, preserved: bool, **declared: bool) -> Json:
    """A target whose endpoints are load balancers; only ``declared`` is known about them."""
    names = [f"arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/{kind}/shop/{one}" for one in "ab"]
    for one, name in zip(shared.groups[HERE]["EndpointDescriptions"], names, strict=True):
        one |= {"EndpointId": name, "ClientIPPreservationEnabled": preserved}
    sites = [{"endpoint_group_arn": HERE, "endpoints": [{"endpoint_id": one, **declared}]} for one in names]
    return {"name": "checkout", "primary": sites[0], "secondary": sites[1]}


def test_i1_an_endpoint_that_would_come_back_with_another_weight_is_not_removed(shared: Accelerator) -> None:
    target = behind_load_balancers(shared, "app", preserved=True)
    shared.groups[HERE]["EndpointDescriptions"][0]["Weight"] = 50
    reported = shared.switch("secondary", target)
    assert (reported["targets"][0]["refused"], shared.written) == (True, [])


@pytest.mark.parametrize(("kind", "default"), [("app", True), ("net", False)])
def test_i1_an_endpoint_that_would_come_back_with_the_default_of_its_kind_is_not_removed(
    shared: Accelerator, kind: str, *, default: bool
) -> None:
    """An internal Network Load Balancer would not even be taken back without the addresses of clients."""
    reported = shared.switch("secondary", behind_load_balancers(shared, kind, preserved=not default))
    assert (reported["targets"][0]["refused"], shared.written) == (True, [])
    assert "give client_ip_preservation" in reported["msg"]


@pytest.mark.parametrize(("kind", "default"), [("app", True), ("net", False)])
def test_an_endpoint_with_the_default_of_its_kind_or_as_declared_is_removed(
    shared: Accelerator, kind: str, *, default: bool
) -> None:
    assert shared.switch("secondary", behind_load_balancers(shared, kind, preserved=default))["changed"]
    assert len(shared.ids()) == 1


def test_a_network_load_balancer_that_is_declared_to_see_clients_is_removed(shared: Accelerator) -> None:
    target = behind_load_balancers(shared, "net", preserved=True, client_ip_preservation=True)
    assert shared.switch("secondary", target)["changed"]


def test_an_endpoint_with_another_weight_is_not_removed(shared: Accelerator) -> None:
    shared.groups[HERE]["EndpointDescriptions"][0]["Weight"] = 7
    assert shared.switch("secondary", SHARED)["targets"][0]["refused"]
    assert shared.ids() == ["a", "b"]


@pytest.mark.parametrize(
    ("target", "reported"),
    [
        ({**DIALS, "secondary": {"endpoint_group_arn": HERE}}, "one endpoint group"),
        ({**DIALS, "secondary": {"endpoint_group_arn": THERE.replace("/a/", "/z/")}}, "one accelerator"),
        ({**DIALS, "primary": {"endpoint_group_arn": HERE, "traffic_dial": 0}}, "above 0"),
        ({**DIALS, "override": {"reason": " "}}, "no reason"),
    ],
)
def test_what_cannot_be_meant_is_refused(cloud: Accelerator, target: Json, reported: str) -> None:
    assert reported in cloud.switch("secondary", target)["msg"]
