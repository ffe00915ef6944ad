# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The queries of alarms that the lab evaluates; all others are refused.

Source: "Monitoring Query Language (MQL) Reference" and "Load Balancer Metrics" of Oracle's documentation.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lab.oci.errors import invalid

#: The metrics of backend sets that the lab measures.
METRICS = ("UnHealthyBackendServers", "BackendServers")
_STATISTICS: Mapping[str, Callable[[list[float]], float]] = {
    "max": max,
    "min": min,
    "sum": sum,
    "mean": lambda values: sum(values) / len(values),
    "avg": lambda values: sum(values) / len(values),
}
_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}
_DIMENSIONS = ("resourceId", "lbName", "backendSetName", "lbComponent", "region", "availabilityDomain", "lbHostId")
_QUERY = re.compile(
    r"""\s*(?P<metric>\w+)\[(?P<minutes>\d+)m\]\s*
    (?:\{(?P<dimensions>[^{}]*)\})?
    (?:\.groupBy\((?P<group>[\w\s,]+)\))?
    \.(?P<statistic>\w+)\(\)\s*
    (?P<operator>>=|<=|==|!=|>|<)\s*(?P<threshold>\d+(?:\.\d+)?)\s*""",
    re.VERBOSE,
)
_DIMENSION = re.compile(r'\s*(\w+)\s*=\s*"([^"{}]*)"\s*')


@dataclass(frozen=True)
class Query:
    """An alarm's query.

    :ivar text: the whole query; ``expression`` is the part before the comparison.
    :ivar group: the dimensions by which streams are grouped; empty if streams are not grouped.
    """

    text: str
    expression: str
    metric: str
    minutes: int
    dimensions: Mapping[str, str]
    group: tuple[str, ...]
    statistic: Callable[[list[float]], float]
    compare: Callable[[float, float], bool]
    threshold: float

    def selects(self, dimensions: Mapping[str, str]) -> bool:
        """Whether the query selects a metric stream with these dimensions. The case of OCIDs does not matter."""
        return all(dimensions.get(name, "").lower() == value.lower() for name, value in self.dimensions.items())

    def grouped(self, dimensions: Mapping[str, str]) -> dict[str, str]:
        """The dimensions of a stream after grouping."""
        return {name: value for name, value in dimensions.items() if not self.group or name in self.group}

    def breaches(self, samples: list[float]) -> bool:
        """Whether the values of the interval meet the condition."""
        return self.compare(self.statistic(samples), self.threshold)


def parse(text: str) -> Query:
    """Read a query. :raises ApiError: 400: the query is invalid, or the lab does not evaluate it."""
    found = _QUERY.fullmatch(text)
    if found is None:
        raise invalid(f"The query cannot be read, or needs more than the lab evaluates: {text!r}.")
    metric, statistic = found["metric"], found["statistic"]
    if metric not in METRICS:
        raise invalid(f"The lab measures {', '.join(METRICS)}, and not {metric!r}.")
    if statistic not in _STATISTICS:
        raise invalid(f"The lab knows the statistics {', '.join(_STATISTICS)}, and not {statistic!r}.")
    if not 1 <= int(found["minutes"]) <= 60:
        raise invalid("The interval must be from 1m to 60m.")
    group = tuple(name.strip() for name in (found["group"] or "").split(",") if name.strip())
    dimensions = _dimensions(found["dimensions"] or "")
    unknown = [name for name in (*group, *dimensions) if name not in _DIMENSIONS]
    if unknown:
        raise invalid(f"oci_lbaas has no dimension {unknown[0]!r}.")
    return Query(
        text=text,
        expression=text[: found.start("operator")].strip(),
        metric=metric,
        minutes=int(found["minutes"]),
        dimensions=dimensions,
        group=group,
        statistic=_STATISTICS[statistic],
        compare=_OPERATORS[found["operator"]],
        threshold=float(found["threshold"]),
    )


def _dimensions(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(",") if text.strip() else ():
        one = _DIMENSION.fullmatch(part)
        if one is None:
            raise invalid(f'The lab understands name = "value" between the braces, and not {part.strip()!r}.')
        found[one[1]] = one[2]
    return found
