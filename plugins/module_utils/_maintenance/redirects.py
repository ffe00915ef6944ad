# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Redirect rules: whether a rule set can show a maintenance page on a listener, without looping or colliding.

Facts from the API reference of the Load Balancing service (RedirectRule, RedirectUri, PathMatchCondition): rule sets
apply to HTTP listeners; a listener can have one redirect rule for a given original path; the default response code
is 302; a part of the redirect URI that is not set keeps the value of the request; the service cannot detect redirect
loops.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.routing import (
    Journey,
    Place,
    is_own_address,
    journey,
    original_path,
    path_conditions,
    plain_host,
    redirect_at,
    redirect_rules,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.samples import places

#: Browsers remember these answers, so users would keep landing on the page after maintenance has ended.
CACHEABLE_REDIRECTS = (301, 308)

Json = Mapping[str, t.Any]


def check_shows_page(name: str, rule_set: Json) -> None:
    """Refuse a rule set that redirects nothing, or redirects in a way that outlasts maintenance.

    :raises RefusedError: with the reason.
    """
    rules = redirect_rules(rule_set)
    if not rules:
        raise RefusedError(
            f"Rule set {name!r} has no REDIRECT rule, so attaching it would show nobody a maintenance page. "
            "Give the rule set that redirects to the page, or add a REDIRECT rule to this one.",
            code="TG-PAGE-RULE",
        )
    for rule in rules:
        if rule.get("responseCode") in CACHEABLE_REDIRECTS:
            raise RefusedError(
                f"Rule set {name!r} redirects with {rule['responseCode']}. Browsers keep that answer, so users would "
                "still be sent to the page after maintenance. Change its response code to 302 or 307.",
                code="TG-PAGE-RULE",
            )


def with_page(load_balancer: Json, rule_set: str, names: Iterable[str]) -> Json:
    """The load balancer after a rule set became the first one of these listeners."""
    listeners = dict(load_balancer["listeners"])
    for name in names:
        others = [other for other in listeners[name].get("ruleSetNames") or [] if other != rule_set]
        listeners[name] = {**listeners[name], "ruleSetNames": [rule_set, *others]}
    return {**load_balancer, "listeners": listeners}


def collision(listener: str, rule_set: str, load_balancer: Json) -> str:
    """Which paths of a rule set another attached rule set redirects already, as a sentence; empty if none."""
    found = _colliding(listener, rule_set, load_balancer)
    if found is None:
        return ""
    other, shared = found
    return (
        f"Rule set {rule_set!r} redirects {', '.join(shared)} on listener {listener!r}, and so does "
        f"rule set {other!r}, which is attached already. OCI allows one redirect for a path on a listener."
    )


def _colliding(listener: str, rule_set: str, load_balancer: Json) -> tuple[str, list[str]] | None:
    """The attached rule set that redirects paths of a rule set already, and these paths."""
    ours = set(_original_paths(load_balancer["ruleSets"].get(rule_set, {})))
    for other in load_balancer["listeners"][listener].get("ruleSetNames") or []:
        if other == rule_set:
            continue
        shared = ours.intersection(_original_paths(load_balancer["ruleSets"].get(other, {})))
        if shared:
            return other, sorted(shared)
    return None


def circle(listener: str, rule_set: str, attached: Json) -> str:
    """The way of a request that a rule set sends in a circle, as a sentence; empty if there is none.

    :param attached: the load balancer with the rule set on all listeners that are to have it. A circle without this
        rule set does not count, because it exists without the page too.
    """
    for way in _ways(attached, listener):
        if way.end == "circle" and way.redirected_by(rule_set):
            stops = " -> ".join(f"{stop.listener}:{stop.place.port}{stop.place.path}" for stop in way.stops)
            return f"Attached to listener {listener!r}, rule set {rule_set!r} would redirect in a circle: {stops}."
    return ""


def check_no_collision(listener: str, rule_set: str, load_balancer: Json) -> None:
    """Refuse a redirect for a path that another attached rule set redirects already.

    :raises RefusedError: naming the path and the other rule set.
    """
    problem = collision(listener, rule_set, load_balancer)
    if not problem:
        return
    inside = _redirected_within(listener, rule_set, load_balancer)
    if inside:
        raise RefusedError(
            f"{problem} That redirect leads to {inside} on the same listener, so let the rule set of the page redirect "
            f"{inside} and the other paths of the application in place of it.",
            code="TG-PAGE-RULE",
        )
    raise RefusedError(
        f"{problem} Leave this listener out and put the page on the listener that its redirect leads to; with "
        "backend_set that happens by itself where both serve the backend set.",
        code="TG-PAGE-RULE",
    )


def _redirected_within(listener: str, rule_set: str, load_balancer: Json) -> str:
    """The path on the same listener that the existing redirect leads to; empty if it leads elsewhere."""
    found = _colliding(listener, rule_set, load_balancer)
    seen = _without_page(load_balancer, listener, rule_set)
    paths = found[1] if found else []
    for start in (place for place in places(seen, listener) if place.path in paths):
        stops = journey(seen, start).stops
        if len(stops) > 1 and stops[1].listener == listener:
            return stops[1].place.path
    return ""


def check_no_circle(listener: str, rule_set: str, attached: Json) -> None:
    """Refuse a rule set whose redirects would lead back to where they came from.

    :param attached: as for :func:`circle`.
    :raises RefusedError: with the way that a request would take.
    """
    problem = circle(listener, rule_set, attached)
    if problem:
        raise RefusedError(
            f"{problem} Point its redirect URI at the listener that serves the maintenance page (another port or host "
            "name), or at a page on another host.",
            code="TG-PAGE-RULE",
        )


def check_page_is_served(listener: str, rule_set: str, attached: Json) -> None:
    """Refuse a redirect to one of the load balancer's own addresses where it does not listen.

    Another host name may be answered by something in front of the load balancer, so that is only a warning.

    :param attached: as for :func:`circle`.
    :raises RefusedError: with the address that nothing answers.
    """
    for way in _ways(attached, listener):
        if way.end == "nothing" and way.redirected_by(rule_set) and _names_address(way, rule_set, attached):
            raise RefusedError(
                f"Rule set {rule_set!r} redirects users of listener {listener!r} to {way.last}. That is this load "
                f"balancer's own address, and it has no listener there: {_offered(attached, way.last)}. Users would "
                "get a connection error instead of the page. Point its redirect URI at the port and protocol of the "
                "listener that serves the page.",
                code="TG-PAGE-RULE",
            )


def leads_to(load_balancer: Json, listener: str, rule_set: str, targets: Iterable[str]) -> tuple[str, ...]:
    """The targets that a listener's own redirects, without the page's, lead all of its requests to.

    :returns: nothing if the listener serves a request itself, or a request reaches none of the targets.
    """
    seen = _without_page(load_balancer, listener, rule_set)
    wanted = set(targets) - {listener}
    reached: set[str] = set()
    for way in _ways(seen, listener):
        met = wanted.intersection(stop.listener for stop in way.stops[1:])
        if not met:
            return ()
        reached |= met
    return tuple(sorted(reached))


def sends_everything_on(load_balancer: Json, listener: str, rule_set: str) -> bool:
    """Whether a listener's own redirects, without the page's, leave nothing for it to serve."""
    seen = _without_page(load_balancer, listener, rule_set)
    arriving = places(seen, listener)
    return bool(arriving) and all(redirect_at(seen, listener, place.path) for place in arriving)


def uncovered(
    attached: Json, listeners: Iterable[str], rule_set: str, backend_sets: Iterable[str]
) -> dict[str, list[str]]:
    """Paths that still reach the application although the page is up: examples for each listener that serves them.

    :param listeners: the listeners that get the requests of users.
    :param backend_sets: the backend sets of the application.
    """
    application = set(backend_sets)
    found: dict[str, list[str]] = {}
    for way in (way for name in listeners for way in _ways(attached, name)):
        stop = way.stops[-1]
        served_by = attached["listeners"][stop.listener]["defaultBackendSetName"]
        if way.end == "served" and not way.redirected_by(rule_set) and served_by in application:
            paths = found.setdefault(stop.listener, [])
            paths += [stop.place.path] if stop.place.path not in paths else []
    return found


def unserved(attached: Json, listeners: Iterable[str], rule_set: str) -> list[Place]:
    """Places on this load balancer that the page's redirects lead to and no listener serves; one for each port."""
    lost = [
        way.last
        for name in listeners
        for way in _ways(attached, name)
        if way.end == "nothing" and way.redirected_by(rule_set)
    ]
    return list({(place.protocol, place.port): place for place in reversed(lost)}.values())


def _without_page(load_balancer: Json, listener: str, rule_set: str) -> Json:
    others = [name for name in load_balancer["listeners"][listener].get("ruleSetNames") or [] if name != rule_set]
    without = {**load_balancer["listeners"][listener], "ruleSetNames": others}
    return {**load_balancer, "listeners": {**load_balancer["listeners"], listener: without}}


def _ways(load_balancer: Json, listener: str) -> Iterable[Journey]:
    return (journey(load_balancer, place) for place in places(load_balancer, listener))


def _original_paths(rule_set: Json) -> Iterable[str]:
    return (original_path(condition) for rule in redirect_rules(rule_set) for condition in path_conditions(rule))


def _names_address(way: Journey, rule_set: str, load_balancer: Json) -> bool:
    """Whether the page's rule set itself names the address, and not only a user who typed it."""
    return is_own_address(load_balancer, way.last.host) and any(
        plain_host(str((rule.get("redirectUri") or {}).get("host"))) == way.last.host
        for rule in redirect_rules(load_balancer["ruleSets"][rule_set])
    )


def _offered(load_balancer: Json, place: Place) -> str:
    there = sorted(name for name, item in load_balancer["listeners"].items() if item.get("port") == place.port)
    if not there:
        return f"none on port {place.port}"
    return f"listener {there[0]!r} of port {place.port} does not speak {place.protocol}"
