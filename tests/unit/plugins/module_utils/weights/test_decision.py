# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which weights a forward action gets, and what of it stays as it is."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._weights import decision

Json = dict[str, t.Any]
ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012"
A, B = f"{ARN}:targetgroup/shop-a/1", f"{ARN}:targetgroup/shop-b/2"
LISTENER = f"{ARN}:listener/app/shop/3/4"
PRIMARY, SECONDARY = {A: 100, B: 0}, {A: 0, B: 100}


def target(**given: t.Any) -> Json:
    weights = {"primary": PRIMARY, "secondary": SECONDARY}
    return {"rule_arn": None, "listener_arn": LISTENER, "weights": weights, **given}


def forward(weights: dict[str, int], **config: t.Any) -> Json:
    groups = [{"TargetGroupArn": group, "Weight": weight} for group, weight in weights.items()]
    return {"Type": "forward", "Order": 2, "ForwardConfig": {"TargetGroups": groups, **config}}


def test_the_weights_of_the_other_site_are_replaced() -> None:
    assert decision.decide(target(), "secondary", [forward(PRIMARY)], "Rule") == [forward(SECONDARY)]


def test_weights_that_are_there_already_need_nothing() -> None:
    assert decision.decide(target(), "secondary", [forward(SECONDARY)], "Rule") is None


def test_i2_weights_of_neither_site_are_refused_as_somebody_elses() -> None:
    with pytest.raises(RefusedError, match=r"shop-a=50, shop-b=50.*Somebody else"):
        decision.decide(target(), "secondary", [forward({A: 50, B: 50})], "Rule")


def test_i1_stickiness_other_actions_and_their_order_are_kept() -> None:
    sticky = {"TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60}, "New": 1}
    sign_in = {"Type": "authenticate-cognito", "Order": 1, "AuthenticateCognitoConfig": {"UserPoolArn": "x"}}
    decided = decision.decide(target(), "secondary", [sign_in, forward(PRIMARY, **sticky)], "Rule")
    assert decided == [sign_in, forward(SECONDARY, **sticky)]


def test_the_arn_beside_the_configuration_goes_where_there_are_several_groups() -> None:
    single = {**forward({A: 1}), "TargetGroupArn": A}
    given = target(weights={"primary": {A: 1}, "secondary": SECONDARY})
    assert decision.decide(given, "secondary", [single], "Rule") == [forward(SECONDARY)]


def test_of_a_single_group_any_weight_means_all() -> None:
    given = target(weights={"primary": {A: 100}, "secondary": SECONDARY})
    assert decision.decide(given, "primary", [{"Type": "forward", "TargetGroupArn": A}], "Rule") is None


def test_an_action_that_forwards_nothing_is_refused() -> None:
    with pytest.raises(RefusedError, match=r"no forward action, only fixed-response"):
        decision.decide(target(), "secondary", [{"Type": "fixed-response"}], "Rule")


def test_the_secret_of_a_sign_in_stays_as_it_is() -> None:
    action = {"Type": "authenticate-oidc", "AuthenticateOidcConfig": {"Issuer": "https://id.example.com"}}
    config = {"Issuer": "https://id.example.com", "UseExistingClientSecret": True}
    assert decision.to_write([action]) == [{**action, "AuthenticateOidcConfig": config}]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"listener_arn": f"{ARN}:listener/net/shop/3/4"}, "of an Application Load Balancer"),
        ({"listener_arn": None, "rule_arn": LISTENER}, "not the ARN of a rule"),
        ({"weights": {"primary": {A: 1000}, "secondary": SECONDARY}}, "0 to 999"),
        ({"weights": {"primary": {A: 0, B: 0}, "secondary": SECONDARY}}, "no target group"),
        ({"weights": {"primary": {A: "much"}, "secondary": SECONDARY}}, "whole numbers"),
        ({"weights": {"primary": {A: True}, "secondary": SECONDARY}}, "whole numbers"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: Json, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        decision.check_target(target(**given))


def test_weights_of_a_template_may_be_text() -> None:
    assert decision.wanted(target(weights={"primary": {A: "5"}}), "primary") == {A: 5}


def test_a_group_without_a_healthy_target_is_named_with_what_its_targets_are() -> None:
    found = decision.without_healthy({A: ["healthy", "unhealthy"], B: ["unhealthy", "initial", "unhealthy"]})
    assert decision.reported_unhealthy(found) == (
        "target group shop-b has no healthy target, its targets are 1 initial, 2 unhealthy"
    )


def test_a_group_that_no_rule_names_is_reported_as_unchecked() -> None:
    assert "with weight 0" in decision.without_healthy({A: ["unused"]})[A]


def test_how_long_clients_stay_is_reported_of_stickiness_that_is_on() -> None:
    config = {"TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60}}
    assert (decision.stickiness([forward(PRIMARY, **config)]), decision.stickiness([forward(PRIMARY)])) == (60, 0)


def test_a_group_whose_health_check_is_off_is_never_healthy_and_is_reported_so() -> None:
    states = {A: ["healthy"], B: ["unavailable"]}
    assert decision.is_unchecked(states)
    assert "health check of the target group is off" in decision.without_healthy(states)[B]


@pytest.mark.parametrize("states", [["initial"], ["unavailable", "initial"], []])
def test_a_group_that_may_become_healthy_is_waited_for(states: list[str]) -> None:
    assert not decision.is_unchecked({A: states})
