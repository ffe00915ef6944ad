# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``global_accelerator_site``."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._accelerator import decision
from ansible_collections.tidegate.failover.plugins.module_utils._accelerator.decision import (
    Change,
    LastSiteError,
    Target,
)
from ansible_collections.tidegate.failover.plugins.module_utils._aws.accelerators import REGION, Accelerators
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Convergence, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    ConflictError,
    NotFoundError,
    RefusedError,
    TidegateError,
    TransientError,
    WaitTimeoutError,
    code_of,
    defect,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import aws_client, create_aws_module
from ansible_collections.tidegate.failover.plugins.module_utils._module.many_targets import Ending
from ansible_collections.tidegate.failover.plugins.module_utils._module.resource_target import argument_spec

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Json = dict[str, t.Any]

_POLL_SECONDS = 2.0
#: Seconds that the run of the secondary site waits, so that the run of the primary site can put its site back.
_GRACE = 10.0
#: Seconds that putting a site back may take, also where wait_timeout has passed: until then no site gets traffic.
_PUT_BACK_SECONDS = 60.0
_ENDING = Ending("name", "targets", "accelerators", "already in the requested state", "the run went on with the others")


def create_module() -> AnsibleAWSModule:
    """The Ansible module with its argument spec."""
    endpoint = {
        "endpoint_id": {"type": "str", "required": True},
        "weight": {"type": "int"},
        "client_ip_preservation": {"type": "bool"},
        "attachment_arn": {"type": "str"},
    }
    site = {
        "endpoint_group_arn": {"type": "str", "required": True},
        "traffic_dial": {"type": "float", "default": 100},
        "endpoints": {"type": "list", "elements": "dict", "default": [], "options": endpoint},
    }
    target = {
        "name": {"type": "str", "required": True},
        "primary": {"type": "dict", "required": True, "options": site},
        "secondary": {"type": "dict", "required": True, "options": site},
        "passive": {"type": "bool", "default": False},
        "override": {"type": "dict", "options": {"reason": {"type": "str", "required": True}}},
        "bring_in": {"type": "str", "default": decision.ALWAYS, "choices": list(decision.BRING_IN)},
    }
    last_site = {"type": "str", "default": "refuse", "choices": ["refuse", "hold_back"]}
    return create_aws_module({**argument_spec({"options": target}), "if_last_site": last_site})


@dataclass(frozen=True)
class _Task:
    api: Accelerators
    deadline: Deadline
    clock: Clock
    to: str
    holds_back: bool
    check_mode: bool

    @property
    def origin(self) -> str:
        """The site to take out."""
        return decision.other(self.to)


def run(module: AnsibleAWSModule) -> None:
    """Change all accelerators, then wait until each is deployed."""
    if module.params["wait_timeout"] < 1:
        module.fail_json(msg="wait_timeout must be at least one second.", changed=False, targets=[])
    clock = Clock()
    deadline = Deadline(module.params["wait_timeout"], clock)
    api = Accelerators(aws_client(module, "globalaccelerator", region=REGION), deadline.for_another)
    holds_back = module.params["if_last_site"] == "hold_back"
    task = _Task(api, deadline, clock, module.params["to"], holds_back, module.check_mode)
    sites = [_Switch(task, given) for given in module.params["targets"]]
    for site in sites:
        site.try_to(site.switch)
    for site in sites:
        site.try_to(site.wait_deployed)
    _ENDING.switched(t.cast(t.Any, module), [site.result() for site in sites])


class _Switch:
    """Switches one accelerator."""

    def __init__(self, task: _Task, given: Mapping[str, t.Any]) -> None:
        self._task, self._given = task, given
        self._target: Target | None = None
        self._loop: Convergence[dict[str, Json], Change] | None = None
        self._problem: TidegateError | None = None
        self._took_out = False
        self._held_back = ""

    def try_to(self, work: Callable[[], None]) -> None:
        """Do the work, unless an earlier step failed. An error does not stop the other targets."""
        if self._problem is not None:
            return
        try:
            work()
        except LastSiteError as last:
            self._note_last_site(last)
        except TidegateError as problem:
            self._problem = problem
        except Exception as broken:  # noqa: BLE001
            self._problem = defect(broken)

    def _note_last_site(self, last: LastSiteError) -> None:
        if self._task.holds_back:
            self._held_back = str(last)
        else:
            self._problem = last

    def switch(self) -> None:
        """:raises TidegateError: the switch failed or was refused."""
        target = self._target = decision.target_from(self._given)
        self._loop = Convergence(
            read=lambda: self._read(target),
            decide=lambda groups, _written: self._decide(target, groups),
            write=lambda _groups, change: self._write(target, change),
            settle=lambda: False,
            deadline=self._task.deadline.for_another(),
        )
        if self._task.check_mode:
            self._loop.predict(decision.applied)
        else:
            self._loop.run()

    def _read(self, target: Target) -> dict[str, Json]:
        return {arn: self._task.api.group(arn) for arn in target.arns}

    def _decide(self, target: Target, groups: dict[str, Json]) -> list[Change]:
        """The missing changes. A write whose response was lost may have taken out the last site, which is put back."""
        if self._took_out and not target.override:
            try:
                groups = self._keep_one(target, groups)
            except ConflictError:
                groups = self._read(target)
        return decision.decide(target, groups, self._task.to)

    def _write(self, target: Target, change: Change) -> dict[str, Json]:
        """Write, and read back, because no version guards the write.

        :raises ConflictError: somebody else has changed the endpoint group since.
        """
        takes_out = decision.takes_out(change)
        self._took_out = self._took_out or takes_out
        self._task.api.change(change)
        groups = self._read(target)
        if not decision.holds(groups, change):
            raise ConflictError(f"{change.group} was changed by somebody else right after it had been written.")
        if takes_out:
            return groups if target.override else self._keep_one(target, groups)
        return self._until_healthy(target)

    def _until_healthy(self, target: Target) -> dict[str, Json]:
        """Wait until the site that was brought in has a healthy endpoint."""
        while True:
            groups = self._read(target)
            if decision.serves(target.sites[self._task.to], groups):
                return groups
            if not self._task.deadline.remaining:
                raise WaitTimeoutError(
                    f"The {self._task.to} site is in the accelerator, and no endpoint of it was healthy within "
                    f"{self._task.deadline.timeout:g} s ({decision.shown(target.sites[self._task.to], groups)})."
                )
            self._task.deadline.sleep(_POLL_SECONDS)

    def _keep_one(self, target: Target, groups: dict[str, Json]) -> dict[str, Json]:
        """If no site is left, put back the site that this run took out.

        Two runs that each take out one site at the same moment both see the other site serve. The run that takes out
        the secondary site waits first, so that not both sites come back. Where both do, because the other run took
        longer, this run takes the secondary site out again.

        :raises ConflictError: the other run put its site back, and this run has to decide again.
        :raises LastSiteError: the site was put back.
        """
        if not decision.none_serves(target, groups):
            return groups
        task = self._task
        if task.origin == "secondary":
            task.deadline.sleep(_GRACE)
            groups = self._read(target)
            if decision.is_in(target.sites[task.to], groups):
                return groups
            if not decision.none_serves(target, groups):
                raise ConflictError(f"Somebody took the {task.to} site out of the accelerator at the same moment.")
        groups = self._put_back(target)
        if task.origin == "secondary":
            task.deadline.sleep(_GRACE)
            groups = self._read(target)
            if decision.is_in(target.sites[task.to], groups):
                raise ConflictError(f"Somebody put the {task.to} site back into the accelerator at the same moment.")
        if self._loop:
            self._loop.last = groups
        raise LastSiteError(
            f"{target.name}: somebody took the {task.to} site out of the accelerator at the same moment, and none "
            f"would have been left. So the {task.origin} site was put back. Find out who that was."
        )

    def _put_back(self, target: Target) -> dict[str, Json]:
        """Put back the site that this run took out, and read that it is in.

        :raises WaitTimeoutError: the site could not be put back in time, and no site gets traffic.
        """
        deadline = Deadline(max(self._task.deadline.remaining, _PUT_BACK_SECONDS), self._task.clock)
        while True:
            groups = self._read(target)
            missing = decision.way_in(target, self._task.origin, groups)
            if not missing:
                return groups
            try:
                for change in missing:
                    self._task.api.change(change)
            except (ConflictError, TransientError) as setback:
                deadline.pause_after(setback)

    def wait_deployed(self) -> None:
        """Wait until the accelerator is deployed everywhere, also where an aborted run has made the change.

        :raises WaitTimeoutError: it was not deployed in time.
        """
        target = self._target
        if self._task.check_mode or target is None or self._loop is None or self._held_back:
            return
        did = "were changed" if self._loop.written else "were as they should be already"
        while not self._task.api.is_deployed(target.accelerator):
            if not self._task.deadline.remaining:
                raise WaitTimeoutError(
                    f"The endpoint groups {did}, and {target.accelerator} was not DEPLOYED within "
                    f"{self._task.deadline.timeout:g} s. Check it with 'aws globalaccelerator describe-accelerator "
                    f"--region {REGION}'."
                )
            self._task.deadline.sleep(_POLL_SECONDS)

    def result(self) -> Json:
        """What was found and done."""
        loop = self._loop
        before = loop.first if loop else None
        after = loop.last if loop else None
        written = bool(loop and (loop.written or loop.doubtful) and before != after)
        refused = isinstance(self._problem, RefusedError | NotFoundError)
        reported = {"name": str(self._given["name"]), "changed": written, "failed": self._problem is not None}
        reported |= {"refused": refused, "held_back": self._held_back, "warnings": []}
        reported |= {"before": _json(before), "after": _json(after)}
        message = str(self._problem or self._held_back) or self._message(after or {}, changed=written)
        return reported | {"msg": message, **code_of(self._problem)}

    def _message(self, groups: Mapping[str, Json], *, changed: bool) -> str:
        target = t.cast(Target, self._target)
        verb = ("would lead" if self._task.check_mode else "leads now") if changed else "leads already"
        seen = "; ".join(f"{name}: {decision.shown(site, groups)}" for name, site in target.sites.items())
        return f"The accelerator of {target.name} {verb} to the {self._task.to} site ({seen})."


def _json(groups: Mapping[str, Json] | None) -> Json | None:
    return None if groups is None else {"endpoint_groups": [_plain(group) for group in groups.values()]}


def _plain(group: Json) -> Json:
    return {name: group[name] for name in _shown_fields(group)}


def _shown_fields(group: Json) -> Sequence[str]:
    known = ("EndpointGroupArn", "TrafficDialPercentage", "EndpointDescriptions")
    return [name for name in known if name in group]
