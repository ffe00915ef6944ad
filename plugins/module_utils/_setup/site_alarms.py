# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The common decisions of the role aws_setup for all resources of a site: who owns them, and their alarms."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.tidegate.failover.plugins.module_utils._setup.ownership import TAG

Json = dict[str, t.Any]


@dataclass
class Part:
    """The plan for the objects of one kind.

    :ivar present: the objects to create or change, as the tasks take them.
    :ivar absent: the objects to remove.
    :ivar alarms: all alarms of these objects, whether they exist or not.
    :ivar stale: names and Regions of the alarms to remove.
    :ivar problems: why the whole plan is refused.
    :ivar notes: what was left unchanged, and why.
    """

    present: list[Json] = field(default_factory=list)
    absent: list[Json] = field(default_factory=list)
    alarms: list[Json] = field(default_factory=list)
    stale: list[Json] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def marker(service: str) -> str:
    """The text in the description of our alarms. The module that creates alarms cannot tag them."""
    return f"{TAG}: {service}"


def is_alarm_of(found: Json, service: str) -> bool:
    """Whether the role made an alarm for this service. Another service's name may begin with this service's name."""
    return str(found["description"]).rstrip().endswith(marker(service))


def is_ours(found: Json, service: str) -> bool:
    """Whether the role made an object for this service, or its tag marks it so."""
    return (found.get("tags") or {}).get(TAG) == service


def not_ours(what: str, service: str) -> str:
    """The error for an object that something else created."""
    return (
        f"{what} exists, and this role did not make it: its tag {TAG} is not '{service}'. Choose another name, or give "
        "it that tag to let the role manage it."
    )


def region_of(entry: Json, options: Json) -> str:
    """The Region of an entry: its own, or the common Region."""
    return str(entry.get("region") or options.get("region") or "")


def found_in(found: Json, region: str, kind: str, name: str, key: str = "name") -> Json | None:
    """The object of that name, or None."""
    place: Json = next((one for one in found["places"] if one["region"] == region), {})
    return next((one for one in place.get(kind, []) if one[key] == name), None)


def filled(given: Json | None, defaults: Json) -> Json:
    """A dict of options with its defaults. An option that is null counts as not given."""
    return {**defaults, **{name: value for name, value in (given or {}).items() if value is not None}}


def changes(have: Mapping[str, t.Any], want: Mapping[str, t.Any]) -> list[str]:
    """The differences, for people. Values that are None in ``want`` are not compared."""
    return [
        f"{name} from {have.get(name)} to {value}"
        for name, value in want.items()
        if value is not None and have.get(name) != value
    ]


def alarm(
    options: Json,
    region: str,
    name: str,
    about: str,
    metric: tuple[str, str],
    dimensions: dict[str, str],
    rule: Json,
    *,
    actions: Sequence[str] = (),
) -> Json:
    """An alarm in the form of the task.

    :param about: the meaning of the alarm when it fires.
    :param metric: its namespace and its name.
    :param rule: statistic, comparison, threshold, period, evaluation_periods and missing_data.
    :param actions: its actions besides the notifications.
    """
    topics = [topic for topic in options.get("notify") or [] if topic.split(":")[3:4] == [region]]
    return {
        "name": name,
        "region": region,
        "description": f"{about} {marker(options['service'])}",
        "namespace": metric[0],
        "metric": metric[1],
        "dimensions": dimensions,
        **rule,
        "alarm_actions": [*actions, *topics],
        "ok_actions": topics,
    }


def alarm_problems(options: Json, found: Json, alarms: Sequence[Json]) -> Iterator[str]:
    """Errors about alarms of these names that something else created."""
    for one in alarms:
        known = found_in(found, one["region"], "alarms", one["name"])
        if known and not is_alarm_of(known, options["service"]):
            yield (
                f"The alarm '{one['name']}' in {one['region']} exists, and this role did not make it: its description "
                f"does not end with '{marker(options['service'])}'. Delete it, or choose another aws_setup_service."
            )


def differing(found: Json, alarms: Sequence[Json]) -> list[Json]:
    """The alarms to write, each with the differences as ``why``."""
    wanted: list[Json] = []
    for one in alarms:
        known = found_in(found, one["region"], "alarms", one["name"])
        want = {name: value for name, value in one.items() if name != "region"}
        differs = changes(known, {**want, "threshold": float(one["threshold"])}) if known else ["it does not exist"]
        if differs:
            wanted.append({**one, "why": f"alarm {one['name']}: {', '.join(differs)}"})
    return wanted


def disabled(known: Json | None, name: str) -> list[str]:
    """A note about an alarm that notifies nobody. It may be disabled on purpose, so the role does not enable it."""
    if known is None or known.get("actions_enabled", True):
        return []
    command = f"aws cloudwatch enable-alarm-actions --alarm-names '{name}'"
    return [f"The actions of the alarm '{name}' are disabled, so it notifies nobody. To enable them: {command}"]


def existing(found: Json, alarms: Sequence[Json]) -> list[Json]:
    """The alarms that exist, by name and Region."""
    return [
        {"name": one["name"], "region": one["region"]}
        for one in alarms
        if found_in(found, one["region"], "alarms", one["name"])
    ]


def names_twice(entries: Sequence[tuple[str, str]], what: str) -> Iterator[str]:
    """Errors about entries of the same Region and name, which would undo each other."""
    for region, name in sorted({one for one in entries if list(entries).count(one) > 1}):
        yield f"{what} '{name}' of {region} is listed twice. List it once."
