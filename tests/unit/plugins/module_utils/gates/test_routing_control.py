# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, UnreachableError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation
from ansible_collections.tidegate.failover.plugins.module_utils._gates.routing_control import KIND, Answer, judge

from .gates import defined, options_of

ARN = "arn:aws:route53-recovery-control::123456789012:controlpanel/aa/routingcontrol/bb"
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2")
ENDPOINTS = [{"endpoint": f"https://{region}.example.com", "region": region} for region in REGIONS]
DOWN = UnreachableError("Cannot connect.")


def judged(*states: str | None, **options: t.Any) -> Observation:
    """What the gate makes of the states at the endpoints; None where one does not answer."""
    answers: list[Answer] = [DOWN if state is None else {"primary": state} for state in states]
    given = {"routing_control_arns": [ARN], "cluster_endpoints": ENDPOINTS, **options}
    return judge(options_of(KIND, **given), list(zip(REGIONS, answers, strict=True)))


@pytest.mark.parametrize(
    ("states", "passed", "observed"),
    [
        (("Off",) * 5, True, "Off at 5 of 5 endpoints"),
        ((None, "Off", "Off", None, "Off"), True, "Off at 3 of 5 endpoints; no answer from us-east-1, ap-northeast-1"),
        (
            (None, "Off", "Off", None, None),
            False,
            "Off at 2 of 5 endpoints; no answer from us-east-1, ap-northeast-1, ap-southeast-2, and 3 are needed",
        ),
        (("On", "Off", "Off", "Off", "On"), False, "primary is On at us-east-1, ap-southeast-2"),
        ((None,) * 5, False, f"Off at 0 of 5 endpoints; no answer from {', '.join(REGIONS)}, and 3 are needed"),
    ],
)
def test_i7_enough_endpoints_have_to_say_off_and_none_on(
    states: tuple[str | None, ...], passed: bool, observed: str
) -> None:
    seen = judged(*states)
    assert (seen.passed, seen.observed, bool(seen.remedy)) == (passed, observed, not passed)


def test_the_other_site_can_be_wanted_on() -> None:
    assert judged(*("On",) * 5, state="On").passed
    assert not judged(*("Off",) * 5, state="On").passed


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"routing_control_arns": []}, "Name at least one routing control"),
        ({"min_endpoints": 6}, "min_endpoints is 6, and cluster_endpoints has 5"),
        ({"min_endpoints": 0}, "min_endpoints is 0"),
        ({"cluster_endpoints": ENDPOINTS[:2]}, "min_endpoints is 3, and cluster_endpoints has 2"),
    ],
)
def test_what_could_prove_nothing_is_refused(options: dict[str, t.Any], message: str) -> None:
    given = {"routing_control_arns": [ARN], "cluster_endpoints": ENDPOINTS, **options}
    with pytest.raises(RefusedError, match=message):
        defined({"name": "fence", "routing_control": given}, {"routing_control": KIND})


def test_the_expectation_is_reported() -> None:
    options = options_of(KIND, routing_control_arns=[ARN], cluster_endpoints=ENDPOINTS)
    assert KIND.expected(options) == "routing control bb Off at 3 of 5 endpoints, and at none otherwise"
