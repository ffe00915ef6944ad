# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Why users' tasks have failed, from what Ansible reports."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.failures import reason

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
