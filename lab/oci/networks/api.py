# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The part of the Networking API that shows where a subnet's traffic may go (API reference, 20160918).

One VCN with two subnets: traffic of ``web`` leaves through an internet gateway, and traffic of ``isolated`` stays in
the VCN. This has no effect on the traffic of the lab.
"""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from lab.oci.documents import Resources, shown
from lab.oci.identifiers import new_ocid, now
from lab.oci.load_balancer.fields import Json

BASE_PATH = "/20160918"
#: The subnets, and the rules of their route tables.
SUBNETS = {"web": ("0.0.0.0/0",), "isolated": ()}


class Networks:
    """State of the service, which never changes, and handlers of its calls."""

    def __init__(self) -> None:
        self._subnets, self._vcns, self._tables = Resources(), Resources(), Resources()
        #: OCIDs of the subnets, by name.
        self.subnet_ids = {name: new_ocid("subnet") for name in SUBNETS}

    def start(self, compartment_id: str) -> None:
        """Create the VCN, the subnets and the route tables."""
        vcn_id = new_ocid("vcn")
        tables = {
            name: self._tables.add(_table(name, vcn_id, destinations) | _common(compartment_id)).document["id"]
            for name, destinations in SUBNETS.items()
        }
        self._vcns.add(_vcn(vcn_id, tables["web"]) | _common(compartment_id))
        for number, (name, identifier) in enumerate(self.subnet_ids.items()):
            subnet = _subnet(identifier, name, number, vcn_id, tables[name])
            self._subnets.add(subnet | _common(compartment_id))

    def routes(self) -> list[web.RouteDef]:
        """All routes; each is named after its operation."""
        return [
            web.get(f"{BASE_PATH}/subnets/{{id}}", self._get_subnet, name="GetSubnet"),
            web.get(f"{BASE_PATH}/vcns/{{id}}", self._get_vcn, name="GetVcn"),
            web.get(f"{BASE_PATH}/routeTables/{{id}}", self._get_route_table, name="GetRouteTable"),
        ]

    async def _get_subnet(self, request: web.Request) -> web.Response:
        return shown(self._subnets.get(request.match_info["id"]))

    async def _get_vcn(self, request: web.Request) -> web.Response:
        return shown(self._vcns.get(request.match_info["id"]))

    async def _get_route_table(self, request: web.Request) -> web.Response:
        return shown(self._tables.get(request.match_info["id"]))


def _common(compartment_id: str) -> Json:
    return {
        "compartmentId": compartment_id,
        "definedTags": {},
        "freeformTags": {},
        "systemTags": {},
        "lifecycleState": "AVAILABLE",
        "timeCreated": now(),
    }


def _vcn(identifier: str, table_id: str) -> Json:
    return {
        "id": identifier,
        "displayName": "shop",
        "cidrBlock": "10.0.0.0/16",
        "cidrBlocks": ["10.0.0.0/16"],
        "byoipv6CidrBlocks": [],
        "ipv6CidrBlocks": [],
        "ipv6PrivateCidrBlocks": [],
        "defaultDhcpOptionsId": new_ocid("dhcpoptions"),
        "defaultRouteTableId": table_id,
        "defaultSecurityListId": new_ocid("securitylist"),
        "dnsLabel": "shop",
        "vcnDomainName": "shop.oraclevcn.com",
        "securityAttributes": {},
        "isZprOnly": False,
    }


def _subnet(identifier: str, name: str, number: int, vcn_id: str, table_id: str) -> Json:
    return {
        "id": identifier,
        "displayName": name,
        "availabilityDomain": None,
        "cidrBlock": f"10.0.{number}.0/24",
        "ipv4CidrBlocks": [f"10.0.{number}.0/24"],
        "ipv6CidrBlock": None,
        "ipv6CidrBlocks": None,
        "dhcpOptionsId": new_ocid("dhcpoptions"),
        "dnsLabel": name,
        "prohibitInternetIngress": name != "web",
        "prohibitPublicIpOnVnic": name != "web",
        "routeTableId": table_id,
        "securityListIds": [new_ocid("securitylist")],
        "subnetDomainName": f"{name}.shop.oraclevcn.com",
        "vcnId": vcn_id,
        "virtualRouterIp": f"10.0.{number}.1",
        "virtualRouterMac": "00:00:17:00:00:01",
    }


def _table(name: str, vcn_id: str, destinations: Iterable[str]) -> Json:
    return {
        "id": new_ocid("routetable"),
        "displayName": name,
        "vcnId": vcn_id,
        "routeRules": [
            {
                "cidrBlock": None,
                "destination": destination,
                "destinationType": "CIDR_BLOCK",
                "networkEntityId": new_ocid("internetgateway"),
                "description": None,
                "routeType": "STATIC",
            }
            for destination in destinations
        ],
    }
