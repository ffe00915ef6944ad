# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The OCI part of the lab."""

from __future__ import annotations

import asyncio
import ssl
from copy import deepcopy
from pathlib import Path
from typing import Any

from aiohttp import web

from lab.backends.processes import start_all, stop_all
from lab.faults import Faults
from lab.oci.alarming import Alarming
from lab.oci.alarms.details import DEFAULTS, NAMESPACE
from lab.oci.alarms.evaluation import Sample
from lab.oci.api import api_app
from lab.oci.control import oci_control_routes
from lab.oci.credentials import (
    PROFILE,
    TOKEN_PROFILE,
    UNKNOWN_KEY_PROFILE,
    CredentialFiles,
    Tenancy,
    create_credentials,
)
from lab.oci.functions.service import Functions
from lab.oci.gateways.api import Gateways
from lab.oci.identifiers import REGION, new_ocid, now
from lab.oci.later import Later
from lab.oci.load_balancer.fields import Json
from lab.oci.load_balancer.health import backend_set_health
from lab.oci.load_balancer.service import Service
from lab.oci.load_balancer.store import LoadBalancer, Store
from lab.oci.networks.api import Networks
from lab.oci.retry_tokens import RetryTokens
from lab.oci.seed import BACKEND_SET, MAINTENANCE, RULE_SET, SERVICE, SeedPorts, seed_backends, seed_load_balancer
from lab.oci.settings import Settings
from lab.oci.traffic.engine import TrafficEngine
from lab.oci.traffic.tls import Bundle, create_bundle, server_context
from lab.ports import free_port
from lab.requests_log import RequestsLog
from lab.servers import LOOPBACK, Server

_HEALTHY_SECONDS = 20


class OciPart:
    """Implements :class:`lab.part.Part` and :class:`lab.part.Resettable`."""

    name = "oci"

    def __init__(self, log: RequestsLog, faults: Faults, work_request_seconds: float = 1.0) -> None:
        self._log = log
        self._faults = faults
        self._first_settings = Settings(work_request_seconds=work_request_seconds)
        self._engine = TrafficEngine()
        self._retry_tokens = RetryTokens()
        self._backends = seed_backends()
        self._functions = Functions(self._function_environment)
        self._alarming = Alarming(self._measure, lambda: self.service.settings.minute_seconds, self._functions)
        self._alarm_id, self._gateway_id = new_ocid("alarm"), new_ocid("apigateway")
        self._later = Later()
        self._networks = Networks()
        self._gateways = Gateways(self._later, self._take_seconds, self._networks.subnet_ids["web"])
        self._server: Server | None = None
        self._service: Service | None = None
        self._seed: Json = {}
        self._info: dict[str, Any] = {}

    @property
    def service(self) -> Service:
        """The load balancing service. It exists once the part has started."""
        if self._service is None:
            raise AssertionError("the part is started before it is used")
        return self._service

    async def start(self, directory: Path) -> dict[str, Any]:
        """See :class:`lab.part.Part`."""
        (tenancy, files), tls, _unused = await asyncio.gather(
            asyncio.to_thread(create_credentials, directory),
            asyncio.to_thread(create_bundle, SERVICE),
            start_all(self._backends),
        )
        ca_file = directory / "ca.pem"
        ca_file.write_text(tls.ca_certificate, encoding="ascii")
        endpoint_files = _write_endpoint_files(directory, tls)
        ports = SeedPorts(free_port(), free_port(), free_port())
        identifier = new_ocid("loadbalancer")
        self._seed = seed_load_balancer(identifier, tenancy.compartment_id, ports, self._backends, tls) | {
            "subnetIds": [self._networks.subnet_ids["web"]]
        }
        await self._engine.start()
        self._service = Service(
            Store(), self._first_settings, tenancy.compartment_id, self._follow, self._engine.health_of
        )
        topic = await self._alarming.start(tls, ca_file)
        await self._gateways.start(tenancy.compartment_id, _page_tls(tls))
        self._networks.start(tenancy.compartment_id)
        gateway = {"id": self._gateway_id, "address": await self._seed_everything()}
        more_routes = [
            *self._alarming.api_routes(tenancy.compartment_id, self._later, self._take_seconds),
            *self._gateways.routes(),
            *self._networks.routes(),
        ]
        self._server = Server(api_app(self._log, self._faults, tenancy, self._retry_tokens, self._service, more_routes))
        endpoint = f"http://{LOOPBACK}:{await self._server.start()}"
        self._info = {
            **_credentials_info(tenancy, files),
            "endpoint": endpoint,
            "load_balancers": {SERVICE: _load_balancer_info(self._seed)},
            "ca_file": str(ca_file),
            "topic": topic,
            "gateway": gateway,
            "subnets": self._networks.subnet_ids,
            "functions_log": str(self._functions.start(directory)),
            **endpoint_files,
        }
        return self._info

    def _take_seconds(self) -> float:
        return self.service.settings.work_request_seconds

    def _function_environment(self) -> dict[str, str]:
        """The principal of a function, and the address of its region's API."""
        return {**self._info["resource_principal"], "OCI_SERVICE_ENDPOINT": self._info["endpoint"]}

    def _measure(self) -> list[Sample]:
        """The present metrics of all backend sets."""
        return [
            Sample(
                {
                    "resourceId": balancer.id,
                    "lbName": balancer.document["displayName"],
                    "backendSetName": name,
                    "lbComponent": "Backendset",
                    "region": REGION,
                },
                {
                    "UnHealthyBackendServers": len(seen["criticalStateBackendNames"]),
                    "BackendServers": seen["totalBackendCount"],
                },
            )
            for balancer in self.service.store.in_compartment(self.service.compartment_id)
            for name in balancer.document["backendSets"]
            if (seen := backend_set_health(balancer.document, name, self._engine.health_of(balancer.id)))["status"]
            != "UNKNOWN"
        ]

    async def _follow(self, balancer: LoadBalancer) -> None:
        await self._engine.follow(balancer.document)

    async def _seed_everything(self) -> str:
        """Create the first content. Returns the address of the gateway."""
        balancer = self.service.store.put(deepcopy(self._seed))
        await self._follow(balancer)
        unserved = self._engine.unserved(balancer.id)
        if unserved:
            raise OSError(f"listeners of {SERVICE} could not be served: {unserved}")
        await self._engine.until_healthy(_HEALTHY_SECONDS)
        self._alarming.reset(self.service.compartment_id, [_seed_alarm(self._alarm_id, self._seed)])
        return await self._gateways.reset(self._gateway_id)

    async def stop(self) -> None:
        """See :class:`lab.part.Part`."""
        if self._server is not None:
            await self._server.stop()
        self._later.forget_all()
        await self._gateways.stop()
        await self._alarming.stop()
        if self._service is not None:
            await self._service.work_requests.forget_all()
        await self._engine.stop()
        await stop_all(self._backends)

    async def reset(self) -> None:
        """See :class:`lab.part.Resettable`."""
        service = self.service
        await service.work_requests.forget_all()
        self._retry_tokens.clear()
        # Before the backends change, so that these changes cause no alarm.
        self._later.forget_all()
        await self._alarming.pause()
        self._functions.clear()
        service.settings = self._first_settings
        await start_all(self._backends)
        for balancer in service.store.remove_all():
            if balancer.id != self._seed["id"]:
                await self._engine.forget(balancer.id)
        await self._seed_everything()

    def control_routes(self) -> list[web.RouteDef]:
        """See :class:`lab.part.Part` and :mod:`lab.oci.control`."""
        return [
            *oci_control_routes(lambda: self.service, self._engine, self._backends),
            *self._alarming.control_routes(),
            *self._functions.control_routes(),
        ]

    def environment(self) -> dict[str, str]:
        """See :class:`lab.part.Part`."""
        balancer = self._info["load_balancers"][SERVICE]
        return {
            "OCI_CONFIG_FILE": self._info["config_file"],
            "OCI_CONFIG_PROFILE": PROFILE,
            "OCI_CLI_CONFIG_FILE": self._info["config_file"],
            "OCI_CLI_PROFILE": PROFILE,
            "OCI_CLI_ENDPOINT": self._info["endpoint"],
            "LAB_COMPARTMENT_ID": self._info["compartment_id"],
            "LAB_LOAD_BALANCER_ID": balancer["id"],
            "LAB_CHECKOUT_URL": balancer["listeners"]["http"]["url"],
            "LAB_CHECKOUT_HTTPS_URL": balancer["listeners"]["https"]["url"],
            "LAB_MAINTENANCE_URL": balancer["listeners"][MAINTENANCE]["url"],
            "LAB_CA_FILE": self._info["ca_file"],
        }

    def inventory_hosts(self) -> dict[str, dict[str, Any]]:
        """See :class:`lab.part.Part`."""
        balancer = self._info["load_balancers"][SERVICE]
        return {
            SERVICE: {
                "maintenance_load_balancer_id": balancer["id"],
                "maintenance_backend_set": BACKEND_SET,
                "maintenance_rule_set": RULE_SET,
                "maintenance_verify_url": balancer["listeners"]["http"]["url"],
                "maintenance_verify_ca_path": self._info["ca_file"],
                "oci_auth": {
                    "config_file_location": self._info["config_file"],
                    "config_profile_name": PROFILE,
                    "service_endpoint": self._info["endpoint"],
                },
            }
        }


def _credentials_info(tenancy: Tenancy, files: CredentialFiles) -> dict[str, Any]:
    return {
        "config_file": str(files.config),
        "config_profile": PROFILE,
        "token_profile": TOKEN_PROFILE,
        "unknown_key_profile": UNKNOWN_KEY_PROFILE,
        "resource_principal": files.resource_principal(),
        "region": REGION,
        "tenancy_id": tenancy.tenancy_id,
        "user_id": tenancy.user_id,
        "compartment_id": tenancy.compartment_id,
    }


def _load_balancer_info(balancer: Json) -> dict[str, Any]:
    return {
        "id": balancer["id"],
        "rule_set": RULE_SET,
        "backend_set": BACKEND_SET,
        "listeners": {
            name: {"url": _url(listener), "protocol": listener["protocol"], "port": listener["port"]}
            for name, listener in balancer["listeners"].items()
        },
    }


def _seed_alarm(identifier: str, balancer: Json) -> Json:
    """An alarm that fires when all backends of the application are unhealthy. Its body is like in Oracle's tutorial."""
    count = len(balancer["backendSets"][BACKEND_SET]["backends"])
    return {
        **DEFAULTS,
        "id": identifier,
        "displayName": f"{SERVICE}-backends",
        "compartmentId": balancer["compartmentId"],
        "metricCompartmentId": balancer["compartmentId"],
        "namespace": NAMESPACE,
        "query": (
            f'UnHealthyBackendServers[1m]{{lbName = "{SERVICE}", backendSetName = "{BACKEND_SET}"}}.max() >= {count}'
        ),
        "severity": "CRITICAL",
        "isEnabled": True,
        "isNotificationsPerMetricDimensionEnabled": True,
        "body": "{{dimensions.resourceId}},{{dimensions.backendSetName}}," + RULE_SET,
        "lifecycleState": "ACTIVE",
        "timeCreated": now(),
        "timeUpdated": now(),
    }


def _page_tls(tls: Bundle) -> ssl.SSLContext:
    """The TLS context of gateways, with a certificate of the lab's own authority."""
    certificate = {
        "publicCertificate": tls.certificate,
        "privateKey": tls.private_key,
        "caCertificate": tls.ca_certificate,
    }
    return server_context({"certificateName": SERVICE, "protocols": ["TLSv1.2", "TLSv1.3"]}, {SERVICE: certificate})


def _write_endpoint_files(directory: Path, tls: Bundle) -> dict[str, str]:
    """Write a certificate that deliveries trust, for receivers on loopback."""
    certificate, key = directory / "endpoint.pem", directory / "endpoint.key"
    certificate.write_text(tls.certificate, encoding="ascii")
    key.touch(mode=0o600)
    key.write_text(tls.private_key, encoding="ascii")
    return {"endpoint_certificate": str(certificate), "endpoint_key": str(key)}


def _url(listener: Json) -> str:
    scheme = "https" if listener["sslConfiguration"] else "http"
    return f"{scheme}://{LOOPBACK}:{listener['port']}/"
