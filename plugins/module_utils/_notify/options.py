# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The settings of notifications: the role's variables other than the list, and their problems."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ansible_collections.tidegate.failover.plugins.module_utils._notify.receivers import Unreadable


@dataclass(frozen=True)
class Options:
    """The settings of notifications.

    :ivar title: the user's own title; empty for the title of the message.
    :ivar text: the user's own text; empty for the text of the message.
    :ivar timeout: seconds that one attempt may take.
    :ivar retries: how often a failed attempt is repeated.
    :ivar delay: seconds between attempts.
    :ivar aws_auth: the sign-in options for AWS.
    :ivar oci_auth: the sign-in options for OCI.
    :ivar problems: the problems, by option.
    """

    title: str = ""
    text: str = ""
    timeout: int = 10
    retries: int = 2
    delay: int = 2
    aws_auth: Mapping[str, t.Any] = field(default_factory=dict, repr=False)
    oci_auth: Mapping[str, t.Any] = field(default_factory=dict, repr=False)
    problems: Mapping[str, str] = field(default_factory=dict)


def options_from(given: Mapping[str, t.Any]) -> Options:
    """The options from the user's values. A value that is missing, empty or wrong is replaced by the default.

    :param given: values by the names of :class:`Options`. Each may be :class:`Unreadable`.
    """
    there = {name: value for name, value in given.items() if value is not None and value != ""}
    problems = {name: wrong for name, value in there.items() if (wrong := _wrong(name, value))}
    read = {name: _READ[name](value) for name, value in there.items() if name not in problems}
    return Options(**read, problems={name: f"notify_{name}: {wrong}." for name, wrong in problems.items()})


def _wrong(name: str, value: object) -> str:
    """The problem of a value, without the value itself, which may be secret."""
    if isinstance(value, Unreadable):
        return value.why
    if _READ[name] is int:
        least = int(name == "timeout")
        return "" if _whole(value) >= least else f"it is no whole number from {least} on"
    if _READ[name] is dict:
        return "" if isinstance(value, Mapping) else "it is no dictionary of options"
    return "it is no text" if isinstance(value, Mapping | list | tuple | bool) else ""


def _whole(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else -1


_READ: Mapping[str, Callable[[t.Any], t.Any]] = {
    "title": str,
    "text": str,
    "timeout": int,
    "retries": int,
    "delay": int,
    "aws_auth": dict,
    "oci_auth": dict,
}
OPTIONS = tuple(_READ)
