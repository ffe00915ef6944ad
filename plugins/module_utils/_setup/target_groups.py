# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Plans the target groups of the role aws_setup: their health checks, and the alarm on unhealthy targets."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator

from ansible_collections.tidegate.failover.plugins.module_utils._setup.site_alarms import (
    Part,
    alarm,
    alarm_problems,
    changes,
    existing,
    filled,
    found_in,
    is_ours,
    names_twice,
    not_ours,
    region_of,
)

Json = dict[str, t.Any]

#: API reference, CreateTargetGroup.
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
_INTERVALS, _THRESHOLDS = range(5, 301), range(2, 11)
_HEALTH_CHECK = {
    "protocol": "HTTP",
    "port": "traffic-port",
    "path": "/lb-check",
    "interval": 10,
    "timeout": 5,
    "healthy_threshold": 3,
    "unhealthy_threshold": 2,
    "codes": "200",
}
_ALARM = {"unhealthy_hosts": 1, "period": 60, "evaluation_periods": 2, "missing_data": "missing"}
#: AWS cannot change these later.
_FIXED = ("protocol", "port", "vpc_id", "target_type")
_TO_COME = "to-come"


def plan_target_groups(options: Json, found: Json) -> Part:
    """The plan for all target groups of a service."""
    part = Part()
    entries = [_entry(one, options) for one in options.get("target_groups") or []]
    part.problems += names_twice([(one["region"], one["name"]) for one in entries], "The target group")
    for entry in entries:
        known = found_in(found, entry["region"], "target_groups", entry["name"])
        if known and not is_ours(known, options["service"]):
            part.problems.append(not_ours(f"The target group '{entry['name']}'", options["service"]))
        elif options["state"] == "present":
            _plan_present(part, options, found, entry, known)
        else:
            _plan_absent(part, options, found, entry, known)
    return part


def names_of_alarms(entry: Json, options: Json) -> list[str]:
    """The names of the alarms on one target group."""
    return [f"{options['service']}-{entry['name']}-unhealthy-hosts"]


def _entry(given: Json, options: Json) -> Json:
    entry = filled(given, {"protocol": "HTTP", "target_type": "instance", "load_balancer": ""})
    return {
        **entry,
        "port": int(entry.get("port") or (443 if entry["protocol"] == "HTTPS" else 80)),
        "region": region_of(given, options),
        "health_check": filled(given.get("health_check"), _HEALTH_CHECK),
        "alarm": filled(given.get("alarm"), _ALARM),
    }


def _plan_present(part: Part, options: Json, found: Json, entry: Json, known: Json | None) -> None:
    part.problems += [*_problems_of_options(entry), *_problems_of_fixed(entry, known)]
    balancer = found_in(found, entry["region"], "load_balancers", entry["load_balancer"])
    if entry["load_balancer"] and not balancer:
        part.problems.append(
            f"There is no load balancer '{entry['load_balancer']}' in {entry['region']}, which the target group "
            f"'{entry['name']}' names. Check its name, the Region and the account."
        )
    differs = changes(known["health_check"], entry["health_check"]) if known else ["it does not exist"]
    if differs:
        part.present.append({**entry, "why": f"target group {entry['name']}: {', '.join(differs)}"})
    if balancer and entry["alarm"]["unhealthy_hosts"]:
        part.alarms.append(_alarm(options, entry, known, balancer))
    part.problems += alarm_problems(options, found, part.alarms)


def _plan_absent(part: Part, options: Json, found: Json, entry: Json, known: Json | None) -> None:
    alarms = [{"name": name, "region": entry["region"]} for name in names_of_alarms(entry, options)]
    part.problems += alarm_problems(options, found, alarms)
    part.stale += existing(found, alarms)
    if not known:
        return
    if known["load_balancer_arns"]:
        part.problems.append(
            f"The target group '{entry['name']}' gets requests from {', '.join(known['load_balancer_arns'])}. Take it "
            "out of the listeners and rules there first."
        )
    part.absent.append({"name": entry["name"], "region": entry["region"]})


def _alarm(options: Json, entry: Json, known: Json | None, balancer: Json) -> Json:
    wanted = entry["alarm"]
    (name,) = names_of_alarms(entry, options)
    dimensions = {
        "TargetGroup": known["arn"].rpartition(":")[2] if known else _TO_COME,
        "LoadBalancer": balancer["arn"].partition("loadbalancer/")[2],
    }
    rule = {
        "statistic": "Maximum",
        "comparison": "GreaterThanOrEqualToThreshold",
        "threshold": wanted["unhealthy_hosts"],
        "period": wanted["period"],
        "evaluation_periods": wanted["evaluation_periods"],
        "missing_data": wanted["missing_data"],
    }
    about = f"Targets of {entry['name']} fail their health check."
    return alarm(options, entry["region"], name, about, ("AWS/ApplicationELB", "UnHealthyHostCount"), dimensions, rule)


def _problems_of_options(entry: Json) -> Iterator[str]:
    what, check = f"The target group '{entry['name']}'", entry["health_check"]
    if not _NAME.fullmatch(entry["name"]):
        yield f"{what} needs a name of at most 32 letters, digits and hyphens, with no hyphen at its ends."
    if not entry.get("vpc_id"):
        yield f"{what} has no vpc_id. Give the VPC of its targets."
    if int(check["interval"]) not in _INTERVALS or int(check["timeout"]) >= int(check["interval"]):
        yield (
            f"{what} is probed every {check['interval']} s with a timeout of {check['timeout']} s. Give an interval "
            "of 5 to 300 s, and a timeout below it."
        )
    for name in ("healthy_threshold", "unhealthy_threshold"):
        if int(check[name]) not in _THRESHOLDS:
            yield f"{what} has a {name} of {check[name]}. Elastic Load Balancing takes 2 to 10."


def _problems_of_fixed(entry: Json, known: Json | None) -> Iterator[str]:
    if known is None:
        return
    differs = changes(known, {name: entry.get(name) for name in _FIXED})
    if differs:
        yield (
            f"The target group '{entry['name']}' would have to change {', '.join(differs)}, and AWS cannot change "
            "that. Put the option back, or give another name."
        )
