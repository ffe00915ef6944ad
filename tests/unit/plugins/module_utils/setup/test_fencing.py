# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the role aws_setup does about what it finds, above all what it leaves unchanged."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._setup.fencing import plan
from ansible_collections.tidegate.failover.plugins.module_utils._setup.site_health_check import reference_prefix

Json = dict[str, Any]

TOPIC = "arn:aws:sns:us-east-1:123456789012:checkout-failover"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:checkout-failover"
OURS = {"tidegate-setup": "checkout"}


def options(**changes: Any) -> Json:
    site = {"answers": ["192.0.2.10"], "ip_address": "192.0.2.10"}
    return {
        "state": "present",
        "service": "checkout",
        "record": {"zone": "example.com", "name": "checkout.example.com"},
        "sites": {"primary": site, "secondary": site},
        "check_type": "HTTPS",
        "check_interval": 10,
        "alarm": "checkout-primary-down",
        "topic": "checkout-failover",
        "delivery": "sqs",
        "endpoint": "",
        "function_arn": "",
        "function_name": "checkout-failover",
        "deploys_function": False,
        "queue": "checkout-failover",
        "dead_letter_queue": "checkout-failover-failed",
        **changes,
    }


def found(**changes: Any) -> Json:
    return {
        "caller": {"account": "123456789012", "arn": "arn:aws:iam::123456789012:user/sre"},
        "health_checks": [],
        "records": {"primary": [], "secondary": []},
        "every_record": [],
        "topics": {},
        "queues": {},
        "alarms": [],
        **changes,
    }


def check(**changes: Any) -> Json:
    return {
        "health_check_id": "id-1",
        "name": "checkout primary",
        "tags": OURS,
        "lock": None,
        "configuration": {"type": "HTTPS", "request_interval": 10},
        **changes,
    }


def refusal(options: Json, found: Json) -> str:
    with pytest.raises(RefusedError, match=r"^Nothing was changed\.") as raised:
        plan(options, found)
    return str(raised.value)


def test_from_nothing_everything_is_made() -> None:
    made = plan(options(), found())
    assert [(check["id"], check["write"]) for check in made["checks"]] == [("", True), ("", True)]
    assert [record["failover"] for record in made["records"]] == ["PRIMARY", "SECONDARY"]
    assert not made["topic_exists"]
    assert made["notes"] == []


def test_the_queue_lets_this_topic_send_and_nobody_else() -> None:
    (statement,) = plan(options(), found())["queue_policy"]["Statement"]
    assert statement["Resource"] == QUEUE
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": TOPIC}}


def test_arns_are_of_the_partition_of_the_account() -> None:
    caller = {"account": "123456789012", "arn": "arn:aws-us-gov:iam::123456789012:user/sre"}
    assert plan(options(), found(caller=caller))["topic_arn"].startswith("arn:aws-us-gov:sns:")


@pytest.mark.parametrize(
    ("delivery", "endpoint"),
    [("sqs", QUEUE), ("https", "https://eda.example.com/"), ("lambda", "arn:aws:lambda:us-east-1:1:function:lock")],
)
def test_the_topic_reports_whom_the_service_wants(delivery: str, endpoint: str) -> None:
    wanted = options(
        delivery=delivery, endpoint="https://eda.example.com/", function_arn="arn:aws:lambda:us-east-1:1:function:lock"
    )
    assert plan(wanted, found())["subscription"] == {"protocol": delivery, "endpoint": endpoint}


def test_a_locked_health_check_is_not_written_to() -> None:
    made = plan(options(), found(health_checks=[check(lock={"id": "1"})]))
    assert [known["write"] for known in made["checks"]] == [False, True]
    assert "'checkout primary' (id-1) is locked" in made["notes"][0]


def test_removing_its_health_check_returns_no_traffic_to_a_locked_site() -> None:
    assert "is locked" in refusal(options(state="absent"), found(health_checks=[check(lock={"id": "1"})]))


def test_i8_a_health_check_that_an_aborted_run_left_without_tags_is_ours() -> None:
    reference = reference_prefix("checkout", "checkout primary") + "3f9a1c2e"
    untagged = check(tags={}, name=None, caller_reference=reference)
    assert plan(options(), found(health_checks=[untagged]))["checks"][0]["id"] == "id-1"
    given_away = check(tags={"tidegate-setup": "search"}, caller_reference=reference)
    assert "this role did not make it" in refusal(options(), found(health_checks=[given_away]))


def test_the_health_check_of_another_service_is_not_ours() -> None:
    others = found(health_checks=[check(name="search primary", tags={"tidegate-setup": "search"})])
    assert plan(options(), others)["checks"][0]["id"] == ""


@pytest.mark.parametrize(
    ("there", "message"),
    [
        ({"health_checks": [check(tags={})]}, "The health check 'checkout primary' exists (id-1)"),
        ({"health_checks": [check(), check()]}, "exists 2 times"),
        ({"records": {"primary": [{"health_check_id": "id-2"}], "secondary": []}}, "names the health check id-2"),
        (
            {"every_record": [{"set_identifier": "old"}]},
            "records that this role did not make, with the set identifier old",
        ),
        ({"every_record": [{}]}, "with the set identifier none"),
        ({"topics": {TOPIC: {}}}, "The topic 'checkout-failover' exists"),
        ({"queues": {"failed": {}}}, "The queue 'failed' exists"),
        ({"alarms": [{"description": "mine"}]}, "The alarm 'checkout-primary-down' exists"),
        (
            {"alarms": [{"description": "The primary site of checkout-2 is down. tidegate-setup: checkout-2"}]},
            "The alarm 'checkout-primary-down' exists",
        ),
    ],
)
def test_what_something_else_made_is_refused(there: Json, message: str) -> None:
    assert message in refusal(options(), found(**there))


@pytest.mark.parametrize("setting", [{"check_type": "HTTP"}, {"check_interval": 30}])
def test_what_route_53_cannot_change_is_refused(setting: Json) -> None:
    assert "Route 53 cannot change that" in refusal(options(**setting), found(health_checks=[check()]))


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"sites": {}}, "aws_setup_sites.primary has no answers"),
        ({"sites": {"primary": {"answers": ["192.0.2.1"]}}}, "neither ip_address nor fqdn"),
        ({"delivery": "https"}, "needs aws_setup_endpoint"),
    ],
)
def test_an_option_that_is_missing_is_named(wanted: Json, message: str) -> None:
    assert message in refusal(options(**wanted), found())


def test_a_removal_needs_no_sites() -> None:
    assert plan(options(state="absent", sites={}), found())["queues"] == []


@pytest.mark.parametrize(
    ("values", "answers", "zone"),
    [
        ({"resource_records": [{"value": "192.0.2.77"}]}, ["192.0.2.77"], ""),
        (
            {"alias_target": {"dns_name": "lb.example.com.", "hosted_zone_id": "Z1", "evaluate_target_health": True}},
            ["lb.example.com."],
            "Z1",
        ),
    ],
)
def test_a_record_is_removed_by_the_values_that_it_has(values: Json, answers: list[str], zone: str) -> None:
    there = {
        "records": {"primary": [{"health_check_id": "id-1", **values}], "secondary": []},
        "health_checks": [check()],
    }
    removed = plan(options(state="absent"), found(**there))["records"][0]
    assert (removed["answers"], removed["alias_zone_id"]) == (answers, zone)


def test_an_alarm_that_notifies_nobody_is_reported() -> None:
    alarm = {"description": "down. tidegate-setup: checkout", "actions_enabled": False}
    (note,) = plan(options(), found(alarms=[alarm]))["notes"]
    assert "'checkout-primary-down' are disabled" in note
