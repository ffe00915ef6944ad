# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Who holds the page, where recording it or leaving it is made hard, on the lab over HTTP."""

from __future__ import annotations

from contextlib import suppress

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.maintenance_run import KilledError, Maintenance
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

from lab.process import RunningLab

ALARM = "alarm:backends"
UP = ["maintenance-page"]
DOWN: list[str] = []
#: Of the API reference: what stands in the body may be unknown to the caller, or not there.
REFUSED = {"status": 400, "code": "RelatedResourceNotAuthorizedOrNotFound", "message": "Tag namespace not found."}


@pytest.fixture
def maintenance(lab: RunningLab, plain_http: None, load_balancer: Json, oci_auth: Json) -> Maintenance:
    """The lab's load balancer, freshly reset, with tags of somebody else."""
    switched = Maintenance(lab, load_balancer, oci_auth)
    switched.change(
        lambda raw: raw.update(freeformTags={"team": "web"}, definedTags={"Operations": {"CostCenter": "42"}})
    )
    return switched


# A page that nobody holds


@pytest.mark.parametrize("check_mode", [True, False])
def test_i9_an_alarm_does_not_take_over_a_page_that_was_attached_by_hand(
    lab: RunningLab, maintenance: Maintenance, check_mode: bool
) -> None:
    maintenance.attach_by_hand("http", "https")
    fired = maintenance.run(enabled=True, owner=ALARM, check_mode=check_mode)
    assert (fired["failed"], fired["changed"], fired["unexplained"]) == (False, False, ["http", "https"])
    assert "nobody holds it. The alarm leaves it unchanged" in fired["held_back"]
    assert fired["msg"] == f"Nothing was changed: {fired['held_back']}"
    recovered = maintenance.run(enabled=False, owner=ALARM, check_mode=check_mode)
    assert (recovered["failed"], recovered["changed"], lab.writes()) == (False, False, [])


def test_an_alarm_takes_back_only_the_pages_that_it_put_up(lab: RunningLab, maintenance: Maintenance) -> None:
    maintenance.attach_by_hand("http")
    fired = maintenance.run(enabled=True, owner=ALARM)
    assert (fired["failed"], fired["held_by"], fired["unexplained"]) == (False, [ALARM], ["http"])
    assert "attached to https, held by alarm:backends. On http the page" in fired["msg"]
    writes = len(lab.writes())
    assert not maintenance.run(enabled=True, owner=ALARM)["changed"]
    assert len(lab.writes()) == writes
    assert not maintenance.run(enabled=False, owner=ALARM)["failed"]
    assert (maintenance.attached(), maintenance.holders()) == ({"http": UP, "https": DOWN}, [])


def test_an_alarm_adds_its_hold_to_a_page_that_a_person_holds(maintenance: Maintenance) -> None:
    maintenance.run(enabled=True, owner="change:CHG-1")
    assert maintenance.run(enabled=True, owner=ALARM)["held_by"] == [ALARM, "change:CHG-1"]
    maintenance.run(enabled=False, owner="change:CHG-1")
    assert maintenance.attached() == {"http": UP, "https": UP}


def test_a_page_that_is_attached_between_an_alarms_hold_and_its_own_write_is_the_alarms(
    lab: RunningLab, maintenance: Maintenance
) -> None:
    patch = {"listeners": {"http": {"ruleSetNames": ["maintenance-page"]}}}
    lab.add_fault("competing_write", operation="UpdateListener", patch=patch)
    fired = maintenance.run(enabled=True, owner=ALARM)
    assert (fired["failed"], fired["unexplained"]) == (False, [])
    maintenance.run(enabled=False, owner=ALARM)
    assert (maintenance.attached(), maintenance.holders()) == ({"http": DOWN, "https": DOWN}, [])


def test_i7_a_page_that_is_on_its_way_when_its_alarm_recovers_does_not_stay_without_a_hold(
    lab: RunningLab, maintenance: Maintenance
) -> None:
    lab.control("PATCH", "/oci/settings", {"concurrency": "queue"})
    lab.add_fault("work_request_seconds", operation="UpdateListener", seconds=1)
    with suppress(KilledError):
        maintenance.run(enabled=True, owner=ALARM, killed_after_writes=2)
    assert (maintenance.attached(), len(maintenance.holders())) == ({"http": DOWN, "https": DOWN}, 2)
    ended = maintenance.run(enabled=False, owner=ALARM)
    assert (ended["failed"], maintenance.attached()) == (False, {"http": DOWN, "https": DOWN})
    assert maintenance.holders() == []


def test_an_alarm_that_could_not_put_its_page_up_does_not_hold_it(lab: RunningLab, maintenance: Maintenance) -> None:
    lab.add_fault("status", operation="UpdateListener", status=400, code="InvalidParameter", message="No.")
    fired = maintenance.run(enabled=True, owner=ALARM)
    assert (fired["failed"], maintenance.holders()) == (True, [("https", ALARM)])


# A hold that finds no room


def test_an_alarm_puts_no_page_up_that_its_recovery_could_not_take_away(
    lab: RunningLab, maintenance: Maintenance
) -> None:
    maintenance.change(lambda raw: raw.update(freeformTags={f"tag{number}": "" for number in range(10)}))
    predicted = maintenance.run(enabled=True, owner=ALARM, check_mode=True)
    fired = maintenance.run(enabled=True, owner=ALARM)
    assert predicted["msg"] == fired["msg"]
    assert (fired["failed"], fired["changed"], lab.writes()) == (True, False, [])
    assert "10 others (tag0, tag1" in fired["msg"]
    assert "This run put no page up" in fired["msg"]


def test_the_page_of_a_person_comes_up_without_room_for_its_hold_and_says_so(maintenance: Maintenance) -> None:
    maintenance.change(lambda raw: raw.update(freeformTags={f"tag{number}": "" for number in range(10)}))
    entered = maintenance.run(enabled=True)
    assert (entered["failed"], maintenance.attached()) == (True, {"http": UP, "https": UP})
    assert "The page is up on http, https, and no hold is recorded for it" in entered["msg"]


def test_the_hold_of_an_alarm_on_sixteen_listeners_finds_room_in_one_tag(maintenance: Maintenance) -> None:
    def sixteen(raw: Json) -> None:
        raw["freeformTags"] = {f"tag{number}": "" for number in range(9)}
        raw["listeners"] |= {
            f"https-shop-{number:02}-example-com": raw["listeners"]["http"] | {"hostnameNames": [f"shop{number}"]}
            for number in range(14)
        }
        raw["hostnames"] |= {f"shop{number}": {"hostname": f"shop{number}.example.com"} for number in range(14)}
        for name, listener in raw["listeners"].items():
            listener["name"] = name

    maintenance.change(sixteen)
    owner = f"alarm:{'a' * 58}"
    reported = maintenance.run(enabled=True, owner=owner, seconds=600)["msg"]
    assert reported.endswith(f"held by {owner}.")
    assert len(maintenance.holders()) == 16
    assert not maintenance.run(enabled=True, owner=owner)["changed"]
    ended = maintenance.run(enabled=False, owner=owner)
    assert (ended["failed"], ended["unexplained"], maintenance.holders()) == (False, [], [])


# A write that is refused because of what it leaves unchanged


@pytest.mark.parametrize("owner", ["operator", ALARM])
def test_a_hold_is_recorded_without_the_defined_tags_where_these_are_refused(
    lab: RunningLab, maintenance: Maintenance, owner: str
) -> None:
    lab.add_fault("status", operation="UpdateLoadBalancer", **REFUSED)
    entered = maintenance.run(enabled=True, owner=owner)
    assert (entered["failed"], entered["held_by"]) == (False, [owner])
    assert "together with the unchanged definedTags" in entered["warnings"][0]
    assert "nothing of that has changed" in entered["warnings"][0]
    assert maintenance.raw()["definedTags"] == {"Operations": {"CostCenter": "42"}}


def test_defined_tags_that_were_reset_fail_the_run_and_are_to_be_restored(
    lab: RunningLab, maintenance: Maintenance
) -> None:
    lab.add_fault("status", operation="UpdateLoadBalancer", **REFUSED)
    # The read after the write of the hold: as if the service had reset what it was not sent.
    lab.add_fault("competing_write", operation="GetLoadBalancer", skip=3, patch={"definedTags": {"Operations": None}})
    entered = maintenance.run(enabled=True, listeners=["http"], owner="operator")
    assert (entered["failed"], entered["held_by"]) == (True, ["operator"])
    assert 'Restore it: {"Operations": {"CostCenter": "42"}}' in entered["msg"]


def test_a_refusal_that_has_other_reasons_says_what_was_tried_and_how_the_page_stands(
    lab: RunningLab, maintenance: Maintenance
) -> None:
    lab.add_fault("status", operation="UpdateLoadBalancer", times=None, **REFUSED)
    entered = maintenance.run(enabled=True)
    assert (entered["failed"], maintenance.attached()) == (True, {"http": UP, "https": UP})
    assert "Sending the hold without definedTags was refused too" in entered["msg"]
    assert "The page is up on http, https, and no hold is recorded for it" in entered["msg"]
    fired = maintenance.run(enabled=True, owner=ALARM)
    assert (fired["failed"], fired["changed"]) == (False, False)


def test_an_alarm_whose_hold_is_refused_puts_no_page_up(lab: RunningLab, maintenance: Maintenance) -> None:
    lab.add_fault("status", operation="UpdateLoadBalancer", times=None, **REFUSED)
    fired = maintenance.run(enabled=True, owner=ALARM)
    assert (fired["failed"], fired["changed"], maintenance.attached()) == (True, False, {"http": DOWN, "https": DOWN})


def unknown_field(name: str, chain: str = "") -> Json:
    text = f'Unrecognized field "{name}" (class com.oracle.pic.X), not marked as ignorable (1 known properties: "a"])'
    reported = f" (through reference chain: {chain})" if chain else ""
    return {"status": 400, "code": "InvalidParameter", "message": text + reported}


def test_i1_of_a_listener_only_the_field_is_left_out_that_the_service_refuses(
    lab: RunningLab, maintenance: Maintenance
) -> None:
    def with_new_fields(raw: Json) -> None:
        raw["listeners"]["https"] |= {"refused": 1, "kept": [2]}
        raw["listeners"]["https"]["sslConfiguration"] |= {"refused": {"too": 3}, "kept": 4}

    lab.control("PATCH", "/oci/settings", {"unknown_fields": "keep"})
    maintenance.change(with_new_fields)
    before = maintenance.raw()["listeners"]["https"]
    chain = 'com.oracle.pic.UpdateListenerDetails["sslConfiguration"]->com.oracle.pic.Ssl["refused"]'
    lab.add_fault("status", operation="UpdateListener", **unknown_field("refused", chain))
    entered = maintenance.run(enabled=True, listeners=["https"])
    after = maintenance.raw()["listeners"]["https"]
    del before["sslConfiguration"]["refused"]
    assert (entered["failed"], after) == (False, before | {"ruleSetNames": UP})
    (reported,) = entered["warnings"]
    assert "OCI shows sslConfiguration.refused of listener 'https'" in reported
    assert 'sslConfiguration.refused was {"too": 3}' in reported


def test_i1_a_known_field_that_the_service_refuses_is_not_left_out(lab: RunningLab, maintenance: Maintenance) -> None:
    lab.add_fault("status", operation="UpdateListener", times=None, **unknown_field("hostnameNames"))
    before = maintenance.raw()["listeners"]
    entered = maintenance.run(enabled=True)
    assert (entered["failed"], maintenance.raw()["listeners"]) == (True, before)
    assert 'Unrecognized field "hostnameNames"' in entered["msg"]


def test_i2_a_change_between_the_refusal_and_the_next_attempt_is_kept(
    lab: RunningLab, maintenance: Maintenance
) -> None:
    maintenance.change(lambda raw: raw["listeners"]["http"].update(refused=1))
    lab.add_fault("status", operation="UpdateListener", **unknown_field("refused"))
    patch = {"listeners": {"http": {"connectionConfiguration": {"idleTimeout": 1200}}}}
    lab.add_fault("competing_write", operation="UpdateListener", skip=1, patch=patch)
    assert not maintenance.run(enabled=True)["failed"]
    assert maintenance.raw()["listeners"]["http"]["connectionConfiguration"]["idleTimeout"] == 1200


# Leaving what is gone


@pytest.mark.parametrize("force", [False, True])
def test_a_hold_whose_rule_set_was_renamed_can_be_released(maintenance: Maintenance, force: bool) -> None:
    maintenance.run(enabled=True)

    def rename(raw: Json) -> None:
        raw["ruleSets"]["renamed"] = raw["ruleSets"].pop("maintenance-page") | {"name": "renamed"}
        for name in ("http", "https"):
            raw["listeners"][name]["ruleSetNames"] = ["renamed"]

    maintenance.change(rename)
    owner = "somebody" if force else "operator"
    predicted = maintenance.run(enabled=False, owner=owner, force=force, check_mode=True)
    ended = maintenance.run(enabled=False, owner=owner, force=force)
    assert (ended["failed"], ended["changed"], maintenance.holders()) == (False, True, [])
    assert (predicted["changed"], predicted["after"]) == (True, ended["after"])
    assert any("no rule set 'maintenance-page'" in warning for warning in ended["warnings"])
    again = maintenance.run(enabled=False, owner=owner, force=force)
    assert (again["failed"], again["changed"]) == (False, False)


def test_an_alarm_recovers_where_its_backend_set_has_been_replaced(maintenance: Maintenance) -> None:
    maintenance.run(enabled=True, owner=ALARM)

    def replace(raw: Json) -> None:
        raw["backendSets"]["new"] = raw["backendSets"].pop("app") | {"name": "new"}
        for name in ("http", "https"):
            raw["listeners"][name]["defaultBackendSetName"] = "new"

    maintenance.change(replace)
    ended = maintenance.run(enabled=False, owner=ALARM)
    assert (ended["failed"], maintenance.attached(), maintenance.holders()) == (
        False,
        {"http": DOWN, "https": DOWN},
        [],
    )


def test_a_listener_that_cannot_be_written_keeps_the_page_on_no_other_one(maintenance: Maintenance) -> None:
    maintenance.run(enabled=True)
    suite = {"cipherSuiteName": "oci-customized-ssl-cipher-suite"}
    maintenance.change(lambda raw: raw["listeners"]["https"]["sslConfiguration"].update(suite))
    predicted = maintenance.run(enabled=False, check_mode=True)
    ended = maintenance.run(enabled=False)
    assert (predicted["failed"], ended["failed"]) == (True, True)
    assert "Listener 'https' was not switched. The cipher suite" in ended["msg"]
    assert (maintenance.attached(), maintenance.holders()) == ({"http": DOWN, "https": UP}, [("https", "operator")])


def test_a_listener_that_cannot_be_written_does_not_matter_where_no_page_is_attached(maintenance: Maintenance) -> None:
    suite = {"cipherSuiteName": "oci-customized-ssl-cipher-suite"}
    maintenance.change(lambda raw: raw["listeners"]["https"]["sslConfiguration"].update(suite))
    maintenance.run(enabled=True, listeners=["http"])
    assert not maintenance.run(enabled=False)["failed"]


def test_a_killed_alarm_leaves_no_page_without_a_hold(maintenance: Maintenance) -> None:
    for calls in range(8):
        with suppress(KilledError):
            maintenance.run(enabled=True, owner=ALARM, killed_after=calls)
        held = {listener for listener, _owner in maintenance.holders()}
        assert {name for name, names in maintenance.attached().items() if names} <= held
