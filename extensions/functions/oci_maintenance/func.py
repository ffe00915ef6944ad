# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Enter or leave maintenance mode by an alarm of OCI Monitoring, in an OCI Function, without a controller.

It decides with the same files as the module ``tidegate.failover.lb_maintenance_mode`` and the rulebook
``oci_maintenance``. A failure is an exception, so that Notifications delivers the message again.
"""

from __future__ import annotations

import io
import json
import logging
import os
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from ansible_collections.tidegate.failover.extensions.eda.plugins.event_filter.alarm import main as alarms_in
from ansible_collections.tidegate.failover.plugins.module_utils._alarms import alarm_targets
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import (
    REASON_LENGTH,
    Request,
    check_owner,
    event_time_from,
    in_utc,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.load_balancer_switch import LoadBalancerSwitch
from ansible_collections.tidegate.failover.plugins.module_utils._module.load_balancer_targets import (
    LoadBalancerApis,
    Target,
    targets_from,
)

Json = dict[str, t.Any]

#: OCI Functions keep the log if logging is enabled for the application.
_log = logging.getLogger(__name__)
# The FDK logs everything, and the SDK would log the requests that it signs.
for _name in ("oci", "urllib3"):
    logging.getLogger(_name).setLevel(logging.WARNING)

#: Whether an alarm in this state puts the page up. Other states lead to no action.
_ENABLES = {"firing": True, "still_firing": True, "recovered": False}

#: Option for signing in -> its environment variable, as for the modules of the collection.
_SIGN_IN = {
    "auth_type": "OCI_ANSIBLE_AUTH_TYPE",
    "config_file_location": "OCI_CONFIG_FILE",
    "config_profile_name": "OCI_CONFIG_PROFILE",
    "region": "OCI_REGION",
    "cert_bundle": "OCI_ANSIBLE_CERT_BUNDLE",
    "service_endpoint": "OCI_SERVICE_ENDPOINT",
}

#: Seconds that are reserved for the answer, after the changes are in force.
_RESERVE = 5.0


class AlarmNotFollowedError(Exception):
    """The change for an alarm failed. OCI delivers the message again."""


@dataclass(frozen=True)
class Configuration:
    """The configuration of the function.

    :ivar alarms: the targets of alarms, by the OCID of the alarm, as in the variable of the rulebook.
    :ivar rule_set: the rule set for alarms whose body names none.
    :ivar listeners: the listeners to switch, in place of the listeners of the alarm's backend set.
    """

    alarms: Mapping[str, t.Any]
    rule_set: str
    listeners: str
    sign_in: Mapping[str, str]

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Configuration:
        """Read the configuration.

        :raises RefusedError: ALARMS cannot be read.
        """
        sign_in = {option: given[name] for option, name in _SIGN_IN.items() if given.get(name)}
        return cls(
            alarms=_alarms(given.get("ALARMS") or "{}"),
            rule_set=given.get("RULE_SET") or "",
            listeners=given.get("LISTENERS") or "",
            sign_in={"auth_type": "resource_principal", **sign_in},
        )


def handler(ctx: t.Any, data: io.BytesIO | None = None) -> str:
    """Follow the alarms of one message.

    :returns: the result for each alarm, as JSON.
    :raises AlarmNotFollowedError: the change for at least one of them failed.
    """
    seconds = (datetime.fromisoformat(ctx.Deadline()) - datetime.now(UTC)).total_seconds() - _RESERVE
    try:
        configuration = Configuration.of(os.environ)
    except RefusedError as problem:
        raise AlarmNotFollowedError(str(problem)) from problem
    message = (data.getvalue() if data else b"").decode(errors="replace")
    outcomes = follow(message, configuration, max(seconds, 1.0))
    reported = json.dumps({"alarms": outcomes})
    _log.info(reported)
    problems = [f"{one['name']}: {one['msg']}" for one in outcomes if one["failed"]]
    if problems:
        raise AlarmNotFollowedError(" | ".join(problems))
    return reported


def follow(message: str, configuration: Configuration, seconds: float) -> list[Json]:
    """Follow each alarm of a message. If one fails, the others are still followed.

    :param seconds: how long all of it may take.
    """
    events = alarms_in({"payload": message})
    deadline = Deadline(seconds, Clock())
    return [
        _followed(event["alarm"], configuration, deadline)
        for event in (events if isinstance(events, list) else [events])
    ]


def _followed(alarm: Json, configuration: Configuration, deadline: Deadline) -> Json:
    results: list[Json] = []
    msg = ""
    failed = alarm["state"] == "refused"
    if alarm["state"] not in _ENABLES:
        because = f", because {alarm['reason']}" if alarm["reason"] else ""
        msg = f"Nothing was done: the alarm is {alarm['state']}{because}. Only firing and recovered lead to a change."
    else:
        try:
            results = _switched(alarm, configuration, deadline)
        except TidegateError as problem:
            failed, msg = True, str(problem)
    return {
        "name": alarm["name"],
        "state": alarm["state"],
        "at": alarm["at"],
        "changed": any(result["changed"] for result in results),
        "failed": failed or any(result["failed"] for result in results),
        "msg": msg or " | ".join(str(result["msg"]) for result in results),
        "load_balancers": results,
    }


def _switched(alarm: Json, configuration: Configuration, deadline: Deadline) -> list[Json]:
    check_owner(alarm["owner"])
    named = alarm_targets(configuration.alarms, alarm, configuration.rule_set, configuration.listeners)
    targets = targets_from({"targets": named})
    apis = LoadBalancerApis({**configuration.sign_in, "wait_timeout": deadline.remaining})
    return [
        LoadBalancerSwitch(partial(apis.of, target), _request(alarm, target), deadline).run(check_mode=False)
        for target in targets
    ]


def _request(alarm: Json, target: Target) -> Request:
    """Return the request of an alarm for one target, the same as the rulebook's playbook sends to the module."""
    enabled = _ENABLES[alarm["state"]]
    now = datetime.now(UTC)
    event_time = event_time_from(alarm["at"], now)
    return Request(
        selection=target.selection,
        rule_set=str(target.selection.rule_set),
        enabled=enabled,
        owner=alarm["owner"],
        reason=str(alarm["name"])[:REASON_LENGTH],
        since=event_time or in_utc(now),
        only_if_backends="down" if enabled else "serving",
        event_time=event_time,
    )


def _alarms(text: str) -> Json:
    try:
        alarms = json.loads(text)
    except ValueError as problem:
        raise RefusedError(f"ALARMS in the configuration of the function is not JSON: {problem}.") from problem
    if not isinstance(alarms, dict):
        raise RefusedError("ALARMS in the configuration of the function is not a JSON object of alarms by their OCID.")
    return alarms
