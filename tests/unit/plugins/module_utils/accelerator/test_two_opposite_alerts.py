# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Two runs that take out a site each at the same moment, whatever the order of their calls: exactly one site stays."""

from __future__ import annotations

import threading
import typing as t
from collections.abc import Sequence
from types import SimpleNamespace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._module import global_accelerator_site
from hypothesis import given
from hypothesis import strategies as st

Json = dict[str, t.Any]
ARN = "arn:aws:globalaccelerator::123456789012:accelerator/a/listener/l/endpoint-group/"
SITES = ("primary", "secondary")
#: Seconds that each call takes.
CALLS = st.lists(st.integers(0, 3000), min_size=24, max_size=24)
DEADLINE_SECONDS = 30


class Time:
    """Simulated time for threads. Only the thread whose turn comes first runs."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._turns: dict[int, tuple[float, int]] = {}
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def join(self, number: int) -> None:
        self._turns[number] = (0.0, number)

    def leave(self, number: int) -> None:
        with self._condition:
            del self._turns[number]
            self._condition.notify_all()

    def wait(self, number: int, seconds: float) -> None:
        """Come back after so many seconds, when everybody else is later."""
        with self._condition:
            self._turns[number] = (self._now + seconds, number)
            self._condition.notify_all()
            first = self._condition.wait_for(lambda: min(self._turns.values())[1] == number, DEADLINE_SECONDS)
            assert first
            self._now = max(self._now, self._turns[number][0])


class Run:
    """One run of the module: its side of Ansible, of the clock and of the service."""

    def __init__(self, time: Time, dials: dict[str, float], to: str, calls: Sequence[int]) -> None:
        self.number, self.time, self.dials, self.to = SITES.index(to), time, dials, to
        self.calls = list(calls)
        self.result: Json = {}
        time.join(self.number)

    @property
    def meta(self) -> t.Any:
        return SimpleNamespace(endpoint_url="https://globalaccelerator.example.com")

    def _take(self) -> None:
        self.time.wait(self.number, (self.calls.pop() if self.calls else 500) / 1000)

    def describe_endpoint_group(self, **given: t.Any) -> Json:
        self._take()
        arn = given["EndpointGroupArn"]
        dial, endpoint = self.dials[arn.rpartition("/")[2]], {"EndpointId": arn, "HealthState": "HEALTHY"}
        reported = {"EndpointGroupArn": arn, "TrafficDialPercentage": dial, "EndpointDescriptions": [endpoint]}
        return {"EndpointGroup": reported}

    def update_endpoint_group(self, **given: t.Any) -> Json:
        self._take()
        self.dials[given["EndpointGroupArn"].rpartition("/")[2]] = given["TrafficDialPercentage"]
        return {}

    def describe_accelerator(self, **_given: t.Any) -> Json:
        self._take()
        return {"Accelerator": {"Status": "DEPLOYED"}}

    def now(self) -> float:
        return self.time.now()

    def sleep(self, seconds: float) -> None:
        self.time.wait(self.number, seconds)

    def warn(self, _warning: str) -> None:
        """Ignore messages."""

    def exit_json(self, **result: t.Any) -> None:
        self.result = {"failed": False, **result}

    def fail_json(self, **result: t.Any) -> None:
        self.result = {**result, "failed": True}

    @property
    def params(self) -> Json:
        target: Json = {site: {"endpoint_group_arn": f"{ARN}{site}"} for site in SITES}
        target |= {"name": "checkout", "passive": True, "bring_in": "never"}
        return {"to": self.to, "targets": [target], "wait_timeout": 600, "if_last_site": "hold_back"}

    check_mode = False

    def main(self) -> None:
        try:
            self.time.wait(self.number, 0)
            global_accelerator_site.run(t.cast(t.Any, self))
        finally:
            self.time.leave(self.number)


CURRENT = threading.local()


@pytest.fixture(autouse=True)
def _worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each thread meets its own clock and its own client."""
    monkeypatch.setattr(global_accelerator_site, "Clock", lambda: CURRENT.run)
    monkeypatch.setattr(global_accelerator_site, "aws_client", lambda *_given, **_more: CURRENT.run)


@given(calls=st.tuples(CALLS, CALLS))
def test_i10_two_opposite_alerts_at_the_same_moment_leave_exactly_one_site(
    calls: tuple[list[int], list[int]],
) -> None:
    time, dials = Time(), dict.fromkeys(SITES, 100.0)
    runs = [Run(time, dials, to, own) for to, own in zip(SITES, calls, strict=True)]

    def work(run: Run) -> None:
        CURRENT.run = run
        run.main()

    threads = [threading.Thread(target=work, args=(run,), daemon=True) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_SECONDS)
    assert [run.result["failed"] for run in runs] == [False, False], runs[0].result
    assert sorted(dials.values()) == [0, 100]
