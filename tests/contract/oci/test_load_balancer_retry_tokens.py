# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A repeated write gets the first answer, and is not carried out again."""

from __future__ import annotations

import oci
import pytest
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import (
    LoadBalancerApi,
    MakeClient,
)
from oci.exceptions import RequestException, ServiceError
from oci.load_balancer import LoadBalancerClient
from oci.load_balancer.models import CreateRuleSetDetails

from lab.process import RunningLab

EMPTY = CreateRuleSetDetails(name="new", items=[])


def test_the_same_request_with_the_same_token_gets_the_same_answer(
    client: LoadBalancerClient, api: LoadBalancerApi
) -> None:
    answers = [client.create_rule_set(api.balancer_id, EMPTY, opc_retry_token="token") for _unused in range(2)]
    assert len({answer.headers["opc-work-request-id"] for answer in answers}) == 1


def test_without_a_token_the_second_request_is_another_one(client: LoadBalancerClient, api: LoadBalancerApi) -> None:
    api.finished(client.create_rule_set(api.balancer_id, EMPTY))
    with pytest.raises(ServiceError) as refused:
        client.create_rule_set(api.balancer_id, EMPTY)
    assert refused.value.status == 409


def test_another_request_with_a_used_token_is_refused(client: LoadBalancerClient, api: LoadBalancerApi) -> None:
    client.create_rule_set(api.balancer_id, EMPTY, opc_retry_token="token")
    with pytest.raises(ServiceError) as refused:
        client.create_rule_set(api.balancer_id, CreateRuleSetDetails(name="other", items=[]), opc_retry_token="token")
    assert (refused.value.status, refused.value.code) == (409, "InvalidatedRetryToken")


def test_a_refused_request_does_not_use_up_its_token(api: LoadBalancerApi) -> None:
    details = api.listener()
    with pytest.raises(ServiceError):
        api.call("PUT", "/listeners/http", details, if_match="old", opc_retry_token="token")
    api.call("PUT", "/listeners/http", details, opc_retry_token="token")


def test_the_sdk_sends_a_token_only_when_it_may_retry(
    lab: RunningLab, make_client: MakeClient, api: LoadBalancerApi
) -> None:
    lab.add_fault("drop_after", operation="CreateRuleSet")
    client = make_client(retry_strategy=oci.retry.DEFAULT_RETRY_STRATEGY)
    api.finished(client.create_rule_set(api.balancer_id, EMPTY))
    assert api.get("/ruleSets/new")["items"] == []
    assert [request["status"] for request in lab.requests() if request["operation"] == "CreateRuleSet"] == [None, 204]


def test_a_lost_answer_without_a_token_leaves_the_effect(
    lab: RunningLab, client: LoadBalancerClient, api: LoadBalancerApi
) -> None:
    lab.add_fault("drop_after", operation="CreateRuleSet")
    with pytest.raises(RequestException):
        client.create_rule_set(api.balancer_id, EMPTY)
    assert [work_request["type"] for work_request in api.get("/workRequests")] == ["CreateRuleSet"]


def test_a_delete_has_no_retry_token(api: LoadBalancerApi) -> None:
    api.change("POST", "/ruleSets", {"name": "new", "items": []})
    api.change("DELETE", "/ruleSets/new", opc_retry_token="token")
    with pytest.raises(ServiceError) as refused:
        api.call("DELETE", "/ruleSets/new", opc_retry_token="token")
    assert refused.value.status == 404
