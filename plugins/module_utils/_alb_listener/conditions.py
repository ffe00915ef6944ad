# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The conditions of a listener's rule as plain values: read, restricted by an exemption, split by ALB's limits."""

from __future__ import annotations

import itertools
import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.patterns import (
    common_pattern,
    common_range,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = Mapping[str, t.Any]

#: User guide, "Condition types for listener rules": match evaluations of a condition, and of a rule.
VALUES_PER_CONDITION = 3
VALUES_PER_RULE = 5

PATH, HEADER, SOURCE = "path-pattern", "http-header", "source-ip"
_CONFIGS = {
    PATH: "PathPatternConfig",
    HEADER: "HttpHeaderConfig",
    SOURCE: "SourceIpConfig",
    "host-header": "HostHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
}
_KNOWN = {"Values", "RegexValues", "HttpHeaderName"}

#: A value, or key and value of a query string.
Value: t.TypeAlias = "str | tuple[str | None, str]"


@dataclass(frozen=True)
class Condition:
    """One condition, which matches if one of its values does.

    :ivar header: the name of the header, in lower case, if it is a condition on a header.
    :ivar is_regex: whether the values are regular expressions.
    """

    field: str
    values: tuple[Value, ...]
    header: str = ""
    is_regex: bool = False

    def body(self) -> dict[str, t.Any]:
        """The condition in the form of the API."""
        values: list[t.Any] = [_shown(value) for value in self.values]
        config: dict[str, t.Any] = {"RegexValues" if self.is_regex else "Values": values}
        if self.header:
            config["HttpHeaderName"] = self.header
        return {"Field": self.field, _CONFIGS[self.field]: config}

    def meaning(self) -> object:
        """A value that is equal for equal conditions: the order of values does not matter."""
        return self.field, self.header, self.is_regex, frozenset(self.values)

    def reported(self) -> dict[str, t.Any]:
        """The condition for people. The value of a header may be a secret, so it is never shown."""
        values = ["(not shown)"] if self.field == HEADER else [_shown(value) for value in self.values]
        return {"field": self.field, "values": values} | ({"header": self.header} if self.header else {})


Conditions: t.TypeAlias = tuple[Condition, ...]


def _shown(value: Value) -> t.Any:
    if isinstance(value, str):
        return value
    key, text = value
    return {"Value": text} if key is None else {"Key": key, "Value": text}


def conditions_of(rule: Json) -> Conditions:
    """The conditions of a rule, sorted, because their order does not matter.

    :raises RefusedError: the rule has a condition that is unknown to this collection.
    """
    read = [_condition(given) for given in rule.get("Conditions") or ()]
    return tuple(sorted(read, key=lambda one: (one.field, one.header, str(one.values))))


def _condition(given: Json) -> Condition:
    field = str(given.get("Field"))
    name = _CONFIGS.get(field, "")
    config = given.get(name) or {}
    if not name or config.keys() - _KNOWN or given.keys() - {"Field", "Values", "RegexValues", name}:
        raise RefusedError(f"A rule of the listener has a condition that is not known here ({field}).")
    regexes = config.get("RegexValues") or given.get("RegexValues")
    values = regexes or config.get("Values") or given.get("Values") or ()
    header = str(config.get("HttpHeaderName") or "").lower()
    return Condition(field, tuple(_value(value) for value in values), header, bool(regexes))


def _value(given: t.Any) -> Value:
    return (given.get("Key"), given["Value"]) if isinstance(given, Mapping) else str(given)


def narrowed(conditions: Conditions, exemption: Condition) -> Conditions | None:
    """The conditions of a rule, restricted by an exemption; None if no request can match both.

    :raises RefusedError: the conditions of a rule cannot express this exactly.
    """
    same = next((one for one in conditions if one.field == exemption.field and one.field in (PATH, SOURCE)), None)
    if same is None:
        return conditions if exemption in conditions else (*conditions, exemption)
    if same.is_regex:
        raise RefusedError(
            f"A rule of the listener matches the path by a regular expression ({', '.join(map(str, same.values))}). "
            "Whether it matches an exempt path cannot be determined exactly."
        )
    common = common_pattern if same.field == PATH else common_range
    pairs = itertools.product(map(str, exemption.values), map(str, same.values))
    values = dict.fromkeys(value for pair in pairs if (value := common(*pair)) is not None)
    if not values:
        return None
    return tuple(replace(one, values=tuple(values)) if one is same else one for one in conditions)


def within_limits(conditions: Conditions) -> Iterator[Conditions]:
    """The conditions split into several rules within the limits, which together match the same requests.

    :raises RefusedError: there are more conditions than a rule can have.
    """
    longest = max(conditions, key=lambda one: len(one.values), default=None)
    count = sum(len(one.values) for one in conditions)
    if longest is None or (count <= VALUES_PER_RULE and len(longest.values) <= VALUES_PER_CONDITION):
        yield conditions
        return
    if len(longest.values) == 1:
        raise RefusedError(
            f"A rule of the listener has {len(conditions) - 1} conditions. With an exemption it would have "
            f"{len(conditions)}, and a rule of an ALB can have {VALUES_PER_RULE}."
        )
    room = max(1, min(VALUES_PER_CONDITION, VALUES_PER_RULE - (count - len(longest.values))))
    size = min(room, len(longest.values) - 1)
    for at in range(0, len(longest.values), size):
        piece = replace(longest, values=longest.values[at : at + size])
        yield from within_limits(_with(conditions, longest, piece))


def _with(conditions: Sequence[Condition], old: Condition, new: Condition) -> Conditions:
    return tuple(new if one is old else one for one in conditions)
