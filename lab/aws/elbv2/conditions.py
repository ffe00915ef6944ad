# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Whether a request meets the conditions of a rule. Source: the user guide on condition types."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """A request, as rules evaluate it.

    :ivar headers: names in lower case; each with all its values.
    :ivar query: keys and values.
    """

    path: str
    method: str = "GET"
    host: str = ""
    source: str = "127.0.0.1"
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    query: Sequence[tuple[str, str]] = ()


def matches(conditions: Sequence[dict[str, Any]], request: Request) -> bool:
    """Whether a request meets all conditions of a rule.

    :raises NotImplementedError: the lab does not implement a condition.
    """
    return all(_matches(condition, request) for condition in conditions)


def _matches(condition: dict[str, Any], request: Request) -> bool:
    about = condition["Field"]
    config: dict[str, Any] = next((value for name, value in condition.items() if name.endswith("Config")), {})
    values = config.get("Values") or condition.get("Values") or []
    if about == "path-pattern":
        return any(pattern(value).fullmatch(request.path) for value in values)
    if about == "host-header":
        return any(pattern(value, re.IGNORECASE).fullmatch(request.host) for value in values)
    if about == "http-request-method":
        return request.method in values
    if about == "source-ip":
        return any(ipaddress.ip_address(request.source) in ipaddress.ip_network(value) for value in values)
    if about == "http-header":
        found = request.headers.get(config["HttpHeaderName"].lower(), ())
        return any(pattern(value, re.IGNORECASE).fullmatch(one) for value in values for one in found)
    if about == "query-string":
        return any(_has(request.query, value) for value in values)
    raise NotImplementedError(f"the lab does not obey conditions on {about}")


def _has(query: Sequence[tuple[str, str]], wanted: dict[str, Any]) -> bool:
    key = wanted.get("Key")
    text = pattern(wanted["Value"], re.IGNORECASE)
    return any(text.fullmatch(value) and key in (None, name) for name, value in query)


def pattern(value: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern: * stands for any characters and ? for one."""
    return re.compile(re.escape(value).replace(r"\*", ".*").replace(r"\?", "."), flags)
