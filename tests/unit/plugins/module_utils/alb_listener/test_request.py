# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is checked without reading the load balancer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.priorities import making_room
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.request import (
    Selection,
    page_from,
    selection_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.alb_listener.world import BALANCER, LISTENER

SECRET = "open-sesame-4711-x"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"load_balancer": "shop"}, "ports is not given"),
        ({"load_balancer": "shop", "ports": [0]}, "from 1 to 65535"),
        ({"load_balancer": "shop/x", "ports": [80]}, "name or the ARN"),
        ({"load_balancer": BALANCER.replace("/app/", "/net/"), "ports": [80]}, "Network Load Balancer"),
        ({"listeners": []}, "listeners is empty"),
        ({"listeners": ["shop"]}, "not the ARN of a listener"),
        ({"listeners": [BALANCER]}, "not the ARN of a listener"),
        ({"listeners": [LISTENER.replace("/app/", "/gwy/")]}, "Gateway Load Balancer"),
        ({"listeners": [LISTENER, LISTENER.replace("shop", "cart")]}, "several load balancers"),
    ],
)
def test_what_cannot_be_listeners_of_one_load_balancer_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        selection_from(wrong)


def test_arns_name_load_balancer_and_region() -> None:
    found = selection_from({"listeners": [LISTENER, LISTENER]})
    assert (found, found.region) == (Selection(BALANCER, listeners=(LISTENER,)), "eu-central-1")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"html": "x" * 1025}, "1,025 bytes"),
        ({"html": "ä" * 513}, "1,026 bytes"),
        ({"text": "x" * 1000}, "The page has"),
        ({"language": "xx"}, "language"),
        ({"redirect_url": "/sorry"}, "Expected an address"),
        ({"redirect_url": "https://example.com:x/"}, "Expected an address"),
        ({"redirect_url": "https://example.com/" + "x" * 128}, "128 characters"),
        ({"redirect_url": "https://example.com/", "html": "x"}, "no page with html"),
        ({"exempt_paths": ["/*"]}, "nobody would get the page"),
        ({"exempt_paths": ["hooks"]}, "cannot be the path pattern"),
        ({"json_paths": ["/" + "x" * 128]}, "cannot be the path pattern"),
        ({"tester_addresses": ["192.0.2.1/24"]}, "an address or a range"),
        ({"tester_addresses": ["0.0.0.0/0"]}, "and not all"),
        ({"tester_header": "X-Tester"}, "go together"),
        ({"tester_header": "Host", "tester_secret": SECRET}, "Host cannot be one"),
        ({"tester_header": "X-Tester", "tester_secret": "*" * 20}, "without \\* and"),
        ({"tester_header": "X-Tester", "tester_secret": "short"}, "has 5 characters"),
    ],
)
def test_a_page_that_an_alb_cannot_show_is_refused_without_its_secret(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words) as found:
        page_from(wrong)
    assert not wrong.get("tester_secret") or wrong["tester_secret"] not in str(found.value)


def test_the_page_without_any_option_fits_and_says_503() -> None:
    config = page_from({}).action["FixedResponseConfig"]
    assert (config["StatusCode"], config["ContentType"]) == ("503", "text/html")
    assert len(config["MessageBody"].encode()) <= 1024


def test_paths_of_programs_get_json() -> None:
    ((patterns, action),) = page_from({"json_paths": ["/api/*"], "title": "Later"}).answers
    assert (patterns, json.loads(action["FixedResponseConfig"]["MessageBody"])["heading"]) == (("/api/*",), "Later")


def test_a_redirect_is_one_that_browsers_do_not_remember() -> None:
    config = page_from({"redirect_url": "https://status.example.com/shop?x=1"}).action["RedirectConfig"]
    assert config == {
        "Protocol": "HTTPS",
        "Host": "status.example.com",
        "Port": "443",
        "Path": "/shop",
        "Query": "x=1",
        "StatusCode": "HTTP_302",
    }


def test_a_range_of_priorities_that_is_full_is_refused() -> None:
    rules = [{"RuleArn": f"r/{number}", "Priority": str(number), "Tags": {}} for number in range(1, 50_001)]
    with pytest.raises(RefusedError, match="priorities up to 50000 are in use"):
        making_room(rules, 1)
