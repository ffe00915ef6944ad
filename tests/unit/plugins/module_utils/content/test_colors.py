# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Colours that people cannot read are refused, and one that they can read is named."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._content.colors import (
    DARK,
    LEAST_CONTRAST,
    LIGHT,
    Palette,
    contrast,
    nearest_readable,
    palette,
    problems,
)
from hypothesis import given
from hypothesis import strategies as st

COLORS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21), ("#ffffff", "#ffffff", 1), ("#777777", "#ffffff", 4.48)]
)
def test_the_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("colors", [LIGHT, DARK])
def test_the_usual_colours_can_be_read(colors: Palette) -> None:
    assert list(problems("light", colors)) == []


def test_a_colour_just_below_the_limit_is_refused_with_the_nearest_that_passes() -> None:
    (problem,) = problems("light", palette({"text": "#777777"}, LIGHT))
    assert "colors.light.text #777777 on the background #ffffff has a contrast of 4.47:1" in problem
    assert "is #767676." in problem


def test_an_accent_is_text_too() -> None:
    (problem,) = problems("dark", palette({"accent": "#333"}, DARK))
    assert "colors.dark.accent #333333" in problem


def test_a_background_alone_may_make_the_usual_text_unreadable() -> None:
    assert list(problems("light", palette({"background": "#222"}, LIGHT)))


@pytest.mark.parametrize("color", ["red", "#12", "#12345g", "url(x)", "#0b57d0;}"])
def test_what_is_no_colour_is_refused(color: str) -> None:
    (problem,) = problems("light", palette({"text": color}, LIGHT))
    assert "Expected a colour such as #0b57d0" in problem


@given(COLORS, COLORS)
def test_there_is_always_a_colour_that_can_be_read(color: str, background: str) -> None:
    assert contrast(nearest_readable(color, background), background) >= LEAST_CONTRAST
