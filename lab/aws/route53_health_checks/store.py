# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The health checks of an account."""

from __future__ import annotations

import uuid
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from lab.aws.errors import AwsError
from lab.aws.route53_health_checks.config import Config, check_updatable, invalid, new_config, updated_config
from lab.aws.route53_health_checks.tags import MAX_TAGS, changed_tags


@dataclass
class HealthCheck:
    """One health check. Its settings are replaced as a whole, so readers never see a partial update.

    :ivar version: 1 at first; each update of the settings adds 1.
    """

    id: str
    caller_reference: str
    given: Config
    config: Config
    version: int = 1
    tags: dict[str, str] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        """The check as the API returns it."""
        return {
            "Id": self.id,
            "CallerReference": self.caller_reference,
            "HealthCheckConfig": self.config,
            "HealthCheckVersion": self.version,
        }


@dataclass
class StoreRules:
    """Rules that the documentation leaves open, and limits that AWS changes on request."""

    path_needs_slash: bool = True
    max_tags: int = MAX_TAGS
    max_health_checks: int = 10_000


class HealthCheckStore:
    """Stores the health checks, and refuses what Route 53 refuses.

    :param alarm_exists: returns whether a region has a CloudWatch alarm of this name.
    """

    def __init__(self, rules: StoreRules, alarm_exists: Callable[[str, str], bool]) -> None:
        self.rules = rules
        self._alarm_exists = alarm_exists
        self._checks: dict[str, HealthCheck] = {}
        self._used_references: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._checks)

    def all(self) -> list[HealthCheck]:
        """Every health check."""
        return list(self._checks.values())

    def find(self, check_id: str) -> HealthCheck | None:
        """The health check, or None."""
        return self._checks.get(check_id)

    def get(self, check_id: str) -> HealthCheck:
        """The health check.

        :raises AwsError: 404 NoSuchHealthCheck.
        """
        check = self._checks.get(check_id)
        if check is None:
            raise AwsError(404, "NoSuchHealthCheck", f"No health check exists with the ID {check_id}.")
        return check

    def create(self, caller_reference: str, given: Config, check_id: str | None = None) -> HealthCheck:
        """Create a health check; a repeated request returns the existing health check.

        :param check_id: its id; None draws one.
        :raises AwsError: 400 InvalidInput, 400 TooManyHealthChecks, 409 HealthCheckAlreadyExists: the caller reference
            belongs to a check with other settings, or to a deleted one.
        """
        used_by = self._used_references.get(caller_reference)
        if used_by is not None:
            existing = self._checks.get(used_by)
            if existing is not None and existing.given == given:
                return existing
            message = f"A health check with the caller reference {caller_reference} has already been created."
            raise AwsError(409, "HealthCheckAlreadyExists", message)
        if len(self._checks) >= self.rules.max_health_checks:
            message = f"The account has reached its limit of {self.rules.max_health_checks} health checks."
            raise AwsError(400, "TooManyHealthChecks", message)
        config = new_config(given, self.rules.path_needs_slash)
        self._check_references(config)
        check = HealthCheck(check_id or str(uuid.uuid4()), caller_reference, given, config)
        self._checks[check.id] = check
        self._used_references[caller_reference] = check.id
        return check

    def update(self, check_id: str, request: Config) -> HealthCheck:
        """Change only the settings in the request, and increase the version.

        :raises AwsError: 404 NoSuchHealthCheck, 400 InvalidInput, 409 HealthCheckVersionMismatch.
        """
        check = self.get(check_id)
        check_updatable(check.config)
        expected = request.get("HealthCheckVersion")
        if expected is not None and expected != check.version:
            message = (
                f"The value of HealthCheckVersion in the request, {expected}, does not match the version of the health "
                f"check, {check.version}."
            )
            raise AwsError(409, "HealthCheckVersionMismatch", message)
        config = updated_config(check.config, request, self.rules.path_needs_slash)
        self._check_references(config)
        check.config = config
        check.version += 1
        return check

    def delete(self, check_id: str) -> None:
        """Delete the health check. Its caller reference cannot be used again.

        :raises AwsError: 404 NoSuchHealthCheck.
        """
        self.get(check_id)
        del self._checks[check_id]

    def replace_all(self, checks: Iterable[HealthCheck]) -> None:
        """Replace all health checks by these, unchecked."""
        self.clear()
        for check in checks:
            self._checks[check.id] = check
            self._used_references[check.caller_reference] = check.id

    def clear(self) -> None:
        """Remove everything, also the used caller references."""
        self._checks.clear()
        self._used_references.clear()

    def page(self, marker: str | None, limit: int) -> tuple[list[HealthCheck], str | None]:
        """Health checks from the marker on, in the order of their ids, and the marker of the next page."""
        ids = sorted(self._checks)
        start = bisect_left(ids, marker) if marker else 0
        end = start + limit
        page = [self._checks[check_id] for check_id in ids[start:end]]
        return page, ids[end] if end < len(ids) else None

    def change_tags(self, check_id: str, add: list[dict[str, str]], remove: list[str]) -> None:
        """Add and remove tags.

        :raises AwsError: 404 NoSuchHealthCheck, 400 InvalidInput.
        """
        check = self.get(check_id)
        check.tags = changed_tags(check.tags, add, remove, self.rules.max_tags)

    def _check_references(self, config: Config) -> None:
        for child in config.get("ChildHealthChecks", []):
            if child not in self._checks:
                raise invalid(f"The child health check {child} does not exist.")
        alarm = config.get("AlarmIdentifier")
        if alarm is not None and not self._alarm_exists(alarm["Name"], alarm["Region"]):
            raise invalid(f"The CloudWatch alarm {alarm['Name']} does not exist in {alarm['Region']}.")
