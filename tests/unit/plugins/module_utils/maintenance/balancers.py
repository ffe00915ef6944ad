# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Load balancers as plain data, to try decisions on."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import Hold, tags_with
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Request, Selection

LOAD_BALANCER_ID = "ocid1.loadbalancer.oc1.iad.aaaaexample"
PAGE = "maintenance-page"
NOW = "2026-11-21T03:04:05Z"


def redirect(path: str = "/", **more: t.Any) -> dict[str, t.Any]:
    """A redirect rule to port 8081 for everything below ``path``."""
    condition = {"attributeName": "PATH", "attributeValue": path, "operator": "PREFIX_MATCH"}
    return {"action": "REDIRECT", "responseCode": 302, "conditions": [condition], "redirectUri": {"port": 8081}, **more}


def listener(name: str, **more: t.Any) -> dict[str, t.Any]:
    """An HTTP listener of the application."""
    given = {"name": name, "port": 80, "protocol": "HTTP", "defaultBackendSetName": "app", "ruleSetNames": []}
    return given | more


def balancer(*listeners: dict[str, t.Any], holds: t.Sequence[Hold] = (), **more: t.Any) -> dict[str, t.Any]:
    """A load balancer with an application, a maintenance listener and the rule set that leads there."""
    served = [*(listeners or [listener("http")]), listener("maintenance", port=8081, defaultBackendSetName="page")]
    tags = more.pop("freeformTags", {"team": "web"})
    return {
        "id": LOAD_BALANCER_ID,
        "displayName": "checkout",
        "listeners": {item["name"]: item for item in served},
        "backendSets": {"app": {}, "page": {}},
        "ruleSets": {PAGE: {"items": [redirect()]}},
        "freeformTags": tags_with(holds, tags) if holds else tags,
        **more,
    }


def hold(owner: str = "operator", name: str = "http", **more: str) -> Hold:
    """A hold on the page of a listener."""
    return Hold(listener=name, rule_set=PAGE, owner=owner, since=more.get("since", NOW), reason=more.get("reason", ""))


def request(*, enabled: bool = True, owner: str = "operator", **more: t.Any) -> Request:
    """Maintenance asked for on the backend set ``app``, or on the listeners given."""
    names = tuple(more.pop("listeners", ()))
    selection = Selection(LOAD_BALANCER_ID, names, None if names else more.pop("backend_set", "app"), PAGE)
    return Request(selection, more.pop("rule_set", PAGE), enabled, owner, more.pop("reason", ""), NOW, **more)
