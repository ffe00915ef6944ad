# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A headless Chromium, driven by its own protocol over a web socket."""

from __future__ import annotations

import asyncio
import base64
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

SECONDS = 60
NAMES = ("chromium", "chromium-browser", "google-chrome")

LOOK = """(() => ({
  text: document.body.innerText,
  scrollWidth: document.documentElement.scrollWidth,
  background: getComputedStyle(document.body).backgroundColor,
  color: getComputedStyle(document.body).color,
  pictures: [...document.images].map(image => image.complete && image.naturalWidth > 0),
}))()"""


@dataclass(frozen=True)
class Seen:
    """What a person sees of a page.

    :ivar pictures: for each picture, whether it is shown.
    :ivar problems: what the browser reported, such as what the page's policy forbids.
    :ivar picture: the screen, as PNG.
    """

    text: str
    scroll_width: int
    background: str
    color: str
    pictures: list[bool]
    problems: list[str]
    picture: bytes


def chromium() -> str | None:
    """The program, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@dataclass(frozen=True)
class Browser:
    """A browser that runs."""

    port: int

    def see(self, url: str, width: int, height: int, scheme: str) -> Seen:
        """Open a page on a screen of that size, with scripts off, for a person who prefers that scheme of colours."""
        return asyncio.run(asyncio.wait_for(self._see(url, width, height, scheme), SECONDS))

    async def _see(self, url: str, width: int, height: int, scheme: str) -> Seen:
        base = f"http://127.0.0.1:{self.port}"
        async with aiohttp.ClientSession() as session:
            async with session.put(f"{base}/json/new") as answer:
                target = await answer.json(content_type=None)
            async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                tab = _Tab(socket)
                await tab.prepare(width, height, scheme)
                await tab.open(url)
                look = (await tab.ask("Runtime.evaluate", expression=LOOK, returnByValue=True))["result"]["value"]
                shot = await tab.ask("Page.captureScreenshot", format="png")
            await session.get(f"{base}/json/close/{target['id']}")
        return Seen(
            text=look["text"],
            scroll_width=look["scrollWidth"],
            background=look["background"],
            color=look["color"],
            pictures=look["pictures"],
            problems=tab.problems,
            picture=base64.b64decode(shot["data"]),
        )


class _Tab:
    """One page of the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._events: list[str] = []
        self.problems: list[str] = []

    async def ask(self, method: str, **parameters: Any) -> Any:
        """Send a command, and wait for its result."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        while True:
            message = await self._socket.receive_json()
            if message.get("id") == self._number:
                assert "error" not in message, message
                return message["result"]
            self._note(message)

    async def prepare(self, width: int, height: int, scheme: str) -> None:
        for domain in ("Page", "Runtime", "Log"):
            await self.ask(f"{domain}.enable")
        # Evaluations of this protocol still run.
        await self.ask("Emulation.setScriptExecutionDisabled", value=True)
        await self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        await self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    async def open(self, url: str) -> None:
        await self.ask("Page.navigate", url=url)
        while "Page.loadEventFired" not in self._events:
            self._note(await self._socket.receive_json())

    def _note(self, message: Any) -> None:
        self._events.append(message["method"])
        if message["method"] == "Log.entryAdded":
            entry = message["params"]["entry"]
            # The status 503 of the page is expected; the browser also requests an icon.
            if "status of 503" not in entry["text"]:
                self.problems.append(entry["text"])


@contextmanager
def running_browser(folder: Path) -> Iterator[Browser]:
    """Run a browser that keeps what it writes below a folder."""
    program = chromium()
    assert program is not None
    options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")
    command = [program, *options, "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            yield Browser(_port(folder, running))
        finally:
            running.terminate()
            running.wait(SECONDS)


def _port(folder: Path, running: subprocess.Popen[bytes]) -> int:
    """It writes the port that it has chosen into a file."""
    file, end = folder / "DevToolsActivePort", time.monotonic() + SECONDS
    while time.monotonic() < end:
        assert running.poll() is None, f"Chromium ended with {running.returncode}."
        if file.exists() and (lines := file.read_text().splitlines()):
            return int(lines[0])
        time.sleep(0.05)
    raise AssertionError("Chromium did not begin to listen.")
