# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Durations of the Monitoring service: whole minutes, written as ISO 8601."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError


def duration(option: str, minutes: int, least: int, most: int) -> str:
    """Minutes in the form of the service. :raises RefusedError: the number is out of bounds."""
    if not least <= minutes <= most:
        raise RefusedError(f"{option} is {minutes} minutes. OCI Monitoring takes {least} to {most}.")
    return f"PT{minutes}M"
