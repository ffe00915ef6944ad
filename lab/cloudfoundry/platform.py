# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The content of a platform: organizations, spaces, domains, apps with their processes and instances, and routes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

from lab.backends.processes import Backend

Json: TypeAlias = dict[str, Any]

DEFAULT_PORT = 8080
#: The stored port of a destination without a port, if the app is not a buildpack app
#: (ProcessModel::NO_APP_PORT_SPECIFIED).
NO_PORT = -1


def new_guid() -> str:
    """A new guid."""
    return str(uuid.uuid4())


def now() -> str:
    """The time in the API's form, in seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Resource:
    """The common fields of all objects of the API."""

    guid: str = field(default_factory=new_guid, kw_only=True)
    created_at: str = field(default_factory=now, kw_only=True)
    updated_at: str = field(default_factory=now, kw_only=True)
    labels: dict[str, str] = field(default_factory=dict, kw_only=True)
    annotations: dict[str, str] = field(default_factory=dict, kw_only=True)

    def described(self) -> Json:
        """The common fields of all kinds."""
        return {
            "guid": self.guid,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "metadata": {"labels": dict(self.labels), "annotations": dict(self.annotations)},
        }


@dataclass
class Organization(Resource):
    """An organization."""

    name: str
    suspended: bool = False

    def described(self) -> Json:
        """See :class:`Resource`."""
        return super().described() | {"name": self.name, "suspended": self.suspended, "relationships": {}}


@dataclass
class Space(Resource):
    """A space of an organization."""

    name: str
    organization: Organization

    def described(self) -> Json:
        """See :class:`Resource`."""
        relationships = {"organization": {"data": {"guid": self.organization.guid}}}
        return super().described() | {"name": self.name, "relationships": relationships}


@dataclass
class Domain(Resource):
    """A domain, shared by all organizations."""

    name: str
    internal: bool = False
    protocol: str = "http"

    def described(self) -> Json:
        """See :class:`Resource`."""
        return super().described() | {
            "name": self.name,
            "internal": self.internal,
            "router_group": {"guid": "tcp-group"} if self.protocol == "tcp" else None,
            "supported_protocols": [self.protocol],
            "relationships": {"organization": {"data": None}, "shared_organizations": {"data": []}},
        }


@dataclass
class Instance:
    """A running container.

    :ivar open_ports: the ports at its start; a port that its process gets later is not open.
    """

    backend: Backend
    open_ports: tuple[int, ...] = ()


@dataclass
class Process(Resource):
    """One type of process of an app.

    :ivar ports: None for the default ports.
    """

    type: str
    instances: list[Instance] = field(default_factory=list)
    ports: list[int] | None = None


@dataclass
class App(Resource):
    """An app.

    :ivar docker_ports: the exposed ports of its image, the default first.
    """

    name: str
    space: Space
    lifecycle: str = "buildpack"
    docker_ports: tuple[int, ...] = ()
    processes: list[Process] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        """Whether the app is started."""
        return any(instance.backend.is_running for process in self.processes for instance in process.instances)

    def start_instances(self) -> None:
        """Start the containers, with the present ports of their process."""
        for process in self.processes:
            for instance in process.instances:
                instance.open_ports = tuple(process.ports or self._default_ports())

    def _default_ports(self) -> tuple[int, ...]:
        return self.docker_ports or (DEFAULT_PORT,)

    def described(self) -> Json:
        """See :class:`Resource`."""
        return super().described() | {
            "name": self.name,
            "state": "STARTED" if self.is_running else "STOPPED",
            "lifecycle": {"type": self.lifecycle, "data": {}},
            "relationships": {"space": {"data": {"guid": self.space.guid}}},
        }


@dataclass
class Destination(Resource):
    """A destination of a route.

    :ivar port: :data:`NO_PORT` if none was given.
    """

    app: App
    process_type: str
    port: int
    weight: int | None
    protocol: str

    @property
    def key(self) -> tuple[str, str, int, int | None, str]:
        """The identity of a destination in a replace."""
        return (self.app.guid, self.process_type, self.port, self.weight, self.protocol)

    @property
    def presented_port(self) -> int:
        """The port in answers. It does not show whether a port was given."""
        return self.port if self.port != NO_PORT else next(iter(self.app.docker_ports), DEFAULT_PORT)

    def described(self) -> Json:
        """The destination in routes and in lists of destinations."""
        return {
            "guid": self.guid,
            "app": {"guid": self.app.guid, "process": {"type": self.process_type}},
            "weight": self.weight,
            "port": self.presented_port,
            "protocol": self.protocol,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }


@dataclass
class Route(Resource):
    """A route, owned by a space and perhaps shared with others."""

    host: str
    path: str
    domain: Domain
    space: Space
    port: int | None = None
    shared_spaces: list[Space] = field(default_factory=list)
    destinations: list[Destination] = field(default_factory=list)
    options: Json = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The address without a scheme."""
        if self.port:
            return f"{self.domain.name}:{self.port}"
        return f"{self.host}.{self.domain.name}{self.path}" if self.host else f"{self.domain.name}{self.path}"

    def described(self) -> Json:
        """See :class:`Resource`."""
        return super().described() | {
            "protocol": self.domain.protocol,
            "host": self.host,
            "path": self.path,
            "port": self.port,
            "url": self.url,
            "destinations": [one.described() for one in sorted(self.destinations, key=lambda one: one.guid)],
            "options": self.options,
            "relationships": {
                "space": {"data": {"guid": self.space.guid}},
                "domain": {"data": {"guid": self.domain.guid}},
            },
        }


@dataclass(frozen=True)
class Role:
    """The role of a user in a space."""

    user: str
    type: str
    space: Space
    guid: str = field(default_factory=new_guid)


@dataclass
class Settings:
    """Behaviour that differs between platforms.

    :ivar propagation_seconds: how long the router takes to apply a change of destinations.
    :ivar token_seconds: how long an access token is valid.
    :ivar requests: how many requests a user may make in an interval; None for any number.
    :ivar opaque_tokens: whether access tokens are opaque to their owner.
    :ivar route_sharing: whether the feature flag of that name is on.
    """

    propagation_seconds: float = 0.0
    token_seconds: float = 600.0
    requests: int | None = None
    interval_seconds: float = 3600.0
    max_annotations: int = 200
    max_labels: int = 50
    opaque_tokens: bool = False
    route_sharing: bool = True


@dataclass
class Platform:
    """The whole content of the platform."""

    organizations: list[Organization] = field(default_factory=list)
    spaces: list[Space] = field(default_factory=list)
    domains: list[Domain] = field(default_factory=list)
    apps: list[App] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    route_services: list[Json] = field(default_factory=list)
    deployments: list[Json] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)

    def app(self, guid: str) -> App | None:
        """An app by its guid."""
        return next((app for app in self.apps if app.guid == guid), None)

    def route(self, guid: str) -> Route | None:
        """A route by its guid."""
        return next((route for route in self.routes if route.guid == guid), None)
