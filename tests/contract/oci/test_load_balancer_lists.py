# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Lists: pages, compartments, filters, and what there is to choose from."""

from __future__ import annotations

import oci
import pytest
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import (
    Json,
    LoadBalancerApi,
    PutRaw,
)
from oci.exceptions import ServiceError
from oci.load_balancer import LoadBalancerClient
from oci.load_balancer.models import LoadBalancer

from lab.process import RunningLab


@pytest.fixture
def compartment_id(lab: RunningLab) -> str:
    identifier: str = lab.info["oci"]["compartment_id"]
    return identifier


@pytest.fixture
def five(put_raw: PutRaw) -> None:
    """Five load balancers, ``checkout`` among them."""
    for number in range(1, 5):
        put_raw(f"ocid1.loadbalancer.oc1.iad.{number}", displayName=f"lb-{number}", listeners={}, backendSets={})


def names(load_balancers: list[LoadBalancer]) -> list[str]:
    return sorted(balancer.display_name for balancer in load_balancers)


@pytest.mark.usefixtures("five")
def test_a_list_comes_in_pages_of_the_size_that_the_client_asks_for(
    client: LoadBalancerClient, compartment_id: str
) -> None:
    first = client.list_load_balancers(compartment_id, limit=2)
    assert (len(first.data), first.has_next_page) == (2, True)


@pytest.mark.usefixtures("five")
def test_following_the_pages_finds_everything_once(client: LoadBalancerClient, compartment_id: str) -> None:
    found = oci.pagination.list_call_get_all_results(client.list_load_balancers, compartment_id, limit=2).data
    assert names(found) == ["checkout", "lb-1", "lb-2", "lb-3", "lb-4"]


@pytest.mark.usefixtures("five")
def test_the_service_limits_pages_even_if_the_client_does_not(
    lab: RunningLab, client: LoadBalancerClient, compartment_id: str
) -> None:
    lab.control("PATCH", "/oci/settings", {"page_size": 3})
    assert len(client.list_load_balancers(compartment_id).data) == 3
    assert len(client.list_load_balancer_healths(compartment_id).data) == 3


def test_work_requests_come_in_pages(api: LoadBalancerApi, client: LoadBalancerClient) -> None:
    made = {api.put_listener()["id"] for _unused in range(3)}
    found = oci.pagination.list_call_get_all_results(client.list_work_requests, api.balancer_id, limit=2).data
    assert {work_request.id for work_request in found} == made


@pytest.mark.parametrize("options", [{"page": "2"}, {"limit": 0}, {"limit": 1001}], ids=str)
def test_a_page_or_limit_that_makes_no_sense_is_refused(
    client: LoadBalancerClient, compartment_id: str, options: Json
) -> None:
    with pytest.raises(ServiceError) as refused:
        client.list_load_balancers(compartment_id, **options)
    assert (refused.value.status, refused.value.code) == (400, "InvalidParameter")


def test_another_compartment_is_not_found(client: LoadBalancerClient) -> None:
    with pytest.raises(ServiceError) as refused:
        client.list_load_balancers("ocid1.compartment.oc1..other")
    assert (refused.value.status, refused.value.code) == (404, "NotAuthorizedOrNotFound")


def test_the_compartment_is_required(client: LoadBalancerClient) -> None:
    with pytest.raises(ServiceError) as refused:
        client.base_client.call_api(resource_path="/loadBalancers", method="GET", response_type="object")
    assert (refused.value.status, refused.value.code) == (400, "MissingParameter")


@pytest.mark.usefixtures("five")
def test_load_balancers_are_found_by_their_name(client: LoadBalancerClient, compartment_id: str) -> None:
    assert names(client.list_load_balancers(compartment_id, display_name="lb-3").data) == ["lb-3"]


@pytest.mark.usefixtures("five")
def test_load_balancers_are_sorted_as_asked(client: LoadBalancerClient, compartment_id: str) -> None:
    found = client.list_load_balancers(compartment_id, sort_by="DISPLAYNAME", sort_order="DESC").data
    assert [balancer.display_name for balancer in found] == ["lb-4", "lb-3", "lb-2", "lb-1", "checkout"]


def test_protocols_policies_and_shapes_are_listed(client: LoadBalancerClient, compartment_id: str) -> None:
    assert "HTTP" in [item.name for item in client.list_protocols(compartment_id).data]
    assert "ROUND_ROBIN" in [item.name for item in client.list_policies(compartment_id).data]
    assert "flexible" in [item.name for item in client.list_shapes(compartment_id).data]
