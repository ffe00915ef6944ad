# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Every exception of the SDK becomes one of our errors, with only the information that a person needs."""

from __future__ import annotations

import re

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    ConflictError,
    NotFoundError,
    RefusedError,
    RelatedResourceError,
    ServiceRejectedError,
    TidegateError,
    TransientError,
    UnknownFieldError,
    UnreachableError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._oci.errors import translated
from cryptography.hazmat.primitives.asymmetric import rsa
from oci.auth.signers import SecurityTokenSigner
from oci.exceptions import ServiceError
from oci.load_balancer import LoadBalancerClient

from ..endpoints import closed_endpoint, plain_server

ENDPOINT = "https://iaas.us-ashburn-1.oraclecloud.com"


def raised(problem: Exception) -> TidegateError:
    with pytest.raises(TidegateError) as caught, translated("update listener 'http'", ENDPOINT):
        raise problem
    return caught.value


def answer(status: int, code: str | None = None, message: str | None = "No.", **headers: str) -> ServiceError:
    return ServiceError(status, code, {"opc-request-id": "ME/SRV/1", **headers}, message)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "InvalidParameter", ServiceRejectedError),
        (400, "RelatedResourceNotAuthorizedOrNotFound", RelatedResourceError),
        (401, "NotAuthenticated", AccessError),
        (403, "NotAuthorized", AccessError),
        (404, "NotAuthorizedOrNotFound", NotFoundError),
        (405, "MethodNotAllowed", ServiceRejectedError),
        (409, "Conflict", ConflictError),
        (409, "IncorrectState", ConflictError),
        (409, "InvalidatedRetryToken", ServiceRejectedError),
        (412, "NoEtagMatch", ConflictError),
        (429, "TooManyRequests", TransientError),
        (500, "InternalServerError", TransientError),
        (501, "NotImplemented", ServiceRejectedError),
        (503, None, TransientError),
    ],
)
def test_each_status_becomes_the_error_that_says_what_to_do(status: int, code: str | None, kind: type) -> None:
    assert raised(answer(status, code)).__class__ is kind


def test_an_error_says_what_was_tried_what_oci_answered_and_the_request_id() -> None:
    said = str(raised(answer(400, "InvalidParameter", "Port must not be 0.\n")))
    answered = "OCI answered 400 InvalidParameter: Port must not be 0 (opc-request-id ME/SRV/1)."
    assert said == f"Cannot update listener 'http': {answered}"


@pytest.mark.parametrize(("status", "unknown"), [(429, False), (500, True), (503, True)])
def test_whether_a_change_may_have_taken_effect_is_known(status: int, unknown: bool) -> None:
    problem = raised(answer(status))
    assert isinstance(problem, TransientError)
    assert problem.effect_unknown is unknown


@pytest.mark.parametrize(("header", "seconds"), [("17", 17.0), ("soon", None), ("", None)])
def test_the_pause_that_the_service_asks_for_is_kept(header: str, seconds: float | None) -> None:
    problem = raised(answer(429, **{"retry-after": header}))
    assert isinstance(problem, TransientError)
    assert problem.retry_after == seconds


def called(endpoint: str) -> TidegateError:
    """What a real call of the SDK to an endpoint leaves as."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    signer = SecurityTokenSigner(token="token", private_key=key)
    client = LoadBalancerClient({"region": "us-ashburn-1"}, signer=signer, service_endpoint=endpoint, timeout=(2, 2))
    with pytest.raises(TidegateError) as caught, translated("read load balancer x", endpoint):
        client.base_client.call_api("/loadBalancers/x", "GET", header_params={"accept": "application/json"})
    return caught.value


@pytest.fixture
def closed() -> str:
    return closed_endpoint()


def test_no_connection_means_that_nothing_was_carried_out(closed: str) -> None:
    problem = called(closed)
    assert isinstance(problem, UnreachableError)
    assert re.search(f"no connection to {closed} .*Connection refused", str(problem))


@pytest.mark.parametrize("endpoint", ["http://iaas.invalid", "https://iaas.invalid"])
def test_a_proxy_that_cannot_be_reached_is_named_without_who_signs_in_to_it(
    monkeypatch: pytest.MonkeyPatch, closed: str, endpoint: str
) -> None:
    proxy = closed.removeprefix("http://")
    for variable in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, f"http://user:canary@{proxy}")
    problem = called(endpoint)
    assert isinstance(problem, UnreachableError)
    assert f"no connection to {endpoint} through the proxy {proxy} (" in str(problem)
    assert "canary" not in str(problem)


@pytest.mark.parametrize("proxy", ["http://user:canary#x@127.0.0.1:9", "http://user:canary@127.0.0.1:99999"])
def test_i12_a_proxy_whose_address_is_no_url_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    problem = called("https://iaas.invalid")
    assert isinstance(problem, RefusedError)
    assert "is no URL" in str(problem)
    assert "canary" not in str(problem)


def test_a_server_that_does_not_speak_tls_is_unreachable_too() -> None:
    with plain_server(b"HTTP/1.1 200 OK\r\n\r\n") as endpoint:
        assert isinstance(called(endpoint.replace("http:", "https:")), UnreachableError)


def test_a_name_that_does_not_exist_is_unreachable() -> None:
    assert isinstance(called("http://iaas.invalid"), UnreachableError)


def test_a_connection_that_breaks_leaves_the_effect_unknown() -> None:
    with plain_server(b"") as endpoint:
        problem = called(endpoint)
    assert isinstance(problem, TransientError)
    assert problem.effect_unknown


JACKSON = (
    'Unrecognized field "newField" (class com.oracle.pic.SslConfiguration$Builder), not marked as ignorable (2 known '
    'properties: "protocols", "verifyDepth"])\n at [Source: {"port":443}; line: 1, column: 9]'
)
CHAIN = (
    ' (through reference chain: com.oracle.pic.UpdateListenerDetails$Builder["sslConfiguration"]->'
    'com.oracle.pic.SslConfiguration$Builder["newField"])'
)


@pytest.mark.parametrize(
    ("code", "message", "path"),
    [
        ("InvalidParameter", JACKSON, ()),
        ("CannotParseRequest", JACKSON + CHAIN, ("sslConfiguration", "newField")),
        ("InvalidParameter", 'Unable to process JSON: Unrecognized field \\"newField\\" (class X)', ()),
        ("CannotParseRequest", "Incorrectly formatted request. Unrecognized field: newField", ()),
        (None, "unrecognized field 'newField'", ()),
    ],
)
def test_a_field_that_the_service_does_not_know_is_named(code: str | None, message: str, path: tuple[str, ...]) -> None:
    problem = raised(answer(400, code, message))
    assert isinstance(problem, UnknownFieldError)
    assert (problem.field, problem.path) == ("newField", path)


def test_an_unknown_field_is_reported_by_a_400_only() -> None:
    problem = raised(answer(405, "MethodNotAllowed", JACKSON))
    assert isinstance(problem, ServiceRejectedError)
    assert not isinstance(problem, UnknownFieldError)
