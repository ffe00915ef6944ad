# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The content as documents: HTML, plain text, a problem document (RFC 9457), and JSON with an error code."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from ansible_collections.tidegate.failover.plugins.module_utils._content.colors import Palette
from ansible_collections.tidegate.failover.plugins.module_utils._content.content import Content, Text
from ansible_collections.tidegate.failover.plugins.module_utils._content.sentences import SENTENCES

#: The status in JSON documents, whatever the status line of the response.
UNAVAILABLE = 503

HTML = "text/html; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
PROBLEM = "application/problem+json"
JSON = "application/json"


@dataclass(frozen=True)
class Document:
    """One format of the page in one language."""

    content_type: str
    body: str
    headers: tuple[tuple[str, str], ...] = ()


def documents(content: Content, text: Text) -> dict[str, Document]:
    """All formats of the page in one language, by name."""
    page = html_page(content, text)
    policy = _security_policy(content, _style(content))
    return {
        "html": Document(HTML, page, (("Content-Security-Policy", policy), ("Referrer-Policy", "no-referrer"))),
        "text": Document(PLAIN, plain_text(content, text)),
        "problem": Document(PROBLEM, _json(problem(content, text))),
        "coded": Document(JSON, _json(coded(content, text))),
    }


def html_page(content: Content, text: Text) -> str:
    """A page without other files and without a script, in light and dark."""
    sentences = SENTENCES[text.language]
    parts = [
        f'<!doctype html>\n<html lang="{text.language}">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(text.title)}</title>",
        f"<style>{_style(content)}</style>\n</head>\n<body>\n<main>",
        *_logo(content),
        f"<h1>{escape(text.title)}</h1>",
        *_paragraphs(text.message),
        *(f"<p>{sentences.expected_end} {when}</p>" for when in _time_element(content)),
        *(f"<p>{sentences.contact} {contact}</p>" for contact in _contact(content)),
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(parts)


def short_html_page(content: Content, text: Text) -> str:
    """The page for a host with a small limit: the browser's own colours, light or dark, and no picture."""
    sentences = SENTENCES[text.language]
    parts = [
        f'<!doctype html><html lang="{text.language}"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">',
        f"<title>{escape(text.title)}</title><style>{_SHORT_STYLE}</style><main><h1>{escape(text.title)}</h1>",
        *_paragraphs(text.message),
        *(f"<p>{sentences.expected_end} {when}</p>" for when in _time_element(content)),
        *(f"<p>{sentences.contact} {contact}</p>" for contact in _contact(content)),
        "</main>",
    ]
    return "".join(parts)


def plain_text(content: Content, text: Text) -> str:
    """The page for a terminal."""
    sentences = SENTENCES[text.language]
    parts = [text.title, text.message]
    parts += [f"{sentences.expected_end} {when}" for when in _time(content)]
    parts += [f"{sentences.contact} {content.contact}"] if content.contact else []
    return "\n\n".join(parts) + "\n"


def problem(content: Content, text: Text) -> dict[str, object]:
    """The problem document of RFC 9457.

    Without a ``type``, the document only repeats the status, and its title has to be the phrase of the status.
    """
    return {
        "title": "Service Unavailable",
        "status": UNAVAILABLE,
        "detail": text.message,
        "heading": text.title,
        "code": content.error_code,
        **_further(content),
    }


def coded(content: Content, text: Text) -> dict[str, object]:
    """The format for responses with status 200: the error is in ``error``."""
    error = {"code": content.error_code, "status": UNAVAILABLE, "title": text.title, "message": text.message}
    return {"error": error | _further(content)}


def _further(content: Content) -> dict[str, object]:
    further: dict[str, object] = {"retry_after": content.retry_after}
    if content.expected_end:
        further["expected_end"] = content.expected_end.strftime("%Y-%m-%dT%H:%M:%SZ")
    if content.contact:
        further["contact"] = content.contact
    return further


def _json(document: dict[str, object]) -> str:
    # In ASCII, so that hosts and clients cannot misread the encoding.
    return json.dumps(document, separators=(",", ":")) + "\n"


_SHORT_STYLE = "body{font:1.1em/1.5 system-ui,sans-serif;max-width:36em;margin:15vh auto;padding:0 1em}"


# Above the heading: the logo, or a line if there is no logo.
_IMAGE = "img{display:block;max-width:100%;max-height:4rem;margin-bottom:1.5rem}"
_LINE = (
    "main::before{content:'';display:block;width:3.5rem;height:.3rem;margin-bottom:1.5rem;border-radius:1rem;"
    "background:var(--a)}"
)


def _style(content: Content) -> str:
    return (
        f":root{{{_variables(content.light)}color-scheme:light dark}}"
        f"@media(prefers-color-scheme:dark){{:root{{{_variables(content.dark)}}}}}"
        "*{box-sizing:border-box}"
        "body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;"
        "background:var(--b);color:var(--t);font:1.0625rem/1.6 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}"
        "main{width:100%;max-width:38rem;padding:2rem 1.5rem;overflow-wrap:anywhere}"
        f"{_IMAGE if content.logo else _LINE}"
        "h1{font-size:clamp(1.6rem,6vw,2.25rem);line-height:1.2;margin:0 0 1rem}"
        "p{margin:0 0 1rem}"
        "time{white-space:nowrap}"
        "a{color:var(--a)}"
        "a:focus-visible{outline:.2rem solid var(--a);outline-offset:.2rem}"
        "@media print{body{min-height:0;display:block}}"
    )


def _variables(colors: Palette) -> str:
    return f"--b:{colors.background};--t:{colors.text};--a:{colors.accent};"


def _security_policy(content: Content, style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    pictures = "data:"
    if content.logo.startswith("https:"):
        parts = urlsplit(content.logo)
        pictures = f"{parts.scheme}://{parts.netloc}"
    allowed = f"; img-src {pictures}" if content.logo else ""
    return f"default-src 'none'; style-src 'sha256-{digest}'{allowed}; base-uri 'none'; form-action 'none'"


def _logo(content: Content) -> Iterator[str]:
    if content.logo:
        yield f'<img src="{escape(content.logo)}" alt="{escape(content.logo_alt)}">'


def _paragraphs(message: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", message):
        yield "<p>" + "<br>".join(escape(line.strip()) for line in paragraph.split("\n")) + "</p>"


def _time(content: Content) -> Iterator[str]:
    if content.expected_end:
        yield content.expected_end.strftime("%Y-%m-%d %H:%M UTC")


def _time_element(content: Content) -> Iterator[str]:
    if content.expected_end:
        machine = content.expected_end.strftime("%Y-%m-%dT%H:%M:%SZ")
        yield from (f'<time datetime="{machine}">{when}</time>' for when in _time(content))


def _contact(content: Content) -> Iterator[str]:
    """The contact, as a link if it is an address that a browser can open."""
    shown = escape(content.contact)
    if re.fullmatch(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", content.contact, re.ASCII):
        yield f'<a href="mailto:{shown}">{shown}</a>'
    elif re.fullmatch(r"https://[A-Za-z0-9.-]+(?::\d+)?(?:/[\x21-\x7e]*)?", content.contact, re.ASCII):
        yield f'<a href="{shown}">{shown}</a>'
    elif re.fullmatch(r"\+?[0-9][0-9 ()/-]{4,}", content.contact):
        yield f'<a href="tel:{re.sub(r"[^+0-9]", "", content.contact)}">{shown}</a>'
    elif content.contact:
        yield shown
