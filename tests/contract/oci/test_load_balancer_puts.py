# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A PUT replaces: what it leaves out is reset, and unknown fields are refused, or kept if the lab is set so."""

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
from oci.load_balancer.models import SSLConfigurationDetails, UpdateListenerDetails

from lab.process import RunningLab

RICH: Json = {
    "hostnameNames": ["shop"],
    "pathRouteSetName": "routes",
    "routingPolicyName": "policy",
    "connectionConfiguration": {"idleTimeout": 1200, "backendTcpProxyProtocolVersion": None},
    "ruleSetNames": ["headers"],
}
RESET: Json = {
    "hostnameNames": [],
    "pathRouteSetName": None,
    "routingPolicyName": None,
    "sslConfiguration": None,
    "connectionConfiguration": {"idleTimeout": 60, "backendTcpProxyProtocolVersion": None},
    "ruleSetNames": [],
}


@pytest.fixture
def newer_service(lab: RunningLab) -> None:
    """The service has fields that neither the lab nor the SDK has."""
    lab.control("PATCH", "/oci/settings", {"unknown_fields": "keep"})


@pytest.fixture
def rich_listener(api: LoadBalancerApi) -> Json:
    """The listener ``https`` with every optional field set."""
    route = {"path": "/cart", "pathMatchType": {"matchType": "PREFIX_MATCH"}, "backendSetName": "app"}
    action = {"name": "FORWARD_TO_BACKENDSET", "backendSetName": "app"}
    rule = {"name": "rule", "condition": "any(http.request.url.path sw '/cart')", "actions": [action]}
    header = {"action": "ADD_HTTP_REQUEST_HEADER", "header": "X-Shop", "value": "yes"}
    api.change("POST", "/hostnames", {"name": "shop", "hostname": "shop.example.com"})
    api.change("POST", "/pathRouteSets", {"name": "routes", "pathRoutes": [route]})
    api.change("POST", "/routingPolicies", {"name": "policy", "conditionLanguageVersion": "V1", "rules": [rule]})
    api.change("POST", "/ruleSets", {"name": "headers", "items": [header]})
    assert api.put_listener("https", **RICH)["lifecycleState"] == "SUCCEEDED"
    return api.listener("https")


def test_a_put_of_exactly_what_was_read_changes_nothing(api: LoadBalancerApi, rich_listener: Json) -> None:
    api.change("PUT", "/listeners/https", rich_listener)
    assert api.listener("https") == rich_listener


@pytest.mark.parametrize("field", sorted(RESET))
def test_an_optional_field_that_a_put_leaves_out_is_reset(
    api: LoadBalancerApi, rich_listener: Json, field: str
) -> None:
    api.change("PUT", "/listeners/https", {name: value for name, value in rich_listener.items() if name != field})
    assert api.listener("https") == rich_listener | {field: RESET[field]}


@pytest.mark.parametrize("field", ["defaultBackendSetName", "port", "protocol"])
def test_a_required_field_that_a_put_leaves_out_is_an_error(api: LoadBalancerApi, field: str) -> None:
    details = {name: value for name, value in api.listener().items() if name != field}
    with pytest.raises(ServiceError) as refused:
        api.call("PUT", "/listeners/http", details)
    assert (refused.value.status, refused.value.code) == (400, "MissingParameter")


@pytest.mark.usefixtures("newer_service")
def test_fields_that_the_sdk_does_not_know_are_stored_and_given_back(api: LoadBalancerApi) -> None:
    api.put_listener(futureField={"deep": [1, 2]})
    assert api.listener()["futureField"] == {"deep": [1, 2]}


@pytest.mark.usefixtures("newer_service")
def test_a_put_without_an_unknown_field_loses_it(api: LoadBalancerApi) -> None:
    listener = api.listener()
    api.put_listener(futureField=1)
    api.change("PUT", "/listeners/http", listener)
    assert "futureField" not in api.listener()


@pytest.mark.usefixtures("newer_service")
def test_unknown_fields_inside_an_ssl_configuration_are_kept(api: LoadBalancerApi) -> None:
    api.put_listener("https", sslConfiguration=api.listener("https")["sslConfiguration"] | {"future": True})
    assert api.listener("https")["sslConfiguration"]["future"] is True


def test_the_sdk_leaves_out_none_so_that_it_resets(
    api: LoadBalancerApi, client: LoadBalancerClient, rich_listener: Json
) -> None:
    ssl = SSLConfigurationDetails(certificate_name="checkout", protocols=["TLSv1.2", "TLSv1.3"])
    details = UpdateListenerDetails(
        default_backend_set_name="app",
        port=rich_listener["port"],
        protocol="HTTP",
        ssl_configuration=ssl,
        rule_set_names=None,
    )
    api.finished(client.update_listener(details, api.balancer_id, "https"))
    assert api.listener("https")["ruleSetNames"] == []


def test_an_explicit_null_is_the_same_as_leaving_a_field_out(api: LoadBalancerApi, rich_listener: Json) -> None:
    api.change("PUT", "/listeners/https", rich_listener | {"hostnameNames": None})
    assert api.listener("https") == rich_listener | {"hostnameNames": []}


def test_ssl_defaults_are_tls_1_2_and_the_default_cipher_suite(api: LoadBalancerApi) -> None:
    api.put_listener("https", sslConfiguration={"certificateName": "checkout"})
    ssl = api.listener("https")["sslConfiguration"]
    assert (ssl["protocols"], ssl["cipherSuiteName"]) == (["TLSv1.2"], "oci-default-ssl-cipher-suite-v1")


def test_the_customized_cipher_suite_is_given_out_but_not_taken_back(api: LoadBalancerApi, put_raw: PutRaw) -> None:
    listeners = api.get()["listeners"]
    listeners["https"]["sslConfiguration"]["cipherSuiteName"] = "oci-customized-ssl-cipher-suite"
    put_raw(listeners=listeners)
    details = api.listener("https")
    assert details["sslConfiguration"]["cipherSuiteName"] == "oci-customized-ssl-cipher-suite"
    with pytest.raises(ServiceError, match="oci-customized-ssl-cipher-suite is reserved"):
        api.call("PUT", "/listeners/https", details)


def test_all_ssl_listeners_on_a_port_have_the_same_protocols(api: LoadBalancerApi) -> None:
    api.change("POST", "/hostnames", {"name": "shop", "hostname": "shop.example.com"})
    second = api.listener("https") | {"name": "shop", "hostnameNames": ["shop"]}
    second["sslConfiguration"] = second["sslConfiguration"] | {"protocols": ["TLSv1.3"]}
    with pytest.raises(ServiceError, match=r"Not all SSL virtual listeners on port \d+ have the same set"):
        api.call("POST", "/listeners", second)


def test_the_idle_timeout_is_required_inside_a_connection_configuration(api: LoadBalancerApi) -> None:
    with pytest.raises(ServiceError) as refused:
        api.call("PUT", "/listeners/http", api.listener() | {"connectionConfiguration": {}})
    assert (refused.value.status, refused.value.code) == (400, "MissingParameter")


def test_an_ssl_configuration_in_snake_case_is_refused(api: LoadBalancerApi) -> None:
    with pytest.raises(ServiceError) as refused:
        api.call("PUT", "/listeners/https", api.listener("https") | {"sslConfiguration": {"certificate_name": "c"}})
    assert (refused.value.status, refused.value.code) == (400, "InvalidParameter")


def test_a_put_of_a_rule_set_overwrites_all_its_rules(api: LoadBalancerApi) -> None:
    rule = {"action": "REMOVE_HTTP_REQUEST_HEADER", "header": "X-Old"}
    api.change("PUT", "/ruleSets/maintenance-page", {"items": [rule]})
    assert api.get("/ruleSets/maintenance-page")["items"] == [rule]


def test_a_put_of_the_load_balancer_changes_only_the_fields_that_it_names(api: LoadBalancerApi) -> None:
    before = api.get()
    api.change("PUT", "", {"freeformTags": {"owner": "shop"}})
    assert api.get() == before | {"freeformTags": {"owner": "shop"}}


@pytest.mark.usefixtures("newer_service")
def test_a_put_of_the_load_balancer_cannot_reach_its_resources(api: LoadBalancerApi) -> None:
    before = api.get()
    api.change("PUT", "", {"listeners": {}, "lifecycleState": "FAILED"})
    assert api.get() == before


@pytest.mark.usefixtures("newer_service")
def test_unknown_fields_of_the_load_balancer_are_kept(api: LoadBalancerApi) -> None:
    api.change("PUT", "", {"futureField": 1})
    api.change("PUT", "", {"displayName": "checkout"})
    assert api.get()["futureField"] == 1


def test_a_put_of_free_form_tags_replaces_all_of_them(api: LoadBalancerApi) -> None:
    api.change("PUT", "", {"freeformTags": {"one": "1"}})
    api.change("PUT", "", {"freeformTags": {"two": "2"}})
    assert api.get()["freeformTags"] == {"two": "2"}


def test_a_put_answers_204_without_a_body(client: LoadBalancerClient, api: LoadBalancerApi) -> None:
    response = client.update_load_balancer(
        oci.load_balancer.models.UpdateLoadBalancerDetails(display_name="checkout"), api.balancer_id
    )
    assert (response.status, response.data) == (204, None)
    assert response.headers["opc-work-request-id"].startswith("ocid1.loadbalancerworkrequest.")
