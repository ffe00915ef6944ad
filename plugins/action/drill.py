# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs one task of a drill. The role ``drill`` calls it, and runs the procedures in between."""

from __future__ import annotations

import secrets
import typing as t
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ansible.errors import AnsibleError
from ansible.utils.display import Display
from ansible_collections.tidegate.failover.plugins.module_utils._drill import asked, ending, findings
from ansible_collections.tidegate.failover.plugins.module_utils._drill.drill import (
    NOTE,
    PROVEN,
    STOPS,
    Drill,
    end,
    finding,
    rehearsals,
    start,
)
from ansible_collections.tidegate.failover.plugins.module_utils._drill.instead import instead, reason
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._failover import status
from ansible_collections.tidegate.failover.plugins.module_utils._fronts import _fronts as fronts
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import failures
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.ending import keep
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.failover import promotes
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.summary import Places
from ansible_collections.tidegate.failover.plugins.module_utils._record.commands import Target
from ansible_collections.tidegate.failover.plugins.module_utils._record.journal import journal_path
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import recorded
from ansible_collections.tidegate.failover.plugins.plugin_utils._all_services import AllServices, Host, SharedState
from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution, coded
from ansible_collections.tidegate.failover.plugins.plugin_utils._role_variables import (
    as_specified,
    misspelt_variables,
    options_of,
    problems_of_values,
)
from ansible_collections.tidegate.failover.plugins.plugin_utils._under_way import folder_of, inventory_of

Json = dict[str, t.Any]

#: Roles whose variables describe the service.
_ROLES = ("failover", "failback", "maintenance", "procedure")
_PAGE = ("verify_url", "verify_status", "verify_service_status", "verify_validate_certs", "verify_ca_path")


class ActionModule(DirectExecution):
    """One task of a drill. The result contains the drill, so that the next task can continue it."""

    _requires_connection = False
    _also_runs = ("failover_state", "failback_gate", "r53_healthcheck_info", *fronts.MODULES)

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Json:
        """Run the action of the option ``do``."""
        self._variables: Json = task_vars or {}
        services = AllServices(self._task, self._loader, self._variables, roles=_ROLES)
        self._host: Host = services.host(self._variables["inventory_hostname"])
        self._warnings: list[str] = []
        try:
            wrong = self._wrong_variables()
            if not wrong:
                self._read_options()
        except AnsibleError as problem:
            wrong = [f"The variables of the service cannot be used: {problem}"]
        if wrong:
            return _refused(wrong)
        if self._task.args["do"] == "begin":
            return self._begin()
        self._drill = Drill.from_json(self._variables["drill_run"]["run"])
        found: Json = getattr(self, f"_{self._task.args['do']}")()
        return found if self._task.args["do"] == "sum_up" else self._result(found)

    def _wrong_variables(self) -> list[str]:
        """What is wrong with the variables of all roles that a drill runs, a sentence each."""
        roles = ("drill", "failover", "failback", "maintenance")
        values = {role: self._host.values(options_of(role)) for role in roles}
        # The drill sets this variable itself.
        values["maintenance"]["maintenance_state"] = "enabled"
        wrong = [problem for role in roles for problem in problems_of_values(role, values[role])]
        return [*wrong, *misspelt_variables(self._host.variables)]

    def _read_options(self) -> None:
        value = self._host.value
        self._options = as_specified("drill", value("__drill_options"))
        self._failover = as_specified("failover", value("__failover_options"))
        self._failback = as_specified("failback", value("__failback_options"))
        self._page: Json = dict(value("procedure_page"))
        self._auth: Json = dict(value("__failover_auth"))

    def _result(self, more: Mapping[str, t.Any]) -> Json:
        drill = self._drill
        result: Json = {
            "changed": False,
            "way_back": False,
            "acknowledge": False,
            "run": drill.to_json(),
            "rehearse": self._rehearsals(),
            "effects": drill.effects,
        }
        if self._warnings:
            result["warnings"] = list(dict.fromkeys(self._warnings))
        return result | dict(more)

    def _rehearsals(self) -> list[str]:
        drill = self._drill
        if drill.problem:
            return []
        return rehearsals(drill.of, effect=drill.effect, locked=bool(drill.before.get("lock")))

    # The actions of the option ``do``.

    def _begin(self) -> Json:
        """Check whether the drill may begin. The record contains why it was refused, unless variables are wrong."""
        wrong = self._problems()
        if wrong:
            return _refused(wrong)
        now, options = _now(), self._options
        self._drill = Drill(
            id=f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}",
            service=str(self._failover["service"]),
            began=recorded(now),
            of=[part for part in ("maintenance", "lock", "failover", "failback") if part in options["of"]],
            effect=bool(options["effect"]),
            check=bool(self._task.check_mode),
        )
        may, problem = self._may_begin()
        self._drill.before = self._standing() | {"failed_over_at": _failed_over_at(may)}
        self._judge(may, problem, now)
        return self._result({})

    def _problems(self) -> list[str]:
        options = self._options
        named = asked.Named(
            service=self._host.name,
            limit=str(self._variables.get("ansible_limit") or ""),
            services=asked.services_of(options["services"]),
            meant=list(self._variables["ansible_play_hosts_all"]),
            known=list(self._variables["groups"].get("services", [])),
        )
        if not named.known:
            return ["There is no service: give an inventory (-i) with hosts in the group 'services'."]
        unknown = asked.unknown_services(named)
        extra_vars = self._variables["hostvars"]._variable_manager.extra_vars
        return [
            *asked.problems(options, extra_vars),
            *asked.unknown_gates(options["gates_not_now"], self._failback["gates"]),
            *([f"drill_services names {', '.join(unknown)}, which the inventory does not have."] if unknown else []),
            *filter(None, [asked.why_not_named(named) if options["effect"] else ""]),
        ]

    def _judge(self, may: Json | None, problem: str, now: datetime) -> None:
        drill = self._drill
        time = datetime.fromisoformat(may["time"]) if may else now
        found = asked.Found(time, may, drill.before, self._target())
        if problem and drill.effect:
            drill.problem = f"It is not known whether the drill may begin. {problem}"
            return
        drill.problem = asked.why_refused(drill.of, self._options["blocked"], found, effect=drill.effect)
        seen = SharedState(Path(self._variables[self._task.args["found_in"]]["found"])).part(self._host.name)
        drill.findings += findings.of_preflight(seen["findings"], drill.of, effect=drill.effect)
        if problem:
            drill.findings.append(finding("state", "who has the service", STOPS, problem))
        elif may and not may["allowed"]:
            drill.findings.append(finding("state", "an automatic failover", NOTE, f"None may begin now. {may['msg']}"))
        if "lock" in drill.of:
            drill.findings += findings.of_lock_alone(promotes=promotes(self._failover), effect=drill.effect)

    def _start(self) -> Json:
        """Begin a step: a procedure, or the switch of a page."""
        start(self._drill, self._task.args["step"], recorded(_now()))
        return {"instead": self._instead(), "reason": self._reason(), "page_owner": self._page_owner()}

    def _end(self) -> Json:
        """End the step. If its procedure wrote a record, the results are in that record."""
        drill, problem = self._drill, self._problem()
        record = self._new_record()
        part, step = str(self._task.args["of"]), str(drill.current["name"])
        if record:
            self._count(part, record)
        elif problem:
            drill.findings.append(finding(part, step, STOPS, problem))
        else:
            drill.findings.append(finding(part, step, PROVEN, self._page_reported()))
        drill.way_back_failed = drill.way_back_failed or bool(problem and self._task.args.get("way_back"))
        changed = self._has_changed(record)
        end(drill, recorded(_now()), problem, str(record["msg"]) if record else self._page_reported(), changed=changed)
        return {"changed": changed}

    def _has_changed(self, record: Json | None) -> bool:
        if record:
            return not record["check"] and any(step["changed"] for step in record["steps"])
        return bool((self._variables.get("__maintenance_switched") or {}).get("changed"))

    def _count(self, part: str, record: Json) -> None:
        """Add the results of a procedure to the drill."""
        drill = self._drill
        drill.records.append(record["id"])
        drill.gates += record["gates"]
        drill.findings += findings.of_record(part, record)
        if record["operation"] != "failover":
            return
        if not record["check"]:
            drill.lock_ids += record["lock_ids"]
        if part == "failover" and record["check"]:
            drill.findings.append(findings.of_recovery_point(record, self._failover["rpo"]))
        elif part == "failover":
            drill.figures = {name: record[name] for name in ending.FIGURES}

    def _rehearse_fronts(self) -> Json:
        """Predict in check mode the switch of the fronts, and probe the server of the page."""
        drill = self._drill
        start(drill, "rehearse maintenance", recorded(_now()))
        try:
            parts = fronts.parts_of(self._page)
        except RefusedError as problem:
            drill.findings.append(finding("maintenance", "fronts", STOPS, str(problem)))
            parts = []
        if not fronts.has_front(self._page):
            drill.findings.append(finding("maintenance", "fronts", STOPS, fronts.no_front()))
        options: Json = {"state": "enabled", "owner": self._page_owner(), "reason": self._reason()}
        answers = [(part.kind, self._of_service(part.kind.module, {**options, **part.options})) for part in parts]
        if answers:
            drill.findings += findings.of_fronts(fronts.switched(answers), _entrances(answers), effect=drill.effect)
            drill.findings += self._page_findings()
        end(drill, recorded(_now()), "", "The fronts and the page were examined.", changed=False)
        return {}

    def _page_findings(self) -> list[Json]:
        url, page = str(self._options["page_url"]), self._verify()
        gates = self._evaluate(findings.page_gates(url, page), "maintenance")
        effect = self._drill.effect
        return list(findings.of_page(gates, page_url=url, verify_url=page["verify_url"], effect=effect))

    def _verify(self) -> Json:
        given = {name: self._host.value(f"maintenance_{name}") for name in _PAGE}
        values = as_specified("maintenance", given)
        return {
            "verify_url": str(values["verify_url"] or ""),
            "status": values["verify_status"],
            "service_status": values["verify_service_status"],
            "validate_certs": values["verify_validate_certs"],
            "ca_path": values["verify_ca_path"],
        }

    def _rehearse_gates(self) -> Json:
        """Evaluate the gates of a failback now, in check mode and with no lock to release."""
        drill, effect = self._drill, self._drill.effect
        start(drill, "evaluate the gates of a failback", recorded(_now()))
        excused = findings.excused_gates(self._failback, self._options["gates_not_now"], effect=effect)
        gates = self._evaluate(findings.gates_to_ask(self._failback["gates"], effect=effect), "failback")
        drill.findings += findings.of_gates(gates, excused)
        drill.findings += findings.too_long_away(self._failback) if effect else ()
        msg = f"{sum(bool(gate['passed']) for gate in gates)} of {len(gates)} gates pass now."
        end(drill, recorded(_now()), "", msg, changed=False)
        return {}

    def _evaluate(self, gates: Sequence[Json], part: str) -> list[Json]:
        """The results of gates, which are kept as evidence."""
        if not gates:
            return []
        options: Json = {"gates": list(gates), "fail": False, "requester": self._failback["requester"] or None}
        answer = self._of_service("failback_gate", options)
        if "evidence" not in answer:
            self._drill.findings.append(finding(part, "gates", STOPS, str(answer.get("msg"))))
            return []
        seen: list[Json] = answer["evidence"]["gates"]
        self._drill.gates += seen
        return seen

    def _see_way_back(self) -> Json:
        """Check whether there is a lock of this drill to release. The lock of another run is left unchanged."""
        drill = self._drill
        state, problem = self._state()
        if problem:
            # The failback runs in any case, and reports the problem.
            return {"way_back": True}
        lock = (state or {}).get("lock")
        if not lock:
            msg = "Nothing is locked, so there is nothing to take back."
            drill.findings.append(finding("way back", "the lock", NOTE, msg))
            return {"way_back": False}
        is_own = lock["id"] in drill.lock_ids or drill.id in str(lock["reason"])
        if not is_own:
            msg = f"The service is locked by {lock['owner']} (lock {lock['id']}), not by this drill. It stays as it is."
            drill.findings.append(finding("way back", "the lock", STOPS, msg))
        return {"way_back": is_own}

    def _see_what_blocks(self) -> Json:
        """Check whether the drill has left a cool-down, which blocks automatic failovers."""
        state, problem = self._state()
        left = not problem and bool(state) and not (state or {}).get("lock")
        return {"acknowledge": left and _failed_over_at(state) != self._drill.before["failed_over_at"]}

    def _compare(self) -> Json:
        """Check whether the service is in the same state as before the drill."""
        self._drill.after = self._standing()
        found = findings.of_standing(self._drill.before, self._drill.after)
        self._drill.findings.append(found)
        self._drill.way_back_failed = self._drill.way_back_failed or found["result"] == STOPS
        return {}

    def _finish(self) -> Json:
        """Write the record."""
        drill, options = self._drill, self._options
        given = {name: options[name] for name in ("owner", "reason")}
        given |= {name: self._failover[name] or None for name in ("rto", "rpo")}
        record = ending.record(drill, given, recorded(_now()))
        problem = keep(record, self._folder(options["record_dir"]), check=drill.check)
        self._warnings += [problem] if problem else []
        return {
            "record": record,
            "not_kept": problem,
            "report_dir": "" if drill.check else self._folder(options["report_dir"]),
            "ansible_stats": {
                "data": {"tidegate_drills": {drill.service: record}},
                "per_host": False,
                "aggregate": True,
            },
        }

    def _sum_up(self) -> Json:
        """Show the summary. The task fails if the drill has failed."""
        drill, ended = self._drill, self._variables["drill_run"]
        text = ending.summary(drill, ended["record"], self._places(ended))
        if text:
            Display().display(text)
        result: Json = {"changed": False, "msg": ending.reported(drill)}
        if ending.status(drill) == "completed":
            return result | {"_ansible_verbose_always": True}
        return coded(result | {"failed": True}, "TG-DRILL")

    # Helpers.

    def _may_begin(self) -> tuple[Json | None, str]:
        """Whether an automatic failover might begin now. The same blockers apply to a drill with effect."""
        return self._state(
            operation="failover",
            trigger="automatic",
            automatic_allowed=self._failover["automatic_allowed"],
            cooldown=self._failover["cooldown"],
            service=self._host.name,
            inventory=list(inventory_of(self._variables)),
        )

    def _state(self, **options: t.Any) -> tuple[Json | None, str]:
        """The state of the service, or why it is not known. Neither exists if the service has no health check."""
        checks = self._failover["health_check_ids"]
        if not checks:
            return None, ""
        asks = {"health_check_id": str(checks[0]), "lock_path": self._failover["lock_path"], **options}
        answer = self._of_service("failover_state", asks)
        return (None, str(answer.get("msg"))) if answer.get("failed") else (answer, "")

    def _standing(self) -> Json:
        """The state of the service, as the role ``status`` reports it."""
        checks = [str(check) for check in self._failover["health_check_ids"]]
        asks = {"health_check_ids": checks, "include_observations": True, "lock_path": self._failover["lock_path"]}
        answer = self._of_service("r53_healthcheck_info", asks) if checks else {}
        service = {
            "service": self._host.name,
            "health_check_ids": checks,
            "aws_account": 0,
            "fronts": self._fronts(),
            "gates": {"defined": 0, "failed": None},
        }
        (found,) = status.service_statuses([service], [answer], _now())
        return {name: found[name] for name in ("serving", "lock", "maintenance", "problems")}

    def _fronts(self) -> list[fronts.Seen]:
        try:
            parts = fronts.parts_of(self._page)
        except RefusedError:
            # Preflight has reported it.
            return []
        return [
            seen
            for part in parts
            for seen in fronts.seen_of(part.kind, self._of_service(part.kind.info, part.options), part.targets)
        ]

    def _of_service(self, module: str, options: Mapping[str, t.Any]) -> Json:
        """Run a module with the credentials of the service."""
        sign_in = {} if module == "failback_gate" else self._auth.get(fronts.AUTH.get(module, "aws")) or {}
        given = {name: value for name, value in {**sign_in, **options}.items() if value is not None}
        return self.ask(module, given, self._variables)

    def _instead(self) -> Json:
        given = {
            "owner": self._options["owner"],
            "reason": self._options["reason"],
            "override": self._failback["override"],
        }
        return instead(self._drill, str(self._task.args["of"]), given, self._options["gates_not_now"])

    def _reason(self) -> str:
        return reason(self._drill, str(self._options["reason"]))

    def _page_owner(self) -> str:
        return ending.page_owner(self._drill.service)

    def _page_reported(self) -> str:
        switched = self._variables.get("__maintenance_switched") or {}
        answer = self._variables.get("__maintenance_answer") or {}
        url = self._verify()["verify_url"]
        probe = f" {url} answers {answer['status']}." if url and "status" in answer else ""
        return f"{switched.get('outcome') or switched.get('msg') or ''}{probe}"

    def _new_record(self) -> Json | None:
        """The record of a procedure that has run since the last step; None if none has."""
        record: Json | None = self._variables.get("procedure_record")
        return record if record and record["id"] not in self._drill.records else None

    def _problem(self) -> str:
        """Why the tasks of the step have failed; empty if they have not."""
        if not self._task.args.get("failed"):
            return ""
        return failures.reason(self._variables.get("ansible_failed_result"))

    def _folder(self, given: str) -> str:
        return folder_of(given, self._variables)

    def _target(self) -> Target:
        checks = [str(check) for check in self._failover["health_check_ids"]]
        return Target(self._host.name, inventory_of(self._variables), checks)

    def _places(self, ended: Mapping[str, t.Any]) -> Places:
        folder, drill = self._folder(self._options["record_dir"]), self._drill
        kept = "in no file" if drill.check or not folder else str(journal_path(folder, drill.service))
        reports = [str(path) for path in self._variables.get("report_files") or [] if drill.id in str(path)]
        return Places(
            target=self._target(),
            record=str(ended["not_kept"] or kept),
            reports=reports if ended["report_dir"] else [],
        )


def _refused(problems: Sequence[str]) -> Json:
    msg = "\n".join(["Nothing was done.", *dict.fromkeys(problems)])
    return coded({"changed": False, "failed": True, "msg": msg}, "TG-DRILL")


def _entrances(answers: Sequence[tuple[t.Any, Json]]) -> list[tuple[str, t.Any]]:
    """Each entrance of each front as it would be, with the front's label."""
    return [
        (kind.label(found), entrance)
        for kind, answer in answers
        for found in answer.get(kind.answer) or []
        if found.get("after")
        for entrance in kind.switched(found)
    ]


def _failed_over_at(state: Mapping[str, t.Any] | None) -> str | None:
    found: str | None = ((state or {}).get("state") or {}).get("failed_over_at")
    return found


def _now() -> datetime:
    return datetime.now(UTC)
