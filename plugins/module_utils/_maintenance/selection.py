# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Which listeners of a load balancer are selected, and whether they can show a maintenance page."""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance import redirects
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Selection
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.routing import is_tcp, routed_to

#: The service returns this name for a listener whose ciphers it chose itself, but refuses it in an update
#: (API reference, SSLConfiguration.cipherSuiteName).
UNWRITABLE_CIPHER_SUITE = "oci-customized-ssl-cipher-suite"

Json = Mapping[str, t.Any]


@dataclass(frozen=True)
class LeftOutListener:
    """A listener that serves the backend set and is not switched with it.

    :ivar reason: why it is not switched, as a sentence.
    :ivar leads_to: the listeners where its users get the page; empty if they do not get it.
    """

    listener: str
    reason: str
    leads_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fronts:
    """The listeners of a selection on a load balancer.

    :ivar names: the listeners to switch.
    :ivar left_out: the listeners of the backend set that are not switched; always empty for named listeners.
    """

    names: tuple[str, ...]
    left_out: tuple[LeftOutListener, ...] = ()


def fronts_to_enter(load_balancer: Json, selection: Selection, rule_set: str) -> Fronts:
    """The listeners that are to show the page.

    :raises RefusedError: they do not exist, or do not speak HTTP, or no listener of the backend set can show the page.
    """
    fronts = showing(load_balancer, selection, rule_set)
    if not fronts.names:
        _refuse_all(load_balancer, selection, fronts.left_out, rule_set)
    check_http(load_balancer, fronts.names)
    return fronts


def showing(load_balancer: Json, selection: Selection, rule_set: str) -> Fronts:
    """The listeners of a selection, divided into the ones to switch and the ones to leave out.

    Only a selection by backend set leaves listeners out. A named listener that cannot be switched is refused.

    :raises RefusedError: something that is named does not exist.
    """
    names = chosen_listeners(load_balancer, selection)
    if selection.backend_set is None:
        return Fronts(names)
    obstacles = _obstacles(load_balancer, names, rule_set)
    able = [name for name in names if name not in obstacles]
    own = [name for name in able if not redirects.sends_everything_on(load_balancer, name, rule_set)]
    leads = {
        name: where
        for name in names
        if not _has_page(load_balancer, name, rule_set) or name in obstacles
        if (where := redirects.leads_to(load_balancer, name, rule_set, own))
    }
    left_out = [
        LeftOutListener(name, _leads(leads[name]), leads[name])
        if name in leads
        else LeftOutListener(name, obstacles[name])
        for name in names
        if name in leads or name in obstacles
    ]
    return Fronts(tuple(name for name in able if name not in leads), tuple(left_out))


def _obstacles(load_balancer: Json, names: Iterable[str], rule_set: str) -> dict[str, str]:
    """Why listeners cannot show the page, as sentences. Circles depend on which other listeners get the page."""
    found: dict[str, str] = {}
    able: list[str] = []
    for name in names:
        found[name] = (
            _no_http(load_balancer["listeners"][name])
            or _unwritable(load_balancer, name, rule_set)
            or redirects.collision(name, rule_set, load_balancer)
            or _circle(load_balancer, [*able, name], rule_set)
        )
        able += [] if found[name] else [name]
    return {name: reason for name, reason in found.items() if reason}


def _no_http(listener: Json) -> str:
    return "It has the protocol TCP, so it can neither redirect nor answer HTTP requests." if is_tcp(listener) else ""


def _unwritable(load_balancer: Json, name: str, rule_set: str) -> str:
    listener = load_balancer["listeners"][name]
    if (listener.get("ruleSetNames") or [])[:1] == [rule_set] or not _has_unwritable_suite(listener):
        return ""
    return f"Its cipher suite reads {UNWRITABLE_CIPHER_SUITE!r}, which OCI does not accept in an update."


def _circle(load_balancer: Json, names: list[str], rule_set: str) -> str:
    attached = redirects.with_page(load_balancer, rule_set, names)
    return next(filter(None, (redirects.circle(name, rule_set, attached) for name in reversed(names))), "")


def _has_page(load_balancer: Json, name: str, rule_set: str) -> bool:
    return rule_set in (load_balancer["listeners"][name].get("ruleSetNames") or [])


def _leads(where: tuple[str, ...]) -> str:
    return f"It redirects all requests to {', '.join(where)}, where its users get the page."


def _refuse_all(
    load_balancer: Json, selection: Selection, left_out: tuple[LeftOutListener, ...], rule_set: str
) -> t.NoReturn:
    """:raises RefusedError: for a single listener, the same error as for a named listener."""
    if len(left_out) == 1:
        name = left_out[0].listener
        check_http(load_balancer, [name])
        check_writable(load_balancer, [name])
        redirects.check_no_collision(name, rule_set, load_balancer)
        redirects.check_no_circle(name, rule_set, redirects.with_page(load_balancer, rule_set, [name]))
    reasons = " ".join(f"{left.listener}: {left.reason}" for left in left_out)
    raise RefusedError(
        f"None of the listeners of backend set {selection.backend_set!r} can show the page, so nothing was changed. "
        f"{reasons} Change one of them so that it can, or name other listeners in listeners.",
        code="TG-WRONG-LISTENER",
    )


def chosen_listeners(load_balancer: Json, selection: Selection) -> tuple[str, ...]:
    """The names of the selected listeners on this load balancer, whether they can show a page or not.

    :raises RefusedError: there are none, or the selection names something that the load balancer does not have.
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
                f"{_served(listeners)}{_instead(load_balancer, selection.backend_set)}",
                code="TG-WRONG-LISTENER",
            )
        return tuple(serving)
    for name in selection.listeners:
        _check_known("listener", name, listeners)
    return selection.listeners or tuple(sorted(listeners))


def check_rule_set(load_balancer: Json, rule_set: str) -> None:
    """Refuse a rule set that the load balancer does not have.

    :raises RefusedError: with the names of its rule sets.
    """
    _check_known("rule set", rule_set, load_balancer["ruleSets"])


def check_in_service(load_balancer: Json) -> None:
    """Refuse a load balancer that is being deleted, because every change would conflict until the time runs out.

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

    :raises RefusedError: with the name of the listener, and the listeners that could be switched instead.
    """
    listeners = load_balancer["listeners"]
    able = [name for name in sorted(listeners) if not is_tcp(listeners[name])]
    for name in names:
        if is_tcp(listeners[name]):
            raise RefusedError(
                f"Listener {name!r} has the protocol TCP. It passes bytes on, and can neither redirect nor answer HTTP "
                "requests, so it cannot show a maintenance page. Listeners that can: "
                f"{', '.join(able) or 'none'}. Name those in listeners.",
                code="TG-WRONG-LISTENER",
            )


def check_writable(load_balancer: Json, names: Iterable[str]) -> None:
    """Refuse listeners that the service does not accept in an update as it returns them.

    :raises RefusedError: with the workaround.
    """
    for name in names:
        if _has_unwritable_suite(load_balancer["listeners"][name]):
            raise RefusedError(
                f"The cipher suite of listener {name!r} reads {UNWRITABLE_CIPHER_SUITE!r}. OCI gives that name out but "
                "does not accept it in an update, and every change of a listener sends its cipher suite along. Choose "
                "a predefined suite, or create one with the ciphers that the listener uses, set it on the listener "
                "once (console: Edit listener, SSL, Advanced), and run this again.",
                code="TG-WRONG-LISTENER",
            )


def _has_unwritable_suite(listener: Json) -> bool:
    return bool((listener.get("sslConfiguration") or {}).get("cipherSuiteName") == UNWRITABLE_CIPHER_SUITE)


def partly_serving(load_balancer: Json, backend_set: str, chosen: Collection[str]) -> tuple[str, ...]:
    """Listeners that send only some requests to a backend set, by a routing policy or path route set.

    They are not switched with it, because the page would cover their other requests too.
    """
    return tuple(
        name
        for name, listener in sorted(load_balancer["listeners"].items())
        if name not in chosen and backend_set in routed_to(load_balancer, listener)
    )


def _instead(load_balancer: Json, backend_set: str) -> str:
    """The listeners to name instead, where no listener serves a backend set by default."""
    partly = partly_serving(load_balancer, backend_set, ())
    if not partly:
        return ""
    reported = f" {', '.join(partly)} sends some requests to it (routing policy or path route set)."
    return f"{reported} Name it in listeners to show the page for all requests that it gets."


def unknown(kind: str, names: Iterable[str], known: Json) -> list[str]:
    """A message for each name that the load balancer does not have, with the existing names."""
    there = f"It has: {', '.join(sorted(known))}." if known else f"It has no {kind}s at all."
    return [
        f"The load balancer has no {kind} {name!r}. {there} Names are case-sensitive."
        for name in names
        if name not in known
    ]


def _check_known(kind: str, name: str, known: Json) -> None:
    problems = unknown(kind, [name], known)
    if problems:
        raise RefusedError(" ".join(problems), code="TG-NOT-FOUND")


def _served(listeners: Json) -> str:
    if not listeners:
        return "The load balancer has no listeners."
    pairs = ", ".join(
        f"{name} serves {listener['defaultBackendSetName']}" for name, listener in sorted(listeners.items())
    )
    return f"Listeners: {pairs}."
