# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Sample requests, at least one of each kind that the rules can distinguish.

Conditions on a text (exact, prefix, suffix) divide all texts into a few kinds. One text of each kind is enough to know
what happens to all texts. A redirect that keeps a part of the text (``/new{path}``) turns conditions on its output into
conditions on its input. These derived conditions count too.
"""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Iterable, Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.routing import (
    TOKEN,
    Place,
    attached_conditions,
    filled,
    is_tcp,
    listener_at,
    original_path,
    own_hosts,
    protocol_of,
    redirect_rules,
)

#: The middle of a sample: first words that people can read, then texts that conditions hardly contain.
_FILLINGS = ("any", "other", "something", *"0123456789", *"qxzjkvwy", "_", "~", "-", "any" * 100)

#: At most this many conditions are derived from others, far more than real rule sets need.
_MOST_CONDITIONS = 500

Json = Mapping[str, t.Any]


class Condition(t.NamedTuple):
    """A condition on a text."""

    operator: t.Literal["exact", "prefix", "suffix"]
    value: str


def places(load_balancer: Json, listener: str) -> list[Place]:
    """Sample requests for all kinds of requests that a listener gets."""
    settings = load_balancer["listeners"][listener]
    if is_tcp(settings):
        return []
    arriving = [Place(protocol_of(settings), host, settings["port"], "/") for host in _hosts(load_balancer)]
    reached = [place for place in arriving if listener_at(load_balancer, place) == listener]
    paths = _paths(load_balancer)
    return [Place(place.protocol, place.host, place.port, path) for place in reached for path in paths]


def samples(conditions: Iterable[Condition], kept: Collection[tuple[str, str]] = (), first: str = "") -> list[str]:
    """Texts of every kind that the conditions distinguish.

    :param kept: the texts that redirects put before and after a text that they keep.
    :param first: the beginning of every text.
    """
    known = _with_derived(list(dict.fromkeys(conditions)), kept)
    exact = [condition.value for condition in known if condition.operator == "exact"]
    begins = [condition.value for condition in known if condition.operator == "prefix"]
    ends = [condition.value for condition in known if condition.operator == "suffix"]
    # Paths of the conditions come first, because people who read the message know them.
    plain = [value if value.startswith(first) else f"{first}{value}" for value in (*begins, *ends)] if first else []
    between = [
        _between(begin, end, known)
        for begin in dict.fromkeys([first, *begins])
        for end in ("", *ends)
        if begin.startswith(first)
    ]
    return [text for text in dict.fromkeys([*plain, *exact, *between]) if text.startswith(first) and text]


def _hosts(load_balancer: Json) -> list[str]:
    conditions = [_host_condition(host) for host in sorted(own_hosts(load_balancer))]
    around = [
        Place(protocol_of(listener), "", listener["port"], "/") for listener in load_balancer["listeners"].values()
    ]
    return samples(conditions, _kept_around(load_balancer, "host", around))


def _host_condition(host: str) -> Condition:
    if host.startswith("*."):
        return Condition("suffix", host[1:])
    if host.endswith(".*"):
        return Condition("prefix", host[:-1])
    return Condition("exact", host)


def _paths(load_balancer: Json) -> list[str]:
    conditions = [
        _path_condition(condition)
        for listener in load_balancer["listeners"]
        for _rule_set, _rule, condition in attached_conditions(load_balancer, listener)
    ]
    around = [
        Place(protocol_of(listener), host, listener["port"], "")
        for listener in load_balancer["listeners"].values()
        for host in _hosts(load_balancer)
    ]
    return samples(conditions, _kept_around(load_balancer, "path", around), first="/")


def _path_condition(condition: Json) -> Condition:
    if condition.get("operator") == "EXACT_MATCH":
        return Condition("exact", original_path(condition))
    return Condition("suffix" if condition.get("operator") == "SUFFIX_MATCH" else "prefix", original_path(condition))


def _kept_around(load_balancer: Json, part: str, around: Sequence[Place]) -> set[tuple[str, str]]:
    """The texts that redirects put before and after the host or path of a request that they keep."""
    attached = {name for listener in load_balancer["listeners"].values() for name in listener.get("ruleSetNames") or []}
    templates = {
        str((rule.get("redirectUri") or {}).get(part) or "")
        for name in attached
        for rule in redirect_rules(load_balancer["ruleSets"].get(name, {}))
    }
    found = set()
    for template in templates:
        tokens = [match for match in TOKEN.finditer(template) if match[2] == part]
        if tokens:
            before, behind = template[: tokens[0].start()], template[tokens[-1].end() :]
            found |= {(filled(before, place), filled(behind, place)) for place in around}
    return found - {("", "")}


def _with_derived(conditions: list[Condition], kept: Collection[tuple[str, str]]) -> list[Condition]:
    known = dict.fromkeys(conditions)
    waiting = list(conditions)
    while waiting and len(known) < _MOST_CONDITIONS:
        condition = waiting.pop(0)
        for before, behind in sorted(kept):
            new = [derived for derived in _derived(condition, before, behind) if derived not in known]
            known.update(dict.fromkeys(new))
            waiting += new
    return list(known)


def _derived(condition: Condition, before: str, behind: str) -> list[Condition]:
    """The conditions on a text that are equivalent to a condition on ``before + text + behind``."""
    value = condition.value
    if condition.operator == "exact":
        fits = value.startswith(before) and value[len(before) :].endswith(behind)
        return [Condition("exact", value[len(before) : len(value) - len(behind)])] if fits else []
    if condition.operator == "prefix":
        rest = value.removeprefix(before)
        if rest == value and before:
            return []
        # A text that ends within the condition fulfils it only together with the text that is put after it.
        short = [rest[:size] for size in range(len(rest)) if behind.startswith(rest[size:])]
        return [Condition("prefix", rest), *(Condition("exact", text) for text in short)]
    rest = value.removesuffix(behind)
    if rest == value and behind:
        return []
    short = [rest[size:] for size in range(1, len(rest)) if before.endswith(rest[:size])]
    return [Condition("suffix", rest), *(Condition("exact", text) for text in short)]


def _between(begin: str, end: str, conditions: Sequence[Condition]) -> str:
    """A text with this begin and end that fulfils only conditions that its begin or end fulfils."""
    texts = (f"{begin}{filling}{end}" for filling in _FILLINGS)
    fitting = (text for text in texts if not any(_fulfils_by_chance(text, begin, end, one) for one in conditions))
    return next(fitting, f"{begin}{end}")


def _fulfils_by_chance(text: str, begin: str, end: str, condition: Condition) -> bool:
    operator, value = condition
    if operator == "exact":
        return text == value
    if operator == "prefix":
        return text.startswith(value) and not begin.startswith(value)
    return text.endswith(value) and not end.endswith(value)
