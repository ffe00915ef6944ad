# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The Monitoring API for alarms (API reference, 20180401): create, list, get, update, delete, and their status."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from lab.oci.alarms.details import CREATE, DEFAULTS, REQUIRED, UPDATE, check_alarm
from lab.oci.alarms.evaluation import AlarmEvaluation
from lab.oci.documents import Resource, Resources, checked_body, shown
from lab.oci.errors import ApiError, missing, not_found
from lab.oci.identifiers import new_ocid, now
from lab.oci.load_balancer.fields import Fields
from lab.oci.pages import paginated

BASE_PATH = "/20180401"
_PAGE_SIZE = 100


class AlarmHandlers:
    """Handlers of the calls.

    :param compartment_id: the one compartment whose alarms callers may see.
    :param has_topic: whether a topic exists.
    """

    def __init__(
        self, alarms: Resources, evaluation: AlarmEvaluation, compartment_id: str, has_topic: Callable[[str], bool]
    ) -> None:
        self._alarms = alarms
        self._evaluation = evaluation
        self._compartment_id = compartment_id
        self._has_topic = has_topic

    def routes(self) -> list[web.RouteDef]:
        """All routes; each is named after its operation."""
        one = f"{BASE_PATH}/alarms/{{alarm_id}}"
        return [
            web.get(f"{BASE_PATH}/alarms", self._list, name="ListAlarms"),
            web.post(f"{BASE_PATH}/alarms", self._create, name="CreateAlarm"),
            web.get(f"{BASE_PATH}/alarms/status", self._statuses, name="ListAlarmsStatus"),
            web.get(one, self._get, name="GetAlarm"),
            web.put(one, self._update, name="UpdateAlarm"),
            web.delete(one, self._delete, name="DeleteAlarm"),
            web.post(f"{one}/actions/removeSuppression", self._remove_suppression, name="RemoveAlarmSuppression"),
        ]

    def _check(self, fields: Fields) -> None:
        check_alarm(fields)
        for name in ("compartmentId", "metricCompartmentId"):
            if fields.value(name) not in (None, self._compartment_id):
                raise not_found()
        for topic in fields.texts("destinations") or []:
            if not self._has_topic(topic):
                raise ApiError(400, "RelatedResourceNotAuthorizedOrNotFound", f"There is no topic {topic}.")

    def _found(self, request: web.Request) -> Resource:
        return self._alarms.get(request.match_info["alarm_id"], request.headers.get("if-match"))

    async def _create(self, request: web.Request) -> web.Response:
        fields = await checked_body(request, CREATE, REQUIRED)
        self._check(fields)
        given = {name: value for name, value in fields.data.items() if value is not None}
        times = {"timeCreated": now(), "timeUpdated": now()}
        return shown(
            self._alarms.add({**DEFAULTS, **given, **times, "id": new_ocid("alarm"), "lifecycleState": "ACTIVE"})
        )

    async def _get(self, request: web.Request) -> web.Response:
        return shown(self._found(request))

    async def _update(self, request: web.Request) -> web.Response:
        alarm = self._found(request)
        fields = await checked_body(request, UPDATE)
        self._check(fields)
        # A setting that is left out stays, and null resets a setting to its default.
        given = {name: DEFAULTS.get(name) if value is None else value for name, value in fields.data.items()}
        if missed := [name for name in REQUIRED if name in given and given[name] is None]:
            raise missing(missed[0])
        alarm.change(**given, timeUpdated=now())
        return shown(alarm)

    async def _delete(self, request: web.Request) -> web.Response:
        alarm = self._found(request)
        self._alarms.remove(alarm.document["id"])
        return web.Response(status=204)

    async def _remove_suppression(self, request: web.Request) -> web.Response:
        self._found(request).change(suppression=None, timeUpdated=now())
        return web.Response(status=204)

    def _listed(self, request: web.Request) -> list[Resource]:
        if request.query.get("compartmentId") is None:
            raise missing("compartmentId")
        if request.query["compartmentId"] != self._compartment_id:
            raise not_found()
        name = request.query.get("displayName")
        return [alarm for alarm in self._alarms.all() if name in (None, alarm.document["displayName"])]

    async def _list(self, request: web.Request) -> web.Response:
        return paginated(request, [alarm.document for alarm in self._listed(request)], _PAGE_SIZE)

    async def _statuses(self, request: web.Request) -> web.Response:
        statuses = [
            {
                "id": alarm.document["id"],
                "displayName": alarm.document["displayName"],
                "severity": alarm.document["severity"],
                "ruleName": alarm.document["ruleName"],
                "timestampTriggered": self._evaluation.changed_at(alarm.document["id"]),
                "status": "FIRING" if self._evaluation.fires(alarm.document["id"]) else "OK",
                "suppression": alarm.document["suppression"],
                "alarmSummary": alarm.document["alarmSummary"],
            }
            for alarm in self._listed(request)
        ]
        return paginated(request, statuses, _PAGE_SIZE)
