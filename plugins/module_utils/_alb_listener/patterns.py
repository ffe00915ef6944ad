# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The exact intersection of two conditions of a rule: path patterns with wildcards, or ranges of addresses.

An exempt request has to reach the same target as before. Its rule is the listener's rule, restricted by the exemption,
and a rule can have one condition on the path. So one path pattern has to match exactly what both patterns match.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

#: Represents all characters that neither pattern contains.
_ANY_OTHER = "\0"


def common_pattern(one: str, other: str) -> str | None:
    """The pattern that matches what both match; None if there is no such path.

    :raises RefusedError: neither pattern contains the other, so no single pattern is known to be exact.
    """
    if _is_within(one, other):
        return one
    if _is_within(other, one):
        return other
    if not _overlap(one, other):
        return None
    raise RefusedError(
        f"The path patterns {one!r} and {other!r} have some paths in common, and neither contains the other. So the "
        "rule for the exempt paths cannot be exact. Give the exempt paths in full, or as a part of the other pattern."
    )


def common_range(one: str, other: str) -> str | None:
    """The addresses that are in both ranges; None where there are none."""
    first, second = ipaddress.ip_network(one, strict=False), ipaddress.ip_network(other, strict=False)
    if first.version != second.version:
        return None
    smaller, larger = sorted((first, second), key=lambda network: network.prefixlen, reverse=True)
    within = int(smaller.network_address) & int(larger.netmask) == int(larger.network_address)
    return str(smaller) if within else None


def _started(pattern: str) -> frozenset[int]:
    return frozenset(_reached(pattern, 0))


def _reached(pattern: str, place: int) -> Iterator[int]:
    """A place in a pattern, and the places after stars that match nothing."""
    yield place
    while place < len(pattern) and pattern[place] == "*":
        place += 1
        yield place


def _after(pattern: str, places: frozenset[int], sign: str) -> frozenset[int]:
    """The possible places in a pattern after one more character."""
    found: set[int] = set()
    for place in places:
        wanted = pattern[place] if place < len(pattern) else ""
        if wanted == "*":
            found.update(_reached(pattern, place))
        elif wanted == "?" or (wanted == sign and sign != _ANY_OTHER):
            found.update(_reached(pattern, place + 1))
    return frozenset(found)


def _is_within(inner: str, outer: str) -> bool:
    """Whether the outer pattern matches everything that the inner pattern matches."""
    return not _meets(inner, outer, lambda in_one, in_other: in_one and not in_other)


def _overlap(one: str, other: str) -> bool:
    return _meets(one, other, lambda in_one, in_other: in_one and in_other)


def _meets(one: str, other: str, wanted: Callable[[bool, bool], bool]) -> bool:
    """Whether there is a text for which the two patterns have the wanted results."""
    signs = ({*one, *other} - {"*", "?"}) | {_ANY_OTHER}
    waiting = [(_started(one), _started(other))]
    known = set(waiting)
    while waiting:
        in_one, in_other = waiting.pop()
        if wanted(len(one) in in_one, len(other) in in_other):
            return True
        for sign in signs:
            after = _after(one, in_one, sign), _after(other, in_other, sign)
            if after[0] and after not in known:
                known.add(after)
                waiting.append(after)
    return False
