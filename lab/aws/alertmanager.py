# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The notifications of Prometheus Alertmanager to a receiver with ``webhook_configs``, and its attempts.

Source: "webhook_config" and "Templates" in the documentation of Alertmanager, version 4 of the data. The client of the
lab decides when an alert fires and how alerts are grouped.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import aiohttp
from yarl import URL

Json = dict[str, Any]
FIRING, RESOLVED = STATES = ("firing", "resolved")
#: The end time in an alert that still fires.
_NEVER = "0001-01-01T00:00:00Z"
_HEADERS = {"User-Agent": "Alertmanager/0.28.1", "Content-Type": "application/json"}
_PAUSE = 0.5
_TIMEOUT = aiohttp.ClientTimeout(total=30)
_FNV_OFFSET, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3


def notification(alerts: Sequence[Json], group_by: Sequence[str] = ("accelerator",), cut: int = 0) -> Json:
    """A notification about a group of alerts.

    :param alerts: each with ``labels``, and optional ``status``, ``startsAt`` and ``endsAt``. By default an alert fires
        from now on.
    :param group_by: the labels that the alerts of the group share.
    :param cut: how many alerts ``max_alerts`` left out.
    :raises ValueError: an alert has no labels, or an unknown state.
    """
    found = [_alert(one) for one in alerts]
    labels = [one["labels"] for one in found]
    common = dict(set.intersection(*(set(one.items()) for one in labels))) if labels else {}
    grouped = {name: common[name] for name in group_by if name in common}
    shown = ", ".join(f'{name}="{value}"' for name, value in grouped.items())
    return {
        "receiver": "failover",
        "status": FIRING if any(one["status"] == FIRING for one in found) else RESOLVED,
        "alerts": found,
        "groupLabels": grouped,
        "commonLabels": common,
        "commonAnnotations": {},
        "externalURL": "https://alertmanager.example.com",
        "version": "4",
        "groupKey": f'{{}}/{{alertname="SiteOffline"}}:{{{shown}}}',
        "truncatedAlerts": cut,
    }


def _alert(given: Json) -> Json:
    labels, state = given.get("labels"), given.get("status", FIRING)
    if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
        raise ValueError(f"the labels of an alert must be texts by name; got {labels!r}")
    if state not in STATES:
        raise ValueError(f"the status of an alert is {' or '.join(STATES)}; got {state!r}")
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "status": state,
        "labels": labels,
        "annotations": given.get("annotations", {}),
        "startsAt": given.get("startsAt", now),
        "endsAt": given.get("endsAt", _NEVER if state == FIRING else now),
        "generatorURL": "https://prometheus.example.com/graph?g0.expr=vendor_jgroups_site_view_status&g0.tab=1",
        "fingerprint": fingerprint(labels),
    }


def fingerprint(labels: Mapping[str, str]) -> str:
    """The fingerprint of an alert: the FNV-1a hash of its labels in the order of their names."""
    found = _FNV_OFFSET
    for name, value in sorted(labels.items()):
        for byte in (*name.encode(), 0xFF, *value.encode(), 0xFF):
            found = ((found ^ byte) * _FNV_PRIME) % 2**64
    return f"{found:016x}"


async def send(given: Json) -> Json:
    """Send a notification. Send it again while there is no answer, or the answer is 5xx, and not after other answers.

    :param given: ``url``; ``username`` and ``password``, or ``token``; ``alerts``, ``group_by`` and ``truncated`` as of
        :func:`notification`; ``seconds`` for all attempts.
    :returns: the last ``status`` and the number of ``attempts``.
    :raises ValueError: one of these is missing, or the address is not on this machine.
    """
    url = URL(str(given.get("url")))
    if url.host is None or not (url.host == "localhost" or _is_loopback(url.host)):
        raise ValueError(f"the lab sends to this machine alone; got {url.host!r}")
    body = notification(given.get("alerts", []), given.get("group_by", ("accelerator",)), given.get("truncated", 0))
    end = asyncio.get_running_loop().time() + float(given.get("seconds", 0))
    attempts = 0
    async with aiohttp.ClientSession(headers=_HEADERS | _authorization(given), timeout=_TIMEOUT) as session:
        while True:
            attempts += 1
            status = await _post(session, url, body)
            if 0 < status < 500 or asyncio.get_running_loop().time() >= end:
                return {"status": status, "attempts": attempts}
            await asyncio.sleep(_PAUSE)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _authorization(given: Json) -> dict[str, str]:
    if "token" in given:
        return {"Authorization": f"Bearer {given['token']}"}
    if "username" in given:
        return {"Authorization": aiohttp.BasicAuth(given["username"], given.get("password", ""), "utf-8").encode()}
    return {}


async def _post(session: aiohttp.ClientSession, url: URL, body: Json) -> int:
    """The status of the answer; 0 if there was none."""
    try:
        # The same as tls_config with insecure_skip_verify.
        async with session.post(url, json=body, ssl=False) as answer:
            await answer.read()
            return answer.status
    except (aiohttp.ClientError, TimeoutError, OSError):
        return 0
