# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What the role aws_setup prints at its end: the existing resources, and the variables that a service needs."""

from __future__ import annotations

import typing as t

Json = dict[str, t.Any]

_PORTS = {"HTTP": 80, "HTTPS": 443}


def result(options: Json, plan: Json, made: Json) -> Json:
    """The existing resources and variables.

    :param options: the options of the service; see ``plugins/filter/aws_setup_result.yml``.
    :param plan: the result of :func:`~fencing.plan`.
    :param made: ``health_check_ids`` of the primary and the secondary site, ``queue_url``, and ``alarms`` by name.
    """
    primary, secondary = made["health_check_ids"]
    record = options["record"]
    return {
        "health_checks": {"primary": primary, "secondary": secondary},
        "records": [
            f"{record['name']} {options['record_type']}, {one['failover']} ({one['identifier']})"
            for one in plan["records"]
        ],
        "topic": plan["topic_arn"],
        **_delivery(options, plan, made),
        "alarms": [*dict.fromkeys([options["alarm"], *made["alarms"]])],
        "variables_for_the_inventory": _variables(options, primary),
        **({"variables_for_the_rulebook": {"sqs_queue_url": made["queue_url"]}} if made.get("queue_url") else {}),
    }


def _delivery(options: Json, plan: Json, made: Json) -> Json:
    if options["delivery"] == "sqs":
        return {"queue": made.get("queue_url") or plan["queue_arn"]}
    if options["delivery"] == "https":
        return {"endpoint": options["endpoint"]}
    return {"function": plan["function_arn"]}


def _variables(options: Json, primary: str) -> Json:
    record = options["record"]
    url = _url(options, options["sites"].get("secondary") or {})
    return {
        "failover_health_check_ids": [primary],
        "failover_records": [{"zone": record["zone"], "name": record["name"], "type": options["record_type"]}],
        **({"failover_secondary_url": url} if url else {}),
    }


def _url(options: Json, site: Json) -> str:
    """The URL that Route 53 probes; empty if the check has no URL, or its certificate is for another name."""
    scheme, port = str(options["check_type"]), options["check_port"]
    if scheme not in _PORTS or not (site.get("fqdn") or (scheme == "HTTP" and site.get("ip_address"))):
        return ""
    host = site.get("fqdn") or site["ip_address"]
    named = f"[{host}]" if ":" in host else host
    there = f":{port}" if port and int(port) != _PORTS[scheme] else ""
    return f"{scheme.lower()}://{named}{there}{options['check_path']}"
