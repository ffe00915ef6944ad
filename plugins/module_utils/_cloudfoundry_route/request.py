# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""A request for maintenance on one Cloud Foundry route, and the checks that do not read the platform."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.destinations import DEFAULT_PORT
from ansible_collections.tidegate.failover.plugins.module_utils._errors import OptionError

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?|\*")


@dataclass(frozen=True)
class Address:
    """The address of a route as users type it: host and domain in one, and a path."""

    name: str
    path: str

    def domains(self) -> list[tuple[str, str]]:
        """The possible pairs of host name and domain."""
        host, _dot, parent = self.name.partition(".")
        return [("", self.name), (host, parent)]


@dataclass(frozen=True)
class Selection:
    """The selected route.

    :ivar guid: its guid; None if the route is found by its address.
    :ivar organization: the name or guid that the route's organization must have; ``space`` likewise.
    """

    guid: str | None = None
    address: Address | None = None
    organization: str | None = None
    space: str | None = None

    @property
    def reported(self) -> str:
        """The route as the user named it."""
        return self.guid or (f"{self.address.name}{self.address.path}" if self.address else "")


@dataclass(frozen=True)
class Request:
    """Maintenance entered (``enabled``) or exited on one route, by an owner.

    :ivar responder: guid of the app that shows the page; None to exit, where the holds record it.
    :ivar responder_port: its default port, which the API will show.
    :ivar since: the time of a new hold, as ``YYYY-MM-DDTHH:MM:SSZ``.
    :ivar only_if_backends: ``down`` or ``serving``, if the request only counts while the apps are in this state.
    :ivar event_time: the time of the event that caused the request, in the form of ``since``.
    """

    enabled: bool
    owner: str
    since: str
    reason: str = ""
    responder: str | None = None
    responder_port: int = DEFAULT_PORT
    force: bool = False
    only_if_backends: str | None = None
    event_time: str | None = None


def is_guid(text: str) -> bool:
    """Whether a text has the form of a guid."""
    return _GUID.fullmatch(text) is not None


def selection_from(given: Mapping[str, t.Any]) -> Selection:
    """The route that the options ``route_guid``, ``url``, ``organization`` and ``space`` describe.

    :raises OptionError: an option is not valid, whatever the platform.
    """
    guid, url = given.get("route_guid"), given.get("url")
    if guid is not None and not is_guid(guid):
        raise OptionError(f"route_guid is {guid!r}, which is no guid. Find it with: cf curl '/v3/routes?hosts=<host>'.")
    for option in ("organization", "space"):
        if given.get(option) is not None and not given[option].strip():
            raise OptionError(f"{option} is empty. Give its name or its guid, or leave it out.")
    return Selection(
        guid=guid.lower() if guid else None,
        address=address_from(url) if url is not None else None,
        organization=given.get("organization"),
        space=given.get("space"),
    )


def address_from(url: str) -> Address:
    """An address such as ``shop.apps.example.com/cart``, with or without a scheme.

    :raises OptionError: it cannot be the address of a route.
    """
    scheme, separator, rest = url.partition("://")
    if separator and scheme.lower() not in ("http", "https"):
        raise OptionError(f"url is {url!r}. Only routes of HTTP can show a page; give host, domain and path.")
    name, slash, path = (rest if separator else url).partition("/")
    name, path = name.rstrip(".").lower(), path.rstrip("/")
    if "?" in path or "#" in path or "@" in name:
        raise OptionError(f"url is {url!r}. Give host, domain and path of a route, without a user or a query.")
    if ":" in name:
        raise OptionError(
            f"url is {url!r}, with a port. Routes of HTTP have none. A route with a port is one of TCP, which can show "
            "no page."
        )
    labels = name.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise OptionError(f"url is {url!r}, which is no address of a route. Give one such as shop.apps.example.com.")
    return Address(name, f"{slash}{path}" if path else "")
