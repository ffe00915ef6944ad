# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Findings about alarms, topics and subscriptions that differ from what was set up."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from ansible_collections.tidegate.failover.plugins.module_utils._drift.finding import Finding, Repair, not_observed
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import time_from
from ansible_collections.tidegate.failover.plugins.module_utils._setup.alarm import without_password

Json = Mapping[str, t.Any]

_AWS_SETUP = "run the role aws_setup, or what has made it, again."
_OCI_SETUP = "run the playbook setup again, which puts it back."
_CHANGED = "find out who changed it. "


def findings(alarm: Json, expected: Json) -> list[Finding]:
    """Findings about one CloudWatch alarm.

    :param alarm: the result of ``failover_alarms`` for it.
    :param expected: the expected alarm, from the variables.
    """
    name = str(expected["name"])
    if alarm["failed"]:
        return [not_observed(f"alarm {name}", str(alarm["msg"]))]
    return [*_of_alarm(alarm, expected), *_of_topic(alarm, expected)]


def _of_alarm(alarm: Json, expected: Json) -> Iterator[Finding]:
    name = str(expected["name"])
    if not alarm["exists"]:
        yield Finding("alarm_missing", name, "There is no alarm of that name.", "the alarm.", _AWS_SETUP)
        return
    if not alarm["actions_enabled"]:
        named = {key: expected[key] for key in ("name", "region") if expected.get(key)}
        yield Finding(
            "alarm_disabled",
            name,
            "The alarm's actions are disabled, so it notifies nobody.",
            "an alarm whose actions are enabled.",
            f"{_CHANGED}To enable them, run the drift watch with drift_repair=alarm_disabled.",
            Repair("failover_alarms", {"alarms": [named], "actions": "enabled"}),
        )
    topic = expected.get("topic")
    if topic and not any(_is_topic(action, str(topic)) for action in alarm["alarm_actions"]):
        found = ", ".join(alarm["alarm_actions"]) or "nobody"
        yield Finding("alarm_changed", name, f"The alarm notifies {found}.", f"topic {topic}.", _CHANGED + _AWS_SETUP)


def _of_topic(alarm: Json, expected: Json) -> Iterator[Finding]:
    topic, endpoint = expected.get("topic"), without_password(str(expected.get("endpoint") or ""))
    if not topic:
        return
    place = f"{topic} {endpoint}".rstrip()
    wanted = endpoint or "at least one subscription"
    if alarm["subscriptions"] is None:
        yield Finding("subscription_missing", place, "There is no such topic.", f"the topic with {wanted}.", _AWS_SETUP)
        return
    ours = [one for one in alarm["subscriptions"] if not endpoint or _is_endpoint(str(one["endpoint"]), endpoint)]
    if not ours:
        others = ", ".join(str(one["protocol"]) for one in alarm["subscriptions"]) or "nobody"
        observed = f"The topic delivers to {others}, not to this endpoint."
        yield Finding("subscription_missing", place, observed, f"a subscription of {wanted}.", _AWS_SETUP)
    elif not any(one["confirmed"] for one in ours):
        yield Finding(
            "subscription_missing",
            place,
            "The subscription is not confirmed, so it gets nothing.",
            "a confirmed subscription.",
            "start the service that listens at that endpoint, and request the confirmation again.",
        )


def _is_topic(action: str, topic: str) -> bool:
    return action == topic if topic.startswith("arn:") else action.rpartition(":")[2] == topic


def _is_endpoint(found: str, wanted: str) -> bool:
    """Whether an endpoint is the expected one. For an ARN, its last part may be given alone."""
    return found == wanted or (found.startswith("arn:") and found.rpartition(":")[2] == wanted)


def findings_of_oci(name: str, answer: Json, options: Mapping[str, t.Any], now: datetime) -> list[Finding]:
    """Findings about one OCI alarm, its topic and its subscription.

    :param answer: the prediction of ``oci_maintenance_alarm``.
    :param options: the options of that module, which restore everything.
    :param now: the present time, because a suppression counts only while it is in force.
    """
    if answer.get("failed"):
        return [not_observed(f"alarm {name}", str(answer.get("msg")))]
    suppressed = _suppressed(name, ((answer.get("before") or {}).get("alarm") or {}).get("suppression"), now)
    return [*suppressed, *(_changed_in_oci(name, answer, options) if answer.get("changed") else ())]


def _suppressed(name: str, suppression: Json | None, now: datetime) -> Iterator[Finding]:
    """The finding of a suppression that is in force now."""
    if not suppression or not _includes(suppression, now):
        return
    why = f" ({suppression['description']})" if suppression.get("description") else ""
    yield Finding(
        "alarm_suppressed",
        name,
        f"The alarm is suppressed until {suppression.get('timeSuppressUntil')}{why}, so it notifies nobody.",
        "an alarm that notifies when it fires.",
        "let it end, if it belongs to a planned window. Otherwise find out who added it, and remove it (in the API: "
        "RemoveAlarmSuppression).",
    )


def _includes(suppression: Json, now: datetime) -> bool:
    """Whether a suppression is in force. A suppression whose times cannot be parsed counts as in force."""
    begins, ends = (_time(suppression.get(name)) for name in ("timeSuppressFrom", "timeSuppressUntil"))
    return (begins is None or begins <= now) and (ends is None or now <= ends)


def _time(text: t.Any) -> datetime | None:
    try:
        return time_from(text)
    except RefusedError:
        return None


def _changed_in_oci(name: str, answer: Json, options: Mapping[str, t.Any]) -> list[Finding]:
    """Findings about the parts of the alarm, its topic and its subscription that would be restored."""
    before, after = answer.get("before") or {}, answer.get("after") or {}
    alarm = before.get("alarm")
    fields = _differing(alarm or {}, after.get("alarm") or {})
    lacking = [one for one in after.get("subscriptions") or () if one not in (before.get("subscriptions") or ())]
    found: list[Finding] = []
    if alarm is None:
        found.append(Finding("alarm_missing", name, "There is no alarm of that name.", "the alarm.", _OCI_SETUP))
    elif not alarm.get("isEnabled"):
        whole = not lacking and bool(before.get("topic") or options.get("topic_id"))
        found.append(_disabled(name, options, alone=whole and fields == ["isEnabled"]))
        fields.remove("isEnabled")
    if alarm is not None and fields:
        observed = f"It differs in {', '.join(fields)}."
        found.append(Finding("alarm_changed", name, observed, "the alarm as it was set up.", _CHANGED + _OCI_SETUP))
    if options.get("topic_id") is None and (not before.get("topic") or lacking):
        place = ", ".join(str(one["endpoint"]) for one in lacking)
        observed = "The topic has no such subscription." if before.get("topic") else "There is no topic of that name."
        expected = f"a subscription of {place}." if place else "the topic with its subscription."
        found.append(Finding("subscription_missing", f"{name} {place}".rstrip(), observed, expected, _OCI_SETUP))
    return found or [_other(name, answer)]


def _disabled(name: str, options: Mapping[str, t.Any], *, alone: bool) -> Finding:
    """The finding of a disabled alarm. The module restores everything, so it repairs only if nothing else differs."""
    how = f"{_CHANGED}To enable it, run the drift watch with drift_repair=alarm_disabled."
    return Finding(
        "alarm_disabled",
        name,
        "The alarm is disabled, so it notifies nobody.",
        "an enabled alarm.",
        how if alone else _CHANGED + _OCI_SETUP,
        Repair("oci_maintenance_alarm", dict(options), "oci") if alone else None,
    )


def _other(name: str, answer: Json) -> Finding:
    steps = "; ".join(str(step) for step in answer.get("steps") or ())
    observed = f"Setting it up again would do this: {steps}."
    return Finding("alarm_changed", name, observed, "everything as it was set up.", _CHANGED + _OCI_SETUP)


def _differing(before: Json, after: Json) -> list[str]:
    return sorted(field for field in {*before, *after} if before.get(field) != after.get(field))


def problems_of_alarms(given: Sequence[Json]) -> list[str]:
    """The problems of ``drift_alarms``, a sentence each."""
    known = {"name", "region", "topic", "endpoint"}
    wrong = [
        f"drift_alarms[{number}] has no name. Give one." for number, one in enumerate(given) if not one.get("name")
    ]
    unknown = sorted({str(key) for one in given for key in one if key not in known})
    return wrong + (
        [f"drift_alarms has {', '.join(unknown)}. An alarm has {', '.join(sorted(known))}."] if unknown else []
    )
