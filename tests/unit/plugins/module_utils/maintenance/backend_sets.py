# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A backend set as GetLoadBalancer shows it, and its health, to try decisions on."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

#: Flags of backends, by what such a backend is called here.
FLAGS: Mapping[str, dict[str, bool]] = {
    "serving": {},
    "drained": {"drain": True},
    "offline": {"offline": True},
    "backup": {"backup": True},
}


def backend_set(*kinds: str) -> dict[str, t.Any]:
    """A backend for each kind; they are called ``10.0.0.1:80``, ``10.0.0.2:80`` and so on."""
    none = {"drain": False, "offline": False, "backup": False}
    named = [{"name": address(number), **none, **FLAGS[kind]} for number, kind in enumerate(kinds, start=1)]
    return {"name": "app", "backends": named}


def address(number: int) -> str:
    """The name of the backend with this number."""
    return f"10.0.0.{number}:80"


def health(total: int, status: str = "OK", **numbers: list[int]) -> dict[str, t.Any]:
    """The answer of GetBackendSetHealth for this number of backends.

    :param numbers: those that are ``critical``, ``warning`` or ``unknown``.
    """
    states = {state: [address(number) for number in numbers.get(state, [])] for state in _STATES}
    return {"status": status, "totalBackendCount": total} | {
        f"{state}StateBackendNames": names for state, names in states.items()
    }


_STATES = ("critical", "warning", "unknown")
