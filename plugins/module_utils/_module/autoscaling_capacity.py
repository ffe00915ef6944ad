# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``autoscaling_capacity``."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from ansible_collections.tidegate.failover.plugins.module_utils._aws.autoscaling import GroupApi
from ansible_collections.tidegate.failover.plugins.module_utils._aws.load_balancing import target_states
from ansible_collections.tidegate.failover.plugins.module_utils._capacity import decision
from ansible_collections.tidegate.failover.plugins.module_utils._capacity.decision import Group, Health, Step
from ansible_collections.tidegate.failover.plugins.module_utils._converge import (
    Clock,
    Convergence,
    Deadline,
    call_patiently,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    ConflictError,
    TidegateError,
    WaitTimeoutError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import aws_client, create_aws_module
from ansible_collections.tidegate.failover.plugins.module_utils._module.many_targets import Ending
from ansible_collections.tidegate.failover.plugins.module_utils._module.resource_target import (
    Attempts,
    argument_spec,
    move_all,
)

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Json = dict[str, t.Any]

_POLL_SECONDS = 5.0
_ENDING = Ending(
    key="name",
    listed="targets",
    noun="Auto Scaling groups",
    unchanged="had this capacity already",
    rest="the run went on with the others",
)


class CapacityFailedError(TidegateError):
    """AWS could not provide the capacity."""

    own_code = "TG-CAPACITY"


def create_module() -> AnsibleAWSModule:
    """The Ansible module with its argument spec."""
    capacity = {
        "min": {"type": "int"},
        "desired": {"type": "int", "required": True},
        "max": {"type": "int"},
    }
    target = {
        "group": {"type": "str", "required": True},
        "region": {"type": "str"},
        "capacity": {"type": "dict", "required": True, "options": capacity},
        "resume_processes": {"type": "bool", "default": False},
        "suspend_scheduled_actions": {"type": "bool", "default": True},
    }
    return create_aws_module(argument_spec({"options": target}))


def run(module: AnsibleAWSModule) -> None:
    """Scale all groups, then wait for all of them."""

    def scaling(target: Mapping[str, t.Any], deadline: Deadline) -> _Scaling:
        more = {"region": target["region"]} if target["region"] else {}
        return _Scaling(target, module.params, lambda service: aws_client(module, service, **more), deadline)

    move_all(module, scaling, _ENDING, Clock())


class _Scaling(Attempts):
    """One group."""

    def __init__(
        self,
        target: Mapping[str, t.Any],
        params: Mapping[str, t.Any],
        connect: Callable[[str], t.Any],
        deadline: Deadline,
    ) -> None:
        super().__init__()
        self._target, self._connect, self._deadline = target, connect, deadline
        self._up, self._run_id = params["to"] == "secondary", params["run_id"]
        self._loop: Convergence[Group, Step] | None = None
        self._known: frozenset[str] = frozenset()
        self._check_mode = False

    @property
    def name(self) -> str:
        """The group."""
        return str(self._target["group"])

    def move(self, *, check_mode: bool) -> None:
        """Scale the group, or predict that."""
        self._check_mode = check_mode
        wish = decision.wish_from(self._target, self._run_id)
        api = self._api = GroupApi(self._connect("autoscaling"), self.name)
        self._loop = Convergence(
            read=api.read,
            decide=lambda group, _written: decision.steps_up(group, wish) if self._up else decision.steps_back(group),
            write=self._write,
            settle=lambda: False,
            deadline=self._deadline,
        )
        if check_mode:
            self._loop.predict(lambda group, step: decision.after(step, group))
            return
        if self._up:
            # Activities that fail from now on belong to this run.
            seen = call_patiently(api.activities, self._deadline)
            self._known = frozenset(activity.id for activity in seen)
        self._loop.run()

    def _write(self, _group: Group, step: Step) -> Group:
        """Write one step. No version guards the group, so it is read again and compared with what was written.

        :raises ConflictError: somebody else has changed the group meanwhile; the loop decides again.
        """
        self._api.write(step)
        now = call_patiently(self._api.read, self._deadline)
        if not decision.took_effect(step, now):
            raise ConflictError(f"Auto Scaling group {self.name} was changed by somebody else at the same time.")
        return now

    def wait(self) -> None:
        """Wait until the capacity is in service. The module does not wait for the end of instances no longer needed.

        :raises CapacityFailedError: AWS cannot provide the capacity.
        :raises WaitTimeoutError: the capacity is not in service in time.
        """
        if not self._up or self._loop is None:
            return
        desired = int(self._target["capacity"]["desired"])
        elb = self._connect("elbv2")
        while True:
            group = self._loop.last = call_patiently(self._api.read, self._deadline)
            missing = decision.missing(group, desired, self._health(elb, group))
            if not missing:
                return
            activities = call_patiently(self._api.activities, self._deadline)
            problem = decision.given_up(activities, self._known)
            so_far = f"Auto Scaling group {self.name} was given {group.capacity}, and {missing}"
            if problem:
                raise CapacityFailedError(f"{so_far}. {problem} Check its scaling activities.")
            self._pause(so_far, activities)

    def _health(self, elb: t.Any, group: Group) -> Health:
        found = {}
        for arn in group.target_groups:
            states = call_patiently(partial(target_states, elb, arn), self._deadline)
            found[arn] = frozenset(target for target, each in states.items() if set(each) == {"healthy"})
        return Health(found)

    def _pause(self, so_far: str, activities: Sequence[decision.Activity]) -> None:
        if self._deadline.remaining > _POLL_SECONDS:
            self._deadline.sleep(_POLL_SECONDS)
            return
        failed = [one.message for one in activities if one.status == "Failed" and one.id not in self._known]
        why = f" The last activity that failed: {failed[0].rstrip('.')}." if failed else ""
        raise WaitTimeoutError(
            f"{so_far}, after {self._deadline.timeout:g} s.{why} Check its scaling activities and the health "
            "checks of its target groups."
        )

    @property
    def changed(self) -> bool:
        """Whether the group was changed."""
        return bool(self._loop and self._loop.written)

    def warnings(self) -> list[str]:
        """Further warnings."""
        group = self._loop.last if self._loop else None
        return decision.warnings(group) if self._up and group is not None else []

    def before(self) -> Json | None:
        """Its capacity before."""
        return _reported(self._loop.first if self._loop else None)

    def after(self) -> Json | None:
        """Its capacity now."""
        return _reported(self._loop.last if self._loop else None)

    def message(self) -> str:
        """The capacity now, as a message."""
        loop = self._loop
        if loop is None or loop.first is None or loop.last is None:
            return ""
        now = f"{loop.last.capacity}, {loop.last.in_service} in service"
        if not self.changed:
            why = "as it did" if self._up or loop.last.tag is not None else "and nothing is kept to put it back to"
            return f"Auto Scaling group {self.name} has {now}, {why}."
        verb = "would have" if self._check_mode else "has"
        return f"Auto Scaling group {self.name} {verb} {now}; before, {loop.first.capacity}."


def _reported(group: Group | None) -> Json | None:
    if group is None:
        return None
    minimum, desired, maximum = group.capacity
    counts = {"min": minimum, "desired": desired, "max": maximum, "in_service": group.in_service}
    return {**counts, "suspended_processes": sorted(group.suspended), "kept": group.tag}
