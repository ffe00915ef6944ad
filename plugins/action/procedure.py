# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Takes a procedure one task further; the role ``procedure`` says when, and the engine what is done then."""

from __future__ import annotations

import importlib
import os
import secrets
import socket
import typing as t
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from ansible.errors import AnsibleError
from ansible.utils.display import Display
from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError, defect
from ansible_collections.tidegate.failover.plugins.module_utils._failover.places import record_folder
from ansible_collections.tidegate.failover.plugins.module_utils._fronts import _fronts as fronts
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import ending, failures
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context, ModuleFailedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.engine import Engine
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run
from ansible_collections.tidegate.failover.plugins.module_utils._record import progress
from ansible_collections.tidegate.failover.plugins.plugin_utils import _aws_models
from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution
from ansible_collections.tidegate.failover.plugins.plugin_utils._progress import shown_progress
from ansible_collections.tidegate.failover.plugins.plugin_utils._role_variables import (
    misspelt_variables,
    problems_of_variables,
)
from ansible_collections.tidegate.failover.plugins.plugin_utils._tasks_files import problem_of_file
from ansible_collections.tidegate.failover.plugins.plugin_utils._telling import MODULES as TELLING
from ansible_collections.tidegate.failover.plugins.plugin_utils._telling import Teller, warnings_of

_WITHOUT_SIGN_IN = frozenset({"failback_gate"})

#: What it asks, to be loaded by the process that the workers are forked from.
_ASKED = (
    *("failover_preflight", "failover_state", "failback_gate", *fronts.MODULES),
    *("r53_healthcheck_info", "r53_healthcheck_lock"),
)

#: What these load when they need it. The module reports one that is missing.
_LOADED_LATER = ("dns.resolver", "oci.load_balancer")

Variables = Mapping[str, t.Any]


class ActionModule(DirectExecution):
    """One task of a procedure. The run travels in the results, so that each task begins where the last one ended."""

    _requires_connection = False
    _also_runs = (*_ASKED, *TELLING)
    _aws_models.read_ahead("route53")

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Json:
        """Do what the option ``do`` says. A failure is kept with the run, so that the role can end it in order."""
        self._variables: Json = task_vars or {}
        self._diffs: list[Json] = []
        self._warnings: list[str] = []
        do: Callable[[], Json] = getattr(self, f"_{self._task.args['do']}")
        if self._task.args["do"] in ("begin", "share"):
            return do()
        self._engine = self._engine_of(Run.from_json(self._variables["procedure_run"]["run"]))
        return self._left(self._in_order(do))

    def _in_order(self, do: Callable[[], Json]) -> Json:
        """Not even what nobody foresaw may keep a run from being ended in order: undone, recorded and told."""
        try:
            return do()
        except Exception as broken:  # noqa: BLE001
            self._engine.break_off(str(defect(broken)))
            return {}

    def _left(self, found: Json) -> Json:
        run = self._engine.run
        result: Json = {"changed": False, "tasks": "", "users_gates": [], "run": run.to_json()}
        if "record" not in found:
            self._keep_progress(run)
        result |= {"pauses": self._engine.pauses, "undo": len(run.memory.get("undo", []))}
        result["runs_users_tasks_here"] = result["pauses"] > 0 and self._runs_users_tasks_here()
        if self._diffs:
            result["diff"] = self._diffs
        if self._warnings:
            result["warnings"] = list(dict.fromkeys(self._warnings))
        return result | found

    # What the role asks for.

    def _begin(self) -> Json:
        operation = self._task.args["operation"]
        wrong = self._wrong_variables(operation)
        if wrong:
            # Nothing has begun that would have to be ended in order, and of such variables no record can be made.
            return {"changed": False, "failed": True, "msg": "\n".join(wrong)}
        now = datetime.now(UTC)
        run = Run(
            operation=operation,
            id=f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}",
            service="",
            began=_told(now),
            check=bool(self._task.check_mode),
        )
        # Without the variables there is no telling where a record belongs: Ansible says what is wrong with them.
        self._engine = self._engine_of(run)
        run.service = str(self._engine.context.options["service"])
        try:
            self._engine.begin()
        except AnsibleError as problem:
            run.problem, run.status = str(problem), "refused"
        except Exception as broken:  # noqa: BLE001 - as above
            run.problem, run.status = str(defect(broken)), "refused"
        self._show(f"{run.operation} {run.id}")
        gates = self._engine.users_gates(None)
        return self._left({"users_gates": self._names(gates)} if gates else self._in_order(self._claim))

    def _claim(self) -> Json:
        """Take the first step now if it is the lock, so that all services of a run are locked before all else."""
        self._engine.prove()
        run = self._engine.run
        if not run.goes_on or not run.to_take or run.to_take[0]["name"] != "lock":
            return {}
        self._take(0)
        return {"changed": self._changed("lock")}

    def _act(self) -> Json:
        """Take steps as long as no file of the user's has to be run, and as there is more left than to look."""
        return self._go(self._engine.tail, gates_ran=bool(self._task.args.get("gates_ran")))

    def _go(self, end: int, *, gates_ran: bool = False) -> Json:
        """Take the steps before a number, in their order."""
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
        """Take a step, show it, and leave how far that is."""
        tasks = self._in_order(lambda: {"tasks": self._engine.take(number)}).get("tasks", "")
        self._show_step(self._engine.run.to_take[number]["name"])
        self._keep_progress(self._engine.run)
        return str(tasks)

    def _changed(self, name: str) -> bool:
        return bool(self._engine.run.results.get(name, {}).get("changed"))

    def _end_step(self) -> Json:
        name = self._engine.run.current["name"]
        self._engine.end(self._problem())
        self._show_step(name)
        found = self._act()
        return found | {"changed": found["changed"] or self._changed(name)}

    def _begin_gate(self) -> Json:
        gate = self._gate(int(self._task.args["number"]))
        self._engine.run.memory["gate_began"] = _told(datetime.now(UTC))
        path = str(Path(self._engine.folder or "", gate["tasks"]["file"]))
        problem = self._problem_of_file(path)
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
        """Take what is left, and end the run, unless something is to be undone first."""
        run = self._engine.run
        found = self._go(len(run.to_take))
        self._engine.complete()
        if run.problem or run.status not in ("completed", "unchanged"):
            self._engine.fail(run.problem or "no step was taken")
        return found | self._ended()

    def _fail(self) -> Json:
        self._engine.fail(self._problem() or "an unknown failure")
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
        """Leave the record, once all has been undone that was to be."""
        self._engine.complete_undo()
        run, options = self._engine.run, self._engine.context.options
        if ending.is_told_of_failure(run, options["trigger"]):
            run.notifications = self._told_of_failure()
        record = ending.record(run, options, _told(datetime.now(UTC)))
        told = ending.told(run)
        problem = ending.keep(record, self._folder_for(options["record_dir"]), check=run.check)
        self._forget_progress(run)
        if problem:
            self._warnings.append(problem)
        return {
            "record": record,
            "told": f"{told} {problem}".strip(),
            "ended_well": run.status in ("completed", "unchanged"),
            "report_dir": "" if run.check else self._folder_for(options["report_dir"]),
            "relock": run.memory.get("soaked") is False and options.get("soak_action") == "relock",
            "ansible_stats": {
                "data": {"tidegate_records": {run.service: record}},
                "per_host": False,
                "aggregate": True,
            },
        }

    def _told_of_failure(self) -> list[Json]:
        try:
            return self._engine.context.tell()
        # Whatever becomes of that, the run has ended as it has, and its record is made.
        except Exception as broken:  # noqa: BLE001
            self._warnings.append(f"Nobody could be told. {defect(broken)}")
            return []

    def _wrong_variables(self, operation: str) -> list[str]:
        wrong = problems_of_variables(self._templar, operation, self._variables)
        return [*wrong, *misspelt_variables(self._variables)]

    def _share(self) -> Json:
        """Which services of the inventory have health checks in common: looked at once for all."""
        used: dict[str, list[str]] = {}
        for host in self._services():
            for check in self._checks_of(host):
                used.setdefault(check, []).append(host)
        return {"changed": False, "shared": {check: users for check, users in used.items() if len(users) > 1}}

    def _services(self) -> list[str]:
        """The services of the inventory."""
        return list(self._variables["groups"].get("services", []))

    def _checks_of(self, host: str) -> list[str]:
        try:
            given = self._variables["hostvars"][host].get("failover_health_check_ids") or []
            return [str(check) for check in self._templar.template(given)]
        except (AnsibleError, TypeError):
            # What is wrong with another service's variables is reported for that service.
            return []

    def _keep_progress(self, run: Run) -> None:
        """Leave how far the run has come, in case it is aborted. It decides nothing, so its loss is only reported."""
        self._with_progress(run, lambda path: progress.write(path, ending.progress(run, self._by())))

    def _forget_progress(self, run: Run) -> None:
        self._with_progress(run, lambda path: progress.remove(path, run.id))

    def _with_progress(self, run: Run, work: Callable[[Path], None]) -> None:
        path = self._progress_path(run.service)
        if path is None or run.check or not run.current:
            return
        try:
            work(path)
        except OSError as problem:
            self._warnings.append(f"How far the run has come could not be kept in {path}: {problem.strerror}.")

    def _progress_path(self, service: str) -> Path | None:
        folder = self._folder_for(self._engine.context.options["record_dir"])
        try:
            return progress.progress_path(folder, service) if folder else None
        except TidegateError:
            # The end of the run tells that such a service can keep no records.
            return None

    def _left_by(self, lock_id: str) -> str:
        service = str(self._templated("procedure_options")["service"])
        folder = self._folder_for(self._templated("procedure_options")["record_dir"])
        if not folder:
            return ""
        try:
            left = progress.read(progress.progress_path(folder, service))
        except TidegateError:
            return ""
        return progress.told(left) if left and left.get("id") == lock_id else ""

    def _by(self) -> str:
        """Who runs this, for people: the job of AWX, or the host and the process."""
        job = os.environ.get("JOB_ID")
        return f"awx-job/{job}" if job else f"{socket.gethostname()}/{os.getppid()}"

    # What the engine asks for.

    def _engine_of(self, run: Run) -> Engine:
        options, me = self._options(run.operation), self._variables["inventory_hostname"]
        context = Context(
            options,
            self._templated("procedure_page"),
            run,
            ask=self._ask,
            tell=self._tell,
            by=self._by(),
            host=me if me in self._services() else "",
            left_by=self._left_by,
        )
        return Engine(
            context,
            now=lambda: _told(datetime.now(UTC)),
            folder=self._inventory_folder(),
            check_file=self._problem_of_file,
            has_library=lambda module: find_spec(module) is not None,
            check_receivers=lambda: Teller(self, self._variables).problems(f"{run.operation}_notify_to"),
        )

    def _options(self, operation: str) -> Json:
        options: Json = self._templated("procedure_options")
        shared = (self._variables.get("procedure_shared") or {}).get("shared") or {}
        me = self._variables["inventory_hostname"]
        sharing = [
            f"{host} ({check})" for check in options["health_check_ids"] for host in shared.get(check, []) if host != me
        ]
        return options | {"operation": operation, "sharing": sharing}

    def _templated(self, name: str) -> Json:
        value: Json = self._templar.template(self._variables[name])
        return value

    def _ask(self, module: str, /, **options: t.Any) -> Json:
        given = {} if module in _WITHOUT_SIGN_IN else dict(self._auth(fronts.AUTH.get(module, "aws")))
        given |= {name: value for name, value in options.items() if value is not None}
        if module == "failback_gate":
            with shown_progress(self._variables["inventory_hostname"]) as path:
                result = self.ask(module, given | {"progress_path": path}, self._variables)
        else:
            result = self.ask(module, given, self._variables)
        self._warnings += result.pop("warnings", [])
        if "diff" in result:
            self._diffs += result["diff"] if isinstance(result["diff"], list) else [result["diff"]]
        if result.get("failed"):
            raise ModuleFailedError(result)
        return result

    def _auth(self, cloud: str) -> Json:
        return self._templated("procedure_auth").get(cloud) or {}

    def _tell(self) -> list[Json]:
        """Notify people of the run: of a success before it ends."""
        engine = self._engine
        record = ending.record(engine.as_told(), engine.context.options, _told(datetime.now(UTC)))
        teller = Teller(self, self._variables)
        sent = teller.tell(record, teller.receivers(f"{engine.run.operation}_notify_to"), teller.options(record))
        self._warnings += warnings_of(sent)
        return [dict(told) for told in sent]

    def _problem(self) -> str | None:
        """Why the user's tasks have failed; None if they have not."""
        if not self._task.args.get("failed"):
            return None
        return failures.reason(self._variables.get("ansible_failed_result"))

    def _problem_of_file(self, path: str) -> str:
        """Why a file of the user's tasks could not be run; empty if it can."""
        if not Path(path).is_file():
            return "there is no such file."
        return problem_of_file(self._loader, path, self._variables)

    def _inventory_folder(self) -> str | None:
        return self._variables.get("inventory_dir") or None

    def _folder_for(self, given: str) -> str:
        """A folder for records or reports; empty if none is given."""
        if not given:
            return ""
        sources = [Path(source) for source in self._variables.get("ansible_inventory_sources") or []]
        folders = [str(source if source.is_dir() else source.parent) for source in sources if source.exists()]
        return record_folder(given, folders, str(Path.cwd()))

    def _runs_users_tasks_here(self) -> bool:
        """Whether the host is only a name: that cannot be connected to, and no rescue runs for an unreachable host."""
        run, host = self._engine.run, self._variables["inventory_hostname"]
        known = self._variables["hostvars"].raw_get(host)
        described = "ansible_connection" in known or "ansible_host" in known
        return not described and any(not step.get("own") for step in run.to_take)

    def _names(self, gates: list[Json]) -> list[str]:
        return [gate["name"] for gate in gates]

    def _show_step(self, name: str) -> None:
        result = self._engine.run.results.get(name)
        if result is None:
            self._show(f"{name}: begun")
            return
        self._show(ending.line(result))

    def _show(self, line: str) -> None:
        Display().display(f"[{self._variables['inventory_hostname']}] {line}")


def _told(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


for _name in _LOADED_LATER:
    with suppress(ImportError):
        importlib.import_module(_name)
