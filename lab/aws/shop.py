# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The first content of the lab's account: a shop with two sites behind a DNS name that fails over by health checks."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from moto.route53.models import route53_backends
from moto.sns.models import sns_backends

from lab.aws.cloud import AwsCloud
from lab.aws.settings import AwsSettings
from lab.aws.sites.manager import SiteAddress, SiteProcess, shared_port
from lab.aws.sites.server import CHECK_PATH

TOPIC = "failover"
#: Each site has its own address, as real sites have, so that the DNS answer alone selects the site for a client.
_ADDRESSES = {"primary": "127.0.1.1", "backup": "127.0.2.1"}
_CHECK_INTERVAL = 10
_FAILURE_THRESHOLD = 3


class Shop:
    """The two sites, their health checks, the hosted zone and the topic. Ids stay the same when it is recreated."""

    def __init__(self, settings: AwsSettings, cloud: AwsCloud) -> None:
        self._settings = settings
        self._cloud = cloud
        self.zone_id = f"Z{uuid.uuid4().hex[:20].upper()}"
        self.check_ids = {name: str(uuid.uuid4()) for name in _ADDRESSES}
        self.topic_arn = f"arn:aws:sns:{settings.region}:{settings.account_id}:{TOPIC}"
        self.sites: dict[str, SiteProcess] = {}

    async def open(self) -> None:
        """Start the sites and create their resources."""
        port, tls_port = (shared_port(list(_ADDRESSES.values())) for _unused in range(2))
        for name, address in _ADDRESSES.items():
            host_name = f"{name}.{self._settings.zone}"
            pair = self._cloud.authority.issue(name, host_name, [host_name, address, self._settings.record])
            self.sites[name] = SiteProcess(SiteAddress(name, host_name, address, port, tls_port), pair)
        await self.fill()

    async def close(self) -> None:
        """Stop the sites. Safe to call at any time."""
        for site in self.sites.values():
            await site.stop()

    async def fill(self) -> None:
        """Bring the sites and the account into their first state; the account must be empty."""
        await asyncio.gather(*(self._repair(site) for site in self.sites.values()))
        self._cloud.hosts.clear()
        for name, site in self.sites.items():
            self._cloud.hosts[site.address.host_name] = site.address.address
            self._make_check(name, site.address)
        self._make_zone()
        sns_backends[self._settings.account_id][self._settings.region].create_topic(TOPIC)

    async def _repair(self, site: SiteProcess) -> None:
        await site.use_database("")
        await site.behave("healthy")
        await site.start()

    def _make_check(self, name: str, address: SiteAddress) -> None:
        config = {
            "Type": "HTTP",
            "IPAddress": address.address,
            "Port": address.port,
            "FullyQualifiedDomainName": address.host_name,
            "ResourcePath": CHECK_PATH,
            "RequestInterval": _CHECK_INTERVAL,
            "FailureThreshold": _FAILURE_THRESHOLD,
        }
        check = self._cloud.store.create(f"shop-{name}", config, self.check_ids[name])
        check.tags = {"Name": address.host_name}
        self._cloud.checkers.changed(check.id)

    def _make_zone(self) -> None:
        backend = route53_backends[self._settings.account_id]["aws"]
        zone = backend.create_hosted_zone(f"{self._settings.zone}.", private_zone=False, caller_reference=self.zone_id)
        # moto creates a random id. The shop's id is in lab.json already, and must stay the same after a reset.
        backend.zones[self.zone_id] = backend.zones.pop(zone.resource_id)
        zone.resource_id = self.zone_id
        changes = [self._failover_record(name) for name in self.sites]
        changes += [self._site_record(site.address) for site in self.sites.values()]
        backend.change_resource_record_sets(
            self.zone_id, [{"Action": "CREATE", "ResourceRecordSet": record} for record in changes]
        )

    def _failover_record(self, name: str) -> dict[str, Any]:
        return {
            "Name": f"{self._settings.record}.",
            "Type": "A",
            "SetIdentifier": name,
            "Failover": "PRIMARY" if name == "primary" else "SECONDARY",
            "TTL": self._settings.record_ttl,
            "ResourceRecords": [{"Value": self.sites[name].address.address}],
            "HealthCheckId": self.check_ids[name],
        }

    def _site_record(self, address: SiteAddress) -> dict[str, Any]:
        return {
            "Name": f"{address.host_name}.",
            "Type": "A",
            "TTL": self._settings.record_ttl,
            "ResourceRecords": [{"Value": address.address}],
        }
