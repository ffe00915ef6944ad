# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""One call of a function, by the contract of the Fn project between its server and a function.

The function's entrypoint listens on a Unix socket that ``FN_LISTENER`` names, and gets the call as ``POST /call``, with
its deadline in a header. It answers 200; 502 if the function failed; or 504. Each call has its own process. In the real
service only the first call of a function has a new process; later calls may reuse it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from lab.oci.functions.deployment import Function

#: The environment with the requirements of the function, which `make setup` installs.
ENVIRONMENT = Path(__file__).parents[3] / ".cache" / "function" / "bin"

#: How long the function may take until it listens. This time does not count towards its time-out.
_START_SECONDS = 60
# The kernel ends the process in time, and on Linux at once if the lab is killed (PR_SET_PDEATHSIG, SIGKILL).
_BOUNDED = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 9)
signal.alarm(int(sys.argv[1]))
os.execv(sys.argv[2], sys.argv[2:])
"""


@dataclass(frozen=True)
class Answer:
    """The outcome of a call.

    :ivar status: 200; 502: the function failed, or could not be started; 504: it took too long.
    """

    status: int
    text: str


async def call(function: Function, message: bytes, environment: Mapping[str, str], log: Path) -> Answer:
    """Run a function for one message. Afterwards its process has always ended.

    :param environment: the variables that the service adds to the function's configuration.
    :param log: a file for the function's output.
    """
    with tempfile.TemporaryDirectory(prefix="lab-function-") as folder:
        socket = Path(folder) / "listener.sock"
        given = {
            "PATH": os.defpath,
            "HOME": folder,
            "FN_FORMAT": "http-stream",
            "FN_LISTENER": f"unix:{socket}",
            "FN_FN_ID": function.id,
            "FN_FN_NAME": function.name,
            # Python must not write its byte code beside the function, because nothing would remove it.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(function.folder),
            **environment,
            **function.configuration,
        }
        process = await _start(function, given, log)
        try:
            return await _answer(function, message, process, socket)
        finally:
            # The whole group, so that processes of the function end too.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _start(function: Function, environment: dict[str, str], log: Path) -> asyncio.subprocess.Process:
    fdk, seconds = str(ENVIRONMENT / "fdk"), str(function.seconds + _START_SECONDS)
    with log.open("ab") as output:
        output.write(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {function.name} is called\n".encode())
        output.flush()
        return await asyncio.create_subprocess_exec(
            *(str(ENVIRONMENT / "python"), "-c", _BOUNDED, seconds, fdk, *function.words),
            cwd=function.folder,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


async def _answer(function: Function, message: bytes, process: asyncio.subprocess.Process, socket: Path) -> Answer:
    try:
        async with asyncio.timeout(_START_SECONDS):
            while process.returncode is None and not _is_there(socket):
                await asyncio.sleep(0.02)
    except TimeoutError:
        return Answer(502, f"the function did not listen within {_START_SECONDS} s")
    if process.returncode is not None:
        return Answer(502, f"the function ended with {process.returncode} before it listened")
    try:
        async with asyncio.timeout(function.seconds):
            return await _post(function, message, socket)
    except TimeoutError:
        return Answer(504, f"the function took longer than its time-out of {function.seconds} s")
    except aiohttp.ClientError as problem:
        return Answer(502, f"the function ended without an answer: {type(problem).__name__}")


def _is_there(socket: Path) -> bool:
    return socket.exists()


async def _post(function: Function, message: bytes, socket: Path) -> Answer:
    deadline = datetime.now(UTC) + timedelta(seconds=function.seconds)
    headers = {
        "Content-Type": "application/json",
        "Fn-Call-Id": uuid.uuid4().hex,
        "Fn-Deadline": deadline.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    connector = aiohttp.UnixConnector(path=str(socket))
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.post("http://function/call", data=message, headers=headers) as answer,
    ):
        return Answer(answer.status, await answer.text())
