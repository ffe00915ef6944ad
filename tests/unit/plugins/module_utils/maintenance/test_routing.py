# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which listener and which redirect a request meets; and what the module foresees is what the lab's traffic does."""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.redirects import circle
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.routing import (
    Place,
    journey,
    listener_at,
    redirect_at,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.samples import places
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lab.oci.load_balancer.redirect_uris import IncomingUri
from lab.oci.traffic.ports import planned_ports
from lab.oci.traffic.rules import attached_rules, refusal, serving_listener

from .balancers import PAGE, balancer, listener, redirect

Json = dict[str, t.Any]

HOSTNAMES = {
    "exact": {"hostname": "Shop.example.com"},
    "front": {"hostname": "*.example.com"},
    "longer": {"hostname": "*.eu.example.com"},
    "behind": {"hostname": "shop.*"},
    "behind more": {"hostname": "shop.example.*"},
    "behind most": {"hostname": "shop.eu.example.*"},
}


def by_host(*names: str) -> Json:
    """Listeners on one port, each with one of the host names; the one that is called ``any`` has none."""
    listeners = [listener(name, hostnameNames=[] if name == "any" else [name]) for name in names]
    return balancer(*listeners, hostnames=HOSTNAMES)


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("shop.example.com", "exact"),
        ("www.example.com", "front"),
        ("www.eu.example.com", "longer"),
        ("shop.other.org", "behind"),
        ("shop.example.org", "behind more"),
        ("a.example.com", "front"),
        ("wwwexample.com", "any"),
        ("shopping.example.org", "any"),
        ("sale.example.org", "any"),
        ("example.com", "any"),
        ("shop.eu.example.com", "longer"),
    ],
)
def test_the_best_fitting_host_name_decides_which_listener_serves(host: str, found: str) -> None:
    names = ("any", "behind", "behind more", "behind most", "front", "longer", "exact")
    assert listener_at(by_host(*names), Place("HTTP", host, 80, "/")) == found


def test_a_wildcard_in_front_fits_better_than_a_longer_name_with_one_behind() -> None:
    assert listener_at(by_host("behind most", "front"), Place("HTTP", "shop.eu.example.com", 80, "/")) == "front"


def test_where_all_listeners_of_a_port_have_host_names_the_first_serves_all_others() -> None:
    assert listener_at(by_host("front", "behind"), Place("HTTP", "192.0.2.1", 80, "/")) == "front"


def test_a_listener_does_not_serve_another_protocol() -> None:
    assert listener_at(balancer(), Place("HTTPS", "shop.example.com", 80, "/")) is None


def rule(operator: str, path: str, name: str) -> Json:
    return redirect(conditions=[{"attributeName": "PATH", "attributeValue": path, "operator": operator}], name=name)


@pytest.mark.parametrize(
    ("path", "met"),
    [
        ("/shop", "exact"),
        ("/shop/cart", "longer"),
        ("/sh", "forced"),
        ("/x.html", "suffix"),
        ("/x", "prefix"),
    ],
)
def test_the_ranking_of_conditions_decides_which_redirect_a_path_meets(path: str, met: str) -> None:
    rules = [
        rule("SUFFIX_MATCH", ".html", "suffix"),
        rule("PREFIX_MATCH", "/", "prefix"),
        rule("FORCE_LONGEST_PREFIX_MATCH", "/sh", "forced"),
        rule("FORCE_LONGEST_PREFIX_MATCH", "/shop/", "longer"),
        rule("EXACT_MATCH", "/shop", "exact"),
    ]
    found = redirect_at(
        balancer(listener("http", ruleSetNames=[PAGE]), ruleSets={PAGE: {"items": rules}}), "http", path
    )
    assert found is not None
    assert found[1]["name"] == met


def test_of_two_rule_sets_the_first_wins() -> None:
    sets = {"first": {"items": [redirect("/")]}, "second": {"items": [redirect("/shop")]}}
    found = redirect_at(balancer(listener("http", ruleSetNames=["first", "second"]), ruleSets=sets), "http", "/shop")
    assert found is not None
    assert found[0] == "first"


def attached(*listeners: Json, uri: Json, **more: t.Any) -> Json:
    return balancer(*listeners, ruleSets={PAGE: {"items": [redirect(redirectUri=uri)]}}, hostnames=HOSTNAMES, **more)


def test_the_page_under_another_host_name_of_the_same_port_is_no_circle() -> None:
    page = listener("page", hostnameNames=["exact"], defaultBackendSetName="page")
    found = attached(listener("http", ruleSetNames=[PAGE]), page, uri={"host": "shop.example.com"})
    assert circle("http", PAGE, found) == ""


@pytest.mark.parametrize("host", ["sorry.example.com", "SORRY.EXAMPLE.COM", "shop.example.org"])
def test_a_circle_through_a_host_name_with_a_wildcard_or_in_other_letters_is_found(host: str) -> None:
    http = listener("http", ruleSetNames=[PAGE], hostnameNames=["front", "behind"])
    assert "in a circle" in circle("http", PAGE, attached(http, uri={"host": host}))


def test_an_endless_redirect_behind_a_forced_longest_prefix_is_found() -> None:
    rules = [
        redirect("/", redirectUri={"path": "/sorry"}),
        rule("FORCE_LONGEST_PREFIX_MATCH", "/sorry", "again") | {"redirectUri": {"path": "/sorry/again"}},
    ]
    found = balancer(listener("http", ruleSetNames=[PAGE]), ruleSets={PAGE: {"items": rules}})
    assert "in a circle" in circle("http", PAGE, found)


def test_an_exact_path_that_leads_away_takes_precedence_over_a_prefix_that_would_circle() -> None:
    rules = [
        redirect("/", redirectUri={"path": "/sorry"}),
        rule("EXACT_MATCH", "/sorry", "away") | {"redirectUri": {"host": "www.example.org"}},
    ]
    found = balancer(listener("http", ruleSetNames=[PAGE]), ruleSets={PAGE: {"items": rules}})
    assert circle("http", PAGE, found) == ""


# The same load balancers, as the module judges them and as the lab's traffic goes.

PROTOCOLS = {80: "HTTP", 443: "HTTPS", 8081: "HTTP"}
PATHS = ["/", "/shop", "/shop/", "/sorry", "/a/sorry"]
HOSTS = ["shop.example.com", "www.example.com", "www.eu.example.com", "shop.example.org", "other.example.net"]


def maybe(*values: t.Any) -> st.SearchStrategy[t.Any]:
    return st.sampled_from([None, *values])


RULES = st.builds(
    lambda operator, path, uri: rule(operator, path, "") | {"redirectUri": uri},
    st.sampled_from(["EXACT_MATCH", "FORCE_LONGEST_PREFIX_MATCH", "PREFIX_MATCH", "PREFIX_MATCH", "SUFFIX_MATCH"]),
    st.sampled_from(PATHS),
    st.fixed_dictionaries(
        {
            "protocol": maybe("HTTP", "HTTPS", "{protocol}"),
            "port": maybe(80, 443, 8081),
            "host": maybe("{host}", "shop.example.com", "WWW.example.com", "other.example.net", "www.{host}"),
            "path": maybe("{path}", "/sorry", "/a{path}", "{path}/sorry", "/", ""),
        }
    ),
)
LISTENERS = st.builds(
    lambda port, hostnames, rule_sets: listener(
        "",
        port=port,
        hostnameNames=hostnames,
        ruleSetNames=rule_sets,
        sslConfiguration={} if PROTOCOLS[port] == "HTTP" else {"certificateName": "shop"},
    ),
    st.sampled_from(sorted(PROTOCOLS)),
    st.lists(st.sampled_from(sorted(HOSTNAMES)), max_size=2, unique=True),
    st.sampled_from([[PAGE], [PAGE, "other"], ["other"], []]),
)
LOAD_BALANCERS = st.builds(
    lambda listeners, page, other: (
        balancer(ruleSets={PAGE: {"items": page}, "other": {"items": other}}, hostnames=HOSTNAMES, certificates={})
        | {"listeners": {name: item | {"name": name} for name, item in zip("abcd", listeners, strict=False)}}
    ),
    st.lists(LISTENERS, min_size=1, max_size=4),
    st.lists(RULES, min_size=1, max_size=3),
    st.lists(RULES, max_size=2),
)
ARRIVALS = st.builds(
    Place, st.sampled_from(["HTTP", "HTTPS"]), st.sampled_from(HOSTS), st.sampled_from(sorted(PROTOCOLS)),
    st.sampled_from([*PATHS, "/any", "/any/sorry", "/shop/any"]),
)  # fmt: skip
BOUNDS = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def traffic(found: Json, place: Place) -> tuple[bool, set[str]]:
    """Where the lab's traffic goes from a place: whether that never ends, and the rule sets that it met."""
    met: set[str] = set()
    names = {place.host}
    for _hop in range(30):
        plan = next((plan for plan in planned_ports(found) if plan.port == place.port), None)
        if plan is None or PROTOCOLS[place.port] != place.protocol:
            return False, met
        serving = serving_listener(plan.listeners, found["hostnames"], place.host)
        uri = IncomingUri(place.protocol.lower(), place.host, place.port, place.path, "")
        answer = refusal(attached_rules(found, serving), "192.0.2.1", "GET", uri)
        if answer is None:
            return False, met
        met |= {rule_set(found, serving, place, answer.headers["Location"])}
        place = _arrival(answer.headers["Location"])
        if place.host not in names and not _resolves_here(place.host):
            return False, met
    return True, met


def rule_set(found: Json, serving: Json, place: Place, location: str) -> str:
    """The first rule set that alone gives the answer; the others, behind it, would not have been asked."""
    uri = IncomingUri(place.protocol.lower(), place.host, place.port, place.path, "")
    for name in serving["ruleSetNames"]:
        alone = refusal(attached_rules(found, serving | {"ruleSetNames": [name]}), "192.0.2.1", "GET", uri)
        if alone and alone.headers["Location"] == location:
            return str(name)
    raise AssertionError("no rule set gives this answer")


def _arrival(location: str) -> Place:
    parts = urlsplit(location)
    default = 443 if parts.scheme == "https" else 80
    return Place(parts.scheme.upper(), str(parts.hostname), parts.port or default, parts.path or "/")


def _resolves_here(host: str) -> bool:
    """The names of the load balancer are only its own names in DNS."""
    return host.endswith(".example.com") or host.startswith("shop.")


@BOUNDS
@given(LOAD_BALANCERS, ARRIVALS)
def test_a_request_goes_in_a_circle_by_the_module_where_it_does_in_the_labs_traffic(found: Json, place: Place) -> None:
    assert (journey(found, place).end == "circle") == traffic(found, place)[0]


@BOUNDS
@given(LOAD_BALANCERS, ARRIVALS)
def test_a_circle_that_one_request_gets_into_is_found_before_the_page_is_attached(found: Json, place: Place) -> None:
    loops, met = traffic(found, place)
    if loops and PAGE in met:
        assert circle(str(listener_at(found, place)), PAGE, found)


@BOUNDS
@given(LOAD_BALANCERS)
def test_a_circle_that_is_said_to_be_there_is_one_in_the_labs_traffic(found: Json) -> None:
    for name in found["listeners"]:
        if circle(name, PAGE, found):
            assert any(traffic(found, place)[0] for place in places(found, name))
