# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``failover_preflight``."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from ansible_collections.tidegate.failover.plugins.module_utils._aws.account import Account
from ansible_collections.tidegate.failover.plugins.module_utils._aws.endpoint import ask
from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import HealthCheckApi
from ansible_collections.tidegate.failover.plugins.module_utils._aws.reading import (
    Found,
    find,
    read_tags,
    side_by_side,
)
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    ConflictError,
    RefusedError,
    TidegateError,
    failure,
)
from ansible_collections.tidegate.failover.plugins.module_utils._failover.preflight import (
    LOCK_IF,
    Finding,
    OtherSite,
    Seen,
    findings,
    other_sites_in_turn,
    reported_finding,
    verdict_by_own_name,
)
from ansible_collections.tidegate.failover.plugins.module_utils._failover.records import RecordGroup, plain_name
from ansible_collections.tidegate.failover.plugins.module_utils._lock import observations
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import PATH_TYPES, HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import Lock, read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import (
    DEFAULT_LOCK_PATH,
    SAMPLE_ID,
    check_lock_path,
    pinned_path,
    too_long,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Fence, question_about
from ansible_collections.tidegate.failover.plugins.module_utils._lock.selection import Selection, selection_from
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import (
    aws_client,
    create_aws_module,
    health_check_api,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_prover import Prover

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Result = dict[str, t.Any]
Json = dict[str, t.Any]

#: The Region where Route 53 publishes its metrics, so also the Region of the alarms on them.
_METRICS_REGION = "us-east-1"


def create_module() -> AnsibleAWSModule:
    """The Ansible module with its argument spec."""
    record = {
        "zone": {"type": "str", "required": True},
        "name": {"type": "str", "required": True},
        "type": {"type": "str", "default": "A"},
    }
    service = {
        "name": {"type": "str", "required": True},
        "health_check_ids": {"type": "list", "elements": "str", "required": True},
        "records": {"type": "list", "elements": "dict", "default": [], "options": record},
        "routing_control_arns": {"type": "list", "elements": "str", "default": []},
        "lock_if": {"type": "str", "default": "never", "choices": list(LOCK_IF)},
    }
    return create_aws_module(
        {
            "services": {"type": "list", "elements": "dict", "required": True, "options": service},
            "other_sites_only": {"type": "bool", "default": False},
            "locked_before": {"type": "dict", "default": {}},
            "thorough": {"type": "bool", "default": True},
            "lock_path": {"type": "str", "default": DEFAULT_LOCK_PATH},
            "wait_timeout": {"type": "int", "default": 60},
        }
    )


def run(module: AnsibleAWSModule) -> None:
    """Check all services together, and report what would stop each."""
    params, clock = module.params, Clock()
    try:
        check_lock_path(params["lock_path"])
        if params["wait_timeout"] < 1:
            raise RefusedError(f"wait_timeout is {params['wait_timeout']}. Give at least one second.")
        for service in params["services"]:
            selection_from({"health_check_names": None, "health_check_tags": None, **service})
        new_deadline = Deadline(params["wait_timeout"], clock).for_another
        checks = _Checks(module, health_check_api(module, clock), new_deadline)
        results = checks.results()
    except TidegateError as problem:
        module.fail_json(**failure(problem), changed=False)
    module.exit_json(changed=False, services=results)


class _Checks:
    """The checks of all services, which share what was read."""

    def __init__(self, module: AnsibleAWSModule, api: HealthCheckApi, new_deadline: Callable[[], Deadline]) -> None:
        params = module.params
        self._services: list[Json] = params["services"]
        self._lock_path: str = params["lock_path"]
        self._locked_before: Mapping[str, str] = params["locked_before"]
        self._only: bool = params["other_sites_only"]
        self._thorough: bool = params["thorough"] and not self._only
        self._api, self._new_deadline = api, new_deadline
        clients = {
            "route53": aws_client(module, "route53"),
            "cloudwatch": aws_client(module, "cloudwatch", region=_METRICS_REGION) if self._thorough else None,
            "sns": aws_client(module, "sns", region=_METRICS_REGION) if self._thorough else None,
        }
        self._account = Account(clients.__getitem__, new_deadline)
        self._prover = Prover(ask)
        self._found = Found([])
        self._verdicts: dict[str, observations.Verdict] = {}
        self._locks: dict[str, Lock | None] = {}
        self._parents: dict[str, Sequence[str]] = {}
        self._users: dict[str, list[str]] = {}
        for service in self._services:
            for check_id in dict.fromkeys(service["health_check_ids"]):
                self._users.setdefault(check_id, []).append(service["name"])

    def results(self) -> list[Result]:
        """The results of the services, in the order of the option."""
        groups = self._groups()
        # A selection without ids would select every health check.
        ids = self._wanted(groups)
        self._found = find(self._api, Selection(ids=ids), self._new_deadline) if ids else Found([])
        if not self._only:
            self._found.tags |= read_tags(self._api, sorted(self._found.checks), self._new_deadline)
        checks = list(self._found.checks.values())
        named: dict[str, list[RecordGroup]] = {}
        for group in groups.values():
            named.setdefault(plain_name(group.name), []).append(group)
        self._verdicts = dict(side_by_side(partial(self._verdict, named), checks))
        # Read once for all services. Reading for each service would make the cost quadratic.
        tags = self._found.tags
        self._locks = {check.id: read_lock(check, self._lock_path, tags.get(check.id)) for check in checks}
        self._parents = {check.id: children for check in checks if (children := check.config.get("ChildHealthChecks"))}
        seen = side_by_side(partial(self._seen, groups), self._services)
        named_services = [(one["name"], one["lock_if"]) for one in self._services]
        in_turn = [(*one, what) for one, what in zip(named_services, seen, strict=True)]
        sites = other_sites_in_turn(in_turn, self._locked_before)
        return [self._result(*one) for one in zip(self._services, seen, sites, strict=True)]

    def _wanted(self, groups: Mapping[tuple[str, str, str], RecordGroup]) -> tuple[str, ...]:
        """The ids of the health checks to read: of other sites and, unless other_sites_only, of the services too."""
        if self._only:
            others = [
                record.health_check_id
                for service in self._services
                for named in service["records"]
                for record in groups[_key(named)].others(service["health_check_ids"])
            ]
            return tuple(dict.fromkeys(check_id for check_id in others if check_id))
        own = [check_id for service in self._services for check_id in service["health_check_ids"]]
        used = [record.health_check_id for group in groups.values() for record in group.records]
        return tuple(dict.fromkeys([*own, *(check_id for check_id in used if check_id)]))

    def _groups(self) -> dict[tuple[str, str, str], RecordGroup]:
        """The named records, each read once."""
        named = [_key(record) for service in self._services for record in service["records"]]
        zones = list(dict.fromkeys(zone for zone, _name, _type in named))
        zone_ids = dict(zip(zones, side_by_side(self._zone, zones), strict=True))
        keys = list(dict.fromkeys(named))
        return dict(zip(keys, side_by_side(lambda key: self._group(key, zone_ids[key[0]]), keys), strict=True))

    def _zone(self, name: str) -> str | TidegateError | None:
        try:
            return self._account.zone_id(name)
        except TidegateError as problem:
            return problem

    def _group(self, key: tuple[str, str, str], zone_id: str | TidegateError | None) -> RecordGroup:
        zone, name, kind = key
        if zone_id is None:
            return RecordGroup(*key, problem=f"There is no public hosted zone {zone} in this account.")
        if isinstance(zone_id, TidegateError):
            return RecordGroup(*key, problem=str(zone_id))
        try:
            return RecordGroup(zone, name, kind, tuple(self._account.records(zone_id, name, kind)))
        except TidegateError as problem:
            return RecordGroup(*key, problem=str(problem))

    def _verdict(
        self, named: Mapping[str, Sequence[RecordGroup]], check: HealthCheck
    ) -> tuple[str, observations.Verdict]:
        groups = named.get(plain_name(check.config.get("FullyQualifiedDomainName") or ""), ())
        if (unknown := verdict_by_own_name(check, groups)) is not None:
            return check.id, unknown
        if not observations.has_observations(check):
            return check.id, observations.proven_verdict(check, None)
        try:
            seen = call_patiently(lambda: self._api.observations(check.id), self._new_deadline())
        except TidegateError as problem:
            return check.id, observations.Verdict("unknown", str(problem))
        return check.id, observations.proven_verdict(check, seen)

    def _result(self, service: Json, seen: Seen, site: OtherSite) -> Result:
        locked = any(self._locks.get(key) for key in seen.ids)
        return _reported(service["name"], [] if self._only else findings(seen), site, locked)

    def _seen(self, groups: dict[tuple[str, str, str], RecordGroup], service: Json) -> Seen:
        ids = list(dict.fromkeys(service["health_check_ids"]))
        found = self._found
        own = [found.checks[check_id] for check_id in ids if check_id in found.checks]
        return Seen(
            ids=ids,
            checks=own,
            problems={key: str(found.problems[key]) for key in ids if key in found.problems},
            groups=[groups[_key(record)] for record in service["records"]],
            locks=self._locks,
            verdicts=self._verdicts,
            tags=found.tags,
            parents={
                parent: [child for child in children if child in ids] for parent, children in self._parents.items()
            },
            sharing={key: [name for name in self._users[key] if name != service["name"]] for key in ids},
            children=self._parents,
            lock_path=self._lock_path,
            controlled=[one.id for one in found.checks.values() if _control_of(one) in service["routing_control_arns"]],
            **(self._thoroughly(own, self._locks) if self._thorough else {}),
        )

    def _thoroughly(self, checks: Sequence[HealthCheck], locks: dict[str, Lock | None]) -> Json:
        """The checks that take longer, or need more permissions than a failover."""
        denied: list[str] = []
        unknown: list[str] = []
        fences: dict[str, Fence] = {}
        functions: dict[str, Sequence[str]] = {}
        for check in checks:
            self._try_update(check, denied, unknown)
            try:
                functions[check.id] = self._account.functions_listening_to(check.id)
            except TidegateError as problem:
                unknown.append(f"whether an alarm leads to a Lambda function, because {_inline(problem)}")
            if check.type in PATH_TYPES and locks.get(check.id) is None:
                self._prove(check, fences)
        return {"fences": fences, "functions": functions, "denied": denied, "unknown": unknown}

    def _try_update(self, check: HealthCheck, denied: list[str], unknown: list[str]) -> None:
        if not check.updatable:
            return  # Another finding reports this.
        if check.version <= 1:
            reported = "it is at its first version, so there is no older one to try"
            unknown.append(f"whether health check {check.id} may be changed; {reported}")
            return
        try:
            self._account.may_update(check.id, check.version)
        except ConflictError:
            return
        except AccessError as problem:
            denied.append(f"change health check {check.id}: {_inline(problem)}")
        except TidegateError as problem:
            unknown.append(f"whether health check {check.id} may be changed, because {_inline(problem)}")

    def _prove(self, check: HealthCheck, fences: dict[str, Fence]) -> None:
        if too_long(self._lock_path, check.path):
            return  # Another finding reports this.
        path = pinned_path(self._lock_path, check.path, SAMPLE_ID)
        fences[check.id] = self._prover.prove(question_about(check, path))


def _key(record: Json) -> tuple[str, str, str]:
    return record["zone"], record["name"], record["type"]


def _control_of(check: HealthCheck) -> str | None:
    """The ARN of the routing control of a health check; None for any other type."""
    return check.config.get("RoutingControlArn")


def _inline(problem: TidegateError) -> str:
    return str(problem).rstrip(".")


def _reported(name: str, found: Sequence[Finding], other: OtherSite, locked: bool) -> Result:
    stops = {stop for finding in found if finding.level == "error" for stop in finding.stops}
    return {
        "name": name,
        "findings": [reported_finding(finding) for finding in found],
        "failover_ready": "failover" not in stops,
        "failback_ready": "failback" not in stops,
        "other_site": {
            "health": other.health,
            "how": other.how,
            "answers": {key: list(answers) for key, answers in other.answers.items()},
        },
        "fence_ineffective": locked and other.health == "unhealthy",
    }
