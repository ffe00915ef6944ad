# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The first content of the lab's platform: a shop with a responder beside it, and routes of all other kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lab.backends.processes import Backend
from lab.cloudfoundry.platform import (
    DEFAULT_PORT,
    App,
    Destination,
    Domain,
    Instance,
    Organization,
    Platform,
    Process,
    Role,
    Route,
    Space,
    new_guid,
)
from lab.cloudfoundry.uaa import ADMIN, ADMIN_READ_ONLY, READ, WRITE, Account

DOMAIN = "apps.example.com"
RESPONDER = "maintenance"


@dataclass(frozen=True)
class Accounts:
    """The accounts; each has other permissions."""

    developer: Account
    supporter: Account
    auditor: Account
    stranger: Account
    admin: Account
    reader: Account
    client: Account
    command_line: Account

    @property
    def users(self) -> list[Account]:
        """The people."""
        return [self.developer, self.supporter, self.auditor, self.stranger, self.admin, self.reader]

    @property
    def clients(self) -> list[Account]:
        """The programs."""
        return [self.client, self.command_line]


def seed_accounts() -> Accounts:
    """The accounts of the lab."""

    def user(name: str, *scopes: str) -> Account:
        return Account(f"{name}@example.com", f"{name}-of-no-real-cloud", scopes or (READ, WRITE))

    return Accounts(
        developer=user("developer"),
        supporter=user("supporter"),
        auditor=user("auditor"),
        stranger=user("stranger"),
        admin=user("admin", ADMIN),
        reader=user("reader", ADMIN_READ_ONLY),
        # Clients encode such characters differently, see the UAA.
        client=Account("failover", "failover+of/no=real%cloud", (READ, WRITE)),
        command_line=Account("cf", "", ()),
    )


def seed_backends() -> dict[str, Backend]:
    """The backend processes of the apps."""
    kinds = {
        "shop-0": "application",
        "shop-1": "application",
        "shop-admin-0": "application",
        "page-0": "maintenance_page",
    }
    return {name: Backend(name, kind) for name, kind in kinds.items()}


def seed(platform: Platform, accounts: Accounts, backends: dict[str, Backend], guids: dict[str, str]) -> None:
    """Fill the platform.

    :param guids: by name. They stay the same after a reset, so that clients can use them again.
    """

    def guid(name: str) -> str:
        return guids.setdefault(name, new_guid())

    organization = Organization("example", guid=guid("organization"))
    shop_space = Space("shop", organization, guid=guid("space"))
    other_space = Space("other", organization, guid=guid("other_space"))
    domain = Domain(DOMAIN, guid=guid("domain"))
    internal = Domain("apps.internal", internal=True, guid=guid("internal_domain"))
    tcp = Domain("tcp.example.com", protocol="tcp", guid=guid("tcp_domain"))

    def app(name: str, space: Space, *processes: Process, lifecycle: str = "buildpack") -> App:
        made = App(name, space, lifecycle, processes=list(processes), guid=guid(f"app {name}"))
        made.docker_ports = (5000,) if lifecycle == "docker" else ()
        return made

    web = Process("web", [Instance(backends["shop-0"]), Instance(backends["shop-1"])], guid=guid("process web"))
    admin = Process("admin", [Instance(backends["shop-admin-0"])], [9090], guid=guid("process admin"))
    page = Process("web", [Instance(backends["page-0"])], guid=guid("process page"))
    shop = app("shop", shop_space, web, admin)
    responder = app(RESPONDER, shop_space, page)
    stopped = app("stopped", shop_space, Process("web", guid=guid("process stopped")))
    image = app("image", shop_space, Process("web", guid=guid("process image")), lifecycle="docker")
    other = app("elsewhere", other_space, Process("web", [Instance(backends["page-0"])], guid=guid("process other")))

    def route(name: str, host: str, on: Domain, *to: Destination, **more: Any) -> Route:
        made = Route(host, str(more.pop("path", "")), on, shop_space, guid=guid(f"route {name}"), **more)
        made.destinations = list(to)
        return made

    def destination(
        name: str, to: App, kind: str = "web", port: int = DEFAULT_PORT, protocol: str = "http1"
    ) -> Destination:
        return Destination(to, kind, port, None, protocol, guid=guid(f"destination {name}"))

    routes = [
        route("shop", "shop", domain, destination("shop", shop), destination("admin", shop, "admin", 9090, "http2")),
        route("path", "shop", domain, destination("path", shop), path="/assets"),
        route("internal", "shop", internal, destination("internal", shop)),
        route("tcp", "", tcp, destination("tcp", shop, protocol="tcp"), port=1024),
        route("image", "image", domain, destination("image", image, port=-1)),
        route("shared", "shared", domain, destination("shared", shop), shared_spaces=[other_space]),
        route("empty", "empty", domain),
    ]
    roles = [
        ("developer", accounts.developer, "space_developer", shop_space),
        ("developer elsewhere", accounts.developer, "space_auditor", other_space),
        ("supporter", accounts.supporter, "space_supporter", shop_space),
        ("auditor", accounts.auditor, "space_auditor", shop_space),
        ("client", accounts.client, "space_developer", shop_space),
        ("stranger", accounts.stranger, "space_developer", other_space),
    ]
    platform.organizations, platform.spaces = [organization], [shop_space, other_space]
    platform.domains = [domain, internal, tcp]
    platform.apps = [shop, responder, stopped, image, other]
    platform.routes = routes
    platform.roles = [Role(account.guid, kind, space, guid(f"role {name}")) for name, account, kind, space in roles]
    platform.events, platform.route_services, platform.deployments = [], [], []
    for one in platform.apps:
        one.start_instances()
