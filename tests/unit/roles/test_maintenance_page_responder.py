# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The responder chooses the content type that a client requests, and survives every input."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._content.responder import content_file
from ansible_collections.tidegate.failover.roles.maintenance_page.files.responder import (
    ContentError,
    Responder,
    accepts_gzip,
    application,
    best_language,
    best_offer,
    read_content,
    weights,
)
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.content.pages import content
from hypothesis import given
from hypothesis import strategies as st

OFFERS = ("text/html", "text/plain", "application/problem+json", "application/json")
LANGUAGES = ("en", "de", "fr")
CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "offer"),
    [
        ("", "text/html"),
        ("*/*", "text/html"),
        (CHROMIUM, "text/html"),
        ("application/json, text/plain, */*", "application/json"),
        ("application/problem+json", "application/problem+json"),
        ("application/*", "application/problem+json"),
        ("text/plain", "text/plain"),
        ("TEXT/PLAIN", "text/plain"),
        ("text/html;q=0.2, text/plain;q=0.3", "text/plain"),
        ("text/html;q=0, */*", "text/plain"),
        ("text/*;q=0.1, application/json;q=0.5, */*;q=0", "application/json"),
        ("text/html;level=1;q=0.5, text/plain;q=0.4", "text/html"),
        ("image/png", "text/html"),
        ("text/html;q=0", "text/html"),
        ("text/html;q=x, text/plain;q=0.1", "text/plain"),
        ("text/plain;q=7", "text/html"),
        ("text/plain;q=-1", "text/html"),
        ("text/plain;q=nan", "text/html"),
    ],
)
def test_a_client_gets_the_form_that_it_prefers(accept: str, offer: str) -> None:
    assert best_offer(accept, OFFERS) == offer


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("DE", "de"),
        ("ja, fr;q=0.4, de;q=0.8", "de"),
        ("ja", "en"),
        ("*", "en"),
        ("en;q=0, *", "de"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("en;q=0", "en"),
        ("de;q=2", "en"),
    ],
)
def test_a_client_gets_the_language_that_it_prefers(accept: str, language: str) -> None:
    assert best_language(accept, LANGUAGES) == language


@pytest.mark.parametrize(
    ("accept", "taken"),
    [("", False), ("gzip, br", True), ("gzip;q=0", False), ("*", True), ("*;q=0", False), ("br", False)],
)
def test_a_client_gets_gzip_only_if_it_takes_it(accept: str, taken: bool) -> None:
    assert accepts_gzip(accept) is taken


@given(st.text())
def test_no_header_breaks_the_choice(header: str) -> None:
    assert best_offer(header, OFFERS) in OFFERS
    assert best_language(header, LANGUAGES) in LANGUAGES


def test_only_the_beginning_of_a_long_header_is_read() -> None:
    assert len(weights("a," * 1_000_000)) <= 64


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "content.json"
    path.write_text(content_file(content()))
    return path


def visit(responder: Responder, **environ: str) -> tuple[str, dict[str, str], bytes]:
    got: list[t.Any] = []
    request = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", **environ}
    body = b"".join(responder(request, lambda status, headers: got.extend((status, dict(headers)))))
    return got[0], got[1], body


def test_a_new_content_counts_from_the_next_request_on(file: Path) -> None:
    responder = Responder(file)
    file.write_text(content_file(content(text="Back at noon")))
    assert b"Back at noon" in visit(responder)[2]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2}', '{"format": 1, "answer": "unavailable"}'])
def test_a_content_that_cannot_be_read_leaves_the_last_good_one(
    text: str, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    responder = Responder(file)
    file.write_text(text)
    assert visit(responder)[0] == "503 Service Unavailable"
    assert visit(responder)[0] == "503 Service Unavailable"
    assert [record.getMessage().endswith("The last good content stays.") for record in caplog.records] == [True]


def test_a_content_that_is_gone_leaves_the_last_good_one(file: Path) -> None:
    responder = Responder(file)
    file.unlink()
    assert visit(responder)[0] == "503 Service Unavailable"


def test_a_content_that_returns_counts_again(file: Path) -> None:
    responder = Responder(file)
    file.write_text("{")
    visit(responder)
    file.write_text(content_file(content(text="Back at noon")))
    assert b"Back at noon" in visit(responder)[2]


def test_a_responder_does_not_begin_without_a_content(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"Cannot read .*none\.json"):
        Responder(tmp_path / "none.json")


def test_a_content_without_languages_is_refused(file: Path) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | {"languages": []}))
    with pytest.raises(ContentError, match="it has no page"):
        read_content(file)


def test_a_content_of_another_version_is_refused(file: Path) -> None:
    file.write_text('{"format": 2}')
    with pytest.raises(ContentError, match="has the format 2. This responder reads 1"):
        read_content(file)


@pytest.mark.parametrize(
    ("answer", "status"), [("unavailable", "503 Service Unavailable"), ("message", "200 OK"), ("json", "200 OK")]
)
def test_the_environment_chooses_the_kind_of_answer(answer: str, status: str, file: Path) -> None:
    responder = application({"MAINTENANCE_CONTENT": os.fspath(file), "MAINTENANCE_ANSWER": answer})
    assert visit(responder)[0] == status


def test_a_kind_of_answer_that_is_not_known_is_refused(file: Path) -> None:
    with pytest.raises(ContentError, match="There is no kind of answer 'other'"):
        Responder(file, "other")
