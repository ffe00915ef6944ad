# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is found of pages that somebody holds."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._drift.finding import Finding
from ansible_collections.tidegate.failover.plugins.module_utils._drift.pages import (
    Front,
    answered,
    findings,
    holder_of,
    is_held,
)
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import Seen
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._kind import Entrance
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._registry import KINDS

KIND = KINDS["oci_load_balancer"]
TARGET = {"load_balancer_id": "ocid1.x", "backend_set": "app", "rule_set": "page"}
ANSWERS = {"passed": True, "observed": "503", "expected": "503 from https://shop.example.com"}


def held(*owners: str, leaving: bool = False) -> list[dict[str, Any]]:
    return [{"owner": owner, "since": "2026-11-21T03:04:05Z", "reason": "", "is_leaving": leaving} for owner in owners]


def front(*entrances: Entrance, problem: str = "", reported: Any = None, predicted: Any = None) -> Front:
    return Front(KIND, TARGET, Seen("ocid1.x", "listener", problem, entrances), reported or {}, predicted)


def kinds(one: Front) -> list[str]:
    return [finding.kind for finding in findings(one)]


@pytest.mark.parametrize(
    "entrance",
    [
        Entrance("https", up=False),
        Entrance("https", up=True),
        Entrance("https", True, held("operator")),
        Entrance("http", False, held("operator"), counts=False),
        Entrance("https", False, held("operator", leaving=True)),
    ],
)
def test_a_page_that_is_as_its_holds_say_is_not_found(entrance: Entrance) -> None:
    assert kinds(front(entrance, predicted={"failed": False})) == []


def test_a_page_that_is_held_and_down_was_dropped_and_is_put_up_for_a_person_first() -> None:
    dropped = front(Entrance("https", False, held("alarm:x", "change:CHG-1")), Entrance("http", False, held("alarm:x")))
    (one,) = findings(dropped)
    assert (one.kind, one.object) == ("page_dropped", "ocid1.x")
    assert "https, http" in one.observed
    assert "alarm:x, change:CHG-1 hold" in one.expected
    assert one.repair
    assert (one.repair.module, one.repair.auth) == ("lb_maintenance_mode", "oci")
    assert one.repair.options["owner"] == "change:CHG-1"
    assert one.repair.options["targets"] == [TARGET]


def test_who_holds_alone_puts_it_up_also_as_an_alarm() -> None:
    assert holder_of(front(Entrance("https", False, held("alarm:x"))).seen) == "alarm:x"
    assert holder_of(front(Entrance("https", False)).seen) == ""
    assert is_held([front(Entrance("https", True, held("x")))])
    assert not is_held([front(Entrance("https", True))])


def test_what_leads_requests_past_the_page_is_found_while_it_is_up() -> None:
    assert kinds(front(Entrance("https", True, held("x"), passed_by=["routing policy 'a'"]))) == ["page_bypassed"]
    overtaken = {"listeners": [{"name": "HTTP:80", "in_maintenance": True, "overtaken": True}]}
    assert kinds(front(Entrance("HTTP:80", True, held("x")), reported=overtaken)) == ["page_bypassed"]
    assert kinds(front(Entrance("https", False, passed_by=["routing policy 'a'"]))) == []


def test_a_hold_whose_listener_or_rule_set_is_gone_is_found() -> None:
    stale = {"stale_holds": [{"listener": "old", "rule_set": "page", "owner": "operator"}]}
    (one,) = findings(front(reported=stale))
    assert (one.kind, "operator holds" in one.observed) == ("page_gone", True)


def test_a_page_that_could_not_be_put_up_is_gone() -> None:
    (one,) = findings(front(Entrance("https", True, held("x")), predicted={"failed": True, "msg": "no backend."}))
    assert (one.kind, "no backend." in one.observed) == ("page_gone", True)


def test_a_responder_that_does_not_run_is_a_page_that_is_gone_while_it_is_held() -> None:
    stopped = {"blockers": ["The responder 'maintenance' has no running instance."]}
    entrance = Entrance("shop", True, held("x"))
    assert kinds(front(entrance, reported=stopped, predicted={"failed": False})) == ["page_gone"]
    assert kinds(front(Entrance("shop", False), reported=stopped)) == []


def test_a_front_that_cannot_be_read_is_not_observed() -> None:
    assert kinds(front(problem="no rights", predicted=None)) == ["not_observed"]


def test_users_who_do_not_get_the_page_are_a_finding_while_it_is_held() -> None:
    bad = {**ANSWERS, "passed": False, "observed": "502"}

    def found(gate: dict[str, Any], *, up: bool) -> list[Finding]:
        return answered("checkout", "https://shop.example.com", gate, up=up)

    assert found(ANSWERS, up=True) == found(bad, up=False) == []
    (one,) = found(bad, up=True)
    assert (one.kind, "users get 502" in one.observed) == ("page_gone", True)
