# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads the state of all services of a play, account by account. The role ``status`` prints and returns it."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.utils.display import Display
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._failover import status
from ansible_collections.tidegate.failover.plugins.module_utils._failover.accounts import (
    account_of_each,
    accounts,
    together,
)
from ansible_collections.tidegate.failover.plugins.module_utils._failover.gates_now import Gates, outcomes_of
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import (
    Seen,
    parts_of,
    problems_of_fronts,
    seen_of,
)
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._registry import KINDS
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import routing_controls
from ansible_collections.tidegate.failover.plugins.module_utils._record.progress import left_in
from ansible_collections.tidegate.failover.plugins.plugin_utils import _processes
from ansible_collections.tidegate.failover.plugins.plugin_utils._all_services import (
    AllServices,
    Host,
    SharedState,
    compiled_once,
    read_once,
)
from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution, coded
from ansible_collections.tidegate.failover.plugins.plugin_utils._resources import MODULES, Owner, observed
from ansible_collections.tidegate.failover.plugins.plugin_utils._under_way import folder_of, inventory_of

Json = dict[str, t.Any]

#: The specification of the role's variable ``__status_asked``.
_OPTIONS: Mapping[str, Mapping[str, t.Any]] = {
    "health_check_ids": {"type": "list", "elements": "str"},
    "aws_auth": {"type": "dict", "no_log": True},
    "targets": {"type": "list", "elements": "dict"},
    "fronts": {"type": "list", "elements": "dict"},
    "auth": {"type": "dict", "no_log": True},
    "gates": {"type": "list", "elements": "str"},
    "routing_controls": {"type": "dict"},
    "evaluate_gates": {"type": "bool"},
    "requester": {"type": "str"},
    "record_dir": {"type": "str"},
    "record_name": {"type": "str"},
    "maintenance_owner": {"type": "str"},
    "resources": {"type": "dict"},
}
#: The options of a service whose variables cannot be used.
_NO_OPTIONS: Mapping[str, t.Any] = {
    "health_check_ids": [],
    "aws_auth": {},
    "parts": {},
    "auth": {},
    "gates": [],
    "controls": [],
    "evaluate_gates": False,
    "requester": None,
    "record_dir": "",
    "record_name": "",
    "maintenance_owner": "",
    "resources": {},
}


class ActionModule(DirectExecution):
    """One task reads the state of all services, and another one returns the state of each service."""

    _requires_connection = False
    _runs_modules_once = True
    _also_runs = (
        *("r53_healthcheck_info", routing_controls.MODULE),
        *(kind.info for kind in KINDS.values()),
        *MODULES,
    )

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Json:
        """Read, print or return the states, by the option ``do``."""
        self._variables: Json = task_vars or {}
        self._warnings: list[str] = []
        me = self._variables["inventory_hostname"]
        do = self._task.args["do"]
        if do == "read":
            return self._read(me)
        found = SharedState(Path(self._variables[self._task.args["found_in"]]["found"]))
        return _handed_out(found.part(me)) if do == "hand_out" else _printed(found.whole(me))

    def _read(self, me: str) -> Json:
        found, statuses = read_once(self._task, me, self._read_all)
        result: Json = {"changed": False, "found": str(found.place)}
        if statuses:
            result["ansible_stats"] = {"data": {"tidegate_statuses": statuses}, "per_host": False, "aggregate": True}
        return result | ({"warnings": list(dict.fromkeys(self._warnings))} if self._warnings else {})

    def _read_all(self) -> tuple[dict[str, Json], list[str]]:
        hosts = AllServices(self._task, self._loader, self._variables)
        with compiled_once():
            services = [_service(hosts.host(name)) for name in hosts.names]
        in_aws = accounts(services, auth="aws_auth", of="health_check_ids")
        of_aws = [
            self._health_checks(account.auth, together(services, account, "health_check_ids")) for account in in_aws
        ]
        places, fronts = account_of_each(len(services), in_aws), self._fronts(services)
        left, controls = self._left_by_runs(services), self._controls(services)
        asked = [
            {
                "maintenance_owner": service["maintenance_owner"],
                "runs": left.get(service["service"], []),
                "inventory": inventory_of(self._variables),
                **{key: service[key] for key in ("service", "health_check_ids", "problems")},
                "aws_account": place,
                "fronts": seen,
                "controls": controls.get(service["service"]),
                "gates": {"defined": len(service["gates"]), "failed": None},
            }
            for service, place, seen in zip(services, places, fronts, strict=True)
        ]
        found = status.service_statuses(asked, of_aws, datetime.now(UTC), _processes.is_running)
        self._add_resources(services, found)
        self._evaluate_gates(hosts, services, found)
        return {one["service"]: one for one in found}, status.table(found)

    def _add_resources(self, services: Sequence[Json], found: Sequence[Json]) -> None:
        """Check whether the resources of each service are at the site that serves its users."""
        owners = [
            Owner(one["service"], service["aws_auth"] or {}, service["resources"], site)
            for service, one in zip(services, found, strict=True)
            if (site := status.site_of_users(one)) is not None
        ]
        seen = observed(owners, lambda module, options: self.predict(module, options, self._variables))
        for one in found:
            status.add_resources(one, seen.get(one["service"], []))

    def _left_by_runs(self, services: Sequence[Json]) -> dict[str, list[Json]]:
        """The progress of runs that have left no record, by service. Each folder is read once."""
        folders = {service["record_dir"]: folder_of(service["record_dir"], self._variables) for service in services}
        left = {given: left_in(folder) if folder else {} for given, folder in folders.items()}
        return {service["service"]: left[service["record_dir"]].get(service["record_name"], []) for service in services}

    def _controls(self, services: Sequence[Json]) -> dict[str, Json]:
        """The states of routing controls, by service. Without evidence the module only reads."""
        found: dict[str, Json] = {}
        for account in accounts(services, auth="aws_auth", of="controls"):
            asked = together(services, account, "controls")
            options = {"state": "unlocked", "targets": asked, "wait_timeout": routing_controls.READ_SECONDS}
            answer = self.predict(routing_controls.MODULE, {**account.auth, **options}, self._variables)
            reported = answer.get("targets") or [{"msg": answer.get("msg")}] * len(asked)
            for target, one in zip(asked, reported, strict=True):
                problem = "" if one.get("before") else f"routing controls: {one['msg']}"
                seen = {"site": target["routing_control_arns"], "states": one.get("before"), "problem": problem}
                found[target["name"]] = seen
        return found

    def _health_checks(self, auth: Mapping[str, t.Any], ids: Sequence[str]) -> Json:
        options = {"health_check_ids": list(dict.fromkeys(ids)), "include_observations": True}
        return self._answer_of("r53_healthcheck_info", {**auth, **options})

    def _fronts(self, services: Sequence[Json]) -> list[list[Seen]]:
        """The state of the fronts of each service. Fronts of one kind and account are read together."""
        seen: list[list[Seen]] = [[] for _service in services]
        for kind in KINDS.values():
            asked = [
                {"auth": service["auth"].get(kind.auth) or {}, "targets": service["parts"].get(kind.name, [])}
                for service in services
            ]
            for account in accounts(asked, auth="auth", of="targets"):
                targets = together(asked, account, "targets")
                answer = self._answer_of(kind.info, {**account.auth, "targets": targets})
                found = iter(seen_of(kind, answer, targets))
                for position in account.services:
                    seen[position] += [next(found) for _target in asked[position]["targets"]]
        return seen

    def _answer_of(self, module: str, options: Json) -> Json:
        """The answer of a module. If the module fails, the failure is reported for each service."""
        answer = self.ask(module, options, self._variables)
        self._warnings += answer.pop("warnings", None) or []
        return answer

    def _evaluate_gates(self, hosts: AllServices, services: Sequence[Json], found: Sequence[Json]) -> None:
        """Evaluate the gates of locked services whose options request it."""
        locked = {
            one["service"]: one
            for service, one in zip(services, found, strict=True)
            if service["evaluate_gates"] and service["gates"] and one["lock"] is not None
        }
        requesters = {service["service"]: service["requester"] for service in services}
        asked = [
            Gates(
                name,
                hosts.host(name).value("status_gates"),
                one["lock"]["id"],
                requesters[name] or None,
                partial(_show, name),
            )
            for name, one in locked.items()
        ]
        for name, passes in outcomes_of(asked, check=bool(self._task.check_mode)).items():
            if isinstance(passes, RefusedError):
                locked[name]["problems"].append(f"its gates cannot be evaluated: {passes}")
            else:
                locked[name]["gates"]["failed"] = [gate for gate, passed in passes.items() if not passed]


def _service(host: Host) -> Json:
    """A service with its options. Its invalid variables are a problem of this service only."""
    try:
        given = host.value("__status_asked")
    except AnsibleError as problem:
        return {**_NO_OPTIONS, "service": host.name, "problems": [f"its variables cannot be used: {problem}"]}
    checked = ArgumentSpecValidator(dict(_OPTIONS)).validate(given)
    values: Json = checked.validated_parameters
    reported = " ".join(checked.error_messages or [*problems_of_fronts(values), *routing_controls.problems(values)])
    if reported:
        return {**_NO_OPTIONS, "service": host.name, "problems": [f"its variables cannot be used: {reported}"]}
    parts = {part.kind.name: part.targets for part in parts_of(values)}
    controls = routing_controls.targets(values, host.name)
    return {**values, "service": host.name, "parts": parts, "problems": [], "controls": controls}


def _printed(table: list[str] | None) -> Json:
    """The table, printed only once: by the host that has read the states."""
    return {"changed": False} if table is None else {"changed": False, "msg": table, "_ansible_verbose_always": True}


def _handed_out(found: Json) -> Json:
    problems = found["problems"]
    result = {**found, "changed": False, "failed": bool(problems)} | ({"msg": " ".join(problems)} if problems else {})
    return coded(result, "TG-NOT-KNOWN")


def _show(service: str, line: str) -> None:
    Display().display(f"waiting: [{service}] {line}")
