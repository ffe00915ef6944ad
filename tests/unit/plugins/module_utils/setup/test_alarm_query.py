# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which queries mean that all backends are unhealthy, and which can never mean it."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._setup.alarm_query import (
    Watched,
    all_unhealthy,
    check_query,
    watched,
)

from lab.oci.alarms.query import parse

TARGET = Watched("ocid1.loadbalancer.oc1.iad.aaaa", "checkout", "app", 3, 3)


def query(comparison: str, dimensions: str = 'backendSetName = "app"', metric: str = "UnHealthyBackendServers") -> str:
    return f"{metric}[1m]{{{dimensions}}}.max() {comparison}"


def balancer(*backends: dict[str, object]) -> dict[str, object]:
    return {"displayName": "checkout", "backendSets": {"app": {"backends": list(backends)}}}


def test_the_own_query_compares_with_the_number_of_backends() -> None:
    assert all_unhealthy(TARGET).endswith(".groupBy(resourceId, backendSetName).max() >= 3")
    assert check_query(all_unhealthy(TARGET), TARGET) == []


@pytest.mark.parametrize(("unhealthy", "fires"), [(1, False), (2, False), (3, True)])
def test_the_own_query_fires_when_all_are_unhealthy(unhealthy: int, fires: bool) -> None:
    assert parse(all_unhealthy(TARGET)).breaches([unhealthy]) == fires


def test_backups_drained_and_offline_backends_do_not_count() -> None:
    seen = watched(balancer({}, {"backup": True}, {"drain": True}, {"offline": True}), "ocid1", "app")
    assert (seen.serving, seen.total) == (1, 4)


@pytest.mark.parametrize("backends", [(), ({"backup": True},)])
def test_a_backend_set_that_serves_nothing_cannot_be_watched(backends: tuple[dict[str, object], ...]) -> None:
    with pytest.raises(RefusedError, match="can never fire"):
        watched(balancer(*backends), "ocid1", "app")


def test_an_unknown_backend_set_is_refused_with_those_there_are() -> None:
    with pytest.raises(RefusedError, match="It has: app"):
        watched(balancer({}), "ocid1", "other")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (query(">= 4"), "can never fire"),
        (query("> 3"), "can never fire"),
        (query("== 7"), "can never fire"),
        (query(">= 0"), "can never recover"),
        (query("< 3"), "can never recover"),
        (query("== 1"), "does not fire when all 3"),
        (query(">= 3", 'backendSetName = "other"'), "can never fire for this backend set"),
        (query(">= 3", 'lbName = "x", backendSetName = "app"'), "can never fire for this backend set"),
        (query(">= 3", 'resourceId = "ocid1.x", backendSetName = "app"'), "can never fire for this backend set"),
        (query(">= 3", 'lbName = "checkout"'), "names no backendSetName"),
        (query(">= 3", 'resourceid = "ocid1.x", backendSetName = "app"'), "no dimension resourceid"),
        (query(">= 3", 'lbComponent = "Listener", backendSetName = "app"'), "can never fire for this backend set"),
        (query(">= 3", 'listenerName = "https", backendSetName = "app"'), "no dimension listenerName"),
        (query(">= 3", "backendSetName =~ app"), "cannot be judged"),
        (query(">= 3", metric="HttpRequests"), "needs UnHealthyBackendServers"),
        (query(">= 3").replace(".max()", ".groupBy(lbName).max()"), "drops resourceId or backendSetName"),
        (query(">= 3").replace(".max()", ".percentile(0.9)"), "cannot be judged"),
        ("nonsense", "cannot be judged"),
    ],
)
def test_a_query_that_cannot_mean_it_is_refused(text: str, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        check_query(text, TARGET)


def test_a_query_that_fires_at_the_first_failure_is_warned_of() -> None:
    (warning,) = check_query(query(">= 1"), TARGET)
    assert "1 of 3" in warning
    assert "no second message" in warning


def test_a_dimension_that_all_streams_of_the_backend_set_have_is_no_obstacle() -> None:
    assert check_query(query(">= 3", 'lbComponent = "backendSet", backendSetName = "app", region = "eu"'), TARGET) == []
