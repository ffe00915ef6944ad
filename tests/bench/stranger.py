# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Programs for the bench of strangers: ``python -m tests.bench.stranger source OPTIONS``, or an attack and a port.

Attacks come from another address of loopback than messages do, go to loopback alone, and end by themselves.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import runpy
import ssl
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from .processes import CLONE

#: What an attack prints once it is under way.
BEGUN = "begun"
_SOURCE = CLONE / "extensions" / "eda" / "plugins" / "event_source" / "oci_notifications.py"
_STRANGER = "127.0.0.2"
_MOST_SECONDS = 30.0
_CONNECTIONS = 600
_AT_ONCE = 20
_INFLATED_BYTES = 400_000_000
_ATTEMPTS = 5000
# An attacker does not verify certificates.
_TLS = ssl.create_default_context()
_TLS.check_hostname, _TLS.verify_mode = False, ssl.CERT_NONE
_ENDED = (OSError, EOFError, ssl.SSLError)


async def _source(options: str) -> None:
    """Run the source as the engine does, and take whatever it accepts."""
    queue: asyncio.Queue[Any] = asyncio.Queue()
    given = json.loads(options)
    listening = asyncio.ensure_future(runpy.run_path(str(_SOURCE))["main"](queue, given))
    while not listening.done():
        await asyncio.wait([listening, asyncio.ensure_future(queue.get())], return_when=asyncio.FIRST_COMPLETED)
    await listening


async def _connect(port: str, *, tls: bool = True) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", int(port), ssl=_TLS if tls else None, local_addr=(_STRANGER, 0))


async def _idle(port: str) -> None:
    """Hold connections that send nothing, or half a header if they are accepted; replace closed connections."""

    async def hold(tls: bool) -> None:
        while True:
            try:
                reader, writer = await _connect(port, tls=tls)
                if tls:
                    writer.write(b"POST / HTTP/1.1\r\nHost: loc")
                await reader.read()
                writer.close()
            except _ENDED:
                await asyncio.sleep(0.5)

    await _under_way([hold(number % 3 == 0) for number in range(_CONNECTIONS)])


async def _inflate(port: str) -> None:
    """Send small bodies that become large, without the password."""
    body = gzip.compress(bytes(_INFLATED_BYTES), 9)
    header = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    await _repeat(port, header.encode() + body)


async def _guess(port: str) -> None:
    """Send wrong passwords."""
    await _repeat(port, b"POST / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic b25zOng=\r\n\r\n")


async def _repeat(port: str, sent: bytes) -> None:
    attempts = iter(range(_ATTEMPTS))

    async def send() -> None:
        for _attempt in attempts:
            try:
                reader, writer = await _connect(port)
                writer.write(sent)
                await writer.drain()
                await reader.read()
                writer.close()
            except _ENDED:
                await asyncio.sleep(0)

    await _under_way([send() for _unused in range(_AT_ONCE)])


async def _under_way(parts: list[Coroutine[Any, Any, None]]) -> None:
    tasks = [asyncio.ensure_future(part) for part in parts]
    await asyncio.sleep(1)
    print(BEGUN, flush=True)
    await asyncio.gather(*tasks)


_PROGRAMS: dict[str, Callable[[str], Awaitable[None]]] = {
    "source": _source,
    "idle": _idle,
    "inflate": _inflate,
    "guess": _guess,
}
ATTACKS = ("idle", "inflate", "guess")


async def _main(program: str, argument: str) -> None:
    if program == "source":
        await _source(argument)
        return
    try:
        async with asyncio.timeout(_MOST_SECONDS):
            await _PROGRAMS[program](argument)
    except TimeoutError:
        print("ended", flush=True)


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
