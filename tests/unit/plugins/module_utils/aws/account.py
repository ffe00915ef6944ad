# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Route 53 in memory, in the place of a boto3 client: with versions, conflicts and whatever else a test lets happen."""

from __future__ import annotations

import threading
import typing as t
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import HealthCheckApi
from ansible_collections.tidegate.failover.plugins.module_utils._aws.pacing import Pacer
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from botocore.exceptions import ClientError

from ..clocks import FakeClock

Json = dict[str, t.Any]
Effect = Callable[[], Json]
Event = Callable[[Effect], Json]

ZONE_READS = ("list_hosted_zones", "list_hosted_zones_by_name", "list_resource_record_sets")
READS = ("get_health_check", "list_health_checks", "list_tags_for_resources")
WRITES = ("update_health_check", "change_tags_for_resource")


def refused(code: str, status: int = 400) -> Event:
    """A call that is not carried out."""

    def event(_effect: Effect) -> Json:
        raise ClientError(_error(code, status), "Call")

    return event


def answer_lost(code: str = "InternalFailure", status: int = 500) -> Event:
    """A call that is carried out, but whose response is lost."""

    def event(effect: Effect) -> Json:
        effect()
        raise ClientError(_error(code, status), "Call")

    return event


def preceded_by(rival: Callable[[], object]) -> Event:
    """A call before which somebody else does something."""

    def event(effect: Effect) -> Json:
        rival()
        return effect()

    return event


class Account:
    """The health checks of an account, and their tags.

    :ivar calls: the operations that were called, in order.
    :ivar ahead: seconds by which the service's clock is ahead of this machine's; None if its answers are not dated.
    :ivar observations: what the checkers saw of every health check but those of ``observations_of``.
    :ivar records: the records of each zone, by its name, which is its id too.
    """

    def __init__(self, *checks: HealthCheck, tags: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.checks = {check.id: check for check in checks}
        self.tags: dict[str, dict[str, str]] = defaultdict(dict)
        for check_id, its in (tags or {}).items():
            self.tags[check_id] = dict(its)
        self.calls: list[str] = []
        self.ahead: float | None = 0
        self.clock = FakeClock()
        self.api = HealthCheckApi(self, Pacer(self.clock))
        self.meta = SimpleNamespace(endpoint_url="https://route53.example.com")
        self.page_size = 1000
        self.observations: list[Json] = []
        self.observations_of: dict[str, list[Json]] = {}
        self.records: dict[str, list[Json]] = {}
        self._events: dict[str, deque[Event]] = defaultdict(deque)
        self._lock = threading.RLock()

    def at_next(self, operation: str, *events: Event) -> None:
        """Let something happen at each of the next calls of an operation."""
        self._events[operation].extend(events)

    def deadline(self) -> Deadline:
        """A minute that costs no time."""
        return Deadline(60, self.clock)

    def change(self, check_id: str, **config: t.Any) -> None:
        """What somebody does who writes without a version."""
        check = self.checks[check_id]
        self.checks[check_id] = replace(check, config={**check.config, **config}, version=check.version + 1)

    @property
    def written(self) -> list[str]:
        """The calls that change something."""
        return [call for call in self.calls if call in WRITES]

    # What a boto3 client has.

    def get_health_check(self, **given: t.Any) -> Json:
        return self._called("get_health_check", lambda: {"HealthCheck": _reported(self._found(given["HealthCheckId"]))})

    def list_health_checks(self, **given: t.Any) -> Json:
        def page() -> Json:
            ids = [check_id for check_id in self.checks if check_id >= given.get("Marker", "")]
            shown, rest = ids[: self.page_size], ids[self.page_size :]
            more = {"NextMarker": rest[0]} if rest else {}
            return {"HealthChecks": [_reported(self.checks[check_id]) for check_id in shown], **more}

        return self._called("list_health_checks", page)

    def update_health_check(self, **given: t.Any) -> Json:
        def update() -> Json:
            check_id, change = given.pop("HealthCheckId"), given
            if self._found(check_id).version != change.pop("HealthCheckVersion"):
                raise ClientError(_error("HealthCheckVersionMismatch", 409), "UpdateHealthCheck")
            self.change(check_id, **dict.fromkeys(change.pop("ResetElements", [])), **change)
            return {"HealthCheck": _reported(self.checks[check_id])}

        return self._called("update_health_check", update)

    def list_tags_for_resources(self, **given: t.Any) -> Json:
        def tags() -> Json:
            ids = given["ResourceIds"]
            assert len(ids) <= 10, "more ids than Route 53 takes"
            return {"ResourceTagSets": [{"ResourceId": one, "Tags": _tag_list(self.tags[one])} for one in ids]}

        return self._called("list_tags_for_resources", tags)

    def change_tags_for_resource(self, **given: t.Any) -> Json:
        def tag() -> Json:
            added, removed, its = (
                given.get("AddTags", []),
                given.get("RemoveTagKeys", []),
                self.tags[given["ResourceId"]],
            )
            assert len(added) <= 10, "more tags than Route 53 takes"
            assert len(removed) <= 10, "more keys than Route 53 takes"
            after = {key: value for key, value in its.items() if key not in removed}
            after |= {item["Key"]: item["Value"] for item in added}
            if added and len(after) > 10:
                raise ClientError(_error("InvalidInput", 400), "ChangeTagsForResource")
            its.clear()
            its.update(after)
            return {}

        return self._called("change_tags_for_resource", tag)

    def get_health_check_status(self, **given: t.Any) -> Json:
        def status() -> Json:
            self._found(given["HealthCheckId"])
            return {"HealthCheckObservations": self.observations_of.get(given["HealthCheckId"], self.observations)}

        return self._called("get_health_check_status", status)

    def list_hosted_zones(self, **_given: t.Any) -> Json:
        return self._called("list_hosted_zones", self._zones)

    def list_hosted_zones_by_name(self, **_given: t.Any) -> Json:
        return self._called("list_hosted_zones_by_name", self._zones)

    def list_resource_record_sets(self, **given: t.Any) -> Json:
        def records() -> Json:
            return {"ResourceRecordSets": self.records[given["HostedZoneId"]], "IsTruncated": False}

        return self._called("list_resource_record_sets", records)

    def _zones(self) -> Json:
        return {"HostedZones": [{"Id": f"/hostedzone/{zone}", "Name": f"{zone}."} for zone in self.records]}

    def _called(self, operation: str, effect: Effect) -> Json:
        with self._lock:
            self.calls.append(operation)
            events = self._events[operation]
            return (events.popleft()(effect) if events else effect()) | self._dated()

    def _dated(self) -> Json:
        if self.ahead is None:
            return {}
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=self.ahead), usegmt=True)
        return {"ResponseMetadata": {"RequestId": "1", "HTTPHeaders": {"date": date}}}

    def _found(self, check_id: str) -> HealthCheck:
        if check_id not in self.checks:
            raise ClientError(_error("NoSuchHealthCheck", 404), "Call")
        return self.checks[check_id]


def _reported(check: HealthCheck) -> Json:
    return {"Id": check.id, "HealthCheckConfig": dict(check.config), "HealthCheckVersion": check.version}


def _tag_list(tags: Mapping[str, str]) -> list[Json]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _error(code: str, status: int) -> t.Any:
    return {"Error": {"Code": code, "Message": "No."}, "ResponseMetadata": {"HTTPStatusCode": status}}
