# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Two Route 53s with one health check for the state machine of the lock: the running lab, and its rules in memory."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from email.utils import formatdate
from functools import cache
from types import SimpleNamespace
from typing import Any, Protocol

import botocore.session
from ansible_collections.tidegate.failover.plugins.module_utils._aws import endpoint
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Answer, Question
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import ServiceModel

from lab.aws.errors import AwsError
from lab.aws.route53_health_checks.api import HealthCheckApi
from lab.aws.route53_health_checks.constraints import check_constraints
from lab.aws.route53_health_checks.store import HealthCheck, HealthCheckStore, StoreRules
from lab.process import RunningLab

#: Locks leave their tags behind when runs are killed. How many fit is not what the state machine is about.
MAX_TAGS = 50


class World(Protocol):
    """A Route 53 and a site.

    :ivar client: a boto3 client, or what passes for one.
    :ivar place: the part of a HealthCheckConfig with the address of the site.
    """

    client: Any
    place: Json

    def ask(self, question: Question) -> Answer:
        """The answer of the site, in the form of :func:`_aws.endpoint.ask`."""

    def behave(self, behaviour: str) -> None:
        """Let the site be ``healthy`` (404 for what it does not have), or ``catch_all`` (200 for everything)."""


class OnTheLab:
    """The lab, over HTTP."""

    def __init__(self, lab: RunningLab, client: Any) -> None:
        lab.reset()
        lab.control("PUT", "/aws/rules", {"max_tags": MAX_TAGS})
        site = lab.info["aws"]["sites"]["primary"]
        self.client = client
        self.place: Json = {"IPAddress": site["address"], "Port": site["port"]}
        self._lab = lab

    def ask(self, question: Question) -> Answer:
        """Send a real request."""
        return endpoint.ask(question)

    def behave(self, behaviour: str) -> None:
        """Change the behaviour of the site's process."""
        self._lab.control("PUT", "/aws/sites/primary", {"behaviour": behaviour})


class InMemory:
    """The code that the lab answers with, and no HTTP. Nobody probes."""

    def __init__(self) -> None:
        self.client = _Client()
        self.place: Json = {"IPAddress": "192.0.2.1"}
        self._status = 404

    def ask(self, _question: Question) -> Answer:
        """Answer any pinned path."""
        return Answer(self._status)

    def behave(self, behaviour: str) -> None:
        """Choose that answer."""
        self._status = {"healthy": 404, "catch_all": 200}[behaviour]


class _NobodyProbes:
    def observations(self, _check: HealthCheck, _failures: bool) -> list[Mapping[str, Any]]:
        return []

    def ip_ranges(self) -> list[str]:
        return []


class _Client:
    """Passes for a boto3 client: operations in snake case, botocore's model of requests, and its errors."""

    def __init__(self) -> None:
        store = HealthCheckStore(StoreRules(max_tags=MAX_TAGS), lambda _name, _region: False)
        api = HealthCheckApi(store, _NobodyProbes(), lambda _id: None, lambda _name, _region: None)
        self.meta = SimpleNamespace(endpoint_url="http://memory.invalid")
        self._operations = {xform_name(name): name for name in (*api.operations, *api.tag_operations)}
        self._handlers = api.operations | api.tag_operations

    def __getattr__(self, method: str) -> Callable[..., Json]:
        name = self._operations[method]
        shape = _model().operation_model(name).input_shape

        def call(**parameters: Any) -> Json:
            try:
                check_constraints(shape, parameters)
                answer = copy.deepcopy(self._handlers[name](parameters))
            except AwsError as error:
                reported = {"Error": {"Code": error.code, "Message": error.message}}
                raise ClientError(reported | {"ResponseMetadata": {"HTTPStatusCode": error.status}}, name) from error
            return answer | {"ResponseMetadata": {"RequestId": "1", "HTTPHeaders": {"date": formatdate(usegmt=True)}}}

        return call


@cache
def _model() -> ServiceModel:
    return botocore.session.get_session().get_service_model("route53")
