# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``alb_weights``."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from ansible_collections.tidegate.failover.plugins.module_utils._aws.load_balancing import ActionsApi, target_states
from ansible_collections.tidegate.failover.plugins.module_utils._converge import (
    Clock,
    Convergence,
    Deadline,
    call_patiently,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    ConflictError,
    RefusedError,
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
from ansible_collections.tidegate.failover.plugins.module_utils._weights import decision

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Json = dict[str, t.Any]
#: All actions in the requested state.
Step = list[Json]

_POLL_SECONDS = 2.0
_ENDING = Ending(
    key="name",
    listed="targets",
    noun="rules and listeners",
    unchanged="had these weights already",
    rest="the run went on with the others",
)


def create_module() -> AnsibleAWSModule:
    """The Ansible module with its argument spec."""
    weights = {
        "primary": {"type": "dict", "required": True},
        "secondary": {"type": "dict", "required": True},
    }
    target = {
        "required_one_of": [("rule_arn", "listener_arn")],
        "mutually_exclusive": [("rule_arn", "listener_arn")],
        "options": {
            "rule_arn": {"type": "str"},
            "listener_arn": {"type": "str"},
            "region": {"type": "str"},
            "weights": {"type": "dict", "required": True, "options": weights},
            "allow_unhealthy": {"type": "bool", "default": False},
        },
    }
    return create_aws_module(argument_spec(target))


def run(module: AnsibleAWSModule) -> None:
    """Move all targets one after the other: the module waits for each target group that has to become healthy."""

    def switch(target: Mapping[str, t.Any], deadline: Deadline) -> _Switch:
        more = {"region": target["region"]} if target["region"] else {}
        return _Switch(target, module.params["to"], lambda: aws_client(module, "elbv2", **more), deadline)

    move_all(module, switch, _ENDING, Clock())


class _Switch(Attempts):
    """One rule or listener."""

    def __init__(self, target: Mapping[str, t.Any], to: str, connect: Callable[[], t.Any], deadline: Deadline) -> None:
        super().__init__()
        self._target, self._to, self._connect, self._deadline = target, to, connect, deadline
        self._loop: Convergence[list[Json], Step] | None = None
        self._notes: list[str] = []
        self._check_mode = False

    @property
    def name(self) -> str:
        """The rule or listener."""
        return str(self._target["rule_arn"] or self._target["listener_arn"])

    def move(self, *, check_mode: bool) -> None:
        """Set the weights of the site, or predict that."""
        self._check_mode = check_mode
        decision.check_target(self._target)
        self._client = self._connect()
        arns = {"rule_arn": self._target["rule_arn"] or "", "listener_arn": self._target["listener_arn"] or ""}
        api = self._api = ActionsApi(self._client, **arns)
        self._groups = decision.serving(decision.wanted(self._target, self._to))
        self._loop = Convergence(
            read=api.read, decide=self._decide, write=self._write, settle=lambda: False, deadline=self._deadline
        )
        if check_mode:
            self._loop.predict(lambda _actions, step: step)
            self._predict_health()
        else:
            # A site that does not get the traffic yet has to be healthy before users are sent there.
            if self._decide(self._loop.read(), []):
                self._wait_for_health("It was not changed")
            self._loop.run()
        self._note_stickiness()

    def wait(self) -> None:
        """Wait until users have healthy targets.

        :raises WaitTimeoutError: they still have none.
        """
        self._wait_for_health("The weights are set" if self.changed else "The weights were set already")

    def _decide(self, actions: list[Json], _written: Sequence[Step]) -> list[Step]:
        step = decision.decide(self._target, self._to, actions, self._api.what)
        return [step] if step else []

    def _write(self, _actions: list[Json], step: Step) -> list[Json]:
        """Write the actions. No version guards them, so they are read again and compared with what was written.

        :raises ConflictError: somebody else has changed the actions meanwhile; the loop decides again.
        """
        self._api.write(decision.to_write(step))
        now = call_patiently(self._api.read, self._deadline)
        if not decision.same(decision.weights_of(now, self._api.what), decision.wanted(self._target, self._to)):
            raise ConflictError(f"{self._api.what} was changed by somebody else at the same time.")
        return now

    def _states(self) -> dict[str, list[str]]:
        """The states of all targets, of each target group that gets traffic."""
        found = {}
        for group in self._groups:
            states = call_patiently(partial(target_states, self._client, group), self._deadline)
            found[group] = [state for each in states.values() for state in each]
        return found

    def _wait_for_health(self, so_far: str) -> None:
        """:raises RefusedError: nothing was changed, and there is no healthy target."""
        if self._target["allow_unhealthy"]:
            self._predict_health()
            return
        while missing := decision.without_healthy(states := self._states()):
            if self._deadline.remaining <= _POLL_SECONDS or decision.is_unchecked(states):
                waited = self._deadline.timeout - self._deadline.remaining
                reported = f"{so_far}: {decision.reported_unhealthy(missing)}, after {waited:.0f} s. "
                if self.changed:
                    raise WaitTimeoutError(f"{reported}Check its targets and their health check.")
                raise RefusedError(
                    f"{reported}Users would get errors there. Check its targets and their health check, or set "
                    "allow_unhealthy.",
                    code="TG-UNHEALTHY",
                )
            self._deadline.sleep(_POLL_SECONDS)

    def _predict_health(self) -> None:
        missing = decision.without_healthy(self._states())
        if missing:
            self._notes.append(f"As of now {decision.reported_unhealthy(missing)}.")

    def _note_stickiness(self) -> None:
        seconds = decision.stickiness(self._now)
        if self.changed and seconds:
            self._notes.append(
                f"Target group stickiness is on. Clients with its cookie may stay where they are for up to {seconds} s."
            )

    @property
    def _now(self) -> list[Json]:
        return (self._loop.last if self._loop else None) or []

    @property
    def changed(self) -> bool:
        """Whether the weights were changed."""
        return bool(self._loop and self._loop.written)

    def warnings(self) -> list[str]:
        """Further warnings."""
        return self._notes

    def before(self) -> Json | None:
        """The weights before."""
        return self._reported(self._loop.first if self._loop else None)

    def after(self) -> Json | None:
        """The weights now."""
        return self._reported(self._loop.last if self._loop else None)

    def _reported(self, actions: list[Json] | None) -> Json | None:
        if actions is None:
            return None
        try:
            return {"weights": decision.weights_of(actions, self._api.what)}
        except TidegateError:
            # The rule or listener forwards nothing. The message of the failure reports this.
            return {"weights": {}}

    def message(self) -> str:
        """The weights now, as a message."""
        there = (
            f"the weights of the {self._to} site: {decision.reported(decision.weights_of(self._now, self._api.what))}"
        )
        if not self.changed:
            return f"{self._api.what} has {there}, as it did."
        return f"{self._api.what} {'would have' if self._check_mode else 'has'} {there}."
