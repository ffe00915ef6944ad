# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Health checks to lock in the lab, and checks of the outcome."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from lab.process import RunningLab

from .ansible_task import AnsibleTask
from .measuring import BenchError

MODULE = "tidegate.failover.r53_healthcheck_lock"
#: How every pinned path begins that carries the path of these health checks.
PINNED = "/lb-check-failed-over?restore=%2Flb-check&lock="

Json = dict[str, Any]


class LockLab:
    """Health checks of a site that is up, all of one endpoint, with nobody probing them."""

    def __init__(self, lab: RunningLab, most: int) -> None:
        """Make health checks, for :meth:`unlocked` to give at most so many."""
        self._lab = lab
        site = lab.info["aws"]["sites"]["primary"]
        config = {"IPAddress": site["address"], "Port": site["port"]}
        ids = set(lab.control("POST", "/aws/health-checks", {"count": most, "config": config})["ids"])
        self._unlocked = [check for check in self.health_checks() if check["Id"] in ids]

    def sign_in(self) -> dict[str, str]:
        """The address and credentials of the lab, as options of a task."""
        return {name: self._lab.info["aws"][name] for name in ("endpoint_url", "access_key", "secret_key", "region")}

    def unlocked(self, count: int) -> list[Json]:
        """Health checks as they are before a lock."""
        return self._unlocked[:count]

    def locked(self, count: int, like: Json) -> list[Json]:
        """The same ones, locked as ``like`` is."""
        path = {"ResourcePath": like["HealthCheckConfig"]["ResourcePath"]}
        return [
            {
                **check,
                "HealthCheckConfig": check["HealthCheckConfig"] | path,
                "HealthCheckVersion": like["HealthCheckVersion"],
                "Tags": like["Tags"] | check["Tags"],
            }
            for check in self.unlocked(count)
        ]

    def lock_task(self, count: int, home: Path) -> AnsibleTask:
        """The task of the module that locks so many."""
        ids = [check["Id"] for check in self.unlocked(count)]
        options = {"state": "locked", "health_check_ids": ids, "owner": "operator:bench", **self.sign_in()}
        return AnsibleTask(f"lock-{count}", MODULE, options, home)

    def begin(self, checks: list[Json], answer_seconds: float = 0.0) -> None:
        """Let the account have these health checks and no others, and forget all requests.

        :param answer_seconds: how long every answer takes longer than it takes here.
        """
        self._lab.control("DELETE", "/faults")
        if answer_seconds:
            self._lab.add_fault("latency", service="route53", seconds=answer_seconds, times=None)
        self._lab.control("PUT", "/aws/health-checks", {"health_checks": checks})
        self._lab.control("DELETE", "/requests")

    def throttle(self, rate: float, burst: float) -> None:
        """Let so many requests through a second from now on, and so many at once."""
        self._lab.control("PUT", "/aws/throttle/route53", {"rate": rate, "burst": burst})

    def health_checks(self) -> list[Json]:
        """Every health check as it is."""
        found: list[Json] = self._lab.control("GET", "/aws/health-checks")["health_checks"]
        return found

    def requests(self) -> list[Json]:
        """Every request since :meth:`begin`."""
        return self._lab.requests()

    def calls(self) -> dict[str, int]:
        """The number of calls of each operation since :meth:`begin`; those that were throttled apart."""
        return dict(
            Counter(
                request["operation"] if request["status"] == 200 else f"{request['operation']} refused"
                for request in self.requests()
            )
        )

    def check_locked(self) -> None:
        """See that every health check is pinned by exactly one update, and differs in nothing else.

        :raises BenchError: one is otherwise.
        """
        before = {check["Id"]: check for check in self._unlocked}
        now = self.health_checks()
        missed = [check["Id"] for check in now if not _pinned_once(before[check["Id"]], check)]
        if missed:
            raise BenchError(f"{len(missed)} of {len(now)} health checks were not locked by one update: {missed[:3]}")

    def check_unchanged(self, checks: list[Json]) -> None:
        """See that the account has exactly these health checks, tags and versions too.

        :raises BenchError: it is otherwise.
        """
        if self.health_checks() != checks:
            raise BenchError("health checks were changed where nothing was to be done")

    def check_reported(self, output: str, *, changed: bool) -> None:
        """Check that the module reported for every health check what the lab stores.

        :param output: what the module's process printed.
        :param changed: whether it had to lock them, or found them locked.
        :raises BenchError: it reported something else.
        """
        reported = {check["health_check_id"]: check for check in json.loads(output)["health_checks"]}
        stored = {check["Id"]: check for check in self.health_checks()}
        wrong = [
            check_id for check_id, check in stored.items() if not _is_reported(check, reported.get(check_id), changed)
        ]
        wrong += [check_id for check_id in reported if check_id not in stored]
        if wrong:
            raise BenchError(f"{len(wrong)} of {len(reported)} health checks differ from the result: {wrong[:3]}")


def _pinned_once(before: Json, check: Json) -> bool:
    config = dict(check["HealthCheckConfig"])
    path = config.pop("ResourcePath")
    expected = {name: value for name, value in before["HealthCheckConfig"].items() if name != "ResourcePath"}
    once = check["HealthCheckVersion"] == before["HealthCheckVersion"] + 1
    return bool(config == expected and once and path.startswith(PINNED))


def _is_reported(check: Json, reported: Json | None, changed: bool) -> bool:
    if reported is None or reported["failed"] or reported["changed"] is not changed:
        return False
    config, lock_id = check["HealthCheckConfig"], reported["lock"]["id"]
    after = {"resource_path": PINNED + lock_id, "disabled": config["Disabled"], "inverted": config["Inverted"]}
    copied = f"tidegate-lock-{lock_id}-restore-1" in check["Tags"]
    stored = config["ResourcePath"] == after["resource_path"] and reported["version"] == check["HealthCheckVersion"]
    return bool(reported["after"] == after and stored and copied)
