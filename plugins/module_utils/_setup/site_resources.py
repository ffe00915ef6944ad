# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Plans all resources of the sites beside DNS for the role aws_setup."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._setup import capacity, databases, target_groups
from ansible_collections.tidegate.failover.plugins.module_utils._setup.ownership import TAG
from ansible_collections.tidegate.failover.plugins.module_utils._setup.site_alarms import (
    Part,
    differing,
    disabled,
    found_in,
    region_of,
)

Json = dict[str, t.Any]


def places(options: Json) -> list[Json]:
    """The resources to read, by Region, in the form of ``aws_setup_info``."""
    named: dict[str, dict[str, set[str]]] = {}
    for region, kind, name in _names(options):
        if name:
            named.setdefault(region, {}).setdefault(kind, set()).add(name)
    return [
        {"region": region, **{kind: sorted(names) for kind, names in kinds.items()}}
        for region, kinds in sorted(named.items())
        # An entry without a Region is refused later, by name.
        if region
    ]


def _names(options: Json) -> Iterator[tuple[str, str, str]]:
    for entry in options.get("target_groups") or []:
        region = region_of(entry, options)
        yield region, "target_groups", entry["name"]
        yield region, "load_balancers", entry.get("load_balancer") or ""
        yield from ((region, "alarms", name) for name in target_groups.names_of_alarms(entry, options))
    for entry in options.get("databases") or []:
        region = region_of(entry, options)
        yield region, "databases", entry["identifier"]
        for replica in entry.get("replicas") or []:
            yield replica.get("region") or region, "databases", replica["identifier"]
        yield from ((where, "alarms", name) for where, name in databases.alarm_names(entry, options))
    for entry in options.get("capacity") or []:
        region = region_of(entry, options)
        yield region, "groups", entry["group"]
        yield from ((region, "target_groups", name) for name in entry.get("target_groups") or [])
        yield from ((region, "alarms", name) for name in capacity.alarm_names(entry, options))


def plan_resources(options: Json, found: Json) -> Json:
    """The plan for all resources.

    :param options: the options of the service; see ``plugins/filter/aws_setup_resources_plan.yml``.
    :param found: ``caller``, and ``places`` as ``aws_setup_info`` returns them.
    :raises RefusedError: the plan would change a resource of somebody else, or one that serves.
    """
    nowhere = list(_without_region(options))
    if nowhere:
        raise RefusedError("Nothing was changed. " + " ".join(nowhere))
    parts = {
        "target_groups": target_groups.plan_target_groups(options, found),
        "databases": databases.plan_databases(options, found),
        "capacity": capacity.plan_capacity(options, found),
    }
    problems = dict.fromkeys(problem for part in parts.values() for problem in part.problems)
    if problems:
        raise RefusedError("Nothing was changed. " + " ".join(problems))
    alarms = [one for part in parts.values() for one in part.alarms]
    notes = [note for part in parts.values() for note in part.notes]
    for one in alarms:
        notes += disabled(found_in(found, one["region"], "alarms", one["name"]), one["name"])
    return {
        **{name: {"present": part.present, "absent": part.absent} for name, part in parts.items()},
        "alarms": differing(found, alarms),
        "alarm_names": [str(one["name"]) for one in alarms],
        "stale": [one for part in parts.values() for one in part.stale],
        "why": [one["why"] for part in parts.values() for one in part.present] + [*_removals(parts)],
        "tags": {TAG: options["service"]},
        "notes": [*dict.fromkeys(notes)],
    }


def _without_region(options: Json) -> Iterator[str]:
    """Errors about entries without a Region, in both states. Otherwise the role would skip them silently."""
    kinds = {
        "target_groups": ("target group", "name"),
        "databases": ("database", "identifier"),
        "capacity": ("Auto Scaling group", "group"),
    }
    for kind, (what, key) in kinds.items():
        for entry in options.get(kind) or []:
            if not region_of(entry, options):
                yield f"The {what} '{entry[key]}' has no Region. Give it one, or set aws_setup_region for all."


def _removals(parts: dict[str, Part]) -> Iterator[str]:
    names = {"target_groups": ("target group", "name"), "databases": ("replica", "identifier")}
    for kind, part in parts.items():
        what, key = names.get(kind, ("Auto Scaling group", "group"))
        yield from (f"{what} {one[key]}: it is deleted" for one in part.absent)
