# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Turn alarms of OCI Monitoring, CloudWatch, EventBridge and C(health_monitor) into small events of one shape."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DOCUMENTATION = r"""
---
module: alarm
short_description: Turn alarms of OCI, AWS and health_monitor into small events of one shape
version_added: 0.1.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Reads the messages of OCI Monitoring alarms, of CloudWatch alarms by way of SNS or EventBridge, and of the event
    source C(tidegate.failover.health_monitor). It finds them under C(payload) or C(body), or in the event itself.
  - What comes out holds nothing but C(alarm) and a few entries of C(meta). Every value is checked for its form, so no
    text of a message can become a template or a host pattern in a playbook.
  - Never drops an event and never fails. A message that is no alarm, or that cannot be trusted to mean what it says,
    becomes an event whose C(alarm.state) is V(refused), with the reason in C(alarm.reason).
  - C(alarm.state) is V(firing), V(still_firing) (a repeat), V(recovered), V(reset) (the metric vanished, which is no
    recovery), V(no_data), V(degraded), V(unknown) or V(refused). C(alarm.at) is when the state changed, by the clock of
    whoever says so.
  - C(alarm) also has C(origin), C(name), C(id), C(region), C(object) (what the alarm is about, good as a lock and for
    grouping), C(key) (the same for each delivery of one message), C(owner), C(load_balancer_id), C(backend_set),
    C(rule_set), C(health_check_id) and C(service). What does not apply is null.
  - A message of OCI about several metric streams becomes one event for each.
notes:
  - The rule set that shows the maintenance page is taken from the third field of the alarm's body, if that has the form
    C({{dimensions.resourceId}},{{dimensions.backendSetName}},RULE_SET_NAME). The other two fields are not looked at,
    since the metadata has them.
"""

EXAMPLES = r"""
- tidegate.failover.oci_notifications:
    port: 8443
    username: ons
    password_file: /run/secrets/ons
    topics: [ocid1.onstopic.oc1.iad.aaaaexample]
  filters:
    - tidegate.failover.alarm:
"""

Json = dict[str, Any]

_OCI_STATES = {"OK_TO_FIRING": "firing", "REPEAT": "still_firing", "FIRING_TO_OK": "recovered", "RESET": "reset"}
_CLOUDWATCH_STATES = {"ALARM": "firing", "OK": "recovered", "INSUFFICIENT_DATA": "no_data"}
_MONITOR_STATES = {"unhealthy": "firing", "healthy": "recovered", "degraded": "degraded", "unknown": "unknown"}

# What values may look like. None of these can hold a template, a host pattern or a shell's special character.
_OCID = re.compile(r"ocid1\.[a-z0-9]+\.[a-z0-9-]*\.[a-z0-9-]*\.[a-z0-9._-]+", re.IGNORECASE)
_ARN = re.compile(r"arn:[a-z-]+:cloudwatch:([a-z0-9-]+):[0-9]{12}:alarm:.+")
_FORMS = {
    "load_balancer_id": re.compile(r"ocid1\.loadbalancer\.[a-z0-9-]*\.[a-z0-9-]*\.[a-z0-9._-]+", re.IGNORECASE),
    "backend_set": re.compile(r"[A-Za-z0-9_-]{1,32}"),
    "rule_set": re.compile(r"[A-Za-z0-9_-]{1,32}"),
    "health_check_id": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "service": re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}"),
}
_NOT_IN_NAMES = re.compile(r"[^\w .:/@+=,()-]", re.ASCII)
_TEXT_LENGTH = 160
_OCI_BODY_FIELDS = 3
# Anything may stand in a message, and this is what reading it as another thing than it is can end in. RecursionError is
# what thousands of brackets in a row lead to.
_UNLIKE_A_MESSAGE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
_KEPT_META = ("uuid", "receipt", "topic", "received_at", "source")


class RefusedError(ValueError):
    """A message that must not lead to anything; its text says why."""


def main(event: Json) -> Json | list[Json]:
    """Turn one event into one or more events that each hold one alarm."""
    found = _alarms(event)
    meta = event.get("meta")
    kept = {name: meta[name] for name in _KEPT_META if name in meta} if isinstance(meta, dict) else {}
    if len(found) == 1:
        return {"alarm": found[0], "meta": kept}
    return [{"alarm": alarm, "meta": _meta_of_part(kept, part, len(found))} for part, alarm in enumerate(found)]


def _meta_of_part(meta: Json, part: int, parts: int) -> Json:
    """Return the meta of one of several events. Sources wait for all; an engine with persistence knows each by uuid."""
    own = {"uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{meta['uuid']} {part}"))} if "uuid" in meta else {}
    return {**meta, **own, "parts": parts}


def _alarms(event: Json) -> list[Json]:
    try:
        message = _message(event)
        found = [_checked(stream) for stream in _reader(message)(message)]
    except RefusedError as problem:
        return [_alarm(state="refused", reason=_text(problem))]
    except _UNLIKE_A_MESSAGE:
        return [_alarm(state="refused", reason="it does not have the form of an alarm message")]
    return found or [_alarm(state="refused", reason="it is about nothing")]


def _message(event: Json) -> Json:
    """Take the message of the alarm out of what sources and SNS wrap around it."""
    message: Any = next((event[name] for name in ("payload", "body") if event.get(name) is not None), event)
    if isinstance(message, str):
        message = json.loads(message)
    if isinstance(message, dict) and message.get("Type") == "Notification" and isinstance(message.get("Message"), str):
        message = json.loads(message["Message"])
    if not isinstance(message, dict):
        reason = "the message is no JSON object"
        raise RefusedError(reason)
    return message


def _reader(message: Json) -> Callable[[Json], Iterator[Json]]:
    if "alarmMetaData" in message:
        return _oci_streams
    if message.get("detail-type") == "CloudWatch Alarm State Change":
        return _eventbridge_stream
    if "AlarmName" in message and "NewStateValue" in message:
        return _cloudwatch_stream
    if "monitor" in message:
        return _monitor_stream
    reason = "it is no message of OCI Monitoring, CloudWatch or health_monitor"
    raise RefusedError(reason)


def _oci_streams(message: Json) -> Iterator[Json]:
    """One stream for each set of dimensions.

    Source: "Alarm Message Format" of Oracle's documentation. The type tells what happened. The status of the metadata
    does not: it is OK in a RESET too, where the metric vanished and nobody knows.
    """
    stated = {
        "origin": "oci_monitoring",
        "state": _known_state(message["type"], _OCI_STATES),
        "name": message.get("title"),
        "at": _oci_time(message),
        "rule_set": _rule_set_of(message.get("body")),
    }
    for metadata in message["alarmMetaData"]:
        for dimensions in metadata.get("dimensions") or [{}]:
            yield {
                **stated,
                "id": metadata["id"],
                "region": metadata["id"].split(".")[3] or None,
                # Some namespaces write OCIDs in capitals.
                "load_balancer_id": dimensions["resourceId"].lower() if "resourceId" in dimensions else None,
                "backend_set": dimensions.get("backendSetName"),
            }


def _oci_time(message: Json) -> datetime:
    milliseconds = message.get("timestampEpochMillis")
    if isinstance(milliseconds, int) and not isinstance(milliseconds, bool):
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    return _time(message.get("timestamp"))


def _rule_set_of(body: object) -> str | None:
    """Return the third field of a body in the form of Oracle's tutorial, which is a constant there.

    Where data is missing, the service leaves the placeholders of the other two as they are.
    """
    fields = [field.strip() for field in body.split(",")] if isinstance(body, str) else []
    if len(fields) == _OCI_BODY_FIELDS and (_OCID.fullmatch(fields[0]) or fields[0].startswith("{{dimensions.")):
        return fields[2]
    return None


def _cloudwatch_stream(message: Json) -> Iterator[Json]:
    """Read what a CloudWatch alarm sends to SNS. Its Region is a display name, so the ARN tells the region."""
    trigger = message.get("Trigger") or {}
    metrics = [
        trigger,
        *(metric["MetricStat"]["Metric"] for metric in trigger.get("Metrics", []) if "MetricStat" in metric),
    ]
    dimensions = {item["name"]: item["value"] for metric in metrics for item in metric.get("Dimensions") or []}
    yield _cloudwatch(
        message.get("AlarmArn"),
        message["AlarmName"],
        message["NewStateValue"],
        message["StateChangeTime"],
        dimensions,
    )


def _eventbridge_stream(message: Json) -> Iterator[Json]:
    """Read what a CloudWatch alarm sends to EventBridge."""
    detail = message["detail"]
    metrics = [
        metric["metricStat"]["metric"] for metric in detail["configuration"]["metrics"] if "metricStat" in metric
    ]
    dimensions = {name: value for metric in metrics for name, value in (metric.get("dimensions") or {}).items()}
    state = detail["state"]
    yield _cloudwatch(message["resources"][0], detail["alarmName"], state["value"], state["timestamp"], dimensions)


def _cloudwatch(arn: str | None, name: str, state: str, changed: str, dimensions: Mapping[str, str]) -> Json:
    region = _ARN.fullmatch(arn) if arn else None
    return {
        "origin": "cloudwatch",
        "state": _known_state(state, _CLOUDWATCH_STATES),
        "name": name,
        "id": arn,
        "at": _time(changed),
        "region": region[1] if region else None,
        # By its name: an alarm may have other dimensions before it.
        "health_check_id": dimensions.get("HealthCheckId"),
    }


def _monitor_stream(message: Json) -> Iterator[Json]:
    """Read what the event source health_monitor says of one of its targets."""
    monitor = message["monitor"]
    yield {
        "origin": "health_monitor",
        "state": _known_state(monitor["state"], _MONITOR_STATES),
        "name": monitor["target"],
        "at": _time(monitor["at"]),
        "service": monitor.get("service"),
        "object": f"monitor:{_text(monitor['target'])}",
    }


def _known_state(value: object, states: Mapping[str, str]) -> str:
    if not isinstance(value, str) or value not in states:
        reason = f"its state is {value!r}, and only {', '.join(states)} are known"
        raise RefusedError(reason)
    return states[value]


def _time(value: object) -> datetime:
    """CloudWatch writes offsets without a colon; OCI and EventBridge write Z or +00:00."""
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        reason = f"its time {value!r} has no zone"
        raise RefusedError(reason)
    return moment.astimezone(UTC)


def _checked(stream: Json) -> Json:
    """Make an alarm of a stream. :raises RefusedError: a value in it does not have the form that it must have."""
    identifier, name = stream.get("id"), _text(stream.get("name"))
    if identifier is not None and not (_OCID.fullmatch(identifier) or _ARN.fullmatch(identifier)):
        reason = "the id of the alarm is neither an OCID nor an ARN"
        raise RefusedError(reason)
    about = {key: stream.get(key) for key in _FORMS}
    for key, value in about.items():
        if value is not None and not (isinstance(value, str) and _FORMS[key].fullmatch(value)):
            reason = f"{key} is {value!r}, which cannot be one"
            raise RefusedError(reason)
    found = {
        **about,
        "origin": stream["origin"],
        "state": stream["state"],
        "name": name,
        "at": stream["at"].isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "region": stream.get("region"),
        # An ARN ends with the name of the alarm, which people choose.
        "id": _text(identifier) if identifier else None,
        "object": about["load_balancer_id"]
        or about["health_check_id"]
        or stream.get("object")
        or _text(identifier)
        or name,
        "owner": _owner(identifier, name),
    }
    return _alarm(**found, key=_digest(found))


def _owner(identifier: str | None, name: str) -> str:
    """Whose hold or lock it is. It must not change when somebody renames the alarm, so it is the end of the OCID."""
    if identifier and _OCID.fullmatch(identifier):
        return f"alarm:{identifier.rsplit('.', 1)[-1][-16:].lower()}"
    return f"alarm:{name}"[:64]


def _alarm(**values: object) -> Json:
    """Give an alarm every entry that it can have, so that conditions of rules never meet a missing one."""
    names = ("origin", "state", "reason", "name", "id", "at", "region", "object", "key", "owner", *_FORMS)
    return {name: values.get(name) for name in names}


def _digest(found: Json) -> str:
    """Return the same for each delivery of a message, and another for each change of state of each stream."""
    told = [str(found[name]) for name in ("id", "name", "object", "backend_set", "state", "at")]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]


def _text(value: object) -> str:
    """Text for people, without anything that a template engine or a terminal would act on."""
    return _NOT_IN_NAMES.sub("_", str(value if value is not None else ""))[:_TEXT_LENGTH]
