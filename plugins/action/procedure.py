# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs one task of a procedure. The role ``procedure`` calls it, and the engine decides which steps run."""

from __future__ import annotations

import importlib
import secrets
import typing as t
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

from ansible.errors import AnsibleError
from ansible.utils.display import Display
from ansible_collections.tidegate.failover.plugins.module_utils._errors import defect
from ansible_collections.tidegate.failover.plugins.module_utils._fronts import _fronts as fronts
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import ending, failures, routing_controls
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import CHECK_MODE, ModuleFailedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.engine import Engine
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.registry import BUILT_IN, RESOURCES
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.summary import Places, explained, summary
from ansible_collections.tidegate.failover.plugins.module_utils._record.journal import journal_path
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import recorded
from ansible_collections.tidegate.failover.plugins.plugin_utils import _aws_models, _processes
from ansible_collections.tidegate.failover.plugins.plugin_utils._all_services import (
    AllServices,
    Host,
    compiled_once,
    read_once,
)
from ansible_collections.tidegate.failover.plugins.plugin_utils._beginning import Beginning, Together, share_out
from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution, coded
from ansible_collections.tidegate.failover.plugins.plugin_utils._elsewhere import elsewhere
from ansible_collections.tidegate.failover.plugins.plugin_utils._progress import shown_progress
from ansible_collections.tidegate.failover.plugins.plugin_utils._role_variables import (
    as_specified,
    list_of,
    misspelt_variables,
    options_of,
    problems_of_values,
    with_defaults_for_empty,
)
from ansible_collections.tidegate.failover.plugins.plugin_utils._tasks_files import problem_of_file
from ansible_collections.tidegate.failover.plugins.plugin_utils._telling import MODULES as NOTIFICATION_MODULES
from ansible_collections.tidegate.failover.plugins.plugin_utils._telling import Notifier, warnings_of
from ansible_collections.tidegate.failover.plugins.plugin_utils._under_way import UnderWay, folder_of, inventory_of

_WITHOUT_SIGN_IN = frozenset({"failback_gate"})

#: The modules that it runs. The process from which Ansible forks its workers loads them.
_MODULES = (
    *("failover_preflight", "failover_state", "failback_gate", *fronts.MODULES),
    *("r53_healthcheck_info", "r53_healthcheck_lock", "routing_control_lock"),
    *(step.module for step in BUILT_IN.values() if step.module),
)

#: Libraries that these modules load when they need them. The module reports a missing library.
_LOADED_LATER = ("dns.resolver", "oci.load_balancer")

#: Variables by which an inventory describes a host. The last one is an older, still valid name of ``ansible_host``.
_HOST_VARIABLES = frozenset({"ansible_connection", "ansible_host", "ansible_ssh_host"})

Variables = Mapping[str, t.Any]


class ActionModule(DirectExecution):
    """One task of a procedure. The result contains the run, so that the next task can continue it."""

    _requires_connection = False
    _also_runs = (*_MODULES, *NOTIFICATION_MODULES)
    _loads_when_asked = frozenset(step.module for step in RESOURCES)
    _aws_models.read_ahead("route53")

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Json:
        """Run the action of the option ``do``. A failure is kept in the run, so that the role can end it in order."""
        self._variables: Json = with_defaults_for_empty(task_vars or {})
        self._templar.available_variables = self._variables
        do: Callable[[], Json] = getattr(self, f"_{self._task.args['do']}")
        if self._task.args["do"] in ("begin", "share"):
            reason = elsewhere(str(self._variables.get("ansible_connection", "")))
            if reason:
                return coded({"changed": False, "failed": True, "msg": reason}, "TG-CONNECTION")
            return do()
        self._use(self._service_of(self._own_host(), Run.from_json(self._variables["procedure_run"]["run"])))
        if self._task.args["do"] == "sum_up":
            return do()
        return self._result(self._in_order(do))

    def _own_host(self) -> Host:
        return Host(self._variables["inventory_hostname"], self._variables, self._loader, self._templar)

    def _use(self, service: Beginning) -> None:
        """Use this service in the calls that follow."""
        self._service, self._host, self._engine = service, service.host, service.engine
        self._diffs, self._warnings = service.diffs, service.warnings

    def _in_order(self, do: Callable[[], Json]) -> Json:
        """Call a function. After an unforeseen exception the run still ends in order: undone, recorded and reported."""
        try:
            return do()
        except Exception as broken:  # noqa: BLE001
            self._engine.break_off(str(defect(broken)))
            return {}

    def _result(self, found: Json) -> Json:
        run = self._engine.run
        result: Json = {"changed": False, "tasks": "", "users_gates": [], "run": run.to_json()}
        if "record" not in found and run.memory.get("kept"):
            self._keep_progress(self._service)
        result |= {"pauses": self._engine.pauses, "undo": len(run.memory.get("undo", []))}
        result["runs_users_tasks_here"] = result["pauses"] > 0 and self._runs_users_tasks_here()
        if self._diffs:
            result["diff"] = self._diffs
        if self._warnings:
            result["warnings"] = list(dict.fromkeys(self._warnings))
        return result | found

    # The actions of the option ``do``.

    def _begin(self) -> Json:
        """Begin for this service. With ``procedure_together`` the first host begins for all services of the play."""
        me = self._variables["inventory_hostname"]
        if self._variables.get("procedure_together"):
            state, _parts = read_once(self._task, me, lambda: (self._begin_all(), None), each_comes=True)
            begun = state.part(me)
        else:
            begun = self._begin_these([self._own_host()], self._taken_before(me))[me]
        return begun

    def _begin_all(self) -> dict[str, Json]:
        hosts = AllServices(self._task, self._loader, self._variables)
        with compiled_once():
            return self._begin_these([hosts.host(name) for name in hosts.names])

    def _taken_before(self, me: str) -> dict[str, str]:
        """The services before this one in a user's play that fails services over in parallel, by their health checks.

        It is not known yet whether their sites are taken out. If each of two services is the other site of the other
        service, each of them would find that the other one serves.
        """
        hosts = (self._variables.get("procedure_shared") or {}).get("in_parallel") or []
        checks = {host["host"]: host["health_check_ids"] for host in hosts}
        before = list(checks)[: list(checks).index(me)] if me in checks else []
        return {
            check: f"{name}, which begins in parallel (to fail them over in turn, set serial: 1 in the play, or use "
            "the playbook tidegate.failover.failover)"
            for name in before
            for check in checks[name]
            if check not in checks[me]
        }

    def _begin_these(self, hosts: Sequence[Host], taken: Mapping[str, str] | None = None) -> dict[str, Json]:
        """Check which services may begin. Then lock those whose first step is the lock, before any other step.

        :param taken: services that other runs take out before these, by their health checks.
        :returns: for each host the result of the task.
        """
        parts: dict[str, Json] = {}
        begun: list[Beginning] = []
        for host in hosts:
            service = self._service_or_problem(host)
            if isinstance(service, Beginning):
                begun.append(service)
            else:
                # No run has begun that would have to end in order, and with such variables no record can be made.
                parts[host.name] = coded({"changed": False, "failed": True, "msg": service}, "TG-VARIABLES")
        Together(begun, self._ask_together, taken).begin()
        return parts | {service.host.name: self._begun(service) for service in begun}

    def _service_or_problem(self, host: Host) -> Beginning | str:
        """A service, or what is wrong with its variables."""
        try:
            wrong = self._wrong_variables(host)
            return "\n".join(wrong) if wrong else self._service_of(host, self._new_run())
        except AnsibleError as problem:
            return str(problem)
        # An unforeseen exception in one service must not stop the others.
        except Exception as broken:  # noqa: BLE001
            return str(defect(broken))

    def _begun(self, service: Beginning) -> Json:
        """The result for one service."""
        self._use(service)
        try:
            self._show_beginning(service)
        # The runs have already begun. A problem with showing or keeping their beginning must not stop them.
        except Exception as broken:  # noqa: BLE001
            service.warnings.append(f"The beginning of the run could not be shown. {defect(broken)}")
            service.engine.run.memory.pop("kept", None)
        if service.engine.run.current:
            return self._result({"changed": self._changed("lock")})
        return self._result({"users_gates": self._names(self._engine.users_gates(None))})

    def _show_beginning(self, service: Beginning) -> None:
        run = service.engine.run
        self._show(f"{run.operation} {run.id}")
        self._explain()
        if run.current:
            self._show_step("lock")
            self._keep_progress(service)

    def _new_run(self) -> Run:
        now = datetime.now(UTC)
        return Run(
            operation=self._task.args["operation"],
            id=f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}",
            service="",
            began=recorded(now),
            check=bool(self._task.check_mode),
        )

    def _act(self) -> Json:
        """Run steps until a file of the user has to be run, or only observing steps remain."""
        self._engine.prove()
        return self._go(self._engine.tail, gates_ran=bool(self._task.args.get("gates_ran")))

    def _go(self, end: int, *, gates_ran: bool = False) -> Json:
        """Run the steps before a number, in their order."""
        run, changed = self._engine.run, False
        for number, step in enumerate(run.to_take[:end]):
            if step["name"] in run.results:
                continue
            if not run.goes_on:
                break
            gates = [] if gates_ran else self._engine.users_gates(number)
            if gates:
                return {"users_gates": self._names(gates), "changed": changed}
            tasks, gates_ran = self._take(number), False
            if tasks:
                return {"tasks": tasks, "changed": changed}
            changed = changed or self._changed(step["name"])
        return {"changed": changed}

    def _take(self, number: int) -> str:
        """Run a step, show its result, and keep the progress of the run."""
        tasks = self._in_order(lambda: {"tasks": self._engine.take(number)}).get("tasks", "")
        self._show_step(self._engine.run.to_take[number]["name"])
        self._keep_progress(self._service)
        return str(tasks)

    def _changed(self, name: str) -> bool:
        return bool(self._engine.run.results.get(name, {}).get("changed"))

    def _end_step(self) -> Json:
        name = self._engine.run.current["name"]
        self._engine.end(self._problem(), self._code())
        self._show_step(name)
        found = self._act()
        return found | {"changed": found["changed"] or self._changed(name)}

    def _begin_gate(self) -> Json:
        gate = self._gate(int(self._task.args["number"]))
        self._engine.run.memory["gate_began"] = recorded(datetime.now(UTC))
        path = str(Path(self._engine.folder or "", gate["tasks"]["file"]))
        problem = self._problem_of_file(self._host, path)
        if problem:
            self._engine.end_gate(gate, self._engine.run.memory["gate_began"], f"{path}: {problem}")
        return {"tasks": "" if problem else path, "users_gates": self._variables["procedure_run"]["users_gates"]}

    def _end_gate(self) -> Json:
        gate = self._gate(int(self._task.args["number"]))
        self._engine.end_gate(gate, self._engine.run.memory["gate_began"], self._problem())
        return {"users_gates": self._variables["procedure_run"]["users_gates"]}

    def _gate(self, number: int) -> Json:
        name = self._variables["procedure_run"]["users_gates"][number]
        gate: Json = next(gate for gate in self._engine.context.options["gates"] if gate["name"] == name)
        return gate

    def _complete(self) -> Json:
        """Run the remaining steps, and end the run unless a step has to be undone first."""
        run = self._engine.run
        found = self._go(len(run.to_take))
        self._engine.complete()
        if run.problem or run.status not in ("completed", "unchanged"):
            self._engine.fail(run.problem or "no step was taken")
        return found | self._ended()

    def _fail(self) -> Json:
        self._engine.fail(self._problem() or "an unknown failure", self._code())
        return self._ended()

    def _ended(self) -> Json:
        return {} if self._engine.run.memory.get("undo") else self._finish()

    def _undo(self) -> Json:
        tasks = self._engine.undo(int(self._task.args["number"]))
        if not tasks:
            self._show_step(self._engine.run.current["name"])
        return {"tasks": tasks, "changed": not tasks}

    def _end_undo(self) -> Json:
        self._engine.end_undo(self._problem())
        self._show_step(self._engine.run.current["name"])
        return {"changed": True}

    def _finish(self) -> Json:
        """Write the record, after all steps were undone that had to be."""
        self._engine.complete_undo()
        run, options = self._engine.run, self._engine.context.options
        if ending.notifies_of_failure(run, options["trigger"]):
            run.notifications = self._notified_of_failure()
        record = ending.record(run, options, recorded(datetime.now(UTC)), self._engine.context.target)
        reported = ending.reported(run)
        problem = ending.keep(record, self._folder_for(options["record_dir"]), check=run.check)
        self._under_way(self._host, self._warnings).end(run)
        if problem:
            self._warnings.append(problem)
        return {
            "record": record,
            "reported": f"{reported} {problem}".strip(),
            "not_kept": problem,
            "ended_well": run.status in ("completed", "unchanged"),
            "report_dir": "" if run.check else self._folder_for(options["report_dir"]),
            "relock": run.memory.get("soaked") is False and options.get("soak_action") == "relock",
            "ansible_stats": {
                "data": {"tidegate_records": {run.service: record}},
                "per_host": False,
                "aggregate": True,
            },
        }

    def _sum_up(self) -> Json:
        """Show the summary, as the last output of a service. The task fails if the run has failed."""
        ended, run, result = self._variables["procedure_run"], self._engine.run, Json(changed=False)
        try:
            text = summary(run, ended["record"], self._places(ended))
        except Exception as broken:  # noqa: BLE001 - the result of the run must not change any more
            text, result["warnings"] = "", [f"The run could not be summed up. {defect(broken)}"]
        if text:
            # In one call, so that lines of another service never appear in between.
            Display().display(text)
        if ended["ended_well"]:
            return result
        return coded(result | {"failed": True, "msg": ended["reported"]}, run.code or "TG-FAILED")

    def _places(self, ended: Json) -> Places:
        options = self._engine.context.options
        folder, run = self._folder_for(options["record_dir"]), self._engine.run
        kept = run.check or not folder
        reports = [str(path) for path in self._variables.get("report_files") or [] if run.id in str(path)]
        return Places(
            target=self._engine.context.target,
            record=ended["not_kept"]
            or ("in no file" if kept else str(journal_path(folder, str(ended["record"]["service"])))),
            reports=reports if ended["report_dir"] else [],
        )

    def _notified_of_failure(self) -> list[Json]:
        try:
            return self._engine.context.tell()
        # A failed notification must not change the result of the run or prevent its record.
        except Exception as broken:  # noqa: BLE001
            self._warnings.append(f"No notifications could be sent. {defect(broken)}")
            return []

    def _wrong_variables(self, host: Host) -> list[str]:
        """The problems of a service's variables. Without valid variables it is not known where its record belongs."""
        operation = self._task.args["operation"]
        wrong = problems_of_values(operation, host.values(options_of(operation)))
        return [*wrong, *misspelt_variables(host.variables)]

    def _share(self) -> Json:
        """Find the services of the inventory that share health checks or routing controls, once for all services."""
        used: dict[str, list[str]] = {}
        for host in self._services():
            for check in self._checks_of(host):
                used.setdefault(check, []).append(host)
        shared = {check: users for check, users in used.items() if len(users) > 1}
        return {"changed": False, "shared": shared, "in_parallel": self._in_parallel()}

    def _in_parallel(self) -> list[Json]:
        """The services of a user's play that fail over in parallel, in their order; empty if there is only one."""
        if self._variables.get("procedure_together") or self._variables.get("procedure_operation") != "failover":
            return []
        if len(self._variables.get("ansible_play_batch") or []) < 2:
            return []
        hosts = AllServices(self._task, self._loader, self._variables)
        with compiled_once():
            return [{"host": name, "health_check_ids": self._checks_given(hosts.host(name))} for name in hosts.names]

    def _checks_given(self, host: Host) -> list[str]:
        try:
            return [str(check) for check in list_of(host.value("failover_health_check_ids") or [])]
        except (AnsibleError, KeyError, TypeError):
            # Problems of another service's variables are reported for that service.
            return []

    def _services(self) -> list[str]:
        """The services of the inventory."""
        return list(self._variables["groups"].get("services", []))

    def _checks_of(self, host: str) -> list[str]:
        try:
            variables = self._variables["hostvars"][host]
            named = self._templar.template(variables.get("failover_health_check_ids") or [])
            controls = self._templar.template(variables.get("failover_routing_controls"))
            return [*(str(check) for check in list_of(named)), *routing_controls.site_of(controls)]
        except (AnsibleError, TypeError):
            # Problems of another service's variables are reported for that service.
            return []

    def _keep_progress(self, service: Beginning) -> None:
        """Keep the progress of a run, in case it is aborted. Not called for a run that was refused."""
        service.engine.run.memory["kept"] = True
        self._under_way(service.host, service.warnings).keep(service.engine.run)

    def _under_way(self, host: Host, warnings: list[str]) -> UnderWay:
        options = host.value("procedure_options")
        return UnderWay(self._folder_for(options["record_dir"]), str(options["service"]), warnings.append)

    # Helpers of the engine.

    def _service_of(self, host: Host, run: Run) -> Beginning:
        """A service with the engine that continues its run."""
        service = Beginning(host, t.cast("Engine", None), dict(host.value("procedure_auth")))
        options = self._options(host, run.operation)
        run.service = run.service or str(options["service"])
        context = Context(
            options,
            host.value("procedure_page"),
            run,
            ask=partial(self._ask, service),
            tell=self._notify,
            by=_processes.by(),
            host=host.name if host.name in self._services() else "",
            inventory=inventory_of(self._variables),
            left_by=lambda lock_id, state: self._under_way(host, service.warnings).reported(lock_id, state),
            is_running=_processes.is_running,
            keep=lambda: self._keep_progress(service),
            warn=service.warnings.append,
        )
        service.engine = Engine(
            context,
            now=lambda: recorded(datetime.now(UTC)),
            folder=host.variables.get("inventory_dir") or None,
            check_file=partial(self._problem_of_file, host),
            has_library=_has_library,
            check_receivers=lambda: Notifier(self, host.variables, host.templar).problems(f"{run.operation}_notify_to"),
        )
        return service

    def _options(self, host: Host, operation: str) -> Json:
        options = as_specified(operation, host.value("procedure_options"))
        shared = (host.variables.get("procedure_shared") or {}).get("shared") or {}
        sharing = [
            f"{other} ({check})"
            for check in [*options["health_check_ids"], *routing_controls.site_of(options.get("routing_controls"))]
            for other in shared.get(check, [])
            if other != host.name
        ]
        return options | {"operation": operation, "sharing": sharing}

    def _ask(self, service: Beginning, module: str, /, **options: t.Any) -> Json:
        return self._ask_together([service], module, **options)

    def _ask_together(self, services: Sequence[Beginning], module: str, /, **options: t.Any) -> Json:
        """Run a module for services with the same credentials. For one service, show what its gates wait for."""
        auth = services[0].auth.get(fronts.AUTH.get(module, "aws"))
        given = {} if module in _WITHOUT_SIGN_IN else dict(auth or {})
        if module == "failback_gate" and len(services) == 1:
            with shown_progress(services[0].host.name) as path:
                return self._answered(services, module, options | {"progress_path": path})
        return self._answered(services, module, given | options)

    def _answered(self, services: Sequence[Beginning], module: str, options: Json) -> Json:
        given = {name: value for name, value in options.items() if value is not None}
        ask = self.predict if given.pop(CHECK_MODE, False) else self.ask
        result = ask(module, given, self._variables)
        share_out(result, services)
        if result.get("failed"):
            raise ModuleFailedError(result)
        return result

    def _notify(self) -> list[Json]:
        """Notify people of the run. In case of a success this is before the run ends."""
        engine = self._engine
        context = engine.context
        record = ending.record(engine.as_reported(), context.options, recorded(datetime.now(UTC)), context.target)
        notifier = Notifier(self, self._host.variables, self._host.templar)
        sent = notifier.notify(
            record, notifier.receivers(f"{engine.run.operation}_notify_to"), notifier.options(record)
        )
        self._warnings += warnings_of(sent)
        return [dict(reported) for reported in sent]

    def _problem(self) -> str | None:
        """Why the user's tasks have failed; None if they have not failed."""
        if not self._task.args.get("failed"):
            return None
        return failures.reason(self._variables.get("ansible_failed_result"))

    def _code(self) -> str:
        """The code of that failure, if a user's task ran a module of this collection."""
        return failures.code(self._variables.get("ansible_failed_result"))

    def _problem_of_file(self, host: Host, path: str) -> str:
        """Why a file of user's tasks could not be run; empty if it can be run."""
        if not Path(path).is_file():
            return "there is no such file."
        return problem_of_file(self._loader, path, host.variables)

    def _folder_for(self, given: str) -> str:
        return folder_of(given, self._variables)

    def _runs_users_tasks_here(self) -> bool:
        """Whether user's tasks run on the controller, because the host is only a name.

        Ansible cannot connect to such a host, and runs no rescue for an unreachable host.
        """
        run, host = self._engine.run, self._host.name
        known = self._variables["hostvars"].raw_get(host)
        return _HOST_VARIABLES.isdisjoint(known) and any(not step.get("own") for step in run.to_take)

    def _names(self, gates: list[Json]) -> list[str]:
        return [gate["name"] for gate in gates]

    def _show_step(self, name: str) -> None:
        result = self._engine.run.results.get(name)
        if result is None:
            self._show(f"{name}: begun")
        elif result["status"] != "skipped":
            self._show(ending.line(result))

    def _explain(self) -> None:
        """Show the reasons of decisions to people who use ``-v``."""
        for line in explained(self._engine.run):
            Display().v(f"[{self._host.name}] {line}")

    def _show(self, line: str, host: str = "") -> None:
        Display().display(f"[{host or self._host.name}] {line}")


@cache
def _has_library(module: str) -> bool:
    return find_spec(module) is not None


for _name in _LOADED_LATER:
    with suppress(ImportError):
        importlib.import_module(_name)
