# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Runs the checkers of all health checks, and keeps what they saw."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp

from lab.aws.health_checkers.checker import Checker, Observation
from lab.aws.health_checkers.probe import TIMED_OUT, Endpoint, probe
from lab.aws.route53_health_checks.config import ENDPOINT_TYPES, HTTPS_TYPES
from lab.aws.route53_health_checks.store import HealthCheck, HealthCheckStore
from lab.aws.tasks import background

#: The regions that checkers probe from (service model of Route 53), each with a block of addresses for documentation.
REGIONS = (
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1",
)
_FORCED = "Failure: The lab made this checker fail."


async def _probe(session: aiohttp.ClientSession, endpoint: Endpoint) -> tuple[bool, str]:
    """Probe, and once more if that timed out.

    The endpoint is a process of the same machine. If that machine is busy, the endpoint may not run for as long as a
    checker waits, and at a ``FailureThreshold`` of 1 that alone would turn the verdict. An endpoint that is slow by
    itself times out again.
    """
    success, text = await probe(session, endpoint)
    return (success, text) if text != TIMED_OUT else await probe(session, endpoint)


class CheckerPool:
    """All checkers of all health checks.

    One probe per interval serves all checkers of a check: each takes it in on its own, because the share of checkers
    that agree is what counts, and a test can make some of them fail.

    :param resolve: the loopback address of a name, or None.
    """

    def __init__(
        self,
        store: HealthCheckStore,
        resolve: Callable[[str], str | None],
        time_factor: float,
        per_region: int,
    ) -> None:
        self._store = store
        self._resolve = resolve
        self._time_factor = time_factor
        self._per_region = per_region
        self._session: aiohttp.ClientSession | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._checkers: dict[str, list[Checker]] = {}
        #: How many checkers of a check are made to fail, by id.
        self.failing: dict[str, int] = {}
        #: Checks that nobody probes; they stay as healthy as a new one. For benchmarks with very many checks.
        self.unprobed: set[str] = set()

    async def start(self) -> None:
        """Get ready to probe."""
        connector = aiohttp.TCPConnector(limit=64, force_close=True)
        self._session = aiohttp.ClientSession(connector=connector, auto_decompress=False)

    async def stop(self) -> None:
        """Stop probing."""
        self.clear()
        if self._session is not None:
            await self._session.close()

    def clear(self) -> None:
        """Forget all checks and what was seen of them."""
        for task in self._tasks.values():
            task.cancel()
        for forgotten in (self._tasks, self._checkers, self.failing):
            forgotten.clear()
        self.unprobed.clear()

    def changed(self, check_id: str) -> None:
        """Take note that a health check was created, updated or deleted."""
        check = self._store.find(check_id)
        if check is None:
            self.forget(check_id)
        elif check_id not in self._tasks and check.config["Type"] in ENDPOINT_TYPES and check_id not in self.unprobed:
            self._tasks[check_id] = background(self._watch(check), f"The checkers of {check_id}")

    def forget(self, check_id: str) -> None:
        """Stop probing for a health check, and forget what was seen of it."""
        task = self._tasks.pop(check_id, None)
        if task is not None:
            task.cancel()
        self._checkers.pop(check_id, None)
        self.failing.pop(check_id, None)
        self.unprobed.discard(check_id)

    async def _watch(self, check: HealthCheck) -> None:
        if self._session is None:
            raise RuntimeError("The checkers were not started.")
        while True:
            config = check.config
            if config["Disabled"]:
                self._checkers.pop(check.id, None)
            else:
                success, text = await _probe(self._session, self._endpoint(check))
                # A setting may have changed while the probe was under way; then it answers a question of yesterday.
                if check.config is config:
                    self._record(check, Observation(success, text, datetime.now(UTC)))
            await asyncio.sleep(config["RequestInterval"] / self._time_factor)

    def _endpoint(self, check: HealthCheck) -> Endpoint:
        config = check.config
        name: str | None = config.get("FullyQualifiedDomainName")
        scheme = "tcp" if config["Type"] == "TCP" else "https" if config["Type"] in HTTPS_TYPES else "http"
        return Endpoint(
            scheme=scheme,
            address=config.get("IPAddress") or self._resolve(name or ""),
            port=config["Port"],
            host=name,
            path=config.get("ResourcePath") or "/",
            search=config.get("SearchString"),
            sni=bool(config.get("EnableSNI") and name),
            reference=check.id,
        )

    def _record(self, check: HealthCheck, seen: Observation) -> None:
        failing = self.failing.get(check.id, 0)
        for index, checker in enumerate(self._checkers_of(check)):
            observation = Observation(False, _FORCED, seen.time) if index < failing else seen
            checker.observe(observation, check.config["FailureThreshold"])

    def _checkers_of(self, check: HealthCheck) -> list[Checker]:
        """The check's checkers, as its regions have them now; those of a region that stays keep their memory."""
        regions = [region for region in REGIONS if region in (check.config.get("Regions") or REGIONS)]
        known = {(checker.region, checker.address): checker for checker in self._checkers.get(check.id, [])}
        wanted = [(region, address) for region in regions for address in self._addresses(region)]
        checkers = [known.get(key) or Checker(*key) for key in wanted]
        self._checkers[check.id] = checkers
        return checkers

    def _addresses(self, region: str) -> list[str]:
        first = 1 + REGIONS.index(region) * self._per_region
        return [f"198.51.100.{first + offset}" for offset in range(self._per_region)]

    def healthy_share(self, check_id: str) -> float:
        """The share of a check's checkers that think it healthy; all of them while there is no data."""
        checkers = self._checkers.get(check_id)
        if not checkers:
            return 1.0
        return sum(checker.healthy for checker in checkers) / len(checkers)

    def observations(self, check: HealthCheck, failures: bool) -> list[Mapping[str, Any]]:
        """What each checker saw last, or its last failure, in the shape of the API. A disabled check has none."""
        result: list[Mapping[str, Any]] = []
        if check.config["Disabled"]:
            return result
        for checker in self._checkers.get(check.id, []):
            seen = checker.last_failure if failures else checker.last
            if seen is not None:
                report = {"Status": seen.text, "CheckedTime": seen.time}
                result.append({"Region": checker.region, "IPAddress": checker.address, "StatusReport": report})
        return result

    def ip_ranges(self) -> list[str]:
        """Where probes come from, as Route 53 would list it."""
        return ["198.51.100.0/24"]
