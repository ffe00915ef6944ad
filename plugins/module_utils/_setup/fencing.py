# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Plans the DNS and alarm resources of the role aws_setup: what it writes, leaves unchanged and refuses."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._setup.ownership import TAG
from ansible_collections.tidegate.failover.plugins.module_utils._setup.site_alarms import disabled, is_alarm_of, marker
from ansible_collections.tidegate.failover.plugins.module_utils._setup.site_health_check import reference_prefix

Json = dict[str, t.Any]

_SITES = {"primary": "PRIMARY", "secondary": "SECONDARY"}
#: Placeholder for the id of a health check that check mode does not create.
_TO_COME = "to-come"


def plan(options: Json, found: Json) -> Json:
    """The plan.

    :param options: the options of the service; see ``plugins/filter/aws_setup_plan.yml``.
    :param found: the resources that were read.
    :raises RefusedError: the plan would change a resource of somebody else, or a locked health check.
    """
    arns = _arns(options, found["caller"])
    checks = {site: _check(site, options, found) for site in _SITES}
    problems = [*_problems(options, found, checks, arns)]
    if problems:
        raise RefusedError("Nothing was changed. " + " ".join(problems))
    return {
        **arns,
        "tags": {TAG: options["service"]},
        "marker": marker(options["service"]),
        "checks": list(checks.values()),
        "records": [_record(site, options, found, checks) for site in _SITES],
        "topic_exists": arns["topic_arn"] in found["topics"],
        "delivers_to_queue": options["delivery"] == "sqs",
        # A queue and a function of ours forward messages that they could not process.
        "keeps_failures": options["delivery"] == "sqs" or options["deploys_function"],
        "queues": list(found["queues"]),
        "subscription": _subscription(options, arns),
        "queue_policy": _queue_policy(arns),
        "notes": [
            *(_locked_note(check) for check in checks.values() if check["locked"]),
            *(_disabled_notes(options, found) if options["state"] == "present" else ()),
        ],
    }


def _arns(options: Json, caller: Json) -> Json:
    partition = caller["arn"].split(":")[1]

    def arn(service: str, name: str) -> str:
        return f"arn:{partition}:{service}:us-east-1:{caller['account']}:{name}"

    return {
        "topic_arn": arn("sns", options["topic"]),
        "queue_arn": arn("sqs", options["queue"]),
        "dead_letter_queue_arn": arn("sqs", options["dead_letter_queue"]),
        "function_arn": options["function_arn"] or arn("lambda", f"function:{options['function_name']}"),
    }


def _check(site: str, options: Json, found: Json) -> Json:
    name = f"{options['service']} {site}"
    ours = [check for check in found["health_checks"] if _is_check_of(check, options["service"], name)]
    known = ours[0] if ours else {}
    locked = bool(known.get("lock"))
    return {
        "site": site,
        "name": name,
        "id": known.get("health_check_id", ""),
        "locked": locked,
        # A write would restore the path, and so release the lock.
        "write": not locked,
        "found": len(ours),
    }


def _is_check_of(check: Json, service: str, name: str) -> bool:
    tags = check.get("tags") or {}
    if TAG in tags:
        return bool(tags[TAG] == service and check.get("name") == name)
    # A run was aborted after it created the health check and before it added tags.
    return str(check.get("caller_reference") or "").startswith(reference_prefix(service, name))


def _record(site: str, options: Json, found: Json, checks: dict[str, Json]) -> Json:
    known = found["records"][site]
    return {
        "failover": _SITES[site],
        "identifier": _identifier(site, options),
        "exists": bool(known),
        "health_check": checks[site]["id"] or _TO_COME,
        # Route 53 deletes a record only if all its values are given.
        **(_values_of(known[0]) if known and options["state"] == "absent" else _wanted_values(site, options)),
    }


def _wanted_values(site: str, options: Json) -> Json:
    wanted = options["sites"].get(site) or {}
    return {
        "answers": wanted.get("answers") or [],
        "alias_zone_id": wanted.get("alias_zone_id") or "",
        "evaluate": bool(wanted.get("alias_evaluate_target_health")),
    }


def _values_of(known: Json) -> Json:
    alias = known.get("alias_target") or {}
    if alias:
        return {
            "answers": [alias["dns_name"]],
            "alias_zone_id": alias["hosted_zone_id"],
            "evaluate": alias["evaluate_target_health"],
        }
    answers = [record["value"] for record in known.get("resource_records") or []]
    return {"answers": answers, "alias_zone_id": "", "evaluate": False}


def _identifier(site: str, options: Json) -> str:
    return f"{options['service']}-{site}"


def _subscription(options: Json, arns: Json) -> Json:
    return {
        "sqs": {"protocol": "sqs", "endpoint": arns["queue_arn"]},
        "https": {"protocol": "https", "endpoint": options["endpoint"]},
        "lambda": {"protocol": "lambda", "endpoint": arns["function_arn"]},
    }[options["delivery"]]


def _queue_policy(arns: Json) -> Json:
    """A policy that allows only this topic to send."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "tidegate",
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arns["queue_arn"],
                "Condition": {"ArnEquals": {"aws:SourceArn": arns["topic_arn"]}},
            }
        ],
    }


def _disabled_notes(options: Json, found: Json) -> list[str]:
    return [note for alarm in found["alarms"] for note in disabled(alarm, options["alarm"])]


def _locked_note(check: Json) -> str:
    return (
        f"The health check '{check['name']}' ({check['id']}) is locked, so its settings were left as they are. Run "
        "this again after the failback."
    )


def _problems(options: Json, found: Json, checks: dict[str, Json], arns: Json) -> Iterator[str]:
    yield from _problems_of_names(options, found, arns)
    for site, check in checks.items():
        yield from _problems_of_check(options, found, check)
        yield from _problems_of_record(site, options, found, check)
    if options["state"] == "present":
        yield from _problems_of_others(options, found)
        yield from _problems_of_options(options)


def _problems_of_others(options: Json, found: Json) -> Iterator[str]:
    """Refuse other records of the name. Route 53 allows only one primary and one secondary failover record."""
    ours = {_identifier(site, options) for site in _SITES}
    others = [one.get("set_identifier") or "none" for one in found["every_record"]]
    foreign = sorted(name for name in others if name not in ours)
    if foreign:
        yield (
            f"{options['record']['name']} has records that this role did not make, with the set identifier "
            f"{', '.join(foreign)}. Route 53 takes no others beside the failover records of a name. Delete them, or "
            "choose another aws_setup_record."
        )


def _problems_of_options(options: Json) -> Iterator[str]:
    for site in _SITES:
        wanted = options["sites"].get(site) or {}
        if not wanted.get("answers"):
            yield f"aws_setup_sites.{site} has no answers. Give the addresses, or the name of an alias."
        if not (wanted.get("ip_address") or wanted.get("fqdn")):
            yield f"aws_setup_sites.{site} has neither ip_address nor fqdn, so Route 53 could not probe it."
    if options["delivery"] == "https" and not options["endpoint"]:
        yield "aws_setup_delivery is https, which needs aws_setup_endpoint."


def _problems_of_check(options: Json, found: Json, check: Json) -> Iterator[str]:
    described = f"The health check '{check['name']}'"
    if check["found"] > 1:
        yield f"{described} exists {check['found']} times. Delete all but the one that the records name."
    if check["locked"] and options["state"] == "absent":
        yield f"{described} ({check['id']}) is locked: its site is kept out. Fail back first, then remove it."
    service, name = options["service"], check["name"]
    for other in found["health_checks"]:
        if other.get("name") == name and not _is_check_of(other, service, name) and options["state"] == "present":
            yield (
                f"{described} exists ({other['health_check_id']}), and this role did not make it: its tag {TAG} is not "
                f"'{service}'. Rename it, or choose another aws_setup_service."
            )
        elif _is_check_of(other, service, name) and options["state"] == "present":
            yield from _problems_of_fixed_settings(other, described, options)


def _problems_of_fixed_settings(known: Json, described: str, options: Json) -> Iterator[str]:
    configuration = known.get("configuration") or {}
    for setting, option in (("type", "check_type"), ("request_interval", "check_interval")):
        if configuration.get(setting) != options[option]:
            yield (
                f"{described} has {setting} {configuration.get(setting)}, and aws_setup_{option} is {options[option]}. "
                "Route 53 cannot change that. Put the option back, or remove everything with aws_setup_state: absent "
                "first."
            )


def _problems_of_record(site: str, options: Json, found: Json, check: Json) -> Iterator[str]:
    for known in found["records"][site]:
        if not check["id"] or known.get("health_check_id") != check["id"]:
            yield (
                f"The record {options['record']['name']} with the set identifier '{_identifier(site, options)}' names "
                f"the health check {known.get('health_check_id') or 'none'}, which this role did not make. Delete the "
                "record, or choose another aws_setup_service."
            )


def _problems_of_names(options: Json, found: Json, arns: Json) -> Iterator[str]:
    service = options["service"]
    for name, tags in found["queues"].items():
        if tags.get(TAG) != service:
            yield _not_ours("queue", name, service)
    topic = found["topics"].get(arns["topic_arn"])
    if topic is not None and topic.get(TAG) != service:
        yield _not_ours("topic", options["topic"], service)
    for alarm in found["alarms"]:
        if not is_alarm_of(alarm, service):
            yield (
                f"The alarm '{options['alarm']}' exists, and this role did not make it: its description does not end "
                f"with '{marker(service)}'. Delete it, or choose another name."
            )


def _not_ours(kind: str, name: str, service: str) -> str:
    return (
        f"The {kind} '{name}' exists, and this role did not make it: its tag {TAG} is not '{service}'. Delete it, or "
        "choose another name."
    )
