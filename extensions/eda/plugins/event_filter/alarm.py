# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Turn alarms of OCI, AWS, Prometheus Alertmanager and C(health_monitor) into small events of one shape."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

DOCUMENTATION = r"""
---
module: alarm
short_description: Turn alarms of OCI, AWS, Alertmanager and health_monitor into small events of one shape
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Reads the messages of OCI Monitoring alarms, of CloudWatch alarms by way of SNS or EventBridge, the notifications of
    Prometheus Alertmanager, and what the event source C(tidegate.failover.health_monitor) reports. It finds them under
    C(payload) or C(body), or in the event itself.
  - An event that comes out holds nothing but C(alarm) and a few entries of C(meta). Every value is checked for its
    form, so no text of a message can become a template or a host pattern in a playbook.
  - Never drops an event and never fails. A message that is no alarm, or whose meaning is not certain, becomes an event
    whose C(alarm.state) is V(refused), with the reason in C(alarm.reason).
  - C(alarm.state) is V(firing), V(still_firing) (a repeat), V(recovered), V(reset) (the metric vanished, which is no
    recovery), V(suppressed), V(no_data), V(degraded), V(unknown) or V(refused). C(alarm.at) is when the state changed,
    by the clock of the service that reports it.
  - V(suppressed) is an alarm of CloudWatch that fires while its actions are suppressed, by the actions suppressor of a
    composite alarm or by a mute rule, as in a planned maintenance window. EventBridge reports such alarms too, SNS does
    not.
  - C(alarm) also has C(origin), C(name), C(id), C(id_digest), C(region), C(object) (the object of the alarm, usable as
    a lock and for grouping), C(key) (the same for each delivery of one message), C(owner), C(load_balancer_id),
    C(backend_set), C(rule_set), C(health_check_id), C(means_down), C(service), C(accelerator), C(site) and
    C(reporter). What does not apply is null.
  - An alarm of CloudWatch on several time series, such as a Metrics Insights query with C(GROUP BY), also sends
    messages about each of them (C(AlarmContributorId)) to SNS. The recovery of one of them is V(unknown), because
    others may still be in alarm.
  - C(alarm.id) is the ARN or OCID for people. Characters that could be a template are shown as underscores, and then it
    ends with a digest. C(alarm.id_digest) is the SHA-256 of the true id (an OCID in lower case), by which the playbooks
    find an alarm in the extra var C(alarms). Different alarms never have the same C(id), C(key) or C(owner).
  - An alarm of CloudWatch names its C(alarm.health_check_id) only if it is an alarm on the metric C(HealthCheckStatus)
    of exactly one health check. For metric math, composite alarms, other metrics and several health checks it is null,
    C(alarm.reason) has the reason, and only the extra var C(alarms) of the playbooks can name the health check.
  - C(alarm.means_down) is V(true) if the message itself shows that the health check was down. By SNS that is a
    comparison which only a failing health check meets, such as C(LessThanThreshold) 1 of the Minimum, where missing
    data is not breaching, and a reason of CloudWatch's own (C(Threshold Crossed)). A state that somebody sets for a
    test has another reason. EventBridge sends no comparison; there all C(recentDatapoints) of the state have to be 0.
    It is V(false) where a message shows neither, so that live state decides. An alarm that shows the contrary, such as
    one that fires on recovery, has no C(alarm.health_check_id).
  - A message of OCI about several metric streams becomes one event for each. A refused stream does not affect
    the others.
  - An alarm of OCI on another resource than a load balancer, such as an instance, a database or a health check, has no
    C(alarm.load_balancer_id), and C(alarm.reason) has the reason. Only the extra var C(alarms) can name its target.
  - A notification of Alertmanager becomes one event for each alert in it. Each alert has a state of its own, whatever
    the state of the notification is. C(alarm.accelerator), C(alarm.site) and C(alarm.reporter) are its labels of these
    names, for alerts of one site that it has lost the other one. Two alerts about one accelerator have the same
    C(alarm.object), so they are acted on one after the other.
  - Grafana sends the same notifications. Its alerts V(DatasourceNoData) and V(DatasourceError), and every alert whose
    annotation C(grafana_state_reason) shows that the query had no result, are neither V(firing) nor V(recovered),
    whatever state the rule sets for that case. They become V(no_data), V(unknown) or V(reset) (the series is gone), and
    C(alarm.reason) has the reason.
notes:
  - The rule set that shows the maintenance page is taken from the third field of the alarm's body, if that has the form
    C({{dimensions.resourceId}},{{dimensions.backendSetName}},RULE_SET_NAME). The other two fields are not
    read, since the metadata has them. A third field that cannot be a name is ignored, and C(alarm.reason) reports that.
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
if TYPE_CHECKING:
    Reading = Callable[[], Json]

_OCI_STATES = {"OK_TO_FIRING": "firing", "REPEAT": "still_firing", "FIRING_TO_OK": "recovered", "RESET": "reset"}
_CLOUDWATCH_STATES = {"ALARM": "firing", "OK": "recovered", "INSUFFICIENT_DATA": "no_data"}
_STATE_CHANGE = "CloudWatch Alarm State Change"
# The beginning of the reason for a state that CloudWatch itself has determined from values of the metric.
_EVALUATED = "Threshold Crossed: "
_ALERT_STATES = {"firing": "firing", "resolved": "recovered"}
# Grafana sends what Alertmanager does, also where its query had no result. Its documentation, "No Data and Error
# states" and "Stale alert instances": its own alerts on that, and what its annotation for the reason may hold.
_GRAFANA_ALERTS = {"DatasourceNoData": "no_data", "DatasourceError": "unknown"}
_GRAFANA_REASONS = {"NoData": "no_data", "Error": "unknown", "MissingSeries": "reset"}
_GRAFANA_REASON = "grafana_state_reason"
_MONITOR_STATES = {"unhealthy": "firing", "healthy": "recovered", "degraded": "degraded", "unknown": "unknown"}

# The allowed forms of values. None of them can hold a template, a host pattern or a shell's special character.
_OCID = re.compile(r"ocid1\.[a-z0-9]+\.[a-z0-9-]*\.[a-z0-9-]*\.[a-z0-9._-]+", re.IGNORECASE)
_ARN = re.compile(r"arn:[a-z-]+:cloudwatch:([a-z0-9-]+):[0-9]{12}:alarm:.+")
_TOPIC = re.compile(r"[A-Za-z0-9:._-]{1,300}")
_FORMS = {
    "load_balancer_id": re.compile(r"ocid1\.loadbalancer\.[a-z0-9-]*\.[a-z0-9-]*\.[a-z0-9._-]+", re.IGNORECASE),
    "backend_set": re.compile(r"[A-Za-z0-9_-]{1,32}"),
    "rule_set": re.compile(r"[A-Za-z0-9_-]{1,32}"),
    "health_check_id": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "service": re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}"),
    "accelerator": re.compile(r"[a-z0-9][a-z0-9.-]{0,252}"),
    "site": re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}"),
    "reporter": re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}"),
}
_NOT_IN_NAMES = re.compile(r"[^\w .:/@+=,()-]", re.ASCII)
_ENDS_LIKE_A_DIGEST = re.compile(r"-[0-9a-f]{16}\Z")
_TEXT_LENGTH = 160
_REASON_LENGTH = 300
_OWNER_LENGTH = 64
_OCI_BODY_FIELDS = 3
# Where data is missing, the service leaves placeholders as they are.
_PLACEHOLDER = re.compile(r"\{\{\{?\s*dimensions\.[\w.-]+\s*\}?\}\}")
# Developer Guide of Route 53, "Monitoring health checks using CloudWatch": 1 is healthy, 0 is not, and these statistics
# are valid.
_STATUS_METRIC = ("AWS/Route53", "HealthCheckStatus")
_STATUS_STATISTICS = ("minimum", "average", "maximum")
_LIVE_STATE_DECIDES = (
    "the message does not show that the health check is down, so it counts only while the checkers of Route 53 see that"
)
_MAP_DECIDES = "so only the extra var alarms can say what it is about"
# A message may hold anything. These are the errors that can occur when it does not have the expected form. Thousands of
# brackets in a row lead to a RecursionError.
_UNLIKE_A_MESSAGE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
_NO_ALARM_MESSAGE = "it does not have the form of an alarm message"
_KEPT_META = ("uuid", "receipt", "topic", "received_at", "source")


class RefusedError(ValueError):
    """A message that must not lead to an action; the text of the error has the reason."""


def main(event: Json) -> Json | list[Json]:
    """Turn one event into one or more events that each hold one alarm."""
    found = _alarms(event)
    meta = event.get("meta")
    kept = {name: meta[name] for name in _KEPT_META if name in meta} if isinstance(meta, dict) else {}
    if "topic" in kept:
        kept["topic"] = _topic(kept["topic"])
    if len(found) == 1:
        return {"alarm": found[0], "meta": kept}
    return [{"alarm": alarm, "meta": _meta_of_part(kept, part, len(found))} for part, alarm in enumerate(found)]


def _topic(given: object) -> str | None:
    """Return the topic if it has a valid form. Where a queue accepts any topic, the sender chooses the text."""
    return given if isinstance(given, str) and _TOPIC.fullmatch(given) else None


def _meta_of_part(meta: Json, part: int, parts: int) -> Json:
    """Return the meta of one of several events. Sources wait for all; persistence needs a different uuid for each."""
    own = {"uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{meta['uuid']} {part}"))} if "uuid" in meta else {}
    return {**meta, **own, "parts": parts}


def _alarms(event: Json) -> list[Json]:
    try:
        message = _message(event)
        readings = _readings_of(message)
    except RefusedError as problem:
        return [_refused(problem)]
    except _UNLIKE_A_MESSAGE:
        return [_refused(RefusedError(_NO_ALARM_MESSAGE))]
    return [_attempted(read) for read in readings] or [_refused(RefusedError("it is about nothing"))]


def _attempted(read: Reading) -> Json:
    """Read one stream of a message. An error in it does not affect other streams."""
    stream: Json = {}
    try:
        stream = read()
        return _checked(stream)
    except RefusedError as problem:
        return _refused(problem, stream)
    except _UNLIKE_A_MESSAGE:
        return _refused(RefusedError(_NO_ALARM_MESSAGE), stream)


def _refused(problem: RefusedError, stream: Mapping[str, Any] | None = None) -> Json:
    reported: Json = {"origin": stream["origin"]} if stream else {}
    # A name that is not a text may be the value that cannot be read, for example because it is too deeply nested.
    if stream and isinstance(stream.get("name"), str):
        reported["name"] = _text(stream["name"])
    return _alarm(state="refused", reason=_text(problem, _REASON_LENGTH), **reported)


def _message(event: Json) -> Json:
    """Take the message of the alarm out of the wrappers of the sources and of SNS."""
    # A message of OCI has a body of its own, which is text for people.
    around = () if "alarmMetaData" in event else ("payload", "body")
    message: Any = next((event[name] for name in around if event.get(name) is not None), event)
    if isinstance(message, str):
        message = json.loads(message)
    if isinstance(message, dict) and message.get("Type") == "Notification" and isinstance(message.get("Message"), str):
        message = json.loads(message["Message"])
    if not isinstance(message, dict):
        reason = "the message is no JSON object"
        raise RefusedError(reason)
    return message


def _readings_of(message: Json) -> list[Reading]:
    """Return a function for each stream of a message, which reads this stream."""
    if "alarmMetaData" in message:
        return _oci_streams(message)
    if message.get("detail-type") == _STATE_CHANGE:
        return [partial(_eventbridge_stream, message)]
    if "AlarmName" in message and "NewStateValue" in message:
        return [partial(_cloudwatch_stream, message)]
    if "alerts" in message:
        return [partial(_alertmanager_stream, alert) for alert in _list_of(message["alerts"])]
    if "monitor" in message:
        return [partial(_monitor_stream, message)]
    reason = "it is no message of OCI Monitoring, CloudWatch, Alertmanager or health_monitor"
    if message.get("source") == "aws.cloudwatch":
        # EventBridge User Guide, "Amazon CloudWatch events": also of a configuration, and of one of many time series.
        kind = _text(message.get("detail-type"))
        reason = f"it is {kind} of CloudWatch. Let the rule of EventBridge match only the detail-type {_STATE_CHANGE}"
    raise RefusedError(reason)


def _oci_streams(message: Json) -> list[Reading]:
    """One stream for each set of dimensions.

    Source: "Alarm Message Format" of Oracle's documentation. The type shows what happened. The status of the metadata
    does not: it is OK in a RESET too, where the metric vanished and nobody knows.
    """
    stated = {
        "origin": "oci_monitoring",
        "state": _known_state(message["type"], _OCI_STATES),
        "name": message.get("title"),
        "at": _oci_time(message),
        **_rule_set_of(message.get("body")),
    }
    return [
        partial(_oci_stream, stated, metadata, dimensions)
        for metadata in _list_of(message["alarmMetaData"])
        for dimensions in _list_of(metadata.get("dimensions") if isinstance(metadata, dict) else None) or [{}]
    ]


def _list_of(given: object) -> list[Any]:
    """Return the entries of a list. Another value becomes the only entry, which is refused later."""
    return given if isinstance(given, list) else [given] if given else []


def _oci_stream(stated: Json, metadata: Json, dimensions: Json) -> Json:
    return {
        **stated,
        "id": metadata["id"],
        "region": metadata["id"].split(".")[3] or None,
        **_about_load_balancer(dimensions, stated.get("reason")),
    }


def _about_load_balancer(dimensions: Json, reason: str | None) -> Json:
    """Return the backend set of a stream. If it is about another resource, only the map can have a target."""
    # Some namespaces write OCIDs in capitals, and some the name of the dimension as resourceID.
    named = _lowered(dimensions)
    resource = named["resourceid"].lower() if "resourceid" in named else None
    if resource is None or _FORMS["load_balancer_id"].fullmatch(resource) or not _OCID.fullmatch(resource):
        return {"load_balancer_id": resource, "backend_set": named.get("backendsetname")}
    other = f"it is about {resource}, which is no load balancer, {_MAP_DECIDES}"
    return {"reason": f"{reason}; {other}" if reason else other}


def _oci_time(message: Json) -> datetime:
    milliseconds = message.get("timestampEpochMillis")
    if isinstance(milliseconds, int) and not isinstance(milliseconds, bool):
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    return _time(message.get("timestamp"))


def _rule_set_of(body: object) -> Json:
    """Return the third field of a body in the form of Oracle's tutorial, which is a constant there."""
    fields = [field.strip() for field in body.split(",")] if isinstance(body, str) else []
    if len(fields) != _OCI_BODY_FIELDS or not (_OCID.fullmatch(fields[0]) or _PLACEHOLDER.fullmatch(fields[0])):
        return {}
    if not _FORMS["rule_set"].fullmatch(fields[2]):
        return {"reason": f"the rule set in its body is '{fields[2]}', which cannot be one and is ignored"}
    return {"rule_set": fields[2]}


def _cloudwatch_stream(message: Json) -> Json:
    """Read what a CloudWatch alarm sends to SNS. Its Region is a display name, so the region comes from the ARN."""
    trigger = _lowered(message.get("Trigger") or {})
    stream = _cloudwatch(
        message.get("AlarmArn"), message["AlarmName"], message["NewStateValue"], message["StateChangeTime"]
    )
    stream |= _of_one_contributor(message) if stream["state"] == "recovered" else {}
    shown = _shown_by_comparison(trigger)
    # A person may set the state for a test, and then chooses the reason too (API reference, SetAlarmState).
    if shown and not str(message.get("NewStateReason")).startswith(_EVALUATED):
        shown = None
    return stream | _about_health_check(stream["state"], trigger, shown=shown)


def _of_one_contributor(message: Json) -> Json:
    """Report that one of the time series of an alarm has recovered. SNS gets a message of the whole alarm too.

    Source: "Acting on alarm changes" and "Log alarms" in the user guide of CloudWatch.
    """
    contributor = message.get("AlarmContributorId")
    reason = f"it is about one contributor of the alarm ({contributor}), and others may still be in ALARM"
    return {"state": "unknown", "reason": reason} if contributor else {}


def _eventbridge_stream(message: Json) -> Json:
    """Read what a CloudWatch alarm sends to EventBridge."""
    detail = message["detail"]
    state = detail["state"]
    stream = _cloudwatch(message["resources"][0], detail["alarmName"], state["value"], state["timestamp"])
    stream |= _suppressed_by(detail) if stream["state"] == "firing" else {}
    shown = _shown_by_data(state.get("reasonData"))
    return stream | _about_health_check(stream["state"], _lowered(detail.get("configuration") or {}), shown=shown)


def _suppressed_by(detail: Json) -> Json:
    """Report an alarm whose actions are suppressed. EventBridge gets every change of state then, and SNS gets none."""
    by = detail["state"].get("actionsSuppressedBy") or ("a mute rule" if detail.get("muteDetail") else "")
    return {"state": "suppressed", "reason": f"its actions are suppressed by {by}"} if by else {}


def _cloudwatch(arn: str | None, name: str, state: str, changed: str) -> Json:
    region = _ARN.fullmatch(arn) if arn else None
    return {
        "origin": "cloudwatch",
        "state": _known_state(state, _CLOUDWATCH_STATES),
        "name": name,
        "id": arn,
        "at": _time(changed),
        "region": region[1] if region else None,
    }


def _about_health_check(state: str, settings: Json, *, shown: bool | None) -> Json:
    """Return the health check that an alarm is about, if the message is unambiguous.

    :param settings: the settings of the alarm, which SNS calls its trigger and EventBridge its configuration.
    :param shown: whether the message shows that the health check was down; None if it shows nothing of that.
    """
    metrics = list(_metrics_of(settings))
    named = sorted({str(value) for metric in metrics for value in _health_checks_of(metric)})
    doubt = _doubt_about(named, metrics, settings, shown=shown)
    if state != "firing":
        return {"health_check_id": None if doubt else next(iter(named), None)}
    if doubt:
        return {"means_down": False, "reason": f"{doubt}, {_MAP_DECIDES}"}
    return {"health_check_id": named[0], "means_down": bool(shown), "reason": None if shown else _LIVE_STATE_DECIDES}


def _doubt_about(named: list[str], metrics: list[Json], settings: Json, *, shown: bool | None) -> str:
    """Return why an alarm does not prove by itself that one health check is down; empty if it does."""
    if not named:
        return "it names no health check"
    if len(named) > 1:
        return f"it names several health checks ({', '.join(named)})"
    if len(metrics) > 1 or any("expression" in item for item in settings.get("metrics") or []):
        return "it is about what metrics are together"
    (metric,) = metrics
    if (metric.get("namespace"), metric.get("metricname")) != _STATUS_METRIC:
        return f"it is about the metric {metric.get('metricname')}, which does not say that the health check is down"
    statistic = metric.get("extendedstatistic") or metric.get("statistic") or "minimum"
    if str(statistic).lower() not in _STATUS_STATISTICS:
        return f"it is about the statistic {statistic}, which does not say that the health check is down"
    return "it fires while the health check is not down" if shown is False else ""


def _metrics_of(settings: Json) -> Iterator[Json]:
    """Yield every metric that an alarm is about, as SNS and EventBridge write them."""
    if "metricname" in settings or "dimensions" in settings:
        yield settings
    for item in settings.get("metrics") or []:
        if item.get("metricstat"):
            metric = item["metricstat"]["metric"]
            yield {"metricname": metric.get("name"), **metric, "statistic": item["metricstat"].get("stat")}


def _health_checks_of(metric: Json) -> Iterator[object]:
    """Yield the values of its dimension HealthCheckId: by the name, since an alarm may have others before it."""
    given = metric.get("dimensions") or []
    pairs: Iterable[Any] = (
        given.items() if isinstance(given, dict) else [(item["name"], item["value"]) for item in given]
    )
    return (value for name, value in pairs if str(name).lower() == "healthcheckid")


def _shown_by_comparison(trigger: Json) -> bool | None:
    """Whether an alarm fires only on a health check that is down. Its metric is 1 while it is healthy, and 0 if not."""
    operator, threshold = trigger.get("comparisonoperator"), trigger.get("threshold")
    if operator is None or threshold is None:
        return None
    only_if_down = (operator == "LessThanThreshold" and 0 < threshold <= 1) or (
        operator == "LessThanOrEqualToThreshold" and 0 <= threshold < 1
    )
    # "- TreatMissingData:    breaching": the metric may have vanished instead.
    guesses = str(trigger.get("treatmissingdata") or "").lower().split()[-1:] == ["breaching"]
    knows_statistic = any(trigger.get(name) for name in ("statistic", "extendedstatistic", "metrics"))
    return None if only_if_down and (guesses or not knows_statistic) else only_if_down


def _shown_by_data(reported: object) -> bool | None:
    """Whether the data behind a state show a health check that is down. EventBridge sends no comparison."""
    try:
        points = json.loads(str(reported))["recentDatapoints"]
        zero, one = (all(type(point) in (int, float) and point == value for point in points) for value in (0, 1))
    except (KeyError, TypeError, ValueError):
        return None
    return (True if zero else False if one else None) if points else None


def _lowered(given: Json) -> Json:
    """Write the keys in lower case. :raises RefusedError: two keys are the same then, so either could be meant."""
    lowered = {str(name).lower(): _lowered_within(value) for name, value in given.items()}
    if len(lowered) < len(given):
        reason = f"{', '.join(map(str, given))} are names that differ only in the case of letters"
        raise RefusedError(reason)
    return lowered


def _lowered_within(value: object) -> object:
    if isinstance(value, list):
        return [_lowered_within(item) for item in value]
    return _lowered(value) if isinstance(value, dict) else value


def _monitor_stream(message: Json) -> Json:
    """Read what the event source health_monitor reports about one of its targets."""
    monitor = message["monitor"]
    return {
        "origin": "health_monitor",
        "state": _known_state(monitor["state"], _MONITOR_STATES),
        "name": monitor["target"],
        "at": _time(monitor["at"]),
        "service": monitor.get("service"),
        "object": f"monitor:{_distinct(monitor['target'], _TEXT_LENGTH)}",
    }


def _alertmanager_stream(alert: Json) -> Json:
    """Read one alert of a notification. The notification itself is firing for as long as any of its alerts is.

    Source: "webhook_config" in the documentation of Alertmanager, version 4 of its data. The labels distinguish one
    alert from another.
    """
    labels = alert["labels"]
    status = _known_state(alert["status"], _ALERT_STATES)
    identity, name = json.dumps(labels, sort_keys=True), labels["alertname"]
    accelerator = labels["accelerator"].lower() if labels.get("accelerator") else None
    about = f"accelerator:{accelerator}" if accelerator else f"alert:{_with_digest(name, identity, _TEXT_LENGTH)}"
    return {
        "origin": "alertmanager",
        **_state_of_alert(status, name, alert.get("annotations")),
        "name": name,
        "at": _time(alert["startsAt" if status == "firing" else "endsAt"]),
        "identity": identity,
        "object": about,
        "accelerator": accelerator,
        "site": labels.get("site"),
        "reporter": labels.get("reporter"),
    }


def _state_of_alert(status: str, name: object, annotations: object) -> Json:
    """Return the state of an alert. If Grafana's query had no result, the status only shows the setting of the rule."""
    if name in _GRAFANA_ALERTS:
        state = _GRAFANA_ALERTS[str(name)] if status == "firing" else "unknown"
        return {"state": state, "reason": f"{name} is about a data source of Grafana, not about what the rule watches"}
    stated = annotations.get(_GRAFANA_REASON) if isinstance(annotations, dict) else None
    parts = [part.strip() for part in stated.split(",")] if isinstance(stated, str) and stated else []
    found = next((state for part, state in _GRAFANA_REASONS.items() if part in parts), "")
    if not found and (status == "firing" or not parts):
        return {"state": status}
    return {"state": found or "unknown", "reason": f"Grafana gives {stated} as the reason, and no result of its query"}


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
    identifier, name = stream.get("id"), _name(stream.get("name"))
    if identifier is not None and not (_OCID.fullmatch(identifier) or _ARN.fullmatch(identifier)):
        reason = "the id of the alarm is neither an OCID nor an ARN"
        raise RefusedError(reason)
    about = {key: stream.get(key) for key in _FORMS}
    for key, value in about.items():
        if value is not None and not (isinstance(value, str) and _FORMS[key].fullmatch(value)):
            reason = f"{key} is {value!r}, which cannot be one"
            raise RefusedError(reason)
    # OCIDs are the same in any case. An ARN ends with the name of the alarm, which people choose.
    true_id = identifier.lower() if identifier and _OCID.fullmatch(identifier) else identifier
    shown_id = _distinct(true_id, _TEXT_LENGTH) if true_id else None
    found = {
        **about,
        "origin": stream["origin"],
        "state": stream["state"],
        "reason": _text(stream["reason"], _REASON_LENGTH) if stream.get("reason") else None,
        "name": _text(name),
        "at": stream["at"].isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "region": stream.get("region"),
        "id": shown_id,
        "id_digest": _digest(true_id) if true_id else None,
        "means_down": stream.get("means_down"),
        "object": about["load_balancer_id"]
        or about["health_check_id"]
        or stream.get("object")
        or shown_id
        or _distinct(name, _TEXT_LENGTH),
        "owner": _owner(true_id, name),
    }
    return _alarm(**found, key=_key(found, true_id or stream.get("identity") or name))


def _owner(true_id: str | None, name: str) -> str:
    """Return the owner of the hold or lock: the same as long as the alarm exists, and different for each alarm.

    Somebody may rename an alarm of OCI while it fires, so it is the end of the OCID there.
    """
    if true_id and _OCID.fullmatch(true_id):
        return f"alarm:{true_id.rsplit('.', 1)[-1][-16:]}"
    longest = _OWNER_LENGTH - len("alarm:")
    return f"alarm:{_with_digest(name, true_id, longest) if true_id else _distinct(name, longest)}"


def _alarm(**values: object) -> Json:
    """Return an alarm with all possible entries, so that no entry is missing in the conditions of rules."""
    names = ("origin", "state", "reason", "name", "id", "id_digest", "at", "region", "object", "key", "owner")
    return {name: values.get(name) for name in (*names, *_FORMS, "means_down")}


def _key(found: Json, true_name: str) -> str:
    """Return a key: the same for each delivery of a message, and different for each change of state of a stream."""
    reported = [true_name, *(str(found[name]) for name in ("name", "object", "backend_set", "state", "at"))]
    return _digest("\n".join(reported))[:32]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _name(given: object) -> str:
    """Return the name of an alarm. :raises TypeError: it is no text, as no service sends it."""
    if given is not None and not isinstance(given, str):
        raise TypeError(_NO_ALARM_MESSAGE)
    return given or ""


def _text(value: object, longest: int = _TEXT_LENGTH) -> str:
    """Text for people, without anything that a template engine or a terminal would act on."""
    return _NOT_IN_NAMES.sub("_", str(value if value is not None else ""))[:longest]


def _distinct(value: str, longest: int) -> str:
    """Return a unique text for people: the value itself if possible, else with a digest at its end."""
    is_plain = value == _text(value, longest) and value == value.strip() and not _ENDS_LIKE_A_DIGEST.search(value)
    return value if is_plain else _with_digest(value, value, longest)


def _with_digest(value: str, true_value: str, longest: int) -> str:
    digest = _digest(true_value)[:16]
    return f"{_text(value, longest - len(digest) - 1)}-{digest}"
