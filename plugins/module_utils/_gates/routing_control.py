# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``routing_control``: enough endpoints of an ARC cluster report that routing controls are off, none on."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._aws import AWS_OPTION, REQUIREMENTS, client
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Observation,
    Probe,
    Timing,
    Values,
)

#: Seconds for each endpoint. All endpoints are queried in parallel, because users wait for a fence.
_SECONDS = 5.0
_SERVICE = "route53-recovery-cluster"

#: The answer of one endpoint: the state of each routing control by name, or the error.
Answer: t.TypeAlias = "Mapping[str, str] | TidegateError"


def check(options: Values) -> None:
    """Refuse options that prove nothing, or can never pass."""
    if not options["routing_control_arns"]:
        raise RefusedError("routing_control_arns is empty. Name at least one routing control.")
    given, needed = len(options["cluster_endpoints"]), options["min_endpoints"]
    if not 1 <= needed <= given:
        raise RefusedError(
            f"min_endpoints is {needed}, and cluster_endpoints has {given}. Give all five Regional endpoints of the "
            "cluster, and a number from 1 up to that."
        )


def expected(options: Values) -> str:
    """What the gate expects to observe."""
    names = ", ".join(arn.rpartition("/")[2] for arn in options["routing_control_arns"])
    count = f"{options['min_endpoints']} of {len(options['cluster_endpoints'])}"
    return f"routing control {names} {options['state']} at {count} endpoints, and at none otherwise"


def observe(options: Values, probe: Probe) -> Observation:
    """Query all endpoints once, in parallel."""
    places = options["cluster_endpoints"]
    clients = [_client(options, probe, place) for place in places]
    missing = next((one for one in clients if isinstance(one, Observation)), None)
    if missing is not None:
        return missing
    deadline = Deadline(min(probe.limit, _SECONDS), Clock())
    with ThreadPoolExecutor(max_workers=len(places)) as threads:
        asked = [
            threads.submit(_answer, place, made, options["routing_control_arns"], deadline.for_another())
            for place, made in zip(places, clients, strict=True)
        ]
        answers = [(str(place["region"]), one.result()) for place, one in zip(places, asked, strict=True)]
    return judge(options, answers)


def _client(options: Values, probe: Probe, place: Mapping[str, str]) -> t.Any:
    where = {"endpoint_url": place["endpoint"], "region": place["region"]}
    return client(_SERVICE, options, probe, seconds=_SECONDS, **where)


def _answer(place: Mapping[str, str], made: t.Any, arns: Sequence[str], deadline: Deadline) -> Answer:
    from ansible_collections.tidegate.failover.plugins.module_utils._aws.recovery_cluster import (
        Endpoint,
        RecoveryCluster,
    )

    cluster = RecoveryCluster([Endpoint(place["endpoint"], place["region"])], lambda _endpoint: made)
    try:
        return {control.name: control.state for control in cluster.read(arns, deadline).values()}
    except TidegateError as problem:
        return problem


def judge(options: Values, answers: Sequence[tuple[str, Answer]]) -> Observation:
    """Judge the answers. One that differs fails the gate: it may show a later change. A missing one proves nothing."""
    wanted = options["state"]
    reported = [(region, answer) for region, answer in answers if not isinstance(answer, TidegateError)]
    silent = [region for region, answer in answers if isinstance(answer, TidegateError)]
    differ: dict[str, list[str]] = {}
    for region, answer in reported:
        for name, state in answer.items():
            if state != wanted:
                differ.setdefault(f"{name} is {state}", []).append(region)
    if differ:
        remedy = (
            f"Bring the routing control to {wanted} with routing_control_lock, or wait until all endpoints report it."
        )
        return Observation(False, "; ".join(f"{what} at {', '.join(where)}" for what, where in differ.items()), remedy)
    unheard = f"; no answer from {', '.join(silent)}" if silent else ""
    observed = f"{wanted} at {len(reported)} of {len(answers)} endpoints{unheard}"
    if len(reported) >= options["min_endpoints"]:
        return Observation(True, observed)
    problem = next(answer for _region, answer in answers if isinstance(answer, TidegateError))
    remedy = f"Check cluster_endpoints, the network path, and the right to read. {problem}"
    return Observation(False, f"{observed}, and {options['min_endpoints']} are needed", remedy)


KIND = GateKind(
    name="routing_control",
    description="""
        Passes if enough Regional endpoints of a cluster of Application Recovery Controller (ARC) report that all the
        routing controls are in a certain state, C(Off) by default, and if no endpoint reports another state. As a fence
        of a failover, the gate proves that the failed site is locked out by its routing control, even while Route 53's
        control plane in us-east-1 does not answer.

        Needs the right C(route53-recovery-cluster:GetRoutingControlState). All endpoints are queried in parallel, for 5
        seconds at most.

        What else could make it pass:

        An endpoint that does not have the latest change yet. One endpoint that reports another state fails the gate. By
        default three of five have to report the state, which is more than a change can miss.

        Endpoints that are down. They prove nothing: the gate fails if too few endpoints answer.

        A routing control that nothing follows. Its state moves no traffic unless health checks of the type
        RECOVERY_CONTROL follow it, and records have these health checks. The gate does not check records;
        C(tidegate.failover.preflight) does.

        Users who still have the old DNS answer or an open connection. The gate cannot detect them. If the site may
        still be reachable, use a fence on the site itself.

        A routing control of another site. Name the one of the failed site.

        A routing control that somebody turns on later. The gate checks the state at one moment only.""",
    options={
        "routing_control_arns": {
            "description": "The ARNs of the routing controls.",
            "type": "list",
            "elements": "str",
            "required": True,
        },
        "cluster_endpoints": {
            "description": """
                The Regional endpoints of the cluster, as C(aws route53-recovery-control-config describe-cluster
                --region us-west-2) lists them.""",
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "endpoint": {"description": "Its address.", "type": "str", "required": True},
                "region": {"description": "Its region.", "type": "str", "required": True},
            },
        },
        "state": {
            "description": "The state that the routing controls must have.",
            "type": "str",
            "choices": ["Off", "On"],
            "default": "Off",
        },
        "min_endpoints": {
            "description": """
                How many endpoints have to report the state. Fewer than three of five could be exactly those that do not
                have the latest change yet.""",
            "type": "int",
            "default": 3,
        },
        **AWS_OPTION,
    },
    expected=expected,
    observe=observe,
    check=check,
    timing=Timing(interval=2.0, timeout=30),
    requirements=REQUIREMENTS,
)
