# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The rules for a backend set: backends, health checker, policy. Source: API reference, BackendSetDetails."""

from __future__ import annotations

import ipaddress
import re

from lab.oci.errors import invalid
from lab.oci.load_balancer.catalogue import POLICIES
from lab.oci.load_balancer.fields import Fields, Json
from lab.oci.load_balancer.listeners import normalised_ssl


def normalised_backend_set(balancer: Json, name: str, details: Json) -> Json:
    """A backend set in its stored form. :raises ApiError: 400: the details break a rule."""
    fields = Fields(details, "backendSet")
    policy = fields.text("policy", required=True, allowed=POLICIES)
    checker = fields.object("healthChecker", required=True)
    if checker is None:
        raise AssertionError("a required object is there")
    backends = [normalised_backend(backend.data, backend.where) for backend in fields.objects("backends")]
    names = [backend["name"] for backend in backends]
    if len(set(names)) < len(names):
        raise invalid("backendSet.backends holds one backend twice.")
    if policy == "IP_HASH" and any(backend["backup"] for backend in backends):
        raise invalid("A backend set with the policy IP_HASH cannot have a backup backend.")
    return details | {
        "name": name,
        "policy": policy,
        "backends": backends,
        "backendMaxConnections": fields.integer("backendMaxConnections", 0, 65535),
        "healthChecker": normalised_health_checker(checker.data),
        "sslConfiguration": normalised_ssl(balancer, fields.object("sslConfiguration")),
        "sessionPersistenceConfiguration": fields.value("sessionPersistenceConfiguration"),
        "lbCookieSessionPersistenceConfiguration": fields.value("lbCookieSessionPersistenceConfiguration"),
    }


def normalised_backend(details: Json, where: str = "backend") -> Json:
    """A backend in its stored form, named by its address and port. :raises ApiError: 400: the details break a rule."""
    fields = Fields(details, where)
    address = fields.text("ipAddress", required=True) or ""
    try:
        ipaddress.ip_address(address)
    except ValueError as error:
        raise fields.wrong("ipAddress", "must be an IP address") from error
    port = fields.integer("port", 1, 65535, required=True)
    return details | {
        "name": f"{address}:{port}",
        "ipAddress": address,
        "port": port,
        "weight": fields.integer("weight", 1, 100) or 1,
        "maxConnections": fields.integer("maxConnections", 0, 65535),
        "backup": fields.boolean("backup") or False,
        "drain": fields.boolean("drain") or False,
        "offline": fields.boolean("offline") or False,
    }


def normalised_health_checker(details: Json) -> Json:
    """A health checker in its stored form. :raises ApiError: 400: the details break a rule."""
    fields = Fields(details, "healthChecker")
    protocol = fields.text("protocol", required=True, allowed=("HTTP", "TCP"))
    url_path = fields.text("urlPath")
    if protocol == "HTTP" and not (url_path or "").startswith("/"):
        raise invalid("healthChecker.urlPath must begin with / for the protocol HTTP.")
    pattern = fields.text("responseBodyRegex") or ".*"
    try:
        re.compile(pattern)
    except re.error as error:
        raise fields.wrong("responseBodyRegex", "must be a regular expression") from error
    return details | {
        "protocol": protocol,
        "urlPath": url_path,
        "port": fields.integer("port", 0, 65535) or 0,
        "returnCode": fields.integer("returnCode", 100, 599) or 200,
        "retries": fields.integer("retries", 1, 100) or 3,
        "timeoutInMillis": fields.integer("timeoutInMillis", 1, 600_000) or 3000,
        "intervalInMillis": fields.integer("intervalInMillis", 1000, 1_800_000) or 10_000,
        "responseBodyRegex": pattern,
        "isForcePlainText": fields.boolean("isForcePlainText") or False,
    }
