# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Calls to ARC's data plane for the states of routing controls, at the first Regional endpoint that answers.

Any of the five endpoints may be down, perhaps because of the present outage. So they are tried one after the other in
random order, as ARC's guide recommends, and then once more.
"""

from __future__ import annotations

import random
import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._aws.answers import checked
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import SignInError, translated
from ansible_collections.tidegate.failover.plugins.module_utils._aws.service_clock import ServiceClock
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    TidegateError,
    TransientError,
    UnexpectedAnswerError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._routing_control.decision import Control

Json = dict[str, t.Any]
_ROUNDS = 2


@dataclass(frozen=True)
class Endpoint:
    """A Regional endpoint of a cluster."""

    url: str
    region: str


class ClusterError(TidegateError):
    """No endpoint of the cluster has confirmed a call.

    :ivar effect_unknown: whether a response was lost, so that the outcome is unknown.
    """

    own_code = "TG-CLUSTER"

    def __init__(self, message: str, *, effect_unknown: bool) -> None:
        super().__init__(message)
        self.effect_unknown = effect_unknown


class RecoveryCluster:
    """The data plane of one cluster.

    :param client: makes the client of an endpoint, which does not retry by itself and has a short timeout.
    :ivar clock: the time by the service's clock, after the first response.
    """

    def __init__(self, endpoints: Sequence[Endpoint], client: Callable[[Endpoint], t.Any]) -> None:
        self.clock = ServiceClock()
        self._endpoints = random.sample(list(endpoints), len(endpoints))
        self._make, self._clients = client, dict[Endpoint, t.Any]()

    def read(self, arns: Sequence[str], deadline: Deadline) -> dict[str, Control]:
        """GetRoutingControlState, for each routing control."""
        return {arn: self._read(arn, deadline) for arn in arns}

    def _read(self, arn: str, deadline: Deadline) -> Control:
        answer = self._anywhere(f"read {arn}", deadline, "get_routing_control_state", RoutingControlArn=arn)
        return Control(arn, answer.get("RoutingControlName") or arn.rpartition("/")[2], answer["RoutingControlState"])

    def update(self, states: Mapping[str, str], overridden: Sequence[str], deadline: Deadline) -> None:
        """UpdateRoutingControlStates: all states together, or none.

        :param overridden: the ARNs of safety rules that are overridden.
        :raises ConflictError: a safety rule refuses the change, or another change is running.
        :raises ClusterError: no endpoint has confirmed the change.
        """
        entries = [{"RoutingControlArn": arn, "RoutingControlState": state} for arn, state in states.items()]
        override = {"SafetyRulesToOverride": list(overridden)} if overridden else {}
        self._anywhere(
            f"update {', '.join(states)}",
            deadline,
            "update_routing_control_states",
            UpdateRoutingControlStateEntries=entries,
            **override,
        )

    def _anywhere(self, action: str, deadline: Deadline, operation: str, **parameters: t.Any) -> Json:
        problems: dict[Endpoint, TidegateError] = {}
        for endpoint in list(self._endpoints) * _ROUNDS:
            if problems and not deadline.remaining:
                break
            # Another Region may permit what one Region does not. The same Region would only refuse again.
            if isinstance(problems.get(endpoint), AccessError):
                continue
            try:
                answer = self._call(endpoint, action, operation, parameters)
            except SignInError:
                raise
            except (TransientError, AccessError, UnexpectedAnswerError) as problem:
                problems[endpoint] = problem
                continue
            # The endpoint that answered is tried first from now on.
            self._endpoints.remove(endpoint)
            self._endpoints.insert(0, endpoint)
            return answer
        raise _failed(action, problems, writes=operation.startswith("update"))

    def _call(self, endpoint: Endpoint, action: str, operation: str, parameters: Json) -> Json:
        if endpoint not in self._clients:
            self._clients[endpoint] = self._make(endpoint)
        with translated(action, endpoint.url):
            begun = self.clock.begin()
            answer = getattr(self._clients[endpoint], operation)(**parameters)
            self.clock.answered(begun, answer)
        return checked(action, endpoint.url, operation, answer)


def _failed(action: str, problems: Mapping[Endpoint, TidegateError], *, writes: bool) -> ClusterError:
    lost = any(isinstance(problem, TransientError) and problem.effect_unknown for problem in problems.values())
    may_be = " It may have been carried out." if lost and writes else ""
    each = " ".join(f"{endpoint.region}: {problem}" for endpoint, problem in problems.items())
    message = (
        f"Cannot {action}: none of the {len(problems)} endpoints of the cluster has carried it out.{may_be} Check "
        f"cluster_endpoints, the network path to them, and the policy. {each}"
    )
    return ClusterError(message, effect_unknown=lost and writes)


def describe_endpoints(client: t.Any, cluster_arn: str) -> list[Endpoint]:
    """DescribeCluster: the endpoints of a cluster.

    :param client: a boto3 client of the recovery control configuration, which is in us-west-2 only.
    """
    action, url = f"read the endpoints of cluster {cluster_arn}", str(client.meta.endpoint_url)
    with translated(action, url):
        answer = client.describe_cluster(ClusterArn=cluster_arn)
    found = checked(action, url, "describe_cluster", answer)["Cluster"]["ClusterEndpoints"]
    return [Endpoint(one["Endpoint"], one["Region"]) for one in found]
