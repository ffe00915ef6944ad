# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the SDK raises leaves as one of our errors, with what a person needs and nothing more."""

from __future__ import annotations

import pytest
import urllib3
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    ConflictError,
    NotFoundError,
    ServiceRejectedError,
    TidegateError,
    TransientError,
    UnreachableError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._oci.errors import translated
from oci._vendor import requests  # The SDK raises the errors of its own copy of requests.
from oci.exceptions import ConnectTimeout, RequestException, ServiceError

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
    assert type(raised(answer(status, code))) is kind


def test_an_error_says_what_was_tried_what_oci_answered_and_the_request_id() -> None:
    said = str(raised(answer(400, "InvalidParameter", "Port must not be 0.\n")))
    assert said == (
        "Cannot update listener 'http': OCI answered 400 InvalidParameter: Port must not be 0 (opc-request-id ME/SRV/1)."
    )


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


def refused() -> requests.ConnectionError:
    pool = urllib3.HTTPConnectionPool("192.0.2.1", 80)
    reason = urllib3.exceptions.NewConnectionError(urllib3.connection.HTTPConnection("192.0.2.1"), "Connection refused")
    return requests.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "/", reason))


@pytest.mark.parametrize(
    "problem",
    [
        ConnectTimeout(requests.exceptions.ConnectTimeout("timed out")),
        RequestException(refused()),
        RequestException(requests.exceptions.SSLError("certificate verify failed")),
    ],
)
def test_no_connection_means_that_nothing_was_carried_out(problem: Exception) -> None:
    assert isinstance(raised(problem), UnreachableError)


def test_no_connection_is_told_with_the_endpoint_and_the_root_of_it() -> None:
    assert f"no connection to {ENDPOINT} (NewConnectionError: Connection refused)" in str(
        raised(RequestException(refused()))
    )


def test_a_connection_that_broke_leaves_the_effect_unknown() -> None:
    problem = raised(
        RequestException(requests.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted.")))
    )
    assert isinstance(problem, TransientError)
    assert problem.effect_unknown
