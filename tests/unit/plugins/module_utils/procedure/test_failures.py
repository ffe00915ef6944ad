# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Why users' tasks have failed, from what Ansible reports."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.failures import code, reason

ITEM = {"failed": True, "msg": "disk full"}


@pytest.mark.parametrize(
    ("failed", "said"),
    [
        ({"msg": "it broke"}, "it broke"),
        ({"msg": "One or more items failed", "results": [{"msg": "fine"}, ITEM]}, "disk full"),
        ({"results": [ITEM, ITEM | {"msg": "no route"}, ITEM]}, "disk full; no route"),
        ({"results": [{"failed": True, "results": [ITEM]}]}, "disk full"),
        ({"msg": "All items skipped", "results": [{"skipped": True}]}, "All items skipped"),
        ({"censored": "the output has been hidden"}, "the output has been hidden"),
        ({"msg": ""}, "an unknown failure"),
        ({"results": "no list of items"}, "an unknown failure"),
        (None, "an unknown failure"),
        ("text", "an unknown failure"),
    ],
)
def test_the_reason_is_that_of_what_failed(failed: t.Any, said: str) -> None:
    assert reason(failed) == said


@pytest.mark.parametrize(
    "failed",
    [
        {"msg": "no login with hunter2", "_ansible_no_log": True},
        {"results": [ITEM | {"msg": "no login with hunter2", "_ansible_no_log": True}], "_ansible_no_log": True},
        {"results": [ITEM | {"msg": "no login with hunter2", "_ansible_no_log": True}]},
    ],
)
def test_i12_the_reason_of_a_task_with_no_log_is_not_shown(failed: t.Any) -> None:
    assert reason(failed) == "a task with no_log has failed, so its reason is not shown"


def test_a_task_whose_no_log_is_false_is_explained() -> None:
    assert reason({"msg": "disk full", "_ansible_no_log": False}) == "disk full"


@pytest.mark.parametrize(
    ("failed", "shown"),
    [
        ({"error_code": "TG-LAST-SITE"}, "TG-LAST-SITE"),
        ({"error_code": 17}, "TG-YOUR-TASKS"),
        ({"error_code": "AuthFailure: hunter2"}, "TG-YOUR-TASKS"),
        ({}, "TG-YOUR-TASKS"),
        (None, "TG-YOUR-TASKS"),
    ],
)
def test_only_a_code_of_this_collection_is_one(failed: t.Any, shown: str) -> None:
    assert code(failed) == shown
