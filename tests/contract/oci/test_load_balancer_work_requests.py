# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Writes are accepted first and done later."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import (
    LoadBalancerApi,
    eventually,
)
from oci.exceptions import ServiceError
from oci.load_balancer import LoadBalancerClient

from lab.process import RunningLab


@pytest.fixture
def slow(lab: RunningLab) -> None:
    """Work requests that do not end while a test reads them."""
    lab.control("PATCH", "/oci/settings", {"work_request_seconds": 600})


def test_a_work_request_succeeds_and_says_what_it_was(api: LoadBalancerApi, lab: RunningLab) -> None:
    work_request = api.put_listener()
    assert work_request["lifecycleState"] == "SUCCEEDED"
    assert work_request["type"] == "UpdateListener"
    assert work_request["loadBalancerId"] == api.balancer_id
    assert work_request["compartmentId"] == lab.info["oci"]["compartment_id"]
    assert work_request["timeAccepted"] <= work_request["timeFinished"]
    assert work_request["errorDetails"] == []


@pytest.mark.usefixtures("slow")
def test_a_work_request_is_accepted_first(api: LoadBalancerApi) -> None:
    response = api.call("PUT", "/listeners/http", api.listener())
    work_request = api.work_request(response.headers["opc-work-request-id"])
    assert (work_request["lifecycleState"], work_request["timeFinished"]) == ("ACCEPTED", None)


def test_a_work_request_is_in_progress_before_it_ends(api: LoadBalancerApi, lab: RunningLab) -> None:
    lab.control("PATCH", "/oci/settings", {"work_request_seconds": 2})
    identifier = api.call("PUT", "/listeners/http", api.listener()).headers["opc-work-request-id"]
    eventually(lambda: api.work_request(identifier)["lifecycleState"], lambda state: state == "IN_PROGRESS")


@pytest.mark.usefixtures("slow")
def test_the_change_and_the_etag_are_seen_when_the_work_request_succeeds(api: LoadBalancerApi) -> None:
    before, etag = api.get(), api.etag()
    api.call("PUT", "/listeners/http", api.listener() | {"ruleSetNames": ["maintenance-page"]})
    assert (api.get(), api.etag()) == (before, etag)


@pytest.mark.usefixtures("slow")
def test_the_change_can_be_seen_at_once_when_the_service_is_set_so(lab: RunningLab, api: LoadBalancerApi) -> None:
    lab.control("PATCH", "/oci/settings", {"effect": "on_acceptance"})
    api.call("PUT", "/listeners/http", api.listener() | {"ruleSetNames": ["maintenance-page"]})
    assert api.listener()["ruleSetNames"] == ["maintenance-page"]


def test_an_accepted_write_can_fail_later_and_then_changes_nothing(lab: RunningLab, api: LoadBalancerApi) -> None:
    lab.add_fault("work_request_failed", operation="UpdateListener", code="BAD_INPUT", message="no listener")
    before = api.get()
    work_request = api.put_listener(ruleSetNames=["maintenance-page"])
    assert work_request["lifecycleState"] == "FAILED"
    assert work_request["errorDetails"] == [{"errorCode": "BAD_INPUT", "message": "no listener"}]
    assert api.get() == before


def test_one_work_request_can_take_longer_than_others(lab: RunningLab, api: LoadBalancerApi) -> None:
    lab.add_fault("work_request_seconds", operation="UpdateListener", seconds=600)
    response = api.call("PUT", "/listeners/http", api.listener())
    assert api.work_request(response.headers["opc-work-request-id"])["lifecycleState"] == "ACCEPTED"


@pytest.mark.parametrize("code", ["Conflict", "IncorrectState"])
@pytest.mark.usefixtures("slow")
def test_a_second_write_during_a_work_request_is_a_conflict(lab: RunningLab, api: LoadBalancerApi, code: str) -> None:
    lab.control("PATCH", "/oci/settings", {"conflict_code": code})
    api.call("PUT", "/listeners/http", api.listener())
    with pytest.raises(ServiceError) as refused:
        api.call("PUT", "/listeners/https", api.listener("https"))
    assert (refused.value.status, refused.value.code) == (409, code)


@pytest.mark.usefixtures("slow")
def test_a_load_balancer_has_no_updating_state(api: LoadBalancerApi) -> None:
    api.call("PUT", "/listeners/http", api.listener())
    assert api.get()["lifecycleState"] == "ACTIVE"


def test_queued_writes_are_done_in_their_order(lab: RunningLab, api: LoadBalancerApi) -> None:
    lab.control("PATCH", "/oci/settings", {"concurrency": "queue"})
    responses = [api.call("PUT", "", {"displayName": name}) for name in ("first", "second")]
    finished = [api.finished(response) for response in responses]
    assert [work_request["lifecycleState"] for work_request in finished] == ["SUCCEEDED", "SUCCEEDED"]
    assert api.get()["displayName"] == "second"


def test_a_queued_write_never_overwrites_what_came_before_it(lab: RunningLab, api: LoadBalancerApi) -> None:
    lab.control("PATCH", "/oci/settings", {"concurrency": "queue", "work_request_seconds": 1})
    etag = api.etag()
    responses = [api.call("PUT", "", {"displayName": name}, if_match=etag) for name in ("first", "second")]
    states = [api.finished(response)["lifecycleState"] for response in responses]
    assert (states, api.get()["displayName"]) == (["SUCCEEDED", "FAILED"], "first")


def test_work_requests_of_a_load_balancer_are_listed_newest_first(api: LoadBalancerApi) -> None:
    made = [api.put_listener()["id"] for _unused in range(3)]
    assert [found["id"] for found in api.get("/workRequests")] == made[::-1]


def test_an_unknown_work_request_is_not_found(client: LoadBalancerClient) -> None:
    with pytest.raises(ServiceError) as refused:
        client.get_work_request("ocid1.loadbalancerworkrequest.oc1.iad.unknown")
    assert (refused.value.status, refused.value.code) == (404, "NotAuthorizedOrNotFound")
