# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The answers of a host: status, headers, and the formats of the page that a client may choose."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._content.content import Content
from ansible_collections.tidegate.failover.plugins.module_utils._content.documents import (
    HTML,
    JSON,
    PLAIN,
    PROBLEM,
    UNAVAILABLE,
    Document,
    documents,
)

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Offer:
    """A format that a client may request.

    :ivar accept: the media type of the request.
    :ivar content_type: the content type of the response.
    :ivar document: the name of the document.
    """

    accept: str
    content_type: str
    document: str


@dataclass(frozen=True)
class Answer:
    """One kind of answer. The first offer is for clients that request no format."""

    status: int
    headers: Headers
    offers: tuple[Offer, ...]


_PAGE = (Offer("text/html", HTML, "html"), Offer("text/plain", PLAIN, "text"))
_CODED = (Offer("application/json", JSON, "coded"),)
# The same document for clients that do not support problem documents.
_PROBLEM = (Offer("application/problem+json", PROBLEM, "problem"), Offer("application/json", JSON, "problem"))

_FORMAT_OF = {"html": "html", "text": "text", "problem": "json", "coded": "json"}


def answers(content: Content) -> dict[str, Answer]:
    """All kinds of answers, by name."""
    common = (("Cache-Control", content.cache_control), ("X-Content-Type-Options", "nosniff"))
    retry = (("Retry-After", str(content.retry_after)),)
    return {
        "unavailable": Answer(UNAVAILABLE, common + retry, _ordered(_PAGE + _PROBLEM, content.default_format)),
        "message": Answer(200, common, _ordered(_PAGE + _CODED, content.default_format)),
        "json": Answer(200, (*common, ("StatusHeader", str(UNAVAILABLE))), _CODED),
    }


def only_answer(content: Content) -> tuple[Answer, Document]:
    """The answer of a host that sends the same to all clients: the first format in the first language."""
    answer = answers(content)[content.answer]
    return answer, documents(content, content.texts[0])[answer.offers[0].document]


def _ordered(offers: tuple[Offer, ...], first: str) -> tuple[Offer, ...]:
    return tuple(sorted(offers, key=lambda offer: _FORMAT_OF[offer.document] != first))
