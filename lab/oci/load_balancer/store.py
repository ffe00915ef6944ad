# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The load balancers of the lab, with their versions."""

from __future__ import annotations

import asyncio
import secrets
from copy import deepcopy
from dataclasses import dataclass, field

from lab.oci.errors import ApiError, not_found
from lab.oci.identifiers import now
from lab.oci.load_balancer.changes import KINDS
from lab.oci.load_balancer.fields import Json
from lab.oci.load_balancer.routing import SECRET_FIELDS


@dataclass
class LoadBalancer:
    """One load balancer.

    :ivar document: its whole state in the API's form, and secrets. Replaced with each change, never changed in place.
    :ivar etag: the version of the load balancer with everything in it.
    :ivar turn: the lock of the work request that is changing it.
    """

    document: Json
    etag: str = field(default_factory=lambda: secrets.token_hex(16))
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def id(self) -> str:
        """The OCID."""
        identifier: str = self.document["id"]
        return identifier

    def replace(self, document: Json) -> None:
        """Replace the state, and with it the version."""
        self.document = document
        self.etag = secrets.token_hex(16)

    def enter(self, state: str) -> None:
        """Change the lifecycle state. The version stays the same, because the settings do."""
        self.document = self.document | {"lifecycleState": state}

    def public_document(self) -> Json:
        """The state without the secrets."""
        document = deepcopy(self.document)
        for certificate in document["certificates"].values():
            for name in SECRET_FIELDS:
                certificate.pop(name, None)
        return document


class Store:
    """All load balancers by OCID."""

    def __init__(self) -> None:
        self._balancers: dict[str, LoadBalancer] = {}

    def get(self, identifier: str, if_match: str | None = None) -> LoadBalancer:
        """A load balancer that exists.

        :raises ApiError: 404: there is no such load balancer; 412: ``if_match`` is not its version.
        """
        balancer = self._balancers.get(identifier)
        if balancer is None or balancer.document["lifecycleState"] == "DELETED":
            raise not_found()
        if if_match not in (None, "*", balancer.etag):
            raise ApiError(412, "NoEtagMatch", f"The load balancer's version is not {if_match}.")
        return balancer

    def in_compartment(self, compartment_id: str) -> list[LoadBalancer]:
        """Load balancers of a compartment that are not deleted, oldest first."""
        return [
            balancer
            for balancer in self._balancers.values()
            if balancer.document["compartmentId"] == compartment_id and balancer.document["lifecycleState"] != "DELETED"
        ]

    def put(self, document: Json) -> LoadBalancer:
        """Store a load balancer unchanged. Replaces the load balancer with its OCID, if there is one."""
        balancer = self._balancers.setdefault(document["id"], LoadBalancer(document))
        balancer.replace(document)
        return balancer

    def adopt(self, balancer: LoadBalancer) -> None:
        """Add a new load balancer."""
        self._balancers[balancer.id] = balancer

    def secrets_of(self, identifier: str) -> dict[str, Json]:
        """Secret fields of a load balancer's certificates, by certificate; empty for an unknown load balancer."""
        balancer = self._balancers.get(identifier)
        certificates = balancer.document["certificates"] if balancer else {}
        return {
            name: {field: certificate[field] for field in SECRET_FIELDS if field in certificate}
            for name, certificate in certificates.items()
        }

    def remove_all(self) -> list[LoadBalancer]:
        """Remove all load balancers; returns them."""
        balancers = list(self._balancers.values())
        self._balancers = {}
        return balancers


def empty_load_balancer(identifier: str, compartment_id: str, display_name: str) -> Json:
    """An empty load balancer with every field of the API."""
    return {
        "id": identifier,
        "compartmentId": compartment_id,
        "displayName": display_name,
        "lifecycleState": "ACTIVE",
        "timeCreated": now(),
        "ipAddresses": [{"ipAddress": "127.0.0.1", "isPublic": False, "reservedIp": None}],
        "ipMode": "IPV4",
        "shapeName": "flexible",
        "shapeDetails": {"minimumBandwidthInMbps": 10, "maximumBandwidthInMbps": 100},
        "isPrivate": True,
        "isDeleteProtectionEnabled": False,
        "isRequestIdEnabled": False,
        "requestIdHeader": None,
        "subnetIds": [],
        "networkSecurityGroupIds": [],
        "freeformTags": {},
        "definedTags": {},
        "securityAttributes": {},
        "systemTags": {},
        **{kind.collection: {} for kind in KINDS},
    }


def completed(document: Json, secrets_by_certificate: dict[str, Json]) -> Json:
    """A load balancer with the parts that the service needs: all collections, and a name in every resource.

    :param secrets_by_certificate: secrets to add to certificates, because the API returns certificates without them.
    """
    whole = empty_load_balancer(document["id"], document.get("compartmentId", ""), document["id"]) | deepcopy(document)
    for kind in KINDS:
        for name, resource in whole[kind.collection].items():
            resource.setdefault(kind.name_field, name)
    for name, known in secrets_by_certificate.items():
        if name in whole["certificates"]:
            whole["certificates"][name] = known | whole["certificates"][name]
    for backend_set in whole["backendSets"].values():
        for backend in backend_set.setdefault("backends", []):
            backend.setdefault("name", f"{backend['ipAddress']}:{backend['port']}")
    return whole
