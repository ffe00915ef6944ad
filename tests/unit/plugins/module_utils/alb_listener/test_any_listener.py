# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Whatever rules a listener has: who gets the page, who does not, and what comes back."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.patterns import (
    common_pattern,
    common_range,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.alb_listener.world import (
    World,
    header,
    host,
    path,
    source,
    switch,
)
from hypothesis import assume, given
from hypothesis import strategies as st

from lab.aws.elbv2.conditions import pattern

Json = dict[str, Any]
SECRET = "open-sesame-4711-x"

REFUSED = "refused"
PATHS = ["/", "/a", "/a/b", "/a/b.json", "/b", "/b/a", "/c/x"]
PATTERNS = st.text("/ab*?", min_size=0, max_size=5).map(lambda rest: f"/{rest}")
HOSTS = ["x.example.com", "y.example.com"]
CONDITIONS = st.one_of(
    st.lists(st.sampled_from(["/a", "/a/*", "/b/*", "/*", "/a/b*", "/c/?"]), min_size=1, max_size=3).map(
        lambda values: path(*values)
    ),
    st.lists(st.sampled_from(HOSTS), min_size=1, max_size=2, unique=True).map(lambda values: host(*values)),
    st.just(header("X-Kind", "app")),
    st.sampled_from([source("192.0.2.0/24"), source("192.0.2.0/28", "198.51.100.1/32")]),
)
RULES = st.lists(
    st.tuples(
        st.integers(1, 12), st.lists(CONDITIONS, min_size=1, max_size=3, unique_by=lambda one: str(one["Field"]))
    ),
    max_size=5,
    unique_by=lambda rule: rule[0],
)
PAGES = st.fixed_dictionaries(
    {},
    optional={
        "exempt_paths": st.lists(st.sampled_from(["/a", "/a/b", "/a/*", "/c/x"]), min_size=1, max_size=3, unique=True),
        "tester_addresses": st.just(["192.0.2.0/27"]),
        "tester_header": st.just("X-Tester"),
        "json_paths": st.just(["/b/*"]),
    },
).map(lambda page: {**page, "tester_secret": SECRET} if "tester_header" in page else page)
REQUESTS = st.fixed_dictionaries(
    {
        "path": st.sampled_from(PATHS),
        "host": st.sampled_from(HOSTS),
        "source": st.sampled_from(["192.0.2.1", "192.0.2.20", "192.0.2.99", "198.51.100.1", "203.0.113.9"]),
        "headers": st.dictionaries(st.sampled_from(["x-tester", "x-kind"]), st.sampled_from([[SECRET], ["app"]])),
    }
)


def is_exempt(page: Json, request: Json) -> bool:
    return (
        any(pattern(one).fullmatch(request["path"]) for one in page.get("exempt_paths", ()))
        or ("tester_addresses" in page and request["source"] in ("192.0.2.1", "192.0.2.20"))
        or ("tester_header" in page and request["headers"].get("x-tester") == [SECRET])
    )


@given(rules=RULES, page=PAGES, requests=st.lists(REQUESTS, min_size=1, max_size=8))
def test_i1_exempt_requests_reach_what_they_reached_all_others_the_page_and_all_comes_back(
    rules: list[tuple[int, list[Json]]], page: Json, requests: list[Json]
) -> None:
    world = World(*rules)
    untouched = world.snapshot()
    before = [world.answer(**request) for request in requests]
    found = switch(world, enabled=True, page=page)
    if found["failed"]:
        # What cannot be exact is refused, and nothing else happens.
        assert world.snapshot() == untouched
        assert "cannot be" in found["msg"] or "can have 5" in found["msg"]
        return
    for request, was in zip(requests, before, strict=True):
        assert world.answer(**request) == (was if is_exempt(page, request) else "fixed-response")
    assert not switch(world, enabled=True, page=page)["changed"]
    switch(world, enabled=False)
    assert world.snapshot() == untouched


def common_or_refused(one: str, other: str) -> str | None:
    try:
        return common_pattern(one, other)
    except RefusedError:
        return REFUSED


@given(one=PATTERNS, other=PATTERNS, asked=st.lists(st.text("/abc", max_size=6), max_size=20))
def test_a_common_pattern_matches_what_both_match(one: str, other: str, asked: list[str]) -> None:
    common = common_or_refused(one, other)
    assume(common != REFUSED)
    for text in (f"/{rest}" for rest in asked):
        both = pattern(one).fullmatch(text) and pattern(other).fullmatch(text)
        assert (common is not None and bool(pattern(common).fullmatch(text))) == bool(both)


def test_patterns_that_overlap_in_part_have_no_common_one() -> None:
    assert common_pattern("/a/*", "/b/*") is None
    assert common_pattern("/a/*", "/a/b") == "/a/b"
    with pytest.raises(RefusedError, match="neither contains the other"):
        common_pattern("/a/*", "*.json")


def test_the_smaller_of_two_ranges_is_common_to_both() -> None:
    assert common_range("192.0.2.0/24", "192.0.2.128/25") == "192.0.2.128/25"
    assert common_range("192.0.2.0/25", "192.0.2.128/25") is None
    assert common_range("2001:db8::/32", "192.0.2.0/24") is None
