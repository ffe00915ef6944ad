# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What botocore and the service raise, translated into the collection's own errors.

The meaning of codes is from the API reference of Route 53 ("Common Errors", and the errors of each action). A 5xx or a
lost answer may have taken effect all the same; a throttled call never did.
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
#: A database is in a state that does not allow the call, which may be because of another change that is under way.
_NOT_NOW = {"InvalidDBInstanceState", "InvalidDBClusterStateFault", "InvalidGlobalClusterStateFault"}
#: What the service would have signed, which it returns where a signature is wrong. The session token is part of that.
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
#: The object is not as it was when it was read: decide again.
_CONFLICTS = {
    "ConflictException",
    "HealthCheckVersionMismatch",
    "PriorityInUse",
    "ResourceInUse",
    "RuleNotFound",
    "ScalingActivityInProgress",
    "TransactionInProgressException",
}
#: Internal errors of services that answer them with 400 (API reference of Global Accelerator).
_INTERNAL = {"InternalServiceErrorException"}
#: What does not exist, and what to check.
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
#: How AWS reports what is not allowed (IAM User Guide, "Access denied error messages"), and the policy that does not
#: allow it, or that denies it.
_NOT_AUTHORIZED = re.compile(r"not authorized to perform: ([\w-]+):(\w+)(?: on resource: (\S+))?")
_WHICH_POLICY = re.compile(r"(explicit deny in an?|because no) ([a-z -]*?(?:policy|boundary))\b")
_WHERE_LISTED = (
    "docs/permissions.md of this collection has a policy for each playbook, and says what each statement is for."
)
#: Signing in fails for many reasons that look alike from outside; these are the ones met in practice.
_SIGN_IN_HINT = (
    "Check that access key, secret key and session token belong together and are still valid, and that this machine's "
    "clock is right (AWS refuses requests more than five minutes off)."
)


class ThrottledError(TransientError):
    """The account sends more than it may; nothing was carried out."""

    own_code = "TG-THROTTLED"

    def __init__(self, message: str) -> None:
        super().__init__(message, effect_unknown=False)


class SignInError(AccessError):
    """The credentials are missing, wrong or no longer valid, so that no call at all would be carried out."""

    own_code = "TG-SIGN-IN"


@contextmanager
def translated(action: str, endpoint: str) -> Iterator[None]:
    """Run a call; whatever botocore raises leaves as one of our errors.

    :param action: what was tried, to follow "Cannot": "update health check 233e180f".
    :param endpoint: where it was sent, for messages about connections.
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
        # botocore names the proxy that it used, which aws_config may have named too.
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
    """The message where botocore fails to get credentials with an error that is none of its own."""
    if isinstance(problem, EOFError):
        return (
            "the profile asks for an MFA code (mfa_serial), and nobody can be asked for one here. Get temporary "
            "credentials first, such as with 'aws sts get-session-token', and give those."
        )
    return (
        f"no credentials could be got ({type(problem).__name__}: {_text(problem)}). Check what the profile or the "
        "environment names: credential_process, web_identity_token_file or AWS_WEB_IDENTITY_TOKEN_FILE."
    )


def _from_botocore(action: str, endpoint: str, problem: Exception) -> TidegateError | None:
    """What it means that botocore broke while it got credentials or read an answer; None if it broke elsewhere. It
    foresees pages that are no XML, and little else."""
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
        # botocore's stand-in for the code, where an answer has none of an AWS service.
        return ServiceRejectedError(f"{text} That was not Route 53. Check endpoint_url, and proxies on the way.")
    return ServiceRejectedError(text)


def _missing_permission(message: str, operation: str) -> str:
    """Which permission is missing, and what to do about it.

    :param operation: as the API calls it, for services that do not name the action.
    """
    found = _NOT_AUTHORIZED.search(message)
    if found is None:
        return f"The permission for {operation} is missing: allow it in a policy of these credentials. {_WHERE_LISTED}"
    # SNS writes its own prefix in capitals, which policies may have in either case.
    action = f"{found[1].lower()}:{found[2]}"
    on = f" on {found[3].rstrip('.')}" if found[3] else ""
    policy = _WHICH_POLICY.search(message)
    kind = policy[2] if policy else "identity-based policy"
    if policy and policy[1].startswith("explicit deny"):
        return f"The permission {action}{on} is denied: remove it from the Deny statement of the {kind} that has it."
    return f"The permission {action}{on} is missing: allow it in the {kind} of these credentials. {_WHERE_LISTED}"


def _text(problem: Exception) -> str:
    return re.sub(r"\s+", " ", str(problem)).strip().rstrip(".")
