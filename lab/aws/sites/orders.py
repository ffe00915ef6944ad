# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Numbered orders of clients, stored in PostgreSQL, as in a shop."""

from __future__ import annotations

import psycopg
from aiohttp import web

_CONNECT_SECONDS = 2
_TABLE = """
CREATE TABLE IF NOT EXISTS orders (
  client text, number integer, site text NOT NULL, PRIMARY KEY (client, number)
)
"""


class Orders:
    """Takes and shows the orders of one site.

    ``POST /orders`` {"client": "ann", "number": 1} answers 201 once the order is committed. ``GET /orders?client=ann``
    answers with the numbers of her stored orders. Both answer 503 if the database fails.
    """

    def __init__(self, site: str, dsn: str) -> None:
        self._site = site
        self._dsn = dsn

    async def take(self, request: web.Request) -> web.Response:
        """Take an order."""
        order = await request.json()
        try:
            async with await self._connect() as database:
                await database.execute(
                    "INSERT INTO orders VALUES (%s, %s, %s)", (order["client"], order["number"], self._site)
                )
        except psycopg.Error as error:
            return _unavailable(error)
        return web.json_response({"site": self._site}, status=201)

    async def show(self, request: web.Request) -> web.Response:
        """Show a client's orders."""
        try:
            async with await self._connect() as database:
                found = await database.execute(
                    "SELECT number FROM orders WHERE client = %s", (request.query.get("client", ""),)
                )
                numbers = [number for (number,) in await found.fetchall()]
        except psycopg.Error as error:
            return _unavailable(error)
        return web.json_response({"site": self._site, "numbers": numbers})

    async def _connect(self) -> psycopg.AsyncConnection[tuple[int]]:
        return await psycopg.AsyncConnection.connect(self._dsn, connect_timeout=_CONNECT_SECONDS)


def create_orders(dsn: str) -> None:
    """Create the table, on the writer. :raises psycopg.Error: that failed."""
    with psycopg.connect(dsn, connect_timeout=_CONNECT_SECONDS) as database:
        database.execute(_TABLE)


def _unavailable(error: psycopg.Error) -> web.Response:
    return web.json_response({"problem": str(error).strip()}, status=503)
