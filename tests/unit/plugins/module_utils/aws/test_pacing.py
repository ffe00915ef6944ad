# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Requests are held back only once the service throttles, and then just enough."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws.pacing import Pacer

from ..clocks import FakeClock


class Limit:
    """A service that takes so many requests a second and, after a rest, a burst of as many at once."""

    def __init__(self, rate: float, clock: FakeClock) -> None:
        self.rate, self.clock = rate, clock
        self.tokens, self.filled = rate, clock.now()
        self.taken = self.refused = 0

    def take(self) -> bool:
        self.tokens = min(self.rate, self.tokens + (self.clock.now() - self.filled) * self.rate)
        self.filled = self.clock.now()
        if self.tokens < 1:
            self.refused += 1
            return False
        self.tokens -= 1
        self.taken += 1
        return True


def send(count: int, pacer: Pacer, limit: Limit, *, latency: float = 0.0) -> None:
    """Send until so many requests were taken, each as soon as the pacer lets it."""
    wanted = limit.taken + count
    while limit.taken < wanted:
        sent = pacer.wait_turn()
        limit.clock.sleep(latency)
        if limit.take():
            pacer.passed()
        else:
            pacer.throttled(sent)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def pacer(clock: FakeClock) -> Pacer:
    return Pacer(clock)


def test_nothing_is_held_back_before_the_service_throttles(clock: FakeClock, pacer: Pacer) -> None:
    send(1000, pacer, Limit(1e9, clock))
    assert clock.seconds == 0


@pytest.mark.parametrize("rate", [5, 40])
@pytest.mark.parametrize("latency", [0.0, 0.02])
def test_as_much_is_sent_as_the_limit_lets_through(clock: FakeClock, pacer: Pacer, rate: float, latency: float) -> None:
    count = int(rate) * 100
    send(count, pacer, Limit(rate, clock), latency=latency)
    at_least = (count - rate) / rate
    assert clock.seconds <= 1.05 * at_least


@pytest.mark.parametrize("rate", [5, 40])
def test_few_requests_are_refused(clock: FakeClock, pacer: Pacer, rate: float) -> None:
    limit = Limit(rate, clock)
    send(int(rate) * 100, pacer, limit)
    assert limit.refused <= limit.taken * 0.1


def test_requests_that_were_under_way_when_the_rate_was_lowered_lower_it_once(clock: FakeClock, pacer: Pacer) -> None:
    sent = [pacer.wait_turn() for _request in range(20)]
    for _request in range(10):
        pacer.passed()
    clock.seconds += 0.1
    for time in sent[10:]:
        pacer.throttled(time)
    begun = clock.seconds
    pacer.wait_turn()
    pacer.wait_turn()
    assert clock.seconds - begun < 0.3


def test_a_limit_that_is_lifted_is_not_feared_for_long(clock: FakeClock, pacer: Pacer) -> None:
    limit = Limit(5, clock)
    send(100, pacer, limit)
    limit.rate = 1e9
    lifted = clock.seconds
    send(1000, pacer, limit)
    assert clock.seconds - lifted < 60


def test_the_rate_is_never_lowered_to_nothing(clock: FakeClock, pacer: Pacer) -> None:
    for _request in range(50):
        pacer.throttled(pacer.wait_turn())
    begun = clock.seconds
    pacer.wait_turn()
    assert clock.seconds - begun <= 3


def test_after_hours_of_rest_requests_still_leave(clock: FakeClock, pacer: Pacer) -> None:
    pacer.throttled(pacer.wait_turn())
    clock.seconds += 10_000
    begun = clock.seconds
    for _request in range(100):
        pacer.wait_turn()
    assert clock.seconds - begun < 1
