# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What a rule set may hold, and what a listener may be attached to."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import (
    Json,
    LoadBalancerApi,
)
from oci.exceptions import ServiceError
from oci.load_balancer import LoadBalancerClient, models

ANYTHING = {"attributeName": "PATH", "attributeValue": "/", "operator": "PREFIX_MATCH"}
REMOVE = {"action": "REMOVE_HTTP_REQUEST_HEADER", "header": "X-Old"}
EVERY_ACTION: list[Json] = [
    {"action": "ADD_HTTP_REQUEST_HEADER", "header": "X-A", "value": "a"},
    {"action": "EXTEND_HTTP_REQUEST_HEADER_VALUE", "header": "X-A", "prefix": "p", "suffix": "s"},
    {"action": "REMOVE_HTTP_REQUEST_HEADER", "header": "X-A"},
    {"action": "ADD_HTTP_RESPONSE_HEADER", "header": "X-A", "value": "a"},
    {"action": "EXTEND_HTTP_RESPONSE_HEADER_VALUE", "header": "X-A", "suffix": "s"},
    {"action": "REMOVE_HTTP_RESPONSE_HEADER", "header": "X-A"},
    {
        "action": "ALLOW",
        "conditions": [{"attributeName": "SOURCE_IP_ADDRESS", "attributeValue": "192.0.2.0/24"}],
        "description": "office",
    },
    {"action": "CONTROL_ACCESS_USING_HTTP_METHODS", "allowedMethods": ["GET", "PROPFIND"], "statusCode": 403},
    {"action": "REDIRECT", "conditions": [ANYTHING], "responseCode": 307, "redirectUri": {"port": 8080}},
    {"action": "HTTP_HEADER", "areInvalidCharactersAllowed": True, "httpLargeHeaderSizeInKB": 32},
    {
        "action": "IP_BASED_MAX_CONNECTIONS",
        "defaultMaxConnections": 10,
        "ipMaxConnections": [{"ipAddresses": ["192.0.2.0/24"], "maxConnections": 5}],
    },
]


def redirect(matching: str = "/", operator: str = "PREFIX_MATCH", code: int = 302, **uri: object) -> Json:
    condition = {"attributeName": "PATH", "attributeValue": matching, "operator": operator}
    return {"action": "REDIRECT", "conditions": [condition], "responseCode": code, "redirectUri": uri}


def post(api: LoadBalancerApi, name: str, *rules: Json) -> Json:
    return api.change("POST", "/ruleSets", {"name": name, "items": list(rules)})


def refused(api: LoadBalancerApi, *rules: Json) -> tuple[int, str]:
    with pytest.raises(ServiceError) as caught:
        api.call("POST", "/ruleSets", {"name": "new", "items": list(rules)})
    return caught.value.status, caught.value.code


@pytest.mark.parametrize("rule", EVERY_ACTION, ids=lambda rule: rule["action"])
def test_every_action_is_stored_and_given_back(api: LoadBalancerApi, rule: Json) -> None:
    post(api, "new", rule)
    assert api.get("/ruleSets/new") == {"name": "new", "items": [rule]}


def test_the_sdk_reads_every_action_as_its_own_model(api: LoadBalancerApi, client: LoadBalancerClient) -> None:
    post(api, "new", *EVERY_ACTION)
    kinds = {type(rule) for rule in client.get_rule_set(api.balancer_id, "new").data.items}
    assert len(kinds) == len(EVERY_ACTION)
    assert models.RedirectRule in kinds


def test_the_default_response_code_of_a_redirect_is_302(api: LoadBalancerApi) -> None:
    post(api, "new", {"action": "REDIRECT", "conditions": [ANYTHING]})
    assert api.get("/ruleSets/new")["items"][0]["responseCode"] == 302


@pytest.mark.parametrize(
    "rule",
    [
        {"action": "NOTHING"},
        redirect(code=200),
        redirect(code=304),
        redirect(operator="REGEX_MATCH"),
        {"action": "REDIRECT", "conditions": []},
        {"action": "REDIRECT", "conditions": [{**ANYTHING, "attributeName": "HOST"}]},
        redirect(protocol="ftp"),
        redirect(port=0),
        redirect(host=""),
        redirect(path="maintenance"),
        redirect(query="a=b"),
        redirect(host="{hostname}"),
        redirect(path="/{path"),
        redirect(path="/a\\b"),
        {"action": "ADD_HTTP_REQUEST_HEADER", "header": "X A", "value": "a"},
        {"action": "ADD_HTTP_REQUEST_HEADER", "header": "X-A", "value": "$a"},
        {"action": "ADD_HTTP_REQUEST_HEADER", "header": "X-A", "value": "{a}"},
        {"action": "EXTEND_HTTP_REQUEST_HEADER_VALUE", "header": "X-A"},
        {"action": "CONTROL_ACCESS_USING_HTTP_METHODS", "allowedMethods": ["FETCH"]},
        {"action": "ALLOW", "conditions": [{"attributeName": "SOURCE_IP_ADDRESS", "attributeValue": "192.0.2.1"}]},
        {"action": "HTTP_HEADER", "httpLargeHeaderSizeInKB": 7},
    ],
    ids=str,
)
def test_an_impossible_rule_is_refused(api: LoadBalancerApi, rule: Json) -> None:
    assert refused(api, rule) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    "uri",
    [
        {"protocol": "{protocol}"},
        {"path": "{path}/123"},
        {"path": ""},
        {"query": ""},
        {"query": "?lang=en&{query}"},
        {"host": "in{host}"},
        {"path": "/a\\{b\\}"},
    ],
    ids=str,
)
def test_every_documented_form_of_a_redirect_uri_is_accepted(api: LoadBalancerApi, uri: Json) -> None:
    assert post(api, "new", redirect(**uri))["lifecycleState"] == "SUCCEEDED"


@pytest.mark.parametrize("rule", [{"header": "X-Old"}, {"action": "REDIRECT"}, {"action": "ALLOW"}], ids=str)
def test_a_rule_without_what_it_needs_is_refused(api: LoadBalancerApi, rule: Json) -> None:
    assert refused(api, rule) == (400, "MissingParameter")


def test_a_rule_set_holds_20_rules_and_not_one_more(api: LoadBalancerApi) -> None:
    assert refused(api, *[REMOVE] * 21) == (400, "InvalidParameter")
    assert post(api, "new", *[REMOVE] * 20)["lifecycleState"] == "SUCCEEDED"


def test_a_load_balancer_holds_50_rules_and_not_one_more(api: LoadBalancerApi) -> None:
    # The lab starts with two.
    post(api, "one", *[REMOVE] * 20)
    post(api, "two", *[REMOVE] * 20)
    assert refused(api, *[REMOVE] * 9) == (400, "LimitExceeded")
    assert post(api, "three", *[REMOVE] * 8)["lifecycleState"] == "SUCCEEDED"


def test_the_order_of_attached_rule_sets_is_kept(api: LoadBalancerApi) -> None:
    post(api, "b", REMOVE)
    post(api, "a", REMOVE)
    api.put_listener(ruleSetNames=["maintenance-page", "b", "a"])
    assert api.listener()["ruleSetNames"] == ["maintenance-page", "b", "a"]


def test_one_rule_set_can_be_attached_to_many_listeners(api: LoadBalancerApi) -> None:
    for name in ("http", "https"):
        assert api.put_listener(name, ruleSetNames=["maintenance-page"])["lifecycleState"] == "SUCCEEDED"


def test_a_listener_has_only_one_redirect_for_a_path(api: LoadBalancerApi) -> None:
    post(api, "other", redirect("/", "EXACT_MATCH"))
    with pytest.raises(ServiceError) as caught:
        api.call("PUT", "/listeners/http", api.listener() | {"ruleSetNames": ["maintenance-page", "other"]})
    assert (caught.value.status, caught.value.code) == (400, "InvalidParameter")


def test_an_attached_rule_set_cannot_become_a_second_redirect_for_a_path(api: LoadBalancerApi) -> None:
    post(api, "other", redirect("/old"))
    api.put_listener(ruleSetNames=["maintenance-page", "other"])
    with pytest.raises(ServiceError, match="only one redirect rule"):
        api.call("PUT", "/ruleSets/other", {"items": [redirect("/")]})


def test_an_attached_rule_set_cannot_be_deleted(api: LoadBalancerApi) -> None:
    api.put_listener(ruleSetNames=["maintenance-page"])
    with pytest.raises(ServiceError) as caught:
        api.call("DELETE", "/ruleSets/maintenance-page")
    assert caught.value.status == 409


def test_rules_of_a_listener_are_listed_by_what_they_do(api: LoadBalancerApi, client: LoadBalancerClient) -> None:
    post(api, "everything", EVERY_ACTION[3], EVERY_ACTION[0], EVERY_ACTION[7], EVERY_ACTION[6])
    api.put_listener(ruleSetNames=["everything"])
    listed = client.list_listener_rules(api.balancer_id, "http").data
    assert {item.rule_set_name for item in listed} == {"everything"}
    assert [item.rule.action for item in listed] == [
        "ALLOW",
        "CONTROL_ACCESS_USING_HTTP_METHODS",
        "ADD_HTTP_REQUEST_HEADER",
        "ADD_HTTP_RESPONSE_HEADER",
    ]
