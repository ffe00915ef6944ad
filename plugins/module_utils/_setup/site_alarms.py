# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What the role aws_setup decides alike for everything that a site consists of: whose it is, and its alarms."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.tidegate.failover.plugins.module_utils._setup.ownership import TAG

Json = dict[str, t.Any]


@dataclass
class Part:
    """What has to be done about the objects of one kind.

    :ivar present: what is created or changed, as the tasks take it.
    :ivar absent: what is removed.
    :ivar alarms: all alarms of these objects, whether they exist or not.
    :ivar stale: names and Regions of alarms that are removed.
    :ivar problems: why nothing may be done at all.
    :ivar notes: what was left as it is, and why.
    """

    present: list[Json] = field(default_factory=list)
    absent: list[Json] = field(default_factory=list)
    alarms: list[Json] = field(default_factory=list)
    stale: list[Json] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def marker(service: str) -> str:
    """What the description of an alarm of ours has in it; the module that makes alarms cannot tag them."""
    return f"{TAG}: {service}"


def is_alarm_of(found: Json, service: str) -> bool:
    """Whether the role made an alarm for this service. The name of another service may begin with that of this one."""
    return str(found["description"]).rstrip().endswith(marker(service))


def is_ours(found: Json, service: str) -> bool:
    """Whether the role made an object for this service, or its tag marks it so."""
    return (found.get("tags") or {}).get(TAG) == service


def not_ours(what: str, service: str) -> str:
    """The refusal of an object that something else made."""
    return (
        f"{what} exists, and this role did not make it: its tag {TAG} is not '{service}'. Choose another name, or give "
        "it that tag to let the role manage it."
    )


def region_of(entry: Json, options: Json) -> str:
    """The Region of an entry: its own, or that of all."""
    return str(entry.get("region") or options.get("region") or "")


def found_in(found: Json, region: str, kind: str, name: str, key: str = "name") -> Json | None:
    """The object of that name, or None."""
    place: Json = next((one for one in found["places"] if one["region"] == region), {})
    return next((one for one in place.get(kind, []) if one[key] == name), None)


def filled(given: Json | None, defaults: Json) -> Json:
    """A dict of options with its defaults; an option that is null has not been given."""
    return {**defaults, **{name: value for name, value in (given or {}).items() if value is not None}}


def changes(have: Mapping[str, t.Any], want: Mapping[str, t.Any]) -> list[str]:
    """What differs, for people. What is wanted to be None is not compared."""
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
    """An alarm as the task takes it.

    :param about: what it means when it fires.
    :param metric: its namespace and its name.
    :param rule: statistic, comparison, threshold, period, evaluation_periods and missing_data.
    :param actions: what it starts besides the notifications.
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
    """Alarms of these names that something else made."""
    for one in alarms:
        known = found_in(found, one["region"], "alarms", one["name"])
        if known and not is_alarm_of(known, options["service"]):
            yield (
                f"The alarm '{one['name']}' in {one['region']} exists, and this role did not make it: its description "
                f"does not end with '{marker(options['service'])}'. Delete it, or choose another aws_setup_service."
            )


def differing(found: Json, alarms: Sequence[Json]) -> list[Json]:
    """Those alarms that have to be written, each with what differs as ``why``."""
    wanted: list[Json] = []
    for one in alarms:
        known = found_in(found, one["region"], "alarms", one["name"])
        want = {name: value for name, value in one.items() if name != "region"}
        differs = changes(known, {**want, "threshold": float(one["threshold"])}) if known else ["it does not exist"]
        if differs:
            wanted.append({**one, "why": f"alarm {one['name']}: {', '.join(differs)}"})
    return wanted


def disabled(known: Json | None, name: str) -> list[str]:
    """What to know of an alarm that is there and notifies nobody. It may be disabled on purpose, so it stays so."""
    if known is None or known.get("actions_enabled", True):
        return []
    command = f"aws cloudwatch enable-alarm-actions --alarm-names '{name}'"
    return [f"The actions of the alarm '{name}' are disabled, so it notifies nobody. To enable them: {command}"]


def existing(found: Json, alarms: Sequence[Json]) -> list[Json]:
    """Those alarms that are there, by name and Region."""
    return [
        {"name": one["name"], "region": one["region"]}
        for one in alarms
        if found_in(found, one["region"], "alarms", one["name"])
    ]


def names_twice(entries: Sequence[tuple[str, str]], what: str) -> Iterator[str]:
    """Two entries of the same Region and name would undo each other."""
    for region, name in sorted({one for one in entries if list(entries).count(one) > 1}):
        yield f"{what} '{name}' of {region} is listed twice. List it once."
