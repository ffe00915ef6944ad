# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Rules for the settings of a health check, by its type.

Source: the API reference of Route 53 (HealthCheckConfig, UpdateHealthCheck) and its service model in botocore.
"""

from __future__ import annotations

from typing import Any

from lab.aws.errors import AwsError

HTTP_TYPES = frozenset({"HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH"})
HTTPS_TYPES = frozenset({"HTTPS", "HTTPS_STR_MATCH"})
STRING_MATCH_TYPES = frozenset({"HTTP_STR_MATCH", "HTTPS_STR_MATCH"})
ENDPOINT_TYPES = HTTP_TYPES | {"TCP"}

Config = dict[str, Any]

#: The types that may have a setting. Every type may have the settings that are not named here.
_ALLOWED_ON: dict[str, frozenset[str]] = {
    "IPAddress": ENDPOINT_TYPES,
    "Port": ENDPOINT_TYPES,
    "FullyQualifiedDomainName": ENDPOINT_TYPES,
    "RequestInterval": ENDPOINT_TYPES,
    "FailureThreshold": ENDPOINT_TYPES,
    "MeasureLatency": ENDPOINT_TYPES,
    "Regions": ENDPOINT_TYPES,
    "ResourcePath": HTTP_TYPES,
    "SearchString": STRING_MATCH_TYPES,
    "EnableSNI": HTTP_TYPES,
    "HealthThreshold": frozenset({"CALCULATED"}),
    "ChildHealthChecks": frozenset({"CALCULATED"}),
    "AlarmIdentifier": frozenset({"CLOUDWATCH_METRIC"}),
    "InsufficientDataHealthStatus": frozenset({"CLOUDWATCH_METRIC"}),
    "RoutingControlArn": frozenset({"RECOVERY_CONTROL"}),
}
_REQUIRED_ON: dict[str, frozenset[str]] = {
    "SearchString": STRING_MATCH_TYPES,
    "Port": frozenset({"TCP"}),
    "AlarmIdentifier": frozenset({"CLOUDWATCH_METRIC"}),
    "RoutingControlArn": frozenset({"RECOVERY_CONTROL"}),
}
#: Settings that UpdateHealthCheck may change. Type, RequestInterval, MeasureLatency and RoutingControlArn never change.
UPDATABLE = (
    "IPAddress",
    "Port",
    "ResourcePath",
    "FullyQualifiedDomainName",
    "SearchString",
    "FailureThreshold",
    "Inverted",
    "Disabled",
    "HealthThreshold",
    "ChildHealthChecks",
    "EnableSNI",
    "Regions",
    "AlarmIdentifier",
    "InsufficientDataHealthStatus",
)


def new_config(given: Config, path_needs_slash: bool) -> Config:
    """The settings of a new health check: the given settings, and the service's defaults.

    :param path_needs_slash: whether a path without a leading slash is refused. The console adds a slash; the behaviour
        of the API is not documented.
    :raises AwsError: 400 InvalidInput.
    """
    validate(given, path_needs_slash)
    return _defaults(given["Type"]) | given


def _defaults(check_type: str) -> Config:
    defaults: Config = {"Inverted": False, "Disabled": False}
    if check_type in ENDPOINT_TYPES:
        defaults |= {"RequestInterval": 30, "FailureThreshold": 3, "MeasureLatency": False}
    if check_type in HTTP_TYPES:
        secure = check_type in HTTPS_TYPES
        defaults |= {"Port": 443 if secure else 80, "EnableSNI": secure}
    if check_type == "CALCULATED":
        defaults |= {"HealthThreshold": 0, "ChildHealthChecks": []}
    if check_type == "CLOUDWATCH_METRIC":
        defaults |= {"InsufficientDataHealthStatus": "LastKnownStatus"}
    return defaults


def check_updatable(current: Config) -> None:
    """Check that the type can be updated: a health check of a routing control cannot. The message is the service's own.

    :raises AwsError: 400 InvalidInput.
    """
    if current["Type"] == "RECOVERY_CONTROL":
        raise invalid("Update is not supported for this health check type")


def updated_config(current: Config, request: Config, path_needs_slash: bool) -> Config:
    """The settings after an UpdateHealthCheck: only the settings in the request change.

    :raises AwsError: 400 InvalidInput.
    """
    reset = request.get("ResetElements", [])
    changes = {name: request[name] for name in UPDATABLE if name in request}
    if both := sorted(set(reset) & set(changes)):
        raise invalid(f"{', '.join(both)} cannot be reset and set in the same request.")
    if "IPAddress" in changes and "IPAddress" not in current:
        raise invalid("An IP address cannot be added to a health check that was created without one.")
    for name in reset:
        _check_allowed(name, current["Type"])
    kept = {name: value for name, value in current.items() if name not in reset}
    config = kept | changes
    validate(config, path_needs_slash)
    return _defaults(current["Type"]) | config


def validate(config: Config, path_needs_slash: bool) -> None:
    """Check the settings against their type.

    :raises AwsError: 400 InvalidInput.
    """
    check_type = config["Type"]
    for name in config:
        _check_allowed(name, check_type)
    for name, types in _REQUIRED_ON.items():
        if check_type in types and not config.get(name):
            raise invalid(f"{name} is required for a health check of type {check_type}.")
    if check_type in ENDPOINT_TYPES and not (config.get("IPAddress") or config.get("FullyQualifiedDomainName")):
        raise invalid("Either IPAddress or FullyQualifiedDomainName is required.")
    if config.get("RequestInterval", 30) not in (10, 30):
        raise invalid("RequestInterval must be 10 or 30 seconds.")
    path = config.get("ResourcePath")
    if path is not None and path_needs_slash and not path.startswith("/"):
        raise invalid("ResourcePath must begin with a slash (/).")


def _check_allowed(name: str, check_type: str) -> None:
    if check_type not in _ALLOWED_ON.get(name, frozenset({check_type})):
        raise invalid(f"{name} cannot be specified for a health check of type {check_type}.")


def invalid(message: str) -> AwsError:
    """The error for settings that Route 53 does not accept."""
    return AwsError(400, "InvalidInput", message)
