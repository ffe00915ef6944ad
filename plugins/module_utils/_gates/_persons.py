# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Whether names are names of persons, and of different persons. Pure functions."""

from __future__ import annotations

import re
import unicodedata

#: Placeholders that a template or a form leaves where nobody has filled in anything.
_BLANKS = frozenset(
    [
        "none",
        "null",
        "nil",
        "undefined",
        "omit",
        "false",
        "no",
        "true",
        "yes",
        "n/a",
        "na",
        "nobody",
        "unknown",
        "todo",
        "tbd",
        "changeme",
        "change_me",
        "change-me",
    ]
)
#: The default owner in all roles and modules: an account, but no person.
_ANYBODY = "operator"
#: Delimiters of a template, and Ansible's placeholder for an omitted value.
_UNRENDERED = re.compile(r"\{[{%#]|[}%#]\}|__omit_place_holder__")
#: Alphabets whose letters look alike.
_ALIKE = ("LATIN", "CYRILLIC", "GREEK")


def plain(text: str) -> str:
    """A text without differences that do not count: letter case, width, outer spaces, invisible characters."""
    visible = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", visible.casefold()).split())


def is_blank(text: str) -> bool:
    """Whether a text is empty, or a placeholder of a template or a form."""
    seen = plain(text)
    unquoted = seen.strip("\"'`<>()[]")
    return not any(map(str.isalnum, seen)) or unquoted in _BLANKS or bool(_UNRENDERED.search(seen))


def is_nobody(name: str) -> bool:
    """Whether a name does not belong to a single person."""
    return is_blank(name) or account(name) in ("", _ANYBODY)


def is_mixed(name: str) -> bool:
    """Whether a word mixes letters of several alphabets, as in a name that imitates another name."""
    return any(
        len({alphabet for alphabet in _ALIKE for letter in word if unicodedata.name(letter, "").startswith(alphabet)})
        > 1
        for word in re.split(r"[\W_]+", plain(name))
    )


def is_same(one: str, other: str) -> bool:
    """Whether two names may belong to one person: ``bob``, ``operator:Bob``, ``CORP\\bob``, ``bob@example.com``."""
    first, second = account(one), account(other)
    if "@" in first and "@" in second:
        return first == second
    return first.partition("@")[0].strip() == second.partition("@")[0].strip()


def account(name: str) -> str:
    """A name without the prefix of an account."""
    return re.split(r"[:\\/]", plain(name))[-1].strip()
