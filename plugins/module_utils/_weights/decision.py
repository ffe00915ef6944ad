# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Changes the weights of target groups in the forward action of a rule or listener, and nothing else."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._errors import OptionError, RefusedError

Json = dict[str, t.Any]
Weights = dict[str, int]

#: API reference of TargetGroupTuple.
HIGHEST_WEIGHT = 999
_FORWARD = "forward"
#: The state of targets without a health check, which is off by default for a Lambda function.
_UNCHECKED = "unavailable"
_WHY = {
    "unused": "no rule forwards to it; list it with weight 0 in both sites' weights",
    _UNCHECKED: "the health check of the target group is off, as it usually is for a Lambda function; turn it on, or "
    "set allow_unhealthy",
}
_SITES = ("primary", "secondary")


def check_target(target: Mapping[str, t.Any]) -> None:
    """:raises RefusedError: the options of a target are not valid."""
    arn = target["rule_arn"] or target["listener_arn"]
    kind = "listener-rule" if target["rule_arn"] else "listener"
    if f":{kind}/app/" not in arn:
        raise OptionError(
            f"{arn} is not the ARN of a {'rule' if target['rule_arn'] else 'listener'} of an Application Load "
            "Balancer, and others have no weights. Give one of an Application Load Balancer."
        )
    for site in _SITES:
        _check_side(site, wanted(target, site))


def _check_side(site: str, weights: Mapping[str, int]) -> None:
    wrong = {group: weight for group, weight in weights.items() if not 0 <= weight <= HIGHEST_WEIGHT}
    if wrong:
        raise OptionError(f"weights.{site} has {reported(wrong)}. Give weights of 0 to {HIGHEST_WEIGHT}.")
    if not any(weights.values()):
        raise OptionError(f"weights.{site} gives no target group a weight above 0, so nothing would serve there.")


def wanted(target: Mapping[str, t.Any], site: str) -> Weights:
    """The declared weights of a site.

    :raises RefusedError: one of them is no number.
    """
    given = target["weights"][site]
    try:
        return {str(group): _number(weight) for group, weight in given.items()}
    except ValueError as problem:
        raise OptionError(f"weights.{site} has {problem}. Give whole numbers.") from problem


def _number(weight: object) -> int:
    """A weight as a number. Numbers from a template are text."""
    if isinstance(weight, bool) or not isinstance(weight, int | str):
        raise ValueError(repr(weight))
    try:
        return int(weight)
    except ValueError:
        raise ValueError(repr(weight)) from None


def serving(weights: Mapping[str, int]) -> list[str]:
    """The target groups that get traffic."""
    return [group for group, weight in weights.items() if weight > 0]


def weights_of(actions: Sequence[Json], what: str) -> Weights:
    """The present weights.

    :param what: the rule or listener, for people.
    :raises RefusedError: there is no forward action.
    """
    forward = next((action for action in actions if action["Type"] == _FORWARD), None)
    if forward is None:
        kinds = ", ".join(str(action["Type"]) for action in actions) or "nothing"
        raise RefusedError(
            f"{what} has no forward action, only {kinds}, so it has no weights. Name the rule that forwards to the "
            "target groups. If its action was replaced by a maintenance page, put that back first."
        )
    groups = (forward.get("ForwardConfig") or {}).get("TargetGroups") or []
    if not groups:
        return {str(forward["TargetGroupArn"]): 1}
    return {str(group["TargetGroupArn"]): int(group.get("Weight", 1)) for group in groups}


def same(one: Mapping[str, int], other: Mapping[str, int]) -> bool:
    """Whether requests are distributed in the same way. A single target group gets all requests with any weight."""
    if len(one) == 1 and list(one) == list(other):
        return all(one.values()) and all(other.values())
    return dict(one) == dict(other)


def decide(target: Mapping[str, t.Any], to: str, actions: Sequence[Json], what: str) -> list[Json] | None:
    """The actions to write; None if the site's weights are set already.

    :param actions: the present actions.
    :raises RefusedError: the weights belong to neither site, so somebody else has changed them.
    """
    now = weights_of(actions, what)
    if same(now, wanted(target, to)):
        return None
    other = "primary" if to == "secondary" else "secondary"
    if not same(now, wanted(target, other)):
        raise RefusedError(
            f"{what} has the weights {reported(now)}. Those of the primary site are "
            f"{reported(wanted(target, 'primary'))} and those of the secondary site "
            f"{reported(wanted(target, 'secondary'))}. Somebody else has changed them. Find out "
            "why, and then set one of these by hand, or correct failover_resources."
        )
    return [_with_weights(action, wanted(target, to)) if action["Type"] == _FORWARD else action for action in actions]


def _with_weights(action: Json, weights: Weights) -> Json:
    """The action with these weights. Everything else, such as stickiness, is unchanged.

    The service accepts ``TargetGroupArn`` only for a single target group, where it is redundant.
    """
    rest = {name: value for name, value in action.items() if name != "TargetGroupArn"}
    config = dict(action.get("ForwardConfig") or {})
    known = {group["TargetGroupArn"]: group for group in config.get("TargetGroups") or []}
    groups = [{**known.get(group, {}), "TargetGroupArn": group, "Weight": weights[group]} for group in weights]
    order = {group: place for place, group in enumerate(known)}
    groups.sort(key=lambda group: order.get(group["TargetGroupArn"], len(order)))
    return {**rest, "ForwardConfig": {**config, "TargetGroups": groups}}


def to_write(actions: Sequence[Json]) -> list[Json]:
    """The actions in the form of a write.

    The service never returns the secret of a sign-in by OpenID Connect, but can keep the existing one.
    """
    return [_writable(action) for action in actions]


def _writable(action: Json) -> Json:
    sign_in = action.get("AuthenticateOidcConfig")
    if sign_in is None:
        return action
    kept = {name: value for name, value in sign_in.items() if name != "ClientSecret"}
    return {**action, "AuthenticateOidcConfig": {**kept, "UseExistingClientSecret": True}}


def stickiness(actions: Sequence[Json]) -> int:
    """How many seconds clients stay with a target group; 0 without stickiness."""
    for action in actions:
        config = (action.get("ForwardConfig") or {}).get("TargetGroupStickinessConfig") or {}
        if config.get("Enabled"):
            return int(config.get("DurationSeconds") or 0)
    return 0


def reported(weights: Mapping[str, int]) -> str:
    """Weights for people."""
    return ", ".join(f"{name_of(group)}={weight}" for group, weight in weights.items())


def name_of(group: str) -> str:
    """The name of a target group, which is in its ARN."""
    parts = group.split("/")
    return parts[1] if len(parts) > 2 else group


def is_enough(states: Mapping[str, Sequence[str]]) -> bool:
    """Whether each target group has a healthy target.

    :param states: the states of targets, by target group.
    """
    return not without_healthy(states)


def without_healthy(states: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The target groups without a healthy target, each with a phrase about the states of its targets."""
    return {group: _counted(found) for group, found in states.items() if "healthy" not in found}


def _counted(states: Sequence[str]) -> str:
    if not states:
        return "it has no targets"
    counts = {state: states.count(state) for state in sorted(set(states))}
    why = "".join(f" ({reported})" for state, reported in _WHY.items() if state in counts)
    return "its targets are " + ", ".join(f"{count} {state}" for state, count in counts.items()) + why


def is_unchecked(states: Mapping[str, Sequence[str]]) -> bool:
    """Whether the targets of a target group never become healthy, because they have no health check."""
    return any(found and set(found) == {_UNCHECKED} for found in states.values())


def reported_unhealthy(missing: Mapping[str, str]) -> str:
    """The target groups without a healthy target, for people."""
    return "; ".join(f"target group {name_of(group)} has no healthy target, {why}" for group, why in missing.items())
