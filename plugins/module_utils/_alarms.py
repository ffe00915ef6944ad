# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The targets of an alarm, from the user's map of alarms and from the alarm's message. Pure functions.

The event filter ``alarm`` makes an alarm from a message. The alarm contains a digest of the true ARN, because an ARN
may contain any text. So the digest is compared with the digests of the keys of the map.
"""

from __future__ import annotations

import hashlib
import typing as t
from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = dict[str, t.Any]

#: The fields of an entry of the map, for all playbooks together, since they may share one map.
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
#: The kind of front that messages of OCI name. It is also the kind of a target without a kind.
_NAMED = "oci_load_balancer"


def alarm_entry(alarms: Mapping[str, t.Any], alarm: Mapping[str, t.Any]) -> Json:
    """The entry of the map for an alarm; empty if there is none.

    :raises RefusedError: the entry is invalid, or there are several.
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


def alarm_fronts(
    alarms: Mapping[str, t.Any],
    alarm: Mapping[str, t.Any],
    kinds: Mapping[str, Iterable[str]],
    rule_set: str = "",
    listeners: str | Sequence[str] = (),
) -> list[Json]:
    """The fronts of an alarm, in the form of ``maintenance_fronts``. The map takes precedence over the message.

    :param kinds: the other kinds of fronts that the map may contain, each with the names of its options.
    :param rule_set: the default if neither the map nor the message names a rule set.
    :param listeners: the default if the map names neither listeners nor a backend set.
    :raises RefusedError: a value is missing, or the map does not allow the object of the message.
    """
    entry = alarm_entry(alarms, alarm)
    where = f"the extra var alarms, under {alarm.get('id')}"
    default_rule_set = entry.get("rule_set") or alarm.get("rule_set") or rule_set
    if "targets" in entry:
        return _concerned(_fronts_of(entry["targets"], kinds, default_rule_set, where), alarm, where)
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
    return [{_NAMED: target}]


def alarm_targets(
    alarms: Mapping[str, t.Any],
    alarm: Mapping[str, t.Any],
    rule_set: str = "",
    listeners: str | Sequence[str] = (),
) -> list[Json]:
    """The listeners of an alarm, in the form of the option ``targets`` of ``lb_maintenance_mode``.

    For callers that support only this kind of front. See :func:`alarm_fronts`.

    :raises RefusedError: as there, and if the map names a front of another kind.
    """
    return [front[_NAMED] for front in alarm_fronts(alarms, alarm, {}, rule_set, listeners)]


def _is_of(key: str, alarm: Mapping[str, t.Any]) -> bool:
    digest, shown = alarm.get("id_digest"), alarm.get("id")
    if digest is None:
        # The alarm was not made by the filter.
        return bool(shown) and key == str(shown)
    # The letter case of OCIDs does not matter.
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
    """A list of names. On a command line, an extra var is a text with commas between names."""
    return [name.strip() for name in given.split(",")] if isinstance(given, str) else list(given)


def _fronts_of(given: t.Any, kinds: Mapping[str, Iterable[str]], rule_set: str, where: str) -> list[Json]:
    if not isinstance(given, Sequence) or isinstance(given, str) or not all(isinstance(one, Mapping) for one in given):
        raise RefusedError(f"targets in {where}, is {given!r}. Expected a list of dictionaries.")
    if not given:
        raise RefusedError(f"targets in {where}, is empty. Name at least one front.")
    known = {name: frozenset(options) for name, options in kinds.items()} | {_NAMED: _TARGET_FIELDS}
    return [_front_of(one, known, rule_set, where) for one in given]


def _front_of(one: Mapping[str, t.Any], known: Mapping[str, frozenset[str]], rule_set: str, where: str) -> Json:
    """A target with its kind. A target without a kind has the kind that messages name."""
    nested = [name for name, values in one.items() if isinstance(values, Mapping)]
    kind, values = (nested[0], one[nested[0]]) if nested else (_NAMED, one)
    if nested and (len(one) > 1 or kind not in known):
        raise RefusedError(
            f"targets in {where}, has {', '.join(map(str, one))}. Each target has one kind of front, which is one of: "
            f"{_listed(frozenset(known))}; or it is described as {_NAMED}, without the name of the kind."
        )
    _check_fields(f"targets in {where}, has", values, known[kind])
    if kind == _NAMED and values.get("strategy") != "backend_set":
        values = {"rule_set": rule_set, **values}
    return {kind: dict(values)}


def _concerned(fronts: Sequence[Json], alarm: Mapping[str, t.Any], where: str) -> list[Json]:
    """The fronts of an alarm's stream: fronts of the kind that messages name if the stream names them, and all others.

    :raises RefusedError: there are fronts of that kind, and the stream names none of them.
    """
    named = [front for front in fronts if _NAMED in front]
    found = [front for front in fronts if _NAMED not in front or _concerns(front[_NAMED], alarm)]
    if named and not any(_NAMED in front for front in found):
        _refuse_others(alarm, where)
    return found


def _concerns(target: Json, alarm: Mapping[str, t.Any]) -> bool:
    """Whether a stream names a target. A message without names, such as some recoveries, applies to all targets."""
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
