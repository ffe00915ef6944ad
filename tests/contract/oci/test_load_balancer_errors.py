# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Refusals in the form that the SDK understands."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import (
    Json,
    LoadBalancerApi,
)
from oci.exceptions import ServiceError
from oci.load_balancer import LoadBalancerClient

from lab.process import RunningLab


def refused(call: Callable[..., object], *arguments: object, **options: object) -> tuple[int, str]:
    with pytest.raises(ServiceError) as caught:
        call(*arguments, **options)
    return caught.value.status, caught.value.code


def test_the_sdk_does_not_escape_a_slash_in_a_name(client: LoadBalancerClient, balancer_id: str) -> None:
    assert refused(client.get_rule_set, balancer_id, "maintenance/page") == (404, "NotFound")


def test_an_unknown_load_balancer_is_not_distinguished_from_a_forbidden_one(client: LoadBalancerClient) -> None:
    error = refused(client.get_load_balancer, "ocid1.loadbalancer.oc1.iad.unknown")
    assert error == (404, "NotAuthorizedOrNotFound")


@pytest.mark.parametrize("path", ["/listeners/nothing", "/ruleSets/nothing", "/backendSets/nothing"])
def test_a_put_never_creates(api: LoadBalancerApi, path: str) -> None:
    bodies = {
        "/listeners/nothing": api.listener(),
        "/ruleSets/nothing": {"items": []},
        "/backendSets/nothing": api.backend_set(),
    }
    assert refused(api.call, "PUT", path, bodies[path]) == (404, "NotAuthorizedOrNotFound")


def test_a_post_of_an_existing_name_is_a_conflict(api: LoadBalancerApi) -> None:
    assert refused(api.call, "POST", "/ruleSets", {"name": "maintenance-page", "items": []})[0] == 409


@pytest.mark.parametrize(("method", "path"), [("GET", "/listeners/http"), ("GET", "/listeners")])
def test_listeners_can_only_be_read_from_the_load_balancer(api: LoadBalancerApi, method: str, path: str) -> None:
    assert refused(api.call, method, path) == (405, "MethodNotAllowed")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/backendSets/app", {"policy": "ROUND_ROBIN", "healthChecker": {"protocol": "TCP"}}),
        ("PUT", "/backendSets/app/backends/192.0.2.1:80", {"weight": 1}),
        ("PUT", "/backendSets/app/healthChecker", {"protocol": "TCP"}),
        ("PUT", "/ruleSets/maintenance-page", {}),
        ("PUT", "/updateShape", {}),
        ("POST", "/ruleSets", {"name": "new"}),
        ("POST", "/ruleSets", {"items": []}),
        ("POST", "/hostnames", {"name": "new"}),
        ("POST", "/routingPolicies", {"name": "new", "rules": []}),
        ("POST", "/backendSets/app/backends", {"port": 80}),
    ],
    ids=str,
)
def test_what_the_api_reference_calls_required_is_required(
    api: LoadBalancerApi, method: str, path: str, body: Json
) -> None:
    assert refused(api.call, method, path, body) == (400, "MissingParameter")


@pytest.mark.parametrize("body", ["{", "[]", ""])
def test_a_body_that_is_no_json_object_cannot_be_parsed(api: LoadBalancerApi, body: str) -> None:
    assert refused(api.call, "PUT", "/listeners/http", body) == (400, "CannotParseRequest")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("defaultBackendSetName", "nothing"),
        ("port", 70000),
        ("port", "80"),
        ("protocol", "UDP"),
        ("ruleSetNames", ["nothing"]),
        ("ruleSetNames", ["maintenance-page", "maintenance-page"]),
        ("ruleSetNames", "maintenance-page"),
        ("hostnameNames", ["nothing"]),
        ("pathRouteSetName", "nothing"),
        ("routingPolicyName", "nothing"),
        ("sslConfiguration", {"certificateName": "nothing"}),
        ("sslConfiguration", {"certificateName": "checkout", "protocols": ["SSLv3"]}),
        ("sslConfiguration", {"certificateName": "checkout", "cipherSuiteName": "nothing"}),
        ("connectionConfiguration", {"idleTimeout": 0}),
    ],
)
def test_an_impossible_value_is_an_invalid_parameter(api: LoadBalancerApi, field: str, value: object) -> None:
    error = refused(api.call, "PUT", "/listeners/http", api.listener() | {field: value})
    assert error == (400, "InvalidParameter")


@pytest.mark.parametrize("name", ["with space", "with.dot", "", "ä"])
def test_names_are_letters_digits_dashes_and_underscores(api: LoadBalancerApi, name: str) -> None:
    error = refused(api.call, "POST", "/ruleSets", {"name": name, "items": []})
    assert error == (400, "InvalidParameter")


@pytest.mark.parametrize(
    ("path", "user"), [("/backendSets/app", "Listener 'http'"), ("/certificates/checkout", "Listener 'https'")]
)
def test_what_is_in_use_cannot_be_deleted(api: LoadBalancerApi, path: str, user: str) -> None:
    with pytest.raises(ServiceError, match=f"attached to .*{user}") as caught:
        api.call("DELETE", path)
    assert caught.value.status == 409


def test_two_listeners_cannot_serve_the_same_port_and_host_names(api: LoadBalancerApi) -> None:
    error = refused(api.call, "POST", "/listeners", api.listener() | {"name": "again"})
    assert error == (400, "InvalidParameter")


def test_a_tcp_listener_cannot_have_rule_sets(api: LoadBalancerApi) -> None:
    details = api.listener() | {"protocol": "TCP", "ruleSetNames": ["maintenance-page"]}
    assert refused(api.call, "PUT", "/listeners/http", details) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({f"tag{n}": "value" for n in range(11)}, "LimitExceeded"),
        ({"with.dot": "value"}, "InvalidParameter"),
        ({"with space": "value"}, "InvalidParameter"),
        ({"k" * 101: "value"}, "InvalidParameter"),
        ({"key": "v" * 257}, "InvalidParameter"),
        ({"key": 1}, "InvalidParameter"),
    ],
)
def test_free_form_tags_have_limits(api: LoadBalancerApi, tags: Json, code: str) -> None:
    assert refused(api.call, "PUT", "", {"freeformTags": tags}) == (400, code)


def test_all_tags_together_have_a_limit(api: LoadBalancerApi) -> None:
    defined = {"Operations": {f"key{n}": "v" * 250 for n in range(20)}}
    assert refused(api.call, "PUT", "", {"definedTags": defined}) == (400, "LimitExceeded")


def test_the_size_of_all_tags_is_that_of_their_utf_8(api: LoadBalancerApi) -> None:
    defined = {"Operations": {f"key{n}": "é" * 250 for n in range(8)}}
    assert api.change("PUT", "", {"definedTags": defined})["lifecycleState"] == "SUCCEEDED"


def test_ten_free_form_tags_of_full_length_are_accepted(api: LoadBalancerApi) -> None:
    tags = {f"{n}{'k' * 99}": "v" * 256 for n in range(10)}
    assert api.change("PUT", "", {"freeformTags": tags})["lifecycleState"] == "SUCCEEDED"


def test_a_private_key_is_never_given_out(api: LoadBalancerApi) -> None:
    assert "privateKey" not in str(api.get()) + str(api.get("/certificates"))


def test_every_answer_has_a_request_id_that_begins_with_the_clients(
    client: LoadBalancerClient, balancer_id: str
) -> None:
    client_part = "0123456789ABCDEF0123456789ABCDEF"
    response = client.get_load_balancer(balancer_id, opc_request_id=client_part)
    parts = response.request_id.split("/")
    assert parts[0] == client_part
    assert [len(part) for part in parts] == [32, 32, 32]


def test_errors_have_a_request_id_too(client: LoadBalancerClient) -> None:
    with pytest.raises(ServiceError) as caught:
        client.get_load_balancer("ocid1.loadbalancer.oc1.iad.unknown")
    assert caught.value.request_id.count("/") == 2


def test_an_error_answer_is_json_with_code_and_message(lab: RunningLab) -> None:
    answer = requests.get(f"{lab.info['oci']['endpoint']}/20170115/loadBalancers", timeout=10)
    assert answer.status_code == 401
    assert sorted(answer.json()) == ["code", "message"]
