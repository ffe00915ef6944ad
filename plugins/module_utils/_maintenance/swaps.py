# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The page in place: a listener's default backend set is swapped for the page's, and the original is recorded.

Requests that match no rule of a listener's routing policy or path route set go to its default backend set (API
reference, Listener). So all requests get the page only if the listener has neither, and one update removes both
together with the default backend set. Before that, the three original values are recorded among the holds, which
the module ``holds`` keeps in tags: as a hold whose owner begins with ``=``, which no real owner may.

Decisions use the :func:`view` of a load balancer: in it, swapped listeners have their original values, and the page is
up on them under its own name (:func:`page_name`). This name begins with ``<``, so no rule set can have it.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import (
    Hold,
    UnreadableHoldsError,
    read_holds,
)

Json = Mapping[str, t.Any]

#: The fields that decide which backend set of a listener gets a request.
FIELDS = ("defaultBackendSetName", "routingPolicyName", "pathRouteSetName")
#: The keys where :func:`view` keeps the fields it has replaced, and the pages that are up.
_REPLACED, _PAGES = "tidegateReplaced", "tidegatePages"
#: What a rule for testers has to check, and negations, which would let everybody else through.
_ASKS = re.compile(r"http\.request\.(headers|cookies)\b")
_NEGATION, _QUOTED = re.compile(r"\bnot\b|\bneq\b|!="), re.compile(r"'[^']*'")
_RECORD, _PAGE, _SEPARATOR = "=", "<", "<"


class Routes(t.NamedTuple):
    """Where a listener sends requests; an empty text for none."""

    default: str
    policy: str = ""
    paths: str = ""


@dataclass(frozen=True)
class Swap:
    """A page that is, or is to be, in place on a listener.

    :ivar page: the backend set that serves the page.
    :ivar testers: the routing policy that leads testers to the application meanwhile; empty for none.
    :ivar original: where the listener sent requests before.
    """

    listener: str
    page: str
    testers: str
    original: Routes

    @property
    def shown(self) -> Routes:
        """Where the listener sends requests while the page is up."""
        return Routes(self.page, self.testers)


def page_name(backend_set: str) -> str:
    """The name of a page in place among the holds."""
    return f"{_PAGE}{backend_set}"


def page_of(name: str) -> str:
    """The backend set of a page in place; empty for the name of a rule set."""
    return name.removeprefix(_PAGE) if name.startswith(_PAGE) else ""


def is_record(hold: Hold) -> bool:
    """Whether this is not a hold, but the record of what a listener had."""
    return hold.owner.startswith(_RECORD)


def record_of(swap: Swap, since: str) -> Hold:
    """The record of what a listener had, in the form of a hold."""
    fields = _SEPARATOR.join([*swap.original, swap.testers]).rstrip(_SEPARATOR)
    return Hold(swap.listener, page_name(swap.page), f"{_RECORD}{fields}", since)


def swap_from(record: Hold) -> Swap:
    """The swap that a record describes."""
    default, policy, paths, testers = [*record.owner.removeprefix(_RECORD).split(_SEPARATOR), "", "", ""][:4]
    return Swap(record.listener, page_of(record.rule_set), testers, Routes(default, policy, paths))


def records_of(load_balancer: Json) -> tuple[Hold, ...]:
    """All records of what listeners had.

    :raises UnreadableHoldsError: somebody has edited their tags.
    """
    holds = read_holds(load_balancer.get("freeformTags") or {}, load_balancer["listeners"])
    return tuple(hold for hold in holds if is_record(hold))


def view(load_balancer: Json) -> dict[str, t.Any]:
    """A load balancer whose swapped listeners have their original values; :func:`original` undoes this."""
    try:
        swaps = [swap_from(record) for record in records_of(load_balancer)]
    except UnreadableHoldsError:
        # The decisions refuse that.
        swaps = []
    listeners, pages, replaced = dict(load_balancer["listeners"]), {}, {}
    for swap in swaps:
        listener = listeners.get(swap.listener)
        if listener is None or not _is_partly_up(listener, swap):
            continue
        replaced[swap.listener] = {name: listener[name] for name in FIELDS if name in listener}
        pages[swap.listener] = {"page": page_name(swap.page), "whole": routes_of(listener) == swap.shown}
        listeners[swap.listener] = _with_routes(listener, _given_back(listener, swap))
    if not pages:
        return dict(load_balancer)
    return {**load_balancer, "listeners": listeners, _PAGES: pages, _REPLACED: replaced}


def original(load_balancer: Json) -> dict[str, t.Any]:
    """The load balancer as the service has it, from one that :func:`view` has made."""
    replaced: Json = load_balancer.get(_REPLACED) or {}
    names = [*load_balancer["listeners"]]
    document = {key: value for key, value in load_balancer.items() if key not in (_PAGES, _REPLACED)}
    return document | {"listeners": {name: _as_it_is(load_balancer, name, replaced) for name in names}}


def _as_it_is(load_balancer: Json, name: str, replaced: Json) -> Json:
    listener: Json = load_balancer["listeners"][name]
    if name not in replaced:
        return listener
    kept = {key: value for key, value in listener.items() if key not in FIELDS or key in replaced[name]}
    return {**kept, **replaced[name]}


def real_listener(load_balancer: Json, name: str) -> Json:
    """A listener as the service has it."""
    return _as_it_is(load_balancer, name, load_balancer.get(_REPLACED) or {})


def is_up(load_balancer: Json, name: str, page: str) -> bool:
    """Whether a page in place is up on a listener, or a part of it is left there."""
    return bool((load_balancer.get(_PAGES) or {}).get(name, {}).get("page") == page)


def is_whole(load_balancer: Json, name: str, page: str) -> bool:
    """Whether all requests that a listener does not redirect get the page, except those of testers."""
    return is_up(load_balancer, name, page) and bool(load_balancer[_PAGES][name]["whole"])


def passed_by(load_balancer: Json, name: str) -> list[str]:
    """The fields that lead requests past the page in place, because somebody has set them again since.

    An ingress controller does this: at each reconciliation it restores a missing routing policy of its listeners.
    """
    page = (load_balancer.get(_PAGES) or {}).get(name, {}).get("page")
    swap = recorded(load_balancer, name, page) if page else None
    if swap is None:
        return []
    kinds = ("backend set", "routing policy", "path route set")
    parts = zip(kinds, routes_of(real_listener(load_balancer, name)), swap.shown, strict=True)
    return [f"{kind} {has!r}" for kind, has, shown in parts if has and has != shown]


def routes_of(listener: Json) -> Routes:
    """Where a listener sends requests."""
    return Routes(*(str(listener.get(name) or "") for name in FIELDS))


def wanted(load_balancer: Json, name: str, page: str, testers: str) -> Swap:
    """The requested page in place on a listener."""
    return Swap(name, page_of(page), testers, routes_of(load_balancer["listeners"][name]))


def recorded(load_balancer: Json, name: str, page: str) -> Swap | None:
    """The recorded swap for a page on a listener; None if there is none."""
    return next(
        (swap_from(hold) for hold in records_of(load_balancer) if (hold.listener, hold.rule_set) == (name, page)), None
    )


def listener_body(load_balancer: Json, name: str, page: str, *, attach: bool) -> dict[str, t.Any]:
    """The body of the UpdateListener that puts a page in place, or gives back what the listener had.

    Only fields that this collection has set are given back. Fields that somebody has changed meanwhile stay.
    """
    listener = {key: value for key, value in real_listener(load_balancer, name).items() if key != "name"}
    swap = recorded(load_balancer, name, page)
    if swap is None:
        raise RefusedError(_nothing_recorded(name, page_of(page)))
    return _with_routes(listener, swap.shown if attach else _given_back(listener, swap))


def _with_routes(listener: Json, routes: Routes) -> dict[str, t.Any]:
    """The listener with these routes. A field without a value stays as the service shows it: null, or left out."""
    changed = {name: value for name, value in zip(FIELDS, routes, strict=True) if value}
    shown = {name: None for name in FIELDS if name in listener and name not in changed}
    return {**listener, **shown, **changed}


def _given_back(listener: Json, swap: Swap) -> Routes:
    now = routes_of(listener)
    parts = zip(now, swap.shown, swap.original, strict=True)
    return Routes(*(had if has == shown else has for has, shown, had in parts))


def _is_partly_up(listener: Json, swap: Swap) -> bool:
    return _given_back(listener, swap) != routes_of(listener)


def check_page(load_balancer: Json, page: str, testers: str, names: Iterable[str]) -> None:
    """Refuse a page that could not be put in place on these listeners, or could not be removed again.

    :raises RefusedError: with the reason.
    """
    backend_set = page_of(page)
    if testers:
        _check_testers(load_balancer, testers, backend_set)
    records = records_of(load_balancer)
    for name in names:
        other = next((hold for hold in records if hold.listener == name and hold.rule_set != page), None)
        if other:
            raise RefusedError(
                f"Listener {name!r} shows, or is to show, the page of backend set {page_of(other.rule_set)!r}. "
                "One listener can have one page in place. End that maintenance first, or give that backend set.",
                code="TG-PAGE-TAKEN",
            )
        if not is_up(load_balancer, name, page) and routes_of(load_balancer["listeners"][name]).default == backend_set:
            raise RefusedError(
                f"Backend set {backend_set!r} is the default backend set of listener {name!r} already, and nothing is "
                "recorded that it replaced. So it serves its own users there, or somebody has swapped it by hand. "
                "Give the backend set of the page in maintenance_backend_set, and that of the application to the "
                "listener.",
                code="TG-PAGE-TAKEN",
            )


def check_exists(load_balancer: Json, page: str) -> None:
    """:raises RefusedError: the load balancer has no such backend set."""
    name, known = page_of(page), load_balancer["backendSets"]
    if name not in known:
        raise RefusedError(
            f"The load balancer has no backend set {name!r} that could serve the page. It has: "
            f"{', '.join(sorted(known)) or 'none'}. Names are case-sensitive.",
            code="TG-NOT-FOUND",
        )


def _check_testers(load_balancer: Json, name: str, page: str) -> None:
    """:raises RefusedError: the policy does not exist, leads to the page, or lets more than testers through."""
    policies = load_balancer.get("routingPolicies") or {}
    if name not in policies:
        raise RefusedError(
            f"The load balancer has no routing policy {name!r}. It has: {', '.join(sorted(policies)) or 'none'}. Make "
            "one whose rules lead testers to the application, by a header or a cookie.",
            code="TG-NOT-FOUND",
        )
    for rule in policies[name].get("rules") or []:
        condition = str(rule.get("condition") or "")
        if _NEGATION.search(_QUOTED.sub("''", condition)) or not _ASKS.search(condition):
            raise RefusedError(
                f"The rule {rule.get('name')!r} of routing policy {name!r} asks for no header and no cookie, or for "
                "what a request does not have, so it would lead users past the page. A routing policy cannot recognize "
                "testers by their address. Give each rule a condition on a header or a cookie that only testers have."
            )
        if page in [action.get("backendSetName") for action in rule.get("actions") or []]:
            raise RefusedError(
                f"The rule {rule.get('name')!r} of routing policy {name!r} leads testers to {page!r}, which serves the "
                "page. Let it lead to the backend set of the application."
            )


def not_restorable(load_balancer: Json, name: str, page: str) -> str:
    """Why a listener cannot get its original values back; empty if it can."""
    swap = recorded(load_balancer, name, page)
    if swap is None:
        return _nothing_recorded(name, page_of(page))
    kinds = ("backendSets", "routingPolicies", "pathRouteSets")
    had = routes_of(load_balancer["listeners"][name])
    gone = [
        f"{field} was {value!r}"
        for field, kind, value in zip(FIELDS, kinds, had, strict=True)
        if value and value not in (load_balancer.get(kind) or {})
    ]
    if not gone:
        return ""
    return (
        f"Listener {name!r} cannot get back what it had, since that is not there any more: {', '.join(gone)}. Make it "
        "again, or set the listener by hand and run this again."
    )


def _nothing_recorded(name: str, page: str) -> str:
    return (
        f"What listener {name!r} served before the page of backend set {page!r} is not recorded. Set its default "
        "backend set by hand, then run this again."
    )
