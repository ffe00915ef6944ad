# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Listeners of Application Load Balancers as fronts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import (
    check_backends_known,
    libraries,
    met,
    parts_of,
    seen_of,
)
from ansible_collections.tidegate.failover.plugins.module_utils._fronts.alb import KIND
from ansible_collections.tidegate.failover.plugins.module_utils._module.alb_options import TARGET

FRONT = {"load_balancer": "shop", "ports": [80, 443]}
ARN = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"


def listener(*, up: bool, redirects: bool = False) -> dict[str, Any]:
    return {"name": "HTTP:80", "in_maintenance": up, "redirects": redirects, "holds": []}


def test_a_front_takes_what_a_target_of_the_module_takes() -> None:
    options = {name: {key: of[key] for key in ("type", "elements") if key in of} for name, of in KIND.options.items()}
    assert options == {name: {key: of[key] for key in ("type", "elements") if key in of} for name, of in TARGET.items()}


def test_the_secret_of_testers_is_hidden_in_variables_too() -> None:
    assert KIND.options["tester_secret"]["no_log"]


def test_load_balancers_of_a_service_are_one_task_that_alarms_may_run() -> None:
    parts = parts_of({"fronts": [{"alb": {**FRONT, "html": None}}, {"alb": {"listeners": [ARN]}}]})
    assert [(part.kind.module, part.targets) for part in parts] == [
        ("alb_maintenance_mode", [FRONT, {"listeners": [ARN]}])
    ]
    check_backends_known(parts)
    assert libraries({"fronts": [{"alb": FRONT}]}) == ["boto3"]


def test_what_is_tried_has_the_owner_of_each_service() -> None:
    assert KIND.check({"targets": [FRONT]}, "failover:shop") == [{**FRONT, "owner": "failover:shop"}]


@pytest.mark.parametrize("wrong", [{"ports": []}, {"html": "x" * 1025}, {"port": 80}, {"ports": ["http"]}])
def test_what_the_module_would_refuse_is_not_tried(wrong: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        KIND.check({"targets": [FRONT | wrong]}, "failover:shop")


def test_listeners_that_were_read_are_entrances() -> None:
    answer = {"load_balancers": [{"failed": False, "listeners": [listener(up=True), listener(up=False)]}]}
    (seen,) = seen_of(KIND, answer, [FRONT])
    assert (seen.front, seen.entrance, [one.up for one in seen.entrances]) == ("shop", "listener", [True, False])


@pytest.mark.parametrize(("redirects", "what"), [(True, "redirect"), (False, "page")])
def test_users_meet_a_redirect_or_the_page_at_their_own_address(*, redirects: bool, what: str) -> None:
    assert met(KIND.switched({"after": {"listeners": [listener(up=True, redirects=redirects)]}})) == what


def test_a_load_balancer_that_could_not_be_read_is_reported_by_what_was_given() -> None:
    found = [
        seen_of(KIND, {"msg": "no", "load_balancers": []}, [target])[0].front
        for target in (FRONT, {"listeners": [ARN]})
    ]
    assert found == ["shop", ARN]
