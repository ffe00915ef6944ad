# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Redirect rules: whether a rule set can show a maintenance page on a listener, without looping or colliding.

Facts from the API reference of the Load Balancing service (RedirectRule, RedirectUri, PathMatchCondition): rule sets
apply to HTTP listeners; a listener can have one redirect rule for a given original path; the default response code
is 302; a part of the redirect URI that is not set keeps what came in; the service cannot detect redirect loops.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

#: Browsers remember these answers, so users would keep landing on the page after maintenance has ended.
CACHEABLE_REDIRECTS = (301, 308)

#: Clients give up at about twenty redirects in a row; no honest maintenance page is this far away.
LONGEST_CHAIN = 10

_TOKEN = re.compile(r"\\([\\{}])|\{(protocol|host|port|path|query)\}")

Json = Mapping[str, t.Any]


@dataclass(frozen=True)
class _Place:
    """Where a request arrives. The host ``None`` stands for whatever name the user typed."""

    protocol: str
    host: str | None
    port: int
    path: str


def redirect_rules(rule_set: Json) -> list[Json]:
    """The rules of a rule set that redirect."""
    return [rule for rule in rule_set.get("items") or [] if rule.get("action") == "REDIRECT"]


def check_shows_page(name: str, rule_set: Json) -> None:
    """Refuse a rule set that redirects nothing, or redirects in a way that outlasts maintenance.

    :raises RefusedError: with the reason.
    """
    rules = redirect_rules(rule_set)
    if not rules:
        raise RefusedError(
            f"Rule set {name!r} has no REDIRECT rule, so attaching it would show nobody a maintenance page. "
            "Give the rule set that redirects to the page, or add a REDIRECT rule to this one."
        )
    for rule in rules:
        if rule.get("responseCode") in CACHEABLE_REDIRECTS:
            raise RefusedError(
                f"Rule set {name!r} redirects with {rule['responseCode']}. Browsers keep that answer, so users would "
                "still be sent to the page after maintenance. Change its response code to 302 or 307."
            )


def check_no_collision(listener: str, rule_set: str, load_balancer: Json) -> None:
    """Refuse a redirect for a path that another attached rule set redirects already.

    :raises RefusedError: naming the path and the other rule set.
    """
    ours = set(_original_paths(load_balancer["ruleSets"][rule_set]))
    for other in load_balancer["listeners"][listener].get("ruleSetNames") or []:
        if other == rule_set:
            continue
        shared = ours.intersection(_original_paths(load_balancer["ruleSets"].get(other, {})))
        if shared:
            raise RefusedError(
                f"Rule set {rule_set!r} redirects {', '.join(sorted(shared))} on listener {listener!r}, and so does "
                f"rule set {other!r}, which is attached already. OCI allows one redirect for a path on a listener. "
                f"Let {rule_set!r} redirect another path ('/' and '/shop' differ), or detach {other!r} first."
            )


def check_no_loop(listener: str, rule_set: str, load_balancer: Json) -> None:
    """Refuse a rule set whose redirects would lead back to where they came from.

    :raises RefusedError: with the way that a request would take.
    """
    for rule in redirect_rules(load_balancer["ruleSets"][rule_set]):
        for path in _original_paths({"items": [rule]}):
            chain = _follow(listener, _sample(path), rule_set, load_balancer)
            if chain:
                raise RefusedError(
                    f"Attached to listener {listener!r}, rule set {rule_set!r} would redirect in a circle: "
                    f"{' -> '.join(chain)}. Point its redirect URI at the listener that serves the maintenance page "
                    "(another port), or at a page on another host."
                )


def _original_paths(rule_set: Json) -> Iterable[str]:
    for rule in redirect_rules(rule_set):
        for condition in rule.get("conditions") or []:
            if condition.get("attributeName") == "PATH":
                yield str(condition.get("attributeValue", ""))


def _sample(path: str) -> str:
    """A path that a user may ask for and that a condition on ``path`` matches (a suffix may lack the slash)."""
    return path if path.startswith("/") else f"/{path}"


def _follow(listener: str, path: str, rule_set: str, load_balancer: Json) -> list[str]:
    """The stops of a request if it goes in a circle with ``rule_set`` attached, otherwise nothing."""
    place = _Place(
        _protocol(load_balancer["listeners"][listener]), None, load_balancer["listeners"][listener]["port"], path
    )
    at: str | None = listener
    stops: list[str] = []
    seen: set[tuple[str, str]] = set()
    while at is not None:
        stops.append(f"{at}:{place.port}{place.path}")
        if (at, place.path) in seen or len(stops) > LONGEST_CHAIN:
            return stops
        seen.add((at, place.path))
        rule = _matching_rule(_attached(at, listener, rule_set, load_balancer), place.path, load_balancer)
        if rule is None:
            return []
        place = _redirected(place, rule)
        at = _listener_at(place, at, load_balancer)
    return []


def _attached(at: str, listener: str, rule_set: str, load_balancer: Json) -> Sequence[str]:
    names = list(load_balancer["listeners"][at].get("ruleSetNames") or [])
    return [rule_set, *(name for name in names if name != rule_set)] if at == listener else names


def _matching_rule(rule_sets: Iterable[str], path: str, load_balancer: Json) -> Json | None:
    for name in rule_sets:
        for rule in redirect_rules(load_balancer["ruleSets"].get(name, {})):
            if all(_matches(condition, path) for condition in rule.get("conditions") or []):
                return rule
    return None


def _matches(condition: Json, path: str) -> bool:
    value = str(condition.get("attributeValue", ""))
    operator = condition.get("operator")
    if operator == "EXACT_MATCH":
        return path == value
    if operator == "SUFFIX_MATCH":
        return path.endswith(value)
    return path.startswith(value)


def _redirected(place: _Place, rule: Json) -> _Place:
    """Where a redirect sends a request; the query plays no part in where it arrives."""
    uri = rule.get("redirectUri") or {}
    protocol = uri.get("protocol") or "{protocol}"
    host = uri.get("host") or "{host}"
    path = uri.get("path")
    return replace(
        place,
        protocol=place.protocol if protocol == "{protocol}" else protocol,
        host=place.host if host == "{host}" else _filled(host, place),
        port=int(uri.get("port") or place.port),
        path=place.path if path is None else _filled(path, place) or "/",
    )


def _filled(template: str, place: _Place) -> str:
    tokens = {
        "protocol": place.protocol.lower(),
        "host": place.host or "",
        "port": str(place.port),
        "path": place.path,
        "query": "",
    }
    return _TOKEN.sub(lambda found: found[1] or tokens[found[2]], template)


def _listener_at(place: _Place, came_from: str, load_balancer: Json) -> str | None:
    """The listener of this load balancer where a request arrives, if it arrives at one that we can tell."""
    if place.host is not None and place.host not in _own_hosts(load_balancer):
        return None
    candidates = [
        name
        for name, listener in sorted(load_balancer["listeners"].items())
        if listener.get("port") == place.port and _protocol(listener) == place.protocol
    ]
    # Several listeners may share a port and differ in their host names: the same host name means the same listener.
    return came_from if came_from in candidates else next(iter(candidates), None)


def _own_hosts(load_balancer: Json) -> set[str]:
    addresses = {str(address.get("ipAddress")) for address in load_balancer.get("ipAddresses") or []}
    names = {str(hostname.get("hostname")) for hostname in (load_balancer.get("hostnames") or {}).values()}
    return addresses | names


def _protocol(listener: Json) -> str:
    return "HTTPS" if listener.get("sslConfiguration") else "HTTP"
