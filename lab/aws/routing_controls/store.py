# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The routing controls of a cluster, and their safety rules. No I/O; the time is a parameter.

Source: the Developer Guide of ARC, "Routing control" and "Creating safety rules", and its two API references.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.aws.errors import AwsError

ON, OFF = "On", "Off"
#: The default of the seconds for which a rule refuses further changes of its controls.
_WAIT_PERIOD_MS = 5000
#: The most states in one UpdateRoutingControlStates (service quotas of ARC).
_MOST_AT_ONCE = 10
_KINDS = {"ASSERTION": ("AssertionRule", "AssertedControls"), "GATING": ("GatingRule", "TargetControls")}


@dataclass
class Control:
    """A routing control. A new one is off."""

    arn: str
    name: str
    panel: str
    state: str = OFF
    changed_at: float | None = None


@dataclass
class Rule:
    """A safety rule.

    :ivar kind: ``ASSERTION`` or ``GATING``.
    :ivar settings: the settings in the request that created the rule.
    """

    arn: str
    kind: str
    settings: Mapping[str, Any]

    @property
    def guarded(self) -> Sequence[str]:
        """The controls whose changes the rule checks."""
        controls: Sequence[str] = self.settings[_KINDS[self.kind][1]]
        return controls

    def permits(self, before: Mapping[str, str], after: Mapping[str, str]) -> bool:
        """Whether a change is allowed: an assertion checks the result, a gate checks its gating controls."""
        controls, states = (
            (self.settings["AssertedControls"], after)
            if self.kind == "ASSERTION"
            else (self.settings["GatingControls"], before)
        )
        config = self.settings["RuleConfig"]
        on = sum(states[control] == ON for control in controls)
        needed = {"AND": len(controls), "OR": 1, "ATLEAST": config.get("Threshold", 0)}[config["Type"]]
        return bool((on >= needed) != config.get("Inverted", False))


@dataclass
class RoutingControls:
    """All routing controls and safety rules of the lab's one cluster.

    :ivar time_factor: how many seconds of AWS pass in one second of the lab.
    """

    account_id: str
    time_factor: float
    controls: dict[str, Control] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)

    @property
    def cluster(self) -> str:
        """The ARN of the cluster."""
        return f"arn:aws:route53-recovery-control::{self.account_id}:cluster/f4e1a2b3-lab"

    @property
    def panel(self) -> str:
        """The ARN of the cluster's one control panel."""
        return f"arn:aws:route53-recovery-control::{self.account_id}:controlpanel/0f1e2d3c4b5a69788796a5b4c3d2e1f0"

    def fill(self) -> None:
        """Create the first state: a control for each of the two sites, both on, and no rule."""
        self.rules.clear()
        self.controls.clear()
        for name in ("primary", "backup"):
            self.create(name).state = ON

    def create(self, name: str) -> Control:
        """A new control in the panel."""
        if any(control.name == name for control in self.controls.values()):
            raise AwsError(409, "ConflictException", f"A routing control named {name} exists in the control panel.")
        arn = f"{self.panel}/routingcontrol/{len(self.controls) + 1:016x}"
        self.controls[arn] = Control(arn, name, self.panel)
        return self.controls[arn]

    def create_rule(self, kind: str, settings: Mapping[str, Any]) -> Rule:
        """A new safety rule in the panel."""
        for name in ("AssertedControls", "GatingControls", "TargetControls"):
            for control in settings.get(name, []):
                self.get(control)
        arn = f"{self.panel}/safetyrule/{len(self.rules) + 1:016x}"
        self.rules[arn] = Rule(arn, kind, settings)
        return self.rules[arn]

    def get(self, arn: str) -> Control:
        """:raises AwsError: there is no such control."""
        if arn not in self.controls:
            raise AwsError(404, "ResourceNotFoundException", f"Routing control {arn} was not found.")
        return self.controls[arn]

    def update(self, wanted: Mapping[str, str], overridden: Sequence[str], now: float) -> None:
        """Change all these states, or none of them.

        :param now: seconds of a monotonic clock.
        :raises AwsError: a control or rule does not exist, or a safety rule refuses.
        """
        if len(wanted) > _MOST_AT_ONCE:
            message = f"At most {_MOST_AT_ONCE} routing control states can be updated at the same time."
            raise AwsError(402, "ServiceLimitExceededException", message)
        if any(state not in (ON, OFF) for state in wanted.values()) or not wanted:
            raise AwsError(400, "ValidationException", "RoutingControlState must be one of On, Off.")
        for arn in overridden:
            if arn not in self.rules:
                raise AwsError(404, "ResourceNotFoundException", f"Safety rule {arn} was not found.")
        before = {arn: control.state for arn, control in self.controls.items()}
        changes = {arn: state for arn, state in wanted.items() if self.get(arn).state != state}
        for rule_arn, rule in self.rules.items():
            if rule_arn not in overridden and set(rule.guarded) & set(changes):
                self._judge(rule, before, before | changes, now)
        for arn, state in changes.items():
            self.controls[arn].state, self.controls[arn].changed_at = state, now

    def _judge(self, rule: Rule, before: Mapping[str, str], after: Mapping[str, str], now: float) -> None:
        wait = rule.settings.get("WaitPeriodMs", _WAIT_PERIOD_MS) / 1000 / self.time_factor
        changed = [self.get(arn).changed_at for arn in rule.guarded]
        if any(at is not None and now - at < wait for at in changed):
            message = f"The wait period of safety rule {rule.arn} has not passed."
            raise AwsError(409, "ConflictException", message)
        if not rule.permits(before, after):
            message = f"The request violates safety rule {rule.settings.get('Name')} ({rule.arn})."
            raise AwsError(409, "ConflictException", message)
