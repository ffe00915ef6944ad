# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The observations of the checkers, and their effects."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.process import RunningLab

Create = Callable[..., str]
Eventually = Callable[[Callable[[], Any]], Any]
Healthy = Callable[[str], bool]
SetSite = Callable[..., None]
Statuses = Callable[[str], list[str]]

REGIONS = ["us-east-1", "us-west-1", "us-west-2", "eu-west-1"]
REGIONS += ["ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "sa-east-1"]


def test_sixteen_checkers_in_eight_regions_observe(route53: Any, create: Create, eventually: Eventually) -> None:
    check = create()
    seen = eventually(lambda: route53.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"])
    assert sorted(item["Region"] for item in seen) == sorted(REGIONS * 2)
    assert len({item["IPAddress"] for item in seen}) == 16
    assert {item["StatusReport"]["Status"] for item in seen} == {"Success: HTTP Status Code 200, OK"}


def test_only_the_chosen_regions_observe(route53: Any, create: Create, eventually: Eventually) -> None:
    check = create(Regions=REGIONS[:3])
    seen = eventually(lambda: route53.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"])
    assert {item["Region"] for item in seen} == set(REGIONS[:3])


@pytest.mark.parametrize(
    ("behaviour", "path", "status", "healthy"),
    [
        ("healthy", "/lb-check", "Success: HTTP Status Code 200, OK", True),
        ("redirect", "/lb-check", "Success: HTTP Status Code 302, Found", True),
        ("healthy", "/lb-check-failed-over?lock=1", "Failure: HTTP Status Code 404, Not Found", False),
        ("catch_all", "/lb-check-failed-over?lock=1", "Success: HTTP Status Code 200, OK", True),
        ("down", "/lb-check", "Failure: HTTP Status Code 503, Service Unavailable", False),
    ],
)
def test_2xx_and_3xx_are_healthy_and_other_answers_are_not(
    set_site: SetSite,
    create: Create,
    eventually: Eventually,
    statuses: Statuses,
    is_healthy: Healthy,
    behaviour: str,
    path: str,
    status: str,
    healthy: bool,
) -> None:
    set_site("primary", behaviour=behaviour)
    check = create(ResourcePath=path)
    eventually(lambda: set(statuses(check)) == {status})
    assert is_healthy(check) is healthy


def test_an_endpoint_that_is_gone_is_unhealthy(
    set_site: SetSite, create: Create, eventually: Eventually, statuses: Statuses, is_healthy: Healthy
) -> None:
    set_site("primary", running=False)
    check = create()
    eventually(lambda: not is_healthy(check))
    assert all(status.startswith("Failure: ") for status in statuses(check))


def test_an_endpoint_that_answers_too_late_is_unhealthy(
    set_site: SetSite, create: Create, eventually: Eventually, statuses: Statuses, is_healthy: Healthy
) -> None:
    set_site("primary", behaviour="slow")
    check = create()
    eventually(lambda: not is_healthy(check))
    assert "timed out" in statuses(check)[0]


def test_an_endpoint_that_a_busy_machine_kept_waiting_once_stays_healthy(
    route53: Any, create: Create, eventually: Eventually, statuses: Statuses
) -> None:
    with late_once(seconds=2.5) as port:
        check = create(Port=port, IPAddress="127.0.0.1", FailureThreshold=1)
        assert set(eventually(lambda: statuses(check))) == {"Success: HTTP Status Code 200, OK"}
        # As long as the server is there: without it the next probe fails.
        failures = route53.get_health_check_last_failure_reason(HealthCheckId=check)["HealthCheckObservations"]
    assert failures == []


@contextmanager
def late_once(seconds: float) -> Iterator[int]:
    """A server whose first answer is late; its port."""
    waits = [seconds]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(waits.pop() if waits else 0)
            with suppress(ConnectionError):
                self.send_response(200)
                self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(("search", "healthy"), [("UP", True), ("DOWN", False)])
def test_a_string_match_needs_the_string(
    create: Create, eventually: Eventually, statuses: Statuses, is_healthy: Healthy, search: str, healthy: bool
) -> None:
    check = create(Type="HTTP_STR_MATCH", SearchString=search)
    eventually(lambda: statuses(check))
    assert is_healthy(check) is healthy


@pytest.mark.parametrize(("offset", "healthy"), [(5118, True), (5119, False)])
def test_a_string_counts_only_within_the_first_5120_bytes(
    create: Create,
    eventually: Eventually,
    statuses: Statuses,
    is_healthy: Healthy,
    offset: int,
    healthy: bool,
) -> None:
    check = create(Type="HTTP_STR_MATCH", SearchString="UP", ResourcePath=f"/lb-check?padding={offset}")
    eventually(lambda: statuses(check))
    assert is_healthy(check) is healthy


def test_https_does_not_need_a_trusted_certificate(
    aws: dict[str, Any], create: Create, eventually: Eventually, statuses: Statuses
) -> None:
    check = create(Type="HTTPS", Port=aws["sites"]["primary"]["tls_port"])
    eventually(lambda: set(statuses(check)) == {"Success: HTTP Status Code 200, OK"})


def test_tcp_needs_a_connection_only(
    aws: dict[str, Any], set_site: SetSite, create: Create, eventually: Eventually, statuses: Statuses
) -> None:
    site = aws["sites"]["primary"]
    set_site("primary", behaviour="down")
    check = create(bare=True, Type="TCP", IPAddress=site["address"], Port=site["port"], RequestInterval=10)
    eventually(lambda: set(statuses(check)) == {"Success: TCP connection established."})
    set_site("primary", running=False)
    eventually(lambda: set(statuses(check)) == {"Failure: The connection to the endpoint was refused."})


def test_a_name_is_resolved_by_the_lab(
    aws: dict[str, Any], create: Create, eventually: Eventually, statuses: Statuses
) -> None:
    site = aws["sites"]["primary"]
    common = {"bare": True, "Type": "HTTP", "Port": site["port"], "ResourcePath": "/lb-check", "RequestInterval": 10}
    known = create(**common, FullyQualifiedDomainName=site["host_name"])
    unknown = create(**common, FullyQualifiedDomainName="unknown.example.com")
    eventually(lambda: set(statuses(known)) == {"Success: HTTP Status Code 200, OK"})
    eventually(lambda: set(statuses(unknown)) == {"Failure: DNS resolution failed: Rcode NXDomain(3)"})


def test_nothing_but_loopback_is_probed(create: Create, eventually: Eventually, statuses: Statuses) -> None:
    check = create(IPAddress="192.0.2.1")
    seen = eventually(lambda: statuses(check))
    assert set(seen) == {"Failure: The lab's checkers connect to loopback addresses only."}


def test_the_last_failure_is_remembered(
    route53: Any, set_site: SetSite, create: Create, eventually: Eventually, statuses: Statuses
) -> None:
    set_site("primary", behaviour="down")
    check = create()
    eventually(lambda: statuses(check))
    set_site("primary", behaviour="healthy")
    eventually(lambda: set(statuses(check)) == {"Success: HTTP Status Code 200, OK"})
    failures = route53.get_health_check_last_failure_reason(HealthCheckId=check)["HealthCheckObservations"]
    assert {item["StatusReport"]["Status"] for item in failures} == {
        "Failure: HTTP Status Code 503, Service Unavailable"
    }


def test_a_new_check_counts_as_healthy_until_there_is_data(
    lab: RunningLab, is_healthy: Healthy, statuses: Statuses
) -> None:
    check = lab.control("POST", "/aws/health-checks", {"count": 1, "config": {"Port": 1}})["ids"][0]
    assert (statuses(check), is_healthy(check)) == ([], True)


def test_inverted_turns_the_verdict_round(
    route53: Any, create: Create, eventually: Eventually, is_healthy: Healthy, statuses: Statuses
) -> None:
    check = create(Inverted=True)
    eventually(lambda: statuses(check))
    assert not is_healthy(check)
    route53.update_health_check(HealthCheckId=check, ResourcePath="/lb-check-failed-over")
    eventually(lambda: is_healthy(check))


def test_disabled_is_healthy_whatever_the_endpoint_does(
    set_site: SetSite, route53: Any, create: Create, eventually: Eventually, is_healthy: Healthy, statuses: Statuses
) -> None:
    set_site("primary", running=False)
    check = create()
    eventually(lambda: not is_healthy(check))
    route53.update_health_check(HealthCheckId=check, Disabled=True)
    assert (is_healthy(check), statuses(check)) == (True, [])


def test_disabled_and_inverted_is_unhealthy_whatever_the_endpoint_does(
    route53: Any, create: Create, is_healthy: Healthy, statuses: Statuses
) -> None:
    check = create()
    route53.update_health_check(HealthCheckId=check, Disabled=True, Inverted=True)
    assert (is_healthy(check), statuses(check)) == (False, [])


@pytest.mark.parametrize(("failing", "healthy"), [(13, True), (14, False)])
def test_more_than_18_percent_of_the_checkers_make_a_check_healthy(
    lab: RunningLab,
    create: Create,
    eventually: Eventually,
    is_healthy: Healthy,
    statuses: Statuses,
    failing: int,
    healthy: bool,
) -> None:
    check = create()
    lab.control("PUT", f"/aws/health-checks/{check}/failing-checkers", {"count": failing})
    eventually(lambda: sum(status.startswith("Failure") for status in statuses(check)) == failing)
    assert is_healthy(check) is healthy


def test_a_calculated_check_counts_its_healthy_children(
    route53: Any, create: Create, eventually: Eventually, is_healthy: Healthy
) -> None:
    good, bad = create(), create(ResourcePath="/missing")
    parent = create(bare=True, Type="CALCULATED", HealthThreshold=1, ChildHealthChecks=[good, bad])
    eventually(lambda: not is_healthy(bad))
    assert is_healthy(parent)
    route53.update_health_check(HealthCheckId=parent, HealthThreshold=2)
    assert not is_healthy(parent)


def test_a_pinned_child_need_not_make_its_parent_unhealthy(
    route53: Any, create: Create, eventually: Eventually, is_healthy: Healthy
) -> None:
    children = [create(), create()]
    parent = create(bare=True, Type="CALCULATED", HealthThreshold=1, ChildHealthChecks=children)
    route53.update_health_check(HealthCheckId=children[0], ResourcePath="/lb-check-failed-over")
    eventually(lambda: not is_healthy(children[0]))
    assert is_healthy(parent)


def test_the_status_of_a_calculated_check_is_not_reported(route53: Any, create: Create, primary: str) -> None:
    parent = create(bare=True, Type="CALCULATED", HealthThreshold=1, ChildHealthChecks=[primary])
    with pytest.raises(ClientError, match="InvalidInput"):
        route53.get_health_check_status(HealthCheckId=parent)


@pytest.mark.parametrize(
    ("fallback", "expected"), [("Healthy", True), ("Unhealthy", False), ("LastKnownStatus", False)]
)
def test_a_check_follows_its_alarm(
    cloudwatch: Any, create: Create, is_healthy: Healthy, fallback: str, expected: bool
) -> None:
    cloudwatch.put_metric_alarm(
        AlarmName="lag",
        Namespace="Shop",
        MetricName="Lag",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    alarm = {"Name": "lag", "Region": "us-east-1"}
    check = create(bare=True, Type="CLOUDWATCH_METRIC", AlarmIdentifier=alarm, InsufficientDataHealthStatus=fallback)
    for state, healthy in (("OK", True), ("ALARM", False), ("INSUFFICIENT_DATA", expected)):
        cloudwatch.set_alarm_state(AlarmName="lag", StateValue=state, StateReason="test")
        assert is_healthy(check) is healthy
