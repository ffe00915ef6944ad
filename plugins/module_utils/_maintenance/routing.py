# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Which listeners and redirects handle a request on a load balancer, and where the request ends.

A listener is found by port, protocol and host name: the exact one, then the longest ``*.name``, then the longest
``name.*``, then the listener of the port without host names, then the port's first one ("Managing Request Routing" in
Oracle's documentation). Host names are not case-sensitive. The priority of several redirects is documented only for
path routes, and assumed to be the same here: an exact path, then the longest forced prefix, then the first prefix or
suffix in the order of the attached rule sets.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

#: Clients give up at about twenty redirects in a row. A real maintenance page needs fewer.
LONGEST_CHAIN = 10

TOKEN = re.compile(r"\\([\\{}])|\{(protocol|host|port|path|query)\}")

Json = Mapping[str, t.Any]
End: t.TypeAlias = 't.Literal["served", "away", "nothing", "circle"]'


@dataclass(frozen=True)
class Place:
    """Where a request arrives.

    :ivar protocol: ``HTTP`` or ``HTTPS``.
    :ivar host: as :func:`plain_host` writes it.
    """

    protocol: str
    host: str
    port: int
    path: str

    def __str__(self) -> str:
        """The place as a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.protocol.lower()}://{host}:{self.port}{self.path}"


@dataclass(frozen=True)
class Stop:
    """A listener that handles a request.

    :ivar rule_set: the rule set that redirects the request from there; None if the listener serves it.
    """

    listener: str
    place: Place
    rule_set: str | None


@dataclass(frozen=True)
class Journey:
    """All stops of a request on one load balancer.

    :ivar end: ``served`` by the last stop; ``away``, to another host; ``nothing``, because this load balancer has no
        listener at the last place; ``circle``.
    :ivar last: the last place that the request was sent to.
    """

    stops: tuple[Stop, ...]
    end: End
    last: Place

    def redirected_by(self, rule_set: str) -> bool:
        """Whether a rule set redirected the request at any stop."""
        return any(stop.rule_set == rule_set for stop in self.stops)


def journey(load_balancer: Json, place: Place) -> Journey:
    """The way of a request that arrives at a place of this load balancer."""
    here = {place.host} | _addresses(load_balancer)
    stops: list[Stop] = []
    while (name := listener_at(load_balancer, place)) is not None:
        found = redirect_at(load_balancer, name, place.path)
        stop = Stop(name, place, found[0] if found else None)
        seen_before = stop in stops
        stops.append(stop)
        if found is None:
            return Journey(tuple(stops), "served", place)
        if seen_before or len(stops) > LONGEST_CHAIN:
            return Journey(tuple(stops), "circle", place)
        place = redirected(place, found[1])
        if place.host not in here and not _is_own_name(load_balancer, place.host):
            return Journey(tuple(stops), "away", place)
    return Journey(tuple(stops), "nothing", place)


def listener_at(load_balancer: Json, place: Place) -> str | None:
    """The listener that handles a request at a place; None if no listener answers this protocol there."""
    able = {
        name: listener
        for name, listener in load_balancer["listeners"].items()
        if listener.get("port") == place.port and (is_tcp(listener) or protocol_of(listener) == place.protocol)
    }
    ranked = [
        (rank, name)
        for name, listener in able.items()
        for hostname in hostnames_of(load_balancer, listener)
        if (rank := _hostname_rank(hostname, place.host)) is not None
    ]
    if ranked:
        return str(min(ranked, key=lambda pair: pair[0])[1])
    return next((name for name in able if not hostnames_of(load_balancer, able[name])), next(iter(able), None))


def redirect_at(load_balancer: Json, listener: str, path: str) -> tuple[str, Json] | None:
    """The redirect rule for a path on a listener, with the name of its rule set."""
    matches = [
        (_path_rank(condition), name, rule)
        for name, rule, condition in attached_conditions(load_balancer, listener)
        if _path_matches(condition, path)
    ]
    # min() takes the first of equal ones.
    return min(matches, key=lambda match: match[0])[1:] if matches else None


def attached_conditions(load_balancer: Json, listener: str) -> Iterator[tuple[str, Json, Json]]:
    """The path conditions on a listener in their order: rule set, redirect rule, condition."""
    for name in load_balancer["listeners"][listener].get("ruleSetNames") or []:
        for rule in redirect_rules(load_balancer["ruleSets"].get(name, {})):
            for condition in path_conditions(rule):
                yield name, rule, condition


def redirect_rules(rule_set: Json) -> list[Json]:
    """The rules of a rule set that redirect."""
    return [rule for rule in rule_set.get("items") or [] if rule.get("action") == "REDIRECT"]


def path_conditions(rule: Json) -> list[Json]:
    """The conditions of a redirect rule. Each condition is an "original path"."""
    return [condition for condition in rule.get("conditions") or [] if condition.get("attributeName") == "PATH"]


def original_path(condition: Json) -> str:
    """The path that a condition is about."""
    return str(condition.get("attributeValue") or "")


def redirected(place: Place, rule: Json) -> Place:
    """The place that a redirect sends a request to. The query does not matter."""
    uri = rule.get("redirectUri") or {}
    protocol, path = uri.get("protocol") or "{protocol}", uri.get("path")
    return Place(
        protocol=filled(protocol, place).upper(),
        host=plain_host(filled(uri.get("host") or "{host}", place)),
        port=int(uri.get("port") or place.port),
        path=place.path if path is None else filled(path, place) or "/",
    )


def filled(template: str, place: Place) -> str:
    """A part of a redirect URI with its tokens replaced."""
    tokens = {
        "protocol": place.protocol.lower(),
        "host": place.host,
        "port": str(place.port),
        "path": place.path,
        "query": "",
    }
    return TOKEN.sub(lambda found: found[1] or tokens[found[2]], template)


def plain_host(host: str) -> str:
    """A host in normal form: in lower case, and an IPv6 address short and without the brackets of URLs."""
    host = host.lower().removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host


def protocol_of(listener: Json) -> str:
    """The protocol of clients of an HTTP listener."""
    return "HTTPS" if listener.get("sslConfiguration") else "HTTP"


def is_tcp(listener: Json) -> bool:
    """Whether a listener forwards bytes without reading them."""
    return bool(listener["protocol"] == "TCP")


def routed_to(load_balancer: Json, listener: Json) -> set[str]:
    """The backend sets that a listener's routing policy and path route set send requests to."""
    policy = (load_balancer.get("routingPolicies") or {}).get(listener.get("routingPolicyName")) or {}
    routes = (load_balancer.get("pathRouteSets") or {}).get(listener.get("pathRouteSetName")) or {}
    by_policy = {
        action.get("backendSetName") for rule in policy.get("rules") or [] for action in rule.get("actions") or []
    }
    return by_policy | {route.get("backendSetName") for route in routes.get("pathRoutes") or []}


def hostnames_of(load_balancer: Json, listener: Json) -> list[str]:
    """The host names that a listener serves, in lower case; none if it serves every host."""
    known = load_balancer.get("hostnames") or {}
    return [str(known[name]["hostname"]).lower() for name in listener.get("hostnameNames") or [] if name in known]


def own_hosts(load_balancer: Json) -> Collection[str]:
    """Addresses and host names, exact or with a wildcard, that lead to this load balancer."""
    hostnames = (load_balancer.get("hostnames") or {}).values()
    return _addresses(load_balancer) | {str(hostname["hostname"]).lower() for hostname in hostnames}


def is_own_address(load_balancer: Json, host: str) -> bool:
    """Whether a host is one of this load balancer's own addresses, where no other server can answer."""
    return host in _addresses(load_balancer)


def _addresses(load_balancer: Json) -> set[str]:
    return {plain_host(str(address.get("ipAddress"))) for address in load_balancer.get("ipAddresses") or []}


def _is_own_name(load_balancer: Json, host: str) -> bool:
    return any(_hostname_rank(hostname, host) is not None for hostname in own_hosts(load_balancer))


def _hostname_rank(hostname: str, host: str) -> tuple[int, int] | None:
    """The rank of a match, the lowest is the best; None if the host does not match. A wildcard needs a character."""
    if hostname == host:
        return (0, 0)
    if len(host) < len(hostname):
        return None
    if hostname.startswith("*.") and host.endswith(hostname[1:]):
        return (1, -len(hostname))
    if hostname.endswith(".*") and host.startswith(hostname[:-1]):
        return (2, -len(hostname))
    return None


def _path_matches(condition: Json, path: str) -> bool:
    value = original_path(condition)
    if condition.get("operator") == "EXACT_MATCH":
        return path == value
    if condition.get("operator") == "SUFFIX_MATCH":
        return path.endswith(value)
    return path.startswith(value)


def _path_rank(condition: Json) -> tuple[int, int]:
    if condition.get("operator") == "EXACT_MATCH":
        return (0, 0)
    if condition.get("operator") == "FORCE_LONGEST_PREFIX_MATCH":
        return (1, -len(original_path(condition)))
    return (2, 0)
