# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Further servers besides the two sites: more standbys, standbys of standbys, and subscribers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from psycopg import sql
from psycopg.conninfo import make_conninfo

from lab.control_error import ControlError
from lab.postgresql.server import Server
from lab.postgresql.settings import ADMINISTRATOR, DATABASE, REPLICATION

_FIELDS = frozenset({"site", "follows", "subscribes", "application_name", "slot", "target_session_attrs"})
#: Names are used in files and command lines.
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")

_SHOP_ADMINISTRATOR = replace(ADMINISTRATOR, database=DATABASE)


@dataclass(frozen=True)
class Further:
    """A further server.

    :ivar source: the site of the server that it follows or subscribes to.
    :ivar application_name: its application name at the source, if it differs from its own name.
    :ivar slot: the replication slot of a standby, which is created for it.
    :ivar session_attrs: libpq's ``target_session_attrs`` of a standby.
    """

    site: str
    source: str
    subscribes: bool = False
    application_name: str | None = None
    slot: str | None = None
    session_attrs: str | None = None


def further_from(body: Mapping[str, Any]) -> Further:
    """The server that a request describes. :raises ControlError: the request is invalid."""
    if not set(body) <= _FIELDS or "site" not in body or ("follows" in body) == ("subscribes" in body):
        raise ControlError(f'the body holds "site" and one of "follows", "subscribes"; it may hold {sorted(_FIELDS)}')
    wrong = [name for name, value in body.items() if not (isinstance(value, str) and _NAME.fullmatch(value))]
    if wrong:
        raise ControlError(f"{', '.join(wrong)}: small letters, digits and underscores only, 31 at most")
    return Further(
        body["site"],
        body.get("follows") or body["subscribes"],
        "subscribes" in body,
        body.get("application_name"),
        body.get("slot"),
        body.get("target_session_attrs"),
    )


async def follow(server: Server, source: Server, further: Further) -> None:
    """Set up a copy of a server, before its first start, as a standby of that server."""
    more = {"target_session_attrs": further.session_attrs} if further.session_attrs else {}
    settings = {"primary_conninfo": make_conninfo(source.dsn(REPLICATION), **more)}
    if further.slot:
        slot = sql.Literal(further.slot)
        await source.value(sql.SQL("SELECT pg_create_physical_replication_slot({})").format(slot))
        settings["primary_slot_name"] = further.slot
    with (server.data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())


async def subscribe(server: Server, source: Server, further: Further) -> None:
    """Let a separate server subscribe to all tables of the shop."""
    name = sql.Identifier(further.site)
    address = make_conninfo(source.dsn(_SHOP_ADMINISTRATOR), application_name=further.application_name or further.site)
    publish = sql.SQL("CREATE PUBLICATION {} FOR ALL TABLES").format(name)
    await source.value(publish, _SHOP_ADMINISTRATOR)
    take = sql.SQL("CREATE SUBSCRIPTION {0} CONNECTION {1} PUBLICATION {0}").format(name, sql.Literal(address))
    await server.value(take, _SHOP_ADMINISTRATOR)
