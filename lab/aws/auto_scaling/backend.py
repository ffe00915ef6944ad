# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""moto's Auto Scaling, corrected: limits apply, launches take time or fail, and activities are reported.

Sources: user guide of EC2 Auto Scaling ("Instance lifecycle", "Scaling activities", "Suspend and resume processes"),
API reference (UpdateAutoScalingGroup, DescribeScalingActivities). An instance is registered in the target groups of its
group once it is in service.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from moto.autoscaling import urls
from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, InstanceState, autoscaling_backends
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

#: Seconds of the lab. A real instance takes a minute or more.
_LAUNCH_SECONDS = 0.5
_RETRY_SECONDS = 0.2
_IN_SERVICE, _PENDING = "InService", "Pending"


@dataclass
class Launching:
    """The launches of a group.

    :ivar seconds: how long a launch takes.
    :ivar failure: why launches fail; empty if they do not fail.
    """

    seconds: float = _LAUNCH_SECONDS
    failure: str = ""


class PatientAutoScalingBackend(AutoScalingBackend):
    """moto's backend with the behaviour of the real service."""

    launching: ClassVar[dict[str, Launching]] = {}

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._due: dict[str, float] = {}
        self._tried: dict[str, float] = {}
        self._known: dict[str, tuple[set[str], float]] = {}
        self._activities: dict[str, list[dict[str, Any]]] = {}

    @property
    def _url_module(self) -> Any:
        return _Urls

    def describe_auto_scaling_groups(self, names: list[str], *args: Any, **more: Any) -> list[FakeAutoScalingGroup]:
        """The groups in their present state."""
        for group in list(self.autoscaling_groups.values()):
            self._settle(group)
        return super().describe_auto_scaling_groups(names, *args, **more)

    def describe_scaling_activities(self, name: str) -> list[dict[str, Any]]:
        """The activities, also the failed ones, newest first."""
        if name not in self.autoscaling_groups:
            raise ValidationError("Group not found")
        self._settle(self.autoscaling_groups[name])
        return list(reversed(self._activities.get(name, [])))

    def update_auto_scaling_group(self, name: str, *args: Any, **more: Any) -> FakeAutoScalingGroup:
        """Change a group within its limits."""
        group = self.autoscaling_groups.get(name)
        if group is None:
            return super().update_auto_scaling_group(name, *args, **more)
        least, most = _given(more, "min_size", group.min_size), _given(more, "max_size", group.max_size)
        desired = _given(more, "desired_capacity", group.desired_capacity)
        if least > most:
            raise ValidationError(f"Max bound, {most}, must be greater than or equal to min bound, {least}")
        if more.get("desired_capacity") is not None and not least <= desired <= most:
            raise ValidationError(
                f"Desired capacity:{desired} must be between the specified min size:{least} and max size:{most}"
            )
        with self._launches(group):
            return super().update_auto_scaling_group(name, *args, **more)

    def set_desired_capacity(self, group_name: str, desired_capacity: int | None) -> None:
        """Set the desired capacity within the group's limits."""
        group = self.autoscaling_groups.get(group_name)
        if group is None:
            raise ValidationError("AutoScalingGroup name not found - null")
        least, most = group.min_size or 0, group.max_size or 0
        if desired_capacity is not None and not least <= desired_capacity <= most:
            limit = f"above max value {most}" if desired_capacity > most else f"below min value {least}"
            raise ValidationError(
                f"New SetDesiredCapacity value {desired_capacity} is {limit} for the AutoScalingGroup."
            )
        with self._launches(group):
            super().set_desired_capacity(group_name, desired_capacity)

    def delete_auto_scaling_group(self, group_name: str) -> None:
        """Delete a group, and with it its policies (API reference, DeleteAutoScalingGroup)."""
        super().delete_auto_scaling_group(group_name)
        for name in [name for name, policy in self.policies.items() if policy.auto_scaling_group_name == group_name]:
            del self.policies[name]

    def update_attached_target_groups(self, group_name: str) -> None:
        """Only instances in service are registered."""
        group = self.autoscaling_groups[group_name]
        every = group.instance_states
        if group_name in self._known:
            known, due = self._known[group_name]
            self._due |= {one.instance.id: due for one in every if one.instance.id not in known | self._due.keys()}
        group.instance_states = [state for state in every if state.instance.id not in self._due]
        try:
            super().update_attached_target_groups(group_name)
        finally:
            group.instance_states = every

    @contextmanager
    def _launches(self, group: FakeAutoScalingGroup) -> Iterator[None]:
        """Launches by moto in this context take time, fail, or do not happen if launches are suspended."""
        known = list(group.instance_states)
        # moto counts only instances in service, and would launch pending instances a second time.
        on_the_way = [state for state in known if state.lifecycle_state == _PENDING]
        for state in on_the_way:
            state.lifecycle_state = _IN_SERVICE
        how, now = self.launching.get(group.name, Launching()), time.monotonic()
        known_ids = {state.instance.id for state in known}
        # moto registers new instances at once, so they have to be recorded as pending before.
        self._known[group.name] = known_ids, now + how.seconds
        try:
            yield
        finally:
            del self._known[group.name]
            for state in on_the_way:
                state.lifecycle_state = _PENDING
            new = [state for state in group.instance_states if state.instance.id not in known_ids]
            if _is_suspended(group) or how.failure:
                self._drop(group, new)
            for state in new:
                state.lifecycle_state = _PENDING

    def _drop(self, group: FakeAutoScalingGroup, states: list[InstanceState]) -> None:
        ids = [state.instance.id for state in states]
        group.instance_states = [state for state in group.instance_states if state.instance.id not in ids]
        if ids:
            self.ec2_backend.terminate_instances(ids)
        for instance in ids:
            self._due.pop(instance, None)

    def _settle(self, group: FakeAutoScalingGroup) -> None:
        """Apply the changes whose time has come."""
        now = time.monotonic()
        arrived = [state for state in group.instance_states if self._due.get(state.instance.id, now + 1) <= now]
        for state in arrived:
            del self._due[state.instance.id]
            state.lifecycle_state = _IN_SERVICE
            self._note(group, f"Launching a new EC2 instance: {state.instance.id}", "Successful", "")
        if arrived:
            self.update_attached_target_groups(group.name)
        short = (group.desired_capacity or 0) - len(group.instance_states)
        if short > 0 and not _is_suspended(group):
            self._try_again(group, now)

    def _try_again(self, group: FakeAutoScalingGroup, now: float) -> None:
        how = self.launching.get(group.name, Launching())
        if not how.failure:
            with self._launches(group):
                super().set_desired_capacity(group.name, group.desired_capacity)
        elif now >= self._tried.get(group.name, 0) + _RETRY_SECONDS:
            self._tried[group.name] = now
            self._note(group, "Launching a new EC2 instance", "Failed", f"{how.failure} Launching EC2 instance failed.")

    def _note(self, group: FakeAutoScalingGroup, description: str, status: str, message: str) -> None:
        done = datetime.now(UTC)
        activity = {
            "ActivityId": str(uuid.uuid4()),
            "AutoScalingGroupName": group.name,
            "Description": description,
            "Cause": "An instance was launched in response to a difference between desired and actual capacity.",
            "StartTime": done,
            "EndTime": done,
            "StatusCode": status,
            "Progress": 100,
        }
        more = {"StatusMessage": message} if message else {}
        self._activities.setdefault(group.name, []).append(activity | more)


def _is_suspended(group: FakeAutoScalingGroup) -> bool:
    return any(one["ProcessName"] == "Launch" for one in group.suspended_processes)


def _given(options: dict[str, Any], name: str, otherwise: int | None) -> int:
    value = options.get(name)
    return int(otherwise or 0) if value is None else int(value)


class PatientAutoScalingResponse(AutoScalingResponse):
    """The operation that moto lacks, and the parameter that moto ignores."""

    def update_auto_scaling_group(self) -> ActionResult:
        """Change a group, also its default cool-down."""
        answer = super().update_auto_scaling_group()
        cooldown = self._get_int_param("DefaultCooldown")
        if cooldown is not None:
            self.autoscaling_backend.autoscaling_groups[
                self._get_param("AutoScalingGroupName")
            ].default_cooldown = cooldown
        return answer

    def describe_scaling_activities(self) -> ActionResult:
        """All activities of a group, on one page."""
        backend = self.autoscaling_backend
        if not isinstance(backend, PatientAutoScalingBackend):
            raise TypeError("the backend was not installed")
        return ActionResult(
            {"Activities": backend.describe_scaling_activities(self._get_param("AutoScalingGroupName"))}
        )


class _Urls:
    url_bases = urls.url_bases
    url_paths: ClassVar[dict[str, Any]] = {"{0}/$": PatientAutoScalingResponse.dispatch}


def install() -> None:
    """Make moto use this backend for all regions from now on."""
    autoscaling_backends.backend = PatientAutoScalingBackend
    autoscaling_backends.clear()
    clear()


def clear() -> None:
    """Reset the settings of launches; moto resets the groups itself."""
    PatientAutoScalingBackend.launching.clear()
