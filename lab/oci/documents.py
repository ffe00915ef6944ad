# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Resources with their own etag: topics, alarms, gateways and deployments."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from aiohttp import web

from lab.oci.errors import ApiError, missing, not_found
from lab.oci.load_balancer.fields import Fields, Json
from lab.oci.load_balancer.known_fields import Model, check_known
from lab.oci.load_balancer.service import json_body
from lab.oci.load_balancer.tags import check_tags


@dataclass
class Resource:
    """One resource in the API's form, and its version."""

    document: Json
    etag: str = field(default_factory=lambda: secrets.token_hex(8))

    def change(self, **fields: object) -> None:
        """Change fields, and with them the version."""
        self.document = self.document | fields
        self.etag = secrets.token_hex(8)

    def enter(self, state: str) -> None:
        """Change the lifecycle state. The version stays the same."""
        self.document = self.document | {"lifecycleState": state}


class Resources:
    """All resources of one kind, by OCID."""

    def __init__(self) -> None:
        self._all: dict[str, Resource] = {}

    def add(self, document: Json, identifier: str = "id") -> Resource:
        """Add a new resource."""
        resource = Resource(document)
        self._all[document[identifier]] = resource
        return resource

    def get(self, identifier: str, if_match: str | None = None) -> Resource:
        """:raises ApiError: 404: there is no such resource; 412: ``if_match`` is not its version."""
        if identifier not in self._all:
            raise not_found()
        resource = self._all[identifier]
        if if_match not in (None, "*", resource.etag):
            raise ApiError(412, "NoEtagMatch", f"The version of {identifier} is not {if_match}.")
        return resource

    def remove(self, identifier: str) -> None:
        """Remove a resource. Safe to call twice."""
        self._all.pop(identifier, None)

    def all(self) -> list[Resource]:
        """All resources, oldest first."""
        return list(self._all.values())

    def clear(self) -> None:
        """Remove all resources."""
        self._all.clear()


def model(name: str, *plain: str, **inner: Model | None) -> Model:
    """The model of an API body: see :class:`lab.oci.load_balancer.known_fields.Model`."""
    return Model(name, frozenset(plain), {key: value for key, value in inner.items() if value is not None})


async def checked_body(request: web.Request, of: Model, required: tuple[str, ...] = ()) -> Fields:
    """The body of a POST or PUT.

    :raises ApiError: 400: a field is unknown or missing, or a tag breaks a limit.
    """
    details = await json_body(request)
    check_known(details, of)
    for name in required:
        if details.get(name) is None:
            raise missing(name)
    check_tags(details.get("freeformTags") or {}, details.get("definedTags") or {})
    return Fields(details, of.name)


def shown(resource: Resource, status: int = 200, **headers: str) -> web.Response:
    """An answer with a resource and its version."""
    return web.json_response(resource.document, status=status, headers={"etag": resource.etag, **headers})
