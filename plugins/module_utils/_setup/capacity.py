# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Plans the Auto Scaling groups of the role aws_setup: zones, ELB health, the policy of a failover, and alarms.

The role leaves groups unchanged that a failover has scaled, and terminates no instances.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._capacity.decision import TAG as HELD
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

_TO_COME = "to-come"
_IN_SERVICE = "GroupInServiceInstances"
_KINDS = ("failover-load", "capacity")
#: The default policy: 100 percent more instances when the other site's users arrive, 50 percent for a smaller rise.
_SCALING: Json = {
    "metric": "cpu",
    "threshold": 60,
    "period": 60,
    "evaluation_periods": 2,
    "adjustment_type": "PercentChangeInCapacity",
    "min_adjustment": 1,
    "warmup": 120,
    "steps": [
        {"lower_bound": 0, "upper_bound": 20, "adjustment": 50},
        {"lower_bound": 20, "adjustment": 100},
    ],
}


def plan_capacity(options: Json, found: Json) -> Part:
    """The plan for all Auto Scaling groups of a service."""
    part = Part()
    entries = [_entry(one, options) for one in options.get("capacity") or []]
    part.problems += names_twice([(one["region"], one["group"]) for one in entries], "The Auto Scaling group")
    for entry in entries:
        known = found_in(found, entry["region"], "groups", entry["group"])
        if known and not is_ours(known, options["service"]):
            part.problems.append(not_ours(f"The Auto Scaling group '{entry['group']}'", options["service"]))
        elif options["state"] == "present":
            _plan_present(part, options, found, entry, known)
        else:
            _plan_absent(part, options, found, entry, known)
    return part


def alarm_names(entry: Json, options: Json) -> list[str]:
    """The names of the alarms on one group."""
    return [f"{options['service']}-{entry['group']}-{kind}" for kind in _KINDS]


def _policy_name(options: Json) -> str:
    return f"{options['service']}-failover"


def _entry(given: Json, options: Json) -> Json:
    entry = filled(given, {"zones": [], "subnets": [], "target_groups": [], "grace_period": 300, "min": 0})
    return {
        **entry,
        "region": region_of(given, options),
        "desired": given["desired"] if given.get("desired") is not None else entry["min"],
        "scaling": filled(given.get("scaling"), _SCALING),
    }


def _plan_present(part: Part, options: Json, found: Json, entry: Json, known: Json | None) -> None:
    arns = _target_group_arns(options, found, entry)
    part.problems += [*_problems_of_options(entry), *_problems_of_target_groups(entry, arns)]
    resolved = {**entry, "target_group_arns": sorted(arn or "" for arn in arns.values())}
    held = bool(known and HELD in known["tags"])
    differs = _differs(resolved, known) if known else ["it does not exist"]
    if held:
        part.notes.append(
            f"The Auto Scaling group '{entry['group']}' has been scaled for a failover, so it was left as it is. Run "
            "this again after the failback."
        )
    elif differs and known and known.get("mixed_instances"):
        part.problems.append(
            f"The Auto Scaling group '{entry['group']}' has a mixed instances policy, which this role would remove "
            f"with its change ({', '.join(differs)}). Change that by hand, or change the variables."
        )
    elif differs:
        part.present.append(_group(resolved, known, differs))
    _plan_policy(part, options, entry, known)
    part.alarms += [*_alarms(options, entry, known, [arn for arn in arns.values() if arn])]
    part.problems += alarm_problems(options, found, part.alarms)


def _target_group_arns(options: Json, found: Json, entry: Json) -> dict[str, str | None]:
    """The ARNs by name; None where neither AWS nor this service has the target group."""
    ours = {one["name"] for one in options.get("target_groups") or [] if region_of(one, options) == entry["region"]}

    def arn(name: str) -> str | None:
        known = found_in(found, entry["region"], "target_groups", name)
        return str(known["arn"]) if known else (_TO_COME if name in ours else None)

    return {name: arn(name) for name in entry["target_groups"]}


def _differs(entry: Json, known: Json) -> list[str]:
    template = entry.get("launch_template") or {}
    wanted = {
        "min": entry["min"],
        "max": entry["max"],
        "zones": sorted(entry["zones"]) or None,
        "subnets": sorted(entry["subnets"]) or None,
        "target_group_arns": entry["target_group_arns"],
        "health_check_type": "ELB",
        "grace_period": entry["grace_period"],
    }
    differs = changes(known, wanted)
    versioned = {"id": template.get("id"), "name": template.get("name"), "version": template.get("version")}
    differs += [f"launch template {one}" for one in changes(known["launch_template"], _texts(versioned))]
    return differs if _IN_SERVICE in known["metrics"] else [*differs, "metrics of the group to be collected"]


def _texts(values: Json) -> Json:
    return {name: None if value is None else str(value) for name, value in values.items()}


def _group(entry: Json, known: Json | None, differs: Sequence[str]) -> Json:
    """The values for the task. Settings without an option stay unchanged."""
    template = entry.get("launch_template") or {}
    named = {"launch_template_id": template.get("id"), "launch_template_name": template.get("name")}
    if template.get("version") is not None:
        named["version"] = str(template["version"])
    return {
        "group": entry["group"],
        "region": entry["region"],
        "min": entry["min"],
        "max": entry["max"],
        # Scaling policies and failovers change the desired capacity, so it is only set at creation.
        "desired": known["desired"] if known else entry["desired"],
        "zones": entry["zones"],
        "subnets": entry["subnets"],
        "target_group_arns": entry["target_group_arns"],
        "grace_period": entry["grace_period"],
        "launch_template": {name: value for name, value in named.items() if value},
        "cooldown": known["cooldown"] if known else 300,
        "termination_policies": known["termination_policies"] if known else ["Default"],
        "suspended": known["suspended"] if known else [],
        "why": f"Auto Scaling group {entry['group']}: {', '.join(differs)}",
    }


def _plan_policy(part: Part, options: Json, entry: Json, known: Json | None) -> None:
    name, scaling = _policy_name(options), entry["scaling"]
    there = next((one for one in (known or {}).get("policies", []) if one["name"] == name), None)
    wanted = {
        "type": "StepScaling",
        "adjustment_type": scaling["adjustment_type"],
        "min_adjustment": _least(scaling),
        "warmup": scaling["warmup"],
        "steps": [_bounds(one) for one in scaling["steps"]],
    }
    compared = {**there, "steps": [_bounds(one) for one in there["steps"]]} if there else None
    differs = changes(compared, wanted) if compared else ["it does not exist"]
    if differs:
        policy = {**wanted, "name": name, "group": entry["group"], "region": entry["region"]}
        policy["steps"] = [{key: value for key, value in one.items() if value is not None} for one in policy["steps"]]
        part.present.append({**policy, "policy": True, "why": f"scaling policy {name}: {', '.join(differs)}"})


def _least(scaling: Json) -> int | None:
    """The least number of instances, which AWS accepts only for changes in percent."""
    return int(scaling["min_adjustment"]) if scaling["adjustment_type"] == "PercentChangeInCapacity" else None


def _bounds(step: Json) -> Json:
    """The bounds of a step. A lower bound of 0 is the same as none, and the module cannot send it."""
    bounds = {name: step.get(name) for name in ("lower_bound", "upper_bound")}
    numbers = {name: None if value is None else int(value) for name, value in bounds.items()}
    numbers["lower_bound"] = numbers["lower_bound"] or None
    return {**numbers, "scaling_adjustment": int(step["adjustment"])}


def _alarms(options: Json, entry: Json, known: Json | None, groups: Sequence[str]) -> Iterator[Json]:
    load, capacity = alarm_names(entry, options)
    scaling, region, name = entry["scaling"], entry["region"], entry["group"]
    policies = [one["arn"] for one in (known or {}).get("policies", []) if one["name"] == _policy_name(options)]
    rule = {
        "comparison": "GreaterThanOrEqualToThreshold",
        "threshold": scaling["threshold"],
        "period": scaling["period"],
        "evaluation_periods": scaling["evaluation_periods"],
        "missing_data": "missing",
    }
    about = f"The group {name} is overloaded."
    if scaling["metric"] == "cpu":
        metric, dimensions = ("AWS/EC2", "CPUUtilization"), {"AutoScalingGroupName": name}
        rule["statistic"] = "Average"
    else:
        metric = ("AWS/ApplicationELB", "RequestCountPerTarget")
        dimensions = {"TargetGroup": groups[0].rpartition(":")[2] if groups else _TO_COME}
        rule["statistic"] = "Sum"
    yield alarm(options, region, load, about, metric, dimensions, rule, actions=policies or [_TO_COME])
    if not entry["min"]:
        return
    least = {
        "statistic": "Minimum",
        "comparison": "LessThanThreshold",
        "threshold": entry["min"],
        "period": 60,
        "evaluation_periods": 5,
        # A deleted group reports no data.
        "missing_data": "breaching",
    }
    about, group = f"The group {name} has lost instances.", {"AutoScalingGroupName": name}
    yield alarm(options, region, capacity, about, ("AWS/AutoScaling", _IN_SERVICE), group, least)


def _plan_absent(part: Part, options: Json, found: Json, entry: Json, known: Json | None) -> None:
    alarms = [{"name": name, "region": entry["region"]} for name in alarm_names(entry, options)]
    part.problems += alarm_problems(options, found, alarms)
    part.stale += existing(found, alarms)
    if not known:
        return
    if known["instances"] or known["desired"]:
        part.problems.append(
            f"The Auto Scaling group '{entry['group']}' has {known['instances']} instances and a desired capacity of "
            f"{known['desired']}. This role terminates no instances. Set its minimum and desired capacity to 0 first."
        )
    part.absent.append({"group": entry["group"], "region": entry["region"]})


def _problems_of_options(entry: Json) -> Iterator[str]:
    what, template = f"The Auto Scaling group '{entry['group']}'", entry.get("launch_template") or {}
    if bool(template.get("id")) == bool(template.get("name")):
        yield f"{what} needs a launch_template with either id or name."
    if bool(entry["zones"]) == bool(entry["subnets"]):
        yield f"{what} needs either zones or subnets."
    elif len(set(entry["zones"] or entry["subnets"])) < 2:
        yield f"{what} is in one zone only, and would be lost with it. Give at least two zones or subnets."
    if entry.get("max") is None or not entry["min"] <= entry["desired"] <= entry["max"]:
        yield (
            f"{what} has min {entry['min']}, desired {entry['desired']} and max {entry.get('max')}. Give numbers in "
            "that order."
        )


def _problems_of_target_groups(entry: Json, arns: dict[str, str | None]) -> Iterator[str]:
    what = f"The Auto Scaling group '{entry['group']}'"
    if not arns:
        yield f"{what} has no target_groups. Without them ELB health cannot be distinguished from EC2 health."
    for name, arn in arns.items():
        if arn is None:
            yield f"{what} names the target group '{name}', which does not exist in {entry['region']}."
