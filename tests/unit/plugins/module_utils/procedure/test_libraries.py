# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A library that a step, gate or fence needs is found missing before anything is done."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.libraries import library_problems
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import failback, failover

ZONE = {"zone": "example.com", "name": "checkout.example.com"}
ANSWERS = {"name": "checkout.example.com", "primary_answers": ["192.0.2.1"]}
POSTGRESQL = {"name": "caught up", "postgresql": {}}


@pytest.mark.parametrize(
    ("options", "page", "missing"),
    [
        (failover(), {}, "boto3 is missing, which the lock needs"),
        (failover(), {"load_balancer_id": "x"}, "oci is missing, which the page needs"),
        (failover(records=[ZONE]), {}, "dnspython is missing, which the step wait needs"),
        (failback(records=[ANSWERS]), {}, "dnspython is missing, which the step wait needs"),
        (failback(gates=[POSTGRESQL]), {}, "psycopg[binary] is missing, which the gate 'caught up' needs"),
        (failover(fences=[{"name": "gone", "dns": {}}]), {}, "dnspython is missing, which the gate 'gone' needs"),
    ],
)
def test_a_library_that_will_be_needed_is_reported(options: t.Any, page: t.Any, missing: str) -> None:
    assert missing in " ".join(library_problems(options, page, lambda _module: False))


def test_a_library_that_nothing_needs_is_not_asked_for() -> None:
    assert library_problems(failover(records=[]), {}, lambda module: module == "boto3") == []
