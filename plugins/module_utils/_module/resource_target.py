# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Moves resources of one kind, each with its own result, and ends the task as steps of procedures expect it."""

from __future__ import annotations

import typing as t
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import partial

from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    NotFoundError,
    RefusedError,
    ServiceRejectedError,
    TidegateError,
    code_of,
    defect,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.many_targets import Ending

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Json = dict[str, t.Any]

_DECIDED = (RefusedError, ServiceRejectedError, NotFoundError)


def argument_spec(target: Mapping[str, t.Any]) -> Json:
    """The options of a module that moves resources.

    :param target: the type and the options of each target.
    """
    return {
        "targets": {"type": "list", "elements": "dict", "required": True, **target},
        "to": {"type": "str", "required": True, "choices": ["primary", "secondary"]},
        "type": {"type": "str", "default": "planned", "choices": ["planned", "unplanned"]},
        "run_id": {"type": "str", "default": ""},
        "wait_timeout": {"type": "int", "default": 600},
    }


class Attempts(ABC):
    """One target. An error of one target does not stop the others."""

    def __init__(self) -> None:
        self.problem: TidegateError | None = None

    def attempt(self, act: Callable[[], None]) -> None:
        """Do something, unless this target has failed already."""
        if self.problem is not None:
            return
        try:
            act()
        except TidegateError as problem:
            self.problem = problem
        # An unexpected error of one target must not hide the results of the others.
        except Exception as broken:  # noqa: BLE001
            self.problem = defect(broken)

    @property
    @abstractmethod
    def name(self) -> str:
        """The name of the target."""

    @property
    @abstractmethod
    def changed(self) -> bool:
        """Whether the target was changed, or would be."""

    @abstractmethod
    def move(self, *, check_mode: bool) -> None:
        """Move the target, or predict that."""

    def settle(self) -> None:
        """Wait for what must be complete before ``wait`` is called for any target."""
        return

    @abstractmethod
    def wait(self) -> None:
        """Wait until the move has had its effect."""

    @abstractmethod
    def warnings(self) -> list[str]:
        """Further warnings."""

    @abstractmethod
    def before(self) -> Json | None:
        """The target as it was found; None if it could not be read."""

    @abstractmethod
    def after(self) -> Json | None:
        """The target as it is now, or would be."""

    @abstractmethod
    def message(self) -> str:
        """The state now, in one sentence, where nothing failed."""

    def result(self) -> Json:
        """The result of the target."""
        return {
            "name": self.name,
            "changed": self.changed,
            "failed": self.problem is not None,
            "refused": isinstance(self.problem, _DECIDED) and not self.changed,
            "msg": str(self.problem) if self.problem else self.message(),
            **code_of(self.problem),
            "warnings": self.warnings(),
            "before": self.before(),
            "after": self.after(),
        }


def move_all(
    module: AnsibleAWSModule,
    switch: Callable[[Mapping[str, t.Any], Deadline], Attempts],
    ending: Ending,
    clock: Clock,
) -> None:
    """Move all targets of the task, then wait for all of them, and end the task."""
    params = module.params
    if params["wait_timeout"] < 1:
        module.fail_json(msg=f"wait_timeout is {params['wait_timeout']}. Give at least one second.", targets=[])
    if not params["targets"]:
        module.fail_json(msg="targets is empty, so nothing would be moved. Name at least one.", targets=[])
    end = Deadline(params["wait_timeout"], clock)
    switches = [switch(target, end.for_another()) for target in params["targets"]]
    for one in switches:
        one.attempt(partial(one.move, check_mode=module.check_mode))
    if not module.check_mode:
        for one in switches:
            one.attempt(one.settle)
        for one in switches:
            one.attempt(one.wait)
    ending.switched(module, [one.result() for one in switches])
