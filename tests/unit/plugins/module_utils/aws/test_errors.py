# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Every exception of botocore becomes one of our errors, with only the information that a person needs."""

from __future__ import annotations

import re
import typing as t
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import boto3
import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import (
    SignInError,
    ThrottledError,
    translated,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    ConflictError,
    NotFoundError,
    RefusedError,
    ServiceRejectedError,
    TidegateError,
    TransientError,
    UnreachableError,
)
from botocore.config import Config
from botocore.exceptions import ClientError, NoCredentialsError, ParamValidationError, PartialCredentialsError

from ..endpoints import closed_endpoint, plain_server

ENDPOINT = "https://route53.amazonaws.com"


def raised(problem: Exception) -> TidegateError:
    with pytest.raises(TidegateError) as caught, translated("update health check x", ENDPOINT):
        raise problem
    return caught.value


def answer(status: int, code: str, message: str = "No.") -> ClientError:
    metadata: t.Any = {"HTTPStatusCode": status, "RequestId": "r-1"}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "UpdateHealthCheck")


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "InvalidInput", ServiceRejectedError),
        (400, "Throttling", ThrottledError),
        (400, "ThrottlingException", ThrottledError),
        (429, "TooManyRequests", ThrottledError),
        (503, "SlowDown", ThrottledError),
        (400, "PriorRequestNotComplete", TransientError),
        (403, "AccessDenied", AccessError),
        (400, "AccessDeniedException", AccessError),
        (403, "InvalidClientTokenId", SignInError),
        (403, "SignatureDoesNotMatch", SignInError),
        (401, "Unauthorized", SignInError),
        (404, "NoSuchHealthCheck", NotFoundError),
        (409, "HealthCheckVersionMismatch", ConflictError),
        (400, "ScalingActivityInProgress", ConflictError),
        (400, "ResourceInUse", ConflictError),
        (400, "InternalServiceErrorException", TransientError),
        (500, "InternalFailure", TransientError),
        (503, "ServiceUnavailable", TransientError),
        (501, "NotImplemented", ServiceRejectedError),
    ],
)
def test_each_answer_becomes_the_error_that_says_what_to_do(status: int, code: str, kind: type) -> None:
    assert raised(answer(status, code)).__class__ is kind


@pytest.mark.parametrize(
    "code", ["AccessDenied", "Throttling", "InvalidClientTokenId", "InternalFailure", "InvalidInput"]
)
def test_i7_only_an_unknown_health_check_counts_as_missing(code: str) -> None:
    assert not isinstance(raised(answer(404 if code == "InvalidInput" else 400, code)), NotFoundError)


def test_an_error_says_what_was_tried_what_aws_answered_and_the_request_id() -> None:
    said = str(raised(answer(400, "InvalidInput", "Path is\n  wrong.")))
    assert said == "Cannot update health check x: AWS answered 400 InvalidInput: Path is wrong (request id r-1)."


@pytest.mark.parametrize(
    ("status", "code", "unknown"),
    [(400, "Throttling", False), (400, "PriorRequestNotComplete", False), (500, "InternalFailure", True)],
)
def test_whether_a_change_may_have_taken_effect_is_known(status: int, code: str, unknown: bool) -> None:
    problem = raised(answer(status, code))
    assert isinstance(problem, TransientError)
    assert problem.effect_unknown is unknown


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (403, "AccessDenied", "The permission for UpdateHealthCheck is missing: allow it in a policy"),
        (403, "ExpiredToken", "still valid, and that this machine's clock is right"),
        (404, "NoSuchHealthCheck", "Check the id, and that these credentials are of the account that owns it"),
    ],
)
def test_an_error_says_what_to_do(status: int, code: str, words: str) -> None:
    assert words in str(raised(answer(status, code)))


def test_i12_what_was_signed_is_not_repeated_because_it_holds_the_session_token() -> None:
    message = (
        "The request signature we calculated does not match the signature you provided. Check your key.\n\n"
        "The Canonical String for this request should have been\n'GET\n/2013-04-01/healthcheck\n\n"
        "x-amz-security-token:SECRET-TOKEN\n\n'"
    )
    said = str(raised(answer(403, "SignatureDoesNotMatch", message)))
    assert "does not match the signature you provided. Check your key (request id r-1)" in said
    assert "SECRET" not in said


def test_an_answer_without_any_details_is_reported_all_the_same() -> None:
    said = str(raised(ClientError({}, "UpdateHealthCheck")))
    assert said.startswith("Cannot update health check x: AWS answered 0 ")


@pytest.mark.parametrize(
    "problem", [NoCredentialsError(), PartialCredentialsError(provider="env", cred_var="aws_secret_access_key")]
)
def test_missing_credentials_are_an_error_that_says_where_they_can_come_from(problem: Exception) -> None:
    found = raised(problem)
    assert isinstance(found, SignInError)
    assert "Give access_key and secret_key, or profile, or run where a role is." in str(found)


def nobody(*_unused: t.Any, **_named: t.Any) -> t.NoReturn:
    """Who answers a prompt of Ansible's modules."""
    raise EOFError


ROLE = "role_arn = arn:aws:iam::123456789012:role/x"
EXPIRED = '{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "canary", "Expiration": "2019-01-01T00:00:00Z"}'


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        (f"{ROLE}\nsource_profile = keys\nmfa_serial = arn:aws:iam::123456789012:mfa/x", "asks for an MFA code"),
        (f"{ROLE}\nweb_identity_token_file = /nowhere/token", "No such file or directory: '/nowhere/token'"),
        (f"credential_process = /bin/echo '{EXPIRED}'", "the refreshed credentials are still expired"),
    ],
    ids=["MFA", "token file", "expired"],
)
@pytest.mark.filterwarnings("ignore::getpass.GetPassWarning")
def test_credentials_that_cannot_be_got_are_no_defect_of_the_collection(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, profile: str, words: str
) -> None:
    keys = "[profile keys]\naws_access_key_id = A\naws_secret_access_key = B\n"
    (tmp_path / "config").write_text(f"[profile p]\n{profile}\n{keys}")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setattr("getpass._raw_input", nobody)
    client = boto3.Session(profile_name="p", region_name="us-east-1").client("route53", endpoint_url=closed_endpoint())
    with pytest.raises(SignInError, match=re.escape(words)) as caught, translated("read health check x", ENDPOINT):
        client.get_health_check(HealthCheckId="x")
    assert "canary" not in str(caught.value)


def test_what_botocore_refuses_to_send_is_refused() -> None:
    assert isinstance(raised(ParamValidationError(report="Invalid type")), RefusedError)


def called(endpoint: str, **config: t.Any) -> TidegateError:
    """What a real call to an endpoint leaves as."""
    client = boto3.client(
        "route53",
        endpoint_url=endpoint,
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        region_name="us-east-1",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=2, **config),
    )
    with pytest.raises(TidegateError) as caught, translated("read health check x", endpoint):
        client.get_health_check(HealthCheckId="x")
    return caught.value


@pytest.fixture
def closed() -> str:
    return closed_endpoint()


def test_no_connection_means_that_nothing_was_carried_out(closed: str) -> None:
    problem = called(closed)
    assert isinstance(problem, UnreachableError)
    assert re.search(f"no connection to {closed} .*Check region, endpoint_url", str(problem))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_cannot_be_reached_is_named_without_who_signs_in_to_it(closed: str, scheme: str) -> None:
    proxy = closed.removeprefix("http://")
    problem = called(f"{scheme}://route53.invalid", proxies={scheme: f"http://user:canary@{proxy}"})
    assert isinstance(problem, UnreachableError)
    assert f"through the proxy {proxy}. Check that the proxy runs" in str(problem)
    assert "canary" not in str(problem)


@pytest.mark.parametrize("proxy", ["http://user:canary#x@127.0.0.1:9", "http://user:canary@127.0.0.1:99999"])
def test_i12_a_proxy_whose_address_is_no_url_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    problem = called("https://route53.invalid")
    assert isinstance(problem, RefusedError)
    assert "is no URL" in str(problem)
    assert "canary" not in str(problem)


def test_a_server_that_does_not_speak_tls_is_unreachable_too() -> None:
    with plain_server(b"HTTP/1.1 200 OK\r\n\r\n") as endpoint:
        assert isinstance(called(endpoint.replace("http:", "https:")), UnreachableError)


def test_a_connection_that_breaks_leaves_the_effect_unknown() -> None:
    with plain_server(b"") as endpoint:
        problem = called(endpoint)
    assert isinstance(problem, TransientError)
    assert problem.effect_unknown


def test_what_is_not_route_53_is_reported_so() -> None:
    with plain_server(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n<html>x") as endpoint:
        problem = called(endpoint)
    assert isinstance(problem, ServiceRejectedError)
    assert f"what answered at {endpoint} is not AWS" in str(problem)


def test_a_refusal_without_a_code_of_aws_leads_to_the_endpoint() -> None:
    said = raised(answer(404, "404", "Not Found"))
    assert isinstance(said, ServiceRejectedError)
    assert "That was not Route 53. Check endpoint_url" in str(said)


def test_a_request_that_is_refused_for_the_clock_says_by_how_much_it_is_off() -> None:
    refusal = answer(403, "SignatureDoesNotMatch", "Signature expired")
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=660), usegmt=True)
    refusal.response["ResponseMetadata"]["HTTPHeaders"] = {"date": date}
    assert re.search(
        r"This machine's clock is 6(59|60) s behind that of AWS.*Set the clock right", str(raised(refusal))
    )


DENIED = "User: arn:aws:iam::123456789012:user/sre is not authorized to perform: "


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            (
                "route53:UpdateHealthCheck on resource: arn:aws:route53:::healthcheck/a1 because no identity-based "
                "policy allows the route53:UpdateHealthCheck action"
            ),
            (
                "The permission route53:UpdateHealthCheck on arn:aws:route53:::healthcheck/a1 is missing: allow it in "
                "the identity-based policy of these credentials. docs/permissions.md"
            ),
        ),
        (
            "cloudwatch:DescribeAlarms because no permissions boundary allows the cloudwatch:DescribeAlarms action",
            "The permission cloudwatch:DescribeAlarms is missing: allow it in the permissions boundary of these",
        ),
        (
            (
                "SNS:Publish on resource: arn:aws:sns:us-east-1:123456789012:on-call because no resource-based policy "
                "allows the SNS:Publish action"
            ),
            (
                "The permission sns:Publish on arn:aws:sns:us-east-1:123456789012:on-call is missing: allow it in the "
                "resource-based policy"
            ),
        ),
        (
            (
                "rds:PromoteReadReplica on resource: arn:aws:rds:us-east-1:1:db:b with an explicit deny in a service "
                "control policy"
            ),
            (
                "The permission rds:PromoteReadReplica on arn:aws:rds:us-east-1:1:db:b is denied: remove it from the "
                "Deny statement of the service control policy that has it."
            ),
        ),
        (
            "rds:PromoteReadReplica on resource: arn:aws:rds:us-east-1:1:db:b",
            "The permission rds:PromoteReadReplica on arn:aws:rds:us-east-1:1:db:b is missing: allow it in the",
        ),
    ],
)
def test_a_missing_permission_is_named_with_the_policy_that_lacks_it(message: str, said: str) -> None:
    for status, code in ((403, "AccessDenied"), (400, "AccessDeniedException"), (403, "AuthorizationError")):
        problem = raised(answer(status, code, DENIED + message))
        assert isinstance(problem, AccessError)
        assert said in str(problem)


def test_where_the_service_names_no_action_the_operation_is_reported() -> None:
    problem = raised(answer(403, "UnauthorizedOperation", "You are not authorized to perform this operation."))
    assert "The permission for UpdateHealthCheck is missing: allow it in a policy of these credentials." in str(problem)


def test_a_long_refusal_loses_nothing_of_what_is_missing() -> None:
    resource = f"arn:aws:route53:::healthcheck/{'a' * 600}"
    said = f"{DENIED}route53:GetHealthCheck on resource: {resource} because no identity-based policy allows it"
    assert f"The permission route53:GetHealthCheck on {resource} is missing" in str(
        raised(answer(403, "AccessDenied", said))
    )
