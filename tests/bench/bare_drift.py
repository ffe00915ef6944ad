# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A program on the bare SDKs that reads everything that the drift watch reads.

It reads each health check with what its checkers observe, the tags, and the load balancers. It compares nothing.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import oci
from oci.load_balancer import LoadBalancerClient

from .bare_lock import AT_ONCE, look_for_tags

Json = dict[str, Any]
#: ListTagsForResources takes no more.
_TAGS_AT_ONCE = 10


def main() -> None:
    """Read all of it. The file that is named on the command line describes it."""
    asked: Json = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    aws = asked["aws"]
    route53 = boto3.client(
        "route53",
        endpoint_url=aws["endpoint_url"],
        aws_access_key_id=aws["access_key"],
        aws_secret_access_key=aws["secret_key"],
        region_name=aws["region"],
    )
    with ThreadPoolExecutor(max_workers=AT_ONCE) as threads:
        checks = list(threads.map(lambda check: _read(route53, check), asked["health_check_ids"]))
    for start in range(0, len(checks), _TAGS_AT_ONCE):
        look_for_tags(route53, checks[start : start + _TAGS_AT_ONCE])
    config = oci.config.from_file(asked["oci"]["config_file_location"], asked["oci"]["config_profile_name"])
    balancers = LoadBalancerClient(config, service_endpoint=asked["oci"]["service_endpoint"])
    for balancer in asked["balancers"]:
        balancers.get_load_balancer(balancer)


def _read(route53: Any, check: str) -> Json:
    found: Json = route53.get_health_check(HealthCheckId=check)["HealthCheck"]
    route53.get_health_check_status(HealthCheckId=check)
    return found


if __name__ == "__main__":
    main()
