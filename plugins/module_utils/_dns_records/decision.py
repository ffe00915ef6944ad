# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The changes after which a name leads to one of its two sites. Pure functions on JSON."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._dns_records.sides import (
    FORMS,
    PREFIX_OF_CONSOLE,
    Json,
    Record,
    alias_names,
    check_routing,
    made_for,
    problems_of_side,
    reported,
    same,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

#: Each site, and the other site.
SITES: Mapping[str, str] = {"primary": "secondary", "secondary": "primary"}


@dataclass(frozen=True)
class Change:
    """Records to replace in one batch. Route 53 makes all changes or none, and only if the old records match."""

    old: tuple[Json, ...]
    new: tuple[Json, ...]

    @property
    def batch(self) -> list[Json]:
        """The batch in the form of ChangeResourceRecordSets."""
        deletions = [{"Action": "DELETE", "ResourceRecordSet": record} for record in self.old]
        return deletions + [{"Action": "CREATE", "ResourceRecordSet": record} for record in self.new]


def check_target(target: Mapping[str, t.Any]) -> None:
    """Check the description of both sides, whatever the present records.

    :raises RefusedError: a description is not valid.
    """
    for site in SITES:
        problem = problems_of_side(target[site])
        if problem:
            raise RefusedError(f"{site} cannot be used: {problem}.")
    one, other = ({name: target[site].get(name) for name in (*FORMS, "ttl")} for site in SITES)
    if bool(one["ttl"]) != bool(other["ttl"]) and one["values"] and other["values"]:
        raise RefusedError("ttl is given for one side only, so the other could not be restored. Give both, or none.")
    for site in SITES:
        if target[site].get("values") and not target[site].get("ttl") and target[SITES[site]].get("alias"):
            raise RefusedError(
                f"{site} has values without a ttl, and the other site is an alias, which has none to take over. So the "
                f"name could not be led back to the {site} site. Give the ttl of its record."
            )
    if one == other:
        raise RefusedError("primary and secondary are the same, so nothing would move. Give what each site answers.")


def decide(target: Mapping[str, t.Any], to: str, found: Sequence[Record]) -> Change | None:
    """The change; None if the name leads there already.

    :param to: ``primary`` or ``secondary``.
    :raises RefusedError: the name leads to neither of the two sites.
    """
    check_routing(found)
    wanted = made_for(target[to], found)
    if same(found, wanted):
        return None
    there = made_for(target[SITES[to]], found)
    if not same(found, there):
        raise RefusedError(
            f"It leads to neither of the two sites: there is {reported(found)}; expected {reported(there)}, or "
            f"{reported(wanted)} where it was moved already. {_remedy(found, (*there, *wanted))}"
        )
    kept = [record for record in found if any(same([record], [other]) for other in wanted)]
    return Change(
        tuple(dict(record) for record in found if record not in kept),
        tuple(record for record in wanted if not any(same([record], [other]) for other in kept)),
    )


def _remedy(found: Sequence[Record], expected: Sequence[Record]) -> str:
    """What to do about records that belong to neither site.

    Developer Guide, "Routing traffic to an ELB load balancer": the console writes the prefix, and the API does not.
    Without the prefix there is no IPv6 answer, so it is another alias.
    """
    names = {f"{PREFIX_OF_CONSOLE}{name}" for name in alias_names(expected)}
    if names & alias_names(found):
        return (
            f"The console of Route 53 puts {PREFIX_OF_CONSOLE} before the name of a load balancer. Write dns_name as "
            "the record has it, for both sites."
        )
    return "Somebody has changed it; find out who, and correct the record or the target."


def after(change: Change, found: Sequence[Record]) -> list[Json]:
    """The records after a change."""
    return [dict(record) for record in found if dict(record) not in change.old] + list(change.new)
