# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Finds destinations in the audit events that our own replace removed, but that were not there when the route was read.

Cloud Controller writes an event for each destination that is mapped or unmapped, in the transaction of the change. A
destination that somebody maps between our read and our replace is lost without an error, but the audit events show it.
"""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.decision import Learned
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.destinations import (
    Destination,
    destinations_of,
    guids_of,
)

Json = Mapping[str, t.Any]

UNMAP = "audit.app.unmap-route"
#: The port that Cloud Controller stores for a destination without a port, if the app has no buildpack.
_NO_PORT = -1


def learned_from(
    events: Sequence[Json], seen_before: Collection[str], route: Json, user: str | None, responder: str | None
) -> Learned:
    """What the events show about our replace.

    :param events: the newest events, after the replace.
    :param seen_before: guids of the events from before the replace.
    :param route: the route as it was read before the replace.
    :param user: guid of the user of these credentials.
    """
    ours = [
        event
        for event in events
        if event["guid"] not in seen_before
        and event["type"] == UNMAP
        and event["data"].get("route_guid") == route["guid"]
        and (user is None or event["actor"]["guid"] == user)
    ]
    by_guid = {str(given["guid"]): given for given in route["destinations"]}
    known = dict(zip(by_guid, (destinations_of({"destinations": [one]})[0] for one in by_guid.values()), strict=True))
    defaults = [
        known[guid]
        for event in ours
        if (guid := str(event["data"].get("destination_guid"))) in known and _port(event) is None
    ]
    overlooked = [_destination(event) for event in ours if event["data"].get("destination_guid") not in guids_of(route)]
    return Learned(tuple(defaults), tuple(one for one in overlooked if one.app != responder))


def _destination(event: Json) -> Destination:
    data = event["data"]
    return Destination(
        app=event["target"]["guid"],
        process=data.get("process_type") or "web",
        port=_port(event),
        weight=data.get("weight"),
        protocol=data.get("protocol"),
        is_default_port=_port(event) is None,
    )


def _port(event: Json) -> int | None:
    port = event["data"].get("app_port")
    return None if port in (None, _NO_PORT) else int(port)
