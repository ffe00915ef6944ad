# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Reads the known fields of a JSON object, with the errors of the service. Other fields are ignored."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, TypeAlias

from lab.oci.errors import invalid, missing

Json: TypeAlias = dict[str, Any]

#: Names of load balancer resources: "alphanumeric characters, dashes, and underscores" (API reference).
NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
#: Names of routing policies and of their rules. Source: OCI documentation, "Creating a Load Balancer Routing Policy".
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")


class Fields:
    """One JSON object of a request. An explicit null is the same as a missing field.

    Every method raises :class:`lab.oci.errors.ApiError` 400: MissingParameter or InvalidParameter.
    """

    def __init__(self, data: object, where: str) -> None:
        """:param where: the name of the object in messages, for example ``sslConfiguration``."""
        if not isinstance(data, dict):
            raise invalid(f"{where} must be an object.")
        self.data: Json = data
        self.where = where

    def value(self, name: str, required: bool = False) -> Any:
        """A value of any type."""
        if self.data.get(name) is None and required:
            raise missing(f"{self.where}.{name}")
        return self.data.get(name)

    def text(
        self,
        name: str,
        required: bool = False,
        allowed: Collection[str] | None = None,
        pattern: re.Pattern[str] | None = None,
    ) -> str | None:
        """A string; ``pattern`` must match all of it."""
        value = self.value(name, required)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.wrong(name, "must be a string")
        if allowed is not None and value not in allowed:
            raise self.wrong(name, f"must be one of {', '.join(allowed)}")
        if pattern is not None and pattern.fullmatch(value) is None:
            raise self.wrong(name, f"must match {pattern.pattern}")
        return value

    def name(self, name: str, required: bool = False) -> str | None:
        """The name of a resource."""
        return self.text(name, required, pattern=NAME)

    def integer(self, name: str, minimum: int, maximum: int, required: bool = False) -> int | None:
        """A whole number within limits."""
        value = self.value(name, required)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
            raise self.wrong(name, f"must be a whole number from {minimum} to {maximum}")
        return value

    def boolean(self, name: str) -> bool | None:
        """True or false."""
        value = self.value(name)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(name, "must be true or false")
        return value

    def items(self, name: str, required: bool = False) -> list[Any] | None:
        """A list of anything."""
        value = self.value(name, required)
        if value is not None and not isinstance(value, list):
            raise self.wrong(name, "must be a list")
        return value

    def texts(self, name: str, required: bool = False, allowed: Collection[str] | None = None) -> list[str] | None:
        """A list of different strings."""
        values = self.items(name, required)
        if values is None:
            return None
        if any(not isinstance(value, str) for value in values):
            raise self.wrong(name, "must be a list of strings")
        if len(set(values)) < len(values):
            raise self.wrong(name, "must not hold a value twice")
        unknown = [value for value in values if allowed is not None and value not in allowed]
        if unknown:
            raise self.wrong(name, f"may hold {', '.join(allowed or ())}, and not {', '.join(unknown)}")
        return values

    def object(self, name: str, required: bool = False) -> Fields | None:
        """An object inside this one."""
        value = self.value(name, required)
        return None if value is None else Fields(value, f"{self.where}.{name}")

    def objects(self, name: str, required: bool = False) -> list[Fields]:
        """A list of objects; empty if the field is missing."""
        values = self.items(name, required) or []
        return [Fields(value, f"{self.where}.{name}[{index}]") for index, value in enumerate(values)]

    def wrong(self, name: str, complaint: str) -> Exception:
        """The error for a field with an impossible value."""
        return invalid(f"{self.where}.{name} {complaint}; got {self.data.get(name)!r}.")
