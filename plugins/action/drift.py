# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Detects drift of all services of a play, account by account, and repairs the kinds of drift that are named."""

from __future__ import annotations

import json
import secrets
import time
import typing as t
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.tidegate.failover.plugins.module_utils._drift import finding as drift
from ansible_collections.tidegate.failover.plugins.module_utils._drift import notifying
from ansible_collections.tidegate.failover.plugins.module_utils._drift.alarms import problems_of_alarms
from ansible_collections.tidegate.failover.plugins.module_utils._drift.finding import Finding
from ansible_collections.tidegate.failover.plugins.module_utils._drift.record import record_of
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import parts_of, problems_of_fronts
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import routing_controls
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.resource import problems_of_resources
from ansible_collections.tidegate.failover.plugins.module_utils._record.journal import journal_path
from ansible_collections.tidegate.failover.plugins.module_utils._record.progress import write
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import recorded, time_from
from ansible_collections.tidegate.failover.plugins.plugin_utils._all_services import (
    AllServices,
    Host,
    SharedState,
    compiled_once,
    read_once,
)
from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution, coded
from ansible_collections.tidegate.failover.plugins.plugin_utils._drift_watch import MODULES, Service, Watch
from ansible_collections.tidegate.failover.plugins.plugin_utils._role_variables import misspelt_variables
from ansible_collections.tidegate.failover.plugins.plugin_utils._telling import MODULES as NOTIFICATION_MODULES
from ansible_collections.tidegate.failover.plugins.plugin_utils._telling import Notifier, warnings_of

Json = dict[str, t.Any]

#: The specification of the role's variable ``__drift_asked``.
_OPTIONS: Mapping[str, Mapping[str, t.Any]] = {
    **{name: {"type": "list", "elements": "str"} for name in ("health_check_ids", "repair", "fail_on")},
    **{name: {"type": "list", "elements": "dict"} for name in ("targets", "fronts", "records", "alarms")},
    **{name: {"type": "str"} for name in ("check_path", "lock_path", "lock_method", "secondary_url")},
    **{name: {"type": "str"} for name in ("verify_url", "record_dir")},
    **{name: {"type": "dict"} for name in ("resources", "routing_controls", "verify")},
    "auth": {"type": "dict", "no_log": True},
    "oci_alarms": {"type": "list", "elements": "dict", "no_log": True},
    **{name: {"type": "float"} for name in ("settle", "notify_again")},
}


class ActionModule(DirectExecution):
    """One task checks all services, and another one returns the findings."""

    _requires_connection = False
    _runs_modules_once = True
    _also_runs = (*MODULES, "r53_healthcheck_lock", *NOTIFICATION_MODULES)

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Json:
        """Watch, print or return the findings, by the option ``do``."""
        self._variables: Json = task_vars or {}
        me = self._variables["inventory_hostname"]
        do = self._task.args["do"]
        if do == "watch":
            return self._watch(me)
        found = SharedState(Path(self._variables[self._task.args["found_in"]]["found"]))
        return self._handed_out(found.part(me)) if do == "hand_out" else _printed(found.whole(me))

    def _watch(self, me: str) -> Json:
        state, parts = read_once(self._task, me, self._check_all)
        result: Json = {"changed": any(part["changed"] for part in parts.values()), "found": str(state.place)}
        if parts:
            by_service = {name: part["findings"] for name, part in parts.items()}
            result["ansible_stats"] = {"data": {"tidegate_drift": by_service}, "per_host": False, "aggregate": True}
        return result

    def _check_all(self) -> tuple[dict[str, Json], list[str]]:
        hosts = AllServices(self._task, self._loader, self._variables)
        with compiled_once():
            services = [_service(hosts.host(name)) for name in hosts.names]
        watch = Watch(
            lambda module, options: self.ask(module, options, self._variables),
            lambda module, options: self.predict(module, options, self._variables),
        )
        began = datetime.now(UTC)
        found = self._confirmed(watch, services, watch.findings(services, began))
        parts: dict[str, Json] = {}
        for service in services:
            findings = self._repaired(watch, service, found[service.host])
            parts[service.host] = _part(service, findings, recorded(began))
        return parts, [line for part in parts.values() for line in part["lines"]]

    def _confirmed(
        self, watch: Watch, services: Sequence[Service], first: dict[str, list[Finding]]
    ) -> dict[str, list[Finding]]:
        """The findings that remain after a run in progress has had time to continue."""
        again = [one for one in services if first[one.host] and not one.problem and one.asked["settle"] > 0]
        if not again:
            return first
        time.sleep(max(one.asked["settle"] for one in again))
        second = watch.findings(again, datetime.now(UTC))
        return first | {host: drift.confirmed(first[host], found) for host, found in second.items()}

    def _repaired(self, watch: Watch, service: Service, findings: Sequence[Finding]) -> list[Finding]:
        """Repair the findings of the named kinds, locks before pages. A repair of several findings runs once."""
        named = service.asked.get("repair") or []
        answers: dict[str, Json] = {}
        seen: dict[int, Finding | None] = dict(enumerate(findings))
        in_order = sorted(range(len(findings)), key=lambda number: list(drift.KINDS).index(findings[number].kind))
        for number in in_order:
            finding = findings[number]
            if finding.kind not in named or finding.repair is None:
                continue
            key = json.dumps([finding.repair.module, finding.repair.options], sort_keys=True, default=str)
            if key not in answers:
                fresh = drift.to_repair(finding, watch.again(service, finding.kind, datetime.now(UTC)))
                seen[number] = fresh
                if fresh is None or fresh.repair is None:
                    continue
                finding, options = fresh, {**service.auth(fresh.repair.auth), **fresh.repair.options}
                answers[key] = self.ask(fresh.repair.module, options, self._variables)
            check_mode = bool(self._task.check_mode)
            seen[number] = drift.after_repair(finding, answers[key], check_mode=check_mode)
        return [finding for finding in seen.values() if finding is not None]

    def _handed_out(self, found: Json) -> Json:
        """The result for one service. It fails if there is a finding of a kind in ``drift_fail_on``."""
        warnings = [] if found["fails"] else [line for line in found["lines"] if found["findings"]]
        notified, problems = self._notify(found)
        result: Json = {"changed": False, "failed": found["fails"], "msg": "\n".join(found["lines"])}
        reported = {"service": found["service"], "findings": found["findings"], "notified": notified}
        warnings += [*problems, *warnings_of(notified)]
        return coded(result | reported | ({"warnings": warnings} if warnings else {}), "TG-DRIFT")

    def _notify(self, found: Json) -> tuple[list[Json], list[str]]:
        """Send the due findings to the notification targets; returns the notified targets, and the problems.

        A file next to the records keeps which findings were sent before. Without a folder for records, each watch sends
        all its findings.
        """
        path, known, problems = _known(found)
        findings = [Finding(**{name: one[name] for name in _KEPT_FIELDS}) for one in found["findings"]]
        due = notifying.due(findings, known, time_from(found["ended"]), found["notify_again"])
        if not due:
            return [], problems
        notifier = Notifier(self, self._variables)
        wrong = notifier.problems("drift_notify_to")
        receivers = [] if wrong else notifier.receivers("drift_notify_to")
        if not receivers:
            return [], problems + wrong
        record = record_of(found["service"], due, found["run"], found["began"], found["ended"])
        reported = list(notifier.notify(record, receivers, notifier.options(record)))
        # If no notification was sent, the next watch tries again.
        if path is not None and any(one["status"] == "sent" for one in reported):
            problems += _keep(path, due)
        return reported, problems


#: The fields of a finding that are kept until the result for the service is returned.
_KEPT_FIELDS = ("kind", "object", "observed", "expected", "next", "repaired", "outcome")


def _known(found: Json) -> tuple[Path | None, list[notifying.Known], list[str]]:
    """The file with earlier notifications, its content, and the problems of reading it."""
    if not found["record_dir"]:
        return None, [], []
    path: Path | None = None
    try:
        folder = str(Path(found["record_dir"]).expanduser())
        path = journal_path(folder, found["service"]).with_name(f"{found['service']}.drift.json")
        return path, notifying.known_from(json.loads(path.read_text(encoding="utf-8"))), []
    except FileNotFoundError:
        return path, [], []
    except (OSError, ValueError, RefusedError) as problem:
        why = f"Earlier notifications are not known, so all findings count as new: {path or ''} {problem}."
        return path, [], [" ".join(why.split())]


def _keep(path: Path, due: notifying.Due) -> list[str]:
    try:
        write(path, notifying.to_keep(due.known))
    except OSError as problem:
        return [f"{path} could not be written, so the next watch notifies of the same again: {problem.strerror}."]
    return []


def _service(host: Host) -> Service:
    """A service. Invalid variables become a finding of this service, and the other services are still watched."""
    try:
        given = host.value("__drift_asked")
    except AnsibleError as problem:
        return _unclear(host, str(problem))
    checked = ArgumentSpecValidator(dict(_OPTIONS)).validate(given)
    values: Json = checked.validated_parameters
    wrong = checked.error_messages or [
        *misspelt_variables(host.variables, "drift"),
        *problems_of_fronts(values),
        *routing_controls.problems(values),
        *problems_of_resources(values),
        *problems_of_alarms(values["alarms"]),
        *drift.problems_of_kinds(values["repair"], values["fail_on"]),
        *(_problem_of_seconds(name, values[name]) for name in ("settle", "notify_again") if values[name] < 0),
    ]
    if wrong:
        return _unclear(host, " ".join(wrong))
    watched = ("health_check_ids", "targets", "fronts", "resources", "alarms", "oci_alarms", "routing_controls")
    if not any(values[name] for name in watched):
        return _unclear(host, "none says what is to be watched. Give health checks, fronts, resources or alarms")
    targets = {part.kind.name: part.targets for part in parts_of(values)}
    return Service(host.name, values, targets)


def _problem_of_seconds(name: str, given: float) -> str:
    return f"drift_{name} is {given:g}. Give seconds, zero or more."


def _unclear(host: Host, problem: str) -> Service:
    return Service(host.name, {}, problem=f"the variables cannot be used: {problem}")


def _part(service: Service, findings: Sequence[Finding], began: str) -> Json:
    """The data of a service that is kept until its result is returned."""
    fail_on = [drift.ALL] if service.problem else service.asked["fail_on"]
    now = datetime.now(UTC)
    run = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    return {
        "service": service.host,
        "findings": [finding.to_json() for finding in findings],
        "changed": any(finding.repaired for finding in findings),
        "fails": bool(drift.counted(findings, fail_on)),
        "lines": drift.reported(service.host, findings),
        "run": run,
        "began": began,
        "ended": recorded(now),
        "record_dir": service.asked.get("record_dir") or "",
        "notify_again": service.asked.get("notify_again") or 0,
    }


def _printed(table: list[str] | None) -> Json:
    """The lines, printed only once: by the host that has checked all services."""
    return {"changed": False} if table is None else {"changed": False, "msg": table, "_ansible_verbose_always": True}
