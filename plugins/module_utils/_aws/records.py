# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Replaces records of Route 53 in one batch, which succeeds only if the old records have not changed."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._aws.answers import checked
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import translated
from ansible_collections.tidegate.failover.plugins.module_utils._errors import ConflictError, ServiceRejectedError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.records import same_name

Json = dict[str, t.Any]

#: Parts of InvalidChangeBatch messages which report that a record has changed since it was read.
_CHANGED = ("but it was not found", "do not match the current values", "but it already exists")
_COMMENT_LENGTH = 256


class RecordApi:
    """The records of one name in one zone.

    :param client: a boto3 client of ``route53`` that does not retry by itself.
    """

    def __init__(self, client: t.Any, zone_id: str, name: str, kind: str) -> None:
        self._client = client
        self._zone_id, self._name, self._kind = zone_id, name, kind

    def read(self) -> list[Json]:
        """ListResourceRecordSets: only the records of the name and type."""
        found: list[Json] = []
        start: Json = {"StartRecordName": self._name, "StartRecordType": self._kind}
        while True:
            action = f"list the records of {self._name}"
            answer = self._call(action, "list_resource_record_sets", HostedZoneId=self._zone_id, **start)
            items = answer["ResourceRecordSets"]
            mine = [item for item in items if same_name(item["Name"], self._name) and item["Type"] == self._kind]
            found += mine
            if not answer.get("IsTruncated") or len(mine) < len(items):
                return found
            start = {"StartRecordName": answer["NextRecordName"], "StartRecordType": answer["NextRecordType"]}
            if answer.get("NextRecordIdentifier"):
                start["StartRecordIdentifier"] = answer["NextRecordIdentifier"]

    def of(self, name: str) -> RecordApi:
        """The records of another name in the same zone, of the same type."""
        return RecordApi(self._client, self._zone_id, name, self._kind)

    @property
    def zone_id(self) -> str:
        """The zone's id."""
        return self._zone_id

    def change(self, batch: Sequence[Json], comment: str) -> str:
        """ChangeResourceRecordSets: all changes or none.

        :returns: the id of the change.
        :raises ConflictError: a record has changed since it was read.
        """
        whole = {"Comment": comment[:_COMMENT_LENGTH], "Changes": list(batch)}
        action = f"change the records of {self._name}"
        try:
            answer = self._call(action, "change_resource_record_sets", HostedZoneId=self._zone_id, ChangeBatch=whole)
        except ServiceRejectedError as problem:
            if any(words in str(problem) for words in _CHANGED):
                raise ConflictError(str(problem)) from problem
            raise
        return str(answer["ChangeInfo"]["Id"])

    def is_everywhere(self, change_id: str) -> bool:
        """GetChange: whether all name servers of Route 53 have a change."""
        answer = self._call(f"read the change {change_id}", "get_change", Id=change_id)
        return bool(answer["ChangeInfo"]["Status"] == "INSYNC")

    def _call(self, action: str, operation: str, **parameters: t.Any) -> Json:
        with translated(action, self._client.meta.endpoint_url):
            answer = getattr(self._client, operation)(**parameters)
        return checked(action, self._client.meta.endpoint_url, operation, answer)
