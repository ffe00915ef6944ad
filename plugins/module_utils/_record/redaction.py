# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Removes secrets from texts that are stored or sent.

Modules censor the values of their ``no_log`` options. This module is for texts from elsewhere: addresses with
credentials, connection strings, and headers in messages of tools.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

HIDDEN = "********"

_CALLED = r"password|passwd|pwd|pass[_-]?phrase|secret|token|signature|(?:api|access|private|secret)[_-]?key|credential"
_HIDDEN_KEY = re.compile(rf"(?:^|[_-])(?:{_CALLED})s?$", re.IGNORECASE)

#: https://user:password@host/, also postgresql://. A password may contain characters that a correct address would
#: escape, up to the last "@". A text that begins like a port does not count. The scheme is not matched: a search for it
#: takes time with the square of the length of a text such as "a.a.a.".
_IN_ADDRESS = re.compile(r"(?P<keep>://[^\s/:@]*:)(?!\d+(?:[/?#\s'\",;)]|$))(?P<secret>[^\s'\"<>]+)(?=@)")
#: https://token@host/
_ALONE_IN_ADDRESS = re.compile(r"(?P<keep>\bhttps?://)(?P<secret>[^\s/:@?#]+)(?=@)", re.IGNORECASE)

#: The name of a secret in a text, up to where its value begins.
_NAMED = rf"(?P<keep>\b[\w-]{{0,80}}(?:{_CALLED})\b['\"]?\s*[=:]\s*"

_ADDRESS_PATTERNS = tuple((pattern, rf"\g<keep>{HIDDEN}") for pattern in (_IN_ADDRESS, _ALONE_IN_ADDRESS))
_PATTERNS = (
    # "secret": "one, two", password='it''s': up to the quote that ends it, or else to the end.
    (
        re.compile(
            rf"{_NAMED}(?P<quote>['\"]))(?:\\.|(?P=quote){{2}}|(?!(?P=quote)).)+(?=(?P=quote)|\Z)",
            re.IGNORECASE | re.DOTALL,
        ),
        rf"\g<keep>{HIDDEN}",
    ),
    # password=..., ?token=...
    (re.compile(rf"{_NAMED})[^\s'\"&,;]+", re.IGNORECASE), rf"\g<keep>{HIDDEN}"),
    (re.compile(r"(?P<keep>\b(?:Bearer|Basic)\s+)[\w.~+/=-]{8,}"), rf"\g<keep>{HIDDEN}"),
    # A chat system's webhook address is a secret as a whole: anyone who knows its path can post.
    (re.compile(r"(?P<keep>https://hooks\.[\w.-]+/)\S+"), rf"\g<keep>{HIDDEN}"),
)


def redacted(value: t.Any) -> t.Any:
    """The same plain data, with everything hidden that looks like a secret."""
    if isinstance(value, str):
        return redacted_text(value)
    if isinstance(value, Mapping):
        return {key: _redacted_item(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(item) for item in value]
    return value


def address_secrets(value: t.Any) -> set[str]:
    """The passwords in addresses in these data, both as written and unquoted."""
    if isinstance(value, str):
        found = [match["secret"] for pattern in (_IN_ADDRESS, _ALONE_IN_ADDRESS) for match in pattern.finditer(value)]
        return {form for secret in found for form in (secret, unquote(secret))}
    if isinstance(value, Mapping):
        return address_secrets(list(value.values()))
    if isinstance(value, list | tuple):
        return {secret for item in value for secret in address_secrets(item)}
    return set()


def redacted_text(text: str) -> str:
    """One text with secrets hidden."""
    # No address with a secret ends after the last "@", so long texts without one are not searched.
    end = text.rfind("@") + 1
    text = _replaced(_ADDRESS_PATTERNS, text[:end]) + text[end:]
    return _replaced(_PATTERNS, text)


def _replaced(patterns: Iterable[tuple[re.Pattern[str], str]], text: str) -> str:
    for pattern, replacement in patterns:
        text = pattern.sub(replacement, text)
    return text


def _redacted_item(key: str, item: t.Any) -> t.Any:
    hidden = item and not isinstance(item, bool) and _HIDDEN_KEY.search(key)
    return HIDDEN if hidden else redacted(item)
