# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Whether a pinned path really keeps a health check unhealthy: what to ask the endpoint, and what its answer proves.

Healthy is a status of 2xx or 3xx and, for the STR_MATCH types, the search string in the first 5120 bytes of the body
(Developer Guide, "How Amazon Route 53 determines whether a health check is healthy").
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck

#: Temporary 4xx answers: timeout, too early, too many requests (RFC 9110, 8470, 6585).
_MOMENTARY = (408, 425, 429)


@dataclass(frozen=True)
class Question:
    """One request to an endpoint, made in the way of a checker.

    :ivar address: IP address; None to resolve ``host``.
    :ivar host: for the Host header, and for SNI where ``sni`` is set; None sends the address.
    :ivar search: text that a healthy body contains.
    """

    tls: bool
    address: str | None
    host: str | None
    port: int
    path: str
    sni: bool
    search: str | None


@dataclass(frozen=True)
class Answer:
    """The answer of the endpoint.

    :ivar status: the HTTP status; None if there was no answer.
    :ivar found: whether the body contained the search string; None if it was not searched.
    :ivar detail: why there was no answer.
    """

    status: int | None
    found: bool | None = None
    detail: str = ""


@dataclass(frozen=True)
class Fence:
    """Whether a lock holds, as far as is known.

    :ivar proven: None if nothing is known, True if it holds, False if it does not.
    :ivar how: how that is known, as a phrase.
    """

    proven: bool | None
    how: str


BY_SETTINGS = Fence(True, "disabled and inverted, which Route 53 counts as unhealthy whatever the endpoint does")


def question_about(check: HealthCheck, path: str) -> Question:
    """The request of Route 53's checkers for a path of the endpoint (API reference, HealthCheckConfig)."""
    config = check.config
    tls = check.type.startswith("HTTPS")
    host = config.get("FullyQualifiedDomainName") or None
    return Question(
        tls=tls,
        address=config.get("IPAddress") or None,
        host=host,
        port=int(config.get("Port") or (443 if tls else 80)),
        path=path,
        sni=bool(tls and host and config.get("EnableSNI")),
        search=config.get("SearchString") if check.type.endswith("_STR_MATCH") else None,
    )


def fence_by(answer: Answer) -> Fence:
    """What the answer to a pinned path proves about the lock."""
    if answer.status is None:
        return Fence(None, f"the endpoint gave no answer that could prove it ({answer.detail})")
    observed = f"the endpoint answers the pinned path with {answer.status}"
    if _is_momentary(answer.status):
        return Fence(None, f"{observed}, which does not show what it answers once it is healthy")
    if answer.status >= 400:
        return Fence(True, observed)
    if answer.found is False:
        return Fence(True, f"{observed} and without the search string")
    return Fence(False, f"{observed}, which Route 53 counts as healthy")


def _is_momentary(status: int) -> bool:
    """Whether an answer depends on the present state of the endpoint and not on the path. A site that is down answers
    every path with 503, and may answer every path with 200 when it returns."""
    return status < 200 or status >= 500 or status in _MOMENTARY
