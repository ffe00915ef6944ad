# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Which listeners of a load balancer are meant, and whether they can show a maintenance page at all."""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Iterable, Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Selection

#: What the service reads out for a listener whose ciphers it chose itself, but does not take back on an update
#: (API reference, SSLConfiguration.cipherSuiteName).
UNWRITABLE_CIPHER_SUITE = "oci-customized-ssl-cipher-suite"

Json = Mapping[str, t.Any]


def chosen_listeners(load_balancer: Json, selection: Selection) -> tuple[str, ...]:
    """The names of the listeners that a selection means on this load balancer.

    :raises RefusedError: it means none, or names something that the load balancer does not have.
    """
    listeners = load_balancer["listeners"]
    if selection.backend_set is not None:
        _check_known("backend set", selection.backend_set, load_balancer["backendSets"])
        serving = [
            name for name in sorted(listeners) if listeners[name]["defaultBackendSetName"] == selection.backend_set
        ]
        if not serving:
            raise RefusedError(
                f"No listener has {selection.backend_set!r} as its default backend set, so there is nothing to switch. "
                f"{_served(listeners)}"
            )
        return tuple(serving)
    for name in selection.listeners:
        _check_known("listener", name, listeners)
    return selection.listeners or tuple(sorted(listeners))


def check_rule_set(load_balancer: Json, rule_set: str) -> None:
    """Refuse a rule set that the load balancer does not have.

    :raises RefusedError: naming those that it has.
    """
    _check_known("rule set", rule_set, load_balancer["ruleSets"])


def check_in_service(load_balancer: Json) -> None:
    """Refuse a load balancer that is being deleted: every change would conflict until all patience is used up.

    :raises RefusedError: with its state.
    """
    state = load_balancer.get("lifecycleState")
    if state in ("DELETING", "DELETED"):
        raise RefusedError(
            f"The load balancer is {state}, so nothing on it can be changed. If another one took its place, give the "
            "OCID of that one."
        )


def check_http(load_balancer: Json, names: Iterable[str]) -> None:
    """Refuse listeners that do not speak HTTP and so cannot redirect.

    :raises RefusedError: naming the listener, and those that could be switched instead.
    """
    listeners = load_balancer["listeners"]
    able = [name for name in sorted(listeners) if listeners[name]["protocol"] != "TCP"]
    for name in names:
        if listeners[name]["protocol"] == "TCP":
            raise RefusedError(
                f"Listener {name!r} has the protocol TCP. Rule sets work on HTTP listeners only, so it cannot show a "
                f"maintenance page. Listeners that can: {', '.join(able) or 'none'}. Name those in listeners."
            )


def check_writable(load_balancer: Json, names: Iterable[str]) -> None:
    """Refuse listeners that the service would not let us write back as they are.

    :raises RefusedError: with the way round it.
    """
    for name in names:
        ssl = load_balancer["listeners"][name].get("sslConfiguration") or {}
        if ssl.get("cipherSuiteName") == UNWRITABLE_CIPHER_SUITE:
            raise RefusedError(
                f"The cipher suite of listener {name!r} reads {UNWRITABLE_CIPHER_SUITE!r}. OCI gives that name out but "
                "does not accept it in an update, and every change of a listener sends its cipher suite along. Choose "
                "a predefined suite, or create one with the ciphers that the listener uses, set it on the listener "
                "once (console: Edit listener, SSL, Advanced), and run this again."
            )


def partly_serving(load_balancer: Json, backend_set: str, chosen: Collection[str]) -> tuple[str, ...]:
    """Listeners that send only a part of their requests to a backend set, by a routing policy or path route set.

    They are not switched with it, since the page would cover what they send elsewhere too.
    """
    return tuple(
        name
        for name, listener in sorted(load_balancer["listeners"].items())
        if name not in chosen and backend_set in _routed_to(load_balancer, listener)
    )


def _routed_to(load_balancer: Json, listener: Json) -> set[str]:
    policy = (load_balancer.get("routingPolicies") or {}).get(listener.get("routingPolicyName")) or {}
    routes = (load_balancer.get("pathRouteSets") or {}).get(listener.get("pathRouteSetName")) or {}
    by_policy = {
        action.get("backendSetName") for rule in policy.get("rules") or [] for action in rule.get("actions") or []
    }
    return by_policy | {route.get("backendSetName") for route in routes.get("pathRoutes") or []}


def unknown(kind: str, names: Iterable[str], known: Json) -> list[str]:
    """What is to be said of each name that the load balancer does not have: that, and those that it has."""
    there = f"It has: {', '.join(sorted(known))}." if known else f"It has no {kind}s at all."
    return [
        f"The load balancer has no {kind} {name!r}. {there} Names are case-sensitive."
        for name in names
        if name not in known
    ]


def _check_known(kind: str, name: str, known: Json) -> None:
    if name not in known:
        raise RefusedError(unknown(kind, [name], known)[0])


def _served(listeners: Json) -> str:
    if not listeners:
        return "The load balancer has no listeners."
    pairs = ", ".join(
        f"{name} serves {listener['defaultBackendSetName']}" for name, listener in sorted(listeners.items())
    )
    return f"Listeners: {pairs}."
