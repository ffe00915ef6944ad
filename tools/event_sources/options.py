# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Part of event sources: read their options."""

from __future__ import annotations

from typing import Any, TypeVar

# -- shared --

Option = TypeVar("Option")
# Options that ansible-rulebook itself adds to those of a source.
ENGINE_OPTIONS = {"feedback", "eda_feedback_queue"}


def _check_names(args: dict[str, Any], known: set[str]) -> None:
    """Refuse unknown options, because a misspelled option would silently do nothing."""
    unknown = sorted(set(args) - known - ENGINE_OPTIONS)
    if unknown:
        message = f"There is no option {', '.join(unknown)}. There are: {', '.join(sorted(known))}."
        raise ValueError(message)


def _required(args: dict[str, Any], name: str, kind: type[Option]) -> Option:
    """Return a required option. Its value may be a secret, so messages do not show it."""
    value = args.get(name)
    if not isinstance(value, kind) or not value:
        message = f"The option {name} must be a {kind.__name__} and not empty; it is a {type(value).__name__}."
        raise ValueError(message)
    return value


def _number(args: dict[str, Any], name: str, default: float, *, least: float) -> float:
    """Return a number."""
    value = args.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < least:
        message = f"The option {name} is {value!r}. It must be a number from {least:g} on."
        raise ValueError(message)
    return value
