# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The deployed functions, their calls, and their deployment.

``GET /lab/oci/functions``: the deployed functions, and the outcome of the last calls.
``PUT /lab/oci/functions/{id}``: deploy ``{"folder": "/path", "configuration": {"KEY": "value"}}``.
``DELETE /lab/oci/functions/{id}``: remove a function.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from aiohttp import web

from lab.control import json_object
from lab.control_error import ControlError
from lab.oci.functions.calling import ENVIRONMENT, Answer, call
from lab.oci.functions.deployment import Function, deployed

_SIDE_BY_SIDE = 4
_KEPT = 100


class Functions:
    """All functions.

    :param environment: the variables that the service adds to each function: its principal, and the addresses of APIs.
    """

    def __init__(self, environment: Callable[[], dict[str, str]]) -> None:
        self._environment = environment
        self._functions: dict[str, Function] = {}
        self._calls: deque[dict[str, object]] = deque(maxlen=_KEPT)
        self._slots = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._log = Path()

    def start(self, folder: Path) -> Path:
        """Start. Returns the file for the functions' output; it is created now, so that it belongs to the lab."""
        self._log = folder / "functions.log"
        self._log.touch(mode=0o600)
        return self._log

    def clear(self) -> None:
        """Remove all functions and their calls."""
        self._functions.clear()
        self._calls.clear()

    def has(self, identifier: str) -> bool:
        """Whether there is a function of that OCID."""
        return identifier in self._functions

    async def invoke(self, identifier: str, message: str) -> Answer:
        """Call a function, and wait for its answer."""
        function = self._functions.get(identifier)
        if function is None:
            return Answer(404, "there is no such function")
        async with self._slots:
            began = time.monotonic()
            answer = await call(function, message.encode(), self._environment(), self._log)
        seconds = round(time.monotonic() - began, 3)
        self._calls.append({"function": function.name, "seconds": seconds, **asdict(answer)})
        return answer

    def control_routes(self) -> list[web.RouteDef]:
        """The routes that the module's description lists."""
        return [
            web.get("/lab/oci/functions", self._list),
            web.put("/lab/oci/functions/{id}", self._deploy),
            web.delete("/lab/oci/functions/{id}", self._remove),
        ]

    async def _list(self, _unused: web.Request) -> web.Response:
        functions = [function.describe() for function in self._functions.values()]
        return web.json_response({"functions": functions, "calls": list(self._calls)})

    async def _deploy(self, request: web.Request) -> web.Response:
        if not (ENVIRONMENT / "fdk").exists():
            raise ControlError(f"functions need the environment in {ENVIRONMENT.parent}, which 'make setup' makes")
        function = deployed(request.match_info["id"], await json_object(request))
        self._functions[function.id] = function
        return web.json_response(function.describe())

    async def _remove(self, request: web.Request) -> web.Response:
        if self._functions.pop(request.match_info["id"], None) is None:
            raise ControlError("there is no such function")
        return web.Response(status=204)
