# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""How a host answers: status, headers, and which form of the page a client may choose."""

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
    """A form that a client may ask for.

    :ivar accept: the media type by which clients ask for it.
    :ivar content_type: what it is sent as.
    :ivar document: the name of the document.
    """

    accept: str
    content_type: str
    document: str


@dataclass(frozen=True)
class Answer:
    """One kind of answer. The first offer is for clients that ask for none."""

    status: int
    headers: Headers
    offers: tuple[Offer, ...]


_PAGE = (Offer("text/html", HTML, "html"), Offer("text/plain", PLAIN, "text"))
_CODED = (Offer("application/json", JSON, "coded"),)
# The same document for clients that know no problem documents and look at the content type.
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
    """What a host answers that can do no more than send the same to everybody: the first form in the first language."""
    answer = answers(content)[content.answer]
    return answer, documents(content, content.texts[0])[answer.offers[0].document]


def _ordered(offers: tuple[Offer, ...], first: str) -> tuple[Offer, ...]:
    return tuple(sorted(offers, key=lambda offer: _FORMAT_OF[offer.document] != first))
