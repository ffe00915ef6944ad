# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Translates errors of the OCI SDK and the service into the collection's own errors.

The meaning of statuses and codes is from "API Errors" in Oracle's documentation. Two rules are stricter than in the
SDK: 409 and 412 both mean "read again and decide again", and a request that failed with 5xx may have taken effect.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager

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
from ansible_collections.tidegate.failover.plugins.module_utils._oci.sdk import oci
from ansible_collections.tidegate.failover.plugins.module_utils._proxy import (
    PROXY_REMEDY,
    fault_of_proxy,
    proxy_for,
)

#: The service does not report why authentication failed. These are the reasons in practice.
_SIGN_IN_HINT = (
    "Check that the user, fingerprint, key and tenancy belong together, that the key is still active, that a security "
    "token has not expired, and that this machine's clock is right (OCI refuses requests more than five minutes off). "
    "A profile of 'oci session authenticate' needs auth_type: security_token."
)

#: The message of the service's JSON parser when it refuses a field, with the codes InvalidParameter and
#: CannotParseRequest. The reference chain names the place of the field, and may be missing.
_UNKNOWN_FIELD = re.compile(r"""unrecognized field:?\s+\\?["']?([A-Za-z0-9_.$-]+)""", re.IGNORECASE)
_REFERENCE_CHAIN = re.compile(r"through reference chain: (.*)", re.DOTALL)
_IN_CHAIN = re.compile(r"""\[\\?["']([^"'\\\]]+)\\?["']\]""")

_NEVER_CONNECTED = {"ConnectTimeout", "ConnectTimeoutError", "NewConnectionError", "NameResolutionError", "ProxyError"}


@contextmanager
def translated(action: str, endpoint: str, policy: str = "") -> Iterator[None]:
    """Run SDK calls, and translate their errors into the collection's own.

    :param action: what was tried, to follow "Cannot": "update listener 'https'".
    :param endpoint: the address of the request, for messages about connections.
    :param policy: the permission that the call needs, if it is not the use of load balancers.
    :raises TidegateError: see :mod:`_errors`.
    """
    try:
        yield
    except oci.exceptions.ServiceError as problem:
        raise _from_answer(action, problem, policy) from problem
    except (oci.exceptions.RequestException, oci.exceptions.ConnectTimeout, oci.exceptions.ClientError) as problem:
        raise _from_connection(action, endpoint, problem) from problem
    except ValueError as problem:  # The SDK raises this for an endpoint that is not valid, at its first use.
        raise RefusedError(
            f"Cannot {action} at {endpoint}: {str(problem).rstrip('.')}. Check service_endpoint."
        ) from problem


def _from_answer(action: str, problem: t.Any, policy: str) -> TidegateError:
    text = f"Cannot {action}: OCI answered {_response_text(problem)}"
    status, code = problem.status, problem.code
    if status in (409, 412) and code != "InvalidatedRetryToken":
        return ConflictError(f"{text}.")
    if status == 429:
        return TransientError(f"{text}.", effect_unknown=False, retry_after=_retry_after(problem.headers))
    if status >= 500 and status != 501:
        return TransientError(f"{text}.", effect_unknown=True, retry_after=_retry_after(problem.headers))
    if status == 401:
        return AccessError(f"{text}. {_SIGN_IN_HINT}")
    if status == 403:
        needed = policy or "use load-balancers"
        return AccessError(f"{text}. A policy must allow this user or principal to '{needed}' there.")
    if status == 404:
        return NotFoundError(
            f"{text}. Either it does not exist in this region, or these credentials may not see or change it."
            + (
                f" They need a policy such as 'allow group GROUP to {policy} in compartment COMPARTMENT'."
                if policy
                else ""
            )
        )
    return _rejected(f"{text}.", problem)


def _rejected(text: str, problem: t.Any) -> TidegateError:
    message = str(problem.message or "")
    unknown = _UNKNOWN_FIELD.search(message) if problem.status == 400 else None
    if unknown:
        chain = _REFERENCE_CHAIN.search(message)
        return UnknownFieldError(text, unknown[1], tuple(_IN_CHAIN.findall(chain[1])) if chain else ())
    if problem.code == "RelatedResourceNotAuthorizedOrNotFound":
        return RelatedResourceError(text)
    return ServiceRejectedError(text)


def _from_connection(action: str, endpoint: str, problem: Exception) -> TidegateError:
    # The SDK has its own copy of the requests library, so errors are recognized by the names of their classes.
    kinds = {type(inner).__name__ for inner in _chain(problem)}
    if "SSLError" in kinds:
        return UnreachableError(
            f"Cannot {action}: the TLS certificate of {endpoint} was not accepted ({_root(problem)}). "
            "If the endpoint is private, give its certificate authority in cert_bundle."
        )
    if fault := fault_of_proxy(endpoint):
        return RefusedError(f"Cannot {action}: {fault}")
    proxy = proxy_for(endpoint)
    if proxy and kinds & _NEVER_CONNECTED:
        return UnreachableError(
            f"Cannot {action}: no connection to {endpoint} through the proxy {proxy} ({_root(problem)}). {PROXY_REMEDY}"
        )
    if kinds & _NEVER_CONNECTED:
        return UnreachableError(
            f"Cannot {action}: no connection to {endpoint} ({_root(problem)}). "
            "Check region, service_endpoint and the network path to it."
        )
    way = f"{endpoint} through the proxy {proxy}" if proxy else endpoint
    return TransientError(f"Cannot {action}: the connection to {way} broke ({_root(problem)}).", effect_unknown=True)


def _response_text(problem: t.Any) -> str:
    message = re.sub(r"\s+", " ", str(problem.message or "nothing else")).strip()[:500].rstrip(".")
    code = f" {problem.code}" if problem.code else ""
    request = f" (opc-request-id {problem.request_id})" if problem.request_id else ""
    return f"{problem.status}{code}: {message}{request}"


def _retry_after(headers: t.Mapping[str, str] | None) -> float | None:
    value = (headers or {}).get("retry-after", "")
    return float(value) if re.fullmatch(r"\d{1,4}", value) else None


def _chain(problem: BaseException) -> Iterator[BaseException]:
    """An exception and its causes. urllib3 keeps the cause in ``reason``; the SDK turns ``args`` into text."""
    at: BaseException | None = problem
    seen: list[BaseException] = []
    while at is not None and at not in seen:
        seen.append(at)
        yield at
        reason = getattr(at, "reason", None)
        at = reason if isinstance(reason, BaseException) else at.__cause__ or at.__context__


def _root(problem: BaseException) -> str:
    innermost = list(_chain(problem))[-1]
    text = re.sub(r"^(<[^>]*>|\w+\([^)]*\)):?\s*", "", str(innermost)).strip(" :.")
    return f"{type(innermost).__name__}: {text}" if text else type(innermost).__name__
