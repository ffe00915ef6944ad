# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""One version for a load balancer and everything in it."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import (
    LoadBalancerApi,
)
from oci.exceptions import ServiceError

from lab.process import RunningLab


def test_every_get_of_a_load_balancer_gives_the_same_etag(api: LoadBalancerApi) -> None:
    paths = ("", "/ruleSets", "/ruleSets/maintenance-page", "/backendSets/app", "/health", "/listeners/http/rules")
    assert len({api.call("GET", path).headers["etag"] for path in paths}) == 1


def test_the_etag_changes_with_any_resource_of_the_load_balancer(api: LoadBalancerApi) -> None:
    before = api.etag()
    api.change("POST", "/hostnames", {"name": "shop", "hostname": "shop.example.com"})
    assert api.etag() != before


def test_the_etag_stays_while_nothing_is_written(api: LoadBalancerApi) -> None:
    before = api.etag()
    api.call("GET", "/workRequests")
    api.call("GET", "/health")
    assert api.etag() == before


def test_a_write_with_the_present_etag_is_accepted(api: LoadBalancerApi) -> None:
    response = api.call("PUT", "/listeners/http", api.listener(), if_match=api.etag())
    assert api.finished(response)["lifecycleState"] == "SUCCEEDED"


def test_the_etag_of_one_resource_guards_writes_to_another(api: LoadBalancerApi) -> None:
    etag = api.call("GET", "/ruleSets/maintenance-page").headers["etag"]
    assert api.change("PUT", "/listeners/http", api.listener(), if_match=etag)["lifecycleState"] == "SUCCEEDED"


def test_a_write_with_an_old_etag_is_refused_even_if_an_unrelated_resource_changed(api: LoadBalancerApi) -> None:
    old = api.etag()
    backend = api.get("/backendSets/app/backends")[0]
    api.put_backend(backend["name"], weight=3)
    with pytest.raises(ServiceError) as refused:
        api.call("PUT", "/listeners/http", api.listener(), if_match=old)
    assert (refused.value.status, refused.value.code) == (412, "NoEtagMatch")


def test_a_refused_write_changes_nothing(api: LoadBalancerApi) -> None:
    before = api.get()
    with pytest.raises(ServiceError):
        api.call("PUT", "/listeners/http", api.listener() | {"ruleSetNames": ["maintenance-page"]}, if_match="old")
    assert api.get() == before


def test_gets_accept_if_match(api: LoadBalancerApi) -> None:
    with pytest.raises(ServiceError) as refused:
        api.call("GET", "/backendSets/app", if_match="old")
    assert refused.value.status == 412


def test_a_competing_writer_moves_the_etag_just_before_a_guarded_write(lab: RunningLab, api: LoadBalancerApi) -> None:
    lab.add_fault("competing_write", operation="UpdateListener")
    with pytest.raises(ServiceError) as refused:
        api.call("PUT", "/listeners/http", api.listener(), if_match=api.etag())
    assert refused.value.status == 412


def test_a_competing_writer_makes_the_change_that_the_fault_describes(lab: RunningLab, api: LoadBalancerApi) -> None:
    lab.add_fault("competing_write", operation="UpdateListener", patch={"displayName": "changed by somebody else"})
    api.change("PUT", "/listeners/http", api.listener())
    assert api.get()["displayName"] == "changed by somebody else"
