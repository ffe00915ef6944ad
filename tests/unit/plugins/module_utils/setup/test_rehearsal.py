# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A rehearsal proves what it reports, waits no longer than it states, and leaves nothing behind however it ends."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, WaitTimeoutError
from ansible_collections.tidegate.failover.plugins.module_utils._setup import rehearsal
from ansible_collections.tidegate.failover.plugins.module_utils._setup.rehearsal import Json, Seen
from ansible_collections.tidegate.failover.plugins.module_utils._setup.rehearsal_run import Rehearsal

from ..clocks import FakeClock

VALUES: Json = {
    "state": "present",
    "rehearsal": "alarm",
    "rehearsal_port": 18443,
    "rehearsal_host": "",
    "rehearsal_timeout": 840,
    "rehearsal_delay": 5,
    "load_balancer_id": "ocid1.loadbalancer.oc1.iad.aaaaexample",
    "backend_set": "app",
    "page_listener": "sorry",
    "page_backend_set": "sorry",
    "rule_set": "sorry",
    "port": 8443,
    "status": 503,
    "certificate_name": "checkout",
    "certificate_ids": [],
    "backends": [{"ip_address": "192.0.2.10", "port": 443}, {"ip_address": "192.0.2.11", "port": 443}],
    "backend_tls": True,
    "backend_ca_certificate_name": "",
    "backend_ca_ids": ["ocid1.cabundle.oc1.iad.aaaaexample"],
    "health_check_path": "/",
    "redirect_paths": ["/"],
    "redirect_exact_paths": [],
    "alarm_name": "checkout",
    "compartment_id": "ocid1.compartment.oc1..aaaaexample",
    "metric_compartment_id": "",
    "pending_minutes": 1,
    "repeat_minutes": 5,
    "slack_minutes": 3,
    "endpoint": "https://eda.example.com/oci",
    "function_id": "",
    "wait_timeout": 600,
    "strategy": "redirect",
    "strategy_backend_set": "",
    "tester_routing_policy": "",
    "verify_url": "https://checkout.example.com/",
    "gateway_id": "",
}
TOPIC = "ocid1.onstopic.oc1.iad.aaaaexample"
PAGE = Seen(302, "https://checkout.example.com:8443/", 503)
DOWN = Seen(502)


class Cloud:
    """What the modules answer and users see, while a rulebook follows the alarm, or does not.

    :ivar temporary: what is there that has to be removed.
    :ivar fails: a module and the state that it is asked for -> why it fails.
    """

    def __init__(self, *, rulebook: bool = True, **values: t.Any) -> None:
        self.values, self.rulebook = {**VALUES, **values}, rulebook
        self.temporary: set[str] = set()
        self.fails: dict[tuple[str, str], str] = {}
        self.asked: list[tuple[str, Json]] = []
        self.lines: list[str] = []
        self.page, self.owner = False, ""
        self.alarm_owner, self.alarm_id = "alarm:checkout-rehearsal", "ocid1.alarm.oc1.iad.aaaaexample"
        self.extra: Json = {}

    def ask(self, module: str, options: Json) -> Json:
        state = str(options.get("state", ""))
        self.asked.append((module, options))
        if problem := self.fails.get((module, state)):
            return {"failed": True, "msg": problem}
        if module == "lb_maintenance_mode_info":
            if "oci_maintenance_page" not in self.temporary and not self.page:
                return {"load_balancers": [{"failed": True, "msg": "no listener"}]}
            names, holds = (["sorry"], [{"owner": self.owner}]) if self.page else ([], [])
            return {"load_balancers": [{"listeners": [{"rule_set_names": names, "holds": holds, **self.extra}]}]}
        if module == "lb_maintenance_mode":
            self.page, self.owner = state == "enabled", str(options["owner"])
        else:
            self._keep(module, options, present=state == "present")
        return {"alarm_id": self.alarm_id}

    def _keep(self, module: str, options: Json, *, present: bool) -> None:
        (self.temporary.add if present else self.temporary.discard)(module)
        if self.rulebook and "oci_maintenance_alarm" in self.temporary:
            # What the alarm leads to.
            self.page, self.owner = options.get("health_check_status") != VALUES["status"], self.alarm_owner

    def rehearse(self, look: t.Callable[[], Seen] | None = None) -> list[Json]:
        seen = look or (lambda: PAGE if self.page else DOWN)
        run = Rehearsal(self.values, TOPIC, ask=self.ask, look=seen, show=self.lines.append, clock=FakeClock())
        run.run()
        return run.proven


def test_page_alarm_and_way_back_are_proven_and_nothing_is_left() -> None:
    cloud = Cloud()
    assert len(cloud.rehearse()) == 4
    assert (cloud.temporary, cloud.page) == (set(), False)


def test_the_page_alone_is_proven_without_an_alarm() -> None:
    cloud = Cloud(rehearsal="page", alarm_name="")
    assert len(cloud.rehearse()) == 2
    assert not [module for module, _options in cloud.asked if module == "oci_maintenance_alarm"]


@pytest.mark.parametrize("more", [{"rehearsal": "none"}, {"state": "absent"}])
def test_without_a_rehearsal_what_an_aborted_one_has_left_is_removed_all_the_same(more: Json) -> None:
    cloud = Cloud(**more)
    cloud.temporary = {"oci_maintenance_page", "oci_maintenance_alarm"}
    assert cloud.rehearse() == []
    assert cloud.temporary == set()


def test_what_an_aborted_run_has_left_is_removed_first() -> None:
    cloud = Cloud()
    cloud.rehearse()
    first = [options.get("state") for module, options in cloud.asked if module == "oci_maintenance_page"]
    assert first == ["absent", "present", "present", "absent"]


def test_an_alarm_that_nobody_follows_ends_in_time_and_says_what_to_do() -> None:
    cloud = Cloud(rulebook=False)
    with pytest.raises(WaitTimeoutError) as ended:
        cloud.rehearse()
    hints = ("it answers 502", TOPIC, "oci_notifications_topics", "3 minutes behind", "Proven before that: the page is")
    assert [hint for hint in ("within 840 s", *hints) if hint not in str(ended.value)] == []
    assert cloud.temporary == set()


def test_an_alarm_that_nobody_follows_says_where_the_rulebook_signs_in_from() -> None:
    hint = "signs in.*oci_auth of the inventory's group all.*not by variables of a service"
    with pytest.raises(WaitTimeoutError, match=hint):
        Cloud(rulebook=False).rehearse()


def test_a_recovery_that_nobody_follows_is_reported_from_an_alarm_that_nobody_follows() -> None:
    cloud = Cloud()
    seen = [DOWN, PAGE, DOWN]
    with pytest.raises(WaitTimeoutError, match="did not take it away"):
        cloud.rehearse(lambda: PAGE if "oci_maintenance_alarm" in cloud.temporary else seen[cloud.page])
    assert cloud.temporary == set()


def test_a_wait_shows_a_line_where_something_changes_and_every_half_minute() -> None:
    cloud = Cloud(rulebook=False)
    with pytest.raises(WaitTimeoutError):
        cloud.rehearse()
    assert len([line for line in cloud.lines if line.startswith("waiting for the page, ")]) == 840 / 30


def test_no_answer_is_neither_the_page_nor_its_end() -> None:
    with pytest.raises(WaitTimeoutError, match="security lists"):
        Cloud().rehearse(lambda: Seen(problem="no answer within 10 s"))
    assert not rehearsal.is_gone(Seen(problem="no answer"), VALUES)


def test_a_redirect_to_a_page_that_does_not_answer_is_no_page() -> None:
    broken = Seen(302, PAGE.location, 502)
    assert not rehearsal.is_page(broken, VALUES)
    assert not rehearsal.is_gone(broken, VALUES)


def test_a_redirect_to_elsewhere_is_no_page() -> None:
    assert not rehearsal.is_page(Seen(301, "https://checkout.example.com/", 503), VALUES)


def test_a_page_in_place_is_known_by_its_status() -> None:
    values = {**VALUES, "strategy": "backend_set"}
    assert rehearsal.is_page(Seen(503), values)
    assert not rehearsal.is_page(DOWN, values)
    assert rehearsal.switch(values, enabled=True)["maintenance_backend_set"] == "sorry"


def test_a_listener_that_is_not_as_before_fails_the_rehearsal() -> None:
    cloud = Cloud()

    def look() -> Seen:
        cloud.extra = {"port": 1} if cloud.page else cloud.extra
        return PAGE if cloud.page else DOWN

    with pytest.raises(RefusedError, match="port was None and is 1"):
        cloud.rehearse(look)
    assert cloud.temporary == set()


def test_a_defect_leaves_nothing_behind_either() -> None:
    cloud = Cloud()

    def broken() -> Seen:
        raise KeyError("defect")

    with pytest.raises(KeyError):
        cloud.rehearse(broken)
    assert cloud.temporary == set()


def test_what_cannot_be_removed_is_reported_beside_why_the_rehearsal_failed() -> None:
    cloud = Cloud(rulebook=False)

    def look() -> Seen:
        cloud.fails = {("oci_maintenance_alarm", "absent"): "HTTP 500"}
        return PAGE if cloud.page else DOWN

    with pytest.raises(WaitTimeoutError, match="did not put the page up.*could not be removed.*HTTP 500"):
        cloud.rehearse(look)
    assert cloud.temporary == {"oci_maintenance_alarm"}


@pytest.mark.parametrize(("held", "released"), [(True, ["lb_maintenance_mode"]), (False, [])])
def test_the_alarm_is_removed_first_and_then_the_listener_and_what_is_held_on_it(
    held: bool, released: list[str]
) -> None:
    cloud = Cloud(rehearsal="none", rulebook=False)
    cloud.page = held
    cloud.rehearse()
    order = ["oci_maintenance_alarm", "oci_maintenance_page", "lb_maintenance_mode_info"]
    assert [module for module, _options in cloud.asked] == order + released


@pytest.mark.parametrize("more", [{}, {"rehearsal": "none"}, {"state": "absent"}])
def test_i1_the_page_of_a_listener_that_is_somebody_elses_stays_as_it_is(more: Json) -> None:
    cloud = Cloud(**more)
    cloud.page, cloud.owner = True, "operator:alice"
    cloud.fails = {("oci_maintenance_page", "absent"): "did not create that"}
    with pytest.raises(RefusedError, match="did not create that"):
        cloud.rehearse()
    assert (cloud.page, cloud.owner) == (True, "operator:alice")
    assert "lb_maintenance_mode" not in [module for module, _options in cloud.asked]


def test_i7_a_page_that_another_run_puts_up_proves_no_alarm() -> None:
    cloud = Cloud()
    cloud.alarm_owner = rehearsal.OWNER
    with pytest.raises(RefusedError, match="held by setup:rehearsal and not by an alarm.*Proven before that: the page"):
        cloud.rehearse()


def test_i7_an_alarm_that_is_another_one_by_now_proves_nothing() -> None:
    cloud = Cloud()
    ids = iter(["first", "second", "third", "fourth"])

    def ask(module: str, options: Json) -> Json:
        return Cloud.ask(cloud, module, options) | {"alarm_id": next(ids) if "alarm" in module else None}

    run = Rehearsal(
        cloud.values,
        TOPIC,
        ask=ask,
        look=lambda: PAGE if cloud.page else DOWN,
        show=cloud.lines.append,
        clock=FakeClock(),
    )
    with pytest.raises(RefusedError, match="was removed or created again meanwhile"):
        run.run()
    assert cloud.temporary == set()


def test_the_spare_backend_fails_by_its_health_check_and_recovers_by_it() -> None:
    dead, healthy = (rehearsal.spare(VALUES, healthy=healthy) for healthy in (False, True))
    assert {name for name in dead if dead[name] != healthy[name]} == {"health_check_status"}
    assert (len(dead["backends"]), healthy["health_check_status"]) == (1, 503)


def test_the_spare_alarm_sends_to_the_topic_of_the_service() -> None:
    alarm = rehearsal.spare_alarm(VALUES, TOPIC)
    assert (alarm["topic_id"], alarm["backend_set"], alarm["rule_set"]) == (TOPIC, rehearsal.name_of(VALUES), "sorry")
    assert "endpoint" not in alarm


@pytest.mark.parametrize("name", ["backend_set", "page_listener", "rule_set"])
def test_the_name_of_the_spare_fits_and_is_the_services_own(name: str) -> None:
    given = {**VALUES, "backend_set": "a" * 32}
    one, other = (rehearsal.name_of({**given, name: "a" * 31 + end}) for end in "xy")
    assert (len(one), len(other), one == other) == (32, 32, False)


@pytest.mark.parametrize(
    ("more", "reported"),
    [
        ({"rehearsal_port": None}, "maintenance_setup_rehearsal_port is not given"),
        ({"rehearsal_port": 8443}, "the page's own listener"),
        ({"verify_url": ""}, "maintenance_setup_rehearsal_host"),
        ({"alarm_name": ""}, "there is no alarm"),
    ],
)
def test_what_would_stop_a_rehearsal_is_reported_before_it(more: Json, reported: str) -> None:
    (problem,) = rehearsal.problems({**VALUES, **more})
    assert reported in problem
    assert rehearsal.problems({**VALUES, **more, "rehearsal": "none"}) == []
    assert rehearsal.problems({**VALUES, **more, "state": "absent"}) == []


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        ({}, "https://checkout.example.com:18443/"),
        ({"rehearsal_host": "2001:db8::1", "certificate_name": ""}, "http://[2001:db8::1]:18443/"),
        ({"redirect_paths": [], "redirect_exact_paths": ["/cart"]}, "https://checkout.example.com:18443/cart"),
    ],
)
def test_the_spare_listener_is_asked_where_users_would_get_the_page(more: Json, asked: str) -> None:
    assert rehearsal.url({**VALUES, **more}) == asked


def test_the_summary_says_what_there_is_what_was_proven_and_what_is_next() -> None:
    lines = rehearsal.summary(VALUES, ["topic 'checkout' created"], [{"what": "the page goes", "seconds": 2.0}], TOPIC)
    assert [line.partition(":")[0] for line in lines] == ["Changed", "Page", "Proven", "Next"]
    assert TOPIC in lines[-1]


def test_the_summary_of_a_failed_rehearsal_says_what_is_not_proven() -> None:
    assert rehearsal.summary(VALUES, [], [], TOPIC, "It answers 502.")[-1] == "Not proven: It answers 502."


def test_what_stops_all_removals_is_reported_once() -> None:
    cloud = Cloud(rehearsal="none")
    cloud.fails = {("lb_maintenance_mode", "disabled"): "HTTP 401", ("oci_maintenance_page", "absent"): "HTTP 401"}
    with pytest.raises(RefusedError) as ended:
        cloud.rehearse()
    assert str(ended.value).count("HTTP 401") == 1


def test_the_summary_of_a_run_without_a_rehearsal_says_that_nothing_is_proven() -> None:
    assert any(line.startswith("Not rehearsed") for line in rehearsal.summary(VALUES, [], [], TOPIC))
