# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The lab's two sites, each with its web server and its database, and ways to wait for them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import dns.resolver
import psycopg

from lab.aws.sites.orders import create_orders
from lab.process import RunningLab

from .clients import Traffic
from .history import Order

PARTS = ("aws", "postgresql")
SITES = ("primary", "backup")
#: So many orders of a client show that it is really served, or really refused.
ENOUGH = 3
_PATIENCE_SECONDS = 60
_POLL_SECONDS = 0.1


class StoryError(Exception):
    """A step of the story did not happen; the message names it."""


class Stage:
    """Controls and reads the lab, which is reset in the beginning.

    :ivar lab: the running lab.
    """

    def __init__(self, lab: RunningLab) -> None:
        lab.reset()
        self.lab = lab
        self.aws: dict[str, Any] = lab.info["aws"]
        self._servers: dict[str, Any] = lab.info["postgresql"]["servers"]
        self._resolver = dns.resolver.Resolver(configure=False)
        self._resolver.nameservers = [self.aws["dns"]["host"]]
        self._resolver.port = self.aws["dns"]["port"]
        create_orders(self._servers["primary"]["dsn"])
        for site in SITES:
            lab.control("PUT", f"/aws/sites/{site}", {"database": self._servers[site]["dsn"]})

    def kill(self, site: str) -> None:
        """End a site's web server and its database, as a power cut would."""
        self.lab.control("PUT", f"/postgresql/servers/{site}", {"running": False})
        self.lab.control("PUT", f"/aws/sites/{site}", {"running": False})

    def bring_back(self, site: str) -> None:
        """Start both again, with the data that was there."""
        self.lab.control("PUT", f"/postgresql/servers/{site}", {"running": True})
        self.lab.control("PUT", f"/aws/sites/{site}", {"running": True})

    def promote(self, site: str) -> None:
        """Make a site's database the writer."""
        self.lab.control("POST", f"/postgresql/servers/{site}/promote")

    def rebuild(self, site: str) -> None:
        """Make a site's database again, as a standby of the other one."""
        self.lab.control("POST", f"/postgresql/servers/{site}/rebuild")

    def role(self, site: str) -> str | None:
        """Whether a site's database is ``writer`` or ``standby``; nothing while it is down."""
        role: str | None = self.lab.control("GET", f"/postgresql/servers/{site}")["role"]
        return role

    def orders(self, site: str) -> set[Order]:
        """What is in a site's database."""
        with psycopg.connect(self._servers[site]["dsn"], connect_timeout=5) as database:
            return {Order(*row) for row in database.execute("SELECT client, number FROM orders")}

    def serving(self) -> str:
        """The site that DNS leads to."""
        answer = self._resolver.resolve(self.aws["record"]["name"], "A")[0].to_text()
        return next(site for site in SITES if self.aws["sites"][site]["address"] == answer)

    def until_served(self, traffic: Traffic, site: str, names: tuple[str, ...], since: float | None = None) -> None:
        """Wait until a site has taken some orders of each of these clients, from now on or from a moment on.

        :raises StoryError: it did not in time.
        """
        begin = time.monotonic() if since is None else since
        self.until(
            lambda: all(traffic.taken(name, site, begin) >= ENOUGH for name in names),
            f"the {site} site takes orders of {', '.join(names)}",
        )

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition.

        :param what: what is waited for, for people.
        :raises StoryError: it did not come true in time.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise StoryError(f"After {_PATIENCE_SECONDS} s this is still not the case: {what}.")
            time.sleep(_POLL_SECONDS)
