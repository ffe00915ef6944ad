# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A run that tests put records together from."""

from __future__ import annotations

from typing import Any

RUN: dict[str, Any] = {
    "id": "20261121T030405Z-3f9a1c2e",
    "service": "checkout",
    "operation": "failover",
    "status": "completed",
    "detected_at": "2026-11-21T03:03:00Z",
    "began": "2026-11-21T03:03:10Z",
    "ended": "2026-11-21T03:05:10Z",
}


def step(
    name: str, status: str = "done", began: str = "03:03:20", ended: str = "03:03:30", **more: Any
) -> dict[str, Any]:
    """What a step left; times are of the day of the run."""
    return {"name": name, "status": status, "began": f"2026-11-21T{began}Z", "ended": f"2026-11-21T{ended}Z", **more}
