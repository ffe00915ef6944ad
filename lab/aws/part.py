# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The AWS part of the lab."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path
from typing import Any

from aiohttp import web

from lab.aws.cloud import AwsCloud
from lab.aws.control import AwsControl
from lab.aws.settings import AwsSettings
from lab.aws.shop import Shop
from lab.faults import Faults
from lab.requests_log import RequestsLog
from lab.servers import LOOPBACK

#: The service of the shop's record in the inventory.
SERVICE = "checkout"
_PROFILE = "lab"
#: How long a procedure waits for DNS. The lab's time is compressed, so a later answer is not to be expected.
_WAIT_SECONDS = 60


class AwsPart:
    """A :class:`lab.part.Part` that is :class:`lab.part.Resettable`. One at a time in a process: moto is global."""

    name = "aws"

    def __init__(self, log: RequestsLog, faults: Faults, settings: AwsSettings | None = None) -> None:
        self._log = log
        self._faults = faults
        self._settings = settings or AwsSettings()
        self._cloud: AwsCloud | None = None
        self._shop: Shop | None = None
        self._control = AwsControl()
        self._info: dict[str, Any] = {}

    async def start(self, directory: Path) -> dict[str, Any]:
        """Start AWS and the shop."""
        self._cloud = AwsCloud(self._settings, self._log, self._faults, directory)
        http_port, https_port, dns_port = await self._cloud.start()
        self._shop = Shop(self._settings, self._cloud)
        self._control.connect(self._cloud, self._shop)
        await self._shop.open()
        config_file, credentials_file = _write_profile(directory, self._settings)
        self._info = {
            "endpoint_url": f"http://{LOOPBACK}:{http_port}",
            "tls_endpoint_url": f"https://localhost:{https_port}",
            "ca_file": str(self._cloud.authority.ca_file),
            # For endpoints on loopback that subscribe to topics over HTTPS.
            "endpoint_certificate": str(directory / "endpoint.pem"),
            "endpoint_key": str(directory / "endpoint.key"),
            "region": self._settings.region,
            "account_id": self._settings.account_id,
            "access_key": self._settings.access_key,
            "secret_key": self._settings.secret_key,
            "profile": _PROFILE,
            "config_file": str(config_file),
            "credentials_file": str(credentials_file),
            "dns": {"host": LOOPBACK, "port": dns_port},
            "time_factor": self._settings.time_factor,
            "zone": {"id": self._shop.zone_id, "name": self._settings.zone},
            "record": {"name": self._settings.record, "type": "A", "ttl": self._settings.record_ttl},
            "health_checks": self._shop.check_ids,
            "sites": {name: site.address.describe() for name, site in self._shop.sites.items()},
            "sns_topic_arn": self._shop.topic_arn,
            "global_accelerator": self._cloud.accelerator.describe(),
            "routing_controls": {
                "cluster": self._cloud.routing_controls.cluster,
                "controls": {one.name: one.arn for one in self._cloud.routing_controls.controls.values()},
                "endpoints": [
                    {"endpoint": url, "region": region} for region, url in self._cloud.cluster_endpoints.urls.items()
                ],
            },
            "load_balancers": await self._cloud.load_balancers.start(),
        }
        return self._info

    async def stop(self) -> None:
        """Stop everything. Safe to call after a start that failed half-way."""
        if self._shop is not None:
            await self._shop.close()
        if self._cloud is not None:
            await self._cloud.stop()

    async def reset(self) -> None:
        """Reset the shop to its first state; addresses, ids and keys stay."""
        if self._cloud is None or self._shop is None:
            raise RuntimeError("The AWS part was not started.")
        self._cloud.clear()
        await self._cloud.cluster_endpoints.all_up()
        await self._shop.fill()

    def control_routes(self) -> list[web.RouteDef]:
        """See :class:`lab.aws.control.AwsControl`."""
        return self._control.routes()

    def environment(self) -> dict[str, str]:
        """Variables for boto3, the AWS CLI and amazon.aws, and the addresses of the shop."""
        return {
            "AWS_ENDPOINT_URL": self._info["endpoint_url"],
            "AWS_ACCESS_KEY_ID": self._info["access_key"],
            "AWS_SECRET_ACCESS_KEY": self._info["secret_key"],
            "AWS_DEFAULT_REGION": self._info["region"],
            "AWS_REGION": self._info["region"],
            "AWS_CONFIG_FILE": self._info["config_file"],
            "AWS_SHARED_CREDENTIALS_FILE": self._info["credentials_file"],
            "LAB_PRIMARY_URL": self._info["sites"]["primary"]["check_url"],
            "LAB_BACKUP_URL": self._info["sites"]["backup"]["check_url"],
            "LAB_PRIMARY_HEALTH_CHECK_ID": self._info["health_checks"]["primary"],
            "LAB_BACKUP_HEALTH_CHECK_ID": self._info["health_checks"]["backup"],
            "LAB_DNS_SERVER": f"{LOOPBACK}:{self._info['dns']['port']}",
            "LAB_DNS_NAME": self._info["record"]["name"],
            "LAB_TOPIC_ARN": self._info["sns_topic_arn"],
        }

    def inventory_hosts(self) -> dict[str, dict[str, Any]]:
        """The shop as a service."""
        auth = {key: self._info[key] for key in ("endpoint_url", "access_key", "secret_key", "region")}
        primary, backup = (self._info["sites"][name] for name in ("primary", "backup"))
        record = {"zone": self._info["zone"]["name"], "primary_answers": [primary["address"]], **self._info["record"]}
        return {
            SERVICE: {
                "failover_health_check_ids": [self._info["health_checks"]["primary"]],
                "failover_records": [record],
                "failover_dns_servers": [f"{LOOPBACK}:{self._info['dns']['port']}"],
                "failover_primary_url": primary["check_url"],
                "failover_secondary_url": backup["check_url"],
                "failover_wait_timeout": _WAIT_SECONDS,
                "failback_gates": [{"name": "the primary site answers", "http": {"url": primary["check_url"]}}],
                "failback_wait_timeout": _WAIT_SECONDS,
                "aws_auth": auth,
            }
        }


def _write_profile(folder: Path, settings: AwsSettings) -> tuple[Path, Path]:
    """Files of the shape of ~/.aws/config and ~/.aws/credentials, with the profile ``lab`` and the same as default."""
    config, credentials = ConfigParser(), ConfigParser()
    for config_section, section in (("default", "default"), (f"profile {_PROFILE}", _PROFILE)):
        config[config_section] = {"region": settings.region}
        credentials[section] = {
            "aws_access_key_id": settings.access_key,
            "aws_secret_access_key": settings.secret_key,
        }
    files = folder / "config", folder / "credentials"
    for path, parser in zip(files, (config, credentials), strict=True):
        path.touch(mode=0o600)
        with path.open("w", encoding="utf-8") as file:
            parser.write(file)
    return files
