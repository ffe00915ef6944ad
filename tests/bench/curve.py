# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Draws the cost of reading all services, from the figures of the subject ``services``."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

IMAGES = Path(__file__).parent.parent.parent / "docs" / "images"
FIGURES, PICTURE = IMAGES / "services.json", IMAGES / "services.svg"

_LEFT, _RIGHT, _TOP, _BOTTOM = 96, 600, 56, 304
_HEAD = """\
<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
<!-- Copyright (c) 2026 The Tidegate authors -->
<!-- Drawn by tests/bench/curve.py from services.json -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 360" role="img" aria-labelledby="title desc" \
font-family="system-ui, sans-serif" font-size="14">
  <title id="title">What reading all services costs</title>
  <desc id="desc">{reported}</desc>
  <style>
    text {{ fill: #1c2b33; }} .small {{ font-size: 12px; fill: #4a5d68; }} .grid {{ stroke: #d3dde2; }}
    path {{ fill: none; stroke-width: 2.5; }} .floor {{ stroke-dasharray: 5 4; }}
    .status {{ stroke: #2f669b; }} .preflight {{ stroke: #9a6a16; }} .floor {{ stroke: #7d97a6; }}
    circle.status {{ fill: #2f669b; }} circle.preflight {{ fill: #9a6a16; }} circle.floor {{ fill: #7d97a6; }}
    @media (prefers-color-scheme: dark) {{
      text {{ fill: #e6eef2; }} .small {{ fill: #a9bcc7; }} .grid {{ stroke: #33454f; }}
      .status {{ stroke: #7db4ea; }} .preflight {{ stroke: #d9a94e; }} .floor {{ stroke: #7d97a6; }}
      circle.status {{ fill: #7db4ea; }} circle.preflight {{ fill: #d9a94e; }}
    }}
  </style>
"""

#: Processor time by name and number of services.
Figures = Mapping[str, Mapping[int, float]]


def write(seconds: Figures, machine: Mapping[str, Any]) -> None:
    """Keep the figures, and draw the curve."""
    figures = {"machine": dict(machine), "cpu_seconds": {name: dict(points) for name, points in seconds.items()}}
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    PICTURE.write_text(drawn_from(FIGURES), encoding="utf-8")


def drawn_from(path: Path) -> str:
    """The picture of the figures in a file."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    seconds = {
        name: {int(count): float(value) for count, value in points.items()}
        for name, points in kept["cpu_seconds"].items()
    }
    return draw(seconds, kept["machine"])


def draw(seconds: Figures, machine: Mapping[str, Any]) -> str:
    """Draw it: both axes by powers of ten, so that what grows with the number of services is a straight line."""
    counts = sorted({count for points in seconds.values() for count in points})
    values = [value for points in seconds.values() for value in points.values()]
    axes = _Axes((counts[0], counts[-1]), (_power(min(values), math.floor), _power(max(values), math.ceil)))
    reported = "; ".join(
        f"{name} of {count:,}: {_reported(points[count])}" for name, points in seconds.items() for count in points
    )
    lines = [_HEAD.format(reported=html.escape(f"Processor time by number of services. {reported}.")).rstrip("\n")]
    lines += [*axes.grid(counts), *(line for name in seconds for line in _curve(axes, name, seconds[name]))]
    lines += _names(axes, {name: points[counts[-1]] for name, points in seconds.items()}, counts[-1])
    versions = f"Python {machine['Python']}, ansible-core {machine['ansible-core']}, {machine['cores']} cores"
    lines.append(f'  <text class="small" x="{_LEFT}" y="350">{html.escape(versions)}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _power(value: float, rounded: Any) -> float:
    power: float = 10.0 ** rounded(math.log10(value))
    return power


def _reported(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


class _Axes:
    def __init__(self, across: tuple[float, float], up: tuple[float, float]) -> None:
        self._across, self._up = across, up

    def x(self, count: float) -> float:
        return _LEFT + _share(count, self._across) * (_RIGHT - _LEFT)

    def y(self, seconds: float) -> float:
        return _BOTTOM - _share(seconds, self._up) * (_BOTTOM - _TOP)

    def grid(self, counts: list[int]) -> Iterator[str]:
        yield f'  <text x="{_LEFT}" y="30">Processor time of reading all services</text>'
        for power in range(round(math.log10(self._up[0])), round(math.log10(self._up[1])) + 1):
            y = self.y(10.0**power)
            yield f'  <path class="grid" style="stroke-width:1" d="M{_LEFT} {y:.1f}H{_RIGHT}"/>'
            yield f'  <text class="small" x="{_LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>'
        for count in counts:
            x = self.x(count)
            yield f'  <text class="small" x="{x:.1f}" y="{_BOTTOM + 22}" text-anchor="middle">{count:,}</text>'
        yield f'  <text class="small" x="{_RIGHT + 24}" y="{_BOTTOM + 22}">services</text>'


def _share(value: float, ends: tuple[float, float]) -> float:
    low, high = (math.log10(end) for end in ends)
    return (math.log10(value) - low) / (high - low)


def _curve(axes: _Axes, name: str, points: Mapping[int, float]) -> Iterator[str]:
    places = [(axes.x(count), axes.y(points[count])) for count in sorted(points)]
    yield f'  <path class="{name}" d="M{" L".join(f"{x:.1f} {y:.1f}" for x, y in places)}"/>'
    for x, y in places:
        yield f'  <circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'


def _names(axes: _Axes, last: Mapping[str, float], most: int) -> Iterator[str]:
    """At the end of each curve, apart from each other."""
    meaning = {"floor": "the least of any play"}
    above = -math.inf
    for name, seconds in sorted(last.items(), key=lambda entry: -entry[1]):
        above = max(axes.y(seconds), above + 20)
        text = f"{meaning.get(name, name)}: {_reported(seconds)} for {most:,}"
        yield f'  <text class="small" x="{_RIGHT + 24}" y="{above + 4:.1f}">{text}</text>'
