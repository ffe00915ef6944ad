# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What an alarm leads to, by what the user's map of alarms says of it and what its message says. Pure functions.

An alarm is what the event filter ``alarm`` makes of a message. It does not hold the true ARN, in which people may write
anything, but its digest; so the keys of the map are compared by theirs.
"""

from __future__ import annotations

import hashlib
import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = dict[str, t.Any]

#: What an entry of the map may say, for all playbooks together, since they may share one map.
_FIELDS = frozenset(
    {
        "backend_set",
        "health_check_id",
        "listeners",
        "load_balancer_id",
        "override",
        "records",
        "rule_set",
        "secondary_url",
        "service",
        "targets",
    }
)
_IN_PLACE = ("maintenance_backend_set", "strategy", "tester_routing_policy")
_TARGET_FIELDS = frozenset({"backend_set", "listeners", "load_balancer_id", "region", "rule_set", *_IN_PLACE})


def alarm_entry(alarms: Mapping[str, t.Any], alarm: Mapping[str, t.Any]) -> Json:
    """What the map says of an alarm; empty if it does not name it.

    :raises RefusedError: the entry cannot be understood, or there are several.
    """
    found = [(key, entry) for key, entry in alarms.items() if _is_of(str(key), alarm)]
    if not found:
        return {}
    if len(found) > 1:
        raise RefusedError(f"alarms has this alarm {len(found)} times: {', '.join(key for key, _entry in found)}.")
    key, entry = found[0]
    if not isinstance(entry, Mapping):
        raise RefusedError(f"alarms has {entry!r} under {key}. Expected a dictionary, such as {{service: checkout}}.")
    _check_fields(f"alarms has under {key}", entry, _FIELDS)
    return dict(entry)


def alarm_targets(
    alarms: Mapping[str, t.Any],
    alarm: Mapping[str, t.Any],
    rule_set: str = "",
    listeners: str | Sequence[str] = (),
) -> list[Json]:
    """The listeners that an alarm is about, as ``lb_maintenance_mode`` takes them in ``targets``. The map wins.

    :param rule_set: for alarms of which neither the map nor the message says one.
    :param listeners: for alarms of which the map names neither listeners nor a backend set.
    :raises RefusedError: something is missing, or the map does not allow what the message is about.
    """
    entry = alarm_entry(alarms, alarm)
    where = f"the extra var alarms, under {alarm.get('id')}"
    default_rule_set = entry.get("rule_set") or alarm.get("rule_set") or rule_set
    if "targets" in entry:
        named = _targets_of(entry["targets"], default_rule_set, where)
        return [target for target in named if _concerns(target, alarm)] or _refuse_others(alarm, where)
    target = {
        "load_balancer_id": entry.get("load_balancer_id") or alarm.get("load_balancer_id"),
        **_listeners_of(entry, alarm, listeners),
        "rule_set": default_rule_set,
    }
    missing = [name for name in ("load_balancer_id", "rule_set") if not target[name]]
    missing += [] if target.get("listeners") or target.get("backend_set") else ["backend_set or listeners"]
    if missing:
        raise RefusedError(
            f"The alarm {alarm.get('name')} does not say its {', '.join(missing)}{_because(alarm)}. Give it in {where}."
            " A rule_set may also be given for all alarms, in the extra var of that name."
        )
    return [target]


def _is_of(key: str, alarm: Mapping[str, t.Any]) -> bool:
    digest, shown = alarm.get("id_digest"), alarm.get("id")
    if digest is None:
        # An alarm that something else than the filter made.
        return bool(shown) and key == str(shown)
    # OCIDs are the same in any case.
    true_id = key.lower() if key.lower().startswith("ocid1.") else key
    return hashlib.sha256(true_id.encode(errors="surrogatepass")).hexdigest() == str(digest)


def _check_fields(what: str, given: Mapping[str, t.Any], known: frozenset[str]) -> None:
    unknown = sorted(str(name) for name in given if name not in known)
    if unknown:
        raise RefusedError(f"{what} {', '.join(unknown)}, which means nothing there. Known are: {_listed(known)}.")
    if given.get("listeners") and given.get("backend_set"):
        raise RefusedError(f"{what} both listeners and backend_set. Give one of the two.")


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))


def _listeners_of(entry: Json, alarm: Mapping[str, t.Any], listeners: str | Sequence[str]) -> Json:
    if entry.get("listeners"):
        return {"listeners": _names(entry["listeners"])}
    if entry.get("backend_set"):
        return {"backend_set": entry["backend_set"]}
    if listeners:
        return {"listeners": _names(listeners)}
    return {"backend_set": alarm["backend_set"]} if alarm.get("backend_set") else {}


def _names(given: str | Sequence[str]) -> list[str]:
    """Extra vars on a command line are text, with commas between several names."""
    return [name.strip() for name in given.split(",")] if isinstance(given, str) else list(given)


def _targets_of(given: t.Any, rule_set: str, where: str) -> list[Json]:
    if not isinstance(given, Sequence) or isinstance(given, str) or not all(isinstance(one, Mapping) for one in given):
        raise RefusedError(f"targets in {where}, is {given!r}. Expected a list of dictionaries.")
    for one in given:
        _check_fields(f"targets in {where}, has", one, _TARGET_FIELDS)
    return [dict(one) if one.get("strategy") == "backend_set" else {"rule_set": rule_set, **one} for one in given]


def _concerns(target: Json, alarm: Mapping[str, t.Any]) -> bool:
    """Whether a stream is about a target. A message that names nothing, such as some recoveries, is about all."""
    load_balancer_id, backend_set = alarm.get("load_balancer_id"), alarm.get("backend_set")
    if load_balancer_id and str(target.get("load_balancer_id")).lower() != load_balancer_id:
        return False
    return not backend_set or target.get("backend_set") in (None, backend_set)


def _refuse_others(alarm: Mapping[str, t.Any], where: str) -> t.NoReturn:
    raise RefusedError(
        f"The alarm {alarm.get('name')} is about the backend set {alarm.get('backend_set')} of "
        f"{alarm.get('load_balancer_id')}, which is none of the targets in {where}. Add it there."
    )


def _because(alarm: Mapping[str, t.Any]) -> str:
    return f", because {alarm['reason']}" if alarm.get("reason") else ""
