# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What checkers see, and what DNS will make of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.observations import (
    Observation,
    Verdict,
    check_waitable,
    has_observations,
    proven_verdict,
    read_observations,
    verdict_on,
)

from . import health_checks as of


def seen(succeeded: int, failed: int, *, ago: float = 0) -> list[Observation]:
    """What so many checkers saw, some seconds ago."""
    texts = ["Success: HTTP Status Code 200, OK"] * succeeded + ["Failure: HTTP Status Code 404, Not Found"] * failed
    return [Observation("eu-west-1", "198.51.100.7", text, of.NOW - timedelta(seconds=ago)) for text in texts]


@pytest.mark.parametrize(
    ("succeeded", "failed", "health"),
    [(16, 0, "healthy"), (3, 13, "healthy"), (2, 14, "unhealthy"), (0, 16, "unhealthy"), (18, 82, "unhealthy")],
)
def test_more_than_18_percent_of_the_checkers_make_it_healthy(succeeded: int, failed: int, health: str) -> None:
    assert verdict_on(of.health_check(), seen(succeeded, failed)).health == health


def test_a_verdict_says_how_it_is_known() -> None:
    assert verdict_on(of.health_check(), seen(2, 14)) == Verdict("unhealthy", "2 of 16 checkers see success", 0.125)


@pytest.mark.parametrize(("succeeded", "health"), [(0, "healthy"), (16, "unhealthy")])
def test_inversion_swaps_the_verdict(succeeded: int, health: str) -> None:
    verdict = verdict_on(of.health_check(Inverted=True), seen(succeeded, 16 - succeeded))
    assert verdict.health == health
    assert "inverted" in verdict.how


@pytest.mark.parametrize(("inverted", "health"), [(True, "unhealthy"), (False, "healthy")])
def test_a_disabled_health_check_is_what_its_configuration_says(inverted: bool, health: str) -> None:
    assert verdict_on(of.health_check(Disabled=True, Inverted=inverted), seen(16, 0)).health == health


def test_that_it_is_inverted_too_is_reported_only_where_it_is() -> None:
    reported = [verdict_on(of.health_check(Disabled=True, Inverted=inverted), None).how for inverted in (False, True)]
    assert reported == ["by configuration: disabled", "by configuration: disabled and inverted"]


@pytest.mark.parametrize(
    ("disabled", "inverted", "health"),
    [(True, False, "unknown"), (True, True, "unhealthy"), (False, False, "healthy"), (False, True, "unhealthy")],
)
def test_i7_a_disabled_health_check_proves_no_health(disabled: bool, inverted: bool, health: str) -> None:
    assert proven_verdict(of.health_check(Disabled=disabled, Inverted=inverted), seen(16, 0)).health == health


def test_i7_a_share_at_the_limit_is_unknown_while_others_have_not_probed() -> None:
    found = [*seen(9, 40), *seen(0, 1, ago=1)]
    assert verdict_on(of.health_check(), found, of.NOW).health == "unknown"


@pytest.mark.parametrize("kind", ["CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"])
def test_i7_what_follows_something_else_than_checkers_is_unknown(kind: str) -> None:
    verdict = verdict_on(of.health_check(None, Type=kind), [])
    assert (verdict.health, verdict.share) == ("unknown", None)
    assert kind in verdict.how


def test_what_a_routing_control_switches_says_which_one() -> None:
    found = of.health_check(None, Type="RECOVERY_CONTROL", RoutingControlArn="arn:aws:control")
    assert verdict_on(found, None).how.endswith("it follows routing control arn:aws:control")


def test_i7_what_was_not_asked_is_unknown() -> None:
    assert verdict_on(of.health_check(), None) == Verdict("unknown", "the checkers were not asked")


@pytest.mark.parametrize("found", [[], seen(16, 0, ago=1)])
def test_i7_what_no_checker_has_seen_since_the_change_is_unknown(found: list[Observation]) -> None:
    assert verdict_on(of.health_check(), found, of.NOW) == Verdict("unknown", "no checker has reported yet")


@pytest.mark.parametrize(
    ("new", "old", "health"),
    [
        (seen(0, 1), seen(0, 15, ago=9), "unknown"),
        (seen(1, 0), seen(15, 0, ago=9), "unknown"),
        (seen(0, 13), seen(3, 0, ago=9), "unknown"),
        (seen(0, 14), seen(2, 0, ago=9), "unhealthy"),
        (seen(3, 0), seen(0, 13, ago=9), "healthy"),
    ],
)
def test_i7_checkers_that_have_not_probed_since_the_change_may_still_turn_the_verdict(
    new: list[Observation], old: list[Observation], health: str
) -> None:
    assert verdict_on(of.health_check(), [*new, *old], of.NOW).health == health


def test_observations_are_read_from_what_the_service_gives() -> None:
    report = {"Status": "Success: HTTP Status Code 200, OK", "CheckedTime": of.NOW}
    checker = {"Region": "eu-west-1", "IPAddress": "198.51.100.7"}
    read = read_observations([{**checker, "StatusReport": report}, {"StatusReport": report}])
    assert read[0] == seen(1, 0)[0]
    assert (read[1].region, read[1].ip_address, read[1].healthy) == ("", "", True)


@pytest.mark.parametrize("report", [{}, {"Status": "Success"}, {"CheckedTime": of.NOW}, {"Status": None}])
def test_a_checker_that_has_not_reported_yet_is_left_out(report: dict[str, object]) -> None:
    assert read_observations([{"Region": "eu-west-1", "StatusReport": report}, {"Region": "us-east-1"}]) == []


@pytest.mark.parametrize("text", ["Failure: HTTP Status Code 404", "Unknown", "success", ""])
def test_i7_only_success_is_success(text: str) -> None:
    assert not Observation("", "", text, of.NOW).healthy


@pytest.mark.parametrize(
    ("kind", "disabled", "probed"),
    [("HTTP", False, True), ("TCP", False, True), ("HTTPS_STR_MATCH", True, False), ("CALCULATED", False, False)],
)
def test_checkers_probe_what_is_enabled_and_has_an_endpoint(kind: str, disabled: bool, probed: bool) -> None:
    assert has_observations(of.health_check(Type=kind, Disabled=disabled)) is probed


def test_waiting_for_what_nobody_sees_is_refused() -> None:
    with pytest.raises(RefusedError, match="type CALCULATED has none"):
        check_waitable(of.health_check(None, Type="CALCULATED"))


@pytest.mark.parametrize("found", [of.health_check(Type="TCP"), of.always_unhealthy(None, Type="CALCULATED")])
def test_waiting_for_checkers_or_for_the_configuration_is_fine(found: HealthCheck) -> None:
    check_waitable(found)
