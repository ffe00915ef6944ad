# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Checks whether another site would serve before ``r53_healthcheck_lock`` takes one out.

The records are read once for a task. The health checks of the other sites are read again for each lock, right before
it is written, and again after a conflict.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from ansible_collections.tidegate.failover.plugins.module_utils._aws.account import Account
from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import HealthCheckApi
from ansible_collections.tidegate.failover.plugins.module_utils._aws.reading import Found, find, side_by_side
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.last_site import (
    LAST_SITE,
    Secondary,
    Sites,
    children_of,
    doubt_about,
    groups_of,
)
from ansible_collections.tidegate.failover.plugins.module_utils._failover.preflight import verdict_by_own_name
from ansible_collections.tidegate.failover.plugins.module_utils._failover.records import (
    RecordGroup,
    groups_from,
    trusting,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock import observations
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.selection import Selection

#: Zones that are read at the same time. These calls are not paced, and the API limit is shared by the account.
_ZONES_AT_ONCE = 4
#: How the other site's address is probed, as in the role ``failover``.
_TIMING = {"consecutive": 2, "interval": 1.0, "timeout": 20}


@dataclass(frozen=True)
class Means:
    """The clients of the guard.

    :ivar new_deadline: returns the deadline of one read.
    """

    api: HealthCheckApi
    account: Account
    new_deadline: Callable[[], Deadline]


def argument_spec() -> dict[str, t.Any]:
    """The options that define how to find out whether another site serves."""
    record = {
        "zone": {"type": "str", "required": True},
        "name": {"type": "str", "required": True},
        "type": {"type": "str", "default": "A"},
    }
    return {
        "records": {"type": "list", "elements": "dict", "default": [], "options": record},
        "find_records": {"type": "bool", "default": False},
        "trust_alias_targets": {"type": "bool", "default": False},
        "secondary_url": {"type": "str"},
        "if_last_site": {"type": "str", "default": "refuse", "choices": ["refuse", "hold_back"]},
    }


def is_wanted(params: Mapping[str, t.Any]) -> bool:
    """Whether a task defines how to find out whether another site serves."""
    return params["state"] == "locked" and bool(params["records"] or params["find_records"] or params["secondary_url"])


class LastSiteGuard:
    """The guard of one task.

    :param found: the health checks to lock.
    """

    def __init__(self, params: Mapping[str, t.Any], found: Found, means: Means) -> None:
        """Read the records and the health checks that they use.

        :raises RefusedError: ``secondary_url`` is not a valid address.
        """
        self.holds_back = params["if_last_site"] == "hold_back"
        self._lock_path: str = params["lock_path"]
        self._means = means
        self._asked = list(found.ids)
        self._address = _Address(params["secondary_url"]) if params["secondary_url"] else None
        self._groups: list[RecordGroup] = []
        self._checks: dict[str, HealthCheck] = dict(found.checks)
        self._problem = ""
        try:
            self._groups = [*self._named(params["records"]), *(self._all_records() if params["find_records"] else [])]
            if params["trust_alias_targets"]:
                self._groups = [trusting(group) for group in self._groups]
            self._checks |= self._read(self._groups, self._checks).checks
        except TidegateError as problem:
            self._problem = f"which records use it is not known, because {str(problem).rstrip('.')}"

    def doubt(self, check_id: str) -> str:
        """Why no other site is known to serve; empty if one is."""
        groups = groups_of(check_id, self._groups, self._checks)
        own = {one: check for one, check in self._checks.items() if one in self._asked}
        checks = own | self._read(groups, own).checks
        others = [check for one, check in checks.items() if one not in own]
        sites = Sites(
            asked=self._asked,
            groups=groups,
            checks=checks,
            verdicts=dict(side_by_side(self._verdict, others)),
            lock_path=self._lock_path,
            problem=self._problem,
        )
        return doubt_about(check_id, sites, self._address.ask() if self._address else None)

    def _named(self, records: Sequence[Mapping[str, str]]) -> list[RecordGroup]:
        zones = dict.fromkeys(record["zone"] for record in records)
        ids = {zone: self._means.account.zone_id(zone) for zone in zones}
        return [self._group(record, ids[record["zone"]]) for record in records]

    def _group(self, record: Mapping[str, str], zone_id: str | None) -> RecordGroup:
        zone, name, kind = record["zone"], record["name"], record["type"]
        if zone_id is None:
            return RecordGroup(zone, name, kind, problem=f"There is no public hosted zone {zone} in this account.")
        return RecordGroup(zone, name, kind, tuple(self._means.account.records(zone_id, name, kind)))

    def _all_records(self) -> list[RecordGroup]:
        account = self._means.account
        zones = account.public_zones()
        read = side_by_side(
            lambda zone: groups_from(zone[1], account.record_sets(zone[0])), zones, at_once=_ZONES_AT_ONCE
        )
        return [group for groups in read for group in groups]

    def _read(self, groups: Sequence[RecordGroup], known: Mapping[str, HealthCheck]) -> Found:
        """The health checks of records, and the children of calculated ones, as far as they are not known yet."""
        wanted = {record.health_check_id for group in groups for record in group.records if record.health_check_id}
        found = Found([])
        while missing := sorted(wanted - set(known) - set(found.checks) - set(found.problems)):
            more = find(self._means.api, Selection(ids=tuple(missing)), self._means.new_deadline)
            found.checks |= more.checks
            found.problems |= more.problems
            wanted |= {child for check in more.checks.values() for child in children_of(check)}
        return found

    def _verdict(self, check: HealthCheck) -> tuple[str, observations.Verdict]:
        if (unknown := verdict_by_own_name(check, self._groups)) is not None:
            return check.id, unknown
        if not observations.has_observations(check):
            return check.id, observations.proven_verdict(check, None)
        try:
            seen = call_patiently(lambda: self._means.api.observations(check.id), self._means.new_deadline())
        except TidegateError as problem:
            return check.id, observations.Verdict("unknown", str(problem))
        return check.id, observations.proven_verdict(check, seen)


def guard_of(
    params: Mapping[str, t.Any], found: Found, api: HealthCheckApi, new_deadline: Callable[[], Deadline]
) -> LastSiteGuard | None:
    """The guard that keeps the last serving site in service, if the task defines how to find out.

    :raises RefusedError: ``secondary_url`` is not a valid address.
    """
    if not is_wanted(params):
        return None
    account = Account(lambda _service: api.client, new_deadline)
    return LastSiteGuard(params, found, Means(api, account, new_deadline))


class _Address:
    """The other site's own address, probed once for a task, in the way of the role ``failover``."""

    def __init__(self, url: str) -> None:
        """:raises RefusedError: the address cannot be probed."""
        # Imported here, because most tasks name no address.
        from ansible_collections.tidegate.failover.plugins.module_utils._gates import http
        from ansible_collections.tidegate.failover.plugins.module_utils._gates._definition import definitions_from

        options = {name: option.get("default") for name, option in http.KIND.options.items()}
        gate = {"name": LAST_SITE, "http": {**options, **_TIMING, "url": url}}
        try:
            (self._definition,) = definitions_from([gate], {"http": http.KIND})
        except RefusedError as problem:
            raise RefusedError(f"secondary_url cannot be asked: {problem}") from problem
        self._asking = Lock()
        self._seen: Secondary | None = None

    def ask(self) -> Secondary:
        """The result of the probe."""
        from ansible_collections.tidegate.failover.plugins.module_utils._gates import _evaluation

        with self._asking:
            if self._seen is None:
                occasion = _evaluation.Occasion((), None, _evaluation.GateClock(), lambda _text: None)
                seen = _evaluation.evaluate(self._definition, occasion)
                self._seen = Secondary(seen.passed, f"observed {seen.observed}, expected {self._definition.expected}")
        return self._seen
