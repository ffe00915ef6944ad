# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What a task says of many targets."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._module import lb_maintenance_mode


def told(load_balancer_id: str, *, changed: bool = False, failed: bool = False) -> lb_maintenance_mode.Result:
    return {"load_balancer_id": load_balancer_id, "changed": changed, "failed": failed, "msg": "No." if failed else ""}


def test_a_load_balancer_that_several_targets_name_is_counted_as_changed_once() -> None:
    results = [told("a", changed=True), told("a", changed=True), told("b", failed=True)]
    said = lb_maintenance_mode.summary_of_failure(results)
    assert said == "1 of 3 targets failed; the others are as asked. Changed by this run: a. b: No."
