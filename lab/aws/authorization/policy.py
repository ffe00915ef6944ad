# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What policies allow. Pure.

Source: IAM User Guide, "Policy evaluation logic" and "IAM JSON policy elements reference": an explicit Deny wins;
otherwise one Allow is enough; otherwise the call is denied. A statement applies if its action, its resource and all its
conditions match. An element or an operator that this module does not implement is an error, so that no policy is
misread.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lab.aws.errors import AwsError

Values = Mapping[str, Sequence[str]]

_ELEMENTS = frozenset({"Sid", "Effect", "Action", "Resource", "Condition"})


@dataclass(frozen=True)
class Wanted:
    """One permission that a call needs.

    :ivar action: as policies name it, such as ``route53:UpdateHealthCheck``.
    :ivar resource: its ARN, or ``*`` if the service does not support resources for this action.
    :ivar context: the values of condition keys that the request has.
    """

    action: str
    resource: str = "*"
    context: Values = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """:ivar explicit: whether a Deny refused the call; False if no statement allows it."""

    allowed: bool
    explicit: bool = False


def decide(policies: Iterable[str], wanted: Wanted) -> Decision:
    """Whether policies allow a permission.

    :param policies: their documents.
    :raises AwsError: a policy has an element or an operator that the lab does not implement.
    """
    effects = {
        statement["Effect"]
        for document in policies
        for statement in _statements(document)
        if _matches(statement, wanted)
    }
    if "Deny" in effects:
        return Decision(allowed=False, explicit=True)
    return Decision(allowed="Allow" in effects)


@lru_cache(maxsize=256)
def _statements(document: str) -> tuple[dict[str, Any], ...]:
    found = json.loads(document).get("Statement", [])
    statements = tuple(found if isinstance(found, list) else [found])
    for statement in statements:
        if unknown := set(statement) - _ELEMENTS:
            raise AwsError(400, "MalformedPolicyDocument", f"The lab does not know {', '.join(sorted(unknown))}.")
    return statements


def _matches(statement: Mapping[str, Any], wanted: Wanted) -> bool:
    return (
        any(_like(wanted.action.lower(), pattern.lower()) for pattern in _listed(statement["Action"]))
        and any(_like(wanted.resource, pattern) for pattern in _listed(statement["Resource"]))
        and all(
            _holds(operator, key, _listed(expected), wanted.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, expected in keys.items()
        )
    )


def _listed(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values]


def _like(value: str, pattern: str) -> bool:
    """Wildcards are ``*`` and ``?`` alone; a bracket is a bracket."""
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(expression, value, re.DOTALL) is not None


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda value, expected: value == expected,
    "StringLike": _like,
    "ArnLike": _like,
    "ArnEquals": _like,
    "Bool": lambda value, expected: value.lower() == expected.lower(),
}


def _holds(operator: str, key: str, expected: Sequence[str], context: Values) -> bool:
    """Whether one key of one operator matches. If there are several values, one match is enough."""
    quantifier, _colon, rest = operator.rpartition(":")
    name, optional = rest.removesuffix("IfExists"), rest.endswith("IfExists")
    if name not in _OPERATORS or quantifier not in ("", "ForAllValues", "ForAnyValue"):
        raise AwsError(400, "MalformedPolicyDocument", f"The lab does not know the operator {operator}.")
    # The case of key names does not matter.
    values = {known.lower(): found for known, found in context.items()}.get(key.lower(), [])
    each = [any(_OPERATORS[name](value, one) for one in expected) for value in values]
    if quantifier == "ForAllValues":
        return all(each)
    return any(each) if each else optional
