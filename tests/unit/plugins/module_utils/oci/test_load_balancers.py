# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""An answer that is not from the service becomes a clear error, for every call."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import UnexpectedAnswerError
from ansible_collections.tidegate.failover.plugins.module_utils._oci import notifications
from ansible_collections.tidegate.failover.plugins.module_utils._oci.load_balancers import LoadBalancerApi

from ..maintenance.backend_sets import health
from ..maintenance.balancers import balancer

ENDPOINT = "https://iaas.us-ashburn-1.oraclecloud.com"
PAGES: list[object] = ["<html>A page with status 200</html>", [17], {}, None, 17, {"listeners": []}, {"status": "OK"}]

CALLS: list[Callable[[LoadBalancerApi], object]] = [
    LoadBalancerApi.read,
    lambda api: api.backend_set_health("app"),
    lambda api: api.read_work_request("ocid1.loadbalancerworkrequest.oc1.iad.aaaa"),
    LoadBalancerApi.newest_work_requests,
]


def client_that_gets(data: object, **headers: str) -> t.Any:
    answer = SimpleNamespace(data=data, headers={"etag": "a1"} | headers)
    base = SimpleNamespace(endpoint=ENDPOINT, call_api=lambda **_call: answer)
    return SimpleNamespace(base_client=base)


def api_that_gets(data: object, **headers: str) -> LoadBalancerApi:
    return LoadBalancerApi(client_that_gets(data, **headers), "ocid1.loadbalancer.oc1.iad.aaaaexample")


@pytest.mark.parametrize("page", PAGES, ids=str)
@pytest.mark.parametrize("call", CALLS)
def test_i7_a_page_of_something_else_is_an_error_that_says_what_answered_and_where(
    call: Callable[[LoadBalancerApi], object], page: object
) -> None:
    with pytest.raises(UnexpectedAnswerError) as caught:
        call(api_that_gets(page))
    assert f"what answered at {ENDPOINT} is not the Load Balancing service as it is known (" in str(caught.value)


def test_a_load_balancer_without_a_version_is_no_answer() -> None:
    with pytest.raises(UnexpectedAnswerError, match="it has no etag"):
        api_that_gets(balancer(lifecycleState="ACTIVE"), etag="").read()


@pytest.mark.parametrize(
    ("changed", "reported"),
    [
        ({"listeners": {"http": "?"}}, "listeners.http is a text"),
        ({"listeners": {"http": {"protocol": "HTTP", "port": 80}}}, "listeners.http.defaultBackendSetName is missing"),
        ({"backendSets": {"app": {"backends": ["10.0.0.1:80"]}}}, r"backendSets.app.backends\[0\] is a text"),
        ({"ruleSets": {"page": {"items": ["?"]}}}, r"ruleSets.page.items\[0\] is a text"),
        ({"freeformTags": {"team": 1}}, "freeformTags.team is a number"),
        ({"lifecycleState": None}, "lifecycleState is missing"),
    ],
)
def test_a_load_balancer_with_a_part_of_another_shape_is_no_answer(changed: dict[str, t.Any], reported: str) -> None:
    with pytest.raises(UnexpectedAnswerError, match=reported):
        api_that_gets(balancer(**{"lifecycleState": "ACTIVE", **changed})).read()


@pytest.mark.parametrize("state", ["critical", "warning", "unknown"])
def test_i7_health_without_one_of_its_lists_does_not_read_as_an_empty_one(state: str) -> None:
    reported = {key: value for key, value in health(2).items() if key != f"{state}StateBackendNames"}
    with pytest.raises(UnexpectedAnswerError, match=f"{state}StateBackendNames is missing"):
        api_that_gets(reported).backend_set_health("app")


@pytest.mark.parametrize("page", ["<html>", [], {}, None, {"messageId": 17}], ids=str)
def test_a_message_that_something_else_took_was_not_sent(page: object) -> None:
    with pytest.raises(UnexpectedAnswerError, match="is not OCI Notifications as it is known"):
        notifications.publish(client_that_gets(page), "ocid1.onstopic.oc1.iad.aaaa", "title", "body")


def test_a_message_that_was_sent_has_the_id_that_the_service_gave_it() -> None:
    client = client_that_gets({"messageId": "m-1", "timeStamp": "2026-11-21T03:04:05Z"})
    assert notifications.publish(client, "ocid1.onstopic.oc1.iad.aaaa", "title", "body") == "m-1"
