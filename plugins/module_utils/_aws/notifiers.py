# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Reads alarms of CloudWatch and the topics that they notify, and enables the actions of alarms."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._aws.answers import checked
from ansible_collections.tidegate.failover.plugins.module_utils._aws.cloudwatch import ALARMS_AT_ONCE
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import translated
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._setup.alarm import without_password

Json = dict[str, t.Any]

_PENDING = "PendingConfirmation"


class NotifiersApi:
    """The alarms and topics of one Region.

    :param connect: makes boto3 clients that do not retry by themselves, by the service's name.
    :param new_deadline: returns the deadline of one call.
    """

    def __init__(self, connect: Callable[[str], t.Any], new_deadline: Callable[[], Deadline]) -> None:
        self._connect, self._new_deadline = connect, new_deadline
        self._clients: dict[str, t.Any] = {}

    def alarms(self, names: Sequence[str]) -> dict[str, Json]:
        """DescribeAlarms: the alarms that exist, by name.

        :raises TidegateError: see :mod:`_errors`.
        """
        found: dict[str, Json] = {}
        for start in range(0, len(names), ALARMS_AT_ONCE):
            some = list(names[start : start + ALARMS_AT_ONCE])
            kinds = ["MetricAlarm", "CompositeAlarm"]
            more = {"AlarmNames": some, "AlarmTypes": kinds, "MaxRecords": ALARMS_AT_ONCE}
            action = f"read alarms {', '.join(some)}"
            for page in self._pages("cloudwatch", action, "describe_alarms", more) or ():
                listed = [*page["MetricAlarms"], *page.get("CompositeAlarms", [])]
                found |= {str(alarm["AlarmName"]): alarm for alarm in listed}
        return found

    def enable_actions(self, names: Sequence[str]) -> None:
        """EnableAlarmActions, which changes no other setting of the alarms."""
        for start in range(0, len(names), ALARMS_AT_ONCE):
            some = list(names[start : start + ALARMS_AT_ONCE])
            self._call(
                "cloudwatch", f"enable the actions of {', '.join(some)}", "enable_alarm_actions", AlarmNames=some
            )

    def account(self) -> str:
        """The partition and the account of the credentials, as ``partition:account``."""
        answer = self._call("sts", "read whose credentials these are", "get_caller_identity") or {}
        _arn, partition, _service, _region, account = str(answer["Arn"]).split(":")[:5]
        return f"{partition}:{account}"

    @property
    def region(self) -> str:
        """The Region of the clients."""
        return str(self._client("cloudwatch").meta.region_name)

    def subscriptions(self, topic_arn: str) -> list[Json] | None:
        """ListSubscriptionsByTopic; None if there is no such topic.

        :raises TidegateError: see :mod:`_errors`.
        """
        action = f"list the subscriptions of {topic_arn}"
        pages = self._pages("sns", action, "list_subscriptions_by_topic", {"TopicArn": topic_arn}, "NotFoundException")
        if pages is None:
            return None
        return [
            {
                "protocol": str(one["Protocol"]),
                "endpoint": without_password(str(one.get("Endpoint") or "")),
                "confirmed": one.get("SubscriptionArn") not in (None, "", _PENDING),
            }
            for page in pages
            for one in page["Subscriptions"]
        ]

    def _pages(
        self, service: str, action: str, operation: str, parameters: Mapping[str, t.Any], missing: str = ""
    ) -> list[Json] | None:
        """All pages; None if the service reports that the resource does not exist.

        :param missing: the name of that exception.
        """
        pages: list[Json] = []
        page: Json = {}
        while True:
            answer = self._call(service, action, operation, missing, **parameters, **page)
            if answer is None:
                return None
            pages.append(answer)
            if not answer.get("NextToken"):
                return pages
            page = {"NextToken": answer["NextToken"]}

    def _call(self, service: str, action: str, operation: str, missing: str = "", **parameters: t.Any) -> Json | None:
        client = self._client(service)
        endpoint = str(client.meta.endpoint_url)
        is_missing: tuple[type[Exception], ...] = (getattr(client.exceptions, missing),) if missing else ()

        def call() -> Json | None:
            with translated(action, endpoint):
                try:
                    answer = getattr(client, operation)(**parameters)
                except is_missing:
                    return None
            return checked(action, endpoint, operation, answer)

        return call_patiently(call, self._new_deadline())

    def _client(self, service: str) -> t.Any:
        if service not in self._clients:
            self._clients[service] = self._connect(service)
        return self._clients[service]
