# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Calls to the Networking service for subnets, VCNs and route tables, each sent once, on plain JSON."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._oci.calls import Calls
from ansible_collections.tidegate.failover.plugins.module_utils._setup.routes import Network
from ansible_collections.tidegate.failover.plugins.module_utils._shape import Maybe

Json = dict[str, t.Any]

_SUBNET = {"id": str, "vcnId": str, "routeTableId": str, "displayName": Maybe(str)}
_VCN = {
    "id": str,
    "cidrBlock": Maybe(str),
    **{name: Maybe([str]) for name in ("cidrBlocks", "ipv6CidrBlocks", "ipv6PrivateCidrBlocks", "byoipv6CidrBlocks")},
}
_TABLE = {"id": str, "routeRules": [{"destination": Maybe(str), "cidrBlock": Maybe(str)}], "displayName": Maybe(str)}


class NetworkApi:
    """Reads of the Networking service.

    :param client: an ``oci.core.VirtualNetworkClient``.
    """

    def __init__(self, client: t.Any) -> None:
        self._calls = Calls(client, "the Networking service", "inspect virtual-network-family")

    def network(self, subnet_id: str) -> Network:
        """GetSubnet, and its VCN and route table."""
        subnet = self._get(f"read subnet {subnet_id}", "/subnets/{id}", _SUBNET, subnet_id)
        vcn = self._get(f"read VCN {subnet['vcnId']}", "/vcns/{id}", _VCN, subnet["vcnId"])
        table_id = subnet["routeTableId"]
        return Network(subnet, vcn, self._get(f"read route table {table_id}", "/routeTables/{id}", _TABLE, table_id))

    def _get(self, action: str, path: str, shape: t.Any, identifier: str) -> Json:
        return t.cast(Json, self._calls.get(action, path, shape, id=identifier)[0])
