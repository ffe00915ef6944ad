# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""An answer with a wrong form is found, and reported without its values."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._shape import MapOf, Maybe, misfit

SHAPE = {
    "id": str,
    "count": int,
    "tags": Maybe(MapOf(str)),
    "items": Maybe([{"name": str}]),
    "lag": Maybe((int, float)),
}
GOOD = {"id": "a", "count": 2, "tags": {"team": "web"}, "items": [{"name": "b"}], "lag": 0.5, "newer": object()}


def test_what_fits_has_no_finding_and_may_have_more_than_is_needed() -> None:
    assert misfit(GOOD, SHAPE) == ""


@pytest.mark.parametrize("missing", ["tags", "items", "lag"])
def test_what_may_be_missing_may_be_null_too(missing: str) -> None:
    assert misfit({**GOOD, missing: None}, SHAPE) == ""


@pytest.mark.parametrize(
    ("changed", "reported"),
    [
        ({"id": None}, "id is missing, where a text is expected"),
        ({"count": "2"}, "count is a text, where a number is expected"),
        ({"count": True}, "count is true or false, where a number is expected"),
        ({"tags": []}, "tags is a list, where an object is expected"),
        ({"tags": {"team": {}}}, "tags.team is an object, where a text is expected"),
        ({"items": {"name": "b"}}, "items is an object, where a list is expected"),
        ({"items": [{"name": "b"}, {}]}, "items[1].name is missing, where a text is expected"),
        ({"items": [{"name": "b"}, None]}, "items[1] is missing, where an object is expected"),
    ],
)
def test_what_does_not_fit_is_reported_with_its_place(changed: dict[str, object], reported: str) -> None:
    assert misfit({**GOOD, **changed}, SHAPE) == reported


@pytest.mark.parametrize("page", ["<html>secret</html>", ["secret"], 17, None, True])
def test_i12_a_page_of_something_else_is_reported_without_its_words(page: object) -> None:
    reported = misfit(page, SHAPE)
    assert reported.startswith("it is ")
    assert "secret" not in reported
