# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A program on the bare SDKs that fails services over, with only the calls that a failover needs.

It reads the health check, asks the other site, locks, makes the lock hold under the page, puts the page up, waits until
users reach the other site, and writes down after each change what it did. One thread for each service. It decides
nothing, guards nothing and undoes nothing.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import dns.resolver
import oci
import urllib3
from botocore.config import Config
from oci.load_balancer import LoadBalancerClient

from . import bare_lock, bare_maintenance

Json = dict[str, Any]

#: Like the collection: twice in a row, a second apart.
_TIMES, _PAUSE = 2, 1.0
_MOST_THREADS = 100


def main() -> None:
    """Fail all services over side by side. The file that is named on the command line describes them."""
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    route53 = boto3.client(
        "route53",
        endpoint_url=asked["aws"]["endpoint_url"],
        aws_access_key_id=asked["aws"]["access_key"],
        aws_secret_access_key=asked["aws"]["secret_key"],
        region_name=asked["aws"]["region"],
        config=Config(max_pool_connections=_MOST_THREADS),
    )
    config = oci.config.from_file(asked["oci"]["config_file_location"], asked["oci"]["config_profile_name"])
    balancers = LoadBalancerClient(config, service_endpoint=asked["oci"]["service_endpoint"])
    with ThreadPoolExecutor(max_workers=_MOST_THREADS) as threads:
        for _done in threads.map(lambda service: _fail_over(route53, balancers, service), asked["services"]):
            pass


def _fail_over(route53: Any, balancers: LoadBalancerClient, service: Json) -> None:
    check = route53.get_health_check(HealthCheckId=service["check"])["HealthCheck"]
    bare_lock.look_for_tags(route53, [check])
    answers = _other_site(route53, service) if service.get("zone") else []
    _ask(service["other_url"])
    bare_lock.pin(route53, check, f"{service['path']}&lock=bare")
    bare_lock.tag(route53, check)
    bare_lock.tag(route53, check)
    _make_independent(route53, check)
    bare_maintenance.attach(balancers, service["balancer"], service["listener"], service["rule_set"])
    if answers:
        _wait_for(service, answers)
    _ask(service["other_url"])
    _ask(service["verify_url"])
    bare_lock.tag(route53, check)


def _other_site(route53: Any, service: Json) -> list[str]:
    """The other site, from the zone; reads its health."""
    zone = route53.list_hosted_zones_by_name(DNSName=service["zone"])["HostedZones"][0]["Id"]
    found = route53.list_resource_record_sets(HostedZoneId=zone, StartRecordName=service["record"], StartRecordType="A")
    mine = (record for record in found["ResourceRecordSets"] if record["Name"].rstrip(".") == service["record"])
    other = next(record for record in mine if record.get("HealthCheckId") != service["check"])
    if other.get("HealthCheckId"):
        route53.get_health_check_status(HealthCheckId=other["HealthCheckId"])
    return [record["Value"] for record in other["ResourceRecords"]]


def _ask(url: str) -> None:
    for number in range(_TIMES):
        time.sleep(_PAUSE if number else 0)
        urllib3.request("GET", url, timeout=10)


def _make_independent(route53: Any, check: Json) -> None:
    """A page answers any path, so the lock must not rest on one."""
    route53.update_health_check(HealthCheckId=check["Id"], Disabled=True, Inverted=True)
    bare_lock.tag(route53, check)


def _wait_for(service: Json, answers: list[str]) -> None:
    resolver = dns.resolver.Resolver(configure=False)
    host, _colon, port = service["dns_server"].rpartition(":")
    resolver.nameservers, resolver.port = [host], int(port)
    while [str(answer) for answer in resolver.resolve(service["record"], "A")] != answers:
        time.sleep(_PAUSE)


if __name__ == "__main__":
    main()
