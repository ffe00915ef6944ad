# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Topic, subscription and alarm in the requested state, and their differences from the existing ones."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from ansible_collections.tidegate.failover.plugins.module_utils._errors import OptionError, RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._setup.durations import duration
from ansible_collections.tidegate.failover.plugins.module_utils._setup.ownership import (
    check_ours,
    is_ours,
    tagged,
)
from ansible_collections.tidegate.failover.plugins.module_utils._setup.step import Step

Json = dict[str, t.Any]

MODULE = "oci_maintenance_alarm"
NAMESPACE = "oci_lbaas"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_LONGEST_ENDPOINT = 512
#: Placeholder for the OCID of a topic that is not created yet.
TO_COME = "(known once the topic is created)"
#: The fields of UpdateAlarm. All are sent as they were read, in case the service resets a field that is left out.
_UPDATABLE = (
    "displayName",
    "compartmentId",
    "metricCompartmentId",
    "metricCompartmentIdInSubtree",
    "namespace",
    "resourceGroup",
    "query",
    "resolution",
    "pendingDuration",
    "severity",
    "body",
    "isNotificationsPerMetricDimensionEnabled",
    "messageFormat",
    "destinations",
    "repeatNotificationDuration",
    "suppression",
    "isEnabled",
    "freeformTags",
    "definedTags",
    "overrides",
    "ruleName",
    "notificationVersion",
    "notificationTitle",
    "evaluationSlackDuration",
    "alarmSummary",
)


@dataclass(frozen=True)
class Receiver:
    """The receiver that is subscribed to the topic.

    :ivar shown: the endpoint without its password.
    """

    protocol: str
    endpoint: str
    shown: str


def check_name(name: str) -> None:
    """:raises RefusedError: the name cannot be that of a topic."""
    if _NAME.fullmatch(name) is None:
        raise OptionError(f"name is {name!r}. A topic's name has 1 to 256 letters, digits, dashes and underscores.")


def receiver_from(params: t.Mapping[str, t.Any]) -> Receiver:
    """The receiver that the options name. :raises RefusedError: OCI Notifications would not deliver to it."""
    function = params.get("function_id")
    if function:
        if not function.startswith("ocid1.fnfunc."):
            raise OptionError(f"function_id is {function!r}, which is not the OCID of a function.")
        return Receiver("ORACLE_FUNCTIONS", function, function)
    address = urlsplit(params["endpoint"])
    problem = _address_problem(address)
    if problem:
        raise OptionError(f"endpoint is {without_password(params['endpoint'])}. {problem}")
    user, password = params.get("endpoint_username"), params.get("endpoint_password")
    if bool(user) != bool(password):
        raise OptionError("endpoint_username and endpoint_password go together.")
    sign_in = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user and password else ""
    endpoint = urlunsplit(address._replace(netloc=f"{sign_in}{address.netloc}"))
    if len(endpoint) > _LONGEST_ENDPOINT:
        raise OptionError(
            f"The endpoint with user and password has {len(endpoint)} characters, {len(endpoint) - _LONGEST_ENDPOINT} "
            f"more than the {_LONGEST_ENDPOINT} that OCI Notifications takes."
        )
    return Receiver("CUSTOM_HTTPS", endpoint, params["endpoint"])


def _address_problem(address: t.Any) -> str:
    if address.scheme != "https" or not address.hostname:
        return "OCI Notifications delivers to https:// addresses only."
    if address.query or address.fragment:
        return "OCI Notifications takes no query parameters in it."
    if "@" in address.netloc:
        return "Give user and password in endpoint_username and endpoint_password, so that no output shows them."
    return ""


def without_password(endpoint: str) -> str:
    """An endpoint without its password, for output."""
    address = urlsplit(endpoint)
    return urlunsplit(address._replace(netloc=address.netloc.rpartition("@")[2]))


def subscription_of(receiver: Receiver, found: t.Sequence[Json]) -> Json | None:
    """The subscription of a receiver. Passwords are not compared, because the service may hide them."""
    for one in found:
        if one["protocol"] == receiver.protocol and without_password(one["endpoint"]) == receiver.shown:
            return one
    return None


def has_other_password(receiver: Receiver, found: Json) -> bool:
    """Whether a subscription shows another user or password. False if the service shows none."""
    shown_sign_in = "@" in urlsplit(found["endpoint"]).netloc and "***" not in found["endpoint"]
    return shown_sign_in and bool(found["endpoint"] != receiver.endpoint)


def wanted_alarm(params: t.Mapping[str, t.Any], query: str, topic_id: str) -> Json:
    """The fields of the alarm that this module manages. :raises RefusedError: a duration is out of bounds."""
    repeat = params["repeat_minutes"]
    return {
        "displayName": params["name"],
        "compartmentId": params["compartment_id"],
        "metricCompartmentId": params["metric_compartment_id"] or params["compartment_id"],
        "namespace": NAMESPACE,
        "query": query,
        "resolution": "1m",
        "pendingDuration": duration("pending_minutes", params["pending_minutes"], 1, 60),
        "evaluationSlackDuration": duration("slack_minutes", params["slack_minutes"], 3, 120),
        "repeatNotificationDuration": duration("repeat_minutes", repeat, 1, 43200) if repeat else None,
        "severity": params["severity"],
        "body": "{{dimensions.resourceId}},{{dimensions.backendSetName}}," + params["rule_set"],
        "messageFormat": "RAW",
        # One message for each backend set, so that each names its own.
        "isNotificationsPerMetricDimensionEnabled": True,
        "destinations": [topic_id],
        "isEnabled": True,
    }


def alarm_changes(found: Json, wanted: Json) -> Json:
    """The fields that differ."""
    return {name: value for name, value in wanted.items() if not _same(name, found.get(name), value)}


def _same(name: str, found: t.Any, wanted: t.Any) -> bool:
    if name.endswith("Duration"):
        return _minutes(found) == _minutes(wanted)
    return bool(found == wanted)


def _minutes(text: str | None) -> int | None:
    """A duration in minutes, because PT60M and PT1H are the same duration."""
    match = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?", text or "")
    if not text or match is None:
        return None
    days, hours, minutes = (int(value or 0) for value in match.groups())
    return (days * 24 + hours) * 60 + minutes


def alarm_body(found: Json, wanted: Json) -> Json:
    """The body of an UpdateAlarm: the fields as read, and the changes."""
    kept = {name: found[name] for name in _UPDATABLE if found.get(name) is not None}
    return {**kept, **wanted, "freeformTags": tagged(found.get("freeformTags"), MODULE)}


def steps_to_have(
    params: t.Mapping[str, t.Any],
    query: str,
    receiver: Receiver,
    topic: Json | None,
    subscribed: t.Sequence[Json],
    alarm: Json | None,
) -> list[Step]:
    """The missing steps, in order. :raises RefusedError: an object of that name belongs to somebody else."""
    name, adopt = params["name"], params["adopt"]
    for found, what in ((topic, f"Topic {name!r}"), (alarm, f"Alarm {name!r}")):
        if found is not None:
            check_ours(found, what, MODULE, adopt=adopt)
    topic_id = topic["topicId"] if topic else TO_COME
    wanted = wanted_alarm(params, query, topic_id)
    return [
        *_topic_steps(name, topic),
        *_subscription_steps(receiver, topic_id, subscribed, adopt=adopt),
        *_alarm_steps(name, wanted, alarm),
    ]


def steps_to_have_alarm(params: t.Mapping[str, t.Any], query: str, alarm: Json | None) -> list[Step]:
    """The missing steps for an alarm that sends to somebody else's topic.

    :raises RefusedError: an alarm of that name belongs to somebody else.
    """
    if alarm is not None:
        check_ours(alarm, f"Alarm {params['name']!r}", MODULE, adopt=params["adopt"])
    return _alarm_steps(params["name"], wanted_alarm(params, query, params["topic_id"]), alarm)


def _topic_steps(name: str, topic: Json | None) -> list[Step]:
    if topic is None:
        body = {
            "name": name,
            "description": "Alarms that switch a maintenance page",
            "freeformTags": tagged({}, MODULE),
        }
        return [Step("create", "topic", name, body)]
    if is_ours(topic, MODULE):
        return []
    kept = {key: topic[key] for key in ("description", "definedTags") if topic.get(key)}
    return [
        Step(
            "update",
            "topic",
            name,
            {**kept, "freeformTags": tagged(topic.get("freeformTags"), MODULE)},
            topic["topicId"],
        )
    ]


def _subscription_steps(receiver: Receiver, topic_id: str, found: t.Sequence[Json], *, adopt: bool) -> list[Step]:
    one = subscription_of(receiver, found)
    body = {
        "topicId": topic_id,
        "protocol": receiver.protocol,
        "endpoint": receiver.endpoint,
        "freeformTags": tagged({}, MODULE),
    }
    create = Step("create", "subscription", receiver.shown, body)
    ours = [other for other in found if is_ours(other, MODULE) and other is not one]
    outdated = [Step("delete", "subscription", without_password(other["endpoint"]), {}, other["id"]) for other in ours]
    if one is None:
        return [*outdated, create]
    check_ours(one, f"The subscription of {receiver.shown}", MODULE, adopt=adopt)
    if has_other_password(receiver, one):
        return [*outdated, Step("delete", "subscription", receiver.shown, {}, one["id"]), create]
    if is_ours(one, MODULE):
        return outdated
    tags = {"freeformTags": tagged(one.get("freeformTags"), MODULE)}
    return [*outdated, Step("update", "subscription", receiver.shown, tags, one["id"])]


def _alarm_steps(name: str, wanted: Json, alarm: Json | None) -> list[Step]:
    if alarm is None:
        return [Step("create", "alarm", name, {**wanted, "freeformTags": tagged({}, MODULE)})]
    if is_ours(alarm, MODULE) and not alarm_changes(alarm, wanted):
        return []
    return [Step("update", "alarm", name, alarm_body(alarm, wanted), alarm["id"])]


def steps_to_remove(
    params: t.Mapping[str, t.Any], topic: Json | None, subscribed: t.Sequence[Json], alarm: Json | None
) -> list[Step]:
    """The steps that remove our objects: the alarm first, so that it sends nothing to a deleted topic.

    :raises RefusedError: an object of that name belongs to somebody else, or somebody else uses the topic.
    """
    name, adopt = params["name"], params["adopt"]
    for found, what in ((topic, f"Topic {name!r}"), (alarm, f"Alarm {name!r}")):
        if found is not None:
            check_ours(found, what, MODULE, adopt=adopt)
    others = [without_password(one["endpoint"]) for one in subscribed if not is_ours(one, MODULE)]
    if others and not adopt:
        raise RefusedError(
            f"Topic {name!r} also has subscriptions that {MODULE} did not create ({', '.join(others)}), and they would "
            "be deleted with it. Nothing was changed. Delete or move them first, or set adopt: true.",
            code="TG-NOT-OURS",
        )
    steps = [Step("delete", "alarm", name, {}, alarm["id"])] if alarm else []
    steps += [Step("delete", "subscription", without_password(one["endpoint"]), {}, one["id"]) for one in subscribed]
    return [*steps, Step("delete", "topic", name, {}, topic["topicId"])] if topic else steps
