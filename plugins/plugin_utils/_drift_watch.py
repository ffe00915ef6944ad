# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""The reads of a drift watch for many services, by account, with one call of each module for all of them."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ansible_collections.tidegate.failover.plugins.module_utils._drift import alarms, locks, pages, resources
from ansible_collections.tidegate.failover.plugins.module_utils._drift.finding import Finding, not_observed
from ansible_collections.tidegate.failover.plugins.module_utils._drift.pages import Front
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.accounts import (
    Account,
    accounts,
    apart,
    together,
)
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import seen_of
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._kind import FrontKind
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._registry import KINDS
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import routing_controls
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.gate_problems import gate_problems
from ansible_collections.tidegate.failover.plugins.plugin_utils._resources import MODULES as RESOURCES
from ansible_collections.tidegate.failover.plugins.plugin_utils._resources import Owner, observed

Json = dict[str, t.Any]
#: Runs a module of the collection: its name, and its options.
Ask: t.TypeAlias = Callable[[str, Json], Json]

#: The modules that it runs.
MODULES = (
    *("r53_healthcheck_info", "failover_alarms", "oci_maintenance_alarm", "failback_gate", routing_controls.MODULE),
    *(module for kind in KINDS.values() for module in (kind.info, kind.module)),
    *RESOURCES,
)

_WAIT_SECONDS = 60
#: The number of addresses that one module probes at a time, each in its own thread.
_ADDRESSES_AT_ONCE = 200


@dataclass(frozen=True)
class Service:
    """A service that is watched.

    :ivar asked: its options, from the variable ``__drift_asked`` of the role.
    :ivar targets: its fronts, by kind.
    :ivar problem: why its variables cannot be used; empty if they can.
    """

    host: str
    asked: Json
    targets: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    problem: str = ""

    def auth(self, name: str) -> Json:
        """The options that sign in to ``aws``, ``oci`` or ``cf``."""
        return (self.asked.get("auth") or {}).get(name) or {}

    @property
    def locking(self) -> locks.Locking:
        """The settings of its lock."""
        asked = self.asked
        method = str(asked["lock_method"])
        records = [
            {"zone": record["zone"], "name": record["name"], "type": record.get("type") or "A"}
            for record in asked["records"]
            if record.get("zone")
        ]
        guard = {"records": records, "secondary_url": asked["secondary_url"]}
        # Without records and a URL, the records of the account show whether another site serves.
        guard |= {} if any(guard.values()) else {"find_records": True}
        return locks.Locking(
            lock_path=str(asked["lock_path"]),
            # A maintenance page answers every path, so with a page the lock must not depend on an answer.
            method="invert" if method == "auto" and self.targets else method,
            path=str(asked["check_path"] or ""),
            guard={name: value for name, value in guard.items() if value},
        )

    @property
    def control_targets(self) -> list[Json]:
        """Its targets of ``routing_control_lock``; empty if it has no routing controls."""
        return routing_controls.targets(self.asked, self.host)


class Watch:
    """Checks services for drift.

    :param ask: runs a module.
    :param predict: runs a module in check mode, even if the task is not in check mode.
    """

    def __init__(self, ask: Ask, predict: Ask) -> None:
        self._ask, self._predict = ask, predict

    def findings(self, services: Sequence[Service], now: datetime) -> dict[str, list[Finding]]:
        """The findings of each service, by host."""
        usable = [service for service in services if not service.problem]
        found = {one.host: [not_observed("variables", one.problem)] for one in services if one.problem}
        checks = self._health_checks(usable)
        claims = {one.host: locks.claim_of(checks[one.host]) for one in usable}
        controls = self._controls(usable)
        fronts = self._fronts(usable)
        users = self._users_answers(usable, fronts)
        moved = {
            host: locks.is_moved(claim, controls.get(host), has_checks=bool(checks[host]))
            for host, claim in claims.items()
        }
        of_alarms, of_resources = self._alarms(usable, now), self._resources(usable, moved)
        for one in usable:
            host = one.host
            target = next(iter(one.control_targets), None)
            found[host] = [
                *locks.findings(checks[host], one.locking, now),
                *locks.findings_of_controls(controls.get(host), claims[host], target),
                *(finding for front in fronts[host] for finding in pages.findings(front)),
                *users.get(host, []),
                *of_alarms[host],
                *of_resources.get(host, []),
            ]
        return found

    def again(self, one: Service, kind: str, now: datetime) -> list[Finding]:
        """The findings right before a repair of this kind. Only the state that the repair depends on is read.

        If many services are watched, the first findings may be minutes old. Since then somebody may have released the
        lock, accepted that it is released, or exited maintenance.
        """
        if kind == "page_dropped":
            return [finding for front in self._fronts([one])[one.host] for finding in pages.findings(front)]
        if kind == "alarm_disabled":
            return self._alarms([one], now)[one.host]
        checks, controls = self._health_checks([one])[one.host], self._controls([one]).get(one.host)
        target = next(iter(one.control_targets), None)
        of_controls = locks.findings_of_controls(controls, locks.claim_of(checks), target)
        return [*locks.findings(checks, one.locking, now), *of_controls]

    def _health_checks(self, services: Sequence[Service]) -> dict[str, list[Json]]:
        """The answers for each service's health checks. Each health check has an answer."""
        asked = [
            {
                "how": {"auth": one.auth("aws"), "lock_path": one.asked["lock_path"]},
                "what": one.asked["health_check_ids"],
            }
            for one in services
        ]
        found: dict[str, list[Json]] = {one.host: [] for one in services}
        for account in accounts(asked, auth="how", of="what"):
            ids = list(dict.fromkeys(together(asked, account, "what")))
            how = {"lock_path": account.auth["lock_path"], "include_observations": True, "health_check_ids": ids}
            answer = self._ask("r53_healthcheck_info", {**account.auth["auth"], **how})
            reported = {check["health_check_id"]: check for check in answer.get("health_checks") or ()}
            problem = {"failed": True, "msg": answer.get("msg") or "it was not answered"}
            for position in account.services:
                found[services[position].host] = [
                    reported.get(one) or {"health_check_id": one, **problem} for one in asked[position]["what"]
                ]
        return found

    def _controls(self, services: Sequence[Service]) -> dict[str, Json]:
        asked = [{"how": one.auth("aws"), "what": one.control_targets} for one in services]
        found: dict[str, Json] = {}
        for account in accounts(asked, auth="how", of="what"):
            targets = together(asked, account, "what")
            options = {"state": "unlocked", "targets": targets, "wait_timeout": routing_controls.READ_SECONDS}
            answer = self._predict(routing_controls.MODULE, {**account.auth, **options})
            reported = answer.get("targets") or [{"msg": answer.get("msg")}] * len(targets)
            for target, one in zip(targets, reported, strict=True):
                problem = "" if one.get("before") else str(one.get("msg") or "no answer")
                seen = {"site": target["routing_control_arns"], "states": one.get("before"), "problem": problem}
                found[target["name"]] = seen
        return found

    # Pages.

    def _fronts(self, services: Sequence[Service]) -> dict[str, list[Front]]:
        found: dict[str, list[Front]] = {one.host: [] for one in services}
        for kind in KINDS.values():
            asked = [{"how": one.auth(kind.auth), "what": list(one.targets.get(kind.name, ()))} for one in services]
            for account in accounts(asked, auth="how", of="what"):
                seen = self._fronts_in(kind, account, together(asked, account, "what"))
                counts = [len(asked[position]["what"]) for position in account.services]
                for position, part in zip(account.services, apart(seen, counts), strict=True):
                    found[services[position].host] += part
        return found

    def _fronts_in(self, kind: FrontKind, account: Account, targets: list[Json]) -> list[Front]:
        """The fronts of one kind in one account, with the predicted changes to show a page that somebody holds."""
        answer = self._ask(kind.info, {**account.auth, "targets": targets})
        reported = list(answer.get(kind.answer) or [])
        reported += [{}] * (len(targets) - len(reported))
        seen = seen_of(kind, answer, targets)
        fronts = [Front(kind, *one) for one in zip(targets, seen, reported, strict=True)]
        held: list[tuple[int, Json]] = []
        for number, front in enumerate(fronts):
            owner = "" if front.seen.problem else pages.holder_of(front.seen)
            try:
                held += [(number, one) for one in kind.check({"targets": [front.target]}, owner)] if owner else []
            except RefusedError as problem:
                fronts[number] = replace(front, predicted={"failed": True, "msg": str(problem)})
        if held:
            options = {"state": "enabled", "targets": [one for _number, one in held], "wait_timeout": _WAIT_SECONDS}
            predicted = self._predict(kind.module, {**account.auth, **options})
            nothing = {"failed": True, "msg": predicted.get("msg") or "no answer"}
            answers = [*(predicted.get(kind.answer) or ()), *([nothing] * len(held))]
            for (number, _target), one in zip(held, answers, strict=False):
                fronts[number] = replace(fronts[number], predicted=one)
        return fronts

    def _users_answers(
        self, services: Sequence[Service], fronts: Mapping[str, Sequence[Front]]
    ) -> dict[str, list[Finding]]:
        """The findings about users' answers, of services whose page somebody holds."""
        found: dict[str, list[Finding]] = {}
        gates: list[Json] = []
        for one in services:
            url = str(one.asked["verify_url"] or "")
            if not url or not pages.is_held(fronts[one.host]):
                continue
            gate = {"name": one.host, "http": {"url": url, "follow_redirects": True, **one.asked["verify"]}}
            wrong = gate_problems("drift_verify_url", [gate])
            if wrong:
                found[one.host] = [not_observed("drift_verify_url", " ".join(wrong))]
            else:
                gates.append(gate)
        for start in range(0, len(gates), _ADDRESSES_AT_ONCE):
            found |= self._asked_as_users(gates[start : start + _ADDRESSES_AT_ONCE])
        return found

    def _asked_as_users(self, gates: Sequence[Json]) -> dict[str, list[Finding]]:
        answer = self._ask("failback_gate", {"gates": list(gates), "fail": False})
        if "evidence" not in answer:
            return {gate["name"]: [not_observed(gate["http"]["url"], str(answer.get("msg")))] for gate in gates}
        urls = {gate["name"]: str(gate["http"]["url"]) for gate in gates}
        return {
            gate["name"]: pages.answered(gate["name"], urls[gate["name"]], gate, up=True)
            for gate in answer["evidence"]["gates"]
        }

    # Alarms and resources.

    def _alarms(self, services: Sequence[Service], now: datetime) -> dict[str, list[Finding]]:
        found: dict[str, list[Finding]] = {one.host: self._oci_alarms(one, now) for one in services}
        asked = [{"how": one.auth("aws"), "what": one.asked["alarms"]} for one in services]
        for account in accounts(asked, auth="how", of="what"):
            expected = together(asked, account, "what")
            wanted = [{key: one[key] for key in ("name", "region", "topic") if one.get(key)} for one in expected]
            answer = self._ask("failover_alarms", {**account.auth, "alarms": wanted, "wait_timeout": _WAIT_SECONDS})
            nothing = {"failed": True, "msg": answer.get("msg") or "no answer"}
            reported = answer.get("alarms") or [nothing] * len(expected)
            each = [alarms.findings(one, what) for one, what in zip(reported, expected, strict=True)]
            counts = [len(asked[position]["what"]) for position in account.services]
            for position, part in zip(account.services, apart(each, counts), strict=True):
                found[services[position].host] += [finding for some in part for finding in some]
        return found

    def _oci_alarms(self, one: Service, now: datetime) -> list[Finding]:
        """The findings of OCI alarms. Each alarm needs its own module call, because its options differ."""
        found: list[Finding] = []
        for options in one.asked["oci_alarms"]:
            asked = {"wait_timeout": _WAIT_SECONDS, **{key: value for key, value in options.items() if value != ""}}
            answer = self._predict("oci_maintenance_alarm", {**one.auth("oci"), **asked})
            found += alarms.findings_of_oci(str(options.get("name")), answer, asked, now)
        return found

    def _resources(self, services: Sequence[Service], moved: Mapping[str, bool | None]) -> dict[str, list[Finding]]:
        """The findings of resources; none if it is not known at which site they have to be."""
        owners = [
            Owner(one.host, one.auth("aws"), one.asked["resources"], "secondary")
            for one in services
            if moved[one.host] is not None
        ]
        seen = observed(owners, self._predict)
        return {host: resources.findings(some, locked=bool(moved[host])) for host, some in seen.items()}
