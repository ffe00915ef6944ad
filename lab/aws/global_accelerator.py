# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Global Accelerator, which moto does not have: one accelerator with a listener, and two endpoint groups.

Source: the API reference of AWS Global Accelerator. Its endpoints are names without servers; their health is set by
the control API.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from aiohttp import web

from lab.api_call import ApiCall
from lab.aws.errors import AwsError

Json = dict[str, Any]
_DEPLOYED_AFTER = 60.0
HEALTHY = "HEALTHY"
HEALTH_STATES = ("INITIAL", HEALTHY, "UNHEALTHY")
_REGIONS = {"primary": "eu-central-1", "backup": "eu-west-1"}


class GlobalAccelerator:
    """The service.

    :ivar groups: by ARN, as the service describes them.
    """

    def __init__(self, account_id: str, now: Callable[[], float], time_factor: float) -> None:
        self.arn = f"arn:aws:globalaccelerator::{account_id}:accelerator/{uuid.UUID(int=1)}"
        self._now, self._after = now, _DEPLOYED_AFTER / time_factor
        self._changed_at = -self._after
        self.groups: dict[str, Json] = {}
        self._health: dict[str, str] = {}
        self.clear()

    def clear(self) -> None:
        """Reset everything to its first state."""
        self._changed_at = self._now() - self._after
        groups = [self._group(site, region) for site, region in _REGIONS.items()]
        self.groups = {group["EndpointGroupArn"]: group for group in groups}
        self._health = dict.fromkeys(self.groups, HEALTHY)

    def describe(self) -> Json:
        """The ARNs and addresses, for clients of the lab."""
        return {"accelerator": self.arn, "groups": dict(zip(_REGIONS, self.groups, strict=True))}

    @property
    def health(self) -> dict[str, str]:
        """The health of each site's endpoints."""
        return dict(zip(_REGIONS, self._health.values(), strict=True))

    def set_health(self, site: str, state: str) -> None:
        """Set the health of all endpoints of a site, also of endpoints that are added later.

        :raises ValueError: there is no such site or state.
        """
        if site not in _REGIONS or state not in HEALTH_STATES:
            raise ValueError(
                f"the sites are {', '.join(_REGIONS)}, and states {', '.join(HEALTH_STATES)}; got {site}: {state!r}"
            )
        self._health[self.describe()["groups"][site]] = state

    def _group(self, site: str, region: str) -> Json:
        endpoint = f"arn:aws:elasticloadbalancing:{region}:123456789012:loadbalancer/net/{site}/1"
        return {
            "EndpointGroupArn": f"{self.arn}/listener/0123vxyz/endpoint-group/{site}",
            "EndpointGroupRegion": region,
            "TrafficDialPercentage": 100.0,
            "EndpointDescriptions": [self._endpoint({"EndpointId": endpoint})],
        }

    def _endpoint(self, given: Json) -> Json:
        preserved = ":loadbalancer/net/" not in given["EndpointId"]
        kept = {"Weight": 128, "ClientIPPreservationEnabled": preserved, **given}
        kept.pop("AttachmentArn", None)
        return kept

    async def handle(self, request: web.Request, call: ApiCall) -> web.Response:
        """Answer a call.

        :raises AwsError: the service refuses the call.
        """
        if _signed_region(request) != "us-west-2":
            raise AwsError(400, "InvalidArgumentException", "The API of Global Accelerator is in us-west-2.")
        operations: dict[str, Callable[[Json], Json]] = {
            "DescribeAccelerator": self._describe_accelerator,
            "DescribeEndpointGroup": lambda given: {"EndpointGroup": self._described(self._known(given))},
            "UpdateEndpointGroup": self._update,
            "AddEndpoints": self._add,
            "RemoveEndpoints": self._remove,
        }
        operation = operations.get(call.operation)
        if operation is None:
            raise AwsError(501, "NotImplemented", f"The lab's Global Accelerator has no {call.operation}.")
        return web.json_response(operation(json.loads(await request.text() or "{}")))

    def _describe_accelerator(self, given: Json) -> Json:
        if given.get("AcceleratorArn") != self.arn:
            raise AwsError(400, "AcceleratorNotFoundException", "The accelerator does not exist.")
        deployed = self._now() >= self._changed_at + self._after
        return {"Accelerator": {"AcceleratorArn": self.arn, "Status": "DEPLOYED" if deployed else "IN_PROGRESS"}}

    def _known(self, given: Json) -> Json:
        group = self.groups.get(str(given.get("EndpointGroupArn")))
        if group is None:
            raise AwsError(400, "EndpointGroupNotFoundException", "The endpoint group does not exist.")
        return group

    def _described(self, group: Json) -> Json:
        state = {"HealthState": self._health[group["EndpointGroupArn"]]}
        return {**group, "EndpointDescriptions": [{**one, **state} for one in group["EndpointDescriptions"]]}

    def _update(self, given: Json) -> Json:
        group = self._known(given)
        dial = float({**group, **given}["TrafficDialPercentage"])
        if not 0 <= dial <= 100:
            raise AwsError(400, "InvalidArgumentException", "TrafficDialPercentage must be from 0 to 100.")
        group["TrafficDialPercentage"] = dial
        if "EndpointConfigurations" in given:
            group["EndpointDescriptions"] = [self._endpoint(one) for one in given["EndpointConfigurations"]]
        self._changed_at = self._now()
        return {"EndpointGroup": self._described(group)}

    def _add(self, given: Json) -> Json:
        group = self._known(given)
        added = [self._endpoint(one) for one in given["EndpointConfigurations"]]
        ids = {one["EndpointId"] for one in added}
        kept = [one for one in group["EndpointDescriptions"] if one["EndpointId"] not in ids]
        group["EndpointDescriptions"] = kept + added
        self._changed_at = self._now()
        described = self._described({**group, "EndpointDescriptions": added})["EndpointDescriptions"]
        return {"EndpointDescriptions": described, "EndpointGroupArn": group["EndpointGroupArn"]}

    def _remove(self, given: Json) -> Json:
        group = self._known(given)
        gone = {one["EndpointId"] for one in given["EndpointIdentifiers"]}
        there = {one["EndpointId"] for one in group["EndpointDescriptions"]}
        if gone - there:
            raise AwsError(400, "InvalidArgumentException", "An endpoint is not in the endpoint group.")
        group["EndpointDescriptions"] = [one for one in group["EndpointDescriptions"] if one["EndpointId"] not in gone]
        self._changed_at = self._now()
        return {}


def _signed_region(request: web.Request) -> str:
    parts = request.headers.get("Authorization", "").partition("Credential=")[2].split("/")
    return parts[2] if len(parts) > 2 else ""
