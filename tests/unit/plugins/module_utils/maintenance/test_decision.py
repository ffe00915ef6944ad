# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which steps are missing, and what each one writes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.decision import (
    ChangeHolds,
    Switch,
    after_step,
    listener_body,
    load_balancer_body,
    missing_steps,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import (
    UnreadableHoldsError,
    read_holds,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Request
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.state import rule_set_names

from .balancers import PAGE, balancer, hold, listener, request

UP = listener("http", ruleSetNames=[PAGE])
GARBLED = {"tidegate-holds-1": "somebody was here"}


def test_entering_attaches_the_page_first_and_records_the_hold_second() -> None:
    steps = missing_steps(balancer(), request(), [])
    assert steps == [Switch("http", attach=True), ChangeHolds(take=(hold(),))]


def test_entering_takes_every_listener_that_serves_the_backend_set() -> None:
    found = balancer(listener("http"), listener("https", port=443), listener("other", defaultBackendSetName="page"))
    switched = [step.listener for step in missing_steps(found, request(), []) if isinstance(step, Switch)]
    assert switched == ["http", "https"]


def test_entering_again_is_nothing_to_do() -> None:
    assert missing_steps(balancer(UP, holds=[hold()]), request(), []) == []


def test_entering_moves_a_page_that_is_attached_behind_others_to_the_front() -> None:
    found = balancer(listener("http", ruleSetNames=["headers", PAGE]), holds=[hold()])
    assert missing_steps(found, request(), []) == [Switch("http", attach=True)]


def test_a_second_owner_only_adds_a_hold() -> None:
    found = balancer(UP, holds=[hold("operator")])
    assert missing_steps(found, request(owner="alarm:backends"), []) == [ChangeHolds(take=(hold("alarm:backends"),))]


ALARM = "alarm:backends"


def test_an_alarm_records_its_hold_first_and_attaches_the_page_second() -> None:
    steps = missing_steps(balancer(), request(owner=ALARM), [])
    assert steps == [ChangeHolds(take=(hold(ALARM),)), Switch("http", attach=True)]


def test_an_alarm_aborted_between_its_hold_and_its_page_attaches_the_page() -> None:
    assert missing_steps(balancer(holds=[hold(ALARM)]), request(owner=ALARM), []) == [Switch("http", attach=True)]


def test_an_alarm_aborted_between_its_hold_and_its_page_is_undone_by_its_recovery() -> None:
    steps = missing_steps(balancer(holds=[hold(ALARM)]), request(owner=ALARM, enabled=False), [])
    assert steps == [ChangeHolds(release=(hold(ALARM).key,))]


@pytest.mark.parametrize("names", [[PAGE], ["headers", PAGE]])
def test_i9_an_alarm_does_not_take_over_a_page_that_nobody_holds(names: list[str]) -> None:
    assert missing_steps(balancer(listener("http", ruleSetNames=names)), request(owner=ALARM), []) == []


def test_a_person_takes_over_a_page_that_nobody_holds() -> None:
    assert missing_steps(balancer(UP), request(), []) == [ChangeHolds(take=(hold(),))]


def test_an_alarm_holds_only_the_pages_that_it_puts_up_itself() -> None:
    found = balancer(UP, listener("https", port=443))
    steps = missing_steps(found, request(owner=ALARM), [])
    assert steps == [ChangeHolds(take=(hold(ALARM, "https"),)), Switch("https", attach=True)]
    for step in steps:
        found = after_step(found, step, PAGE)
    assert missing_steps(found, request(owner=ALARM), []) == []
    left = missing_steps(found, request(owner=ALARM, enabled=False), [])
    assert left == [Switch("https", attach=False), ChangeHolds(release=(hold(ALARM, "https").key,))]


def test_a_page_that_came_up_after_an_alarm_recorded_its_hold_is_the_alarms() -> None:
    found = balancer(UP, holds=[hold(ALARM)])
    assert missing_steps(found, request(owner=ALARM), [ChangeHolds(take=(hold(ALARM),))]) == []
    assert missing_steps(found, request(owner=ALARM, enabled=False), [])[0] == Switch("http", attach=False)


def test_an_alarm_puts_no_page_up_where_the_holds_cannot_be_read() -> None:
    with pytest.raises(UnreadableHoldsError):
        missing_steps(balancer(freeformTags=GARBLED), request(owner=ALARM), [])


def test_an_alarm_releases_its_hold_where_its_page_could_not_be_put_up() -> None:
    found = balancer(listener("http"), listener("https", port=443), holds=[hold(ALARM), hold(ALARM, "https")])
    steps = missing_steps(found, request(owner=ALARM), [], given_up=["http"])
    assert steps == [Switch("https", attach=True), ChangeHolds(release=(hold(ALARM).key,))]


def test_i9_what_other_alarms_hold_stays_where_a_page_could_not_be_put_up() -> None:
    found = balancer(listener("http"), holds=[hold(ALARM), hold("alarm:other")])
    steps = missing_steps(found, request(owner=ALARM), [], given_up=["http"])
    assert steps == [ChangeHolds(release=(hold(ALARM).key,))]


def test_an_alarm_keeps_its_hold_of_a_page_that_is_up_where_nothing_can_be_changed() -> None:
    found = balancer(UP, holds=[hold(ALARM)])
    assert missing_steps(found, request(owner=ALARM), [], given_up=["http"]) == []


def test_two_alarms_hold_separately() -> None:
    found = balancer(UP, holds=[hold("alarm:one"), hold("alarm:two")])
    released = missing_steps(found, request(owner="alarm:one", enabled=False), [])
    assert released == [ChangeHolds(release=(hold("alarm:one").key,))]


def test_the_last_holder_detaches_first_and_deletes_the_hold_second() -> None:
    found = balancer(UP, holds=[hold()])
    steps = missing_steps(found, request(enabled=False), [])
    assert steps == [Switch("http", attach=False), ChangeHolds(release=(hold().key,))]


def test_an_owner_without_a_hold_does_not_end_somebody_elses() -> None:
    found = balancer(UP, holds=[hold("change:CHG-1")])
    assert missing_steps(found, request(owner="alarm", enabled=False), []) == []


def test_exiting_when_not_in_maintenance_is_nothing_to_do() -> None:
    assert missing_steps(balancer(), request(enabled=False), []) == []


def test_an_alarm_leaves_a_page_unchanged_that_nobody_holds() -> None:
    assert missing_steps(balancer(UP), request(owner="alarm:backends", enabled=False), []) == []


def test_a_person_may_remove_a_page_that_nobody_holds() -> None:
    assert missing_steps(balancer(UP), request(enabled=False), []) == [Switch("http", attach=False)]


def test_force_releases_everybody() -> None:
    found = balancer(UP, holds=[hold("alarm"), hold("operator:bob")])
    steps = missing_steps(found, request(enabled=False, force=True), [])
    assert steps == [Switch("http", attach=False), ChangeHolds(release=(hold("alarm").key, hold("operator:bob").key))]


def test_force_keeps_holds_on_listeners_that_were_not_meant() -> None:
    found = balancer(UP, listener("https", port=443), holds=[hold(), hold(name="https")])
    asked = request(listeners=["http"], enabled=False, force=True)
    for step in missing_steps(found, asked, []):
        found = after_step(found, step, PAGE)
    assert read_holds(found["freeformTags"]) == (hold(name="https"),)


def test_a_page_that_came_back_after_this_run_detached_it_is_left_to_its_new_holder() -> None:
    found = balancer(UP, holds=[hold()])
    steps = missing_steps(found, request(enabled=False), [Switch("http", attach=False)])
    assert steps == [ChangeHolds(release=(hold().key,))]


def test_entering_brings_the_page_up_even_where_the_holds_cannot_be_read() -> None:
    assert missing_steps(balancer(freeformTags=GARBLED), request(), [])[0] == Switch("http", attach=True)


def test_entering_fails_once_the_page_is_up_and_the_holds_cannot_be_read() -> None:
    with pytest.raises(UnreadableHoldsError, match="tidegate-holds-1"):
        missing_steps(balancer(UP, freeformTags=GARBLED), request(), [])


def test_exiting_is_refused_where_the_holds_cannot_be_read() -> None:
    with pytest.raises(UnreadableHoldsError, match="force: true"):
        missing_steps(balancer(UP, freeformTags=GARBLED), request(enabled=False), [])


def test_force_clears_holds_that_cannot_be_read() -> None:
    found = balancer(UP, freeformTags=GARBLED | {"team": "web"})
    for step in missing_steps(found, request(enabled=False, force=True), []):
        found = after_step(found, step, PAGE)
    assert found["freeformTags"] == {"team": "web"}
    assert rule_set_names(found, "http") == []


def test_i1_a_listener_goes_back_as_it_was_read_but_for_its_rule_sets() -> None:
    found = balancer(
        listener("http", ruleSetNames=["a", "b"], hostnameNames=["shop"], fieldOfTomorrow={"x": [1, None]})
    )
    body = listener_body(found, Switch("http", attach=True), PAGE)
    expected = {key: value for key, value in found["listeners"]["http"].items() if key != "name"}
    assert body == expected | {"ruleSetNames": [PAGE, "a", "b"]}


def test_i1_detaching_leaves_the_other_rule_sets_in_their_order() -> None:
    found = balancer(listener("http", ruleSetNames=["a", PAGE, "b"]))
    assert listener_body(found, Switch("http", attach=False), PAGE)["ruleSetNames"] == ["a", "b"]


def test_i1_recording_a_hold_sends_every_other_setting_of_the_load_balancer_along() -> None:
    kept: dict[str, Any] = {
        "displayName": "checkout",
        "isDeleteProtectionEnabled": True,
        "isRequestIdEnabled": True,
        "requestIdHeader": "X-Request-Id",
        "definedTags": {"Operations": {"CostCenter": "42"}},
        "securityAttributes": {"Oracle-ZPR": {}},
    }
    body = load_balancer_body(balancer(freeformTags={"team": "web"}, **kept), ChangeHolds(take=(hold(),)))
    assert body.pop("freeformTags")["team"] == "web"
    assert body == kept


def test_a_hold_on_a_listener_that_is_gone_is_dropped_with_the_next_write() -> None:
    found = balancer(holds=[hold(name="deleted")])
    body = load_balancer_body(found, ChangeHolds(take=(hold(),)))
    assert read_holds(body["freeformTags"]) == (hold(),)


def test_the_first_since_and_reason_of_a_hold_stay() -> None:
    found = balancer(listener("http"), holds=[hold(since="2026-01-01T00:00:00Z", reason="upgrade")])
    assert missing_steps(found, request(reason="another"), []) == [Switch("http", attach=True)]


def test_i3_taking_the_steps_on_paper_leaves_nothing_missing() -> None:
    found = balancer(listener("http"), listener("https", port=443, ruleSetNames=["headers"]))
    for step in missing_steps(found, request(), []):
        found = after_step(found, step, PAGE)
    assert missing_steps(found, request(), []) == []
    assert rule_set_names(found, "https") == [PAGE, "headers"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (request(listeners=["nowhere"]), "no listener 'nowhere'.*It has: http, maintenance"),
        (request(backend_set="nowhere"), "no backend set 'nowhere'.*It has: app, page"),
        (request(rule_set="nowhere"), "no rule set 'nowhere'.*It has: maintenance-page"),
    ],
)
def test_i4_a_missing_target_is_an_error_that_says_what_exists(asked: Request, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        missing_steps(balancer(), asked, [])


def test_a_backend_set_that_no_listener_serves_is_an_error() -> None:
    found = balancer(listener("http", defaultBackendSetName="page"))
    with pytest.raises(RefusedError, match="No listener has 'app'.*http serves page"):
        missing_steps(found, request(), [])


@pytest.mark.parametrize(
    "routed",
    [
        {
            "routingPolicyName": "route_443",
            "routingPolicies": {"route_443": {"rules": [{"actions": [{"backendSetName": "app"}]}]}},
        },
        {"pathRouteSetName": "paths", "pathRouteSets": {"paths": {"pathRoutes": [{"backendSetName": "app"}]}}},
    ],
)
def test_a_listener_that_only_routes_to_a_backend_set_is_named_where_none_serves_it(routed: dict[str, Any]) -> None:
    routes = {name: value for name, value in routed.items() if name.endswith("Name")}
    more = {name: value for name, value in routed.items() if name not in routes}
    found = balancer(listener("route_443", defaultBackendSetName="default_ingress", **routes), **more)
    with pytest.raises(RefusedError, match="route_443 sends some requests to it.*Name it in listeners"):
        missing_steps(found, request(), [])


@pytest.mark.parametrize("state", ["DELETING", "DELETED"])
def test_a_load_balancer_that_is_going_is_refused_at_once(state: str) -> None:
    with pytest.raises(RefusedError, match=f"The load balancer is {state}"):
        missing_steps(balancer(lifecycleState=state), request(), [])


def test_a_tcp_listener_is_refused() -> None:
    with pytest.raises(RefusedError, match="protocol TCP.*Listeners that can: maintenance"):
        missing_steps(balancer(listener("http", protocol="TCP")), request(), [])


def test_a_cipher_suite_that_cannot_be_written_back_is_refused() -> None:
    ssl = {"cipherSuiteName": "oci-customized-ssl-cipher-suite"}
    with pytest.raises(RefusedError, match="does not accept it in an update"):
        missing_steps(balancer(listener("http", sslConfiguration=ssl)), request(), [])


def test_a_cipher_suite_that_cannot_be_written_back_does_no_harm_when_nothing_is_written() -> None:
    ssl = {"cipherSuiteName": "oci-customized-ssl-cipher-suite"}
    found = balancer(listener("http", sslConfiguration=ssl, ruleSetNames=[PAGE]), holds=[hold()])
    assert missing_steps(found, request(), []) == []
