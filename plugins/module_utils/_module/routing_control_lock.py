# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``routing_control_lock``."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.tidegate.failover.plugins.module_utils._aws.recovery_cluster import (
    ClusterError,
    Endpoint,
    RecoveryCluster,
    describe_endpoints,
)
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Convergence, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    ConflictError,
    NotFoundError,
    RefusedError,
    TidegateError,
    WaitTimeoutError,
    code_of,
    defect,
    failure,
)
from ansible_collections.tidegate.failover.plugins.module_utils._failover.last_site import LAST_SITE, override_from
from ansible_collections.tidegate.failover.plugins.module_utils._lock.evidence import Permission, permission_from
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import aws_client, create_aws_module
from ansible_collections.tidegate.failover.plugins.module_utils._module.many_targets import Ending
from ansible_collections.tidegate.failover.plugins.module_utils._routing_control import decision
from ansible_collections.tidegate.failover.plugins.module_utils._routing_control.decision import (
    Change,
    Control,
    Target,
)

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Result = dict[str, t.Any]
#: Seconds for a connection to an endpoint, and for its answer. They are short, because the next endpoint may answer.
_TIMEOUTS = (2, 5)
#: The Region of the configuration of ARC.
_CONFIG_REGION = "us-west-2"
_ENDING = Ending("name", "targets", "targets", "already in the requested state", "the run went on with the others")


def create_module() -> AnsibleAWSModule:
    """The Ansible module with its argument spec."""
    arns: dict[str, t.Any] = {"type": "list", "elements": "str"}
    endpoint = {"endpoint": {"type": "str", "required": True}, "region": {"type": "str", "required": True}}
    target = {
        "name": {"type": "str"},
        "routing_control_arns": {**arns, "required": True},
        "other_routing_control_arns": {**arns, "default": []},
        "standby_routing_control_arns": {**arns, "default": []},
        "cluster_endpoints": {"type": "list", "elements": "dict", "default": [], "options": endpoint},
        "cluster_arn": {"type": "str"},
    }
    gate = {"name": {"type": "str", "required": True}, "digest": {"type": "str", "required": True}}
    override = {
        "gates": {**arns, "default": []},
        "checks": {**arns, "default": [], "choices": [LAST_SITE]},
        "safety_rules": {**arns, "default": []},
        "reason": {"type": "str", "required": True},
    }
    return create_aws_module(
        {
            "state": {"type": "str", "required": True, "choices": ["locked", "unlocked"]},
            "targets": {"type": "list", "elements": "dict", "required": True, "options": target},
            "lock_id": {"type": "str"},
            "required_gates": {"type": "list", "elements": "dict", "default": [], "options": gate},
            "evidence": {"type": "dict"},
            "max_evidence_age": {"type": "int", "default": 300},
            "override": {"type": "dict", "options": override},
            "wait_timeout": {"type": "int", "default": 30},
        }
    )


@dataclass(frozen=True)
class _Task:
    """The options of a task for all its targets."""

    state: str
    lock_id: str | None
    permission: Permission | None
    overridden: bool
    safety_rules: Sequence[str]


@dataclass
class _Clusters:
    """The clusters of a task, and in check mode the predicted states of their routing controls."""

    module: AnsibleAWSModule
    known: dict[tuple[t.Any, ...], RecoveryCluster] = field(default_factory=dict)
    predicted: dict[str, Control] = field(default_factory=dict)

    def of(self, given: Mapping[str, t.Any]) -> RecoveryCluster:
        """:raises RefusedError: neither endpoints nor a cluster are given."""
        endpoints = [Endpoint(one["endpoint"], one["region"]) for one in given.get("cluster_endpoints") or ()]
        key = (*endpoints, given.get("cluster_arn") if not endpoints else None)
        if key not in self.known:
            self.known[key] = RecoveryCluster(endpoints or self._described(given.get("cluster_arn")), self._client)
        return self.known[key]

    def _described(self, cluster_arn: str | None) -> list[Endpoint]:
        if not cluster_arn:
            raise RefusedError(
                "Neither cluster_endpoints nor cluster_arn is given. Give the five endpoints, which 'aws "
                "route53-recovery-control-config describe-cluster --region us-west-2' lists."
            )
        config = aws_client(self.module, "route53-recovery-control-config", region=_CONFIG_REGION, timeouts=_TIMEOUTS)
        try:
            return describe_endpoints(config, cluster_arn)
        except TidegateError as problem:
            raise RefusedError(
                f"{problem} Give cluster_endpoints, so that the configuration in {_CONFIG_REGION} is not needed."
            ) from problem

    def _client(self, endpoint: Endpoint) -> t.Any:
        place = {"endpoint": endpoint.url, "region": endpoint.region}
        return aws_client(self.module, "route53-recovery-cluster", timeouts=_TIMEOUTS, **place)


def run(module: AnsibleAWSModule) -> None:
    """Lock or unlock the targets one after the other, because one may be the other site of the next one."""
    try:
        task = _task_from(module.params)
    except TidegateError as problem:
        module.fail_json(**failure(problem), changed=False, targets=[])
    if task.overridden or task.safety_rules:
        what = [*([LAST_SITE] if task.overridden else []), *task.safety_rules]
        module.warn(f"Overridden: {', '.join(what)}, because: {module.params['override']['reason']}")
    clusters = _Clusters(module)
    _ENDING.switched(t.cast(t.Any, module), [_result(task, given, clusters) for given in module.params["targets"]])


def _task_from(params: Mapping[str, t.Any]) -> _Task:
    """:raises RefusedError: an option is not valid."""
    if params["wait_timeout"] < 1 or params["max_evidence_age"] < 1:
        raise RefusedError("wait_timeout and max_evidence_age must be at least one second.")
    override = params["override"]
    if override and not override["reason"].strip():
        raise RefusedError("override has no reason. Say why.")
    overridden = override_from(override, params["state"])
    rules = list(override["safety_rules"]) if override else []
    permission = None
    if params["state"] == "unlocked":
        # An override that names only safety rules skips no gate.
        skips = override if override and (override["gates"] or not rules) else None
        permission = permission_from({**params, "override": skips})
    elif override and override["gates"]:
        raise RefusedError("override names gates, which belong to unlocking. Leave them out.")
    return _Task(params["state"], params["lock_id"], permission, overridden is not None, rules)


def _result(task: _Task, given: Mapping[str, t.Any], clusters: _Clusters) -> Result:
    """Switch one target, and return its result. An error does not stop the other targets."""
    name = str(given.get("name") or ", ".join(given["routing_control_arns"]))
    switch: _Switch | None = None
    problem: TidegateError | None = None
    try:
        switch = _Switch(decision.target_from(given), task, clusters.of(given), clusters)
        switch.run()
    except TidegateError as found:
        problem = found
    except Exception as broken:  # noqa: BLE001
        problem = defect(broken)
    result: Result = {"name": name, "failed": problem is not None, "warnings": [], "before": None, "after": None}
    result |= {
        "refused": isinstance(problem, RefusedError | NotFoundError),
        "changed": False,
        "msg": str(problem or ""),
        **code_of(problem),
    }
    return result | {"locked": None, "lock_ids": []} | (switch.reported(problem) if switch else {})


class _Switch:
    """Switches the routing controls of one target."""

    def __init__(self, target: Target, task: _Task, cluster: RecoveryCluster, clusters: _Clusters) -> None:
        self._target, self._task, self._cluster = target, task, cluster
        self._check_mode, self._predicted = clusters.module.check_mode, clusters.predicted
        self._deadline = Deadline(clusters.module.params["wait_timeout"], Clock())
        self._loop: Convergence[dict[str, Control], Change] = Convergence(
            read=self._read, decide=self._decide, write=self._write, settle=lambda: False, deadline=self._deadline
        )

    def run(self) -> None:
        """:raises TidegateError: the switch failed or was refused."""
        if self._check_mode:
            self._loop.predict(decision.after_change)
            self._predicted.update(self._loop.last or {})
            return
        try:
            self._loop.run()
        except WaitTimeoutError as problem:
            if isinstance(problem.__cause__, ConflictError):
                raise RefusedError(
                    f"{problem.__cause__} It was tried again for {self._deadline.timeout:g} s. To override a safety "
                    "rule, name its ARN in override.safety_rules, with a reason."
                ) from problem
            raise

    def _read(self) -> dict[str, Control]:
        controls = self._cluster.read(self._target.all, self._deadline)
        return {**controls, **{arn: one for arn, one in self._predicted.items() if arn in controls}}

    def _decide(self, controls: dict[str, Control], _written: Sequence[Change]) -> list[Change]:
        if self._task.permission is None:
            change = decision.decide_lock(self._target, controls, overridden=self._task.overridden)
        else:
            change = decision.decide_unlock(
                self._target,
                controls,
                self._task.permission,
                lock_id=self._task.lock_id,
                moment=self._cluster.clock.moment(),
            )
        return [change] if change else []

    def _write(self, _controls: dict[str, Control], change: Change) -> dict[str, Control]:
        """Set the states, and read them back, because no version guards the write.

        :raises ConflictError: somebody has changed them since.
        """
        self._cluster.update(dict(change.states), self._task.safety_rules, self._deadline)
        controls = self._read()
        if self._task.permission is None and not self._task.overridden:
            controls = self._keep_one(controls, change)
        different = decision.differs(controls, change)
        if different:
            raise ConflictError(f"{', '.join(different)} was changed by somebody else right after it had been set.")
        return controls

    def _keep_one(self, controls: dict[str, Control], change: Change) -> dict[str, Control]:
        """If no routing control is left on, turn this run's back on.

        Two runs that lock the two sites of a service at the same moment do not see each other. ARC refuses a change
        during the wait period of a safety rule after the last change, or while it makes another change. Then the run
        tries again while no routing control is on.

        :raises RefusedError: no routing control was left on.
        """
        while (back := decision.give_back(self._target, controls, change)) is not None:
            try:
                self._cluster.update(dict(back.states), self._task.safety_rules, self._deadline)
                break
            except ConflictError as setback:
                # If the time runs out here, the result has to report that no routing control is on.
                self._loop.last = controls
                self._deadline.pause_after(setback)
                controls = self._read()
        else:
            return controls
        self._loop.last = self._read()
        raise RefusedError(
            "Somebody turned off the routing controls of the other sites at the same moment, and none would have been "
            "on. So this one was turned on again. Find out who that was. A safety rule that asserts that one is on "
            "keeps it from happening."
        )

    def reported(self, problem: TidegateError | None) -> Result:
        """The result of this target."""
        before, after = self._loop.first, self._loop.last
        if before is None or after is None:
            return {}
        doubtful = isinstance(problem, ClusterError) and problem.effect_unknown
        changed = decision.picture(before) != decision.picture(after) or doubtful
        off = decision.locked_of(self._target, after)
        reported: Result = {
            "changed": changed,
            "before": decision.picture(before),
            "after": decision.picture(after),
            "locked": len(off) == len(self._target.site),
            "lock_ids": [decision.lock_id_of(arn) for arn in off],
        }
        if problem is None:
            state = self._task.state
            reported["msg"] = decision.message(self._target, after, state, changed=changed)
            reported["warnings"] = decision.warnings(self._target, after, state)
        return reported
