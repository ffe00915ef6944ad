# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is changed of a name's records, and which records are left unchanged or refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._dns_records.decision import (
    Change,
    after,
    check_target,
    decide,
)
from ansible_collections.tidegate.failover.plugins.module_utils._dns_records.sides import (
    aliases_within,
    longest_ttl,
    reported,
    same,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from hypothesis import given
from hypothesis import strategies as st

Json = dict[str, Any]

NAME: Json = {"Name": "static.example.com.", "Type": "A"}
VALUES: Json = {"primary": {"values": ["192.0.2.1"]}, "secondary": {"values": ["198.51.100.1"]}}
WEIGHTS: Json = {"primary": {"weights": {"a": 100, "b": 0}}, "secondary": {"weights": {"a": 0, "b": 100}}}
TARGET: Json = {"zone_id": "Z2EXAMPLE", "dns_name": "lb.example.com", "evaluate_target_health": True}
ALIASES: Json = {"primary": {"alias": TARGET}, "secondary": {"alias": {**TARGET, "dns_name": "standby.example.com"}}}
MANY: Json = {
    "primary": {"multivalue": [{"set_identifier": "a", "values": ["192.0.2.1"], "ttl": 60}]},
    "secondary": {
        "multivalue": [{"set_identifier": "b", "values": ["198.51.100.1"], "ttl": 60, "health_check_id": "c"}]
    },
}


def simple(*values: str, ttl: int = 300) -> Json:
    return {**NAME, "TTL": ttl, "ResourceRecords": [{"Value": value} for value in values]}


def weighted(name: str, weight: int, **more: Any) -> Json:
    return {**simple(f"192.0.2.{ord(name)}"), "SetIdentifier": name, "Weight": weight, **more}


def alias(name: str) -> Json:
    return {**NAME, "AliasTarget": {"HostedZoneId": "Z2EXAMPLE", "DNSName": f"{name}.", "EvaluateTargetHealth": True}}


def many(name: str, value: str, **more: Any) -> Json:
    return {**simple(value, ttl=60), "SetIdentifier": name, "MultiValueAnswer": True, **more}


AT: list[tuple[Json, list[Json], list[Json]]] = [
    (VALUES, [simple("192.0.2.1")], [simple("198.51.100.1")]),
    (WEIGHTS, [weighted("a", 100), weighted("b", 0)], [weighted("a", 0), weighted("b", 100)]),
    (ALIASES, [alias("LB.example.com")], [alias("standby.example.com")]),
    (MANY, [many("a", "192.0.2.1")], [many("b", "198.51.100.1", HealthCheckId="c")]),
]
KINDS = ["values", "weights", "alias", "multivalue"]


def moved(target: Json, to: str, found: list[Json]) -> list[Json]:
    change = decide(target, to, found)
    assert change
    return after(change, found)


@pytest.mark.parametrize(("target", "primary", "secondary"), AT, ids=KINDS)
def test_a_name_is_led_to_the_other_site_and_back(target: Json, primary: list[Json], secondary: list[Json]) -> None:
    assert same(moved(target, "secondary", primary), secondary)
    assert same(moved(target, "primary", moved(target, "secondary", primary)), primary)


@pytest.mark.parametrize(("target", "_primary", "secondary"), AT, ids=KINDS)
def test_i3_a_name_that_is_there_already_needs_no_change(target: Json, _primary: Any, secondary: list[Json]) -> None:
    assert decide(target, "secondary", secondary) is None


@pytest.mark.parametrize(("target", "primary", "_secondary"), AT, ids=KINDS)
def test_i2_a_batch_deletes_exactly_what_was_read(target: Json, primary: list[Json], _secondary: Any) -> None:
    change = decide(target, "secondary", primary)
    assert change
    deleted = [one["ResourceRecordSet"] for one in change.batch if one["Action"] == "DELETE"]
    assert deleted == primary


def test_i1_what_nobody_named_of_a_weighted_record_stays() -> None:
    found = [weighted("a", 100, HealthCheckId="one", TTL=5), weighted("b", 0, HealthCheckId="two")]
    assert moved(WEIGHTS, "secondary", found) == [
        weighted("a", 0, HealthCheckId="one", TTL=5),
        weighted("b", 100, HealthCheckId="two"),
    ]


def test_i1_a_record_that_is_the_same_at_both_sites_is_not_touched() -> None:
    target = {
        "primary": {"weights": {"a": 1, "b": 0, "c": 5}},
        "secondary": {"weights": {"a": 0, "b": 1, "c": 5}},
    }
    change = decide(target, "secondary", [weighted("a", 1), weighted("b", 0), weighted("c", 5)])
    assert change
    assert [record["SetIdentifier"] for record in change.old] == ["a", "b"]


def test_a_ttl_that_nobody_gives_stays() -> None:
    assert moved(VALUES, "secondary", [simple("192.0.2.1", ttl=77)])[0]["TTL"] == 77


def test_values_and_an_alias_can_be_the_two_sides() -> None:
    target = {"primary": {"values": ["192.0.2.1"], "ttl": 300}, "secondary": ALIASES["secondary"]}
    there = moved(target, "secondary", [simple("192.0.2.1")])
    assert same(there, [alias("standby.example.com")])
    assert moved(target, "primary", there) == [simple("192.0.2.1")]


@given(st.permutations(["192.0.2.1", "192.0.2.2", "192.0.2.3"]))
def test_the_order_of_values_does_not_matter(values: list[str]) -> None:
    target = {**VALUES, "primary": {"values": ["192.0.2.1", "192.0.2.2", "192.0.2.3"]}}
    assert decide(target, "primary", [simple(*values)]) is None


@pytest.mark.parametrize(
    ("target", "found", "said"),
    [
        (VALUES, [], "There are no such records"),
        (VALUES, [simple("203.0.113.9")], "It leads to neither of the two sites: there is 203.0.113.9"),
        (VALUES, [simple("192.0.2.1", "203.0.113.9")], "It leads to neither"),
        (VALUES, [{**simple("192.0.2.1"), "SetIdentifier": "a", "Failover": "PRIMARY"}], "failover routing"),
        (VALUES, [{**simple("192.0.2.1"), "SetIdentifier": "a", "Region": "eu-west-1"}], "They answer by Region"),
        (
            VALUES,
            [{**simple("192.0.2.1"), "SetIdentifier": "a", "GeoLocation": {"CountryCode": "*"}}],
            "by GeoLocation",
        ),
        (VALUES, [{**simple("192.0.2.1"), "TrafficPolicyInstanceId": "t-1"}], "made by a traffic policy"),
        (VALUES, [weighted("a", 1), weighted("b", 0)], "Give weights, or multivalue"),
        (VALUES, [alias("lb.example.com")], "Give ttl beside values"),
        (ALIASES, [weighted("a", 1)], "alias is for a name with one record"),
        (WEIGHTS, [weighted("a", 100)], "Name each weighted record"),
        (WEIGHTS, [weighted("a", 100), weighted("b", 0), weighted("c", 1)], "Name each weighted record"),
        (WEIGHTS, [weighted("a", 50), weighted("b", 50)], "It leads to neither"),
        (WEIGHTS, [simple("192.0.2.1")], "Name each weighted record"),
        (MANY, [simple("192.0.2.1")], "multivalue is for multivalue answer records"),
    ],
)
def test_what_leads_to_neither_site_or_cannot_be_moved_is_refused(target: Json, found: list[Json], said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        decide(target, "secondary", found)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ({**VALUES, "secondary": VALUES["primary"]}, "primary and secondary are the same"),
        ({**VALUES, "secondary": {"values": []}}, "secondary cannot be used: it has no values"),
        ({**VALUES, "secondary": {"values": ["198.51.100.1"], "ttl": 5}}, "ttl is given for one side only"),
        ({**WEIGHTS, "secondary": {"weights": {"a": 0, "b": 0}}}, "all weights are 0"),
        ({**WEIGHTS, "secondary": {"weights": {"a": 0, "b": 256}}}, "the weight of b is no whole number"),
        ({**WEIGHTS, "secondary": {"weights": {"a": 0, "b": "x"}}}, "the weight of b"),
        ({**WEIGHTS, "secondary": {"weights": {"a": True, "b": 1}}}, "the weight of a"),
        ({**WEIGHTS, "secondary": {"weights": {"a": -1, "b": 1}}}, "the weight of a"),
        ({**MANY, "secondary": {"multivalue": []}}, "it has no values"),
    ],
)
def test_sides_that_cannot_be_meant_are_refused_whatever_is_there(target: Json, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        check_target(target)


@pytest.mark.parametrize("target", [VALUES, WEIGHTS, ALIASES, MANY], ids=KINDS)
def test_sides_that_can_be_meant_are_not_refused(target: Json) -> None:
    check_target(target)


def test_weights_may_be_given_as_text() -> None:
    target = {"primary": {"weights": {"a": "100", "b": "0"}}, "secondary": {"weights": {"a": "0", "b": "100"}}}
    assert decide(target, "primary", [weighted("a", 100), weighted("b", 0)]) is None


def test_records_are_reported_with_what_matters() -> None:
    found = [weighted("b", 0), weighted("a", 100)]
    assert reported(found) == "a: 192.0.2.97 (TTL 300) with weight 100, b: 192.0.2.98 (TTL 300) with weight 0"
    assert (reported([alias("LB.example.com")]), reported([])) == ("an alias of lb.example.com", "no record")


def test_an_answer_may_be_kept_for_the_longest_ttl() -> None:
    assert (longest_ttl([simple("a", ttl=5), simple("b", ttl=77)]), longest_ttl([alias("x")])) == (77, 60)


def test_a_batch_deletes_before_it_creates() -> None:
    assert [one["Action"] for one in Change(({"a": 1},), ({"b": 1},)).batch] == ["DELETE", "CREATE"]


@pytest.mark.parametrize(
    ("kind", "declared", "there"),
    [
        ("CNAME", "lb.example.com", "LB.example.com."),
        ("CNAME", "lb.example.com.", "lb.example.com"),
        ("MX", "10 mail.example.com", "10  mail.example.com."),
        ("SRV", "1 5 443 lb.example.com", "1 5 443 lb.example.com."),
        ("AAAA", "2001:DB8::1", "2001:db8:0:0:0:0:0:1"),
    ],
)
def test_another_way_to_write_a_value_is_the_same_value(kind: str, declared: str, there: str) -> None:
    target = {"primary": {"values": [declared]}, "secondary": {"values": ["other"]}}
    found = [{"Name": "x.example.com.", "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": there}]}]
    assert decide(target, "primary", found) is None
    change = decide(target, "secondary", found)
    assert change
    assert list(change.old) == found


@pytest.mark.parametrize(("kind", "one", "other"), [("TXT", '"a"', '"A"'), ("AAAA", "x", "y"), ("A", "a.", "a")])
def test_other_values_are_compared_as_they_are(kind: str, one: str, other: str) -> None:
    first, second = ({"Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]} for value in (one, other))
    assert not same([first], [second])


@pytest.mark.parametrize("to", ["primary", "secondary"])
@pytest.mark.parametrize("name", ["lb.example.com", "standby.example.com"])
def test_i1_a_prefix_that_the_console_gave_an_alias_is_refused_with_what_to_write(to: str, name: str) -> None:
    """Without it no IPv6 address is answered, so it is another alias."""
    with pytest.raises(RefusedError, match=r"console.*Write dns_name as the record has it"):
        decide(ALIASES, to, [alias(f"dualstack.{name}")])


def test_a_prefix_of_another_name_is_somebody_elses_change() -> None:
    with pytest.raises(RefusedError, match="Somebody has changed it"):
        decide(ALIASES, "secondary", [alias("dualstack.other.example.com")])


def test_aliases_within_the_zone_are_answered_with_the_ttl_of_their_records() -> None:
    targets = [{"HostedZoneId": zone, "DNSName": "A.example.com."} for zone in ("Z1", "Z2")]
    here, there = ({**NAME, "AliasTarget": one} for one in targets)
    assert aliases_within([here, there, simple("192.0.2.1")], "Z1") == ["a.example.com"]


@pytest.mark.parametrize("ttl", [None, 300])
def test_values_that_an_alias_could_not_be_made_into_again_need_a_ttl(ttl: int | None) -> None:
    target = {"primary": {"values": ["192.0.2.1"], "ttl": ttl}, "secondary": ALIASES["secondary"]}
    if ttl:
        check_target(target)
        return
    with pytest.raises(RefusedError, match="could not be led back to the primary site"):
        check_target(target)
