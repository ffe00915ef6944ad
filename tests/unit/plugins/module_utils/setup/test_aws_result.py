# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""At its end the role aws_setup prints what there is, and what the inventory needs by it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._setup.aws_result import result

Json = dict[str, Any]

URL = "https://sqs.us-east-1.amazonaws.com/123456789012/checkout-failover"
PLAN: Json = {
    "topic_arn": "arn:aws:sns:us-east-1:123456789012:checkout-failover",
    "queue_arn": "arn:aws:sqs:us-east-1:123456789012:checkout-failover",
    "function_arn": "arn:aws:lambda:us-east-1:123456789012:function:checkout-failover",
    "records": [
        {"failover": "PRIMARY", "identifier": "checkout-primary"},
        {"failover": "SECONDARY", "identifier": "checkout-secondary"},
    ],
}
MADE: Json = {"health_check_ids": ["id-1", "id-2"], "queue_url": URL, "alarms": ["checkout-web-unhealthy-hosts"]}


def options(**changes: Any) -> Json:
    return {
        "record": {"zone": "example.com", "name": "checkout.example.com"},
        "record_type": "A",
        "sites": {"primary": {}, "secondary": {"fqdn": "secondary.example.com", "ip_address": "198.51.100.10"}},
        "check_type": "HTTPS",
        "check_port": "",
        "check_path": "/lb-check",
        "alarm": "checkout-primary-down",
        "delivery": "sqs",
        "endpoint": "",
        **changes,
    }


def test_everything_that_there_is_is_named() -> None:
    found = result(options(), PLAN, MADE)
    assert found["health_checks"] == {"primary": "id-1", "secondary": "id-2"}
    assert found["records"][1] == "checkout.example.com A, SECONDARY (checkout-secondary)"
    assert (found["topic"], found["queue"]) == (PLAN["topic_arn"], URL)
    assert found["alarms"] == ["checkout-primary-down", "checkout-web-unhealthy-hosts"]


def test_the_variables_can_be_copied() -> None:
    found = result(options(), PLAN, MADE)
    assert found["variables_for_the_inventory"] == {
        "failover_health_check_ids": ["id-1"],
        "failover_records": [{"zone": "example.com", "name": "checkout.example.com", "type": "A"}],
        "failover_secondary_url": "https://secondary.example.com/lb-check",
    }
    assert found["variables_for_the_rulebook"] == {"sqs_queue_url": URL}


def test_a_function_and_an_endpoint_need_no_rulebook_with_a_queue() -> None:
    made = {**MADE, "queue_url": ""}
    by_function = result(options(delivery="lambda"), PLAN, made)
    by_https = result(options(delivery="https", endpoint="https://hook.example.com/"), PLAN, made)
    assert (by_function["function"], by_https["endpoint"]) == (PLAN["function_arn"], "https://hook.example.com/")
    assert not {"queue", "variables_for_the_rulebook"} & {*by_function, *by_https}


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"check_port": 8443}, "https://secondary.example.com:8443/lb-check"),
        ({"check_type": "TCP"}, None),
        ({"sites": {"secondary": {"ip_address": "198.51.100.10"}}}, None),
        (
            {"check_type": "HTTP", "check_port": "80", "sites": {"secondary": {"ip_address": "2001:db8::7"}}},
            "http://[2001:db8::7]/lb-check",
        ),
    ],
)
def test_the_other_sites_address_is_that_of_its_health_check_where_that_has_one(changes: Json, url: str | None) -> None:
    found = result(options(**changes), PLAN, MADE)
    assert found["variables_for_the_inventory"].get("failover_secondary_url") == url
