# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The outcome of the gate ``oci_backend_set`` for answers of the load balancer."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation
from ansible_collections.tidegate.failover.plugins.module_utils._gates.oci_backend_set import KIND, judge

from ..maintenance.backend_sets import backend_set, health
from .gates import defined, options_of

SET = {"load_balancer_id": "ocid1.loadbalancer.oc1..aaaa", "backend_set": "app"}


def seen(health: dict[str, t.Any], *kinds: str, min_healthy: int | None = None, state: str = "ACTIVE") -> Observation:
    """What the gate makes of four serving backends, or of those of other kinds."""
    backends = backend_set(*(kinds or ["serving"] * 4))
    more = {} if min_healthy is None else {"min_healthy": min_healthy}
    load_balancer = {"lifecycleState": state, "backendSets": {"app": backends}}
    return judge(options_of(KIND, **SET, **more), load_balancer, health)


def test_a_set_that_is_ok_passes() -> None:
    assert seen(health(4)) == Observation(True, "OK, 4 of 4 backends that take new users are OK")


@pytest.mark.parametrize("status", ["OK", "WARNING", "CRITICAL", "UNKNOWN", "SOMETHING_NEW"])
def test_a_backend_that_is_not_ok_fails_the_gate_whatever_the_set_is_called(status: str) -> None:
    assert not seen(health(4, status, critical=[1])).passed


def test_the_backends_that_are_not_ok_are_named() -> None:
    observed = seen(health(4, "CRITICAL", critical=[1, 2], warning=[3])).observed
    assert observed == (
        "CRITICAL, 1 of 4 backends that take new users are OK; critical: 10.0.0.1:80, 10.0.0.2:80; warning: 10.0.0.3:80"
    )


@pytest.mark.parametrize(("min_healthy", "passed"), [(3, True), (4, False)])
def test_as_many_as_asked_for_are_enough(min_healthy: int, passed: bool) -> None:
    assert seen(health(4, "WARNING", critical=[1]), min_healthy=min_healthy).passed is passed


def test_fewer_than_half_can_be_enough_if_that_is_asked_for() -> None:
    assert seen(health(4, "CRITICAL", critical=[1, 2, 3]), min_healthy=1).passed


def test_more_than_there_are_is_never_enough() -> None:
    assert not seen(health(2), "serving", "serving", min_healthy=3).passed


@pytest.mark.parametrize("min_healthy", [None, 1])
def test_unknown_fails_though_no_backend_is_named(min_healthy: int | None) -> None:
    found = seen(health(4, "UNKNOWN"), min_healthy=min_healthy)
    assert (found.passed, "a listener uses" in found.remedy) == (False, True)


@pytest.mark.parametrize("status", ["OK", "UNKNOWN"])
def test_a_set_without_backends_fails(status: str) -> None:
    found = judge(options_of(KIND, **SET), {"lifecycleState": "ACTIVE", "backendSets": {"app": {}}}, health(0, status))
    assert (found.passed, found.remedy) == (False, "Add backends to the set.")


@pytest.mark.parametrize("min_healthy", [None, 1])
@pytest.mark.parametrize("kind", ["drained", "offline", "backup"])
def test_backends_that_get_no_new_users_do_not_make_it_pass(kind: str, min_healthy: int | None) -> None:
    found = seen(health(2), kind, kind, min_healthy=min_healthy)
    assert (found.passed, f"{kind}: 10.0.0.1:80, 10.0.0.2:80" in found.observed) == (False, True)


def test_a_healthy_sorry_server_does_not_stand_for_the_dead_primaries() -> None:
    assert not seen(health(2, "WARNING", critical=[1]), "serving", "backup", min_healthy=1).passed


def test_a_dead_backend_that_is_drained_fails_nothing_and_is_named() -> None:
    found = seen(health(2, "WARNING", critical=[2]), "serving", "drained")
    assert (found.passed, "drained: 10.0.0.2:80" in found.observed) == (True, True)


def test_health_of_other_backends_than_the_load_balancer_lists_fails() -> None:
    assert seen(health(5)).observed == "its health is of 5 backends, and the load balancer lists 4"


def test_a_load_balancer_that_is_not_active_fails_whatever_its_health_says() -> None:
    assert seen(health(4), state="FAILED").observed == "the load balancer is FAILED"


def test_the_expectation_is_reported() -> None:
    assert KIND.expected(options_of(KIND, **SET)) == "all backends of app that take new users OK"
    assert KIND.expected(options_of(KIND, **SET, min_healthy=2)) == "at least 2 backends of app that take new users OK"


@pytest.mark.parametrize("min_healthy", [0, -1])
def test_a_number_that_proves_nothing_is_refused(min_healthy: int) -> None:
    gate: dict[str, t.Any] = {"name": "app", "oci_backend_set": {**SET, "min_healthy": min_healthy}}
    with pytest.raises(RefusedError, match="At least one backend"):
        defined(gate, {"oci_backend_set": KIND})
