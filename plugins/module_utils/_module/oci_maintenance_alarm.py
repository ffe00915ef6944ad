# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``oci_maintenance_alarm``."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from functools import partial

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    RefusedError,
    TidegateError,
    WaitTimeoutError,
    failure,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.oci_options import (
    oci_argument_spec,
    require_oci,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.secrets import DiscreetModule
from ansible_collections.tidegate.failover.plugins.module_utils._module.set_up import (
    check_wait_timeout,
    converge_and_exit,
    wait_for,
)
from ansible_collections.tidegate.failover.plugins.module_utils._oci.alarming import Alarming, AlarmingApi
from ansible_collections.tidegate.failover.plugins.module_utils._oci.auth import (
    SignIn,
    load_balancer_client,
    monitoring_client,
    sign_in_with,
    topic_client,
)
from ansible_collections.tidegate.failover.plugins.module_utils._oci.load_balancers import LoadBalancerApi
from ansible_collections.tidegate.failover.plugins.module_utils._setup import alarm
from ansible_collections.tidegate.failover.plugins.module_utils._setup.alarm_query import (
    all_unhealthy,
    check_query,
    watched,
)
from ansible_collections.tidegate.failover.plugins.module_utils._setup.step import Step

Json = dict[str, t.Any]

_FOR_PRESENT = ["load_balancer_id", "backend_set", "rule_set"]


def create_module() -> AnsibleModule:
    """The Ansible module with its argument spec."""
    return DiscreetModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "name": {"type": "str", "required": True},
            "compartment_id": {"type": "str", "required": True},
            "metric_compartment_id": {"type": "str"},
            "load_balancer_id": {"type": "str"},
            "backend_set": {"type": "str"},
            "rule_set": {"type": "str"},
            "rule_set_to_come": {"type": "bool", "default": False},
            "query": {"type": "str"},
            "endpoint": {"type": "str"},
            "endpoint_username": {"type": "str"},
            "endpoint_password": {"type": "str", "no_log": True},
            "function_id": {"type": "str"},
            "topic_id": {"type": "str"},
            "pending_minutes": {"type": "int", "default": 1},
            "repeat_minutes": {"type": "int", "default": 5},
            "slack_minutes": {"type": "int", "default": 3},
            "severity": {"type": "str", "choices": ["CRITICAL", "ERROR", "WARNING", "INFO"], "default": "CRITICAL"},
            "adopt": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 600},
            **oci_argument_spec(),
        },
        mutually_exclusive=[
            ("endpoint", "function_id", "topic_id"),
            ("function_id", "endpoint_username"),
            ("topic_id", "endpoint_username"),
        ],
        required_if=[
            ("state", "present", _FOR_PRESENT),
            ("state", "present", ["endpoint", "function_id", "topic_id"], True),
        ],
        supports_check_mode=True,
    )


def run(module: AnsibleModule) -> None:
    """Bring topic, subscription and alarm to the requested state."""
    require_oci(module)
    params = module.params
    deadline = Deadline(params["wait_timeout"], Clock())
    try:
        check_wait_timeout(params)
        alarm.check_name(params["name"])
        sign_in = sign_in_with(params)
        task = _Task(params, sign_in, deadline)
        present = params["state"] == "present"
        receiver = alarm.receiver_from(params) if present and not params["topic_id"] else None
        query, warnings = task.query(check_mode=module.check_mode) if present else ("", [])
    except TidegateError as problem:
        module.fail_json(**failure(problem), changed=False)
    for warning in warnings:
        module.warn(warning)
    converge_and_exit(
        module,
        read=task.api.read,
        decide=partial(_decide, params, query, receiver),
        write=task.write,
        apply=_after,
        picture=_picture,
        deadline=deadline,
        finish=partial(task.finish, receiver),
    )


class _Task:
    """The calls of one task."""

    def __init__(self, params: t.Mapping[str, t.Any], sign_in: SignIn, deadline: Deadline) -> None:
        self._params = params
        self._sign_in = sign_in
        self._deadline = deadline
        options = {"wait_timeout": params["wait_timeout"], "sign_in": sign_in}
        monitoring, topics = monitoring_client(params, **options), topic_client(params, **options)
        self.api = AlarmingApi(
            monitoring, topics, params["compartment_id"], params["name"], own_topic=not params["topic_id"]
        )

    def query(self, *, check_mode: bool) -> tuple[str, list[str]]:
        """The alarm's query, and warnings about it. :raises TidegateError: the query is not valid."""
        params = self._params
        self._check_topic()
        client = load_balancer_client(params, wait_timeout=params["wait_timeout"], sign_in=self._sign_in)
        api = LoadBalancerApi(client, params["load_balancer_id"])
        seen = call_patiently(api.read, self._deadline).data
        to_come = check_mode and params["rule_set_to_come"]
        if params["rule_set"] not in seen["ruleSets"] and not to_come:
            raise RefusedError(
                f"Load balancer {params['load_balancer_id']} has no rule set {params['rule_set']!r}, which the alarm's "
                f"messages would name. It has: {', '.join(sorted(seen['ruleSets'])) or 'none'}. Create it first, for "
                "instance with oci_maintenance_page."
            )
        target = watched(seen, str(seen.get("id") or params["load_balancer_id"]), params["backend_set"])
        query = params["query"] or all_unhealthy(target)
        return query, check_query(query, target)

    def _check_topic(self) -> None:
        topic_id = self._params["topic_id"]
        if topic_id and (state := call_patiently(lambda: self.api.topic_state(topic_id), self._deadline)) != "ACTIVE":
            raise RefusedError(
                f"Topic {topic_id} is {state or 'not there'}, and an alarm can only send to an active one. Nothing was "
                "changed. Check topic_id."
            )

    def write(self, seen: Alarming, step: Step) -> Alarming:
        """Take a step, and wait until it has taken effect."""
        made = self.api.write(step, seen.etags)
        if step.kind == "topic" and step.verb != "update":
            topic_id = step.identifier or made["topicId"]
            wanted = ["ACTIVE"] if step.verb == "create" else ["", "DELETED"]
            wait_for(lambda: self.api.topic_state(topic_id), wanted, f"topic {step.name!r}", self._deadline)
        return _after(seen, replace(step, body={**step.body, **made}))

    def finish(self, receiver: alarm.Receiver | None, seen: Alarming) -> Json:
        """Wait until the endpoint has confirmed its subscription."""
        alarm_id = seen.alarm["id"] if seen.alarm else None
        if receiver is None:
            present = self._params["state"] == "present"
            return {"topic_id": self._params["topic_id"], "alarm_id": alarm_id} if present else {}
        one = alarm.subscription_of(receiver, call_patiently(self.api.read, self._deadline).subscriptions)
        if one is None:
            raise RefusedError(
                f"The subscription of {receiver.shown} is gone: somebody else deleted it. Run this again."
            )
        topic_id = seen.topic["topicId"] if seen.topic else None
        if one["lifecycleState"] == "PENDING":
            self._confirmed(one["id"], receiver, topic_id)
        return {"topic_id": topic_id, "subscription_id": one["id"], "alarm_id": alarm_id}

    def _confirmed(self, subscription_id: str, receiver: alarm.Receiver, topic_id: str | None) -> None:
        self.api.resend_confirmation(subscription_id)
        try:
            wait_for(
                lambda: self.api.subscription_state(subscription_id), ["ACTIVE"], "the subscription", self._deadline
            )
        except WaitTimeoutError as problem:
            raise WaitTimeoutError(
                f"The subscription of {receiver.shown} exists and is not confirmed: the endpoint did not confirm "
                f"within {self._deadline.timeout:g} s, so it gets no alarms yet. Give the rulebook that listens "
                f"there the topic {topic_id} in oci_notifications_topics and start it (its source confirms by itself). "
                "Check that OCI can reach the address, that its certificate is by a public authority and that user and "
                "password are right. The rulebook's log shows each confirmation that it refuses, with the reason. Then "
                "run this again, which asks the endpoint once more."
            ) from problem


def _decide(params: t.Mapping[str, t.Any], query: str, receiver: alarm.Receiver | None, seen: Alarming) -> list[Step]:
    if params["state"] == "present" and receiver is None:
        return alarm.steps_to_have_alarm(params, query, seen.alarm)
    if receiver is None:
        return alarm.steps_to_remove(params, seen.topic, seen.subscriptions, seen.alarm)
    return alarm.steps_to_have(params, query, receiver, seen.topic, seen.subscriptions, seen.alarm)


def _after(seen: Alarming, step: Step) -> Alarming:
    """The resources after a step."""
    if step.kind == "subscription":
        return replace(seen, subscriptions=_subscriptions_after(seen.subscriptions, step))
    found = seen.topic if step.kind == "topic" else seen.alarm
    after = None if step.verb == "delete" else {**(found or {}), **step.body}
    return replace(seen, topic=after) if step.kind == "topic" else replace(seen, alarm=after)


def _subscriptions_after(found: tuple[Json, ...], step: Step) -> tuple[Json, ...]:
    if step.verb == "create":
        return (*found, step.body)
    others = tuple(one for one in found if one["id"] != step.identifier)
    updated = tuple({**one, **step.body} for one in found if one["id"] == step.identifier)
    return others if step.verb == "delete" else (*others, *updated)


def _picture(seen: Alarming) -> Json:
    """The resources as they are, without passwords."""
    topic, found = seen.topic, seen.alarm
    shown = (
        "displayName",
        "query",
        "pendingDuration",
        "evaluationSlackDuration",
        "repeatNotificationDuration",
        "severity",
        "body",
        "isNotificationsPerMetricDimensionEnabled",
        "isEnabled",
        "suppression",
        "destinations",
    )
    return {
        "topic": {"name": topic["name"], "freeformTags": topic.get("freeformTags")} if topic else None,
        "subscriptions": [
            {"protocol": one["protocol"], "endpoint": alarm.without_password(one["endpoint"])}
            for one in seen.subscriptions
        ],
        "alarm": {name: found.get(name) for name in shown} if found else None,
    }
