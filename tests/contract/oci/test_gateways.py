# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""API Gateway in the lab, driven by the real SDK: deployments that answer over HTTPS with stock responses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import oci
import pytest
import requests
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import Visit
from oci.apigateway import models

from lab.process import RunningLab


@pytest.fixture
def deployments(lab: RunningLab) -> Any:
    config = oci.config.from_file(lab.info["oci"]["config_file"])
    return oci.apigateway.DeploymentClientCompositeOperations(
        oci.apigateway.DeploymentClient(config, service_endpoint=lab.info["oci"]["endpoint"])
    )


@pytest.fixture
def work_requests(lab: RunningLab) -> Any:
    config = oci.config.from_file(lab.info["oci"]["config_file"])
    return oci.apigateway.WorkRequestsClient(config, service_endpoint=lab.info["oci"]["endpoint"])


def specification(path: str = "/{all*}", **more: Any) -> models.ApiSpecification:
    given: dict[str, Any] = {
        "status": 503,
        "body": "<h1>Back soon</h1>",
        "headers": [models.HeaderFieldSpecification(name="Retry-After", value="600")],
    }
    backend = models.StockResponseBackend(**{**given, **more})
    return models.ApiSpecification(routes=[models.ApiSpecificationRoute(path=path, methods=["ANY"], backend=backend)])


@pytest.fixture
def details(lab: RunningLab) -> Callable[..., models.CreateDeploymentDetails]:
    def make(prefix: str = "/sorry", **more: Any) -> models.CreateDeploymentDetails:
        return models.CreateDeploymentDetails(
            gateway_id=more.pop("gateway_id", lab.info["oci"]["gateway"]["id"]),
            compartment_id=lab.info["oci"]["compartment_id"],
            path_prefix=prefix,
            specification=specification(**more),
        )

    return make


def deployed(deployments: Any, details: models.CreateDeploymentDetails) -> Any:
    made = deployments.client.create_deployment(details).data
    return oci.wait_until(
        deployments.client, deployments.client.get_deployment(made.id), "lifecycle_state", "ACTIVE"
    ).data


def test_a_deployment_answers_every_method_with_its_stock_response(
    deployments: Any, details: Any, visit: Visit
) -> None:
    endpoint = deployed(deployments, details()).endpoint
    for method in ("GET", "POST", "DELETE"):
        seen: requests.Response = visit(f"{endpoint}/any/path", method)
        assert (seen.status_code, seen.headers["Retry-After"], seen.text) == (503, "600", "<h1>Back soon</h1>")


def test_head_is_answered_without_a_body(deployments: Any, details: Any, visit: Visit) -> None:
    seen = visit(f"{deployed(deployments, details()).endpoint}/", "HEAD")
    assert (seen.status_code, seen.text) == (503, "")


def test_a_path_that_no_route_has_is_not_found(deployments: Any, details: Any, visit: Visit) -> None:
    endpoint = deployed(deployments, details(path="/one")).endpoint
    assert visit(f"{endpoint}/two").status_code == 404


def test_a_deployment_is_being_created_until_its_work_request_ends(
    lab: RunningLab, deployments: Any, details: Any, work_requests: Any
) -> None:
    lab.control("PATCH", "/oci/settings", {"work_request_seconds": 30})
    answer = deployments.client.create_deployment(details())
    assert answer.data.lifecycle_state == "CREATING"
    seen = work_requests.get_work_request(answer.headers["opc-work-request-id"]).data
    assert (seen.operation_type, seen.status) == ("CREATE_DEPLOYMENT", "ACCEPTED")
    with pytest.raises(oci.exceptions.ServiceError) as refused:
        deployments.client.update_deployment(answer.data.id, models.UpdateDeploymentDetails(display_name="other"))
    assert (refused.value.status, refused.value.code) == (409, "IncorrectState")


def test_an_update_at_another_version_is_refused(deployments: Any, details: Any) -> None:
    made = deployed(deployments, details())
    change = models.UpdateDeploymentDetails(display_name="other")
    with pytest.raises(oci.exceptions.ServiceError) as refused:
        deployments.client.update_deployment(made.id, change, if_match="old")
    assert refused.value.status == 412


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"body": "x" * 5121}, "at most 5120 bytes"),
        ({"body": "é" * 2561}, "at most 5120 bytes"),
        ({"headers": [{"name": "X-A", "value": "x" * 4097}]}, "at most 4096 bytes"),
        ({"headers": [{"name": f"X-{n}", "value": "x"} for n in range(51)]}, "at most 50 headers"),
        ({"status": 42}, "from 100 to 599"),
        ({"path": "no-slash"}, "must match"),
        ({"prefix": "sorry"}, "must match"),
    ],
)
def test_what_breaks_a_limit_is_refused(deployments: Any, details: Any, more: dict[str, Any], words: str) -> None:
    with pytest.raises(oci.exceptions.ServiceError, match=words) as refused:
        deployments.client.create_deployment(details(**more))
    assert refused.value.status == 400


def test_a_prefix_serves_one_deployment(deployments: Any, details: Any) -> None:
    deployed(deployments, details())
    with pytest.raises(oci.exceptions.ServiceError) as refused:
        deployments.client.create_deployment(details())
    assert refused.value.status == 409


def test_a_gateway_that_does_not_exist_is_not_found(deployments: Any, details: Any) -> None:
    with pytest.raises(oci.exceptions.ServiceError) as refused:
        deployments.client.create_deployment(details(gateway_id="ocid1.apigateway.oc1.iad.aaaaexample"))
    assert refused.value.status == 404


def test_the_same_request_with_its_retry_token_is_answered_again(deployments: Any, details: Any) -> None:
    first = deployments.client.create_deployment(details(), opc_retry_token="token-1").data
    assert deployments.client.create_deployment(details(), opc_retry_token="token-1").data.id == first.id


def test_a_deleted_deployment_answers_no_more(deployments: Any, details: Any, visit: Visit) -> None:
    made = deployed(deployments, details())
    # What is asked again; it may be gone before it could be asked for the first time.
    seen = deployments.client.get_deployment(made.id)
    deployments.client.delete_deployment(made.id)
    oci.wait_until(deployments.client, seen, "lifecycle_state", "X", succeed_on_not_found=True)
    assert visit(f"{made.endpoint}/").status_code == 404


def test_a_failed_work_request_reports_why(lab: RunningLab, deployments: Any, details: Any, work_requests: Any) -> None:
    fault = {"kind": "work_request_failed", "operation": "CreateDeployment", "message": "no capacity"}
    lab.control("POST", "/faults", fault)
    answer = deployments.client.create_deployment(details())
    identifier = answer.headers["opc-work-request-id"]
    while work_requests.get_work_request(identifier).data.status in ("ACCEPTED", "IN_PROGRESS"):
        pass
    assert work_requests.list_work_request_errors(identifier).data.items[0].message == "no capacity"
    assert deployments.client.get_deployment(answer.data.id).data.lifecycle_state == "FAILED"
