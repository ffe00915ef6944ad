# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Work requests: accepted changes, their order, and their outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from lab.oci.errors import ApiError, conflict, not_found
from lab.oci.identifiers import new_ocid, now
from lab.oci.load_balancer.changes import Change
from lab.oci.load_balancer.fields import Json
from lab.oci.load_balancer.store import LoadBalancer
from lab.oci.settings import Settings

#: The share of a work request's time before it starts.
_ACCEPTED_SHARE = 0.2
_UNFINISHED = ("ACCEPTED", "IN_PROGRESS")
#: operation -> the load balancer's state while the operation is in progress.
_STATES_DURING = {"CreateLoadBalancer": "CREATING", "DeleteLoadBalancer": "DELETING"}


@dataclass
class WorkRequest:
    """One accepted change.

    :ivar document: the work request in the API's form.
    :ivar seconds: how long it takes.
    :ivar if_match: the version that its request required.
    :ivar failure: the error of the work request, if it must fail.
    :ivar state_if_failed: the load balancer's state if it fails.
    """

    document: Json
    change: Change
    seconds: float
    if_match: str | None = None
    failure: Json | None = None
    state_if_failed: str = "ACTIVE"
    took_effect: bool = False
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def is_unfinished(self) -> bool:
        """Whether it has neither succeeded nor failed yet."""
        return self.document["lifecycleState"] in _UNFINISHED


class WorkRequests:
    """Accepts changes and carries them out, one at a time for each load balancer."""

    def __init__(self, on_change: Callable[[LoadBalancer], Awaitable[None]]) -> None:
        """:param on_change: applies a load balancer's new state to the traffic."""
        self._on_change = on_change
        self._requests: dict[str, WorkRequest] = {}

    def get(self, identifier: str) -> Json:
        """A work request in the API's form. :raises ApiError: 404."""
        if identifier not in self._requests:
            raise not_found()
        return self._requests[identifier].document

    def of(self, balancer: LoadBalancer) -> list[Json]:
        """The load balancer's work requests in the API's form, newest first."""
        return [request.document for request in self._of(balancer)][::-1]

    def _of(self, balancer: LoadBalancer) -> list[WorkRequest]:
        return [request for request in self._requests.values() if request.document["loadBalancerId"] == balancer.id]

    def accept(
        self,
        balancer: LoadBalancer,
        operation: str,
        change: Change,
        settings: Settings,
        *,
        seconds: float | None = None,
        if_match: str | None = None,
        failure: Json | None = None,
    ) -> str:
        """Accept a change.

        :param operation: the API's name of the operation, which becomes the work request's type.
        :param seconds: how long the change takes; by default as in the settings.
        :param failure: ``errorCode`` and ``message`` of the failure, if the change must fail.
        :returns: the work request's OCID.
        :raises ApiError: the change cannot be made, the load balancer's state does not allow it, or another change is
            in progress and the settings require 409.
        """
        _check_state(balancer, operation, settings)
        after = change(balancer.document)
        if settings.concurrency == "reject" and any(request.is_unfinished for request in self._of(balancer)):
            raise conflict("Another work request of this load balancer is in progress.", settings.conflict_code)
        request = WorkRequest(
            document=_accepted(balancer, operation),
            change=change,
            seconds=settings.work_request_seconds if seconds is None else seconds,
            if_match=if_match,
            failure=failure,
            state_if_failed="FAILED" if operation == "CreateLoadBalancer" else balancer.document["lifecycleState"],
        )
        if settings.effect == "on_acceptance" and failure is None:
            balancer.replace(after)
            request.took_effect = True
        elif operation in _STATES_DURING:
            balancer.enter(_STATES_DURING[operation])
        identifier: str = request.document["id"]
        self._requests[identifier] = request
        request.task = asyncio.create_task(self._carry_out(request, balancer))
        return identifier

    async def _carry_out(self, request: WorkRequest, balancer: LoadBalancer) -> None:
        async with balancer.turn:
            await asyncio.sleep(request.seconds * _ACCEPTED_SHARE)
            request.document["lifecycleState"] = "IN_PROGRESS"
            await asyncio.sleep(request.seconds * (1 - _ACCEPTED_SHARE))
            failure = request.failure or self._take_effect(request, balancer)
            if failure is None:
                # Shielded, so that a reset of the lab cannot leave ports between two states.
                await asyncio.shield(self._on_change(balancer))
            elif request.document["type"] in _STATES_DURING:
                balancer.enter(request.state_if_failed)
            _finish(request.document, failure)

    def _take_effect(self, request: WorkRequest, balancer: LoadBalancer) -> Json | None:
        """Change the load balancer; returns the failure, or None."""
        if request.took_effect:
            return None
        # A change from the queue must not overwrite changes that were made while it waited.
        if request.if_match not in (None, "*", balancer.etag):
            return {
                "errorCode": "BAD_INPUT",
                "message": f"The load balancer's version is not {request.if_match} any more.",
            }
        try:
            balancer.replace(request.change(balancer.document))
        except ApiError as error:
            return {"errorCode": "BAD_INPUT", "message": error.message}
        return None

    async def forget_all(self) -> None:
        """Stop the work requests in progress, and remove all work requests."""
        tasks = [request.task for request in self._requests.values() if request.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._requests = {}


def _check_state(balancer: LoadBalancer, operation: str, settings: Settings) -> None:
    """Only an active load balancer can be changed; a failed one can still be deleted. :raises ApiError: 409."""
    state = balancer.document["lifecycleState"]
    deletes_failed = state == "FAILED" and operation == "DeleteLoadBalancer"
    if state != "ACTIVE" and operation != "CreateLoadBalancer" and not deletes_failed:
        raise conflict(f"The load balancer is {state}; only an ACTIVE one can be changed.", settings.conflict_code)


def _accepted(balancer: LoadBalancer, operation: str) -> Json:
    return {
        "id": new_ocid("loadbalancerworkrequest"),
        "loadBalancerId": balancer.id,
        "type": operation,
        "compartmentId": balancer.document["compartmentId"],
        "lifecycleState": "ACCEPTED",
        "message": f"{operation} was accepted.",
        "timeAccepted": now(),
        "timeFinished": None,
        "errorDetails": [],
    }


def _finish(document: Json, failure: Json | None) -> None:
    outcome = "FAILED" if failure else "SUCCEEDED"
    document.update(
        lifecycleState=outcome,
        message=failure["message"] if failure else f"{document['type']} {outcome.lower()}.",
        timeFinished=now(),
        errorDetails=[failure] if failure else [],
    )
