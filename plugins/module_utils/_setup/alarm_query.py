# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The query of an alarm that fires when all backends of a backend set are unhealthy, and checks of other queries.

OCI's tutorials compare with ``>= 1``. Such an alarm fires as soon as one backend fails, while the others still serve.
When the others fail too, it sends no second message, because it is firing already.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._errors import OptionError, RefusedError

Json = dict[str, t.Any]

METRIC = "UnHealthyBackendServers"
_QUERY = re.compile(
    r"""\s*(?P<metric>\w+)\[(?P<interval>\d+[mhd])\]\s*
    (?:\{(?P<dimensions>[^{}]*)\})?
    (?:\.groupBy\((?P<group>[\w\s,]+)\))?
    \.(?P<statistic>max|min|mean|avg|sum)\(\)\s*
    (?P<operator>>=|<=|==|!=|>|<)\s*(?P<threshold>\d+(?:\.\d+)?)\s*""",
    re.VERBOSE,
)
_DIMENSION = re.compile(r'\s*(\w+)\s*=\s*"([^"{}]*)"\s*')
#: Dimensions of a backend set's metrics ("Load Balancer Metrics" in Oracle's documentation). Listeners have others.
_DIMENSIONS = ("resourceId", "lbName", "backendSetName", "lbComponent", "region", "availabilityDomain", "lbHostId")
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": lambda value, threshold: value >= threshold,
    ">": lambda value, threshold: value > threshold,
    "<=": lambda value, threshold: value <= threshold,
    "<": lambda value, threshold: value < threshold,
    "==": lambda value, threshold: value == threshold,
    "!=": lambda value, threshold: value != threshold,
}


@dataclass(frozen=True)
class Watched:
    """The backend set that an alarm watches.

    :ivar serving: the number of its backends that get traffic, without backups and drained or offline backends.
    """

    load_balancer_id: str
    load_balancer_name: str
    backend_set: str
    total: int
    serving: int


def watched(load_balancer: Json, load_balancer_id: str, backend_set: str) -> Watched:
    """:raises RefusedError: there is no such backend set, or nothing in it can be watched."""
    sets = load_balancer["backendSets"]
    if backend_set not in sets:
        raise RefusedError(
            f"Load balancer {load_balancer_id} has no backend set {backend_set!r}. It has: {', '.join(sorted(sets))}."
        )
    backends = sets[backend_set].get("backends") or []
    serving = [one for one in backends if not any(one.get(flag) for flag in ("backup", "drain", "offline"))]
    if not serving:
        raise RefusedError(
            f"Backend set {backend_set!r} has no backend that gets traffic, so an alarm on it can never fire. Add its "
            "backends first, then run this again."
        )
    name = str(load_balancer.get("displayName") or "")
    return Watched(load_balancer_id, name, backend_set, len(backends), len(serving))


def all_unhealthy(target: Watched) -> str:
    """The query that fires when all serving backends are unhealthy.

    It uses the maximum, because each host of a load balancer reports its own view. A missed outage harms users, but a
    false alarm costs only one request, because the run checks the live health first. It is grouped, so that one outage
    sends one message, however many hosts and availability domains report it.
    """
    return (
        f'{METRIC}[1m]{{resourceId = "{target.load_balancer_id}", backendSetName = "{target.backend_set}"}}'
        f".groupBy(resourceId, backendSetName).max() >= {target.serving}"
    )


def check_query(query: str, target: Watched) -> list[str]:
    """:returns: warnings about a query that fires too early.

    :raises RefusedError: the query can never fire, or never stop firing, or this cannot be determined.
    """
    found = _QUERY.fullmatch(query)
    if found is None:
        raise OptionError(
            f'The query {query!r} cannot be judged: it is not of the form METRIC[1m]{{dimension = "value"}}'
            ".groupBy(dimensions).max() >= NUMBER. Leave query out to use the one for all backends."
        )
    if found["metric"] != METRIC:
        raise OptionError(f"The query is about {found['metric']!r}. An alarm on failed backends needs {METRIC}.")
    _check_dimensions(found["dimensions"] or "", found["group"] or "", target)
    compare, threshold = _COMPARE[found["operator"]], float(found["threshold"])
    firing = [count for count in range(target.total + 1) if compare(count, threshold)]
    if not firing:
        raise OptionError(
            f"The query can never fire: it compares with {found['operator']} {found['threshold']}, and backend set "
            f"{target.backend_set!r} has {target.total} backends. Use >= {target.serving}."
        )
    if 0 in firing:
        raise OptionError(
            f"The query also fires while no backend is unhealthy ({found['operator']} {found['threshold']}), so it can "
            f"never recover. Use >= {target.serving}."
        )
    if target.serving not in firing:
        raise OptionError(
            f"The query does not fire when all {target.serving} backends that serve are unhealthy. "
            f"Use >= {target.serving}."
        )
    return _too_early(min(firing), target)


def _too_early(first: int, target: Watched) -> list[str]:
    if first >= target.serving:
        return []
    warning = (
        f"The query fires when {first} of {target.serving} backends are unhealthy, and sends no second message when "
        f"the others fail. Use >= {target.serving} to mean all of them."
    )
    return [warning]


def _check_dimensions(text: str, group: str, target: Watched) -> None:
    expected = {
        "resourceId": target.load_balancer_id,
        "lbName": target.load_balancer_name,
        "backendSetName": target.backend_set,
        "lbComponent": "Backendset",
    }
    named = _dimensions(text)
    unknown = [name for name in named if name not in _DIMENSIONS]
    if unknown:
        raise OptionError(
            f"The query can never fire: {METRIC} has no dimension {unknown[0]}. It has: {', '.join(_DIMENSIONS)}."
        )
    for name, value in named.items():
        if name in expected and value.lower() != expected[name].lower():
            raise OptionError(
                f"The query can never fire for this backend set: it asks for {name} {value!r}, and here it is "
                f"{expected[name]!r}."
            )
    if "backendSetName" not in named:
        raise OptionError(
            f"The query names no backendSetName, so it mixes all backend sets. Add backendSetName = "
            f'"{target.backend_set}".'
        )
    left = {name.strip() for name in group.split(",") if name.strip()}
    if left and not {"resourceId", "backendSetName"} <= left:
        raise OptionError(
            "The query's groupBy drops resourceId or backendSetName, which the alarm's messages need. Use "
            "groupBy(resourceId, backendSetName)."
        )


def _dimensions(text: str) -> dict[str, str]:
    named = {}
    for part in text.split(",") if text.strip() else ():
        one = _DIMENSION.fullmatch(part)
        if one is None:
            raise OptionError(f'The query\'s dimension {part.strip()!r} cannot be judged. Write name = "value".')
        named[one[1]] = one[2]
    return named
