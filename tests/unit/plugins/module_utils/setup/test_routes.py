# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Whether a load balancer's subnets have a route to the page's backends, as far as their route tables show it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._setup import routes
from ansible_collections.tidegate.failover.plugins.module_utils._setup.routes import Network

Json = dict[str, t.Any]

INSIDE, PUBLIC, PRIVATE = "10.0.3.4", "198.51.100.7", "192.168.7.1"
ALL_SERVICES = {"destination": "all-iad-services-in-oracle-services-network", "destinationType": "SERVICE_CIDR_BLOCK"}


def to(destination: str) -> Json:
    return {"destination": destination, "destinationType": "CIDR_BLOCK", "networkEntityId": "ocid1.gateway"}


def network(*rules: Json, vcn: Json | None = None, name: str = "web") -> Network:
    return Network(
        {"id": f"ocid1.subnet.oc1.iad.{name}", "displayName": name},
        vcn or {"cidrBlocks": ["10.0.0.0/16"]},
        {"id": "ocid1.routetable.oc1.iad.aaaa", "displayName": "table", "routeRules": list(rules)},
    )


@pytest.mark.parametrize(
    ("address", "rules"),
    [
        (INSIDE, []),
        (PUBLIC, [to("0.0.0.0/0")]),
        (PUBLIC, [to("198.51.100.0/24")]),
        (PRIVATE, [to("10.1.0.0/16"), to("192.168.0.0/16")]),
        (PUBLIC, [{"cidrBlock": "0.0.0.0/0", "networkEntityId": "ocid1.gateway"}]),
        ("2001:db8::7", [to("::/0")]),
    ],
)
def test_an_address_in_the_vcn_or_with_a_rule_has_a_route(address: str, rules: list[Json]) -> None:
    assert routes.check([network(*rules)], [address]) == []


@pytest.mark.parametrize("field", ["cidrBlock", "cidrBlocks", "ipv6CidrBlocks", "ipv6PrivateCidrBlocks"])
def test_all_address_ranges_of_a_vcn_count(field: str) -> None:
    value, inside = ("2001:db8::/56", "2001:db8::7") if "ipv6" in field else ("192.168.0.0/16", PRIVATE)
    vcn = {"cidrBlocks": ["10.0.0.0/16"], field: value if field == "cidrBlock" else [value]}
    assert routes.check([network(vcn=vcn)], [inside]) == []


def test_byoip_ranges_of_a_vcn_count() -> None:
    vcn = {"cidrBlocks": [], "byoipv6CidrBlocks": ["2001:db8::/56"]}
    assert routes.check([network(vcn=vcn)], ["2001:db8::7"]) == []


@pytest.mark.parametrize(
    ("address", "rules"),
    [
        (PUBLIC, []),
        (PUBLIC, [to("192.168.0.0/16")]),
        ("2001:db8::7", [to("0.0.0.0/0")]),
        (PRIVATE, [ALL_SERVICES]),
        (PUBLIC, [{"destination": "oci-iad-objectstorage", "destinationType": "SERVICE_CIDR_BLOCK"}]),
    ],
)
def test_an_address_without_a_rule_is_refused(address: str, rules: list[Json]) -> None:
    with pytest.raises(RefusedError, match=f"has no route to the page's backend {address}"):
        routes.check([network(*rules)], [INSIDE, address])


def test_the_refusal_names_subnet_table_and_what_there_is() -> None:
    with pytest.raises(RefusedError) as refused:
        routes.check([network(to("0.0.0.0/0")), network(to("10.9.0.0/16"), name="standby")], [PUBLIC])
    for word in ("standby", "table", "10.9.0.0/16", "10.0.0.0/16", "Nothing was changed", "0.0.0.0/0"):
        assert word in str(refused.value)
    assert "subnet web" not in str(refused.value)


def test_a_service_gateway_alone_is_a_warning_for_a_public_address() -> None:
    assert "service gateway" in routes.check([network(ALL_SERVICES)], [PUBLIC])[0]


def test_a_rule_that_is_not_understood_is_a_warning() -> None:
    assert routes.check([network(to("something new"))], [PUBLIC]) != []


def test_a_public_gateway_in_a_subnet_without_rules_is_refused() -> None:
    with pytest.raises(RefusedError, match="has no rules"):
        routes.check_gateway({"endpointType": "PUBLIC"}, network())


@pytest.mark.parametrize(
    ("kind", "rules"), [("PRIVATE", []), ("PUBLIC", [to("203.0.113.0/24")]), ("PUBLIC", [to("0.0.0.0/0")])]
)
def test_a_gateway_that_can_answer_somebody_is_fine(kind: str, rules: list[Json]) -> None:
    routes.check_gateway({"endpointType": kind}, network(*rules))
