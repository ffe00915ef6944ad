# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Each host gets the content in its own form, within its limits."""

from __future__ import annotations

import json
import typing as t

import boto3
import pytest
import yaml
from ansible_collections.tidegate.failover.plugins.module_utils._content import alb, api_gateway, limits
from ansible_collections.tidegate.failover.plugins.module_utils._content.files import rendered_files, sizes
from ansible_collections.tidegate.failover.plugins.module_utils._content.sentences import SENTENCES
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.content.pages import (
    content,
    exempt,
    options,
)
from botocore.validate import validate_parameters
from oci.apigateway.models import ApiSpecificationRoute, StockResponseBackend

LANGUAGES = list(SENTENCES)


def refusal(**given: t.Any) -> str:
    with pytest.raises(RefusedError) as refused:
        rendered_files(options(**given))
    return str(refused.value)


def gateway_routes(**given: t.Any) -> dict[str, dict[str, t.Any]]:
    return {route["path"]: route["backend"] for route in api_gateway.specification(content(**given))["routes"]}


def headers(backend: dict[str, t.Any]) -> dict[str, str]:
    return {header["name"]: header["value"] for header in backend["headers"]}


def test_the_gateway_answers_every_path_and_method() -> None:
    routes = api_gateway.specification(content())["routes"]
    assert [(route["path"], route["methods"]) for route in routes] == [("/", ["ANY"]), ("/{path*}", ["ANY"])]


def test_the_gateway_sends_503_that_is_not_stored() -> None:
    backend = gateway_routes()["/"]
    sent = headers(backend)
    assert (backend["status"], sent["Retry-After"], sent["Cache-Control"]) == (503, "300", "no-store")


def test_the_gateway_sends_json_with_the_status_in_a_header() -> None:
    backend = gateway_routes(answer="json")["/"]
    assert (backend["status"], headers(backend)["StatusHeader"]) == (200, "503")
    assert json.loads(backend["body"])["error"]["code"] == "MAINTENANCE"


def test_the_gateway_sends_a_message_with_200() -> None:
    backend = gateway_routes(answer="message", default_format="text")["/"]
    assert (backend["status"], headers(backend)["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert "Retry-After" not in headers(backend)


def test_the_gateway_answers_exempt_paths_first() -> None:
    routes = gateway_routes(exempt=[exempt("/health", body="ok"), exempt("/hooks/*", 202)])
    assert list(routes) == ["/health", "/hooks/{path*}", "/", "/{path*}"]
    assert (routes["/health"]["status"], routes["/health"]["body"]) == (200, "ok")


def test_the_specification_has_the_fields_of_the_sdk() -> None:
    for route in api_gateway.specification(content())["routes"]:
        assert set(route) <= set(ApiSpecificationRoute().attribute_map.values())
        assert set(route["backend"]) <= set(StockResponseBackend().attribute_map.values())


@pytest.mark.parametrize("extra", [0, 1])
def test_a_page_at_the_limit_of_the_gateway_fits_and_one_byte_more_does_not(extra: int) -> None:
    room = limits.GATEWAY_BODY - limits.json_size(gateway_routes(text="x")["/"]["body"])
    found = list(api_gateway.problems(content(text="x" * (1 + room + extra))))
    assert len(found) == 2 * extra
    assert all("exceeds the limit of OCI API Gateway (5,000 bytes) by 1 bytes" in problem for problem in found)


def test_a_header_that_is_too_long_for_the_gateway_is_refused() -> None:
    assert "The header Cache-Control for /" in refusal(hosts=["api_gateway"], cache_control="x" * 4001)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_without_the_users_words_fits_everywhere(language: str) -> None:
    hosts = ["alb", "api_gateway", "cloud_foundry", "container", "systemd"]
    files = rendered_files(options(hosts=hosts, language=language, contact="support@example.com"))
    assert {"alb.json", "api_gateway.json", "manifest.yml", "Containerfile", "maintenance-page.service"} <= set(files)


@pytest.mark.parametrize("extra", [0, 1])
def test_a_page_at_the_limit_of_an_alb_fits_and_one_byte_more_does_not(extra: int) -> None:
    def body(message: str) -> str:
        text: str = alb.fixed_responses(content(text=message))["DefaultActions"][0]["FixedResponseConfig"][
            "MessageBody"
        ]
        return text

    room = limits.ALB_BODY - limits.size(body("x"))
    found = list(alb.problems(content(text="x" * (1 + room + extra))))
    assert found == extra * [
        "The page has 1,025 bytes, which exceeds the limit of an ALB fixed response (1,024 bytes) by 1 bytes."
    ]


def test_an_alb_takes_the_actions_and_rules() -> None:
    rendered = alb.fixed_responses(content(exempt=[exempt("/health", body="ok")]))
    model = boto3.client("elbv2", region_name="us-east-1").meta.service_model
    rule = {"ListenerArn": "arn", "Priority": 1, **rendered["Rules"][0]}
    validate_parameters(rule, model.operation_model("CreateRule").input_shape)
    listener = {"ListenerArn": "arn", "DefaultActions": rendered["DefaultActions"]}
    validate_parameters(listener, model.operation_model("ModifyListener").input_shape)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (exempt("/a", content_type="image/png"), "has one of text/plain"),
        (exempt("/a", 302), "An ALB fixed response has 2xx, 4xx or 5xx."),
        (exempt("/a(b)"), "cannot be the path pattern of an ALB rule"),
    ],
)
def test_an_exempt_path_that_an_alb_cannot_have_is_refused(path: dict[str, t.Any], said: str) -> None:
    assert said in refusal(hosts=["alb"], exempt=[path])


def test_an_alb_gets_a_content_type_without_a_charset() -> None:
    (action,) = alb.fixed_responses(content())["DefaultActions"]
    assert action["FixedResponseConfig"]["ContentType"] == "text/html"


def test_a_page_that_stays_large_when_compressed_is_refused() -> None:
    picture = "data:image/png;base64," + "".join(f"{number:05d}" for number in range(3000))
    said = refusal(logo=picture)
    assert "The compressed page (en) has" in said
    assert "exceeds the limit of the responder (5,000 bytes) by" in said
    assert said.endswith("Nothing was written.")


def test_the_page_is_measured_as_it_is_and_compressed() -> None:
    page = sizes(options())["en"]["html"]
    assert page["gzip"] < page["bytes"] < limits.RESPONDER_PAGE


def test_hosts_are_needed() -> None:
    assert "hosts is empty. Expected one or more of alb" in refusal(hosts=[])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"responder": None}, "responder is missing"),
        ({"app_name": "a b"}, "app_name is 'a b'"),
        ({"listen_address": "localhost"}, "Expected an IP address"),
        ({"listen_port": 0}, "listen_port is 0"),
        ({"python": "python3"}, "Expected an absolute path"),
        ({"directory": "/srv/my page"}, "directory is '/srv/my page'"),
    ],
)
def test_what_cannot_be_written_into_a_platforms_file_is_refused(given: dict[str, t.Any], said: str) -> None:
    assert said in refusal(**given)


def test_an_application_of_cloud_foundry_has_no_route_of_its_own() -> None:
    files = rendered_files(options(hosts=["cloud_foundry"], app_name="yes"))
    (app,) = yaml.safe_load(files["manifest.yml"])["applications"]
    assert (app["name"], app["no-route"], app["health-check-type"]) == ("yes", True, "port")


def test_a_unit_may_bind_a_low_port_and_nothing_else() -> None:
    unit = rendered_files(options(listen_port=80))["maintenance-page.service"]
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE\n" in unit
    assert "AmbientCapabilities=\n" in rendered_files(options())["maintenance-page.service"]


def test_a_container_does_not_run_as_root() -> None:
    assert "USER 65534:65534\n" in rendered_files(options(hosts=["container"]))["Containerfile"]
