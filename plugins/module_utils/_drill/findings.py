# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The findings of a rehearsal: what is proven, what is not and why, and what would stop a real run. Pure functions."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._drill.drill import (
    MOVES,
    NOT_PROVEN,
    NOTE,
    PROVEN,
    STOPS,
    finding,
)
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import Switched
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._kind import Entrance
from ansible_collections.tidegate.failover.plugins.module_utils._record.objectives import (
    is_met,
    lag_at,
    reported_objective,
)
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import time_from

Json = dict[str, t.Any]
Gates = Sequence[Mapping[str, t.Any]]

#: The parts of a drill that each stop of preflight's findings concerns.
_STOPPED: Mapping[str, Sequence[str]] = {
    "maintenance": ("maintenance",),
    "failover": ("lock", "failover"),
    "failback": ("failback",),
}
PAGE, SERVED = "the page answers", "users are served now"
_WRITES_NOTHING = "Rights to write are not known: without effect nothing is written."
#: The results for the statuses of steps in check mode.
_RESULTS = {
    "done": PROVEN,
    "unchanged": PROVEN,
    "planned": NOT_PROVEN,
    "not evaluated": NOT_PROVEN,
    "skipped": NOTE,
    "undone": STOPS,
    "undo failed": STOPS,
    "failed": STOPS,
}
#: Kinds of gates that prove nothing while the site is not locked, and why.
_ONLY_WHEN_LOCKED = {
    "hold_down": "It counts from a lock, and the site is not locked.",
    "tasks": "Its tasks are run by a failback only.",
    "attestation": "A person approves when a failback is requested.",
}


def of_preflight(found: Gates, of: Sequence[str], *, effect: bool) -> Iterator[Json]:
    """Preflight's findings for these parts. With effect, what stops the failback stops them too."""
    parts = [*of, *(["failback"] if effect and not set(MOVES).isdisjoint(of) else [])]
    concerns = [stop for stop, stopped in _STOPPED.items() if not set(stopped).isdisjoint(parts)]
    stops = [one for one in found if not set(one["stops"]).isdisjoint(concerns)]
    for one in found:
        if one in stops or one["level"] == "warning":
            yield finding("preflight", one["check"], STOPS if one in stops else NOTE, one["msg"])
    if not stops:
        what = "variables and files, and as far as the service has them health checks, records, rights and fronts"
        yield finding("preflight", what, PROVEN, "Nothing was found that would stop it.")


def of_fronts(found: Switched, entrances: Sequence[tuple[str, Entrance]], *, effect: bool) -> Iterator[Json]:
    """Findings from the predictions of the fronts' modules.

    :param entrances: pairs of a front's name and the predicted state of an entrance.
    :param effect: whether the page is really shown after this, which proves the right to write.
    """
    if found.problems:
        for problem in found.problems:
            yield finding("maintenance", "fronts", STOPS, problem)
        return
    yield finding("maintenance", "fronts", PROVEN, "They exist with what shows the page, and a hold can be recorded.")
    for front, entrance in entrances:
        gets = "a redirect to the page" if entrance.redirects else "the page at its own address"
        msg = f"It would get {gets}." if entrance.up else "It would get the service, not the page."
        yield finding("maintenance", f"{front}: {entrance.name}", PROVEN if entrance.up else STOPS, msg)
    for warning in dict.fromkeys(str(text) for front in found.fronts for text in front.get("warnings") or ()):
        yield finding("maintenance", "fronts", NOTE, warning)
    if not effect:
        yield finding("maintenance", "writing", NOT_PROVEN, f"{found.outcome} {_WRITES_NOTHING}")


def page_gates(page_url: str, page: Mapping[str, t.Any]) -> list[Json]:
    """The gates that probe the server of the page, and the service at the address of users.

    :param page: ``verify_url``, ``status``, ``service_status``, ``validate_certs`` and ``ca_path`` of the role
        ``maintenance``.
    """
    how = {"validate_certs": page["validate_certs"], "ca_path": page["ca_path"] or None, "follow_redirects": True}
    asked = [(PAGE, page_url, page["status"]), (SERVED, page["verify_url"], page["service_status"])]
    return [
        {"name": name, "http": {**how, "url": url, "status": statuses, "timeout": 10, "interval": 2}}
        for name, url, statuses in asked
        if url
    ]


def of_page(gates: Gates, *, page_url: str, verify_url: str, effect: bool) -> Iterator[Json]:
    """Findings from these gates. With effect, users have to get the service before the page is shown."""
    for gate in gates:
        result = PROVEN if gate["passed"] else STOPS if effect or gate["name"] == PAGE else NOT_PROVEN
        yield finding("maintenance", gate["name"], result, reported_gate(gate))
    if not page_url and not (effect and verify_url):
        msg = "drill_page_url is not given, so the server of the page was not probed."
        yield finding("maintenance", PAGE, NOT_PROVEN, msg)
    if not verify_url:
        msg = "maintenance_verify_url is not given, so nothing can be asked as a user asks."
        yield finding("maintenance", "users get the page", NOT_PROVEN, msg)
    elif not effect:
        msg = "The page is not up, so nobody could get it through the fronts."
        yield finding("maintenance", "users get the page", NOT_PROVEN, msg)


def of_lock_alone(*, promotes: bool, effect: bool) -> Iterator[Json]:
    """The finding that a lock alone is not enough: without a promotion the other site cannot serve users."""
    if promotes:
        msg = (
            "A failover promotes something at the other site, and a lock alone does not: users would arrive there "
            "before it can serve them. Rehearse the failover instead."
        )
        yield finding("lock", "the other site as it is", STOPS if effect else NOTE, msg)


def of_gates(gates: Gates, excused: Mapping[str, str]) -> Iterator[Json]:
    """Findings from the gates of a failback, while nothing is locked.

    :param excused: the gates that need not pass now, and why.
    """
    for gate in gates:
        name = str(gate["name"])
        if gate["passed"]:
            yield finding("failback", name, PROVEN, reported_gate(gate))
        elif not gate.get("evaluated", True) or name in excused:
            why = f"{excused[name]} " if name in excused else ""
            yield finding("failback", name, NOT_PROVEN, f"{why}{reported_gate(gate)}")
        else:
            yield finding("failback", name, STOPS, reported_gate(gate))
    seen = {gate["name"] for gate in gates}
    for name, why in excused.items():
        if name not in seen:
            yield finding("failback", name, NOT_PROVEN, why)
    yield finding("failback", "unlocking", NOT_PROVEN, "The site is not locked, so there was no lock to release.")


def reported_gate(gate: Mapping[str, t.Any]) -> str:
    """The result of a gate, in a sentence or two."""
    remedy = "" if gate["passed"] else str(gate.get("remedy") or "")
    return f"Observed: {gate['observed']}; expected: {gate.get('expected', '')}. {remedy}".rstrip()


def gates_to_ask(gates: Gates, *, effect: bool) -> list[Json]:
    """The gates that can prove something while the site is not locked. With effect, an approval is required."""
    left_out = {"hold_down", "tasks"} | (set() if effect else {"attestation"})
    return [dict(gate) for gate in gates if not any(gate.get(kind) is not None for kind in left_out)]


def excused_gates(options: Mapping[str, t.Any], not_now: Sequence[str], *, effect: bool) -> dict[str, str]:
    """The gates of a failback that need not pass while the site is not locked, and why.

    :param options: the variables of the failback, without their prefix.
    :param not_now: the gates that the user has named.
    """
    found: dict[str, str] = {}
    for gate in options["gates"]:
        kind = next((kind for kind in _ONLY_WHEN_LOCKED if gate.get(kind) is not None), "")
        if kind and not (effect and kind == "attestation"):
            found[str(gate["name"])] = _ONLY_WHEN_LOCKED[kind]
    found |= dict.fromkeys((options["override"] or {}).get("gates") or (), "failback_override names it.")
    return found | dict.fromkeys(not_now, "drill_gates_not_now names it.")


def too_long_away(options: Mapping[str, t.Any]) -> Iterator[Json]:
    """Hold-down gates that would refuse the failback of a drill with effect, because their timeout is too short."""
    overridden = (options["override"] or {}).get("gates") or ()
    for gate in options["gates"]:
        hold = gate.get("hold_down")
        if hold is None or gate["name"] in overridden:
            continue
        minimum, timeout = int(hold["minimum"]), int(hold.get("timeout") or 1)
        if minimum > timeout:
            msg = (
                f"It requires {minimum} s since the lock and waits for {timeout} s, so the failback of the drill would "
                "be refused, and users would stay at the other site. For the drill name it in failback_override, with "
                "a reason."
            )
            yield finding("failback", str(gate["name"]), STOPS, msg)


def of_record(part: str, record: Mapping[str, t.Any]) -> Iterator[Json]:
    """Findings from the record of a procedure, with effect or in check mode.

    :param part: the part of the drill that the procedure belongs to.
    """
    for step in record["steps"]:
        result = _RESULTS[step["status"]]
        predicted = "A run would report: " if step["status"] == "planned" and step["msg"] else ""
        yield finding(part, step["name"], result, f"{predicted}{step['msg'] or step['status']}")
    failed = any(_RESULTS[step["status"]] == STOPS for step in record["steps"])
    for gate in record["gates"]:
        yield finding(part, gate["name"], PROVEN if gate["passed"] else NOT_PROVEN, reported_gate(gate))
    if record["status"] == "unchanged":
        yield finding(part, "the procedure", NOT_PROVEN, record["msg"])
    elif record["status"] != "completed" and not failed:
        yield finding(part, "the procedure", STOPS, record["msg"])


def of_recovery_point(record: Mapping[str, t.Any], rpo: float | None) -> Json:
    """The present replication lag of the other database, compared with the objective."""
    lag = lag_at(record["gates"], time_from(record["ended"]))
    met = is_met(lag["lag_seconds"], rpo)
    known = lag["lag_seconds"] is not None or lag["lag_bytes"] is not None
    result = PROVEN if known and met is not False else NOT_PROVEN
    return finding("failover", "recovery point now", result, f"{lag['msg']}{reported_objective(met, rpo)}")


def of_standing(before: Mapping[str, t.Any], after: Mapping[str, t.Any]) -> Json:
    """Whether the service has the same status as before the drill."""
    changes = [
        f"{name}: {_shown(before.get(name))} before, {_shown(after.get(name))} now"
        for name in ("serving", "lock", "maintenance")
        if _shown(before.get(name)) != _shown(after.get(name))
    ]
    if after.get("problems"):
        return finding("way back", "the service as before", STOPS, " ".join(after["problems"]))
    if changes:
        return finding("way back", "the service as before", STOPS, f"NOT as before. {'; '.join(changes)}.")
    return finding("way back", "the service as before", PROVEN, "It stands as it did before the drill.")


def _shown(value: t.Any) -> str:
    """The relevant value of a part of a status, in a word or two."""
    if not isinstance(value, Mapping):
        return str(value or "none")
    if "in_maintenance" in value:
        owners = ", ".join(sorted({str(hold["owner"]) for hold in value["holds"]}))
        return f"page {'up' if value['in_maintenance'] else 'down'}{f', held by {owners}' if owners else ''}"
    return str(value.get("id"))
