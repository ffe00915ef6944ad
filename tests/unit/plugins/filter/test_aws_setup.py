# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A refusal of the role aws_setup is a plan with the reason, so that the failed task prints only that reason."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.filter import aws_setup
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

FILTERS = aws_setup.FilterModule().filters()


@pytest.mark.parametrize(
    ("name", "decides"),
    [
        ("aws_setup_plan", "fencing.plan"),
        ("aws_setup_function_plan", "function.plan_function"),
        ("aws_setup_resources_plan", "site_resources.plan_resources"),
    ],
)
def test_a_refusal_is_handed_on_as_a_plan(monkeypatch: pytest.MonkeyPatch, name: str, decides: str) -> None:
    def refuses(*_given: Any) -> Any:
        raise RefusedError("Nothing was changed. It is locked.")

    module, _dot, function = decides.partition(".")
    monkeypatch.setattr(getattr(aws_setup, module), function, refuses)
    assert FILTERS[name]({}, {}) == {"refused": "Nothing was changed. It is locked. [TG-REFUSED]"}


def test_what_is_not_refused_has_no_reason() -> None:
    nothing = {"service": "shop", "region": "eu-west-1", "state": "present", "notify": []}
    plan = FILTERS["aws_setup_resources_plan"](nothing, {"caller": {"arn": "arn:aws:iam::1:user/a"}, "places": []})
    assert "refused" not in plan
