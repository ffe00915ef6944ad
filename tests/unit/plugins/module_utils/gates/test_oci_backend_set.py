# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the gate ``oci_backend_set`` makes of what the load balancer says."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation
from ansible_collections.tidegate.failover.plugins.module_utils._gates.oci_backend_set import KIND, judge

from .gates import defined, options_of

SET = {"load_balancer_id": "ocid1.loadbalancer.oc1..aaaa", "backend_set": "app"}


def seen(status: str, total: int = 4, min_healthy: int | None = None, **names: list[str]) -> Observation:
    states = {f"{state}StateBackendNames": found for state, found in names.items()}
    more = {} if min_healthy is None else {"min_healthy": min_healthy}
    return judge(options_of(KIND, **SET, **more), {"status": status, "totalBackendCount": total, **states})


def test_a_set_that_is_ok_passes() -> None:
    assert seen("OK") == Observation(True, "OK, 4 of 4 backends OK")


@pytest.mark.parametrize("status", ["WARNING", "CRITICAL", "UNKNOWN", "SOMETHING_NEW"])
def test_any_other_status_fails(status: str) -> None:
    assert not seen(status, critical=["10.0.0.1:80"]).passed


def test_the_backends_that_are_not_ok_are_named() -> None:
    observed = seen("CRITICAL", critical=["a:80", "b:80"], warning=["c:80"]).observed
    assert observed == "CRITICAL, 1 of 4 backends OK; critical: a:80, b:80; warning: c:80"


@pytest.mark.parametrize(("min_healthy", "passed"), [(3, True), (4, False)])
def test_as_many_as_asked_for_are_enough(min_healthy: int, passed: bool) -> None:
    assert seen("WARNING", min_healthy=min_healthy, critical=["a:80"]).passed is passed


def test_fewer_than_half_can_be_enough_if_that_is_asked_for() -> None:
    assert seen("CRITICAL", min_healthy=1, critical=["a:80", "b:80", "c:80"]).passed


def test_more_than_there_are_is_never_enough() -> None:
    assert not seen("OK", total=2, min_healthy=3).passed


@pytest.mark.parametrize("min_healthy", [None, 1])
def test_unknown_fails_though_no_backend_is_named(min_healthy: int | None) -> None:
    found = seen("UNKNOWN", min_healthy=min_healthy)
    assert (found.passed, "a listener uses" in found.remedy) == (False, True)


@pytest.mark.parametrize("status", ["OK", "UNKNOWN"])
def test_a_set_without_backends_fails(status: str) -> None:
    assert seen(status, total=0).remedy == "Add backends to the set."


def test_a_person_is_told_what_is_expected() -> None:
    assert KIND.expected(options_of(KIND, **SET)) == "all backends of app OK"
    assert KIND.expected(options_of(KIND, **SET, min_healthy=2)) == "at least 2 backends of app OK"


@pytest.mark.parametrize("min_healthy", [0, -1])
def test_a_number_that_proves_nothing_is_refused(min_healthy: int) -> None:
    gate: dict[str, t.Any] = {"name": "app", "oci_backend_set": {**SET, "min_healthy": min_healthy}}
    with pytest.raises(RefusedError, match="At least one backend"):
        defined(gate, {"oci_backend_set": KIND})
