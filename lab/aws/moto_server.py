# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""moto, which emulates most of AWS: an HTTP server in a thread of this process, and its client."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import aiohttp
from aiohttp import web
from moto.core.base_backend import BackendDict
from moto.core.common_models import BaseModel
from moto.core.config import default_user_config
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from yarl import URL

from lab.servers import LOOPBACK

#: Headers that belong to one connection, or that aiohttp generates itself.
_NOT_FORWARDED = frozenset({"connection", "transfer-encoding", "content-length", "content-encoding", "server", "date"})


def _models(model: Any) -> Iterator[Any]:
    """All classes of objects that moto stores."""
    for kind in model.__subclasses__():
        if "instances_tracked" in vars(kind):
            yield kind
        yield from _models(kind)


class MotoServer:
    """Runs in this process, so that the lab's checkers, DNS and alarms can read moto's data directly."""

    def __init__(self) -> None:
        self._server: ThreadedMotoServer | None = None
        self._session: aiohttp.ClientSession | None = None
        self._base = URL()

    async def start(self) -> None:
        """Start moto with nothing in it."""
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        # Published set-ups attach AWS managed policies. moto reads them at the first call of IAM, in 0.1 s.
        default_user_config["iam"]["load_aws_managed_policies"] = True
        self.clear()
        self._server = ThreadedMotoServer(LOOPBACK, 0, verbose=False)
        await asyncio.to_thread(self._server.start)
        host, port = self._server.get_host_and_port()
        self._base = URL.build(scheme="http", host=host, port=port)
        self._session = aiohttp.ClientSession(auto_decompress=False)

    def clear(self) -> None:
        """Remove everything in moto, and the copies that moto's classes keep for its own pages.

        AWS' managed policies alone take 10 MB. If they stayed after every reset, garbage collection would pause the lab
        longer each time, and checkers would be late.
        """
        BackendDict.reset()
        for model in _models(BaseModel):
            model.instances_tracked.clear()

    async def stop(self) -> None:
        """Stop moto. Safe to call at any time."""
        if self._session is not None:
            await self._session.close()
        if self._server is not None:
            await asyncio.to_thread(self._server.stop)
        self._server = self._session = None

    async def forward(self, request: web.Request, *, authorization: str | None = None) -> web.Response:
        """Let moto answer the unchanged request, with its Host header: moto makes queue URLs of that header.

        :param authorization: replaces the request's own header, for requests that AWS accepts unsigned.
        """
        if self._session is None:
            raise RuntimeError("moto was not started.")
        url = self._base.join(URL(request.raw_path, encoded=True))
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_FORWARDED}
        if authorization is not None:
            headers["Authorization"] = authorization
        body = await request.read()
        async with self._session.request(request.method, url, headers=headers, data=body) as answer:
            kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _NOT_FORWARDED]
            response = web.Response(status=answer.status, body=await answer.read())
            response.headers.extend(kept)
            return response
