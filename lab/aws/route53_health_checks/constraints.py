# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Checks a request against the constraints that the service's own model states: required, length, range, values."""

from __future__ import annotations

import re
from typing import Any

from botocore.model import Shape

from lab.aws.errors import AwsError


def check_constraints(shape: Shape, value: Any, name: str = "request") -> None:
    """Check a parsed request.

    :raises AwsError: 400 InvalidInput, with AWS' message for the violation of a model.
    """
    if shape.type_name == "structure":
        for member in shape.required_members:
            if value.get(member) is None:
                raise _violation(None, f"{name}.{member}", "Member must not be null")
        for member, member_value in value.items():
            if member_value is not None and member in shape.members:
                check_constraints(shape.members[member], member_value, f"{name}.{member}")
    elif shape.type_name == "list":
        _check_size(shape, value, len(value), name, "length")
        for item in value:
            check_constraints(shape.member, item, f"{name}.member")
    elif shape.type_name == "string":
        _check_string(shape, value, name)
    elif shape.type_name in ("integer", "long"):
        _check_size(shape, value, value, name, "value")


def _check_string(shape: Shape, value: str, name: str) -> None:
    _check_size(shape, value, len(value), name, "length")
    allowed = shape.enum
    if allowed and value not in allowed:
        raise _violation(value, name, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not re.search(pattern, value):
        raise _violation(value, name, f"Member must satisfy regular expression pattern: {pattern}")


def _check_size(shape: Shape, value: Any, size: int, name: str, what: str) -> None:
    smallest, largest = shape.metadata.get("min"), shape.metadata.get("max")
    if smallest is not None and size < smallest:
        raise _violation(value, name, f"Member must have {what} greater than or equal to {smallest}")
    if largest is not None and size > largest:
        raise _violation(value, name, f"Member must have {what} less than or equal to {largest}")


def _violation(value: Any, name: str, constraint: str) -> AwsError:
    path = name.removeprefix("request.")
    message = f"1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: {constraint}"
    return AwsError(400, "InvalidInput", message)
