# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which health checks can be locked, and which can carry the claim of a run."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lockable import check_claimable, check_updatable
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH, pinned_path

from . import health_checks as of

LONG = "/" + "a" * 200


@pytest.mark.parametrize("kind", ["HTTP", "TCP", "CALCULATED", "CLOUDWATCH_METRIC"])
def test_every_other_type_can_be_updated(kind: str) -> None:
    check_updatable(of.health_check(None, Type=kind))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (of.health_check(None, Type="RECOVERY_CONTROL"), "<ARN of its routing control>"),
        (of.health_check(None, Type="CALCULATED"), "is of type CALCULATED, which has no path"),
        (of.health_check(LONG), "allows 255. A run claims a service in the path"),
        (of.always_unhealthy(LONG), "allows 255. A run claims a service in the path"),
    ],
    ids=["routing control", "no path", "long path", "long path, locked"],
)
def test_a_health_check_that_can_carry_no_claim_is_refused(found: HealthCheck, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        check_claimable(found, DEFAULT_LOCK_PATH)


@pytest.mark.parametrize(
    "path", ["/lb-check", None, pinned_path(DEFAULT_LOCK_PATH, "/" + "a" * 190, of.LOCK_ID), DEFAULT_LOCK_PATH]
)
def test_a_path_that_fits_or_is_pinned_already_can_carry_a_claim(path: str | None) -> None:
    check_claimable(of.health_check(path), DEFAULT_LOCK_PATH)
