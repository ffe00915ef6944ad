# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""OCIDs, request ids and times in OCI's forms."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

REGION = "us-ashburn-1"
_REGION_KEY = "iad"
#: Resources that belong to no region.
_GLOBAL = {"tenancy", "user", "compartment"}


def new_ocid(kind: str) -> str:
    """A new OCID, for example ``ocid1.loadbalancer.oc1.iad.0c3f...``."""
    region = "" if kind in _GLOBAL else _REGION_KEY
    return f"ocid1.{kind}.oc1.{region}.{secrets.token_hex(30)}"


def new_request_id() -> str:
    """One part of an ``opc-request-id``: 32 upper-case hexadecimal digits."""
    return secrets.token_hex(16).upper()


def now() -> str:
    """The present time, RFC 3339 in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
