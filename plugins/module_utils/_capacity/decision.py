# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The capacity of an Auto Scaling group: the steps that scale it for a site, and the steps that put it back.

A tag of the group records its earlier capacity and the changes to its processes. The tag is written first and removed
last, so an aborted run loses no data: it continues when it is run again, and the run that puts the group back finds
everything.
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ansible_collections.tidegate.failover.plugins.module_utils._errors import OptionError, RefusedError

Json = dict[str, t.Any]

#: The tag of a group that this collection has scaled.
TAG = "tidegate-capacity"
#: Processes that are needed to launch instances and to give them traffic.
NEEDED = ("AddToLoadBalancer", "Launch")
SCHEDULED = "ScheduledActions"


class Capacity(t.NamedTuple):
    """Minimum, desired number and maximum of instances."""

    minimum: int
    desired: int
    maximum: int

    def __str__(self) -> str:
        return f"minimum {self.minimum}, desired {self.desired}, maximum {self.maximum}"

    @property
    def limits(self) -> tuple[int, int]:
        """Minimum and maximum, which scaling policies do not change."""
        return self.minimum, self.maximum


@dataclass(frozen=True)
class Kept:
    """The record in the tag.

    :ivar before: the capacity before.
    :ivar to: the capacity that the run set.
    :ivar resumed: processes that were suspended before.
    :ivar suspended: processes that were not suspended before.
    :ivar run: the run that made the change.
    :ivar leaving: the capacity that a run set before ``to``. The group still has it if the last run was aborted.
    """

    before: Capacity
    to: Capacity
    resumed: tuple[str, ...] = ()
    suspended: tuple[str, ...] = ()
    run: str = ""
    leaving: Capacity | None = None

    @property
    def scaled(self) -> bool:
        """Whether a run may have changed the capacity. If not, the present capacity is not ours."""
        return self.to != self.before or self.leaving is not None

    @property
    def unscaled(self) -> Kept:
        """The same record for a group that still has its earlier capacity."""
        return replace(self, to=self.before, leaving=None)

    def text(self) -> str:
        """The record as the value of a tag: at most 256 characters, without quotation marks and braces."""
        parts = (self.before, self.to, self.resumed, self.suspended, (self.run,), self.leaving or ())
        return " ".join("/".join(str(one) for one in part) or "-" for part in parts)


_NOTHING = Kept(Capacity(0, 0, 0), Capacity(0, 0, 0))


def kept_from(text: str, group: str) -> Kept:
    """:raises RefusedError: the tag has another form."""
    try:
        before, to, resumed, suspended, run, leaving = text.split(" ")
        return Kept(
            _capacity(before),
            _capacity(to),
            _processes(resumed),
            _processes(suspended),
            run.strip("-"),
            None if leaving == "-" else _capacity(leaving),
        )
    except ValueError as problem:
        raise RefusedError(
            f"The tag {TAG} of Auto Scaling group {group} is {json.dumps(text)}, which cannot be read. It records what "
            "capacity the group had before a failover. Set the group's capacity by hand, and delete the tag.",
            code="TG-CHANGED-BY-HAND",
        ) from problem


def _capacity(text: str) -> Capacity:
    minimum, desired, maximum = (int(number) for number in text.split("/"))
    return Capacity(minimum, desired, maximum)


def _processes(text: str) -> tuple[str, ...]:
    return () if text == "-" else tuple(text.split("/"))


@dataclass(frozen=True)
class Instance:
    """An instance of the group.

    :ivar weight: its share of the capacity.
    :ivar hooked: whether it waits for somebody to complete a lifecycle hook.
    """

    id: str
    in_service: bool
    weight: int = 1
    hooked: bool = False


@dataclass(frozen=True)
class Group:
    """An Auto Scaling group as it was read.

    :ivar unchecked: other sources of traffic, whose health checks are not read.
    """

    name: str
    capacity: Capacity
    suspended: frozenset[str] = frozenset()
    tag: str | None = None
    has_scheduled: bool = False
    status: str = ""
    instances: tuple[Instance, ...] = ()
    target_groups: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()

    @property
    def in_service(self) -> int:
        """The capacity that is in service."""
        return sum(instance.weight for instance in self.instances if instance.in_service)


@dataclass(frozen=True)
class Wish:
    """The options for a group. Values that are None stay unchanged."""

    desired: int
    minimum: int | None = None
    maximum: int | None = None
    resume: bool = False
    suspend_scheduled: bool = True
    run: str = ""


@dataclass(frozen=True)
class Keep:
    """Write the tag."""

    kept: Kept


@dataclass(frozen=True)
class Forget:
    """Remove the tag."""


@dataclass(frozen=True)
class Processes:
    """Suspend processes, or resume them."""

    suspend: bool
    names: tuple[str, ...]


@dataclass(frozen=True)
class Scale:
    """Set the capacity."""

    capacity: Capacity


Step: t.TypeAlias = "Keep | Forget | Processes | Scale"


def wish_from(target: Mapping[str, t.Any], run_id: str) -> Wish:
    """:raises RefusedError: the numbers are not valid."""
    given = target["capacity"]
    wish = Wish(
        given["desired"],
        given["min"],
        given["max"],
        target["resume_processes"],
        target["suspend_scheduled_actions"],
        run_id.replace(" ", "_"),
    )
    if wish.desired < 1:
        raise OptionError(f"capacity.desired is {wish.desired}. Give at least one instance.")
    if wish.minimum is not None and not 0 <= wish.minimum <= wish.desired:
        raise OptionError(f"capacity.min is {wish.minimum}. Give 0 to capacity.desired, which is {wish.desired}.")
    if wish.maximum is not None and wish.maximum < wish.desired:
        raise OptionError(f"capacity.max is {wish.maximum}, and capacity.desired is {wish.desired}. Raise the first.")
    return wish


def steps_up(group: Group, wish: Wish) -> list[Step]:
    """The missing steps to the capacity that the site needs.

    :raises RefusedError: the group cannot be scaled, or somebody else has changed it.
    """
    _refuse_deleted(group)
    old = kept_from(group.tag, group.name) if group.tag is not None else None
    if old is not None:
        _refuse_third_state(group, old)
    scaled = old if old is not None and old.scaled else None
    base = scaled.before if scaled is not None else group.capacity
    capacity = _wanted(group, base, wish)
    resume = _to_resume(group, old, wish)
    suspend = _to_suspend(group, wish)
    first = scaled or replace(old or _NOTHING, before=group.capacity, to=capacity, run=wish.run)
    kept = replace(
        first,
        to=capacity,
        resumed=_joined(first.resumed, resume),
        suspended=_joined(first.suspended, suspend),
        leaving=first.to if first.to != capacity else first.leaving,
    )
    suspending: list[Step] = [Processes(suspend=True, names=suspend)] if suspend else []
    acting: list[Step] = [Processes(suspend=False, names=resume)] if resume else []
    acting += [Scale(capacity)] if group.capacity != capacity else []
    if not suspending or not kept.scaled or scaled is not None:
        return [*_keeping(old, kept, [*suspending, *acting]), *suspending, *acting]
    # A scheduled action may still fire. So the capacity is recorded again after scheduled actions were suspended.
    return [*_keeping(old, kept.unscaled, suspending), *suspending, Keep(kept), *acting]


def _keeping(old: Kept | None, kept: Kept, acting: Sequence[Step]) -> list[Step]:
    """Write the tag first, unless it has the record already. The capacity of an unscaled group does not count."""
    if not acting or old == kept:
        return []
    unscaled = old is not None and not old.scaled and not kept.scaled
    same = old is not None and (old.resumed, old.suspended) == (kept.resumed, kept.suspended)
    return [] if unscaled and same else [Keep(kept)]


def _joined(first: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({*first, *more}))


def _refuse_deleted(group: Group) -> None:
    if group.status:
        raise RefusedError(f"Auto Scaling group {group.name} is being deleted ({group.status}). Name another one.")


def _refuse_third_state(group: Group, kept: Kept) -> None:
    """Refuse changed limits. Scaling policies only change the desired number, so somebody else has changed them."""
    ours = [one.limits for one in (kept.before, kept.to, kept.leaving) if one is not None]
    if not kept.scaled or group.capacity.limits in ours:
        return
    raise RefusedError(
        f"Auto Scaling group {group.name} has {group.capacity}. Run {kept.run or '(unknown)'} found {kept.before} and "
        f"gave it {kept.to}. Somebody else has changed it since{_by_forecast(group, kept)}. Find out why; then set it "
        f"by hand to one of these, or delete its tag {TAG} to take it as it is.",
        code="TG-CHANGED-BY-HAND",
    )


def _by_forecast(group: Group, kept: Kept) -> str:
    """A hint if predictive scaling may have raised the maximum. It never lowers it (MaxCapacityBreachBehavior)."""
    now, to = group.capacity, kept.to
    raised = now.minimum == to.minimum and now.maximum > to.maximum
    return ", or a predictive scaling policy with IncreaseMaxCapacity has raised its maximum" if raised else ""


def _wanted(group: Group, base: Capacity, wish: Wish) -> Capacity:
    """The capacity to set. A group with more than requested keeps it, because its policies follow its load.

    :param base: the group's earlier capacity, whose limits count where none are given.
    """
    desired = max(group.capacity.desired, wish.desired)
    minimum = base.minimum if wish.minimum is None else wish.minimum
    maximum = base.maximum if wish.maximum is None else wish.maximum
    if maximum < desired:
        more = "Give capacity.max, or raise it" if wish.maximum is None else "Raise capacity.max"
        raise RefusedError(
            f"Auto Scaling group {group.name} would need {desired} instances, and its maximum is {maximum}. {more}."
        )
    return Capacity(min(minimum, desired), desired, maximum)


def _to_resume(group: Group, kept: Kept | None, wish: Wish) -> tuple[str, ...]:
    """:raises RefusedError: a process that instances need to serve is suspended."""
    blocked = tuple(name for name in NEEDED if name in group.suspended)
    if not blocked or wish.resume or (kept is not None and set(blocked) <= set(kept.resumed)):
        return blocked
    raise RefusedError(
        f"Auto Scaling group {group.name} has {' and '.join(blocked)} suspended, so no new instance would serve. "
        "Resume it, or set resume_processes, which resumes it and suspends it again when the group is put back."
    )


def _to_suspend(group: Group, wish: Wish) -> tuple[str, ...]:
    """The processes to suspend: scheduled actions, which would change the capacity while the site serves."""
    active = group.has_scheduled and SCHEDULED not in group.suspended
    return (SCHEDULED,) if active and wish.suspend_scheduled else ()


def steps_back(group: Group) -> list[Step]:
    """The missing steps to the state before the group was scaled.

    :raises RefusedError: somebody else has changed the group.
    """
    if group.tag is None:
        return []
    kept = kept_from(group.tag, group.name)
    _refuse_third_state(group, kept)
    suspend = tuple(name for name in kept.resumed if name not in group.suspended)
    resume = tuple(name for name in kept.suspended if name in group.suspended)
    steps: list[Step] = [Scale(kept.before)] if kept.scaled and group.capacity != kept.before else []
    # After they are resumed, scheduled actions may change the capacity again.
    steps += [Keep(kept.unscaled)] if kept.scaled and resume else []
    steps += [Processes(suspend=True, names=suspend)] if suspend else []
    steps += [Processes(suspend=False, names=resume)] if resume else []
    return [*steps, Forget()]


def after(step: Step, group: Group) -> Group:
    """The group after a step."""
    if isinstance(step, Keep):
        return replace(group, tag=step.kept.text())
    if isinstance(step, Forget):
        return replace(group, tag=None)
    if isinstance(step, Scale):
        return replace(group, capacity=step.capacity)
    names = frozenset(step.names)
    return replace(group, suspended=group.suspended | names if step.suspend else group.suspended - names)


def took_effect(step: Step, group: Group) -> bool:
    """Whether a group that was read again shows the step. A policy may have raised the desired number since."""
    if isinstance(step, Scale):
        return group.capacity.limits == step.capacity.limits
    return after(step, group) == group


@dataclass(frozen=True)
class Activity:
    """An activity of Auto Scaling, which may have failed."""

    id: str
    status: str
    message: str


#: The module gives up after this many failed launches in a row. A launch may fail in one zone and succeed in the next.
FAILURES = 3


def given_up(activities: Sequence[Activity], known: frozenset[str]) -> str:
    """Why no more capacity is to be expected; empty if it may come.

    :param activities: the activities, newest first.
    :param known: ids of activities from before this run.
    """
    failed: list[Activity] = []
    for activity in activities:
        if activity.id in known or activity.status == "Successful":
            break
        failed += [activity] if activity.status == "Failed" else []
    if len(failed) < FAILURES:
        return ""
    return f"{len(failed)} attempts in a row failed. The last one: {failed[0].message.rstrip('.')}."


@dataclass(frozen=True)
class Health:
    """How many of a group's instances serve.

    :ivar healthy: ids of healthy targets, by target group.
    """

    healthy: Mapping[str, frozenset[str]] = field(default_factory=dict)


def missing(group: Group, desired: int, health: Health) -> str:
    """What is missing until the desired capacity serves; empty if nothing is missing."""
    found = []
    if group.in_service < desired:
        hooked = sum(one.hooked for one in group.instances)
        waiting = f" ({hooked} wait for a lifecycle hook to be completed)" if hooked else ""
        found.append(f"{group.in_service} of {desired} instances are in service{waiting}")
    for arn in group.target_groups:
        ids = health.healthy.get(arn, frozenset())
        healthy = sum(one.weight for one in group.instances if one.in_service and one.id in ids)
        if healthy < desired:
            found.append(f"{healthy} of {desired} are healthy in target group {arn.split('/')[1]}")
    return " and ".join(found)


def warnings(group: Group) -> list[str]:
    """Warnings about a group that is to serve."""
    found = []
    if group.has_scheduled and SCHEDULED not in group.suspended:
        found.append(f"Auto Scaling group {group.name} has scheduled actions, which may change its capacity.")
    if group.unchecked:
        found.append(
            f"Auto Scaling group {group.name} also gets traffic from {', '.join(group.unchecked)}. Whether its "
            "instances are healthy there is not checked, only that they are in service."
        )
    return found
