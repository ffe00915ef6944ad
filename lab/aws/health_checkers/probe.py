# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""One probe of an endpoint over real HTTP, HTTPS or TCP, with the limits of Route 53's checkers.

Source: the Developer Guide of Route 53, "How Amazon Route 53 determines whether a health check is healthy". The texts
of failures are not documented; they follow what the console shows.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
from yarl import URL

#: Seconds; real ones, see AwsSettings.time_factor.
_CONNECT_TIMEOUT = 4
_STATUS_TIMEOUT = 2
_TCP_TIMEOUT = 10
TIMED_OUT = "Failure: The health check timed out. The endpoint didn't respond in time."
#: The search string must be found within so many bytes of the body.
_SEARCHED_BYTES = 5120


@dataclass(frozen=True)
class Endpoint:
    """What to probe.

    :ivar scheme: ``http``, ``https`` or ``tcp``.
    :ivar address: IP address; only loopback addresses are ever connected to. None if the name has none.
    :ivar host: sent as the Host header, and with ``sni`` as the TLS server name; None sends the address.
    :ivar search: text that the body must hold.
    """

    scheme: str
    address: str | None
    port: int
    host: str | None = None
    path: str = "/"
    search: str | None = None
    sni: bool = False
    reference: str = ""


async def probe(session: aiohttp.ClientSession, endpoint: Endpoint) -> tuple[bool, str]:
    """Probe once.

    :returns: whether it succeeded, and in words what was seen.
    """
    if endpoint.address is None:
        return False, "Failure: DNS resolution failed: Rcode NXDomain(3)"
    if not ipaddress.ip_address(endpoint.address).is_loopback:
        return False, "Failure: The lab's checkers connect to loopback addresses only."
    try:
        if endpoint.scheme == "tcp":
            return await _probe_tcp(endpoint)
        return await _probe_http(session, endpoint)
    except (TimeoutError, aiohttp.ServerTimeoutError):
        return False, TIMED_OUT
    except aiohttp.ClientConnectorError:
        return False, "Failure: The connection to the endpoint was refused."
    except (aiohttp.ClientError, OSError):
        return False, "Failure: The connection to the endpoint was closed before an HTTP status came."
    except ValueError:
        # Route 53 takes names and paths that are no good in a request; it is the probe that fails then.
        return False, "Failure: No request can be made of the name and the path."


async def _probe_tcp(endpoint: Endpoint) -> tuple[bool, str]:
    try:
        async with asyncio.timeout(_TCP_TIMEOUT):
            _unused, writer = await asyncio.open_connection(endpoint.address, endpoint.port)
    except ConnectionRefusedError:
        return False, "Failure: The connection to the endpoint was refused."
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return True, "Success: TCP connection established."


async def _probe_http(session: aiohttp.ClientSession, endpoint: Endpoint) -> tuple[bool, str]:
    host = f"[{endpoint.address}]" if ":" in str(endpoint.address) else endpoint.address
    path = endpoint.path if endpoint.path.startswith("/") else f"/{endpoint.path}"
    url = URL(f"{endpoint.scheme}://{host}:{endpoint.port}{path}", encoded=True)
    headers = {"User-Agent": f"Amazon-Route53-Health-Check-Service (ref {endpoint.reference})"}
    if endpoint.host is not None:
        standard = endpoint.port == (443 if endpoint.scheme == "https" else 80)
        headers["Host"] = endpoint.host if standard else f"{endpoint.host}:{endpoint.port}"
    request = session.get(
        url,
        headers=headers,
        allow_redirects=False,
        ssl=False,
        server_hostname=endpoint.host if endpoint.sni else None,
        timeout=aiohttp.ClientTimeout(sock_connect=_CONNECT_TIMEOUT, sock_read=_STATUS_TIMEOUT),
    )
    async with request as response:
        seen = f"HTTP Status Code {response.status}, {_phrase(response)}"
        if not 200 <= response.status < 400:
            return False, f"Failure: {seen}"
        if endpoint.search is not None and not await _body_holds(response, endpoint.search):
            return False, f"Failure: {seen}. The response body didn't include the search string."
        return True, f"Success: {seen}"


def _phrase(response: aiohttp.ClientResponse) -> str:
    try:
        return HTTPStatus(response.status).phrase
    except ValueError:
        return response.reason or ""


async def _body_holds(response: aiohttp.ClientResponse, search: str) -> bool:
    body = b""
    while len(body) < _SEARCHED_BYTES:
        chunk = await response.content.read(_SEARCHED_BYTES - len(body))
        if not chunk:
            break
        body += chunk
    return search.encode() in body
