# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Calls to AWS Global Accelerator, each sent once. Its API is only in us-west-2."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from ansible_collections.tidegate.failover.plugins.module_utils._accelerator.decision import Change
from ansible_collections.tidegate.failover.plugins.module_utils._aws.answers import checked
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import translated
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline, call_patiently

Json = dict[str, t.Any]
REGION = "us-west-2"


class Accelerators:
    """Accelerators of one account.

    :param client: a boto3 client of ``globalaccelerator`` that does not retry by itself.
    :param new_deadline: returns the deadline of one read.
    """

    def __init__(self, client: t.Any, new_deadline: Callable[[], Deadline]) -> None:
        self._client = client
        self._new_deadline = new_deadline

    def group(self, arn: str) -> Json:
        """DescribeEndpointGroup."""
        found = self._patiently(f"read endpoint group {arn}", "describe_endpoint_group", EndpointGroupArn=arn)
        return t.cast(Json, found["EndpointGroup"])

    def is_deployed(self, arn: str) -> bool:
        """DescribeAccelerator: whether all changes are deployed."""
        found = self._patiently(f"read accelerator {arn}", "describe_accelerator", AcceleratorArn=arn)
        return bool(found["Accelerator"]["Status"] == "DEPLOYED")

    def change(self, change: Change) -> None:
        """UpdateEndpointGroup of only the traffic dial, AddEndpoints or RemoveEndpoints."""
        action, group = f"change endpoint group {change.group}", {"EndpointGroupArn": change.group}
        if change.kind == "dial":
            self._call(action, "update_endpoint_group", TrafficDialPercentage=change.dial, **group)
        elif change.kind == "add":
            self._call(action, "add_endpoints", EndpointConfigurations=list(change.given), **group)
        else:
            identifiers = [{"EndpointId": one} for one in change.endpoints]
            self._call(action, "remove_endpoints", EndpointIdentifiers=identifiers, **group)

    def _patiently(self, action: str, operation: str, **parameters: t.Any) -> Json:
        return call_patiently(lambda: self._call(action, operation, **parameters), self._new_deadline())

    def _call(self, action: str, operation: str, **parameters: t.Any) -> Json:
        with translated(action, self._client.meta.endpoint_url):
            answer = getattr(self._client, operation)(**parameters)
        return checked(action, self._client.meta.endpoint_url, operation, answer)
