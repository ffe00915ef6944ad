# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What a procedure can find out about databases before any call."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._databases.resources import promotes, ungated
from ansible_collections.tidegate.failover.plugins.module_utils._databases.verdict import Json

REPLICA: Json = {"replica": "west", "source": "east", "returning": {"replica": "east-2"}}


@pytest.mark.parametrize(
    ("target", "kind", "expected"),
    [
        (REPLICA, "planned", True),
        ({"global_cluster": "catalogue"}, "unplanned", True),
        ({"global_cluster": "catalogue"}, "planned", False),
        ({"instance": "accounts"}, "unplanned", False),
        ({"cluster": "sessions"}, "unplanned", False),
    ],
)
def test_what_leaves_a_second_writer_counts_as_a_promotion(target: Json, kind: str, expected: bool) -> None:
    assert promotes([target], kind) is expected


def test_a_replica_that_returns_needs_a_gate_on_its_lag() -> None:
    assert ungated([REPLICA], [{"name": "answers", "http": {"url": "https://example.com"}}]) == ["east-2"]


def test_a_gate_on_its_lag_is_enough() -> None:
    assert ungated([REPLICA], [{"name": "caught up", "rds_replica_lag": {"db_instance": "East-2"}}]) == []


def test_what_is_no_promotion_needs_no_gate() -> None:
    assert ungated([{"cluster": "sessions"}], []) == []
