# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A cloud in memory that answers the calls of procedures, and a driver that takes a run from task to task."""

from __future__ import annotations

import itertools
import json
import typing as t
from dataclasses import dataclass, field

from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import UNDER_WAY
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import CHECK_MODE, ModuleFailedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.engine import Engine
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run

RUN = "20261121T030405Z-3f9a1c2e"
EARLIER = "20261121T020304Z-00c0ffee"
OTHER = "20261121T040506Z-0badcafe"
NOW = "2026-11-21T03:04:05.000000Z"
CONTROLS: Json = {
    "site": ["arn:primary"],
    "others": ["arn:backup"],
    "cluster_endpoints": [{"endpoint": "https://a.example.com", "region": "us-east-1"}],
}
PAGE: Json = {"load_balancer_id": "ocid1.loadbalancer.oc1..aaaa", "backend_set": "app", "rule_set": "page"}
CAUGHT_UP: Json = {"name": "caught up", "tcp": {"host": "db.example.com", "port": 5432}}
FENCE: Json = {"name": "scaled to zero", "tcp": {"host": "app.example.com", "port": 443}}

_BOTH: Json = {
    "service": "checkout",
    "health_check_ids": ["check-1"],
    "records": [],
    "dns_servers": [],
    "verify_url": "",
    "trigger": "manual",
    "type": "planned",
    "owner": "operator:alice",
    "reason": "CHG-1",
    "automatic_allowed": True,
    "override": None,
    "gates": [],
    "steps": [],
    "quiesce_tasks": "",
    "quiesce_undo_tasks": "",
    "lock_path": "/lb-check-failed-over",
    "restore_path": None,
    "wait_timeout": 600,
    "maintenance_owner": "failover:checkout",
    "notify_to": [],
    "record_dir": "",
    "report_dir": "",
}


def failover(**given: t.Any) -> Json:
    """The variables of a failover."""
    own: Json = {
        "operation": "failover",
        "type": "unplanned",
        "secondary_url": "https://backup.example.com/",
        "detected_at": "",
        "rto": None,
        "cooldown": 3600,
        "fences": [],
        "fence_override": None,
        "promote_tasks": "",
        "scale_tasks": "",
        "scale_undo_tasks": "",
        "lock_method": "auto",
        "sharing": [],
    }
    return _BOTH | own | given


def failback(**given: t.Any) -> Json:
    """The variables of a failback."""
    own = {
        "operation": "failback",
        "requester": "alice",
        "gates": [CAUGHT_UP],
        "data_gates": None,
        "max_evidence_age": 300,
        "move_writer_tasks": "",
        "release_tasks": "",
        "soak": 0,
        "soak_interval": 5,
        "soak_action": "report",
    }
    return _BOTH | own | given


def acknowledge(**given: t.Any) -> Json:
    """The variables of an acknowledgement."""
    return _BOTH | {"operation": "acknowledge", "suppress": None} | given


@dataclass
class Cloud:
    """The modules that procedures call, in memory.

    :ivar locks: the id of the lock by health check, of those that are locked.
    :ivar phase: the phase in the state, and its run.
    :ivar held: who holds the page.
    :ivar fails: what goes wrong, and how: a module, a module and what it is asked for, or the name of a gate.
    :ivar after_effect: which of these fail only when they have had their effect.
    :ivar calls: what was asked, in order.
    :ivar led: the site that each name leads to.
    :ivar control: the state of the site's routing control.
    :ivar may: what the state answers otherwise than usual when it is asked whether something may begin.
    """

    locks: dict[str, str] = field(default_factory=dict)
    phase: tuple[str, str] = ("", "")
    held: list[str] = field(default_factory=list)
    fails: dict[str, str] = field(default_factory=dict)
    after_effect: set[str] = field(default_factory=set)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    may: Json = field(default_factory=dict)
    led: dict[str, str] = field(default_factory=dict)
    control: str = "On"

    def __call__(self, module: str, /, **options: t.Any) -> Json:
        """Answer as that module does."""
        if "targets" in options and "maintenance_mode" not in module:
            return self._answer_targets(module, options)
        self.calls.append((module, options))
        # What is broken does not get to have an effect, unless it breaks after it.
        about = [module, *(f"{module} {reported}" for reported in self._about(options))]
        broken = [name for name in about if name in self.fails]
        answer: Json = {} if broken and not self.after_effect & set(broken) else self._answer(module, options)
        if broken:
            raise ModuleFailedError({"failed": True, "msg": self.fails[broken[0]]})
        return answer

    def _answer_targets(self, module: str, options: Json) -> Json:
        """A module without targets gets the same answer as each target."""
        common = {name: value for name, value in options.items() if name != "targets"}
        reported = [self._answer_target(module, common | target) for target in options["targets"]]
        if any(target["failed"] for target in reported):
            raise ModuleFailedError(
                {"failed": True, "msg": "; ".join(one["msg"] for one in reported), "targets": reported}
            )
        return {"targets": reported, "changed": any(target.get("changed") for target in reported)}

    def _answer_target(self, module: str, options: Json) -> Json:
        checks = options.get("health_check_ids")
        if checks is None:
            return self._tried(module, options)
        each = [self._tried(module, options | {"health_check_ids": [check]}) for check in checks]
        checks = [one["health_checks"][0] | {"failed": one["failed"]} for one in each if "health_checks" in one]
        failed = [str(one["msg"]) for one in each if one["failed"]]
        if not failed and checks[0]["lock"]["id"] != options["lock_id"]:
            failed = [f"Lock {checks[0]['lock']['id']} is on already."]
        changed = any(one.get("changed") for one in each)
        msg = " ".join(failed or [str(one["msg"]) for one in each])
        return {"failed": bool(failed), "changed": changed, "msg": msg, "health_checks": checks}

    def _tried(self, module: str, options: Json) -> Json:
        try:
            return self(module, **options) | {"failed": False}
        except ModuleFailedError as problem:
            return problem.result

    def asked(self, module: str) -> list[Json]:
        """What that module was asked."""
        return [options for name, options in self.calls if name == module]

    @property
    def phases(self) -> list[str]:
        """The phases that were written."""
        return [options["phase"] for options in self.asked("failover_state") if options.get("phase")]

    def _about(self, options: Json) -> list[str]:
        checks: list[str] = options.get("health_check_ids") or []
        return [str(options[name]) for name in ("phase", "state", "to") if name in options] + checks

    def _answer(self, module: str, options: Json) -> Json:
        answer: Json = getattr(self, f"_{module}")(options)
        return answer

    def _rds_failover(self, options: Json) -> Json:
        return {"name": "database", "changed": True, "msg": f"The writer is at the {options['to']} site."}

    def _failover_state(self, options: Json) -> Json:
        check, run = options["health_check_id"], options.get("run_id")
        if options.get("phase"):
            self.phase = (str(run), options["phase"])
        lock = self._lock(check)
        operation = options.get("operation", "none")
        answer: Json = {
            "msg": f"it says {self.phase[1]}",
            "allowed": True,
            "already": operation == "failback" and lock is None,
            "replaces": self.locks.get(check),
            "next_phase": "interrupted" if lock else "serving",
            "lock": lock,
            "claim": self._claim(check),
            "time": "2026-11-21T03:04:05Z",
            "clock_problem": "",
            "holds_claim": run is not None and self.locks.get(check) == run,
            "state": {"run": self.phase[0], "phase": self.phase[1]} if self.phase[0] else None,
        }
        return answer | (self.may if operation != "none" and not options.get("phase") else {})

    def _claim(self, check: str) -> str:
        if check not in self.locks:
            return "open"
        if self.phase[0] != self.locks[check]:
            return "unknown"
        return "under way" if self.phase[1] in UNDER_WAY else "settled"

    def _lock(self, check: str) -> Json | None:
        known = self.locks.get(check)
        return {"id": known, "owner": "operator:bob", "method": "path", "placed_by": "tidegate"} if known else None

    def _r53_healthcheck_lock(self, options: Json) -> Json:
        before = dict(self.locks)
        for check in options["health_check_ids"]:
            if options["state"] == "unlocked":
                if check in self.locks and self.locks[check] == options.get("lock_id"):
                    del self.locks[check]
            elif self.locks.get(check) in (None, options.get("replaces")):
                self.locks[check] = options["lock_id"]
        reported = [{"health_check_id": check, "lock": self._lock(check)} for check in options["health_check_ids"]]
        return {"changed": before != self.locks, "msg": f"{options['state']}.", "health_checks": reported}

    def _r53_healthcheck_info(self, options: Json) -> Json:
        checks = options["health_check_ids"]
        return {"health_checks": [{"health_check_id": check, "lock": self._lock(check)} for check in checks]}

    def _routing_control_lock(self, options: Json) -> Json:
        """One of the site, which is on or off; what would be refused is in ``fails``."""
        before, after = self.control, "Off" if options["state"] == "locked" else "On"
        self.control = before if options.get("check_mode") else after
        msg = f"routing control {options['state']}."
        lock_ids = ["routing-control-1"] if after == "Off" else []
        return {"name": options["name"], "changed": before != after, "msg": msg, "lock_ids": lock_ids, "refused": False}

    def _lb_maintenance_mode(self, options: Json) -> Json:
        before = list(self.held)
        self.held = [owner for owner in self.held if owner != options["owner"]]
        self.held += [options["owner"]] if options["state"] == "enabled" else []
        return {"changed": before != self.held, "msg": f"page {options['state']}."}

    def _lb_maintenance_mode_info(self, _options: Json) -> Json:
        holds = [{"owner": owner} for owner in self.held]
        listener = {"name": "https", "in_maintenance": bool(holds), "holds": holds}
        return {"load_balancers": [{"failed": False, "msg": "", "listeners": [listener]}]}

    def _autoscaling_capacity(self, options: Json) -> Json:
        return {"changed": True, "msg": f"It has the capacity of the {options['to']} site."}

    def _alb_weights(self, options: Json) -> Json:
        return {"changed": True, "msg": f"It has the weights of the {options['to']} site."}

    def _failover_preflight(self, _options: Json) -> Json:
        return {"services": [{"other_site": {"health": "healthy", "how": "", "answers": {}}}]}

    def _r53_record_switch(self, options: Json) -> Json:
        before, name = dict(self.led), options["name"]
        if not options.get(CHECK_MODE):
            self.led[name] = options["to"]
        return {"name": name, "changed": before.get(name) != options["to"], "msg": f"{name} leads to {options['to']}."}

    _global_accelerator_site = _r53_record_switch

    def _failback_gate(self, options: Json) -> Json:
        ran = {result["name"]: result["passed"] for result in options.get("task_results", [])}
        gates = [
            {"name": gate["name"], "evaluated": True, "observed": "", "expected": "", "remedy": "", "to": NOW}
            | {"passed": gate["name"] not in self.fails and ran.get(gate["name"], True)}
            for gate in options["gates"]
        ]
        failed = [str(gate["name"]) for gate in gates if not gate["passed"]]
        return {
            "msg": "; ".join(f"{name}: {self.fails.get(name, 'failed')}" for name in failed) or "all passed.",
            "passed": not failed,
            "failed_gates": failed,
            "required_gates": [{"name": gate["name"], "digest": "sha256:0"} for gate in gates],
            "evidence": {"lock_ids": options["lock_ids"], "date": NOW, "gates": gates},
        }


def context_of(
    options: Json, cloud: Cloud | None = None, *, run: Run | None = None, page: Json | None = None, check: bool = False
) -> Context:
    """What a step has at hand."""
    cloud = Cloud() if cloud is None else cloud
    run = run or Run(options["operation"], RUN, "checkout", NOW, check=check)
    return Context(options, page or {}, run, ask=cloud)


@dataclass
class Role:
    """Takes a run from task to task, as the role ``procedure`` does: through JSON, since no task shares memory.

    :ivar files: how a file of the user's breaks, by its path; all others run through.
    :ivar ran: the files that were run, in order.
    :ivar warned: what did not stop the run.
    :ivar untellable: why people cannot be notified.
    """

    options: Json
    cloud: Cloud = field(default_factory=Cloud)
    page: Json = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    check: bool = False
    ran: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    untellable: str = ""
    run: Run = field(init=False)
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.run = Run(self.options["operation"], RUN, "checkout", NOW, check=self.check)
        self._clock = itertools.count()

    def go(self) -> Run:
        """The whole procedure."""
        self.begin()
        for number in range(len(self.run.to_take) if self.run.goes_on else 0):
            self.step(number)
        return self.end()

    def begin(self) -> None:
        """Up to the first step."""
        self.task().begin()
        self._users_gates(None)
        self.task().prove()

    def step(self, number: int) -> None:
        """One step, with the user's files before and in it."""
        if not self.run.goes_on or self.run.to_take[number]["name"] in self.run.results:
            return
        self._users_gates(number)
        tasks = self.task().take(number)
        if tasks:
            problem = self._run_file(tasks)
            self.task().end(problem)

    def end(self) -> Run:
        """What follows the last step."""
        engine = self.task()
        engine.complete()
        if engine.run.problem or engine.run.status not in ("completed", "unchanged"):
            engine.fail(engine.run.problem or "no step was taken")
        for number in range(len(engine.run.memory.get("undo", []))):
            tasks = self.task().undo(number)
            if tasks:
                problem = self._run_file(tasks)
                self.task().end_undo(problem)
        self.task().complete_undo()
        return self.task().run

    def task(self) -> Engine:
        """The engine as the next task finds it."""
        if hasattr(self, "engine"):
            self.run = Run.from_json(json.loads(json.dumps(self.engine.run.to_json())))
        context = Context(self.options, self.page, self.run, ask=self.cloud, tell=self._tell, warn=self.warned.append)
        self.engine = Engine(context, now=self._now, folder="/inventory")
        return self.engine

    def _users_gates(self, number: int | None) -> None:
        for gate in self.task().users_gates(number):
            problem = self._run_file(gate["tasks"]["file"])
            self.task().end_gate(gate, NOW, problem)
        self.task()

    def _run_file(self, path: str) -> str | None:
        self.ran.append(path)
        return self.files.get(path)

    def _tell(self) -> list[Json]:
        if self.untellable:
            raise TidegateError(self.untellable)
        return [{"to": one["name"], "status": "sent"} for one in self.options["notify_to"]]

    def _now(self) -> str:
        return f"2026-11-21T03:05:{next(self._clock):02d}.000000Z"

    def statuses(self) -> dict[str, str]:
        """The outcome of each step that was begun."""
        return {name: result["status"] for name, result in self.run.results.items()}
