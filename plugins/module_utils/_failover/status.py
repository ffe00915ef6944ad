# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The status of services, as data and as a line for people: which site serves, locks, and who holds a page."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from datetime import datetime

from ansible_collections.tidegate.failover.plugins.module_utils._failover import left_over
from ansible_collections.tidegate.failover.plugins.module_utils._failover.decision import acknowledge_command
from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import (
    UNDER_WAY,
    read_state,
    reported_state,
)
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import Seen
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import LOCK_ID
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import duration

Json = dict[str, t.Any]
Found = Sequence[Mapping[str, t.Any]]


def service_statuses(
    asked: Found,
    aws_answers: Found,
    now: datetime,
    is_running: left_over.IsRunning = lambda _by, _began: None,
) -> list[Json]:
    """The status of each service.

    :param asked: for each service its name (``service``), ``health_check_ids`` with the primary site's first,
        ``aws_account``, ``fronts`` (what was read of each) and ``gates``: ``defined``, the number of its gates, and
        ``failed``, the names of gates that do not pass, or None. Optional are ``problems``, why its variables cannot be
        used; ``maintenance_owner``, the owner of a failover's page; ``controls``, its routing controls: ``site``, the
        ARNs of the primary site, and ``states`` by ARN, or ``problem``; ``runs``, the progress of runs without a record
        (``id``, ``operation``, ``by``, ``began``, ``steps``); and ``inventory``, the inventory sources.
    :param aws_answers: for each account the result of ``r53_healthcheck_info`` for all health checks in it.
    :param is_running: whether a process or job is still running, by its name and its start.
    """
    # Index the health checks once: a search for each service would take quadratic time.
    found = [{item["health_check_id"]: item for item in _answered(answer, "health_checks")} for answer in aws_answers]
    return [
        _status(service, _checks(service, found, aws_answers), service["fronts"], now, is_running) for service in asked
    ]


def _status(
    service: Mapping[str, t.Any],
    checks: Found,
    fronts: Sequence[Seen],
    now: datetime,
    is_running: left_over.IsRunning,
) -> Json:
    unclear = list(service.get("problems") or ())
    unread = [f"{seen.front}: {seen.problem}" for seen in fronts if seen.problem]
    controls = service.get("controls") or {}
    problems = [*unclear, *_unread(checks), *unread, *filter(None, [controls.get("problem")])]
    state = _state(checks, problems)
    lock, inventory = _lock(checks, now), service.get("inventory") or ()
    status = {
        "service": service["service"],
        "serving": _serving(checks) if checks else "unknown" if unclear else None,
        "lock": lock,
        "state": state,
        "acknowledge": _acknowledge(service["service"], checks, state, inventory),
        "maintenance": _maintenance(fronts) if fronts else None,
        "routing_controls": _controls(controls),
        "gates": dict(service["gates"]),
        "resources": [],
        "runs": left_over.runs(service.get("runs") or (), state, lock, is_running),
        "problems": problems,
    }
    return status | {"next": left_over.next_steps(status, str(service.get("maintenance_owner") or ""), inventory)}


def site_of_users(status: Mapping[str, t.Any]) -> str | None:
    """The site at which a service's resources belong: ``primary``, ``secondary``, or None where that is not known.

    A lock that could not be read is not the absence of a lock.
    """
    controls = status["routing_controls"]
    if status["lock"] is not None or controls == "off":
        return "secondary"
    return None if status["serving"] == "unknown" or controls in ("unknown", "partly off") else "primary"


def add_resources(status: Json, seen: Found) -> None:
    """Add its resources: the predictions of their modules for the site where users are to be."""
    kept = ("kind", "name", "changed", "failed", "msg")
    status["resources"] = [{name: one.get(name) for name in kept} for one in seen]
    status["problems"] += [_named(one) for one in status["resources"] if one["failed"]]


def _named(resource: Mapping[str, t.Any]) -> str:
    return f"{' '.join(filter(None, [resource['kind'], resource['name']]))}: {resource['msg']}"


def _reported_resources(status: Mapping[str, t.Any]) -> str:
    """The resources that are not at the site where users are to be; empty if there are none."""
    apart = [_named(one) for one in status.get("resources") or () if one["changed"] and not one["failed"]]
    return f"NOT MOVED WITH USERS: {'; '.join(apart)}" if apart else ""


def _checks(
    service: Mapping[str, t.Any], found: Sequence[Mapping[str, Mapping[str, t.Any]]], answers: Found
) -> list[Mapping[str, t.Any]]:
    """What was read of each of a service's health checks."""
    if not service["health_check_ids"]:
        return []
    account = service["aws_account"]
    return [found[account].get(name) or _missing(name, answers[account]) for name in service["health_check_ids"]]


def _answered(answer: Mapping[str, t.Any], key: str) -> Found:
    """The results of a module for its items; empty if the module failed before it could begin."""
    return answer.get(key) or ()


def _missing(name: str, answer: Mapping[str, t.Any]) -> Json:
    return {"health_check_id": name, "failed": True, "msg": answer.get("msg") or "it was not answered"}


def table(statuses: Sequence[Mapping[str, t.Any]]) -> list[str]:
    """A table with a line for each service."""
    rows = [_line(status) for status in statuses]
    widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else []
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True)), *filter(None, row[3:])])
        for row in rows
    ]


def _unread(checks: Found) -> list[str]:
    return [f"{check['health_check_id']}: {check['msg']}" for check in checks if check["failed"]]


def _serving(health_checks: Found) -> str:
    """The site that Route 53 sends users to, according to the primary's health check."""
    primary = health_checks[0]
    if "health" not in primary or primary["health"] == "unknown":
        return "unknown"
    return "primary" if primary["health"] == "healthy" else "standby"


def _lock(health_checks: Found, now: datetime) -> Json | None:
    """The lock of the primary's health check, or else the first other lock."""
    locked = [check for check in health_checks if check.get("lock")]
    if not locked:
        return None
    lock = locked[0]["lock"]
    since = datetime.fromisoformat(lock["since"]) if lock["since"] else None
    age = None if since is None else max(0, round((now - since).total_seconds()))
    reported = {key: lock[key] for key in ("id", "owner", "reason", "since", "method", "placed_by")}
    return {**reported, "age_seconds": age, "locked": len(locked), "of": len(health_checks)}


def _state(health_checks: Found, problems: list[str]) -> Json | None:
    if not health_checks or "tags" not in health_checks[0]:
        return None
    lock = health_checks[0].get("lock")
    try:
        return reported_state(read_state(health_checks[0]["tags"], lock["id"] if lock else None))
    except ValueError as damaged:
        problems.append(f"its tag tidegate-failover cannot be understood: {damaged}")
        return None


def _acknowledge(service: str, health_checks: Found, state: Json | None, inventory: Sequence[str]) -> str | None:
    """The command to run if the run that holds the service was aborted; None if no run is known to hold it.

    A lock with a run's id whose state is missing is held too: that run has only just begun, or was aborted at once.
    """
    lock = health_checks[0].get("lock") if health_checks else None
    if lock is None or not LOCK_ID.fullmatch(lock["id"]):
        return None
    if state is not None and state["run"] == lock["id"] and state["phase"] not in UNDER_WAY:
        return None
    return acknowledge_command(service, health_checks[0]["health_check_id"], inventory)


def _maintenance(fronts: Sequence[Seen]) -> Json:
    """Where the page is up, and who holds it; ``in_maintenance`` is None where that could not be read."""
    entrances = [entrance for seen in fronts for entrance in seen.entrances if entrance.counts]
    up = [entrance for entrance in entrances if entrance.up]
    holds = {(hold["owner"], hold["since"], hold["reason"]) for entrance in entrances for hold in entrance.holds}
    unread = any(seen.problem for seen in fronts)
    names = {f"{seen.entrance}s" for seen in fronts}
    return {
        "in_maintenance": True if up else None if unread else False,
        "listeners": len(up),
        "passed_by": {entrance.name: list(entrance.passed_by) for entrance in up if entrance.passed_by},
        "of": len(entrances),
        "counted": names.pop() if len(names) == 1 else "entrances",
        "holds": [{"owner": owner, "since": since, "reason": reason} for owner, since, reason in sorted(holds)],
    }


def _controls(seen: Mapping[str, t.Any]) -> str | None:
    """Whether the primary site's routing controls are on: ``on``, ``off``, ``partly off`` or ``unknown``."""
    if not seen:
        return None
    states = {(seen.get("states") or {}).get(arn) for arn in seen["site"]}
    if None in states:
        return "unknown"
    return str(states.pop()).lower() if len(states) == 1 else "partly off"


def _line(status: Mapping[str, t.Any]) -> tuple[str, ...]:
    """Three columns, followed by texts that only some services have."""
    return (
        status["service"],
        _reported_serving(status),
        _reported_maintenance(status["maintenance"]),
        _reported_lock(status),
        _reported_controls(status),
        _reported_gates(status),
        _reported_resources(status),
        " ".join(left_over.reported_runs(status)),
        "; ".join(status.get("next") or ()),
        "  ".join(f"NOT KNOWN: {problem}" for problem in status["problems"]),
    )


def _reported_serving(status: Mapping[str, t.Any]) -> str:
    if status["serving"] is None:
        return "no health checks"
    if status["lock"] is None and status["serving"] == "standby":
        return "standby (primary unhealthy, NOT LOCKED)"
    if status["lock"] is not None and status["serving"] == "primary":
        return "primary (LOCK DOES NOT HOLD)"
    return str(status["serving"])


def _reported_maintenance(maintenance: Json | None) -> str:
    if maintenance is None:
        return "no page"
    if not maintenance["in_maintenance"]:
        return "page down" if maintenance["in_maintenance"] is False else "page unknown"
    up, of = maintenance["listeners"], maintenance["of"]
    where = "" if up == of else f" on {up} of {of} {maintenance['counted']}"
    holders = ", ".join(dict.fromkeys(hold["owner"] for hold in maintenance["holds"]))
    passed = maintenance["passed_by"].items()
    some = "".join(f", BUT {name} LEADS REQUESTS PAST IT ({', '.join(by)})" for name, by in passed)
    return f"MAINTENANCE ON{where}{some}, {f'held by {holders}' if holders else 'held by nobody'}"


def _reported_lock(status: Mapping[str, t.Any]) -> str:
    lock, state = status["lock"], status["state"]
    if lock is None:
        return "not locked" if status["serving"] is not None else ""
    age = f" for {duration(lock['age_seconds'])}" if lock["age_seconds"] is not None else ""
    owner = f" by {lock['owner']}" if lock["owner"] else ""
    reason = f" ({lock['reason']})" if lock["reason"] else ""
    some = "" if lock["locked"] == lock["of"] else f" {lock['locked']} of {lock['of']}"
    phase = _reported_phase(state) if state and state["run"] == lock["id"] else ""
    return f"LOCKED{some}{age}{owner}{reason}{phase}, {lock['id']}"


def _reported_controls(status: Mapping[str, t.Any]) -> str:
    """The state of the routing controls, in capitals if it does not match the lock."""
    seen, locked = status.get("routing_controls"), status["lock"] is not None
    if seen is None:
        return ""
    if seen in ("on", "unknown"):
        return f"ROUTING CONTROL {seen.upper()}" if locked else f"routing control {seen}"
    return f"routing control {seen}" if locked else f"ROUTING CONTROL {seen.upper()}, NO CLAIM: run the failover again"


def _reported_phase(state: Mapping[str, t.Any]) -> str:
    runner = f", started by {state['by']}" if state["by"] else ""
    began = f" at {state['began_at']}" if state["began_at"] else ""
    return f", {state['phase'].replace('_', ' ')}{runner}{began}"


def _reported_gates(status: Mapping[str, t.Any]) -> str:
    gates = status["gates"]
    if status["lock"] is None or not gates["defined"]:
        return "NO GATES DEFINED" if status["lock"] is not None else ""
    if gates.get("failed") is None:
        return f"{gates['defined']} gate{'' if gates['defined'] == 1 else 's'} before failback"
    passed = gates["defined"] - len(gates["failed"])
    missing = f", missing: {', '.join(gates['failed'])}" if gates["failed"] else ""
    return f"{passed} of {gates['defined']} gates pass{missing}"
