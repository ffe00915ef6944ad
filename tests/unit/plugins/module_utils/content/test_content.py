# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""All problems of a content are reported at once; a valid content is the same on every host."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._content.sentences import SENTENCES
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.content.pages import content, exempt


def refusal(**given: t.Any) -> str:
    with pytest.raises(RefusedError) as refused:
        content(**given)
    return str(refused.value)


@pytest.mark.parametrize("language", SENTENCES)
def test_a_page_needs_no_words_of_the_user(language: str) -> None:
    (text,) = content(language=language).texts
    assert (text.title, text.message) == (SENTENCES[language].title, SENTENCES[language].message)


def test_a_translation_without_the_users_own_words_is_refused() -> None:
    said = refusal(title="Closed", translations=[{"language": "de"}])
    assert "The translation de has no title, and title is given for en." in said


def test_a_translation_may_use_the_pages_own_words() -> None:
    assert [text.title for text in content(translations=[{"language": "de"}]).texts][1] == "Wartungsarbeiten"


def test_a_language_twice_is_refused() -> None:
    assert "'en' more than once" in refusal(translations=[{"language": "en"}])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"title": "a\nb"}, "The title (en) has characters that cannot be shown: U+000A"),
        ({"text": "a\u202eb"}, "U+202E"),
        ({"contact": "a\x00"}, "contact has characters"),
        ({"logo": "http://example.com/logo.png"}, "logo begins with 'http://example.com/logo.png'"),
        ({"logo": "data:text/html;base64,AAAA"}, "Expected a data: URI of a PNG"),
        ({"logo": 'https://example.com/"onerror=x'}, "logo begins with"),
        ({"logo": "https://example.com/a;script-src *"}, "logo begins with"),
        ({"expected_end": "tomorrow"}, "expected_end is 'tomorrow'"),
        ({"expected_end": "2026-11-29T10:00:00"}, "Expected a time with its zone"),
        ({"error_code": "a b"}, "error_code is 'a b'"),
        ({"retry_after": 0}, "retry_after is 0. Expected 1 to 86400 seconds."),
        ({"cache_control": "no-store\r\nX: y"}, "cache_control is"),
        ({"exempt": [exempt("health")]}, "exempt has the path 'health'"),
        ({"exempt": [exempt("/a*")]}, "exempt has the path '/a*'"),
        ({"exempt": [exempt("/a", 101)]}, "has the status 101"),
        ({"exempt": [exempt("/a", 204, "x")]}, "the status 204 allows none"),
        ({"exempt": [exempt("/a", content_type="text/plain\r\nX: y")]}, "has the content type"),
        ({"exempt": [exempt("/a"), exempt("/a")]}, "exempt has '/a' more than once"),
        ({"answer": "other"}, "answer is 'other'"),
        ({"default_format": "xml"}, "default_format is 'xml'"),
        ({"language": "tlh"}, "The language is 'tlh'"),
    ],
)
def test_bad_input_is_refused(given: dict[str, t.Any], said: str) -> None:
    assert said in refusal(**given)


def test_all_that_is_wrong_is_reported_at_once() -> None:
    said = refusal(retry_after=0, error_code="")
    assert "retry_after" in said
    assert "error_code" in said


def test_the_expected_end_is_kept_in_utc() -> None:
    end = content(expected_end="2026-11-29T12:00:00+02:00").expected_end
    assert end is not None
    assert end.isoformat() == "2026-11-29T10:00:00+00:00"
