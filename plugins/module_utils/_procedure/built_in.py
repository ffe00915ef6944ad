# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The form of a built-in step, and the context that it runs in."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import (
    Asking,
    Got,
    Question,
    Turn,
    ask_alone,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.bulk import answers
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run, Step, has_unlocked
from ansible_collections.tidegate.failover.plugins.module_utils._record.commands import Target

Options = Mapping[str, t.Any]

_NO_HOLDER = "an owner that its tags do not tell"


def _observes_nothing() -> Asking[None]:
    yield from ()


class Ask(t.Protocol):
    """Runs a module of this collection, in check mode where the run is."""

    def __call__(self, module: str, /, **options: t.Any) -> Json:
        """:raises ModuleFailedError: it failed."""


@dataclass
class Context:
    """The context of a step.

    :ivar options: the role's variables, without their prefix.
    :ivar page: the variables of the role ``maintenance``, without their prefix.
    :ivar run: the present state of the run.
    :ivar ask: runs a module.
    :ivar tell: notifies people of the run; returns the outcome of each notification.
    :ivar by: the process or job that carries out the run, for people who find the run aborted.
    :ivar host: the name of the service in the inventory; empty if it is in none.
    :ivar inventory: the inventory sources, one for each ``-i``.
    :ivar left_by: how far another run has come and whether it is still running; empty if that is not known. Takes the
        id of the run's lock and the state of the service.
    :ivar is_running: whether the process that carries out a run is still running; None if that cannot be known. Takes
        the name of the process or job, and when it began.
    :ivar keep: saves how far this run has come, in case it is aborted.
    :ivar warn: shows people a problem that does not stop the run.
    :ivar observe: reads the resources that the run would move. If one would be refused, the run is refused.
    :ivar outcome: the outcome of the step: ``changed``, ``msg``, ``status``, ``lock_ids``, ``gates``, ``overrides``. If
        the step fails, the outcome until then counts.
    """

    options: Options
    page: Options
    run: Run
    ask: Ask
    tell: Callable[[], list[Json]] = list
    by: str = ""
    host: str = ""
    inventory: tuple[str, ...] = ()
    left_by: Callable[[str, Json | None], str] = lambda _lock_id, _state: ""
    is_running: Callable[[str, str | None], bool | None] = lambda _by, _began_at: None
    keep: Callable[[], None] = lambda: None
    warn: Callable[[str], None] = lambda _text: None
    observe: Callable[[], Asking[None]] = _observes_nothing
    outcome: Json = field(default_factory=dict)

    @property
    def check(self) -> bool:
        """Whether this run only predicts."""
        return self.run.check

    @property
    def target(self) -> Target:
        """The service in the form that commands for people use."""
        return Target(self.host, self.inventory, [str(check) for check in self.options["health_check_ids"]])

    @property
    def claim(self) -> str:
        """The health check that carries the claim; empty if the service has none."""
        return next(iter(self.options["health_check_ids"]), "")

    def state(self, **options: t.Any) -> Json:
        """Read or write the service's state."""
        return self.ask("failover_state", health_check_id=self.claim, lock_path=self.options["lock_path"], **options)

    def asking(self, turn: Turn, module: str, /, **options: t.Any) -> Asking[Json]:
        """Ask a module. The same question of other services is asked together with it."""
        return (yield Question(module, options, turn))

    def asking_state(self, **options: t.Any) -> Asking[Json]:
        """Ask for or write the service's state, together with other services."""
        patience = {"wait_timeout": options.pop("wait_timeout")} if "wait_timeout" in options else {}
        target = {"health_check_id": self.claim, **options}
        turn = Turn.WRITE if options.get("phase") else Turn.READ
        return self.asking(turn, "failover_state", targets=[target], lock_path=self.options["lock_path"], **patience)

    def alone(self, asking: Asking[Got]) -> Got:
        """Run a generator of questions to its end, for this service alone."""
        return ask_alone(asking, lambda questions: answers(self.ask, questions))

    def guard(self) -> None:
        """Check that no other run has taken over.

        :raises TidegateError: one has.
        """
        held = self.state(run_id=self.run.id)
        if held["holds_claim"] or (held["claim"] == "open" and has_unlocked(self.run)):
            return
        lock = held["lock"]
        who = f"run {lock['id']} of {lock['owner'] or _NO_HOLDER} does" if lock else "its lock has been released"
        raise TidegateError(
            f"This run ({self.run.id}) no longer holds the service: {who}. It did nothing more. Find out who took "
            "over, and why.",
            code="TG-CLAIM-LOST",
        )

    def gate(self, gates: list[Json], **options: t.Any) -> Json:
        """Evaluate gates. Gates that do not pass are reported in the result."""
        return self.alone(self.asking_gate(gates, **options))

    def asking_gate(self, gates: list[Json], turn: Turn = Turn.READ, **options: t.Any) -> Asking[Json]:
        """Evaluate gates, together with gates of other services."""
        asked = {"gates": gates, "lock_ids": self.run.lock_ids, "fail": False, **options}
        seen = yield Question("failback_gate", asked, turn)
        self.outcome["gates"] = seen["evidence"]["gates"]
        self.outcome["msg"] = seen["msg"]
        return seen


def _nothing(_options: Options, _page: Options) -> str:
    return ""


@dataclass(frozen=True)
class BuiltIn:
    """A step that comes with the collection.

    :ivar name: the name that users write.
    :ivar procedures: the procedures that may take it.
    :ivar take: takes the step. It may raise a :class:`TidegateError`, and may return a generator of questions; see
        :meth:`Context.asking`.
    :ivar undo: undoes the step, even if it was only partly done; None if it needs no undo or cannot be undone.
    :ivar skip: why it is skipped; empty if it is not. Takes the variables of the role and of the page.
    :ivar required: whether its failure ends the run.
    :ivar read_only: whether it changes nothing.
    :ivar observes: whether it only observes whether the run has succeeded. Then its failure undoes nothing.
    :ivar point_of_no_return: whether nothing is undone from its beginning on.
    :ivar unguarded: whether it needs no claim on the service, or checks the claim itself.
    :ivar gates: the gates that it evaluates. The user's tasks among them run before the step.
    :ivar tasks: the variable, without the prefix, that names a file of the user's that runs before the step.
    :ivar final: whether nothing is undone from its beginning on; takes the variables of the role.
    :ivar module: the module that moves the resources of this kind; empty if the step moves none. See :mod:`resource`.
    :ivar permissions: the IAM actions that the module needs.
    """

    name: str
    procedures: tuple[str, ...]
    take: Callable[[Context], Asking[None] | None]
    undo: Callable[[Context], str] | None = None
    skip: Callable[[Options, Options], str] = _nothing
    required: Callable[[Options], bool] = lambda _options: True
    read_only: bool = False
    observes: bool = False
    point_of_no_return: bool = False
    unguarded: bool = False
    gates: Callable[[Options], list[Json]] = lambda _options: []
    tasks: str = ""
    final: Callable[[Options], bool] = lambda _options: False
    module: str = ""
    permissions: tuple[str, ...] = ()

    def planned(self, options: Options, page: Options) -> Step:
        """The step as part of a run's plan."""
        step: Step = {"name": self.name, "own": True, "undo": self.undo is not None}
        step |= {"read_only": self.read_only or self.observes, "observes": self.observes}
        step |= {"point_of_no_return": self.point_of_no_return or self.final(options), "unguarded": self.unguarded}
        step |= {"required": self.required(options), "skip": self.skip(options, page)}
        return step | {"tasks": options[self.tasks] or ""} if self.tasks else step


@dataclass(frozen=True)
class UsersStep:
    """A step with a place and a meaning of its own, which runs a file of the user's.

    :ivar tasks: the variable, without the prefix, that names the file.
    :ivar undo_tasks: the variable, without the prefix, that names the file that undoes it.
    """

    name: str
    procedures: tuple[str, ...]
    tasks: str
    undo_tasks: str = ""
    point_of_no_return: bool = False

    def planned(self, options: Options, prefix: str) -> Step:
        """The step as part of a run's plan."""
        step: Step = {"name": self.name, "tasks": options.get(self.tasks) or ""}
        step["undo_tasks"] = options.get(self.undo_tasks) or "" if self.undo_tasks else ""
        step["point_of_no_return"] = self.point_of_no_return
        return step | {"skip": "" if step["tasks"] else f"{prefix}{self.tasks} is not given."}
