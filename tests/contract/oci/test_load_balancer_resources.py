# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Every kind of resource: made, read, replaced and deleted through the SDK."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import (
    Json,
    LoadBalancerApi,
    PutRaw,
)
from oci.exceptions import CompositeOperationError, ServiceError
from oci.load_balancer import LoadBalancerClient, LoadBalancerClientCompositeOperations, models

from lab.oci.traffic.tls import create_bundle
from lab.process import RunningLab

ROUTE = {"path": "/cart", "pathMatchType": {"matchType": "EXACT_MATCH"}, "backendSetName": "app"}
FORWARD = {"name": "FORWARD_TO_BACKENDSET", "backendSetName": "app"}
RULE = {"name": "cart", "condition": "any(http.request.url.path eq '/cart')", "actions": [FORWARD]}
CHECKER = {"protocol": "TCP", "port": 0}
#: collection -> (details, other details)
REPLACEABLE: dict[str, tuple[Json, Json]] = {
    "backendSets": (
        {"policy": "IP_HASH", "backends": [], "healthChecker": CHECKER},
        {"policy": "LEAST_CONNECTIONS", "backends": [], "healthChecker": CHECKER},
    ),
    "ruleSets": ({"items": []}, {"items": [{"action": "REMOVE_HTTP_REQUEST_HEADER", "header": "X-Old"}]}),
    "hostnames": ({"hostname": "shop.example.com"}, {"hostname": "store.example.com"}),
    "pathRouteSets": ({"pathRoutes": [ROUTE]}, {"pathRoutes": []}),
    "routingPolicies": ({"conditionLanguageVersion": "V1", "rules": [RULE]}, {"rules": []}),
    "sslCipherSuites": ({"ciphers": ["AES128-SHA"]}, {"ciphers": ["AES256-SHA"]}),
}


def is_in(part: Json, whole: Json) -> bool:
    return all(whole[name] == value or name == "healthChecker" for name, value in part.items())


@pytest.mark.parametrize("collection", sorted(REPLACEABLE))
def test_a_resource_is_made_read_replaced_and_deleted(api: LoadBalancerApi, collection: str) -> None:
    first, second = REPLACEABLE[collection]
    api.change("POST", f"/{collection}", first | {"name": "new"})
    assert is_in(first, api.get(f"/{collection}/new"))
    api.change("PUT", f"/{collection}/new", second)
    assert is_in(second, api.get(f"/{collection}/new"))
    assert "new" in [resource["name"] for resource in api.get(f"/{collection}")]
    api.change("DELETE", f"/{collection}/new")
    with pytest.raises(ServiceError) as missing:
        api.get(f"/{collection}/new")
    assert missing.value.status == 404


def test_a_certificate_bundle_is_made_served_and_deleted(
    client: LoadBalancerClient, api: LoadBalancerApi, urls: dict[str, str], tmp_path: Path
) -> None:
    bundle = create_bundle("renewed")
    details = models.CreateCertificateDetails(
        certificate_name="renewed",
        public_certificate=bundle.certificate,
        private_key=bundle.private_key,
        ca_certificate=bundle.ca_certificate,
    )
    api.finished(client.create_certificate(details, api.balancer_id))
    api.put_listener("https", sslConfiguration={"certificateName": "renewed"})
    (tmp_path / "ca.pem").write_text(bundle.ca_certificate, encoding="ascii")
    assert requests.get(urls["https"], verify=str(tmp_path / "ca.pem"), timeout=10).status_code == 200
    api.put_listener("https", sslConfiguration={"certificateName": "checkout"})
    api.finished(client.delete_certificate(api.balancer_id, "renewed"))
    assert [found.certificate_name for found in client.list_certificates(api.balancer_id).data] == ["checkout"]


def test_a_backend_is_added_changed_and_removed(client: LoadBalancerClient, api: LoadBalancerApi) -> None:
    api.finished(
        client.create_backend(models.CreateBackendDetails(ip_address="192.0.2.1", port=80), api.balancer_id, "app")
    )
    details = models.UpdateBackendDetails(weight=5, backup=True, drain=True, offline=True)
    api.finished(client.update_backend(details, api.balancer_id, "app", "192.0.2.1:80"))
    backend = client.get_backend(api.balancer_id, "app", "192.0.2.1:80").data
    assert (backend.weight, backend.backup, backend.drain, backend.offline) == (5, True, True, True)
    api.finished(client.delete_backend(api.balancer_id, "app", "192.0.2.1:80"))
    assert len(client.list_backends(api.balancer_id, "app").data) == 2


def test_a_health_checker_is_replaced(client: LoadBalancerClient, api: LoadBalancerApi) -> None:
    details = models.UpdateHealthCheckerDetails(
        protocol="HTTP",
        url_path="/ready",
        port=0,
        return_code=204,
        retries=2,
        timeout_in_millis=1000,
        interval_in_millis=5000,
        response_body_regex=".*",
    )
    api.finished(client.update_health_checker(details, api.balancer_id, "app"))
    checker = client.get_health_checker(api.balancer_id, "app").data
    assert (checker.url_path, checker.return_code) == ("/ready", 204)


def test_shape_and_network_security_groups_are_replaced(client: LoadBalancerClient, api: LoadBalancerApi) -> None:
    shape = models.UpdateLoadBalancerShapeDetails(shape_name="100Mbps")
    groups = ["ocid1.networksecuritygroup.oc1.iad.one"]
    api.finished(client.update_load_balancer_shape(api.balancer_id, shape))
    api.finished(
        client.update_network_security_groups(
            models.UpdateNetworkSecurityGroupsDetails(network_security_group_ids=groups), api.balancer_id
        )
    )
    balancer = client.get_load_balancer(api.balancer_id).data
    assert (balancer.shape_name, balancer.network_security_group_ids) == ("100Mbps", groups)


@pytest.fixture
def new_load_balancer(lab: RunningLab) -> models.CreateLoadBalancerDetails:
    """Details of a load balancer with a listener of its own."""
    return models.CreateLoadBalancerDetails(
        compartment_id=lab.info["oci"]["compartment_id"],
        display_name="new",
        shape_name="flexible",
        shape_details=models.ShapeDetails(minimum_bandwidth_in_mbps=10, maximum_bandwidth_in_mbps=10),
        subnet_ids=["ocid1.subnet.oc1.iad.one"],
        is_delete_protection_enabled=True,
        backend_sets={
            "app": models.BackendSetDetails(
                policy="ROUND_ROBIN", health_checker=models.HealthCheckerDetails(protocol="TCP")
            )
        },
        listeners={"tcp": models.ListenerDetails(default_backend_set_name="app", port=1, protocol="TCP")},
    )


def test_a_load_balancer_is_creating_until_its_work_request_succeeds(
    lab: RunningLab, client: LoadBalancerClient, new_load_balancer: models.CreateLoadBalancerDetails
) -> None:
    lab.control("PATCH", "/oci/settings", {"work_request_seconds": 600})
    work_request = client.create_load_balancer(new_load_balancer).headers["opc-work-request-id"]
    identifier = client.get_work_request(work_request).data.load_balancer_id
    assert client.get_load_balancer(identifier).data.lifecycle_state == "CREATING"


def test_a_new_load_balancer_has_what_it_was_created_with(
    client: LoadBalancerClient, api: LoadBalancerApi, new_load_balancer: models.CreateLoadBalancerDetails
) -> None:
    api.balancer_id = api.finished(client.create_load_balancer(new_load_balancer))["loadBalancerId"]
    balancer = api.get()
    assert (balancer["displayName"], balancer["lifecycleState"]) == ("new", "ACTIVE")
    assert balancer["shapeDetails"] == {"minimumBandwidthInMbps": 10, "maximumBandwidthInMbps": 10}
    assert balancer["listeners"]["tcp"]["connectionConfiguration"]["idleTimeout"] == 300


def test_a_protected_load_balancer_is_deleted_only_after_its_protection(
    client: LoadBalancerClient, api: LoadBalancerApi, new_load_balancer: models.CreateLoadBalancerDetails
) -> None:
    identifier = api.finished(client.create_load_balancer(new_load_balancer))["loadBalancerId"]
    with pytest.raises(ServiceError) as refused:
        client.delete_load_balancer(identifier)
    assert refused.value.status == 409
    unprotected = models.UpdateLoadBalancerDetails(is_delete_protection_enabled=False)
    api.finished(client.update_load_balancer(unprotected, identifier))
    api.finished(client.delete_load_balancer(identifier))
    with pytest.raises(ServiceError) as missing:
        client.get_load_balancer(identifier)
    assert missing.value.status == 404


def test_a_listener_whose_port_cannot_be_had_exists_all_the_same(lab: RunningLab, put_raw: PutRaw) -> None:
    identifier = "ocid1.loadbalancer.oc1.iad.twin"
    put_raw(identifier, displayName="twin")
    stored = lab.control("GET", f"/oci/loadBalancers/{identifier}")
    assert sorted(stored["document"]["listeners"]) == ["http", "https", "maintenance"]
    assert len(stored["unserved_ports"]) == 3


def test_the_sdks_composite_returns_a_failed_work_request_without_raising(
    lab: RunningLab, client: LoadBalancerClient, api: LoadBalancerApi
) -> None:
    lab.add_fault("work_request_failed", operation="UpdateListener")
    outcome = LoadBalancerClientCompositeOperations(client).update_listener_and_wait_for_state(
        api.listener(), api.balancer_id, "http", wait_for_states=["SUCCEEDED", "FAILED"]
    )
    assert outcome.data.lifecycle_state == "FAILED"


def test_the_sdks_composite_does_not_notice_a_failure_that_it_does_not_wait_for(
    lab: RunningLab, client: LoadBalancerClient, api: LoadBalancerApi
) -> None:
    lab.add_fault("work_request_failed", operation="UpdateListener")
    with pytest.raises(CompositeOperationError):
        LoadBalancerClientCompositeOperations(client).update_listener_and_wait_for_state(
            api.listener(),
            api.balancer_id,
            "http",
            wait_for_states=["SUCCEEDED"],
            waiter_kwargs={"max_wait_seconds": 1},
        )
