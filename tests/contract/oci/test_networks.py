# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Subnets, VCNs and route tables in the lab, read by the real SDK."""

from __future__ import annotations

from typing import Any

import oci
import pytest

from lab.process import RunningLab


@pytest.fixture
def networks(lab: RunningLab) -> oci.core.VirtualNetworkClient:
    config = oci.config.from_file(lab.info["oci"]["config_file"])
    return oci.core.VirtualNetworkClient(config, service_endpoint=lab.info["oci"]["endpoint"])


def rules_of(networks: Any, subnet_id: str) -> list[Any]:
    table: Any = networks.get_route_table(networks.get_subnet(subnet_id).data.route_table_id).data
    return [(rule.destination, rule.destination_type) for rule in table.route_rules]


def test_the_load_balancer_is_in_a_subnet_with_a_route_to_the_internet(
    networks: Any, client: Any, balancer_id: str
) -> None:
    (subnet_id,) = client.get_load_balancer(balancer_id).data.subnet_ids
    assert rules_of(networks, subnet_id) == [("0.0.0.0/0", "CIDR_BLOCK")]


def test_another_subnet_has_no_route_rules(networks: Any, lab: RunningLab) -> None:
    assert rules_of(networks, lab.info["oci"]["subnets"]["isolated"]) == []


def test_a_subnet_is_in_its_vcn(networks: Any, lab: RunningLab) -> None:
    subnet = networks.get_subnet(lab.info["oci"]["subnets"]["web"]).data
    vcn = networks.get_vcn(subnet.vcn_id).data
    assert (subnet.cidr_block, vcn.cidr_blocks, vcn.lifecycle_state) == ("10.0.0.0/24", ["10.0.0.0/16"], "AVAILABLE")
    assert networks.get_route_table(subnet.route_table_id).data.vcn_id == vcn.id


@pytest.mark.parametrize("name", ["get_subnet", "get_vcn", "get_route_table"])
def test_what_is_not_there_is_not_found(networks: Any, name: str) -> None:
    with pytest.raises(oci.exceptions.ServiceError) as refused:
        getattr(networks, name)("ocid1.subnet.oc1.iad.aaaaexample")
    assert (refused.value.status, refused.value.code) == (404, "NotAuthorizedOrNotFound")


def test_every_answer_has_an_etag(networks: Any, lab: RunningLab) -> None:
    assert networks.get_subnet(lab.info["oci"]["subnets"]["web"]).headers["etag"]
