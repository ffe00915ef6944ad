# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What shows that users reach the site that is to serve them."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._procedure.arrival import (
    at_other_site,
    at_primary_site,
    ttl,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.gate_problems import gate_problems
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import failback, failover

RECORD = {"name": "checkout.example.com", "type": "AAAA", "answers": ["2001:db8::7"]}
KNOWN = {"checkout.example.com A": ["198.51.100.7"]}


def test_dns_leads_to_the_answers_that_the_user_gave() -> None:
    dns, url = at_other_site(failover(records=[RECORD], dns_servers=["192.0.2.53"]), {})
    assert dns["name"] == "DNS leads to the other site: checkout.example.com AAAA"
    assert (dns["dns"]["answers"], dns["dns"]["servers"]) == (["2001:db8::7"], ["192.0.2.53"])
    assert url["http"]["url"] == "https://backup.example.com/"


def test_the_other_site_has_to_answer_twice_in_a_row() -> None:
    (url,) = at_other_site(failover(records=[]), {})
    assert url["http"]["consecutive"] == 2


def test_answers_that_route_53_knows_need_not_be_given() -> None:
    (dns,) = at_other_site(failover(records=[{"name": "checkout.example.com"}], secondary_url=""), KNOWN)
    assert dns["dns"]["answers"] == ["198.51.100.7"]


def test_a_record_whose_answers_nobody_knows_shows_nothing() -> None:
    assert at_other_site(failover(records=[{"name": "shop.example.com"}], secondary_url=""), KNOWN) == []


def test_after_a_failback_only_answers_of_the_primary_site_count() -> None:
    (dns,) = at_primary_site(failback(records=[RECORD, RECORD | {"primary_answers": ["2001:db8::1"]}]))
    assert dns["dns"]["answers"] == ["2001:db8::1"]


def test_the_longest_ttl_counts_and_one_that_is_not_given_is_a_minute() -> None:
    assert ttl(failback(records=[{"name": "a", "ttl": "30"}, {"name": "b"}])) == 60
    assert ttl(failback()) == 0


def test_what_is_checked_is_what_the_module_takes() -> None:
    records = [RECORD | {"primary_answers": ["2001:db8::1"]}]
    for gates in (at_other_site(failover(records=records), {}), at_primary_site(failback(records=records))):
        assert gate_problems("arrival", gates) == []
