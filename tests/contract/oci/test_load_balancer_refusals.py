# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The lab is no laxer than the service: fields, names, routing policies, certificates, cipher suites, states."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import (
    Json,
    LoadBalancerApi,
    PutRaw,
)
from oci.exceptions import ServiceError
from oci.load_balancer import LoadBalancerClient, models

from lab.oci.load_balancer.known_fields import BODIES, ByAction, Inner, Model, Named
from lab.process import RunningLab

CERTIFICATE_ID = "ocid1.certificate.oc1.iad.one"
FORWARD = {"name": "FORWARD_TO_BACKENDSET", "backendSetName": "app"}
ROUTING_RULE = {"name": "cart", "condition": "http.request.url.path sw '/cart'", "actions": [FORWARD]}

#: Makes a call that must be refused: status, code and message.
Refused = Callable[..., tuple[int, str, str]]


@pytest.fixture
def refused(api: LoadBalancerApi) -> Refused:
    def call(method: str, path: str, body: object = None) -> tuple[int, str, str]:
        with pytest.raises(ServiceError) as caught:
            api.call(method, path, body)
        return caught.value.status, caught.value.code, caught.value.message

    return call


def models_in(inner: Inner) -> Iterator[Model]:
    if isinstance(inner, Named):
        yield from models_in(inner.model)
    elif isinstance(inner, ByAction):
        for model in inner.models.values():
            yield from models_in(model)
    elif inner is not None:
        yield inner
        for value in inner.inner.values():
            yield from models_in(value)


def fields_of(kind: str) -> set[str]:
    return set(getattr(models, kind)().attribute_map.values())


@pytest.mark.parametrize(
    "model", [model for body in BODIES.values() for model in models_in(body)], ids=lambda m: m.name
)
def test_the_lab_knows_the_fields_that_the_sdk_knows(model: Model) -> None:
    # The lab has one model where the API has one for requests and one for responses, or one for each kind of condition.
    kinds = {
        "AddHttpHeaderRule": "AddHttpRequestHeaderRule",
        "ExtendHttpHeaderValueRule": "ExtendHttpRequestHeaderValueRule",
        "RemoveHttpHeaderRule": "RemoveHttpRequestHeaderRule",
        "RuleCondition": "SourceIpAddressCondition",
    }
    assert model.known == fields_of(kinds.get(model.name, model.name))


@pytest.mark.parametrize(
    ("method", "path", "details"),
    [
        ("PUT", "", lambda _unused: {"futureField": 1}),
        ("PUT", "/listeners/http", lambda api: api.listener() | {"futureField": 1}),
        (
            "PUT",
            "/listeners/http",
            lambda api: api.listener() | {"connectionConfiguration": {"idleTimeout": 9, "futureField": 1}},
        ),
        ("PUT", "/backendSets/app", lambda api: api.backend_set() | {"futureField": 1}),
        ("PUT", "/backendSets/app/healthChecker", lambda api: api.backend_set()["healthChecker"] | {"futureField": 1}),
        ("POST", "/backendSets/app/backends", lambda _unused: {"ipAddress": "192.0.2.1", "port": 1, "futureField": 1}),
        ("POST", "/ruleSets", lambda _unused: {"name": "new", "items": [], "futureField": 1}),
        (
            "PUT",
            "/ruleSets/maintenance-page",
            lambda _unused: {"items": [{"action": "REMOVE_HTTP_REQUEST_HEADER", "header": "X", "futureField": 1}]},
        ),
        ("POST", "/hostnames", lambda _unused: {"name": "a", "hostname": "a.example.com", "futureField": 1}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_field_that_the_operation_does_not_know_is_refused(
    api: LoadBalancerApi, refused: Refused, method: str, path: str, details: Callable[[LoadBalancerApi], Json]
) -> None:
    status, code, message = refused(method, path, details(api))
    assert (status, code) == (400, "InvalidParameter")
    assert message.startswith('Unrecognized field "futureField" (class ')
    assert ", not marked as ignorable" in message


def test_the_name_of_a_listener_is_a_field_of_its_get_and_of_no_put(api: LoadBalancerApi, refused: Refused) -> None:
    assert 'Unrecognized field "name"' in refused("PUT", "/listeners/http", api.get()["listeners"]["http"])[2]


def test_a_field_that_the_service_shows_and_does_not_take_back_is_refused(
    api: LoadBalancerApi, put_raw: PutRaw, refused: Refused
) -> None:
    listeners = api.get()["listeners"]
    listeners["http"]["futureField"] = "shown"
    put_raw(listeners=listeners)
    assert 'Unrecognized field "futureField"' in refused("PUT", "/listeners/http", api.listener())[2]


def test_a_refused_field_changes_nothing(api: LoadBalancerApi, refused: Refused) -> None:
    before = api.etag()
    refused("PUT", "/listeners/http", api.listener() | {"futureField": 1})
    assert api.etag() == before


@pytest.mark.parametrize("length", [1, 32])
def test_the_name_of_a_backend_set_has_up_to_32_characters(api: LoadBalancerApi, length: int) -> None:
    work_request = api.change("POST", "/backendSets", api.backend_set() | {"name": "b" * length})
    assert work_request["lifecycleState"] == "SUCCEEDED"


def test_the_name_of_a_backend_set_has_no_more_than_32_characters(api: LoadBalancerApi, refused: Refused) -> None:
    status, code, message = refused("POST", "/backendSets", api.backend_set() | {"name": "b" * 33})
    assert (status, code) == (400, "InvalidParameter")
    assert "size must be between 1 and 32" in message


@pytest.mark.parametrize("name", ["with-dash", "1st", "with.dot", ""])
def test_the_name_of_a_routing_policy_is_an_identifier(refused: Refused, name: str) -> None:
    details = {"name": name, "conditionLanguageVersion": "V1", "rules": [ROUTING_RULE]}
    assert refused("POST", "/routingPolicies", details)[:2] == (400, "InvalidParameter")


@pytest.mark.parametrize(
    "rule",
    [
        ROUTING_RULE | {"name": "1st"},
        ROUTING_RULE | {"condition": "nonsense"},
        ROUTING_RULE | {"condition": "any()"},
        ROUTING_RULE | {"condition": "any(http.request.url.path eq '/a'"},
        ROUTING_RULE | {"condition": "http.request.url.path contains '/a'"},
        ROUTING_RULE | {"condition": "http.request.headers['host'] eq 'case matters'"},
        ROUTING_RULE | {"condition": "'name' in (http.request.url.path)"},
        ROUTING_RULE | {"actions": []},
        ROUTING_RULE | {"actions": [FORWARD, FORWARD]},
        ROUTING_RULE | {"actions": [FORWARD | {"name": "REDIRECT"}]},
        ROUTING_RULE | {"actions": [FORWARD | {"backendSetName": "nothing"}]},
    ],
    ids=str,
)
def test_a_routing_rule_that_cannot_work_is_refused(refused: Refused, rule: Json) -> None:
    details = {"name": "policy", "conditionLanguageVersion": "V1", "rules": [rule]}
    assert refused("POST", "/routingPolicies", details)[:2] == (400, "InvalidParameter")


def test_two_routing_rules_of_one_name_are_refused(refused: Refused) -> None:
    details = {"name": "policy", "conditionLanguageVersion": "V1", "rules": [ROUTING_RULE, ROUTING_RULE]}
    assert refused("POST", "/routingPolicies", details)[:2] == (400, "InvalidParameter")


@pytest.mark.parametrize(
    "condition",
    [
        "any(http.request.url.path eq (i '/documents'))",
        "all(http.request.headers[(i 'host')] eq (i 'a.example.com'), http.request.url.query['page'] = '1')",
        "any(http.request.url.path sw '/a', not all(http.request.url.path ew '/b', 'c' in (http.request.cookies)))",
        "(i 'User-Agent') not in (http.request.headers)",
        "http.request.cookies['name'] not eq 'value'",
    ],
)
def test_conditions_of_the_documented_language_are_accepted(api: LoadBalancerApi, condition: str) -> None:
    details = {"name": "p", "conditionLanguageVersion": "V1", "rules": [ROUTING_RULE | {"condition": condition}]}
    assert api.change("POST", "/routingPolicies", details)["lifecycleState"] == "SUCCEEDED"


def test_a_certificate_is_named_either_by_name_or_by_id(api: LoadBalancerApi, refused: Refused) -> None:
    ssl = {"certificateName": "checkout", "certificateIds": [CERTIFICATE_ID]}
    details = api.listener("https") | {"sslConfiguration": ssl}
    assert refused("PUT", "/listeners/https", details)[:2] == (400, "InvalidParameter")


@pytest.mark.parametrize("suite", ["oci-tls-12-13-ssl-cipher-suite-v3", "oci-tls-11-12-13-wider-ssl-cipher-suite-v1"])
def test_predefined_cipher_suites_are_those_of_the_documentation(api: LoadBalancerApi, suite: str) -> None:
    ssl = api.listener("https")["sslConfiguration"] | {"cipherSuiteName": suite}
    assert api.put_listener("https", sslConfiguration=ssl)["lifecycleState"] == "SUCCEEDED"


@pytest.mark.parametrize("suite", ["oci-default-ssl-cipher-suite-v1", "oci-customized-ssl-cipher-suite"])
def test_a_custom_cipher_suite_has_a_name_of_its_own(refused: Refused, suite: str) -> None:
    details = {"name": suite, "ciphers": ["AES128-SHA"]}
    assert refused("POST", "/sslCipherSuites", details)[:2] == (400, "InvalidParameter")


@pytest.mark.parametrize("state", ["CREATING", "FAILED", "DELETING"])
@pytest.mark.parametrize("concurrency", ["reject", "queue"])
def test_only_an_active_load_balancer_can_be_changed(
    lab: RunningLab, api: LoadBalancerApi, put_raw: PutRaw, refused: Refused, state: str, concurrency: str
) -> None:
    lab.control("PATCH", "/oci/settings", {"concurrency": concurrency})
    put_raw(lifecycleState=state)
    assert refused("PUT", "/listeners/http", api.listener())[0] == 409
    assert refused("PUT", "", {"displayName": "other"})[0] == 409


def test_a_load_balancer_that_failed_can_be_deleted(
    client: LoadBalancerClient, api: LoadBalancerApi, put_raw: PutRaw
) -> None:
    put_raw(lifecycleState="FAILED")
    assert api.finished(client.delete_load_balancer(api.balancer_id))["lifecycleState"] == "SUCCEEDED"


def test_a_load_balancer_is_deleting_until_its_work_request_succeeds(
    lab: RunningLab, client: LoadBalancerClient, balancer_id: str
) -> None:
    lab.control("PATCH", "/oci/settings", {"work_request_seconds": 600})
    client.delete_load_balancer(balancer_id)
    assert client.get_load_balancer(balancer_id).data.lifecycle_state == "DELETING"


def test_a_load_balancer_whose_deletion_fails_is_active_again(
    lab: RunningLab, client: LoadBalancerClient, api: LoadBalancerApi
) -> None:
    lab.add_fault("work_request_failed", operation="DeleteLoadBalancer")
    api.finished(client.delete_load_balancer(api.balancer_id))
    assert api.get()["lifecycleState"] == "ACTIVE"


def test_a_load_balancer_that_could_not_be_created_has_failed(lab: RunningLab, api: LoadBalancerApi) -> None:
    lab.add_fault("work_request_failed", operation="CreateLoadBalancer")
    details = models.CreateLoadBalancerDetails(
        compartment_id=lab.info["oci"]["compartment_id"], display_name="new", shape_name="flexible", subnet_ids=["one"]
    )
    api.balancer_id = api.finished(api.client.create_load_balancer(details))["loadBalancerId"]
    assert api.get()["lifecycleState"] == "FAILED"
