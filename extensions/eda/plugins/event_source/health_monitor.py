# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Watch endpoints, instances, databases and load balancers, and report when their health changes."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import logging
import random
import ssl
import sys
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

DOCUMENTATION = r"""
---
module: health_monitor
short_description: Watch endpoints, instances, databases and load balancers, and report changes of their health
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Probes its targets side by side, each at its own pace with some jitter, and passes on an event when the health of
    one changes, never for each probe. The filter C(tidegate.failover.alarm) reads these events.
  - A target is V(healthy), V(degraded), V(unhealthy) or V(unknown). A change takes as many probes in a row as the
    thresholds say, in both directions. All targets begin as V(unknown).
  - Health that cannot be read (credentials, throttling, an API that does not answer, a name that does not exist) is
    V(unknown). No rulebook of this collection acts on that. An endpoint that does not answer is V(unhealthy).
  - The source probes from the machine where it runs. If that network is cut off, every target appears unhealthy;
    playbooks check live health before they act.
options:
  targets:
    description:
      - What to watch. Each target has exactly one of the kinds below.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The name of the target, for people. It must be unique.
        type: str
        required: true
      service:
        description:
          - The host of the inventory that stands for the service which this target belongs to.
        type: str
      http:
        description:
          - An endpoint, with C(url); C(statuses), V([200]) by default; C(degraded_after), seconds after which an answer
            counts as degraded; and C(ca_file). Redirects are not followed. At most 1 MiB of an answer is read.
        type: dict
      tcp:
        description:
          - An endpoint that accepts connections, with C(host) and C(port).
        type: dict
      ec2_instance:
        description:
          - An EC2 instance, with C(id) and how to reach AWS. Healthy if it runs and both status checks pass.
        type: dict
      rds_instance:
        description:
          - An RDS instance, with C(id) and how to reach AWS. Healthy while it can be used, by its status.
        type: dict
      target_group:
        description:
          - A target group of an AWS load balancer, with C(arn) and how to reach AWS. Degraded if some of its targets
            are unhealthy, unhealthy if all are.
        type: dict
      oci_backend_set:
        description:
          - A backend set of an OCI load balancer, with C(load_balancer_id), C(name), and optionally C(config_file),
            C(profile) and C(service_endpoint). Degraded if some of its backends are critical, unhealthy if all are.
        type: dict
      interval:
        description:
          - Seconds between two probes of this target, in place of O(interval).
        type: float
  interval:
    description:
      - Seconds between two probes of a target.
    type: float
    default: 10
  jitter:
    description:
      - The part of the interval by which it varies at random, so that many monitors do not probe at the same moments.
    type: float
    default: 0.1
  timeout:
    description:
      - Seconds that a probe may take.
    type: float
    default: 5
  unhealthy_threshold:
    description:
      - How many probes in a row must not be healthy until a target is V(unhealthy) or V(degraded). The same number of
        unknown probes makes it V(unknown).
    type: int
    default: 3
  healthy_threshold:
    description:
      - How many probes in a row must be healthy until a target is V(healthy).
    type: int
    default: 3
notes:
  - How to reach AWS is C(region), C(profile) and C(endpoint_url); boto3 finds the credentials in its usual places,
    never in a rulebook. The source needs C(ec2:DescribeInstanceStatus), C(rds:DescribeDBInstances) or
    C(elasticloadbalancing:DescribeTargetHealth), and for OCI a policy such as C(allow group monitors to read
    load-balancers in compartment web).
  - Needs C(boto3) or C(oci) for the kinds of their clouds.
"""

EXAMPLES = r"""
- tidegate.failover.health_monitor:
    targets:
      - name: checkout primary
        service: checkout
        http: {url: https://primary.checkout.example.com/lb-check, degraded_after: 2}
      - name: checkout database
        service: checkout
        rds_instance: {id: checkout, region: eu-central-1}
        interval: 30
  filters:
    - tidegate.failover.alarm:
"""

LOGGER = logging.getLogger(__name__)
RANDOM = random.SystemRandom()
# At most this much of an answer is read. Compressed answers are not inflated.
MOST_ANSWER_BYTES = 1024 * 1024

OPTIONS = {"targets", "interval", "jitter", "timeout", "unhealthy_threshold", "healthy_threshold"}
# boto3 creates its classes at run time, so there are no names for type annotations.
Client: TypeAlias = Any
AWS_OPTIONS = ("region", "profile", "endpoint_url")
# States in which a database answers, by "Viewing DB instance status" of the user guide of RDS; and those that pass.
RDS_USABLE = {"available", "backing-up", "configuring-enhanced-monitoring", "configuring-iam-database-auth"}
RDS_USABLE |= {"configuring-log-exports", "maintenance", "modifying", "storage-config-upgrade"}
RDS_USABLE |= {"storage-initialization", "storage-optimization", "upgrading"}
RDS_PASSING = {"creating", "moving-to-vpc", "rebooting", "renaming", "resetting-master-credentials", "starting"}

# ---- Shared by event sources, from tools/event_sources; `make event-sources` brings it here ----


Option = TypeVar("Option")
# Options that ansible-rulebook itself adds to those of a source.
ENGINE_OPTIONS = {"feedback", "eda_feedback_queue"}


def _check_names(args: dict[str, Any], known: set[str]) -> None:
    """Refuse unknown options, because a misspelled option would silently do nothing."""
    unknown = sorted(set(args) - known - ENGINE_OPTIONS)
    if unknown:
        message = f"There is no option {', '.join(unknown)}. There are: {', '.join(sorted(known))}."
        raise ValueError(message)


def _required(args: dict[str, Any], name: str, kind: type[Option]) -> Option:
    """Return a required option. Its value may be a secret, so messages do not show it."""
    value = args.get(name)
    if not isinstance(value, kind) or not value:
        message = f"The option {name} must be a {kind.__name__} and not empty; it is a {type(value).__name__}."
        raise ValueError(message)
    return value


def _number(args: dict[str, Any], name: str, default: float, *, least: float) -> float:
    """Return a number."""
    value = args.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < least:
        message = f"The option {name} is {value!r}. It must be a number from {least:g} on."
        raise ValueError(message)
    return value


async def _beginning(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    """Return the first bytes of an answer."""
    read = bytearray()
    async for piece in answer.content.iter_any():
        read += piece
        if len(read) >= most_bytes:
            break
    return bytes(read[:most_bytes])


# ---- End of what is shared ----


@dataclass(frozen=True)
class Seen:
    """The result of one probe."""

    health: str
    how: str


@dataclass(frozen=True)
class Target:
    """A watched target, and its probe."""

    name: str
    service: str | None
    interval: float
    look: Callable[[], Awaitable[Seen]]


class Health:
    """The health of a target, derived from its last probes."""

    def __init__(self, unhealthy_threshold: int, healthy_threshold: int) -> None:
        """Begin without any probe."""
        self.state = "unknown"
        self._thresholds = (
            (unhealthy_threshold, {"unhealthy"}, "unhealthy"),
            # An unhealthy probe counts for degraded too, or a target that alternates between them would be neither.
            (unhealthy_threshold, {"unhealthy", "degraded"}, "degraded"),
            (healthy_threshold, {"healthy"}, "healthy"),
            (unhealthy_threshold, {"unknown"}, "unknown"),
        )
        self._last: deque[str] = deque(maxlen=max(unhealthy_threshold, healthy_threshold))

    def note(self, health: str) -> bool:
        """Count a probe; returns whether it has changed the state."""
        self._last.append(health)
        seen = list(self._last)
        for threshold, speaking, state in self._thresholds:
            if len(seen) >= threshold and speaking.issuperset(seen[-threshold:]):
                changed, self.state = state != self.state, state
                return changed
        return False


def counted(healthy: int, unhealthy: int, total: int, what: str) -> Seen:
    """Judge a group by how many of its members are healthy; those that are neither are unknown."""
    how = f"{healthy} of {total} {what} are healthy, {unhealthy} are not"
    if total and unhealthy == total:
        return Seen("unhealthy", how)
    if total and healthy == total:
        return Seen("healthy", how)
    return Seen("degraded" if healthy and unhealthy else "unknown", how)


async def _http(given: dict[str, Any], patience: float) -> Seen:
    tls = ssl.create_default_context(cafile=given.get("ca_file"))
    begin = asyncio.get_running_loop().time()
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=patience), auto_decompress=False) as session,
            session.get(given["url"], allow_redirects=False, ssl=tls) as answer,
        ):
            await _beginning(answer, MOST_ANSWER_BYTES)
    except (aiohttp.ClientError, TimeoutError, OSError) as problem:
        return Seen("unhealthy", f"no answer: {type(problem).__name__}")
    seconds = asyncio.get_running_loop().time() - begin
    if answer.status not in given.get("statuses", [200]):
        return Seen("unhealthy", f"answers {answer.status}")
    slow = seconds > given.get("degraded_after", patience)
    return Seen("degraded" if slow else "healthy", f"answers {answer.status} after {seconds:.1f} s")


async def _tcp(given: dict[str, Any], patience: float) -> Seen:
    try:
        async with asyncio.timeout(patience):
            _reader, writer = await asyncio.open_connection(given["host"], given["port"])
            writer.close()
            await writer.wait_closed()
    except (TimeoutError, OSError) as problem:
        return Seen("unhealthy", f"no connection: {type(problem).__name__}")
    return Seen("healthy", "accepts connections")


def _aws_client(service: str, given: dict[str, Any], patience: float) -> Client:
    boto3, config = importlib.import_module("boto3"), importlib.import_module("botocore.config")
    session = boto3.Session(profile_name=given.get("profile"), region_name=given.get("region"))
    limits = config.Config(connect_timeout=patience, read_timeout=patience, retries={"total_max_attempts": 2})
    return session.client(service, endpoint_url=given.get("endpoint_url"), config=limits)


def _ec2_instance(given: dict[str, Any], patience: float) -> Seen:
    client = _aws_client("ec2", given, patience)
    statuses = client.describe_instance_status(InstanceIds=[given["id"]], IncludeAllInstances=True)["InstanceStatuses"]
    if not statuses:
        return Seen("unknown", "there is no such instance")
    state = statuses[0]["InstanceState"]["Name"]
    checks = [statuses[0][name]["Status"] for name in ("SystemStatus", "InstanceStatus")]
    how = f"it is {state}, its status checks are {' and '.join(checks)}"
    if state != "running":
        return Seen("unknown" if state == "pending" else "unhealthy", how)
    if "impaired" in checks:
        return Seen("unhealthy" if checks.count("impaired") == len(checks) else "degraded", how)
    return Seen("healthy" if checks.count("ok") == len(checks) else "unknown", how)


def _rds_instance(given: dict[str, Any], patience: float) -> Seen:
    client = _aws_client("rds", given, patience)
    status = client.describe_db_instances(DBInstanceIdentifier=given["id"])["DBInstances"][0]["DBInstanceStatus"]
    if status in RDS_USABLE:
        return Seen("healthy", f"it is {status}")
    return Seen("degraded" if status in RDS_PASSING else "unhealthy", f"it is {status}")


def _target_group(given: dict[str, Any], patience: float) -> Seen:
    client = _aws_client("elbv2", given, patience)
    targets = client.describe_target_health(TargetGroupArn=given["arn"])["TargetHealthDescriptions"]
    states = [target["TargetHealth"]["State"] for target in targets]
    return counted(states.count("healthy"), states.count("unhealthy"), len(states), "targets")


def _oci_backend_set(given: dict[str, Any], patience: float) -> Seen:
    oci = importlib.import_module("oci")
    config = oci.config.from_file(given.get("config_file", "~/.oci/config"), given.get("profile", "DEFAULT"))
    endpoint = {"service_endpoint": given["service_endpoint"]} if "service_endpoint" in given else {}
    client = oci.load_balancer.LoadBalancerClient(config, timeout=patience, **endpoint)
    health = client.get_backend_set_health(given["load_balancer_id"], given["name"]).data
    critical, unknown = len(health.critical_state_backend_names), len(health.unknown_state_backend_names)
    # The status CRITICAL of a backend set means that fewer than half of its backends are healthy, so they are counted.
    total = health.total_backend_count
    return counted(total - critical - unknown, critical, total, "backends")


# By kind: the probe, its required options and its other options. Probes that are no coroutines run in threads.
PROBES: dict[str, tuple[Callable[[dict[str, Any], float], Any], tuple[str, ...], tuple[str, ...]]] = {
    "http": (_http, ("url",), ("statuses", "degraded_after", "ca_file")),
    "tcp": (_tcp, ("host", "port"), ()),
    "ec2_instance": (_ec2_instance, ("id",), AWS_OPTIONS),
    "rds_instance": (_rds_instance, ("id",), AWS_OPTIONS),
    "target_group": (_target_group, ("arn",), AWS_OPTIONS),
    "oci_backend_set": (_oci_backend_set, ("load_balancer_id", "name"), ("config_file", "profile", "service_endpoint")),
}


def _sdk_errors() -> tuple[type[Exception], ...]:
    """Return the errors of the imported SDKs. After such an error the health is unknown."""
    named = {
        "botocore.exceptions": ("BotoCoreError", "ClientError"),
        "oci.exceptions": ("ServiceError", "ClientError", "RequestException"),
        "circuitbreaker": ("CircuitBreakerError",),
    }
    imported = [(sys.modules[module], names) for module, names in named.items() if module in sys.modules]
    return (ImportError, OSError, *(getattr(module, name) for module, names in imported for name in names))


async def _in_thread(probe: Callable[[dict[str, Any], float], Seen], given: dict[str, Any], patience: float) -> Seen:
    try:
        return await asyncio.to_thread(probe, given, patience)
    except _sdk_errors() as problem:
        LOGGER.info("Not known: %s", problem)
        return Seen("unknown", f"it cannot be found out: {type(problem).__name__}")


def _target_from(given: dict[str, Any], interval: float, timeout: float) -> Target:
    """Read one target. :raises ValueError: its definition is not valid."""
    name, kinds = _required(given, "name", str), sorted(set(given) & set(PROBES))
    if len(kinds) != 1:
        message = f"The target {name} must have exactly one of {', '.join(PROBES)}; it has {len(kinds)}."
        raise ValueError(message)
    probe, needed, others = PROBES[kinds[0]]
    options = _required(given, kinds[0], dict)
    _check_names(given, {"name", "service", "interval", kinds[0]})
    _check_names(options, {*needed, *others})
    for option in needed:
        _required(options, option, int if option == "port" else str)
    look = probe if inspect.iscoroutinefunction(probe) else partial(_in_thread, probe)
    pace = _number(given, "interval", interval, least=0.01)
    return Target(name, given.get("service"), pace, lambda: look(options, timeout))


async def _watch(target: Target, health: Health, jitter: float, queue: asyncio.Queue[Any]) -> None:
    # A random delay, so that the first probes do not start all at once.
    await asyncio.sleep(RANDOM.uniform(0, min(target.interval, 1)))
    while True:
        seen, before = await target.look(), health.state
        if health.note(seen.health):
            now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            reported = {"target": target.name, "service": target.service, "state": health.state, "previous": before}
            LOGGER.info("%s is %s now, after %s: %s", target.name, health.state, before, seen.how)
            await queue.put({"monitor": {**reported, "at": now, "observed": seen.how}, "meta": {}})
        await asyncio.sleep(target.interval * RANDOM.uniform(1 - jitter, 1 + jitter))


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Watch until the task is cancelled."""
    _check_names(args, OPTIONS)
    interval, timeout = _number(args, "interval", 10, least=0.01), _number(args, "timeout", 5, least=0.01)
    jitter = min(_number(args, "jitter", 0.1, least=0), 1)
    thresholds = [int(_number(args, f"{name}_threshold", 3, least=1)) for name in ("unhealthy", "healthy")]
    targets = [_target_from(given, interval, timeout) for given in _required(args, "targets", list)]
    if len({target.name for target in targets}) < len(targets):
        message = "Two targets have the same name. Nobody could tell whose health changed."
        raise ValueError(message)
    await asyncio.gather(*(_watch(target, Health(*thresholds), jitter, queue) for target in targets))
