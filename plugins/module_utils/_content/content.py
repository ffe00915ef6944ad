# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Texts and design of a maintenance page as plain data, and the checks of a user's options."""

from __future__ import annotations

import re
import typing as t
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from ansible_collections.tidegate.failover.plugins.module_utils._content import colors
from ansible_collections.tidegate.failover.plugins.module_utils._content.colors import Palette
from ansible_collections.tidegate.failover.plugins.module_utils._content.sentences import SENTENCES
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Options = Mapping[str, t.Any]

#: The kinds of answers: the message with status 503, the message with status 200, JSON with status 200.
ANSWERS = ("unavailable", "message", "json")
FORMATS = ("html", "text", "json")

_PICTURES = r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/]+={0,2}"
_TOKEN = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_EXEMPT_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()+,;=:@/-]*\*?")


@dataclass(frozen=True)
class Text:
    """Title and message in one language."""

    language: str
    title: str
    message: str


@dataclass(frozen=True)
class Exempt:
    """A path that does not get the page, but its own answer.

    :ivar path: the whole path, or its beginning and ``*``.
    """

    path: str
    status: int
    body: str
    content_type: str


@dataclass(frozen=True)
class Content:
    """All texts of a maintenance page, and its answers.

    :ivar texts: one for each language; the first is the default.
    :ivar expected_end: the expected end in UTC.
    """

    texts: tuple[Text, ...]
    expected_end: datetime | None
    contact: str
    logo: str
    logo_alt: str
    light: Palette
    dark: Palette
    answer: str
    default_format: str
    error_code: str
    retry_after: int
    cache_control: str
    exempt: tuple[Exempt, ...]


def content_of(options: Options) -> Content:
    """The content that the options describe.

    :raises RefusedError: the options have errors; the message names all of them.
    """
    light = colors.palette((options.get("colors") or {}).get("light") or {}, colors.LIGHT)
    dark = colors.palette((options.get("colors") or {}).get("dark") or {}, colors.DARK)
    texts = tuple(_texts(options))
    exempt = tuple(_exempt(options))
    found = [
        *_language_problems(options),
        *(problem for text in texts for problem in _text_problems(text)),
        *_contact_problems(options),
        *_logo_problems(options.get("logo") or ""),
        *colors.problems("light", light),
        *colors.problems("dark", dark),
        *_answer_problems(options),
        *_end_problems(options),
        *(problem for path in exempt for problem in _exempt_problems(path)),
        *_repeated("exempt", [path.path for path in exempt]),
    ]
    if found:
        raise RefusedError("The content of the maintenance page cannot be used. " + " ".join(found))
    return Content(
        texts=texts,
        expected_end=_moment(options.get("expected_end")),
        contact=(options.get("contact") or "").strip(),
        logo=options.get("logo") or "",
        logo_alt=options.get("logo_alt") or "",
        light=light,
        dark=dark,
        answer=options["answer"],
        default_format=options["default_format"],
        error_code=options["error_code"],
        retry_after=options["retry_after"],
        cache_control=options["cache_control"],
        exempt=exempt,
    )


def _texts(options: Options) -> Iterator[Text]:
    """Title and message of each language that has built-in sentences."""
    for given in (options, *options["translations"]):
        built_in = SENTENCES.get(given["language"])
        if built_in:
            title, message = _cleaned(given.get("title")), _cleaned(given.get("text"))
            yield Text(given["language"], title or built_in.title, message or built_in.message)


def _cleaned(text: t.Any) -> str:
    return str(text or "").replace("\r\n", "\n").strip()


def _language_problems(options: Options) -> Iterator[str]:
    languages = [given["language"] for given in (options, *options["translations"])]
    for language in languages:
        if language not in SENTENCES:
            yield f"The language is {language!r}. The page is available in {', '.join(SENTENCES)}."
    yield from _repeated("translations", languages)
    for translation in options["translations"]:
        for name in ("title", "text"):
            if options.get(name) and not translation.get(name):
                yield (
                    f"The translation {translation['language']} has no {name}, and {name} is given for "
                    f"{options['language']}. Give it in both, or leave the translation out."
                )


def _text_problems(text: Text) -> Iterator[str]:
    yield from _unprintable(f"The title ({text.language})", text.title)
    yield from _unprintable(f"The message ({text.language})", text.message, allowed="\n")


def _unprintable(what: str, text: str, allowed: str = "") -> Iterator[str]:
    """Errors about invisible characters, which could reverse a text, or end a line of a log."""
    found = sorted({sign for sign in text if sign not in allowed and _is_control(sign)})
    if found:
        names = ", ".join(f"U+{ord(sign):04X}" for sign in found)
        yield f"{what} has characters that cannot be shown: {names}. Remove them."


def _is_control(sign: str) -> bool:
    embedding = "\u202a" <= sign <= "\u202e" or "\u2066" <= sign <= "\u2069"
    return embedding or unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")


def _contact_problems(options: Options) -> Iterator[str]:
    yield from _unprintable("contact", options.get("contact") or "")
    yield from _unprintable("logo_alt", options.get("logo_alt") or "")


def _logo_problems(logo: str) -> Iterator[str]:
    if not logo or re.fullmatch(_PICTURES, logo) or _is_https(logo):
        return
    yield (
        f"logo begins with {logo[:30]!r}. Expected a data: URI of a PNG, JPEG, GIF, WebP or SVG picture in base64, or "
        "an https URL without quotes and spaces."
    )


def _is_https(url: str) -> bool:
    # Refuse also characters that would end an attribute or a directive of the Content-Security-Policy.
    if not re.fullmatch(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[\x21-\x7e]*", url) or re.search(r"[\"'<>;,\\]", url):
        return False
    return bool(urlsplit(url).hostname)


def _answer_problems(options: Options) -> Iterator[str]:
    if options["answer"] not in ANSWERS:
        yield f"answer is {options['answer']!r}. Expected one of {', '.join(ANSWERS)}."
    if options["default_format"] not in FORMATS:
        yield f"default_format is {options['default_format']!r}. Expected one of {', '.join(FORMATS)}."
    if not _TOKEN.fullmatch(options["error_code"]):
        yield f"error_code is {options['error_code']!r}. Expected 1 to 64 letters, digits and _ . : -"
    if not 1 <= options["retry_after"] <= 86400:
        yield f"retry_after is {options['retry_after']}. Expected 1 to 86400 seconds."
    if not _HEADER_VALUE.fullmatch(options["cache_control"]):
        yield f"cache_control is {options['cache_control']!r}. Expected the value of a header, such as no-store."


def _end_problems(options: Options) -> Iterator[str]:
    given = options.get("expected_end")
    try:
        moment = _moment(given)
    except ValueError:
        moment = None
    if given and moment is None:
        yield f"expected_end is {given!r}. Expected a time with its zone, such as 2026-11-29T10:00:00Z."


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment.astimezone(UTC) if moment.tzinfo else None


def _exempt(options: Options) -> Iterator[Exempt]:
    for given in options.get("exempt") or []:
        yield Exempt(given["path"], given["status"], given.get("body") or "", given["content_type"])


def _exempt_problems(exempt: Exempt) -> Iterator[str]:
    if not _EXEMPT_PATH.fullmatch(exempt.path) or (exempt.path.endswith("*") and not exempt.path.endswith("/*")):
        yield (
            f"exempt has the path {exempt.path!r}. Expected a path such as /health, or /webhooks/* for all paths "
            "below it."
        )
    if not 200 <= exempt.status <= 599:
        yield f"exempt {exempt.path} has the status {exempt.status}. Expected 200 to 599."
    if exempt.body and exempt.status in (204, 205, 304):
        yield f"exempt {exempt.path} has a body, and the status {exempt.status} allows none. Remove one of them."
    if not re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+(?:; ?charset=[a-z0-9-]+)?", exempt.content_type, re.IGNORECASE):
        yield f"exempt {exempt.path} has the content type {exempt.content_type!r}. Expected one such as text/plain."


def _repeated(option: str, names: list[str]) -> Iterator[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{option} has {name!r} more than once."
