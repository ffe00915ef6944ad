# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Conditions of routing policies: reads them, and evaluates them for requests.

Source: OCI documentation, "Routing Policy Language": the rules are evaluated in their order, and the first rule that a
request matches decides. Case matters, except in strings of the form ``(i '...')``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: A string, a combinator, a matcher, a variable, or punctuation. Any other text cannot be read.
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'[^']*')
      | (?P<variable>http\.request\.(?:url\.path|url\.query|headers|cookies)\b)
      | (?P<combinator>(?:any|all)(?=\s*\())
      | (?P<matcher>(?:not\s+)?(?:equals|equal|eq|ew|sw)\b|neq\b|!=|==?)
      | (?P<within>(?:not\s+)?in\b)
      | (?P<not>not\b)
      | (?P<insensitive>i(?=\s*'))
      | (?P<punctuation>[()\[\],])
    )\s*""",
    re.VERBOSE,
)
_HEADERS = "http.request.headers"
_TEXT = "http.request.url.path"


class UnreadableConditionError(Exception):
    """The condition breaks the language's rules; the message names the place."""


@dataclass(frozen=True)
class Request:
    """A request, as conditions evaluate it.

    :ivar headers: by their names in lower case.
    """

    path: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    query: Mapping[str, str]


Condition = Callable[[Request], bool]


@dataclass(frozen=True)
class _Value:
    """A side of a comparison: a constant, or a value of a request.

    :ivar of: returns its text; None for a header, cookie or parameter that the request does not have.
    """

    of: Callable[[Request], str | None]
    is_constant: bool
    ignores_case: bool = False


def check_condition(text: str) -> None:
    """:raises UnreadableConditionError: the condition cannot be read."""
    condition_from(text)


def condition_from(text: str) -> Condition:
    """A function that returns whether a request fulfils the condition.

    :raises UnreadableConditionError: the condition cannot be read.
    """
    reader = _Reader(text)
    condition = reader.condition()
    reader.end()
    return condition


def backend_set_by(policy: Mapping[str, Any], request: Request) -> str | None:
    """The backend set of the first rule that a request fulfils; None if it fulfils no rule."""
    for rule in policy["rules"]:
        if condition_from(rule["condition"])(request):
            return str(rule["actions"][0]["backendSetName"])
    return None


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))

    def condition(self) -> Condition:
        """A combinator with conditions, or one predicate."""
        negated = bool(self._take("not"))
        combinator = self._take("combinator")
        found = self._combined(any if combinator == "any" else all) if combinator else self._predicate()
        return (lambda request: not found(request)) if negated else found

    def _combined(self, combine: Callable[[Iterator[bool]], bool]) -> Condition:
        self._expect("(")
        parts = [self.condition()]
        while self._take(","):
            parts.append(self.condition())
        self._expect(")")
        return lambda request: combine(part(request) for part in parts)

    def end(self) -> None:
        """Check that no token is left."""
        if self._tokens:
            raise UnreadableConditionError(f"{self._tokens[0][1]!r} is not expected there")

    def _predicate(self) -> Condition:
        left = self._value()
        within = self._take("within") if left.is_constant else ""
        if within:
            self._expect("(")
            values, name = self._map()
            self._expect(")")
            lower = left.ignores_case or name == _HEADERS
            return _within(left, values, lower=lower, negated=within.startswith("not"))
        matcher = self._take("matcher")
        if matcher:
            return _compared(left, matcher, self._value())
        raise UnreadableConditionError("a value is followed by no matcher")

    def _value(self) -> _Value:
        """A constant, or a variable that holds text."""
        if not self._next_is("variable"):
            return self._constant()
        if self._tokens[0][1] == _TEXT:
            self._tokens.pop(0)
            return _Value(lambda request: request.path, is_constant=False)
        values, name = self._map()
        self._expect("[")
        key = self._constant()
        if not key.ignores_case and name == _HEADERS:
            raise UnreadableConditionError(f"a key of {_HEADERS} is written (i '...'), because case does not matter")
        self._expect("]")
        return _Value(lambda request: _found(values(request), key, request), is_constant=False)

    def _constant(self) -> _Value:
        """A string."""
        text = self._take("string")
        if text:
            return _Value(lambda _request: text[1:-1], is_constant=True)
        self._expect("(")
        text = self._take("insensitive") and self._take("string")
        if not text:
            raise UnreadableConditionError(
                "a string stands in single quotes, or in (i '...') where case does not matter"
            )
        self._expect(")")
        return _Value(lambda _request: text[1:-1], is_constant=True, ignores_case=True)

    def _map(self) -> tuple[Callable[[Request], Mapping[str, str]], str]:
        name = "" if self._tokens[:1] == [("variable", _TEXT)] else self._take("variable")
        if not name:
            raise UnreadableConditionError("a map is expected: http.request.headers, .cookies or .url.query")
        field = name.rpartition(".")[2]
        return (lambda request: getattr(request, field)), name

    def _next_is(self, wanted: str) -> bool:
        return bool(self._tokens) and wanted in self._tokens[0]

    def _take(self, wanted: str) -> str:
        """Take the next token if it is of this kind, or is this punctuation; returns its text, or an empty string."""
        return self._tokens.pop(0)[1] if self._next_is(wanted) else ""

    def _expect(self, punctuation: str) -> None:
        if not self._take(punctuation):
            raise UnreadableConditionError(f"{punctuation!r} is expected")


def _found(values: Mapping[str, str], key: _Value, request: Request) -> str | None:
    wanted = str(key.of(request))
    if not key.ignores_case:
        return values.get(wanted)
    return next((value for name, value in values.items() if name.lower() == wanted.lower()), None)


def _within(key: _Value, values: Callable[[Request], Mapping[str, str]], *, lower: bool, negated: bool) -> Condition:
    def holds(request: Request) -> bool:
        wanted, names = str(key.of(request)), list(values(request))
        found = wanted.lower() in [name.lower() for name in names] if lower else wanted in names
        return found is not negated

    return holds


def _compared(left: _Value, matcher: str, right: _Value) -> Condition:
    negated = matcher.startswith(("not", "neq", "!"))
    how = matcher.rsplit(maxsplit=1)[-1]

    def holds(request: Request) -> bool:
        one, other = left.of(request), right.of(request)
        if one is None or other is None:
            return negated
        if left.ignores_case or right.ignores_case:
            one, other = one.lower(), other.lower()
        if how in ("sw", "ew"):
            return (one.startswith(other) if how == "sw" else one.endswith(other)) is not negated
        return (one == other) is not negated

    return holds


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            raise UnreadableConditionError(f"{text[position:]!r} is neither a variable, a matcher nor a string")
        yield found.lastgroup, found[found.lastgroup]
        position = found.end()
