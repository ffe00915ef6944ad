# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The control routes of the AWS part."""

from __future__ import annotations

import ipaddress
import json
import uuid
from typing import Any

from aiohttp import web

from lab.aws import alertmanager
from lab.aws.auto_scaling.backend import Launching, PatientAutoScalingBackend
from lab.aws.cloud import AwsCloud
from lab.aws.elbv2.made import make_load_balancer
from lab.aws.errors import AwsError
from lab.aws.route53_health_checks.store import HealthCheck
from lab.aws.routing_controls.endpoints import REGIONS, STATES
from lab.aws.routing_controls.store import OFF, ON
from lab.aws.shop import Shop
from lab.aws.sites.manager import SiteProcess
from lab.aws.throttling import ThrottleRule
from lab.control import json_object

_MOST_SEEDED = 5000


class AwsControl:
    """Controls the AWS part while it runs.

    - ``PUT /lab/aws/sites/NAME`` {"running": bool, "behaviour": str, "database": DSN}; ``GET`` reports the first two.
      With a database, a site takes orders, see :mod:`lab.aws.sites.orders`
    - ``PUT /lab/aws/throttle/SERVICE`` {"rate": N, "burst": N, "per_operation": bool}; ``DELETE`` lifts it;
      ``GET`` also reports how many calls were refused
    - ``PUT /lab/aws/denied`` {"actions": ["route53:Update*"]}: actions that are denied to the lab's key
    - ``PUT /lab/aws/authorization`` {"enforced": bool}: whether the policies of IAM users and roles are enforced
    - ``PUT /lab/aws/principals/NAME`` {"policies": [{...}]}: a principal with only the permissions of these policies;
      answers with the access key
    - ``PUT /lab/aws/rules`` {"path_needs_slash": bool, "max_tags": N, "max_health_checks": N}
    - ``POST /lab/aws/health-checks`` {"count": N, "config": {...}, "probed": bool}: make many at once
    - ``GET /lab/aws/health-checks``: settings, version and tags of all; ``PUT`` replaces all of them
      by what ``GET`` returned, unchecked
    - ``GET /lab/aws/health-checks/ID``: settings, version, tags, verdict, observation of each checker
    - ``PUT /lab/aws/health-checks/ID/failing-checkers`` {"count": N}: this number of checkers observe failures
    - ``GET /lab/aws/routing-controls``: the state of each, by name; ``PUT`` {"primary": "Off"} sets some, regardless of
      rules
    - ``PUT /lab/aws/cluster-endpoints/REGION`` {"state": "down"}: see :mod:`lab.aws.routing_controls.endpoints`
    - ``GET /lab/aws/global-accelerator``: the health of a site's endpoints; ``PUT`` {"primary": "UNHEALTHY"} sets some
    - ``POST /lab/aws/alertmanager`` {"url": "http://127.0.0.1:8443/", "token": "t", "alerts": [{"labels": {}}]}: send
      a notification as Alertmanager does, see :mod:`lab.aws.alertmanager`
    - ``PUT /lab/aws/hosts/NAME`` {"address": "127.0.0.1"}: the address that checkers resolve a name to
    - ``PUT /lab/aws/load-balancers/NAME`` {"groups": {"shop": ["primary"]}}: make an Application Load Balancer with a
      listener on port 80 in front of sites; the first target group is its default, ``/NAME/*`` leads to each other
    - ``PUT /lab/aws/auto-scaling/GROUP`` {"seconds": N, "failure": "why"}: how long launches take, and why they fail
    - ``GET /lab/aws/deliveries``: the messages that SNS sent over HTTP, and their outcome
    - ``GET /lab/aws/functions``: calls of Lambda functions, and their outcome
    """

    def __init__(self) -> None:
        self._cloud: AwsCloud | None = None
        self._shop: Shop | None = None

    def connect(self, cloud: AwsCloud, shop: Shop) -> None:
        """Set the cloud and the shop to control."""
        self._cloud, self._shop = cloud, shop

    @property
    def cloud(self) -> AwsCloud:
        """The cloud to control."""
        if self._cloud is None:
            raise web.HTTPServiceUnavailable(text="The AWS part is not started.")
        return self._cloud

    def routes(self) -> list[web.RouteDef]:
        """All routes."""
        return [
            web.get("/lab/aws/sites/{name}", self._show_site),
            web.put("/lab/aws/sites/{name}", self._set_site),
            web.get("/lab/aws/routing-controls", self._show_controls),
            web.put("/lab/aws/routing-controls", self._set_controls),
            web.put("/lab/aws/cluster-endpoints/{region}", self._set_endpoint),
            web.get("/lab/aws/global-accelerator", self._show_accelerator),
            web.put("/lab/aws/global-accelerator", self._set_accelerator),
            web.post("/lab/aws/alertmanager", self._send_notification),
            web.get("/lab/aws/throttle", self._show_throttle),
            web.put("/lab/aws/throttle/{service}", self._set_throttle),
            web.delete("/lab/aws/throttle/{service}", self._lift_throttle),
            web.put("/lab/aws/denied", self._set_denied),
            web.put("/lab/aws/authorization", self._set_authorization),
            web.put("/lab/aws/principals/{name}", self._set_principal),
            web.put("/lab/aws/rules", self._set_rules),
            web.post("/lab/aws/health-checks", self._make_checks),
            web.get("/lab/aws/health-checks", self._list_checks),
            web.put("/lab/aws/health-checks", self._put_checks),
            web.get("/lab/aws/health-checks/{id}", self._show_check),
            web.put("/lab/aws/health-checks/{id}/failing-checkers", self._set_failing),
            web.put("/lab/aws/hosts/{name}", self._set_host),
            web.put("/lab/aws/load-balancers/{name}", self._make_load_balancer),
            web.put("/lab/aws/auto-scaling/{group}", self._set_launching),
            web.get("/lab/aws/deliveries", self._show_deliveries),
            web.get("/lab/aws/functions", self._show_functions),
        ]

    def _site(self, request: web.Request) -> SiteProcess:
        sites = self._shop.sites if self._shop is not None else {}
        name = request.match_info["name"]
        if name not in sites:
            raise ValueError(f"the sites are {', '.join(sites)}; got {name!r}")
        return sites[name]

    async def _show_site(self, request: web.Request) -> web.Response:
        return web.json_response(self._site(request).describe())

    async def _set_site(self, request: web.Request) -> web.Response:
        site, body = self._site(request), await json_object(request)
        if "database" in body:
            await site.use_database(str(body["database"]))
        if "behaviour" in body:
            await site.behave(body["behaviour"])
        if "running" in body:
            await (site.start() if body["running"] else site.stop())
        return web.json_response(site.describe())

    async def _show_controls(self, _unused: web.Request) -> web.Response:
        controls = self.cloud.routing_controls.controls.values()
        return web.json_response({control.name: control.state for control in controls})

    async def _set_controls(self, request: web.Request) -> web.Response:
        by_name = {control.name: control for control in self.cloud.routing_controls.controls.values()}
        for name, state in (await json_object(request)).items():
            if name not in by_name or state not in (ON, OFF):
                raise ValueError(f"the routing controls are {', '.join(by_name)}, On or Off; got {name}: {state!r}")
            by_name[name].state = state
        return await self._show_controls(request)

    async def _set_endpoint(self, request: web.Request) -> web.Response:
        region, state = request.match_info["region"], (await json_object(request)).get("state")
        if region not in REGIONS or state not in STATES:
            raise ValueError(f"the Regions are {', '.join(REGIONS)}, and states {', '.join(STATES)}; got {state!r}")
        await self.cloud.cluster_endpoints.set(region, str(state))
        return web.json_response(self.cloud.cluster_endpoints.states)

    async def _show_accelerator(self, _unused: web.Request) -> web.Response:
        return web.json_response(self.cloud.accelerator.health)

    async def _set_accelerator(self, request: web.Request) -> web.Response:
        for site, state in (await json_object(request)).items():
            self.cloud.accelerator.set_health(site, state)
        return await self._show_accelerator(request)

    async def _send_notification(self, request: web.Request) -> web.Response:
        return web.json_response(await alertmanager.send(await json_object(request)))

    async def _show_throttle(self, _unused: web.Request) -> web.Response:
        rules = {service: vars(rule) for service, rule in self.cloud.throttle.rules.items()}
        return web.json_response({"rules": rules, "refused": self.cloud.throttle.refused})

    async def _set_throttle(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        rate = _positive(body, "rate")
        rule = ThrottleRule(
            rate, _positive(body, "burst") if "burst" in body else rate, bool(body.get("per_operation"))
        )
        self.cloud.throttle.refused = 0
        self.cloud.throttle.set_rule(request.match_info["service"], rule)
        return web.json_response(vars(rule))

    async def _lift_throttle(self, request: web.Request) -> web.Response:
        self.cloud.throttle.set_rule(request.match_info["service"], None)
        return web.Response(status=204)

    async def _set_denied(self, request: web.Request) -> web.Response:
        actions = (await json_object(request)).get("actions")
        if not isinstance(actions, list) or not all(isinstance(action, str) for action in actions):
            raise ValueError("actions must be a list of patterns such as route53:Update*")
        for principal in self.cloud.access.principals.values():
            principal.denied = set(actions)
        return web.json_response({"actions": actions})

    async def _set_authorization(self, request: web.Request) -> web.Response:
        enforced = (await json_object(request)).get("enforced")
        if not isinstance(enforced, bool):
            raise ValueError(f"enforced must be true or false; got {enforced!r}")
        self.cloud.access.enforced = enforced
        return web.json_response({"enforced": enforced})

    async def _set_principal(self, request: web.Request) -> web.Response:
        name, policies = request.match_info["name"], (await json_object(request)).get("policies")
        if not name.isalnum() or not isinstance(policies, list) or not all(isinstance(one, dict) for one in policies):
            raise ValueError("the name must be of letters and digits, and policies a list of IAM policy documents")
        access = self.cloud.access
        key = access.hold(name, [json.dumps(one) for one in policies])
        secret = access.principals[key].secret_key
        return web.json_response({"access_key": key, "secret_key": secret})

    async def _set_rules(self, request: web.Request) -> web.Response:
        rules = self.cloud.store.rules
        for name, value in (await json_object(request)).items():
            if name not in vars(rules) or type(value) is not type(getattr(rules, name)):
                raise ValueError(f"the rules are {', '.join(vars(rules))}, each of its own type; got {name}: {value!r}")
            setattr(rules, name, value)
        return web.json_response(vars(rules))

    async def _make_checks(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        count = int(_positive(body, "count"))
        if count > _MOST_SEEDED:
            raise ValueError(f"at most {_MOST_SEEDED} health checks at once; got {count}")
        made = [self._make_check(body, number) for number in range(count)]
        return web.json_response({"ids": [check.id for check in made]}, status=201)

    def _make_check(self, body: dict[str, Any], number: int) -> HealthCheck:
        config = {"Type": "HTTP", "IPAddress": "127.0.1.1", "Port": 80, "ResourcePath": "/lb-check"}
        cloud = self.cloud
        try:
            check = cloud.store.create(f"seeded-{uuid.uuid4()}", config | body.get("config", {}))
        except AwsError as error:
            raise ValueError(f"the health check was refused: {error.message}") from error
        check.tags = {"Name": f"seeded-{number}"}
        self._arrived(check, body)
        return check

    def _arrived(self, check: HealthCheck, body: dict[str, Any]) -> None:
        # Thousands of probes a second would only measure the probes. Without probes a check keeps its first health.
        if not body.get("probed", False):
            self.cloud.checkers.unprobed.add(check.id)
        self.cloud.checkers.changed(check.id)

    async def _list_checks(self, _unused: web.Request) -> web.Response:
        return web.json_response({"health_checks": [_reported(check) for check in self.cloud.store.all()]})

    async def _put_checks(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        try:
            given = [_as_reported(reported) for reported in body["health_checks"]]
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"health_checks must have the form that GET returns; this does not match: {error}"
            ) from error
        there = self.cloud.store.all()
        self.cloud.store.replace_all(given)
        # Also checks with the same ids as before: they count as new, and no checker has probed them yet.
        for check in there:
            self.cloud.checkers.forget(check.id)
        for check in given:
            self._arrived(check, body)
        return web.Response(status=204)

    def _check(self, request: web.Request) -> HealthCheck:
        check = self.cloud.store.find(request.match_info["id"])
        if check is None:
            raise ValueError(f"there is no health check {request.match_info['id']}")
        return check

    async def _show_check(self, request: web.Request) -> web.Response:
        check = self._check(request)
        healthy = self.cloud.verdicts.is_healthy(check.id)
        share = self.cloud.checkers.healthy_share(check.id)
        return web.json_response(_reported(check) | {"Healthy": healthy, "HealthyShare": share})

    async def _set_failing(self, request: web.Request) -> web.Response:
        check, count = self._check(request), (await json_object(request)).get("count")
        if not isinstance(count, int) or count < 0:
            raise ValueError(f"count must be a number of checkers; got {count!r}")
        self.cloud.checkers.failing[check.id] = count
        return web.json_response({"count": count})

    async def _set_host(self, request: web.Request) -> web.Response:
        # ip_address raises a ValueError that names the problem.
        address = str(ipaddress.ip_address(str((await json_object(request)).get("address"))))
        self.cloud.hosts[request.match_info["name"]] = address
        return web.json_response({"address": address})

    async def _make_load_balancer(self, request: web.Request) -> web.Response:
        """Create a load balancer in front of sites: target groups by name, each with the names of its sites."""
        groups = (await json_object(request)).get("groups")
        if not isinstance(groups, dict) or not groups:
            raise ValueError("groups must be names of target groups, each with a list of the names of sites")
        sites = self._shop.sites if self._shop is not None else {}
        targets = {
            group: [{"Id": sites[name].address.address, "Port": sites[name].address.port} for name in names]
            for group, names in groups.items()
        }
        settings = self.cloud.settings
        made = make_load_balancer(settings.account_id, settings.region, request.match_info["name"], targets)
        return web.json_response(made, status=201)

    async def _set_launching(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        try:
            how = Launching(**body)
        except TypeError as error:
            raise ValueError(f"give seconds and failure; this does not fit: {error}") from error
        PatientAutoScalingBackend.launching[request.match_info["group"]] = how
        return web.json_response(vars(how))

    async def _show_deliveries(self, _unused: web.Request) -> web.Response:
        return web.json_response(self.cloud.delivery.history())

    async def _show_functions(self, _unused: web.Request) -> web.Response:
        return web.json_response(self.cloud.functions.history())


def _reported(check: HealthCheck) -> dict[str, Any]:
    return check.describe() | {"Tags": check.tags}


def _as_reported(reported: dict[str, Any]) -> HealthCheck:
    config = reported["HealthCheckConfig"]
    version, tags = reported["HealthCheckVersion"], dict(reported["Tags"])
    return HealthCheck(reported["Id"], reported["CallerReference"], config, config, version, tags)


def _positive(body: dict[str, Any], name: str) -> float:
    value = body.get(name)
    if not isinstance(value, int | float) or value <= 0:
        raise ValueError(f"{name} must be a positive number; got {value!r}")
    return float(value)
