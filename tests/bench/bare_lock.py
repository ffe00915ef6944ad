# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A program on bare boto3 that pins the path of health checks, and then records who did it.

Pages as large as the service makes them to read, two calls to write each health check, eight of them at a time. It asks
no endpoint whether the pinned path holds, paces nothing and reports nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3

#: As the module: so that the difference between the two is work, and not how much is under way.
AT_ONCE = 8


def main() -> None:
    """Lock all health checks side by side, except those that are."""
    options = _options()
    client = boto3.client(
        "route53",
        endpoint_url=options.endpoint_url,
        aws_access_key_id=options.access_key,
        aws_secret_access_key=options.secret_key,
        region_name=options.region,
    )
    wanted = set(options.health_check_ids)
    changing = [
        check for check in _read(client, wanted) if check["HealthCheckConfig"].get("ResourcePath") != options.path
    ]
    with ThreadPoolExecutor(max_workers=AT_ONCE) as threads:
        _all(threads, lambda check: pin(client, check, options.path), changing)
        if not options.without_tags:
            parts = [changing[start : start + 10] for start in range(0, len(changing), 10)]
            _all(threads, lambda part: look_for_tags(client, part), parts)
            _all(threads, lambda check: tag(client, check), changing)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for name in ("--endpoint_url", "--access_key", "--secret_key", "--region", "--path"):
        parser.add_argument(name, required=True)
    parser.add_argument("--without_tags", action="store_true")
    parser.add_argument("health_check_ids", nargs="+")
    return parser.parse_args()


def _read(client: Any, wanted: set[str]) -> Iterator[dict[str, Any]]:
    if len(wanted) == 1:
        yield from (client.get_health_check(HealthCheckId=check_id)["HealthCheck"] for check_id in wanted)
        return
    for page in client.get_paginator("list_health_checks").paginate(PaginationConfig={"PageSize": 1000}):
        yield from (check for check in page["HealthChecks"] if check["Id"] in wanted)


def _all(threads: ThreadPoolExecutor, work: Callable[[Any], None], items: list[Any]) -> None:
    for _done in threads.map(work, items):
        pass


def pin(client: Any, check: dict[str, Any], path: str) -> None:
    """Pin the path, if nobody changed the health check in between."""
    client.update_health_check(
        HealthCheckId=check["Id"], HealthCheckVersion=check["HealthCheckVersion"], ResourcePath=path
    )


def look_for_tags(client: Any, checks: list[dict[str, Any]]) -> None:
    """See what tags there are."""
    client.list_tags_for_resources(ResourceType="healthcheck", ResourceIds=[check["Id"] for check in checks])


def tag(client: Any, check: dict[str, Any]) -> None:
    """Write down who locked it and what its path was."""
    tags = {"locked-by": "operator", "original-path": check["HealthCheckConfig"]["ResourcePath"]}
    client.change_tags_for_resource(
        ResourceType="healthcheck",
        ResourceId=check["Id"],
        AddTags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )


if __name__ == "__main__":
    main()
