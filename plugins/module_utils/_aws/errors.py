# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Translates errors of botocore and the service into the collection's own errors.

The meaning of codes is from the API reference of Route 53 ("Common Errors", and the errors of each action). A request
that failed with 5xx, or whose response was lost, may have taken effect; a throttled request never has.
"""

from __future__ import annotations

import re
import traceback
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import PurePath

from ansible_collections.tidegate.failover.plugins.module_utils._aws.sdk import botocore
from ansible_collections.tidegate.failover.plugins.module_utils._aws.service_clock import date_of
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    ConflictError,
    NotFoundError,
    RefusedError,
    ServiceRejectedError,
    TidegateError,
    TransientError,
    UnexpectedAnswerError,
    UnreachableError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import Moment, clock_problem
from ansible_collections.tidegate.failover.plugins.module_utils._proxy import (
    PROXY_REMEDY,
    fault_of_proxy,
    proxy_for,
    shown,
)

_THROTTLED = {"Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded", "SlowDown"}
#: The state of a database does not allow the call now, perhaps because another change is running.
_NOT_NOW = {"InvalidDBInstanceState", "InvalidDBClusterStateFault", "InvalidGlobalClusterStateFault"}
#: The expected string to sign, which the service returns if a signature is wrong. It contains the session token.
_SIGNED = re.compile(r"The Canonical String for this request should have been.*", re.IGNORECASE)
_UNKNOWN_SENDER = {
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "MissingAuthenticationToken",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
#: The object has changed since it was read, so the loop has to decide again.
_CONFLICTS = {
    "ConflictException",
    "HealthCheckVersionMismatch",
    "PriorityInUse",
    "ResourceInUse",
    "RuleNotFound",
    "ScalingActivityInProgress",
    "TransactionInProgressException",
}
#: Internal errors that services return with status 400 (API reference of Global Accelerator).
_INTERNAL = {"InternalServiceErrorException"}
#: Codes for objects that do not exist, and what to check.
_MISSING = {
    "NoSuchHealthCheck": "Check the id",
    "LoadBalancerNotFound": "Check its name or ARN, the region",
    "ListenerNotFound": "Check the ARN, the region",
    "TargetGroupNotFound": "Check the region",
    "ResourceNotFoundException": "Check its ARN",
    "NoSuchEntity": "Check its name",
    "AcceleratorNotFoundException": "Check its ARN",
    "EndpointGroupNotFoundException": "Check its ARN",
}
#: The messages of AWS about a denied action (IAM User Guide, "Access denied error messages"), and about the policy that
#: does not allow it, or denies it.
_NOT_AUTHORIZED = re.compile(r"not authorized to perform: ([\w-]+):(\w+)(?: on resource: (\S+))?")
_WHICH_POLICY = re.compile(r"(explicit deny in an?|because no) ([a-z -]*?(?:policy|boundary))\b")
_WHERE_LISTED = "docs/permissions.md of this collection has a policy for each playbook, and explains each statement."
#: AWS does not report why signing in failed. These are the reasons in practice.
_SIGN_IN_HINT = (
    "Check that access key, secret key and session token belong together and are still valid, and that this machine's "
    "clock is right (AWS refuses requests more than five minutes off)."
)


class ThrottledError(TransientError):
    """The account exceeds its request limit; the request was not executed."""

    own_code = "TG-THROTTLED"

    def __init__(self, message: str) -> None:
        super().__init__(message, effect_unknown=False)


class SignInError(AccessError):
    """The credentials are missing, wrong or no longer valid, so every call would fail."""

    own_code = "TG-SIGN-IN"


@contextmanager
def translated(action: str, endpoint: str) -> Iterator[None]:
    """Run a call, and translate botocore's errors into the collection's own.

    :param action: what was tried, to follow "Cannot": "update health check 233e180f".
    :param endpoint: the address of the request, for messages about connections.
    :raises TidegateError: see :mod:`_errors`.
    """
    errors = botocore.exceptions
    try:
        yield
    except errors.ClientError as problem:
        raise _from_answer(action, problem) from problem
    except (errors.NoCredentialsError, errors.PartialCredentialsError, errors.CredentialRetrievalError) as problem:
        raise SignInError(
            f"Cannot {action}: {_text(problem)}. Give access_key and secret_key, or profile, or run where a role is."
        ) from problem
    except (errors.SSLError, errors.ConnectTimeoutError, errors.EndpointConnectionError) as problem:
        raise UnreachableError(
            f"Cannot {action}: no connection to {endpoint} ({_text(problem)}). Check region, endpoint_url, "
            "aws_ca_bundle and the network path to it."
        ) from problem
    except errors.ProxyConnectionError as problem:
        # botocore names the proxy that it used. That proxy may come from aws_config.
        proxy = shown(str(problem.kwargs.get("proxy_url") or "")) or proxy_for(endpoint)
        raise UnreachableError(
            f"Cannot {action}: no connection to {endpoint} through the proxy {proxy}. {PROXY_REMEDY}"
        ) from problem
    except errors.HTTPClientError as problem:
        raise _from_connection(action, endpoint, problem) from problem
    except botocore.parsers.ResponseParserError as problem:
        raise _not_aws(action, endpoint) from problem
    except (ValueError, TypeError, LookupError, AttributeError, EOFError, OSError, RuntimeError) as problem:
        found = _from_botocore(action, endpoint, problem)
        if found is None:
            raise
        raise found from problem
    except errors.BotoCoreError as problem:
        raise RefusedError(f"Cannot {action}: {_text(problem)}.") from problem


def _from_connection(action: str, endpoint: str, problem: Exception) -> TidegateError:
    fault = fault_of_proxy(endpoint)
    if fault:
        return RefusedError(f"Cannot {action}: {fault}")
    proxy = proxy_for(endpoint)
    way = f"{endpoint} through the proxy {proxy}" if proxy else endpoint
    return TransientError(f"Cannot {action}: the connection to {way} broke ({_text(problem)}).", effect_unknown=True)


def _not_aws(action: str, endpoint: str) -> UnexpectedAnswerError:
    return UnexpectedAnswerError(action, endpoint, "AWS", "its answer cannot be parsed", "endpoint_url")


def without_credentials(problem: Exception) -> str:
    """The message if botocore fails to get credentials with an error of another library."""
    if isinstance(problem, EOFError):
        return (
            "the profile asks for an MFA code (mfa_serial), and a task cannot ask for one. Get temporary "
            "credentials first, such as with 'aws sts get-session-token', and give those."
        )
    return (
        f"getting credentials failed ({type(problem).__name__}: {_text(problem)}). Check what the profile or the "
        "environment names: credential_process, web_identity_token_file or AWS_WEB_IDENTITY_TOKEN_FILE."
    )


def _from_botocore(action: str, endpoint: str, problem: Exception) -> TidegateError | None:
    """The error if botocore failed unexpectedly while it got credentials or read a response; None if it failed
    elsewhere. botocore handles responses that are no XML, but few other unexpected ones."""
    places = [PurePath(frame.filename).parts[-2:] for frame in traceback.extract_tb(problem.__traceback__)]
    if ("botocore", "credentials.py") in places:
        return SignInError(f"Cannot {action}: {without_credentials(problem)}")
    return _not_aws(action, endpoint) if ("botocore", "endpoint.py") in places else None


def _from_answer(action: str, problem: t.Any) -> TidegateError:
    error, metadata = problem.response.get("Error", {}), problem.response.get("ResponseMetadata", {})
    code, status = str(error.get("Code", "")), int(metadata.get("HTTPStatusCode") or 0)
    words = re.sub(r"\s+", " ", str(error.get("Message") or "nothing else"))
    message = _SIGNED.sub("", words).strip()[:500].rstrip(".")
    request_id = f" (request id {metadata['RequestId']})" if metadata.get("RequestId") else ""
    text = f"Cannot {action}: AWS answered {status} {code}: {message}{request_id}."
    if code in _THROTTLED or status == 429:
        return ThrottledError(text)
    if code in {"PriorRequestNotComplete", "EndpointTemporarilyUnavailableException"}:
        return TransientError(text, effect_unknown=False)
    if (status >= 500 and status != 501) or code in _INTERNAL:
        return TransientError(text, effect_unknown=True)
    if code in _CONFLICTS or code in _NOT_NOW:
        return ConflictError(text)
    if code in _UNKNOWN_SENDER or status == 401:
        date = date_of(problem.response)
        clock = clock_problem(Moment(datetime.now(UTC), date, date)) if date else ""
        return SignInError(f"{text} {clock or _SIGN_IN_HINT}")
    if code.startswith("AccessDenied") or status == 403:
        return AccessError(f"{text} {_missing_permission(words, str(problem.operation_name))}")
    if code in _MISSING:
        return NotFoundError(f"{text} {_MISSING[code]}, and that these credentials are of the account that owns it.")
    if code.isdecimal():
        # botocore uses the status as the code if a response has no code of an AWS service.
        return ServiceRejectedError(f"{text} That was not Route 53. Check endpoint_url, and proxies on the way.")
    return ServiceRejectedError(text)


def _missing_permission(message: str, operation: str) -> str:
    """Which permission is missing, and what to do about it.

    :param operation: its name in the API, for services that do not name the action.
    """
    found = _NOT_AUTHORIZED.search(message)
    if found is None:
        return f"The permission for {operation} is missing: allow it in a policy of these credentials. {_WHERE_LISTED}"
    # SNS writes its own prefix in capitals. Policies are not case-sensitive here.
    action = f"{found[1].lower()}:{found[2]}"
    on = f" on {found[3].rstrip('.')}" if found[3] else ""
    policy = _WHICH_POLICY.search(message)
    kind = policy[2] if policy else "identity-based policy"
    if policy and policy[1].startswith("explicit deny"):
        return f"The permission {action}{on} is denied: remove it from the Deny statement of the {kind} that has it."
    return f"The permission {action}{on} is missing: allow it in the {kind} of these credentials. {_WHERE_LISTED}"


def _text(problem: Exception) -> str:
    return re.sub(r"\s+", " ", str(problem)).strip().rstrip(".")
