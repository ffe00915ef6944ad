# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``awx_approval``: a person who is not the launcher approved the AWX workflow in which the failback runs.

The requests follow AWX's REST API, version 2.
"""

from __future__ import annotations

import json
import os
import time
import typing as t
from dataclasses import replace
from datetime import UTC, datetime

from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    NotFoundError,
    RefusedError,
    ServiceRejectedError,
    TidegateError,
    UnreachableError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._awx import Approval, judge
from ansible_collections.tidegate.failover.plugins.module_utils._gates._http import (
    CONNECTION_CONSTRAINTS,
    Request,
    check_request,
    connection_options,
    fetch,
    request_to,
    shown,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import GateKind, Observation, Probe, Values
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import lock_time
from ansible_collections.tidegate.failover.plugins.module_utils._shape import Maybe, Shape, misfit

_PATHS = ("api/v2", "api/controller/v2")
_APPROVAL = "workflow_approval"
_USER = "user"

_JOB = {"summary_fields": {"source_workflow_job": Maybe({"id": int})}}
_WORKFLOW = {"launched_by": {"name": Maybe(str), "type": Maybe(str)}}
_NODES = {"next": Maybe(str), "results": [{"summary_fields": {"job": Maybe({"id": int, "type": str})}}]}
_APPROVALS = {
    "name": str,
    "status": str,
    "timed_out": bool,
    "finished": Maybe(str),
    "summary_fields": {"approved_or_denied_by": Maybe({"username": str})},
}


class _Controller:
    """Reads from AWX. All requests of a probe share its time limit."""

    def __init__(self, options: Values, url: str, end: float) -> None:
        self.url, self._options, self._end = url.rstrip("/"), options, end

    def read(self, path: str, shape: Shape) -> t.Any:
        """Read a resource as JSON. :raises TidegateError: the response is an error, or not that of AWX."""
        request = _signed(request_to(f"{self.url}/{self._options['api_path']}/{path}", self._options), self._options)
        answer = fetch(request, max(0.1, self._end - time.monotonic()))
        message = f"{shown(self.url)} answered {answer.status} to GET {path}"
        if answer.status in (401, 403):
            raise AccessError(message)
        if answer.status == 404:
            raise NotFoundError(message)
        if answer.status != 200:
            raise ServiceRejectedError(message)
        try:
            reported = json.loads(answer.text)
        except (ValueError, RecursionError) as problem:
            raise ServiceRejectedError(
                f"what answers at {shown(self.url)} to GET {path} is not AWX: no JSON"
            ) from problem
        if found := misfit(reported, shape):
            raise ServiceRejectedError(f"what answers at {shown(self.url)} to GET {path} is not AWX: {found}")
        return reported


def _signed(request: Request, options: Values) -> Request:
    """The request with credentials: from the options, or else from the variables that an AWX credential sets."""
    if request.username is not None:
        return request
    if token := options["token"] or os.environ.get("CONTROLLER_OAUTH_TOKEN"):
        return replace(request, headers={**request.headers, "Authorization": f"Bearer {token}"})
    username, password = os.environ.get("CONTROLLER_USERNAME"), os.environ.get("CONTROLLER_PASSWORD")
    return replace(request, username=username, password=password) if username and password else request


def _url(options: Values) -> str:
    return str(options["url"] or os.environ.get("CONTROLLER_HOST") or os.environ.get("AWX_HOST") or "")


def check(options: Values) -> None:
    """Refuse an invalid address, and two ways to sign in."""
    if options["url"] is not None:
        check_request("url", request_to(options["url"], options))
    if options["token"] and options["url_username"]:
        raise RefusedError("token and url_username are both given. Give one of the two.")


def expected(_options: Values) -> str:
    """What the gate expects to observe."""
    return "the approval of a person who did not launch the workflow, in its approval nodes"


def observe(options: Values, probe: Probe) -> Observation:
    """Check the approvals of the workflow that launched this job."""
    job, url = os.environ.get("JOB_ID", ""), _url(options)
    if not job.isdecimal() or not url:
        remedy = "Fail back by the workflow in AWX that the role awx_setup creates."
        return Observation(False, "this is not a job of AWX, so nobody approved it there", remedy, final=True)
    try:
        return _check_workflow(_Controller(options, url, time.monotonic() + probe.limit), job, probe)
    except AccessError as problem:
        remedy = "Attach a credential of AWX's own type to the job template, of a user who may read the workflow."
        return Observation(False, str(problem), remedy)
    except UnreachableError as problem:
        return Observation(False, f"{shown(url)}: {problem}", "Check that jobs can reach AWX at that address.")
    except TidegateError as problem:
        return Observation(False, str(problem), "Check url and api_path.")


def _check_workflow(awx: _Controller, job: str, probe: Probe) -> Observation:
    source = awx.read(f"jobs/{job}/", _JOB)["summary_fields"].get("source_workflow_job")
    if source is None:
        remedy = "Launch the workflow, and not its job template."
        return Observation(False, f"job {job} was not launched by a workflow", remedy, final=True)
    workflow = source["id"]
    launcher = awx.read(f"workflow_jobs/{workflow}/", _WORKFLOW)["launched_by"]
    nodes = awx.read(f"workflow_jobs/{workflow}/workflow_nodes/?page_size=200", _NODES)
    if nodes["next"]:
        return Observation(False, f"workflow job {workflow} has more than 200 nodes", "Use a smaller one.", final=True)
    jobs = [node["summary_fields"].get("job") for node in nodes["results"]]
    approvals = [_approval(awx, node["id"]) for node in jobs if node is not None and node["type"] == _APPROVAL]
    # A schedule has a name too, but is not a person.
    launchers = [str(launcher.get("name") or "") if launcher.get("type") == _USER else "", probe.requester or ""]
    locked = [datetime.fromisoformat(placed) for placed in map(lock_time, probe.lock_ids) if placed]
    return judge(workflow, launchers if launchers[0] else [], approvals, probe.now, locked)


def _approval(awx: _Controller, identifier: int) -> Approval:
    seen = awx.read(f"workflow_approvals/{identifier}/", _APPROVALS)
    by = seen["summary_fields"].get("approved_or_denied_by") or {}
    return Approval(seen["name"], seen["status"], seen["timed_out"], by.get("username", ""), _time(seen["finished"]))


def _time(text: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None


KIND = GateKind(
    name="awx_approval",
    description="""
        Passes if the failback runs in a workflow of AWX or Automation Controller, if every approval node that the
        workflow has reached is approved, and if no approver is the person who launched the workflow. AWX itself lets
        the launcher approve.

        In check mode it is not evaluated, so that the gates can be evaluated in a node before the approval.

        The gate needs no option if a credential of AWX's own type (Red Hat Ansible Automation Platform) is attached to
        the job template. The user of that credential must have the right to read the workflow.

        What else could make it pass:

        One person with two accounts. The gate compares names as the gate C(attestation) does. Two accounts that share
        no name cannot be detected.

        A shared account. The gate refuses V(operator). It cannot detect others.

        A launcher who acts for somebody else. Anyone who may launch the workflow can launch it for another person.

        A forged environment. The gate asks about the job that C(JOB_ID) names, at the address of
        O(gates[].awx_approval.url). Anyone who may change the environment of jobs, or the inventory, can make it ask
        elsewhere.

        An approval of an earlier lock. The gate fails if the approval is older than the lock.""",
    options={
        "url": {
            "description": "Address of AWX. If not given, C(CONTROLLER_HOST) or C(AWX_HOST) of the environment.",
            "type": "str",
        },
        "api_path": {
            "description": "The path of its API. V(api/controller/v2) for the gateway of Automation Platform.",
            "type": "str",
            "choices": list(_PATHS),
            "default": _PATHS[0],
        },
        "token": {
            "description": """
                A token of a user who may read the workflow. If neither this nor O(gates[].awx_approval.url_username) is
                given, C(CONTROLLER_OAUTH_TOKEN) of the environment, or C(CONTROLLER_USERNAME) and
                C(CONTROLLER_PASSWORD).""",
            "type": "str",
            "no_log": True,
            "rotates": True,
        },
        **connection_options("awx_approval"),
    },
    expected=expected,
    observe=observe,
    check=check,
    # Before the approval node there is no approval yet.
    read_only=lambda _options: False,
    constraints=CONNECTION_CONSTRAINTS,
)
