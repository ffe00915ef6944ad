# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Calls for topics, subscriptions and alarms, each sent once, on plain JSON."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.tidegate.failover.plugins.module_utils._errors import NotFoundError
from ansible_collections.tidegate.failover.plugins.module_utils._oci.calls import Calls
from ansible_collections.tidegate.failover.plugins.module_utils._setup.step import Step
from ansible_collections.tidegate.failover.plugins.module_utils._shape import MapOf, Maybe

Json = dict[str, t.Any]

_TAGS = Maybe(MapOf(str))
_TOPIC = {"topicId": str, "name": str, "lifecycleState": str, "freeformTags": _TAGS}
_SUBSCRIPTION = {"id": str, "protocol": str, "endpoint": str, "lifecycleState": str, "freeformTags": _TAGS}
_ALARM = {"id": str, "displayName": str, "lifecycleState": str, "freeformTags": _TAGS}
#: Kind -> the path of one object, and of all objects.
_ONE = {"topic": "/topics/{id}", "subscription": "/subscriptions/{id}", "alarm": "/alarms/{id}"}
_ALL = {"topic": "/topics", "subscription": "/subscriptions", "alarm": "/alarms"}
_SHAPES = {"topic": _TOPIC, "subscription": _SUBSCRIPTION, "alarm": _ALARM}


@dataclass(frozen=True)
class Alarming:
    """The topic, the subscriptions and the alarm of one set-up, with etags by OCID."""

    topic: Json | None = None
    subscriptions: tuple[Json, ...] = ()
    alarm: Json | None = None
    etags: Json = field(default_factory=dict)


class AlarmingApi:
    """Calls for one topic and one alarm of the same name in one compartment.

    :param monitoring: a client of the Monitoring service.
    :param topics: a client of the Notifications service.
    :param own_topic: whether the alarm has a topic of its own. Otherwise no topic and no subscription is read.
    """

    def __init__(
        self, monitoring: t.Any, topics: t.Any, compartment_id: str, name: str, *, own_topic: bool = True
    ) -> None:
        self._monitoring = Calls(monitoring, "OCI Monitoring", "manage alarms")
        self._topics = Calls(topics, "OCI Notifications", "manage ons-family")
        self._compartment = {"compartmentId": compartment_id}
        self._name = name
        self._own_topic = own_topic

    def read(self) -> Alarming:
        """Read the whole set-up. A resource that is being deleted counts as gone."""
        etags: Json = {}
        by_name = {"name": self._name}
        topic = self._found(self._topics, "topic", by_name, "topicId", etags) if self._own_topic else None
        subscriptions = self._subscriptions(topic["topicId"]) if topic else []
        for one in subscriptions:
            etags[one["id"]] = one.get("etag") or self._etag(self._topics, "subscription", one["id"])
        alarm = self._found(self._monitoring, "alarm", {"displayName": self._name}, "id", etags)
        return Alarming(topic, tuple(subscriptions), alarm, etags)

    def _found(self, calls: Calls, kind: str, query: Json, id_field: str, etags: Json) -> Json | None:
        listed = calls.pages(f"list {kind}s", _ALL[kind], _SHAPES[kind], {**self._compartment, **query})
        for one in listed:
            if one["lifecycleState"] not in ("DELETING", "DELETED"):
                what = f"read {kind} {self._name!r}"
                found, etag = calls.get(what, _ONE[kind], _SHAPES[kind], id=one[id_field])
                etags[one[id_field]] = etag
                return t.cast(Json, found)
        return None

    def _subscriptions(self, topic_id: str) -> list[Json]:
        query = {**self._compartment, "topicId": topic_id}
        found = self._topics.pages("list subscriptions", _ALL["subscription"], _SUBSCRIPTION, query)
        return [one for one in found if one["lifecycleState"] != "DELETED"]

    def _etag(self, calls: Calls, kind: str, identifier: str) -> str:
        return calls.get(f"read {kind} {identifier}", _ONE[kind], _SHAPES[kind], id=identifier)[1]

    def write(self, step: Step, etags: Json) -> Json:
        """Take one step. Returns the object afterwards, as far as the response shows it."""
        calls = self._monitoring if step.kind == "alarm" else self._topics
        action = f"{step.verb} {step.kind} {step.name!r}"
        if step.verb == "create":
            return calls.post(action, _ALL[step.kind], {**self._compartment, **step.body}, _SHAPES[step.kind])[0]
        etag = etags.get(step.identifier, "")
        if step.verb == "update":
            calls.put(action, _ONE[step.kind], step.body, etag, id=step.identifier)
            return step.body
        calls.delete(action, _ONE[step.kind], etag, id=step.identifier)
        return {}

    def topic_state(self, topic_id: str) -> str:
        """The topic's lifecycle state; empty once it is gone."""
        try:
            return str(self._topics.get("read the topic", _ONE["topic"], _TOPIC, id=topic_id)[0]["lifecycleState"])
        except NotFoundError:
            return ""

    def subscription_state(self, subscription_id: str) -> str:
        """The subscription's lifecycle state."""
        found, _etag = self._topics.get(
            "read the subscription", _ONE["subscription"], _SUBSCRIPTION, id=subscription_id
        )
        return str(found["lifecycleState"])

    def resend_confirmation(self, subscription_id: str) -> None:
        """Ask the endpoint once more to confirm."""
        path = f"{_ONE['subscription']}/resendConfirmation"
        self._topics.post("ask the endpoint to confirm", path, {}, dict, id=subscription_id)
