# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Part of event sources: visit an address of a message only if its host belongs to the cloud."""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from re import Pattern
from typing import Any

import aiohttp
from yarl import URL

LOGGER = logging.getLogger(__name__)

# -- shared --

SUCCESS = range(200, 300)
# Seconds to wait before each attempt to confirm a subscription.
CONFIRMATION_PAUSES = (0, 2, 10, 60)
# References to running tasks, so that Python does not remove the tasks as garbage.
CONFIRMING: set[asyncio.Task[None]] = set()


def _hosts(args: dict[str, Any], name: str, default: str) -> Pattern[str]:
    """Return the pattern of the cloud's hosts. :raises ValueError: the option is no regular expression."""
    value = args.get(name) or default
    try:
        return re.compile(value, re.IGNORECASE)
    except TypeError as problem:
        message = f"The option {name} must be one regular expression, as text; it is a {type(value).__name__}."
        raise ValueError(message) from problem
    except re.error as problem:
        message = f"The option {name} is no regular expression: {problem}. Write \\. for a dot."
        raise ValueError(message) from problem


def _pinned(address: str, hosts: Pattern[str]) -> URL | None:
    """Return the address if it is https and C(hosts) matches its host, with the port if that is not 443."""
    try:
        url = URL(address)
        host = url.host if url.port in (None, 443) else f"{url.host}:{url.port}"
    except ValueError:
        return None
    if url.scheme != "https" or url.user is not None or url.password is not None or not hosts.fullmatch(host or ""):
        return None
    return url


def _origin(address: str) -> str:
    """Return scheme, host and port of an address, for the log. Its other parts may hold tokens and passwords."""
    try:
        url = URL(address)
        port = "" if url.explicit_port is None else f":{url.explicit_port}"
    except ValueError:
        return "an address that is malformed"
    return f"{url.scheme}://{url.host or ''}{port}"


def _pinning_session(ca_file: str | None, seconds: float) -> aiohttp.ClientSession:
    """Return a session that visits such addresses, with a timeout in seconds for each request."""
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=ca_file or None))
    timeout = aiohttp.ClientTimeout(total=seconds)
    return aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False)


def _confirm_in_background(session: aiohttp.ClientSession, url: URL) -> None:
    """Confirm a subscription, after the response to its message."""
    task = asyncio.create_task(_confirm(session, url))
    CONFIRMING.add(task)
    task.add_done_callback(CONFIRMING.discard)


async def _confirm(session: aiohttp.ClientSession, url: URL) -> None:
    """Confirm a subscription by visiting its address. Redirects could lead anywhere, so they are not followed."""
    outcome = ""
    for pause in CONFIRMATION_PAUSES:
        await asyncio.sleep(pause)
        try:
            async with session.get(url, allow_redirects=False) as answer:
                outcome = f"it answered {answer.status}"
                if answer.status in SUCCESS:
                    LOGGER.info("The subscription is confirmed at %s", url.host)
                    return
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            outcome = type(problem).__name__
    LOGGER.error("Not confirmed at %s: %s. Have the subscription send its confirmation again.", url.host, outcome)
