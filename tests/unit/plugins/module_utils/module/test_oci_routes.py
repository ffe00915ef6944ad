# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Subnets are read with their VCN and route table; what these credentials may not read is a warning."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import oci
import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._module import oci_routes, oci_stock_response

Json = dict[str, t.Any]

SUBNET, VCN, TABLE = "ocid1.subnet.oc1.iad.a", "ocid1.vcn.oc1.iad.a", "ocid1.routetable.oc1.iad.a"
ANSWERS: Json = {
    SUBNET: {"id": SUBNET, "displayName": "web", "vcnId": VCN, "routeTableId": TABLE},
    VCN: {"id": VCN, "cidrBlocks": ["10.0.0.0/16"]},
    TABLE: {"id": TABLE, "displayName": "web", "routeRules": []},
}


class BaseClient:
    """Answers with its objects, and 404 for everything else."""

    endpoint = "https://iaas.us-ashburn-1.oraclecloud.com/20160918"

    def call_api(self, *, path_params: Json, **_more: t.Any) -> t.Any:
        if path_params["id"] not in ANSWERS:
            raise oci.exceptions.ServiceError(404, "NotAuthorizedOrNotFound", {}, "Authorization failed or not found.")
        return SimpleNamespace(data=ANSWERS[path_params["id"]], headers={})


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    client = SimpleNamespace(base_client=BaseClient())
    monkeypatch.setattr(oci_routes, "network_client", lambda *_options, **_more: client)


def deadline() -> Deadline:
    return Deadline(60, Clock())


def test_a_subnet_is_read_with_its_vcn_and_route_table() -> None:
    ((found,), unread) = oci_routes.readable_networks({}, [SUBNET], deadline())
    assert (found.subnet["id"], found.vcn["id"], found.table["id"], unread) == (SUBNET, VCN, TABLE, [])


def test_a_subnet_that_may_not_be_read_is_a_warning_with_the_policy() -> None:
    networks, (warning,) = oci_routes.readable_networks({}, ["ocid1.subnet.oc1.iad.b"], deadline())
    assert (networks, "inspect virtual-network-family" in warning, "was not checked" in warning) == ([], True, True)


def test_a_public_gateway_that_can_answer_nobody_is_refused() -> None:
    with pytest.raises(RefusedError, match="has no rules"):
        oci_stock_response._check_way({"endpointType": "PUBLIC", "subnetId": SUBNET}, {}, deadline())


@pytest.mark.parametrize("gateway", [{"endpointType": "PRIVATE", "subnetId": SUBNET}, {"endpointType": "PUBLIC"}])
def test_of_any_other_gateway_nothing_is_read(gateway: Json) -> None:
    assert oci_stock_response._check_way(gateway, {}, deadline()) == []
