# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the figures of the drift watch are made of."""

from __future__ import annotations

from ansible_collections.tidegate.failover.tests.bench.drift import BARE, EMPTY, OURS, aims, of
from ansible_collections.tidegate.failover.tests.bench.measuring import Sample


def test_cost_is_compared_within_one_round() -> None:
    samples = {
        EMPTY: _of(1.0, 3.0, 1.0),
        of(1) + OURS: _of(3.0, 8.0, 3.0),
        of(1) + BARE: _of(1.0, 1.0, 1.0),
    }
    assert [aim.observed for aim in aims(samples, (1,))] == [1.5, 1.0]


def test_one_call_more_than_those_of_the_bare_program_is_found() -> None:
    samples = {EMPTY: _of(1.0), of(10) + OURS: _of(3.0, calls=11), of(10) + BARE: _of(1.0, calls=10)}
    _cost, calls = aims(samples, (10,))
    assert not calls.met


def _of(*cpu_seconds: float, calls: int = 4) -> list[Sample]:
    return [Sample(seconds, seconds, 0, {"GetHealthCheck": calls}) for seconds in cpu_seconds]
