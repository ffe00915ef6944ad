# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The operations of the Route 53 API that are about health checks: plain parameters in, plain results out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from lab.aws.route53_health_checks.config import invalid
from lab.aws.route53_health_checks.store import HealthCheck, HealthCheckStore

Parameters = dict[str, Any]
Result = dict[str, Any]

#: Pages of ListHealthChecks (API reference of Route 53).
_DEFAULT_PAGE = 100
_LARGEST_PAGE = 1000


class Observer(Protocol):
    """The information from the checkers that the API needs."""

    def observations(self, check: HealthCheck, failures: bool) -> list[Mapping[str, Any]]:
        """The last observation of each checker, or its last failure."""

    def ip_ranges(self) -> list[str]:
        """The addresses of the checkers."""


class HealthCheckApi:
    """Handles the operations.

    :ivar changed: called with the id of each check that was created, updated or deleted.
    :ivar describe_alarm: the definition of an alarm, by name and region, for checks that follow it.
    """

    def __init__(
        self,
        store: HealthCheckStore,
        observer: Observer,
        changed: Callable[[str], None],
        describe_alarm: Callable[[str, str], dict[str, Any] | None],
    ) -> None:
        self._store = store
        self._observer = observer
        self._changed = changed
        self._describe_alarm = describe_alarm
        self.operations: dict[str, Callable[[Parameters], Result]] = {
            "CreateHealthCheck": self._create,
            "GetHealthCheck": self._get,
            "ListHealthChecks": self._list,
            "GetHealthCheckCount": self._count,
            "UpdateHealthCheck": self._update,
            "DeleteHealthCheck": self._delete,
            "GetHealthCheckStatus": self._status,
            "GetHealthCheckLastFailureReason": self._last_failure,
            "GetCheckerIpRanges": self._ip_ranges,
            "GetAccountLimit": self._account_limit,
        }
        #: Operations that hosted zones use too; only calls for health checks come here.
        self.tag_operations: dict[str, Callable[[Parameters], Result]] = {
            "ChangeTagsForResource": self._change_tags,
            "ListTagsForResource": self._list_tags,
            "ListTagsForResources": self._list_tags_of_many,
        }

    def _describe(self, check: HealthCheck) -> Result:
        result = check.describe()
        alarm = check.config.get("AlarmIdentifier")
        if alarm is not None:
            result["CloudWatchAlarmConfiguration"] = self._describe_alarm(alarm["Name"], alarm["Region"])
        return result

    def _create(self, parameters: Parameters) -> Result:
        check = self._store.create(parameters["CallerReference"], parameters["HealthCheckConfig"])
        self._changed(check.id)
        location = f"https://route53.amazonaws.com/2013-04-01/healthcheck/{check.id}"
        return {"HealthCheck": self._describe(check), "Location": location}

    def _get(self, parameters: Parameters) -> Result:
        return {"HealthCheck": self._describe(self._store.get(parameters["HealthCheckId"]))}

    def _list(self, parameters: Parameters) -> Result:
        asked = parameters.get("MaxItems") or str(_DEFAULT_PAGE)
        if not asked.isdecimal() or int(asked) == 0:
            raise invalid(f"MaxItems must be a positive number; got '{asked}'.")
        limit = min(int(asked), _LARGEST_PAGE)
        marker = parameters.get("Marker")
        page, next_marker = self._store.page(marker, limit)
        result: Result = {
            "HealthChecks": [self._describe(check) for check in page],
            "Marker": marker or "",
            "IsTruncated": next_marker is not None,
            "MaxItems": str(limit),
        }
        return result | ({"NextMarker": next_marker} if next_marker is not None else {})

    def _count(self, parameters: Parameters) -> Result:
        return {"HealthCheckCount": len(self._store)}

    def _update(self, parameters: Parameters) -> Result:
        check = self._store.update(parameters["HealthCheckId"], parameters)
        self._changed(check.id)
        return {"HealthCheck": self._describe(check)}

    def _delete(self, parameters: Parameters) -> Result:
        self._store.delete(parameters["HealthCheckId"])
        self._changed(parameters["HealthCheckId"])
        return {}

    def _status(self, parameters: Parameters) -> Result:
        return self._observations(parameters["HealthCheckId"], failures=False)

    def _last_failure(self, parameters: Parameters) -> Result:
        return self._observations(parameters["HealthCheckId"], failures=True)

    def _observations(self, check_id: str, *, failures: bool) -> Result:
        check = self._store.get(check_id)
        if check.config["Type"] == "CALCULATED":
            raise invalid("The status of a calculated health check is not available through the API.")
        return {"HealthCheckObservations": self._observer.observations(check, failures)}

    def _ip_ranges(self, parameters: Parameters) -> Result:
        return {"CheckerIpRanges": self._observer.ip_ranges()}

    def _account_limit(self, parameters: Parameters) -> Result:
        if parameters["Type"] != "MAX_HEALTH_CHECKS_BY_OWNER":
            raise invalid(f"The limit {parameters['Type']} is not about health checks.")
        limit = {"Type": parameters["Type"], "Value": self._store.rules.max_health_checks}
        return {"Limit": limit, "Count": len(self._store)}

    def _change_tags(self, parameters: Parameters) -> Result:
        self._store.change_tags(
            parameters["ResourceId"], parameters.get("AddTags") or [], parameters.get("RemoveTagKeys") or []
        )
        return {}

    def _list_tags(self, parameters: Parameters) -> Result:
        return {"ResourceTagSet": _tag_set(self._store.get(parameters["ResourceId"]))}

    def _list_tags_of_many(self, parameters: Parameters) -> Result:
        checks = [self._store.get(check_id) for check_id in parameters["ResourceIds"]]
        return {"ResourceTagSets": [_tag_set(check) for check in checks]}


def _tag_set(check: HealthCheck) -> Result:
    tags = [{"Key": key, "Value": value} for key, value in check.tags.items()]
    return {"ResourceType": "healthcheck", "ResourceId": check.id, "Tags": tags}
