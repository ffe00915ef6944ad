# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A service with two fronts, a load balancer of OCI and a route of Cloud Foundry, as its users see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import requests
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import World
from ansible_collections.tidegate.failover.tests.scenarios.oci_events import MaintenanceByAlarm
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.route_run import RouteMaintenance
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually

from lab.process import RunningLab


class TwoFronts:
    """Both fronts, and what they lead to.

    :ivar auth: how to sign in to both, as variables of a service.
    :ivar fronts: both, as ``maintenance_fronts``.
    """

    def __init__(self, lab: RunningLab) -> None:
        self.lab = lab
        self.balancer = MaintenanceByAlarm(lab, cast(Any, None), "")
        self.balancer.quicken()
        self.route = RouteMaintenance(lab)
        oci, cf = lab.info["oci"], lab.info["cloudfoundry"]
        self.auth: Json = {
            "oci_auth": {
                "config_file_location": oci["config_file"],
                "config_profile_name": oci["config_profile"],
                "service_endpoint": oci["endpoint"],
            },
            "cf_auth": {
                "api_url": cf["api_url"],
                "client_id": cf["client"]["name"],
                "client_secret": cf["client"]["secret"],
            },
        }
        checkout = self.balancer.checkout
        listeners = {name: checkout[name] for name in ("backend_set", "rule_set")}
        self.fronts: list[Json] = [
            {"oci_load_balancer": {"load_balancer_id": checkout["id"], **listeners}},
            {"cloud_foundry": {"url": cf["route_url"], "responder_app": "maintenance"}},
        ]
        self.before = self.settings()

    def settings(self) -> tuple[Json, list[tuple[Any, ...]], dict[str, str]]:
        """All of the load balancer, and what the route leads to and is annotated with."""
        document = self.lab.control("GET", f"/oci/loadBalancers/{self.balancer.checkout['id']}")["document"]
        return document, self.route.destinations(), self.route.annotations()

    def users_get(self) -> tuple[str, str]:
        """What users get at each of the two."""
        at_balancer = [what for what in ("page", "application") if self.balancer.users_get(page=what == "page")]
        return at_balancer[0], self._at_route()

    def _at_route(self) -> str:
        info = self.route.info
        answer = requests.get(f"{info['router']}/cart", headers={"Host": info["route_url"]}, timeout=10)
        return {200: "application", 503: "page"}[answer.status_code]

    def set_backends(self, *, running: bool) -> None:
        """End or start the backends of the load balancer, and wait until its health checks have noticed."""
        self.balancer.set_backends(running=running)
        eventually(lambda: self.balancer.alarm()["unhealthy"] == (0 if running else 2))

    def set_app(self, *, running: bool) -> None:
        """End the app that the route leads to, or start it."""
        self.lab.control("PUT", "/cloudfoundry/apps/shop", {"running": running})


def service_of(fronts: TwoFronts, playbooks: Playbooks, folder: Path) -> World:
    """The lab's shop, which has both fronts and can be failed over and back."""
    aws = fronts.lab.info["aws"]
    auth = {name: aws[name] for name in ("endpoint_url", "access_key", "secret_key", "region")}
    world = World(fronts.lab, playbooks, auth, folder)
    world.checkout.update(
        fronts.auth,
        maintenance_fronts=fronts.fronts,
        failback_gates=[{"name": "an hour of the day", "window": {"hours": ["00:00-24:00"]}}],
        failback_steps=["unlock", "release"],
        failback_wait_timeout=60,
    )
    return world
