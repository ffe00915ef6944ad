# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Settings of the load balancing service: times, and behaviour that is not documented."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from lab.control_error import ControlError

_CHOICES = {
    "conflict_code": ("Conflict", "IncorrectState"),
    "concurrency": ("reject", "queue"),
    "effect": ("on_completion", "on_acceptance"),
    "unknown_fields": ("refuse", "keep"),
}
_SHORTEST_MINUTE = 0.05


@dataclass(frozen=True)
class Settings:
    """The settings. ``PATCH /lab/oci/settings`` changes them at run time.

    :ivar work_request_seconds: how long a work request takes.
    :ivar conflict_code: code of the 409 answer while another change of the load balancer is in progress.
    :ivar concurrency: ``reject`` answers 409 then; ``queue`` accepts, and makes the changes one after the other.
    :ivar effect: when a change can be read through the API: once its work request has succeeded, or at once.
        Traffic always follows when the work request succeeds.
    :ivar unknown_fields: ``refuse`` answers 400 to a body with a field that the API reference does not name, as the
        service does; ``keep`` stores it, like a newer version of the service.
    :ivar page_size: the most items on one page of a list.
    :ivar minute_seconds: how many seconds a minute of alarms and of retried notifications takes.
    """

    work_request_seconds: float = 1.0
    conflict_code: str = "Conflict"
    concurrency: str = "reject"
    effect: str = "on_completion"
    unknown_fields: str = "refuse"
    page_size: int = 100
    minute_seconds: float = 1.0

    def patched(self, changes: dict[str, Any]) -> Settings:
        """These settings with some changed. :raises ControlError: an unknown name or an impossible value."""
        for name, value in changes.items():
            known = {field.name for field in fields(self)}
            if name not in known:
                raise ControlError(f"there is no setting {name!r}; there are {', '.join(sorted(known))}")
            if name in _CHOICES and value not in _CHOICES[name]:
                raise ControlError(f"{name} is one of {', '.join(_CHOICES[name])}; got {value!r}")
            if name not in _CHOICES:
                _check_number(name, value)
        return replace(self, **changes)


def _check_number(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ControlError(f"{name} is a number from 0 on; got {value!r}")
    if name == "page_size" and (not isinstance(value, int) or value < 1):
        raise ControlError(f"{name} is a whole number from 1 on; got {value!r}")
    if name == "minute_seconds" and value < _SHORTEST_MINUTE:
        raise ControlError(f"{name} is at least {_SHORTEST_MINUTE}; got {value!r}")
