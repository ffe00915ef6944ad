# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Health checks of backends: real requests at the backend set's interval."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

import aiohttp
from yarl import URL

from lab.oci.identifiers import now
from lab.oci.load_balancer.fields import Json
from lab.oci.load_balancer.health import backend_health
from lab.oci.traffic.tls import backend_authority, client_context


@dataclass(frozen=True)
class CheckTarget:
    """The target and the settings of a check. The check is restarted if any of them changes.

    :ivar checker: the items of the backend set's health checker.
    :ivar uses_tls: whether the backend speaks TLS; ``authority``: see :func:`lab.oci.traffic.tls.backend_authority`.
    """

    address: str
    port: int
    uses_tls: bool
    authority: str | None
    is_offline: bool
    checker: tuple[tuple[str, object], ...]


def check_target(backend_set: Json, backend: Json, certificates: Json) -> CheckTarget:
    """The target and the settings of a backend's health check."""
    checker = {
        name: value for name, value in backend_set["healthChecker"].items() if not isinstance(value, dict | list)
    }
    uses_tls = bool(backend_set.get("sslConfiguration")) and not checker.get("isForcePlainText")
    return CheckTarget(
        address=backend["ipAddress"],
        port=checker.get("port") or backend["port"],
        uses_tls=uses_tls,
        authority=backend_authority(backend_set, certificates),
        is_offline=bool(backend.get("offline")),
        checker=tuple(sorted(checker.items())),
    )


class HealthCheck:
    """Checks one backend repeatedly.

    The first outcome counts at once. After that, ``retries`` opposite outcomes in a row are needed to change it.
    """

    def __init__(self, target: CheckTarget, session: aiohttp.ClientSession) -> None:
        self.target = target
        self.status = "OFFLINE" if target.is_offline else "UNKNOWN"
        self._checker: Json = dict(target.checker)
        self._session = session
        self._time = now()
        self._contrary = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin checking in the background."""
        if not self.target.is_offline:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop checking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def describe(self) -> Json:
        """The backend's health in the API's form."""
        return backend_health(self.status, self._time)

    async def _run(self) -> None:
        interval = self._checker.get("intervalInMillis") or 10_000
        while True:
            self._note(await self._probe())
            await asyncio.sleep(interval / 1000)

    def _note(self, outcome: str) -> None:
        self._time = now()
        if self.status == "UNKNOWN" or (outcome == "OK") == (self.status == "OK"):
            self.status = outcome
            self._contrary = 0
            return
        self._contrary += 1
        if self._contrary >= (self._checker.get("retries") or 3):
            self.status = outcome
            self._contrary = 0

    async def _probe(self) -> str:
        """Run one health check; returns the outcome in the API's terms."""
        try:
            async with asyncio.timeout((self._checker.get("timeoutInMillis") or 3000) / 1000):
                return await (self._probe_tcp() if self._checker.get("protocol") == "TCP" else self._probe_http())
        except TimeoutError:
            return "TIMED_OUT"
        except (aiohttp.ClientConnectorError, ConnectionRefusedError):
            return "CONNECT_FAILED"
        except (aiohttp.ClientError, OSError):
            return "IO_ERROR"

    async def _probe_tcp(self) -> str:
        _unused, writer = await asyncio.open_connection(self.target.address, self.target.port)
        writer.close()
        await writer.wait_closed()
        return "OK"

    async def _probe_http(self) -> str:
        url = URL.build(
            scheme="https" if self.target.uses_tls else "http",
            host=self.target.address,
            port=self.target.port,
            path=self._checker.get("urlPath") or "/",
        )
        async with self._session.get(url, allow_redirects=False, ssl=client_context(self.target.authority)) as response:
            body = await response.text(errors="replace")
        if response.status != (self._checker.get("returnCode") or 200):
            return "INVALID_STATUS_CODE"
        pattern = self._checker.get("responseBodyRegex")
        return "OK" if not pattern or re.search(pattern, body) else "REGEX_MISMATCH"
