# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""A request for maintenance on listeners of one load balancer, and the checks that do not read it."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from datetime import UTC, datetime

from ansible_collections.tidegate.failover.plugins.module_utils._errors import OptionError, RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance import swaps

#: The longest owner and reason, in characters. Both are kept in tags of the load balancer, where room is short.
OWNER_LENGTH = 64
REASON_LENGTH = 100

_ONE_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]*")


@dataclass(frozen=True)
class Selection:
    """Some listeners of one load balancer.

    :ivar listeners: their names; empty where ``backend_set`` chooses them.
    :ivar backend_set: select every listener that serves this backend set.
    :ivar rule_set: the redirect rule set that shows the maintenance page, or the name of a page in place. The info
        module does not need it.
    :ivar testers: the routing policy that leads testers past a page in place.
    """

    load_balancer_id: str
    listeners: tuple[str, ...] = ()
    backend_set: str | None = None
    rule_set: str | None = None
    testers: str = ""


@dataclass(frozen=True)
class Request:
    """Maintenance entered (``enabled``) or exited on a selection, by an owner.

    :ivar since: the time of a new hold, as ``YYYY-MM-DDTHH:MM:SSZ``.
    :ivar only_if_backends: ``down`` or ``serving``, if the request only counts while the backends are in this state.
    :ivar event_time: the time of the event that caused the request, in the form of ``since``.
    """

    selection: Selection
    rule_set: str
    enabled: bool
    owner: str
    reason: str
    since: str
    force: bool = False
    only_if_backends: str | None = None
    event_time: str | None = None

    @property
    def in_place(self) -> str:
        """The backend set that serves the page, if it is swapped in; empty where a rule set redirects."""
        return swaps.page_of(self.rule_set)


def check_load_balancer_id(load_balancer_id: str) -> None:
    """Refuse a text that is no OCID of a load balancer.

    :raises RefusedError: with the reason. A network load balancer has no rule sets, so it cannot redirect.
    """
    kind = load_balancer_id.lower()
    if kind.startswith("ocid1.networkloadbalancer."):
        raise RefusedError(
            f"{load_balancer_id} is a network load balancer. Those forward packets and have no rule sets, so no "
            "maintenance page can be put in front of them. Give the OCID of a load balancer (ocid1.loadbalancer...).",
            code="TG-WRONG-OBJECT",
        )
    if not kind.startswith("ocid1.loadbalancer."):
        raise RefusedError(
            f"load_balancer_id is {load_balancer_id!r}, which is not the OCID of a load balancer. "
            "Expected something that begins with 'ocid1.loadbalancer.'.",
            code="TG-WRONG-OBJECT",
        )


def check_name(option: str, name: str) -> None:
    """Refuse a name that cannot be part of the path of a request.

    The SDK puts names into the path without escaping the slash, so a name with one would address something else.

    :raises OptionError: the name is empty or holds a slash.
    """
    if not name.strip() or "/" in name:
        raise OptionError(f"{option} is {name!r}. A name must not be empty and must not hold a '/'.")


def check_text(option: str, text: str, longest: int) -> None:
    """Refuse a text that does not fit into its tag.

    :raises OptionError: it is too long, or holds control characters.
    """
    if len(text) > longest:
        raise OptionError(f"{option} is {len(text)} characters long; at most {longest} fit into the record of a hold.")
    if not _ONE_LINE.fullmatch(text):
        raise OptionError(f"{option} holds control characters such as line breaks. Give it as one line of text.")


def selection_from(given: t.Mapping[str, t.Any]) -> Selection:
    """The selection that the options ``load_balancer_id``, ``listeners``, ``backend_set`` and ``rule_set`` describe.

    :raises OptionError: an option is not valid, whatever the load balancer.
    """
    check_load_balancer_id(given["load_balancer_id"])
    listeners = given.get("listeners")
    if listeners is not None and not listeners:
        raise OptionError(
            "listeners is empty. Name at least one listener, or give backend_set to take all that serve it."
        )
    for name in listeners or ():
        check_name("listeners", name)
    for option in ("backend_set", "rule_set", "maintenance_backend_set", "tester_routing_policy"):
        if given.get(option) is not None:
            check_name(option, given[option])
    _check_strategy(given)
    page = given.get("maintenance_backend_set")
    return Selection(
        load_balancer_id=given["load_balancer_id"],
        listeners=tuple(dict.fromkeys(listeners or ())),
        backend_set=given.get("backend_set"),
        rule_set=given.get("rule_set") if page is None else swaps.page_name(page),
        testers=given.get("tester_routing_policy") or "",
    )


def _check_strategy(given: t.Mapping[str, t.Any]) -> None:
    """:raises OptionError: options that belong to different strategies are mixed."""
    in_place = given.get("strategy") == "backend_set"
    own, others = ("maintenance_backend_set", "tester_routing_policy"), ("rule_set",)
    strange = [name for name in (others if in_place else own) if given.get(name) is not None]
    if strange:
        strategy = "backend_set" if in_place else "redirect"
        raise OptionError(
            f"{' and '.join(strange)} {'goes' if len(strange) == 1 else 'go'} with the other strategy, and strategy is "
            f"{strategy}. Remove {'it' if len(strange) == 1 else 'them'}, or change the strategy."
        )
    if in_place and given.get("maintenance_backend_set") is None:
        raise OptionError(
            "maintenance_backend_set is not given. With strategy: backend_set, name the backend set that serves the "
            "page."
        )
    if in_place and given["maintenance_backend_set"] == given.get("backend_set"):
        raise OptionError(
            f"maintenance_backend_set and backend_set are both {given['backend_set']!r}. The first serves the page, "
            "the second the application."
        )


def check_page_given(selection: Selection) -> None:
    """:raises OptionError: neither a rule set nor a backend set for the page is given."""
    if selection.rule_set is None:
        raise OptionError(
            "rule_set is not given. Name the rule set that redirects to the page, or give strategy: backend_set and "
            "maintenance_backend_set."
        )


def event_time_from(text: str, now: datetime) -> str:
    """The time of an event, in the form that holds use.

    :param now: an event from the future, from a wrong clock, counts as of now, so that no hold outlasts its end.
    :raises OptionError: the text is no time, or has no zone.
    """
    try:
        moment = datetime.fromisoformat(text)
        in_zone = moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        in_zone = None
    if in_zone is None:
        raise OptionError(f"event_time is {text!r}. Give a time with a zone, such as '2026-11-21T03:04:05Z'.")
    return in_utc(min(in_zone, now))


def in_utc(moment: datetime) -> str:
    """A time in the form that holds use."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_owner(owner: str) -> None:
    """Refuse an owner that could later be confused with another one.

    :raises OptionError: it is empty, too long, begins or ends with white space, or has invisible characters.
    """
    if not owner or owner != owner.strip() or owner.startswith("="):
        raise OptionError(
            f"owner is {owner!r}. Give a name without white space around it and without '=' in front, such as "
            "'operator:alice'."
        )
    check_text("owner", owner, OWNER_LENGTH)
    if not owner.isprintable():
        raise OptionError(f"owner is {owner!a}, which holds characters that nobody can see. Type it again.")
