# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Colours of the page, and whether people can read them (WCAG 2.2, level AA)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

#: The minimum contrast of text in WCAG's success criterion 1.4.3.
LEAST_CONTRAST = 4.5

Channels = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """Colours of one scheme, each in the form ``#rrggbb``.

    :ivar accent: the colour of links and of the line above the heading.
    """

    background: str
    text: str
    accent: str


LIGHT = Palette("#ffffff", "#1b1f24", "#0b57d0")
DARK = Palette("#14171c", "#e8eaed", "#8ab4f8")


def palette(given: Mapping[str, str | None], default: Palette) -> Palette:
    """The default colours, overridden by the given ones."""
    return Palette(
        *(_long_form(given.get(name) or getattr(default, name)) for name in ("background", "text", "accent"))
    )


def problems(scheme: str, colors: Palette) -> Iterator[str]:
    """The errors in the colours of a scheme, each with a readable colour."""
    wrong = [(name, value) for name, value in vars(colors).items() if not re.fullmatch(r"#[0-9a-f]{6}", value)]
    for name, value in wrong:
        yield f"colors.{scheme}.{name} is {value!r}. Expected a colour such as #0b57d0 or #05d."
    if wrong:
        return
    for name in ("text", "accent"):
        color = getattr(colors, name)
        seen = contrast(color, colors.background)
        if seen < LEAST_CONTRAST:
            yield (
                f"colors.{scheme}.{name} {color} on the background {colors.background} has a contrast of "
                f"{_rounded_down(seen)}:1. WCAG AA needs {LEAST_CONTRAST}:1. The nearest colour that has it is "
                f"{nearest_readable(color, colors.background)}."
            )


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(_channels(one)), _luminance(_channels(other))))
    return (lighter + 0.05) / (darker + 0.05)


def nearest_readable(color: str, background: str) -> str:
    """The nearest readable colour between the given colour and black or white."""
    start = _channels(color)
    found = [
        (step, _hex(mixed))
        for end in ((0, 0, 0), (255, 255, 255))
        for step, mixed in ((step, _mix(start, end, step)) for step in range(101))
        if contrast(_hex(mixed), background) >= LEAST_CONTRAST
    ]
    return min(found)[1]


def _long_form(color: str) -> str:
    color = color.strip().lower()
    if re.fullmatch(r"#[0-9a-f]{3}", color):
        return "#" + "".join(2 * digit for digit in color[1:])
    return color


def _channels(color: str) -> Channels:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _hex(channels: Channels) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _mix(start: Channels, end: Channels, percent: int) -> Channels:
    red, green, blue = (round(one + (other - one) * percent / 100) for one, other in zip(start, end, strict=True))
    return red, green, blue


def _luminance(channels: Channels) -> float:
    red, green, blue = (_linear(channel / 255) for channel in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _rounded_down(ratio: float) -> float:
    """The ratio rounded down, so that a value just below the limit is not shown as the limit."""
    return int(ratio * 100) / 100
