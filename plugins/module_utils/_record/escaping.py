# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Escapes texts from outside, such as names, reasons and observations, for the format of the output.

HTML is not included: its templates use Jinja's own filter.
"""

from __future__ import annotations

import html
import re
import typing as t
from collections.abc import Callable, Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

#: Characters with a meaning in CommonMark or on GitHub. An underscore in the middle of a word has none.
_MARKDOWN = re.compile(r"[\\`*\[\]|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
#: The beginnings of lines with a meaning: headings, lists, rules.
_MARKDOWN_LINE = re.compile(r"^(#|[-+=]|[0-9]+[.)])")
#: An invisible character that breaks markup of chat systems.
_BREAK = "\N{ZERO WIDTH SPACE}"
#: Mattermost and others interpret Markdown links, and these names notify everybody in a channel.
_CHAT = re.compile(r"(?<=\])(?=\()|(?<=@)(?=(?:all|channel|everyone|here)\b)", re.IGNORECASE)


def escaped_for(text: t.Any, form: str) -> str:
    """A text, escaped for a form.

    :param form: ``line``, ``markdown``, ``code`` or ``slack``.
    :raises RefusedError: there is no such form.
    """
    if form not in _FORMS:
        raise RefusedError(f"There is no form {form!r} to escape for. The forms are {', '.join(_FORMS)}.")
    return _FORMS[form]("" if text is None else str(text))


def _line(text: str) -> str:
    """One line without non-printable characters: line breaks, terminal escapes, changes of direction."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _markdown(text: str) -> str:
    """A part of a line, or of a cell of a table."""
    escaped = _MARKDOWN.sub(r"\\\g<0>", html.escape(_line(text), quote=False))
    return _MARKDOWN_LINE.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", escaped)


def _code(text: str) -> str:
    """A part of inline code in Markdown, in which only the closing backtick has a meaning."""
    return _line(text).replace("`", "'")


def _slack(text: str) -> str:
    """Lines for Slack, and for systems with the same markup."""
    lines = (html.escape(_line(line), quote=False) for line in text.splitlines())
    return _CHAT.sub(_BREAK, "\n".join(lines))


_FORMS: Mapping[str, Callable[[str], str]] = {"line": _line, "markdown": _markdown, "code": _code, "slack": _slack}
