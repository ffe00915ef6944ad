# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The effect of attached rule sets on a request: pure functions of rules and request.

The order is that of ListListenerRules: allowed addresses, allowed methods, then redirects. It is not documented which
of several redirects wins. Here the order of path routes applies: an exact match, then the longest forced prefix, then
the first prefix or suffix in the order of the rule sets.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from multidict import CIMultiDict

from lab.oci.load_balancer.fields import Json
from lab.oci.load_balancer.redirect_uris import IncomingUri, redirect_location

_NO_FIT = (9, 0)


@dataclass(frozen=True)
class Refusal:
    """An answer that the load balancer gives by itself."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)


def attached_rules(balancer: Json, listener: Json) -> list[Json]:
    """The rules of a listener's rule sets, in their order."""
    return [
        rule
        for name in listener.get("ruleSetNames") or []
        for rule in balancer["ruleSets"].get(name, {"items": []})["items"]
    ]


def serving_listener(listeners: Sequence[Json], hostnames: Json, host: str) -> Json:
    """The listener of a port that serves a host name.

    An exact name wins, then the longest name with a leading wildcard, then the longest with a trailing wildcard, then
    the listener without host names, then the first listener. Source: "Managing Request Routing" in OCI's docs.

    :param hostnames: the host names of the load balancer, which listeners refer to.
    """
    fits = [
        (_fit(hostnames[name]["hostname"].lower(), host.lower()), position)
        for position, listener in enumerate(listeners)
        for name in listener.get("hostnameNames") or []
        if name in hostnames
    ]
    fit, position = min(fits, default=(_NO_FIT, 0))
    if fit < _NO_FIT:
        return listeners[position]
    unnamed = [listener for listener in listeners if not listener.get("hostnameNames")]
    return (unnamed or listeners)[0]


def _fit(pattern: str, host: str) -> tuple[int, int]:
    """The rank of a match: lower is better."""
    head, star, tail = pattern.partition("*")
    if not star:
        return (0, 0) if pattern == host else _NO_FIT
    if len(host) <= len(head) + len(tail) or not (host.startswith(head) and host.endswith(tail)):
        return _NO_FIT
    return (1 if tail else 2, -len(pattern))


def refusal(rules: list[Json], client_address: str, method: str, uri: IncomingUri) -> Refusal | None:
    """The answer to a request that must not reach a backend; None if it may."""
    allows = _with_action(rules, "ALLOW")
    if allows and not any(_allows(rule, client_address) for rule in allows):
        return Refusal(403)
    for rule in _with_action(rules, "CONTROL_ACCESS_USING_HTTP_METHODS"):
        if method not in rule["allowedMethods"]:
            return Refusal(rule["statusCode"], {"Allow": ", ".join(rule["allowedMethods"])})
    redirect = _matching_redirect(_with_action(rules, "REDIRECT"), uri.path)
    if redirect is None:
        return None
    return Refusal(redirect["responseCode"], {"Location": redirect_location(uri, redirect.get("redirectUri"))})


def _with_action(rules: Iterable[Json], action: str) -> list[Json]:
    return [rule for rule in rules if rule["action"] == action]


def _allows(rule: Json, client_address: str) -> bool:
    address = ipaddress.ip_address(client_address)
    return any(
        # The lab has no traffic through virtual cloud networks, so conditions about them never match.
        condition["attributeName"] == "SOURCE_IP_ADDRESS"
        and address in ipaddress.ip_network(condition["attributeValue"], strict=False)
        for condition in rule["conditions"]
    )


def _matching_redirect(rules: list[Json], path: str) -> Json | None:
    matches = [
        (condition["operator"], condition["attributeValue"], rule)
        for rule in rules
        for condition in rule["conditions"]
        if path_matches(condition["operator"], condition["attributeValue"], path)
    ]
    return min(matches, key=lambda match: path_rank(match[0], match[1]))[2] if matches else None


def path_matches(operator: str, pattern: str, path: str) -> bool:
    """Whether a path fulfils a condition."""
    if operator == "EXACT_MATCH":
        return path == pattern
    if operator == "SUFFIX_MATCH":
        return path.endswith(pattern)
    return path.startswith(pattern)


def path_rank(operator: str, pattern: str) -> tuple[int, int]:
    """The rank of a condition. If several conditions match a path, the lowest rank wins."""
    if operator == "EXACT_MATCH":
        return (0, 0)
    if operator == "FORCE_LONGEST_PREFIX_MATCH":
        return (1, -len(pattern))
    return (2, 0)


def with_header_rules(rules: list[Json], direction: str, headers: CIMultiDict[str]) -> CIMultiDict[str]:
    """The headers after the header rules.

    :param direction: ``REQUEST`` or ``RESPONSE``.
    """
    changed = headers.copy()
    for rule in rules:
        if rule["action"] == f"ADD_HTTP_{direction}_HEADER":
            changed.add(rule["header"], rule["value"])
        elif rule["action"] == f"REMOVE_HTTP_{direction}_HEADER":
            changed.popall(rule["header"], None)
        elif rule["action"] == f"EXTEND_HTTP_{direction}_HEADER_VALUE" and rule["header"] in changed:
            values = changed.popall(rule["header"])
            for value in values:
                changed.add(rule["header"], f"{rule.get('prefix') or ''}{value}{rule.get('suffix') or ''}")
    return changed
