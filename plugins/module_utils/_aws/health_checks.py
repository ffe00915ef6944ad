# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Calls for Route 53 health checks, each sent once, paced, with the collection's own errors."""

from __future__ import annotations

import threading
import typing as t
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._aws.answers import checked
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import ThrottledError, translated
from ansible_collections.tidegate.failover.plugins.module_utils._aws.pacing import Pacer
from ansible_collections.tidegate.failover.plugins.module_utils._aws.service_clock import ServiceClock, date_of
from ansible_collections.tidegate.failover.plugins.module_utils._errors import TransientError, UnexpectedAnswerError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import Change, HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.observations import (
    Observation,
    read_observations,
)

Json = dict[str, t.Any]
Tags = dict[str, str]

#: API reference: ids that ListTagsForResources takes, keys that ChangeTagsForResource removes, and checks that one page
#: of ListHealthChecks can hold.
TAGS_AT_ONCE = 10
TAG_KEYS_AT_ONCE = 10
_LARGEST_PAGE = "1000"
#: Requests at the same time. The service responds within tenths of a second, so this is enough for any usual limit.
_AT_ONCE = 8


class HealthCheckApi:
    """Calls in one account. Threads may share it.

    :param client: a boto3 client of ``route53`` that does not retry by itself.
    :ivar client: that client.
    :ivar clock: the time by the service's clock, after the first response.
    """

    def __init__(self, client: t.Any, pacer: Pacer, clock: ServiceClock | None = None) -> None:
        self.clock = clock or ServiceClock()
        self.client = client
        self._pacer = pacer
        self._slots = threading.BoundedSemaphore(_AT_ONCE)

    def read(self, check_id: str) -> HealthCheck:
        """GetHealthCheck."""
        answer = self._call(f"read health check {check_id}", "get_health_check", HealthCheckId=check_id)
        return _health_check(answer["HealthCheck"])

    def page(self, marker: str | None) -> tuple[list[HealthCheck], str | None]:
        """ListHealthChecks: one page of the greatest size, and the marker of the next page."""
        start = {"Marker": marker} if marker else {}
        answer = self._call("list health checks", "list_health_checks", MaxItems=_LARGEST_PAGE, **start)
        return [_health_check(item) for item in answer["HealthChecks"]], answer.get("NextMarker")

    def update(self, check: HealthCheck, change: Change) -> tuple[HealthCheck, datetime | None]:
        """UpdateHealthCheck, if the health check is still at the version that was read.

        :returns: the health check now, and the latest time of the change by the service's clock, if it is known.
        """
        try:
            answer = self._call(
                f"update health check {check.id}",
                "update_health_check",
                HealthCheckId=check.id,
                HealthCheckVersion=check.version,
                **change.parameters(),
            )
        except UnexpectedAnswerError as problem:
            # The update may have taken effect, but the response does not show it.
            raise TransientError(str(problem), effect_unknown=True) from problem
        return _health_check(answer["HealthCheck"]), _date(answer)

    def create(self, reference: str, config: Json) -> HealthCheck:
        """CreateHealthCheck. A repeated call with the same reference and settings returns the first health check."""
        answer = self._call(
            "create a health check", "create_health_check", CallerReference=reference, HealthCheckConfig=config
        )
        return _health_check(answer["HealthCheck"])

    def configure(self, check: HealthCheck, settings: Json) -> HealthCheck:
        """UpdateHealthCheck of settings other than a lock's, if it is still at the version that was read."""
        action, version = f"update health check {check.id}", check.version
        answer = self._call(
            action, "update_health_check", HealthCheckId=check.id, HealthCheckVersion=version, **settings
        )
        return _health_check(answer["HealthCheck"])

    def delete(self, check_id: str) -> None:
        """DeleteHealthCheck."""
        self._call(f"delete health check {check_id}", "delete_health_check", HealthCheckId=check_id)

    def tags(self, check_ids: Sequence[str]) -> dict[str, Tags]:
        """ListTagsForResources, of at most :data:`TAGS_AT_ONCE` health checks, by id.

        A health check that is missing in the response is read alone, by ListTagsForResource. It may have tags, and they
        may select it, or contain its path or the state of a run.
        """
        answer = self._call(
            f"list the tags of {', '.join(check_ids)}",
            "list_tags_for_resources",
            ResourceType="healthcheck",
            ResourceIds=list(check_ids),
        )
        found = {item["ResourceId"]: _tags(item) for item in answer["ResourceTagSets"]}
        return {check_id: found[check_id] if check_id in found else self._tags_of(check_id) for check_id in check_ids}

    def _tags_of(self, check_id: str) -> Tags:
        action, operation = f"list the tags of {check_id}", "list_tags_for_resource"
        return _tags(self._call(action, operation, ResourceType="healthcheck", ResourceId=check_id)["ResourceTagSet"])

    def add_tags(self, check_id: str, tags: Mapping[str, str], instead_of: Sequence[str] = ()) -> None:
        """ChangeTagsForResource: add or change tags, and remove at most :data:`TAG_KEYS_AT_ONCE` others."""
        added = [{"Key": key, "Value": value} for key, value in tags.items()]
        removed = {"RemoveTagKeys": list(instead_of)} if instead_of else {}
        self._change_tags(check_id, AddTags=added, **removed)

    def remove_tags(self, check_id: str, keys: Sequence[str]) -> None:
        """ChangeTagsForResource: remove at most :data:`TAG_KEYS_AT_ONCE` tags. Missing tags are no error."""
        self._change_tags(check_id, RemoveTagKeys=list(keys))

    def observations(self, check_id: str) -> list[Observation]:
        """GetHealthCheckStatus: the last result of each checker. Its reference advises against high rates."""
        answer = self._call(
            f"read the status of health check {check_id}", "get_health_check_status", HealthCheckId=check_id
        )
        return read_observations(answer["HealthCheckObservations"])

    def _change_tags(self, check_id: str, **change: t.Any) -> None:
        self._call(
            f"change the tags of health check {check_id}",
            "change_tags_for_resource",
            ResourceType="healthcheck",
            ResourceId=check_id,
            **change,
        )

    def _call(self, action: str, operation: str, **parameters: t.Any) -> Json:
        with self._slots:
            sent = self._pacer.wait_turn()
            try:
                with translated(action, self.client.meta.endpoint_url):
                    begun = self.clock.begin()
                    answer = getattr(self.client, operation)(**parameters)
                    self.clock.answered(begun, answer)
            except ThrottledError:
                self._pacer.throttled(sent)
                raise
            self._pacer.passed()
            return checked(action, self.client.meta.endpoint_url, operation, answer)


def _health_check(item: Json) -> HealthCheck:
    reference = str(item.get("CallerReference") or "")
    return HealthCheck(item["Id"], item["HealthCheckConfig"], int(item["HealthCheckVersion"]), reference)


def _tags(item: Json) -> Tags:
    return {tag["Key"]: tag.get("Value", "") for tag in item.get("Tags", [])}


def _date(answer: Json) -> datetime | None:
    """The end of the second of the Date header, because checks earlier in this second may precede the change."""
    date = date_of(answer)
    return date + timedelta(seconds=1) if date else None
