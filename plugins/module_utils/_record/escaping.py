# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Writes texts from outside so that they stay text where they go: names, reasons, and what was observed.

HTML needs none of it, because templates have Jinja's own filter for that.
"""

from __future__ import annotations

import html
import re
import typing as t
from collections.abc import Callable, Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

#: Characters that CommonMark or GitHub give a meaning within a line. An underscore in the middle of a word has none.
_MARKDOWN = re.compile(r"[\\`*\[\]|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
#: What gives a meaning to the line that begins with it: headings, lists, rules.
_MARKDOWN_LINE = re.compile(r"^(#|[-+=]|[0-9]+[.)])")
#: Breaks what a chat system would take for more than text, and shows nothing.
_BREAK = "\N{ZERO WIDTH SPACE}"
#: Mattermost and others take links of Markdown, and these names call everybody in a channel.
_CHAT = re.compile(r"(?<=\])(?=\()|(?<=@)(?=(?:all|channel|everyone|here)\b)", re.IGNORECASE)


def escaped_for(text: t.Any, form: str) -> str:
    """A text as it is written in a form.

    :param form: ``line``, ``markdown``, ``code`` or ``slack``.
    :raises RefusedError: there is no such form.
    """
    if form not in _FORMS:
        raise RefusedError(f"There is no form {form!r} to escape for. The forms are {', '.join(_FORMS)}.")
    return _FORMS[form]("" if text is None else str(text))


def _line(text: str) -> str:
    """One line, without anything that does not print: line breaks, escapes of terminals, changes of direction."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _markdown(text: str) -> str:
    """A part of a line, or of a cell of a table."""
    escaped = _MARKDOWN.sub(r"\\\g<0>", html.escape(_line(text), quote=False))
    return _MARKDOWN_LINE.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", escaped)


def _code(text: str) -> str:
    """A part of a line of code in Markdown, where nothing but the end of the code has a meaning."""
    return _line(text).replace("`", "'")


def _slack(text: str) -> str:
    """Lines for Slack, and for systems that read what Slack reads."""
    lines = (html.escape(_line(line), quote=False) for line in text.splitlines())
    return _CHAT.sub(_BREAK, "\n".join(lines))


_FORMS: Mapping[str, Callable[[str], str]] = {"line": _line, "markdown": _markdown, "code": _code, "slack": _slack}
