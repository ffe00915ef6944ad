# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Lock a failed site out by an alarm of CloudWatch, in AWS Lambda, without a controller.

It decides with the same files as the module ``tidegate.failover.r53_healthcheck_lock`` and the rulebook
``route53_lock``. A failure is an exception, so that Lambda tries again, counts the failure, and sends the event to the
destination for failures.
"""

from __future__ import annotations

import json
import logging
import os
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import boto3
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_filter.alarm import main as alarms_in
from ansible_collections.tidegate.failover.plugins.module_utils._alarms import alarm_entry
from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import HealthCheckApi
from ansible_collections.tidegate.failover.plugins.module_utils._aws.pacing import Pacer
from ansible_collections.tidegate.failover.plugins.module_utils._aws.reading import find
from ansible_collections.tidegate.failover.plugins.module_utils._aws.sdk import botocore
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.last_site import override_from
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import (
    LockRequest,
    clock_warning,
    named_now,
    request_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.selection import selection_from
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import REASON_LENGTH
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_switches import (
    Switches,
    warn_and_diff,
)

Json = dict[str, t.Any]

#: Lambda keeps the log in CloudWatch Logs, and sets the level of the root logger to WARNING.
_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)

#: Alarms in these states lead to a lock. No alarm ever releases a lock.
_LOCKS = ("firing", "still_firing")
#: Seconds that are reserved for the answer, after the lock is in force.
_RESERVE = 2.0
_CONNECT_TIMEOUT, _READ_TIMEOUT = 5, 20


class AlarmNotFollowedError(Exception):
    """The lock for an alarm failed. Lambda calls the function again with the same event."""


@dataclass(frozen=True)
class Configuration:
    """The configuration of the function, with the names that the playbook ``lock_by_alarm`` has for its variables.

    :ivar alarms: the targets of alarms, by the ARN of the alarm.
    :ivar lock_records: the DNS records of the services; the function searches for them if there are none.
    :ivar trust_alias_targets: whether an alias with EvaluateTargetHealth serves if its health check is healthy.
    :ivar lock_returned_within: seconds after an alarm in which a site is locked although it has recovered.
    """

    alarms: Mapping[str, t.Any]
    lock_records: list[Json]
    lock_method: str
    lock_path: str
    lock_returned_within: float
    trust_alias_targets: bool

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Configuration:
        """Read the configuration.

        :raises RefusedError: a value in it cannot be read.
        """
        alarms, records = _read(given, "ALARMS", dict), _read(given, "LOCK_RECORDS", list)
        entries = {key: entry for key, entry in alarms.items() if isinstance(entry, dict)}
        asking = sorted(key for key, entry in entries.items() if "secondary_url" in entry)
        if asking:
            raise RefusedError(
                f"ALARMS has a secondary_url under {', '.join(asking)}. The function asks no addresses; leave it out. "
                "The checkers of Route 53 say whether the other site serves."
            )
        within = given.get("LOCK_RETURNED_WITHIN") or "0"
        if not within.isdecimal():
            raise RefusedError(f"LOCK_RETURNED_WITHIN is {within!r}. Give a number of seconds.")
        trust = given.get("TRUST_ALIAS_TARGETS") or "false"
        if trust not in ("true", "false"):
            raise RefusedError(f"TRUST_ALIAS_TARGETS is {trust!r}. Give true or false.")
        return cls(
            alarms=alarms,
            lock_records=records,
            lock_method=given.get("LOCK_METHOD") or "auto",
            lock_path=given.get("LOCK_PATH") or DEFAULT_LOCK_PATH,
            lock_returned_within=float(within),
            trust_alias_targets=trust == "true",
        )


@dataclass
class _Task:
    """The options for the module's own code, in place of an Ansible module."""

    params: Mapping[str, t.Any]
    check_mode: bool = False
    warnings: list[str] = field(default_factory=list)

    def warn(self, warning: str) -> None:
        self.warnings.append(warning)


def handler(event: Json, context: t.Any) -> Json:
    """Follow the alarms of one event: of SNS, of EventBridge, or of an alarm whose action is the function.

    :returns: the result for each alarm.
    :raises AlarmNotFollowedError: the lock for at least one of them failed.
    """
    seconds = max(context.get_remaining_time_in_millis() / 1000 - _RESERVE, 1.0)
    try:
        configuration = Configuration.of(os.environ)
    except RefusedError as problem:
        raise AlarmNotFollowedError(str(problem)) from problem
    reported = {"alarms": follow(event, configuration, seconds)}
    _log.info(json.dumps(reported))
    problems = [f"{one['name']}: {one['msg']}" for one in reported["alarms"] if one["failed"]]
    if problems:
        raise AlarmNotFollowedError(" | ".join(problems))
    return reported


def follow(event: Json, configuration: Configuration, seconds: float) -> list[Json]:
    """Follow each alarm of an event. If one fails, the others are still followed.

    :param seconds: how long all of it may take.
    """
    deadline = Deadline(seconds, Clock())
    return [
        _followed(found["alarm"], configuration, deadline)
        for message in messages_of(event)
        for found in _as_list(alarms_in({"payload": message}))
    ]


def messages_of(event: t.Any) -> list[t.Any]:
    """Return the messages in an event, as the event filter ``alarm`` reads them. The filter refuses other content."""
    records = event.get("Records") if isinstance(event, dict) else None
    if isinstance(records, list) and records:
        return [record.get("Sns", record) if isinstance(record, dict) else record for record in records]
    if isinstance(event, dict) and isinstance(event.get("alarmData"), dict):
        # An alarm whose action is a function has the content of EventBridge's event under names of its own.
        return [
            {
                "source": event.get("source"),
                "detail-type": "CloudWatch Alarm State Change",
                "account": event.get("accountId"),
                "region": event.get("region"),
                "time": event.get("time"),
                "resources": [event.get("alarmArn")],
                "detail": event["alarmData"],
            }
        ]
    return [event]


def _followed(alarm: Json, configuration: Configuration, deadline: Deadline) -> Json:
    results: list[Json] = []
    failed, warnings = alarm["state"] == "refused", list[str]()
    because = f", because {alarm['reason']}" if alarm["reason"] else ""
    msg = f"Nothing was done: the alarm is {alarm['state']}{because}. Only firing and still_firing lead to a lock."
    if alarm["state"] in _LOCKS:
        try:
            params = _options(alarm, configuration, deadline)
            results, warnings = _locked(_Task(params), deadline)
            msg = " ".join(str(result["msg"]) for result in results)
        except TidegateError as problem:
            failed, msg = True, str(problem)
    return {
        "name": alarm["name"],
        "state": alarm["state"],
        "at": alarm["at"],
        "changed": any(result["changed"] for result in results),
        "failed": failed or any(result["failed"] for result in results),
        "msg": msg,
        "warnings": warnings,
        "health_checks": results,
    }


def _options(alarm: Json, configuration: Configuration, deadline: Deadline) -> Json:
    """Return the options for an alarm, the same as the playbook ``lock_by_alarm`` gives to the module."""
    entry = alarm_entry(configuration.alarms, alarm)
    check_id = entry.get("health_check_id") or alarm["health_check_id"]
    if not check_id:
        raise RefusedError(
            f"Nothing was done: the alarm does not say its health_check_id{_because(alarm)}. Give it in ALARMS, under "
            f"{alarm['id'] or 'its ARN'}."
        )
    records = entry.get("records") or configuration.lock_records
    override = entry.get("override")
    return {
        "state": "locked",
        "health_check_ids": [str(check_id)],
        "health_check_names": None,
        "health_check_tags": None,
        "method": configuration.lock_method,
        "lock_path": configuration.lock_path,
        "restore_path": None,
        "lock_id": None,
        "replaces": None,
        "owner": alarm["owner"],
        "reason": str(alarm["name"])[:REASON_LENGTH],
        "max_evidence_age": 300,
        "override": {"gates": [], "checks": [], **override} if override else None,
        "only_if_health": None if _returned_lately(alarm, entry, configuration) else "unhealthy",
        "records": [{"type": "A", **record} for record in records],
        "find_records": not records,
        "trust_alias_targets": configuration.trust_alias_targets,
        "secondary_url": None,
        "if_last_site": "hold_back",
        "wait_for": None,
        "wait_timeout": max(int(deadline.remaining), 1),
    }


def _returned_lately(alarm: Json, entry: Json, configuration: Configuration) -> bool:
    """Return whether the site is locked even if it has recovered: it was down, and may have missed writes.

    Only a person, or the alarm itself, can prove that it was down.
    """
    was_down = bool(entry.get("health_check_id") or alarm["means_down"])
    age = (datetime.now(UTC) - datetime.fromisoformat(alarm["at"])).total_seconds() if alarm["at"] else -1.0
    return was_down and 0 <= age <= configuration.lock_returned_within


def _because(alarm: Json) -> str:
    return f", because {alarm['reason']}" if alarm["reason"] else ""


def _locked(task: _Task, deadline: Deadline) -> tuple[list[Json], list[str]]:
    """Lock with the module's own code.

    :raises TidegateError: no health check could be locked.
    """
    overridden = override_from(task.params["override"], "locked")
    request = t.cast(LockRequest, request_from(task.params, datetime.now(UTC)))
    new_deadline = deadline.for_another
    api = HealthCheckApi(_client(), Pacer(Clock()))
    found = find(api, selection_from(task.params), new_deadline)
    if found.checks:
        if warning := clock_warning(task.params, api.clock.moment()):
            task.warn(warning)
        request = named_now(request, task.params, api.clock.moment())
    switches = Switches(task, api, found, new_deadline, guarded=not overridden)
    made = {check_id: switches.of(check_id, request, overridden=bool(overridden)) for check_id in found.ids}
    there = [switch for switch in made.values() if switch]
    switches.switch(there)
    switches.follow_up(there)
    results = [switches.result(check_id, switch) for check_id, switch in made.items()]
    warn_and_diff(task, results)
    return results, task.warnings


def _client() -> t.Any:
    """Return a client of Route 53 without retries, because the loop of this collection repeats calls itself."""
    config = botocore.config.Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=_CONNECT_TIMEOUT,
        read_timeout=_READ_TIMEOUT,
    )
    return boto3.client("route53", config=config)


def _as_list(events: t.Any) -> list[Json]:
    return events if isinstance(events, list) else [events]


def _read(given: Mapping[str, str], name: str, kind: type[t.Any]) -> t.Any:
    text = given.get(name)
    if not text:
        return kind()
    try:
        value = json.loads(text)
    except ValueError as problem:
        raise RefusedError(f"{name} in the configuration of the function is not JSON: {problem}.") from problem
    if not isinstance(value, kind):
        expected = "an object of alarms by their ARN" if kind is dict else "a list of records"
        raise RefusedError(f"{name} in the configuration of the function is not {expected}.")
    return value
