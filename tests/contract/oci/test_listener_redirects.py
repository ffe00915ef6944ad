# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Redirect rules, seen by users of the site."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import (
    Attach,
    Json,
    LoadBalancerApi,
    Visit,
)

from lab.process import RunningLab

pytestmark = pytest.mark.usefixtures("plain_http")


@pytest.fixture
def redirecting(api: LoadBalancerApi) -> Attach:
    """Attach one rule set of redirects to the listener ``http``; a redirect is (path, operator, URI)."""

    def attach(*redirects: tuple[str, str, Json], code: int = 302) -> None:
        rules = [
            {
                "action": "REDIRECT",
                "responseCode": code,
                "conditions": [{"attributeName": "PATH", "attributeValue": path, "operator": operator}],
                "redirectUri": uri,
            }
            for path, operator, uri in redirects
        ]
        api.change("POST", "/ruleSets", {"name": "redirects", "items": rules})
        assert api.put_listener(ruleSetNames=["redirects"])["lifecycleState"] == "SUCCEEDED"

    return attach


@pytest.mark.parametrize("listener", ["http", "https"])
def test_users_see_the_page_while_the_rule_set_is_attached_and_only_then(
    api: LoadBalancerApi, urls: dict[str, str], visit: Visit, listener: str
) -> None:
    url = f"{urls[listener]}/cart?item=1"
    assert visit(url).status_code == 200
    api.put_listener(listener, ruleSetNames=["maintenance-page"])
    redirect = visit(url)
    assert (redirect.status_code, redirect.headers["Location"]) == (302, f"{urls['maintenance']}/cart?item=1")
    page = visit(redirect.headers["Location"])
    assert (page.status_code, page.headers["Retry-After"]) == (503, "120")
    api.put_listener(listener, ruleSetNames=[])
    assert visit(url).status_code == 200


def test_traffic_follows_when_the_work_request_succeeds_and_not_before(
    lab: RunningLab, api: LoadBalancerApi, urls: dict[str, str], visit: Visit
) -> None:
    lab.control("PATCH", "/oci/settings", {"work_request_seconds": 600})
    api.call("PUT", "/listeners/http", api.listener() | {"ruleSetNames": ["maintenance-page"]})
    assert visit(urls["http"]).status_code == 200


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_answers_with_its_response_code(
    redirecting: Attach, urls: dict[str, str], visit: Visit, code: int
) -> None:
    redirecting(("/", "PREFIX_MATCH", {"path": "/elsewhere"}), code=code)
    assert visit(f"{urls['http']}/", method="POST").status_code == code


@pytest.mark.parametrize(
    ("operator", "pattern", "path", "matches"),
    [
        ("EXACT_MATCH", "/shop", "/shop", True),
        ("EXACT_MATCH", "/shop", "/shop/cart", False),
        ("PREFIX_MATCH", "/shop", "/shop/cart", True),
        ("PREFIX_MATCH", "/shop", "/a/shop", False),
        ("FORCE_LONGEST_PREFIX_MATCH", "/shop", "/shopping", True),
        ("SUFFIX_MATCH", ".jpg", "/a/b.jpg", True),
        ("SUFFIX_MATCH", ".jpg", "/a/b.jpg/c", False),
    ],
)
def test_a_condition_matches_paths_by_its_operator(
    redirecting: Attach, urls: dict[str, str], visit: Visit, operator: str, pattern: str, path: str, matches: bool
) -> None:
    redirecting((pattern, operator, {"path": "/elsewhere"}))
    assert (visit(urls["http"] + path).status_code == 302) is matches


def test_an_exact_match_beats_a_longest_prefix_which_beats_a_prefix(
    redirecting: Attach, urls: dict[str, str], visit: Visit
) -> None:
    redirecting(
        ("/", "PREFIX_MATCH", {"path": "/prefix"}),
        ("/shop", "FORCE_LONGEST_PREFIX_MATCH", {"path": "/longest"}),
        ("/sh", "FORCE_LONGEST_PREFIX_MATCH", {"path": "/shorter"}),
        ("/shop/cart", "EXACT_MATCH", {"path": "/exact"}),
    )
    locations = [visit(urls["http"] + path).headers["Location"] for path in ("/shop/cart", "/shop/", "/other")]
    assert [location.rpartition("/")[2] for location in locations] == ["exact", "longest", "prefix"]


@pytest.mark.parametrize(
    ("uri", "location"),
    [
        ({}, "http://{authority}/a/b?lang=en"),
        ({"protocol": "HTTPS", "port": 443}, "https://127.0.0.1/a/b?lang=en"),
        ({"protocol": "{protocol}", "host": "shop.example.com", "port": 80}, "http://shop.example.com/a/b?lang=en"),
        ({"host": "in{host}", "port": 8081}, "http://in127.0.0.1:8081/a/b?lang=en"),
        ({"path": "/new{path}"}, "http://{authority}/new/a/b?lang=en"),
        ({"path": "{path}/123"}, "http://{authority}/a/b/123?lang=en"),
        ({"path": ""}, "http://{authority}?lang=en"),
        ({"path": "/{protocol}/{host}/{query}", "query": ""}, "http://{authority}/http/127.0.0.1/lang=en"),
        ({"query": ""}, "http://{authority}/a/b"),
        ({"query": "?from={host}&{query}"}, "http://{authority}/a/b?from=127.0.0.1&lang=en"),
        ({"path": "/a\\{b\\}\\\\c", "query": ""}, "http://{authority}/a{b}\\c"),
    ],
    ids=str,
)
def test_the_parts_of_a_redirect_uri_replace_those_of_the_request(
    redirecting: Attach, urls: dict[str, str], visit: Visit, uri: Json, location: str
) -> None:
    redirecting(("/", "PREFIX_MATCH", uri))
    authority = urls["http"].removeprefix("http://")
    answer = visit(f"{urls['http']}/a/b?lang=en")
    assert answer.headers["Location"] == location.replace("{authority}", authority)


def test_a_query_that_a_token_leaves_empty_is_cut_off(redirecting: Attach, urls: dict[str, str], visit: Visit) -> None:
    redirecting(("/", "PREFIX_MATCH", {"query": "?lang=en&{query}"}))
    assert visit(f"{urls['http']}/a").headers["Location"].endswith("/a?lang=en")


def test_the_service_does_not_notice_a_redirect_to_itself(
    redirecting: Attach, urls: dict[str, str], visit: Visit
) -> None:
    redirecting(("/", "PREFIX_MATCH", {"path": "{path}"}))
    assert visit(f"{urls['http']}/a").headers["Location"] == f"{urls['http']}/a"
