# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Changes of a load balancer go out with the version that was read, and count once their work request succeeded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import WorkRequestFailedError
from ansible_collections.tidegate.failover.plugins.module_utils._oci.load_balancers import LoadBalancerApi
from ansible_collections.tidegate.failover.plugins.module_utils._oci.work_requests import (
    may_be_unseen,
    wait_for_success,
)

from ..clocks import FakeClock


class RecordingClient:
    """Stands in for the SDK's client; accepts every change, and keeps what it was called with."""

    endpoint = "https://iaas.example.com/20170115"

    def __init__(self) -> None:
        self.base_client = self
        self.calls: list[dict[str, Any]] = []

    def call_api(self, **call: Any) -> SimpleNamespace:
        self.calls.append(call)
        return SimpleNamespace(data=None, headers={"opc-work-request-id": "ocid1.loadbalancerworkrequest.oc1..a"})


@pytest.mark.parametrize("change", ["listener", "load balancer"])
def test_i2_a_change_is_sent_with_the_version_that_was_read(change: str) -> None:
    client = RecordingClient()
    api = LoadBalancerApi(client, "ocid1.loadbalancer.oc1..a")
    if change == "listener":
        api.update_listener("http", {}, "version-1")
    else:
        api.update_load_balancer({}, "version-1")
    assert [call["header_params"].get("if-match") for call in client.calls] == ["version-1"]


def test_i7_a_work_request_that_failed_is_an_error_with_the_reason_of_the_service() -> None:
    failed = {"lifecycleState": "FAILED", "errorDetails": [{"errorCode": "BAD_INPUT", "message": "has no listener"}]}
    with pytest.raises(WorkRequestFailedError, match="BAD_INPUT: has no listener"):
        wait_for_success(
            lambda: failed, "ocid1.loadbalancerworkrequest.oc1..a", Deadline(1, FakeClock()), lambda _: None
        )


@pytest.mark.parametrize(
    ("work_request", "read_at", "unseen"),
    [
        ({"lifecycleState": "IN_PROGRESS", "timeFinished": None}, "Sun, 29 Nov 2026 03:04:05 GMT", True),
        (
            {"lifecycleState": "SUCCEEDED", "timeFinished": "2026-11-29T03:04:06.100Z"},
            "Sun, 29 Nov 2026 03:04:05 GMT",
            True,
        ),
        ({"lifecycleState": "SUCCEEDED", "timeFinished": "2026-11-29T03:04:06.100Z"}, "", True),
        ({"lifecycleState": "SUCCEEDED"}, "Sun, 29 Nov 2026 03:04:05 GMT", True),
        (
            {"lifecycleState": "SUCCEEDED", "timeFinished": "2026-11-29T03:03:06.100Z"},
            "Sun, 29 Nov 2026 03:04:05 GMT",
            False,
        ),
    ],
)
def test_i7_a_change_that_may_have_ended_after_the_read_counts_as_unseen(
    work_request: dict[str, Any], read_at: str, unseen: bool
) -> None:
    assert may_be_unseen(work_request, read_at) is unseen
