# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The content as fixed responses of an AWS Application Load Balancer, which have a short body and no headers."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator

from ansible_collections.tidegate.failover.plugins.module_utils._content import limits
from ansible_collections.tidegate.failover.plugins.module_utils._content.answers import only_answer
from ansible_collections.tidegate.failover.plugins.module_utils._content.content import Content, Exempt
from ansible_collections.tidegate.failover.plugins.module_utils._content.documents import short_html_page

Json = dict[str, t.Any]

HOST = "an ALB fixed response"
CONTENT_TYPES = ("text/plain", "text/css", "text/html", "application/javascript", "application/json")

#: The limitations of the page on this host, for people who choose it.
LIMITATIONS = (
    "A fixed response has no headers besides its content type: no Retry-After, no Cache-Control, no StatusHeader.",
    "It is the same for everybody: the default format in the first language.",
    "The page has the browser's own colours and no logo, because the body may have 1,024 bytes.",
)


def fixed_responses(content: Content) -> Json:
    """The default actions of a listener, and a rule for each exempt path, in the form of the service's API."""
    answer, document = only_answer(content)
    first = answer.offers[0]
    body = short_html_page(content, content.texts[0]) if first.document == "html" else document.body
    return {
        "DefaultActions": [_action(answer.status, first.content_type, body)],
        "Rules": [
            {
                "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": [exempt.path]}}],
                "Actions": [_action(exempt.status, exempt.content_type, exempt.body)],
            }
            for exempt in content.exempt
        ],
    }


def problems(content: Content) -> Iterator[str]:
    """What the service does not accept."""
    rendered = fixed_responses(content)
    yield from _too_long("The page", rendered["DefaultActions"])
    for exempt, rule in zip(content.exempt, rendered["Rules"], strict=True):
        yield from _too_long(f"The body for {exempt.path}", rule["Actions"])
        yield from _exempt_problems(exempt)


def _too_long(what: str, actions: list[Json]) -> Iterator[str]:
    body = actions[0]["FixedResponseConfig"]["MessageBody"]
    yield from limits.excess(what, limits.size(body), limits.ALB_BODY, HOST)


def _exempt_problems(exempt: Exempt) -> Iterator[str]:
    if _media_type(exempt.content_type) not in CONTENT_TYPES:
        yield (
            f"exempt {exempt.path} has the content type {exempt.content_type!r}. An ALB fixed response has one of "
            f"{', '.join(CONTENT_TYPES)}."
        )
    if exempt.status // 100 not in (2, 4, 5):
        yield f"exempt {exempt.path} has the status {exempt.status}. An ALB fixed response has 2xx, 4xx or 5xx."
    if len(exempt.path) > 128 or not re.fullmatch(r"[A-Za-z0-9_.$/~'@:+&*-]+", exempt.path):
        yield (
            f"exempt {exempt.path} cannot be the path pattern of an ALB rule: it may have 128 characters: "
            "letters, digits and _ - . $ / ~ ' @ : + &"
        )


def _action(status: int, content_type: str, body: str) -> Json:
    # The service accepts no parameter such as a charset. The page declares its charset itself, and JSON is in ASCII.
    response = {"StatusCode": str(status), "ContentType": _media_type(content_type), "MessageBody": body}
    return {"Type": "fixed-response", "FixedResponseConfig": response}


def _media_type(content_type: str) -> str:
    return content_type.split(";", maxsplit=1)[0].strip().lower()
