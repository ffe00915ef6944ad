# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The clouds of the lab, by name. Each is imported only on request, because some need many libraries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.faults import Faults
from lab.part import Part
from lab.postgresql.programs import is_installed
from lab.requests_log import RequestsLog
from lab.runtime import Lab


@dataclass(frozen=True)
class Options:
    """The options of a lab.

    :ivar parts: names of the parts to start.
    :ivar work_request_seconds: how long a work request of a load balancer takes.
    """

    parts: Sequence[str]
    work_request_seconds: float = 1.0


def _oci(log: RequestsLog, faults: Faults, options: Options) -> Part:
    from lab.oci.part import OciPart

    return OciPart(log, faults, work_request_seconds=options.work_request_seconds)


def _aws(log: RequestsLog, faults: Faults, _unused: Options) -> Part:
    from lab.aws.part import AwsPart

    return AwsPart(log, faults)


def _cloudfoundry(log: RequestsLog, faults: Faults, _unused: Options) -> Part:
    from lab.cloudfoundry.part import CloudFoundryPart

    return CloudFoundryPart(log, faults)


def _infinispan(log: RequestsLog, faults: Faults, _unused: Options) -> Part:
    from lab.infinispan.part import InfinispanPart

    return InfinispanPart(log, faults)


def _postgresql(_log: RequestsLog, _faults: Faults, _options: Options) -> Part:
    from lab.postgresql.part import PostgresqlPart

    return PostgresqlPart()


PARTS: dict[str, Callable[[RequestsLog, Faults, Options], Part]] = {
    "aws": _aws,
    "cloudfoundry": _cloudfoundry,
    "infinispan": _infinispan,
    "oci": _oci,
    "postgresql": _postgresql,
}
#: The summary of each part, for ``python -m lab up --help``.
SUMMARIES = {
    "aws": "Route 53 health checks with checkers, DNS, CloudWatch alarms, SNS, and two sites",
    "cloudfoundry": "routes, apps, UAA and a router",
    "infinispan": "cross-site replication between two clusters",
    "oci": "load balancers, API gateways, alarms, topics, functions that run, and a shop behind a load balancer",
    "postgresql": "real servers, one for each of two sites; has to be installed",
}
#: Real servers take seconds to start and must be installed, so they are started only on request.
DEFAULT_PARTS = tuple(sorted(PARTS.keys() - {"postgresql"}))


def startable_parts() -> tuple[str, ...]:
    """All parts that can run on this machine."""
    return tuple(sorted(PARTS)) if is_installed() else DEFAULT_PARTS


def build_lab(directory: Path, options: Options) -> Lab:
    """Build a lab of the parts that the options name; nothing is started yet."""
    log, faults = RequestsLog(), Faults()
    parts = [PARTS[name](log, faults, options) for name in options.parts]
    return Lab(directory, parts, log, faults)
