# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A request of each kind that host names and redirects distinguish is among the samples, and few others are."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.samples import Condition, places, samples
from hypothesis import given, settings
from hypothesis import strategies as st

from .balancers import PAGE, balancer, listener, redirect

Json = dict[str, t.Any]
Kept = t.Collection[tuple[str, str]]


def exact(value: str) -> Condition:
    return Condition("exact", value)


def prefix(value: str) -> Condition:
    return Condition("prefix", value)


def suffix(value: str) -> Condition:
    return Condition("suffix", value)


def fulfils(text: str, condition: Condition) -> bool:
    if condition.operator == "exact":
        return text == condition.value
    return text.startswith(condition.value) if condition.operator == "prefix" else text.endswith(condition.value)


def kind(text: str, conditions: t.Collection[Condition], kept: Kept) -> tuple[bool, ...]:
    """The results of the conditions for a text, for the text after redirects, and after further redirects."""
    once = [f"{before}{text}{behind}" for before, behind in sorted(kept)]
    twice = [f"{before}{other}{behind}" for other in once for before, behind in sorted(kept)]
    return tuple(fulfils(one, condition) for one in (text, *once, *twice) for condition in conditions)


FEW = settings(max_examples=300, deadline=None, derandomize=True, database=None)
LETTERS = st.text("ab", max_size=2)
CONDITIONS = st.sets(
    st.builds(Condition, st.sampled_from(["exact", "prefix", "suffix"]), st.text("ab", min_size=1, max_size=4)),
    max_size=4,
)
KEPT = st.sets(st.tuples(LETTERS, LETTERS).filter(any), max_size=2)


@FEW
@given(CONDITIONS, KEPT, st.text("abc", min_size=1, max_size=6))
def test_any_text_has_a_sample_that_meets_the_same_conditions(
    conditions: set[Condition], kept: Kept, text: str
) -> None:
    known = {kind(sample, conditions, kept) for sample in samples(conditions, kept)}
    assert kind(text, conditions, kept) in known


@FEW
@given(CONDITIONS, KEPT, st.text("abc", max_size=5))
def test_any_text_with_its_first_letter_has_a_sample_too(conditions: set[Condition], kept: Kept, rest: str) -> None:
    found = samples(conditions, kept, first="a")
    assert kind(f"a{rest}", conditions, kept) in {kind(sample, conditions, kept) for sample in found}
    assert all(sample.startswith("a") for sample in found)


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ([], ["/any"]),
        ([exact("/b")], ["/b", "/any"]),
        ([exact("b")], ["/any"]),
        ([prefix("/b")], ["/b", "/any", "/bany"]),
        ([suffix(".x")], ["/.x", "/any", "/any.x"]),
        ([prefix("/b"), suffix(".x")], ["/b", "/.x", "/any", "/any.x", "/bany", "/bany.x"]),
        ([prefix("/b"), prefix("/b")], ["/b", "/any", "/bany"]),
        ([exact("/any")], ["/any", "/other"]),
        ([prefix("/an")], ["/an", "/other", "/anany"]),
        ([suffix("y")], ["/y", "/other", "/anyy"]),
    ],
)
def test_paths_of_conditions_come_first_then_one_other_of_each_kind(
    conditions: list[Condition], found: list[str]
) -> None:
    assert samples(conditions, first="/") == found


@pytest.mark.parametrize(
    ("condition", "before", "behind", "derived"),
    [
        (exact("www.x"), "www.", "", ["x"]),
        (exact("x.org"), "", ".org", ["x"]),
        (exact("www.x.org"), "www.", ".org", ["x"]),
        (exact("www.x"), "ftp.", "", []),
        (exact("www"), "ww", "ww", []),
        (prefix("www.x"), "www.", "", ["xany"]),
        (prefix("www.x"), "ftp.", "", []),
        (prefix("shop.b"), "", ".bx", ["shop"]),
        (prefix("www"), "wwww", "", []),
        (suffix("x.org"), "", ".org", ["anyx"]),
        (suffix("x.org"), "", ".com", []),
        (suffix("b.shop"), "xb.", "", ["shop"]),
        (suffix("b.shop"), "xb", "", [".shop"]),
        (suffix("org"), "", "corg", []),
    ],
)
def test_a_text_that_fulfils_a_condition_once_it_is_redirected_is_a_sample(
    condition: Condition, before: str, behind: str, derived: list[str]
) -> None:
    found = samples([condition], [(before, behind)])
    assert [text for text in found if text not in samples([condition])] == derived


def test_redirects_that_multiply_conditions_come_to_an_end() -> None:
    conditions = [exact(f"{'a' * 40}{number}{'b' * 40}") for number in range(10)]
    assert len(samples(conditions, [("a" * size, "b" * other) for size in range(1, 9) for other in range(1, 9)])) < 800


def with_rules(*rules: Json, **more: t.Any) -> Json:
    return balancer(listener("http", ruleSetNames=[PAGE]), ruleSets={PAGE: {"items": [*rules]}}, **more)


def hosts(found: Json, name: str = "http") -> list[str]:
    return [place.host for place in places(found, name) if place.path == "/any"]


def paths(found: Json, host: str = "any") -> list[str]:
    return [place.path for place in places(found, "http") if place.host == host]


def rule(operator: str, original: str, **uri: t.Any) -> Json:
    condition = {"attributeName": "PATH", "attributeValue": original, "operator": operator}
    return redirect(conditions=[condition], redirectUri=uri)


def test_a_listener_that_passes_bytes_on_has_no_samples() -> None:
    assert places(balancer(listener("http", protocol="TCP")), "http") == []


def test_without_names_and_redirects_any_request_stands_for_all() -> None:
    assert [str(place) for place in places(balancer(), "http")] == ["http://any:80/any"]


def test_a_listener_with_a_certificate_gets_https() -> None:
    found = balancer(listener("https", port=443, sslConfiguration={"certificateName": "shop"}))
    assert [str(place) for place in places(found, "https")] == ["https://any:443/any"]


NAMES = {"front": {"hostname": "*.b.org"}, "behind": {"hostname": "shop.*"}, "exact": {"hostname": "b.org"}}


def test_a_name_an_address_and_each_end_of_wildcards_is_a_host() -> None:
    found = balancer(hostnames=NAMES, ipAddresses=[{"ipAddress": "192.0.2.7"}])
    assert hosts(found) == ["192.0.2.7", "b.org", "any", "any.b.org", "shop.any", "shop.any.b.org"]


def test_hosts_that_another_listener_of_the_port_gets_are_no_samples() -> None:
    found = balancer(listener("http"), listener("shop", hostnameNames=["exact"]), hostnames=NAMES)
    assert "b.org" not in hosts(found)
    assert hosts(found, "shop") == ["b.org"]


@pytest.mark.parametrize(
    ("operator", "found"),
    [
        ("EXACT_MATCH", ["/b", "/any"]),
        ("PREFIX_MATCH", ["/b", "/any", "/bany"]),
        ("FORCE_LONGEST_PREFIX_MATCH", ["/b", "/any", "/bany"]),
        ("SUFFIX_MATCH", ["/b", "/any", "/any/b"]),
    ],
)
def test_each_operator_of_a_redirect_gives_its_samples(operator: str, found: list[str]) -> None:
    assert paths(with_rules(rule(operator, "/b"))) == found


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ({"path": "/x{path}"}, ["/x/b", "/b"]),
        ({"path": "{path}/b"}, ["/x/b", "/x"]),
        ({"path": "/x"}, ["/x/b"]),
        ({"path": r"/x\{path\}"}, ["/x/b"]),
        ({"path": "/x{query}"}, ["/x/b"]),
        ({"path": "{path}"}, ["/x/b"]),
        ({"path": "/x{path}{path}"}, ["/x/b", "/b"]),
        ({"path": "{path}/x{path}"}, ["/x/b"]),
        ({"path": "{path}/b{path}"}, ["/x/b"]),
        ({"host": "{host}"}, ["/x/b"]),
        ({}, ["/x/b"]),
        (None, ["/x/b"]),
    ],
)
def test_a_path_that_a_redirect_makes_into_another_rules_path_is_a_sample(uri: Json | None, found: list[str]) -> None:
    rules = [rule("EXACT_MATCH", "/x/b"), rule("EXACT_MATCH", "/x/b") | {"redirectUri": uri}]
    assert paths(with_rules(*rules)) == [*found, "/any"]


def test_a_path_is_known_too_where_the_redirect_writes_the_host_before_it() -> None:
    rules = [rule("EXACT_MATCH", "/any/b", path="/{host}{path}")]
    assert "/b" in paths(with_rules(*rules))


def test_a_host_that_a_redirect_makes_into_a_name_of_the_load_balancer_is_a_sample() -> None:
    found = with_rules(rule("PREFIX_MATCH", "/", host="www.{host}"), hostnames={"x": {"hostname": "www.b.org"}})
    assert hosts(found) == ["www.b.org", "b.org", "any"]


def test_a_host_is_known_too_where_the_redirect_writes_protocol_and_port_before_it() -> None:
    https = listener("https", port=443, sslConfiguration={"certificateName": "shop"})
    uri = {"host": "{protocol}-{port}.{host}"}
    found = balancer(
        listener("http", ruleSetNames=[PAGE]),
        https,
        ruleSets={PAGE: {"items": [redirect(redirectUri=uri)]}},
        hostnames={"x": {"hostname": "https-443.b.org"}},
    )
    assert "b.org" in hosts(found, "https")


def test_a_redirect_that_is_not_attached_gives_no_samples() -> None:
    found = balancer(
        ruleSets={PAGE: {"items": [rule("EXACT_MATCH", "/", host="www.{host}")]}},
        hostnames={"x": {"hostname": "www.b.org"}},
    )
    assert [str(place) for place in places(found, "http")] == ["http://www.b.org:80/any", "http://any:80/any"]
