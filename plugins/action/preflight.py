# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks all services of a play for blockers of a failover or failback. The role ``failover`` prints the findings."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.accounts import accounts, apart, together
from ansible_collections.tidegate.failover.plugins.module_utils._failover.last_site import LAST_SITE
from ansible_collections.tidegate.failover.plugins.module_utils._failover.readiness import (
    Seen,
    Service,
    findings,
    reported,
    stopped,
)
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import parts_of
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._registry import KINDS
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import routing_controls
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.failover import zone_records
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.gate_problems import gate_problems
from ansible_collections.tidegate.failover.plugins.plugin_utils._all_services import (
    AllServices,
    SharedState,
    compiled_once,
    read_once,
)
from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution, coded
from ansible_collections.tidegate.failover.plugins.plugin_utils._planning import Planned, Planner, Usable
from ansible_collections.tidegate.failover.plugins.plugin_utils._resources import MODULES, Owner, observed

Json = dict[str, t.Any]

#: The number of other sites that one module probes at a time, each in its own thread.
_SITES_AT_ONCE = 200


class ActionModule(DirectExecution):
    """One task checks all services, and another one returns the findings."""

    _requires_connection = False
    _runs_modules_once = True
    _also_runs = (
        *("failover_preflight", "failback_gate", routing_controls.MODULE),
        *(kind.module for kind in KINDS.values()),
        *MODULES,
    )

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Json:
        """Check all services, or return the findings of one, by the option ``do``."""
        self._variables: Json = task_vars or {}
        me = self._variables["inventory_hostname"]
        if self._task.args["do"] == "hand_out":
            return _handed_out(SharedState(Path(self._variables[self._task.args["found_in"]]["found"])).part(me))
        found, services = read_once(self._task, me, lambda: (self._check_all(), None))
        result: Json = {"changed": False, "found": str(found.place)}
        if services:
            by_service = {service["service"]: service["findings"] for service in services.values()}
            result["ansible_stats"] = {"data": {"tidegate_preflight": by_service}, "per_host": False, "aggregate": True}
        return result

    def _check_all(self) -> dict[str, Json]:
        hosts = AllServices(self._task, self._loader, self._variables, roles=("failback", "procedure"))
        planner = Planner(self, hosts, self._variables)
        with compiled_once():
            services = planner.planned()
        usable = [one.usable for one in services if one.usable]
        in_aws, problems = self._check_in_aws(usable)
        silences, pages = self._probe_other_sites(usable), self._predict_pages(usable)
        resources = self._predict_resources(usable)
        found: dict[str, Json] = {}
        for one in services:
            seen = Seen(
                in_aws=in_aws.get(one.host),
                account_problem=problems.get(one.host, ""),
                silence=silences.get(one.host),
                pages=pages.get(one.host, ([], ""))[0],
                page_problem=pages.get(one.host, ([], ""))[1],
                resources=resources.get(one.host, ()),
                problem_of_file=partial(planner.problem_of_file, one.host, one.folder),
                is_file=lambda path: Path(path).is_file(),
            )
            service = one.usable.service if one.usable else None
            found[one.host] = _result(one, service, [*one.problems, *(findings(service, seen) if service else [])])
        return found

    def _check_in_aws(self, services: Sequence[Usable]) -> tuple[dict[str, Json], dict[str, str]]:
        """The findings of each service in AWS, and the problem where it could not be checked, by host."""
        # Services of one account with the same lock path are checked together.
        asked = [
            {"how": {"auth": one.auth["aws"], "lock_path": one.service.failover["lock_path"]}, "what": _in_aws(one)}
            for one in services
        ]
        found: dict[str, Json] = {}
        problems: dict[str, str] = {}
        for account in accounts(asked, auth="how", of="what"):
            options = {"services": together(asked, account, "what"), "lock_path": account.auth["lock_path"]}
            answer = self.ask("failover_preflight", {**account.auth["auth"], **options}, self._variables)
            if answer.get("failed"):
                problems |= {services[position].host: str(answer.get("msg")) for position in account.services}
            found |= {one["name"]: one for one in answer.get("services") or []}
        return found, problems

    def _probe_other_sites(self, services: Sequence[Usable]) -> dict[str, str]:
        """The observations of other sites that did not answer well, by host."""
        silences: dict[str, str] = {}
        gates: list[Json] = []
        for one in services:
            url = one.service.failover["secondary_url"]
            gate = {"name": one.host, "http": {"url": url, "timeout": 10, "interval": 2}}
            if not url:
                continue
            wrong = gate_problems("failover_secondary_url", [gate | {"name": LAST_SITE}])
            silences |= {one.host: " ".join(wrong)} if wrong else {}
            gates += [] if wrong else [gate]
        for start in range(0, len(gates), _SITES_AT_ONCE):
            part = gates[start : start + _SITES_AT_ONCE]
            answer = self.ask("failback_gate", {"gates": part, "fail": False}, self._variables)
            silences |= _silences(answer, part)
        return silences

    def _predict_resources(self, services: Sequence[Usable]) -> dict[str, list[Json]]:
        """The predicted changes of each service's resources in a failover, by host; each with its ``kind``."""
        owners = [
            Owner(one.host, one.auth["aws"] or {}, one.service.failover.get("resources"), "secondary")
            for one in services
        ]
        found = observed(owners, lambda module, options: self.predict(module, options, self._variables))
        for one in services:
            found.setdefault(one.host, []).extend(self._predict_controls(one))
        return found

    def _predict_controls(self, one: Usable) -> list[Json]:
        """The predicted changes of a service's routing controls.

        Each service gets its own task. In a common task, the site of a service would not count as serving if an earlier
        service locks it.
        """
        targets = routing_controls.targets(one.service.failover, one.host)
        if not targets:
            return []
        options = {"state": "locked", "wait_timeout": routing_controls.READ_SECONDS, "targets": targets}
        answer = self.predict(routing_controls.MODULE, {**(one.auth["aws"] or {}), **options}, self._variables)
        nothing = {"name": "", "failed": True, "msg": str(answer.get("msg") or "nothing was answered")}
        return [{**seen, "kind": "routing controls"} for seen in answer.get("targets") or [nothing]]

    def _predict_pages(self, services: Sequence[Usable]) -> dict[str, tuple[list[Json], str]]:
        """The predicted pages of each service, and the problem where they are not known, by host."""
        found: dict[str, tuple[list[Json], str]] = {}
        wanted: list[Mapping[str, list[Json]]] = []
        for one in services:
            targets: Mapping[str, list[Json]] = {}
            try:
                targets = _targets(one)
            except RefusedError as problem:
                found[one.host] = ([], str(problem))
            wanted.append(targets)
        for kind in KINDS.values():
            asked = [
                {"how": one.auth.get(kind.auth) or {}, "what": targets.get(kind.name, [])}
                for one, targets in zip(services, wanted, strict=True)
            ]
            for account in accounts(asked, auth="how", of="what"):
                options = {"state": "enabled", "targets": together(asked, account, "what")}
                answer = self.ask(kind.module, {**account.auth, **options}, self._variables)
                names = [services[position].host for position in account.services]
                counts = [len(asked[position]["what"]) for position in account.services]
                _add(found, _shared_out(answer, kind.answer, names, counts))
        return found


def _result(one: Planned, service: Service | None, found: list[Json]) -> Json:
    return {"service": one.name, "findings": found, "stops": stopped(found), "msg": reported(service, found)}


def _in_aws(one: Usable) -> list[Json]:
    """The service as an option of ``failover_preflight``; empty if it has no health checks to lock."""
    options = one.service.failover
    checks = options["health_check_ids"]
    arns = routing_controls.given(options).get("site") or []
    service = {"name": one.host, "health_check_ids": checks, "records": zone_records(options)}
    return [{**service, "routing_control_arns": arns}] if checks else []


def _targets(one: Usable) -> Mapping[str, list[Json]]:
    """The targets that would be switched, by kind of front, each with the owner of the page."""
    owner = one.service.failover["maintenance_owner"]
    return {part.kind.name: part.kind.check(part.options, owner) for part in parts_of(one.service.page)}


def _silences(answer: Json, asked: Sequence[Mapping[str, t.Any]]) -> dict[str, str]:
    """The services whose other site did not answer well, with what was observed."""
    if "evidence" not in answer:
        return {str(gate["name"]): str(answer.get("msg")) for gate in asked}
    return {
        gate["name"]: f"Observed: {gate['observed']}; expected: {gate['expected']}. {gate['remedy']}".rstrip()
        for gate in answer["evidence"]["gates"]
        if not gate["passed"]
    }


def _shared_out(
    answer: Json, key: str, names: Sequence[str], counts: Sequence[int]
) -> dict[str, tuple[list[Json], str]]:
    """The pages of each service at its fronts of one kind, and the problem where there are none."""
    nothing = str(answer.get("msg") or "nothing was answered")
    parts = apart(answer.get(key) or [], counts)
    return {name: (seen, "" if seen else nothing) for name, seen in zip(names, parts, strict=True)}


def _add(found: dict[str, tuple[list[Json], str]], more: Mapping[str, tuple[list[Json], str]]) -> None:
    """Add the pages of fronts of another kind."""
    for name, (pages, problem) in more.items():
        before, problem_before = found.get(name, ([], ""))
        found[name] = ([*before, *pages], f"{problem_before} {problem}".strip())


def _handed_out(found: Json) -> Json:
    """The result for one service, which fails if there is a blocker."""
    result: Json = {"changed": False, "failed": bool(found["stops"]), "msg": found["msg"]}
    # Ansible prints the message of a failed task anyway. People also need the message if there is no blocker.
    return coded(result, "TG-PREFLIGHT") if found["stops"] else result | {"_ansible_verbose_always": True}
