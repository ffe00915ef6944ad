# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Creates every service of the lab's AWS, and connects the services."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from lab.aws import databases, dead_letters
from lab.aws.access import Access, Principal
from lab.aws.authorization.subjects import session_of
from lab.aws.auto_scaling import backend as auto_scaling_backend
from lab.aws.certificates import CertificateAuthority
from lab.aws.cloudwatch import backend as cloudwatch_backend
from lab.aws.cloudwatch.alarms import AlarmHealth, Alarms
from lab.aws.dns import changes as dns_changes
from lab.aws.dns.answers import Answers
from lab.aws.dns.records import read_zones
from lab.aws.dns.server import NameServer, ZoneResolver
from lab.aws.elbv2 import backend as elbv2_backend
from lab.aws.front import Front
from lab.aws.functions import Functions
from lab.aws.global_accelerator import GlobalAccelerator
from lab.aws.health_checkers.pool import CheckerPool
from lab.aws.health_checkers.verdict import Verdicts
from lab.aws.load_balancers import LoadBalancerPort, check_fixed_responses
from lab.aws.moto_server import MotoServer
from lab.aws.route53 import Route53
from lab.aws.route53_health_checks.api import HealthCheckApi
from lab.aws.route53_health_checks.store import HealthCheckStore, StoreRules
from lab.aws.routing_controls.api import Configuration, DataPlane
from lab.aws.routing_controls.endpoints import ClusterEndpoints
from lab.aws.routing_controls.store import ON, RoutingControls
from lab.aws.settings import AwsSettings
from lab.aws.sns import backend as sns_backend
from lab.aws.sns.delivery import HttpDelivery
from lab.aws.sns.messages import MessageWriter
from lab.aws.sns.public import SnsPublic
from lab.aws.sns.signing import Signer
from lab.aws.throttling import Throttle
from lab.faults import Faults
from lab.requests_log import RequestsLog
from lab.servers import LOOPBACK, Server

#: Names in the certificate of the HTTPS listener; real messages of SNS point to the last name.
_TLS_NAMES = ["localhost", LOOPBACK, "sns.us-east-1.amazonaws.com"]
#: Seconds of AWS that a change of a database takes. The real ones take from half a minute to many minutes.
_DATABASE_CHANGE = 45


class AwsCloud:
    """All services, on one endpoint over HTTP and over HTTPS, and the name server."""

    def __init__(self, settings: AwsSettings, log: RequestsLog, faults: Faults, folder: Path) -> None:
        """Prepare; nothing is started yet. Certificates are written to ``folder``."""
        self.settings = settings
        self.authority = CertificateAuthority(folder)
        self.access = Access(settings.account_id, _principals(settings))
        self.throttle = Throttle()
        self.moto = MotoServer()
        self._time_factor = settings.time_factor
        self.hosts: dict[str, str] = {}
        alarm_health = AlarmHealth(settings.account_id)
        self.store = HealthCheckStore(StoreRules(), lambda name, region: alarm_health.find(name, region) is not None)
        self.checkers = CheckerPool(self.store, self.hosts.get, settings.time_factor, settings.checkers_per_region)
        self.routing_controls = RoutingControls(settings.account_id, settings.time_factor)
        self.verdicts = Verdicts(
            self._config_of, self.checkers.healthy_share, alarm_health.is_healthy, self._control_is_on
        )
        self.alarms = Alarms(settings.account_id, settings.time_factor, self._health)
        zones = partial(read_zones, settings.account_id)
        answers = Answers(zones, self.verdicts.is_healthy, random.Random())
        api = HealthCheckApi(self.store, self.checkers, self.checkers.changed, alarm_health.describe)
        self._signer = Signer(self.authority)
        self.delivery = HttpDelivery(settings.time_factor, self.authority.ca_file)
        self._endpoint = ""
        self.functions = Functions(settings.account_id, settings.time_factor, self._given_to_functions)
        self.name_server = NameServer(ZoneResolver(answers))
        self._front = Front(self.access, self.throttle, self.moto)
        self._front.handlers["route53"] = Route53(
            self.store, api, answers, zones, dns_changes.Changes(settings.account_id)
        ).handle
        self.accelerator = GlobalAccelerator(settings.account_id, time.monotonic, settings.time_factor)
        self._front.handlers["globalaccelerator"] = self.accelerator.handle
        self._front.handlers["unsigned"] = SnsPublic(self._signer, self.moto).handle
        self._front.handlers["elbv2"] = check_fixed_responses
        self.load_balancers = LoadBalancerPort(settings.account_id, settings.region)
        application = self._front.application
        self.cluster_endpoints = ClusterEndpoints(lambda: application(log, faults))
        data_plane = DataPlane(self.routing_controls, self.cluster_endpoints)
        configuration = Configuration(self.routing_controls, self.cluster_endpoints)
        self._front.handlers["route53-recovery-cluster"] = data_plane.handle
        self._front.handlers["route53-recovery-control-config"] = configuration.handle
        self._http, self._https = Server(application(log, faults)), Server(application(log, faults))
        self._running = AsyncExitStack()

    def _given_to_functions(self, role: str) -> dict[str, str]:
        """The credentials of a function: a session of its role if policies are enforced, else the account's key."""
        endpoint = {"AWS_ENDPOINT_URL": self._endpoint}
        if self.access.enforced:
            return endpoint | session_of(self.settings.account_id, self.settings.region, role)
        keys = {"AWS_ACCESS_KEY_ID": self.settings.access_key, "AWS_SECRET_ACCESS_KEY": self.settings.secret_key}
        return endpoint | keys

    def _config_of(self, check_id: str) -> dict[str, object] | None:
        check = self.store.find(check_id)
        return check.config if check is not None else None

    def _control_is_on(self, arn: str) -> bool:
        """Whether a routing control is on. A control outside the lab's cluster counts as on."""
        control = self.routing_controls.controls.get(arn)
        return control is None or control.state == ON

    def _health(self) -> Iterator[tuple[str, bool, float]]:
        for check in self.store.all():
            yield check.id, self.verdicts.is_healthy(check.id), self.checkers.healthy_share(check.id)

    async def start(self) -> tuple[int, int, int]:
        """Start everything.

        :returns: the ports of the endpoint over HTTP, of the endpoint over HTTPS, and of the name server.
        """
        for stop in (self._http.stop, self._https.stop, self.moto.stop, self.delivery.stop, self.checkers.stop):
            self._running.push_async_callback(stop)
        self._running.push_async_callback(self.alarms.stop)
        self._running.push_async_callback(self.load_balancers.stop)
        self._running.push_async_callback(self.cluster_endpoints.stop)
        self._running.callback(self.name_server.stop)
        self._running.callback(self.functions.clear)
        pair = self.authority.issue("endpoint", "Tidegate lab", _TLS_NAMES)
        http_port = await self._http.start()
        self._endpoint = f"http://{LOOPBACK}:{http_port}"
        https_port = await self._https.start(tls=pair.server_context())
        writer = MessageWriter(self._signer, f"https://localhost:{https_port}")
        sns_backend.install(sns_backend.Sending(writer, self.delivery, self.functions))
        dns_changes.install()
        dead_letters.install()
        databases.install(_DATABASE_CHANGE / self._time_factor)
        cloudwatch_backend.install(self.alarms.act, self.alarms.health_values)
        elbv2_backend.install()
        self.routing_controls.fill()
        await self.cluster_endpoints.start()
        auto_scaling_backend.install()
        await self.moto.start()
        await self.delivery.start()
        await self.checkers.start()
        self.alarms.start()
        return http_port, https_port, self.name_server.start()

    async def stop(self) -> None:
        """Stop everything, also when a part of it does not stop cleanly. Safe to call at any time."""
        await self._running.aclose()

    def clear(self) -> None:
        """Remove everything that clients created, and reset the settings of the control API."""
        self.delivery.clear()
        self.functions.clear()
        self.checkers.clear()
        self.store.clear()
        self.store.rules = StoreRules()
        self.access.principals = _principals(self.settings)
        self.access.enforced = False
        for service in list(self.throttle.rules):
            self.throttle.set_rule(service, None)
        self.routing_controls.fill()
        self.accelerator.clear()
        self.moto.clear()
        cloudwatch_backend.clear()
        auto_scaling_backend.clear()


def _principals(settings: AwsSettings) -> dict[str, Principal]:
    return {settings.access_key: Principal("operator", settings.secret_key)}
