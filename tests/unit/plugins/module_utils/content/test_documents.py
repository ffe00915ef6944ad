# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The page, its text and its JSON have the same content; nothing that a user gives becomes markup."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._content.documents import (
    coded,
    documents,
    html_page,
    plain_text,
    problem,
    short_html_page,
)
from ansible_collections.tidegate.failover.plugins.module_utils._content.sentences import SENTENCES
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.content.pages import content

HOSTILE = "\"'><script src=x>alert(1)</script></style></title>&amp;"
PICTURE = "data:image/png;base64,iVBORw0KGgo="


class Page(HTMLParser):
    """The elements and texts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str] = {}
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {f"{tag}.{name}": value or "" for name, value in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def page(**given: object) -> Page:
    made = content(**given)
    return Page(html_page(made, made.texts[0]))


@pytest.mark.parametrize("short", [False, True])
def test_markup_in_what_a_user_gives_is_text(short: bool) -> None:
    made = content(title=HOSTILE, text=HOSTILE, contact=HOSTILE, logo=PICTURE, logo_alt=HOSTILE)
    found = Page((short_html_page if short else html_page)(made, made.texts[0]))
    assert "script" not in found.tags
    assert found.text.count("<script src=x>alert(1)</script></style></title>&amp;") == 4


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    found = page(logo=PICTURE, contact="support@example.com")
    assert not {"script", "link", "iframe", "object"} & set(found.tags)
    assert found.attributes["img.src"] == PICTURE


@pytest.mark.parametrize(
    ("logo", "allowed"),
    [("", None), (PICTURE, "img-src data:"), ("https://example.com/logo.png", "img-src https://example.com")],
)
def test_the_policy_allows_the_logo_and_nothing_else(logo: str, allowed: str | None) -> None:
    made = content(logo=logo)
    policy = dict(documents(made, made.texts[0])["html"].headers)["Content-Security-Policy"]
    found = {part.strip() for part in policy.split(";")}
    assert "default-src 'none'" in found
    assert {part for part in found if part.startswith("img-src")} == ({allowed} if allowed else set())


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("support@example.com", "mailto:support@example.com"),
        ("https://status.example.com/now", "https://status.example.com/now"),
        ("+49 (30) 123-456", "tel:+4930123456"),
        ("the service desk", None),
        ("javascript:alert(1)", None),
    ],
)
def test_a_contact_is_a_link_where_a_browser_can_open_it(contact: str, link: str | None) -> None:
    assert page(contact=contact).attributes.get("a.href") == link


def test_an_empty_line_separates_paragraphs() -> None:
    assert page(text="one\n\ntwo\nthree").tags[-3:] == ["p", "p", "br"]


@pytest.mark.parametrize("language", SENTENCES)
def test_the_page_says_its_language(language: str) -> None:
    assert page(language=language).attributes["html.lang"] == language


def test_a_terminal_gets_the_same_as_text() -> None:
    made = content(title="Closed", text="Back soon", expected_end="2026-11-29T10:00:00Z", contact="desk")
    assert plain_text(made, made.texts[0]) == (
        "Closed\n\nBack soon\n\nExpected to end: 2026-11-29 10:00 UTC\n\nContact: desk\n"
    )


def test_a_problem_document_has_the_members_of_rfc_9457() -> None:
    made = content(title="Closed", text="Back soon", error_code="E1", retry_after=60)
    assert problem(made, made.texts[0]) == {
        "title": "Service Unavailable",
        "status": 503,
        "detail": "Back soon",
        "heading": "Closed",
        "code": "E1",
        "retry_after": 60,
    }


def test_the_other_json_has_its_code_inside() -> None:
    made = content(error_code="E1", expected_end="2026-11-29T10:00:00Z", contact="desk")
    error = coded(made, made.texts[0])["error"]
    assert isinstance(error, dict)
    assert (error["code"], error["status"], error["expected_end"]) == ("E1", 503, "2026-11-29T10:00:00Z")


def test_json_is_in_ascii() -> None:
    made = content(language="de")
    body = documents(made, made.texts[0])["problem"].body
    assert body.isascii()
    assert "später" in json.loads(body)["detail"]
