# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The limits of stock responses, and what is missing of a deployment."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._setup import stock_response

Json = dict[str, t.Any]

PARAMS: Json = {
    "state": "present",
    "gateway_id": "ocid1.apigateway.oc1.iad.aaaa",
    "path_prefix": "/sorry",
    "name": "page",
    "status": 503,
    "headers": {"Retry-After": 600},
    "body": "Back soon",
    "adopt": False,
}
FOUND: Json = {
    "id": "d1",
    "displayName": "page",
    "pathPrefix": "/sorry",
    "freeformTags": {"tidegate-setup": "oci_stock_response"},
    "specification": stock_response.specification(PARAMS),
}


def steps(found: Json | None, **more: object) -> list[str]:
    return [step.verb for step in stock_response.missing_steps({**PARAMS, **more}, "ocid1.compartment", found)]


def test_the_prefix_itself_and_everything_below_it_is_served() -> None:
    routes = stock_response.specification(PARAMS)["routes"]
    assert [(route["path"], route["methods"]) for route in routes] == [("/", ["ANY"]), ("/{all*}", ["ANY"])]


def test_a_deployment_is_created_updated_or_left() -> None:
    assert (steps(None), steps(FOUND), steps(FOUND, body="Later")) == (["create"], [], ["update"])


def test_absent_deletes_what_is_there() -> None:
    assert (steps(FOUND, state="absent"), steps(None, state="absent")) == (["delete"], [])


def test_defaults_that_the_service_adds_are_no_difference() -> None:
    routes = [
        {**route, "requestPolicies": {"cors": None}, "loggingPolicies": {}}
        for route in FOUND["specification"]["routes"]
    ]
    assert steps({**FOUND, "specification": {"routes": routes}}) == []


@pytest.mark.parametrize("state", ["present", "absent"])
def test_somebody_elses_deployment_is_refused_unless_adopted(state: str) -> None:
    found = {**FOUND, "freeformTags": {}}
    with pytest.raises(RefusedError, match="did not create it"):
        steps(found, state=state)
    assert steps(found, state=state, adopt=True) == ["update" if state == "present" else "delete"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"body": "x" * 5121}, "5121 bytes in UTF-8, 1 more than the 5120"),
        ({"body": "ü" * 2600}, "5200 bytes in UTF-8, 80 more than the 5120"),
        ({"headers": {"X": "x" * 4100}}, "4 more than the 4096"),
        ({"headers": {"x" * 1030: "x"}}, "6 more than the 1024"),
        ({"headers": {f"X-{n}": "x" for n in range(51)}}, "at most 50"),
        ({"headers": {"X": "a\nb"}}, "on one line"),
        ({"path_prefix": "/sorry/"}, "path_prefix is"),
        ({"status": 600}, "Give an HTTP status"),
    ],
)
def test_what_breaks_a_limit_is_refused_with_the_excess(wrong: Json, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        stock_response.check_content({**PARAMS, **wrong})


def test_the_limits_themselves_are_taken() -> None:
    stock_response.check_content({**PARAMS, "body": "x" * 5120, "headers": {"X": "x" * 4096}})


def test_a_gateway_that_is_not_active_takes_no_deployment() -> None:
    with pytest.raises(RefusedError, match="is CREATING, not ACTIVE"):
        stock_response.check_gateway({"lifecycleState": "CREATING"}, "ocid1.apigateway")


def test_routes_that_were_rendered_are_deployed_as_they_are() -> None:
    rendered = {"routes": stock_response.specification(PARAMS)["routes"][:1]}
    assert stock_response.specification({**PARAMS, "specification": rendered}) == rendered
    assert steps(FOUND, specification=rendered) == ["update"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"specification": {"routes": []}}, "routes is empty"),
        ({"specification": {"routes": [{"path": "/"}]}}, r"routes\[0\].methods is missing"),
        ({"specification": {}}, "routes is missing"),
        ({"specification": stock_response.specification(PARAMS), "body": "x"}, "and so is body or headers"),
    ],
)
def test_a_specification_that_cannot_be_deployed_is_refused(more: Json, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        stock_response.check_content({**PARAMS, "body": "", "headers": {}, **more})


def test_rendered_routes_are_held_to_the_limits_of_the_service() -> None:
    (route,) = stock_response.specification({**PARAMS, "body": "x" * 5121})["routes"][:1]
    with pytest.raises(RefusedError, match="1 more than the 5120"):
        stock_response.check_content({**PARAMS, "body": "", "headers": {}, "specification": {"routes": [route]}})
