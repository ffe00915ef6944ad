# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""How an endpoint is asked for a path, and what its answer proves about a lock."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import (
    Answer,
    Question,
    fence_by,
    question_about,
)

from . import health_checks as of

ASKED = Question(
    tls=True, address=None, host="primary.checkout.example.com", port=443, path="/pinned", sni=True, search=None
)


def test_an_endpoint_is_asked_as_its_health_check_says() -> None:
    assert question_about(of.health_check(), "/pinned") == ASKED


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"Type": "HTTP", "Port": 8080}, {"tls": False, "port": 8080, "sni": False}),
        ({"Type": "HTTP", "Port": None}, {"tls": False, "port": 80, "sni": False}),
        ({"Type": "HTTPS", "Port": None}, {"port": 443}),
        ({"IPAddress": "192.0.2.44"}, {"address": "192.0.2.44"}),
        (
            {"IPAddress": "192.0.2.44", "FullyQualifiedDomainName": ""},
            {"address": "192.0.2.44", "host": None, "sni": False},
        ),
        ({"EnableSNI": False}, {"sni": False}),
        ({"SearchString": "UP"}, {"search": None}),
        ({"Type": "HTTPS_STR_MATCH", "SearchString": "UP"}, {"search": "UP"}),
        (
            {"Type": "HTTP_STR_MATCH", "Port": 80, "SearchString": "UP"},
            {"tls": False, "port": 80, "sni": False, "search": "UP"},
        ),
    ],
)
def test_every_setting_that_checkers_heed_is_heeded(config: dict[str, t.Any], expected: dict[str, t.Any]) -> None:
    found = question_about(of.health_check(**config), "/pinned")
    assert found == Question(**{**vars(ASKED), **expected})


@pytest.mark.parametrize("status", [400, 403, 404, 410, 499])
def test_an_error_proves_the_fence(status: int) -> None:
    fence = fence_by(Answer(status))
    assert fence.proven is True
    assert fence.how == f"the endpoint answers the pinned path with {status}"


@pytest.mark.parametrize("status", [200, 204, 301, 302, 307, 399])
def test_i5_success_and_redirects_are_no_fence(status: int) -> None:
    fence = fence_by(Answer(status))
    assert fence.proven is False
    assert "counts as healthy" in fence.how


@pytest.mark.parametrize("status", [101, 199, 408, 425, 429, 500, 502, 503, 504, 599])
def test_i5_an_error_of_the_moment_proves_nothing_of_a_site_that_returns(status: int) -> None:
    fence = fence_by(Answer(status))
    assert fence.proven is None
    assert "once it is healthy" in fence.how


def test_i7_no_answer_proves_nothing() -> None:
    fence = fence_by(Answer(None, detail="ConnectionRefusedError: [Errno 111] Connection refused"))
    assert fence.proven is None
    assert "Connection refused" in fence.how


@pytest.mark.parametrize(("found", "proven"), [(True, False), (False, True)])
def test_a_body_without_the_search_string_proves_the_fence(found: bool, proven: bool) -> None:
    assert fence_by(Answer(200, found)).proven is proven
