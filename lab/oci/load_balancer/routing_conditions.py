# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Whether a condition of a routing policy can be read. Source: OCI documentation, "Routing Policy Language"."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: A string, a combinator, a matcher, a variable, or punctuation. What is none of them cannot be read.
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
    """The condition breaks the language's rules; the message says where."""


def check_condition(text: str) -> None:
    """:raises UnreadableConditionError: the condition cannot be read."""
    reader = _Reader(text)
    reader.condition()
    reader.end()


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))

    def condition(self) -> None:
        """A combinator with conditions, or one predicate."""
        self._take("not")
        if self._take("combinator"):
            self._expect("(")
            self.condition()
            while self._take(","):
                self.condition()
            self._expect(")")
        else:
            self._predicate()

    def end(self) -> None:
        """Nothing may follow."""
        if self._tokens:
            raise UnreadableConditionError(f"{self._tokens[0][1]!r} is not expected there")

    def _predicate(self) -> None:
        constant = self._value()
        if constant and self._take("within"):
            self._expect("(")
            self._map()
            self._expect(")")
        elif self._take("matcher"):
            self._value()
        else:
            raise UnreadableConditionError("a value is followed by no matcher")

    def _value(self) -> bool:
        """A constant, or a variable that holds text; returns whether it is a constant."""
        if not self._next_is("variable"):
            self._constant()
            return True
        name = self._tokens[0][1]
        if name == _TEXT:
            self._tokens.pop(0)
        else:
            self._map()
            self._expect("[")
            if not self._constant() and name == _HEADERS:
                raise UnreadableConditionError(
                    f"a key of {_HEADERS} is written (i '...'), because case does not matter"
                )
            self._expect("]")
        return False

    def _constant(self) -> bool:
        """A string; returns whether case does not matter to it."""
        if self._take("string"):
            return False
        self._expect("(")
        if not (self._take("insensitive") and self._take("string")):
            raise UnreadableConditionError(
                "a string stands in single quotes, or in (i '...') where case does not matter"
            )
        self._expect(")")
        return True

    def _map(self) -> None:
        if self._tokens[:1] == [("variable", _TEXT)] or not self._take("variable"):
            raise UnreadableConditionError("a map is expected: http.request.headers, .cookies or .url.query")

    def _next_is(self, wanted: str) -> bool:
        return bool(self._tokens) and wanted in self._tokens[0]

    def _take(self, wanted: str) -> bool:
        """Take the next token if it is of this kind, or is this punctuation."""
        if not self._next_is(wanted):
            return False
        self._tokens.pop(0)
        return True

    def _expect(self, punctuation: str) -> None:
        if not self._take(punctuation):
            raise UnreadableConditionError(f"{punctuation!r} is expected")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            raise UnreadableConditionError(f"{text[position:]!r} is neither a variable, a matcher nor a string")
        yield found.lastgroup, found[found.lastgroup]
        position = found.end()
