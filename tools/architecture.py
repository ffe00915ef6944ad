# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Draws docs/images/architecture.svg: the layers of the collection and their members, read from the folders.

``python -m tools.architecture`` draws it; with ``--check`` it fails if the picture does not match the folders.
"""

from __future__ import annotations

import argparse
import html
import sys
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "architecture.svg"
_UTILS = ROOT / "plugins" / "module_utils"
#: The layer of each package of module_utils. A package without a layer makes the drawing fail.
ENGINE = ("_drift", "_drill", "_failover", "_fronts", "_module", "_procedure")
DECISIONS = (
    "_accelerator",
    "_alb_listener",
    "_awx",
    "_capacity",
    "_cloudfoundry_route",
    "_content",
    "_databases",
    "_dns_records",
    "_lock",
    "_maintenance",
    "_record",
    "_routing_control",
    "_setup",
    "_weights",
)
ADAPTERS = ("_aws", "_cloudfoundry", "_notify", "_oci")
GATES = "_gates"

_WIDTH, _LEFT, _TEXT_AT, _CHARACTERS = 860, 24, 240, 90
_LINE, _PADDING, _GAP = 18, 12, 14
_HEAD = """\
<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
<!-- Copyright (c) 2026 The Tidegate authors -->
<!-- Drawn by tools/architecture.py -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title desc" \
font-family="system-ui, sans-serif" font-size="14">
  <title id="title">The layers of the collection</title>
  <desc id="desc">{description}</desc>
  <style>
    rect, path {{ stroke-width: 1.5; }} path {{ stroke: #7d97a6; }}
    .start {{ fill: #dde9f6; stroke: #2f669b; }} .run {{ fill: #d6ecdf; stroke: #2d7a4b; }}
    .decide {{ fill: #fdf1dc; stroke: #9a6a16; }} .outside {{ fill: #eef2f4; stroke: #7d97a6; stroke-dasharray: 5 4; }}
    text {{ fill: #1c2b33; }} .small {{ font-size: 12px; fill: #4a5d68; }}
    @media (prefers-color-scheme: dark) {{
      .start {{ fill: #172b40; stroke: #7db4ea; }} .run {{ fill: #163524; stroke: #5fc98a; }}
      .decide {{ fill: #3a2d14; stroke: #d9a94e; }} .outside {{ fill: #1b262c; stroke: #5f7b8b; }}
      text {{ fill: #e6eef2; }} .small {{ fill: #a9bcc7; }} path {{ stroke: #5f7b8b; }}
    }}
  </style>
"""


class DrawingError(Exception):
    """The picture cannot be drawn, or does not match the folders; the message names the reason."""


@dataclass(frozen=True)
class Layer:
    """One box of the picture.

    :ivar kind: a class of the picture's style.
    :ivar what: one line that describes the layer.
    """

    name: str
    kind: str
    what: str
    members: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        """The members of the layer, as lines that fit into the box."""
        return textwrap.wrap(", ".join(self.members), _CHARACTERS, break_on_hyphens=False)

    @property
    def height(self) -> int:
        """The height of the box, in pixels."""
        return 2 * _PADDING + _LINE * max(2, len(self.lines))


def main(arguments: list[str]) -> int:
    """Draw or check; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.architecture", description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing; fail if the picture is not up to date")
    try:
        drawn = draw(layers())
        if parser.parse_args(arguments).check:
            if not PICTURE.is_file() or PICTURE.read_text(encoding="utf-8") != drawn:
                raise DrawingError(f"{PICTURE.relative_to(ROOT)} is not up to date. Run make pictures.")
        else:
            PICTURE.write_text(drawn, encoding="utf-8")
    except DrawingError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def layers() -> list[Layer]:
    """The layers from top to bottom, with their members from the folders.

    :raises DrawingError: a package has no layer, or a layer names a package that does not exist.
    """
    check_placed(path.name for path in _UTILS.iterdir() if path.is_dir() and path.name != "__pycache__")
    roles = tuple(sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir()))
    return [
        Layer("Playbooks", "start", "run by a person or by AWX", _stems("playbooks", ".yml")),
        Layer("Rulebooks", "start", "follow alarms and alerts", _stems("extensions/eda/rulebooks", ".yml")),
        Layer("Roles", "start", "include tasks of the user", roles),
        Layer("Modules", "run", "check mode, diff, results", _stems("plugins/modules", ".py")),
        Layer("Engine", "run", "plan, order, undo and record", _names(ENGINE)),
        Layer("Steps", "run", "one file each, with its undo", _stems("plugins/module_utils/_procedure/steps", ".py")),
        Layer("Gates", "decide", "prove that a site may serve", _stems("plugins/module_utils/_gates", ".py")),
        Layer("Decisions", "decide", "pure functions on plain data", _names(DECISIONS)),
        Layer(
            "Compare-and-set loop", "run", "each write of a module", ("read", "decide", "write with the version read")
        ),
        Layer("Adapters", "run", "call the services", _names(ADAPTERS)),
        Layer(
            "Services", "outside", "what is changed", ("Oracle Cloud", "AWS", "Cloud Foundry", "notification targets")
        ),
    ]


def check_placed(packages: Iterable[str]) -> None:
    """:raises DrawingError: the packages are not exactly those that have a layer."""
    known, found = {*ENGINE, *DECISIONS, *ADAPTERS, GATES}, set(packages)
    if found != known:
        raise DrawingError(
            f"Packages of plugins/module_utils without a layer: {sorted(found - known)}; named in a layer, and do not "
            f"exist: {sorted(known - found)}. Correct tools/architecture.py."
        )


def _stems(folder: str, ending: str) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (ROOT / folder).glob(f"[!_]*{ending}")))


def _names(packages: Iterable[str]) -> tuple[str, ...]:
    return tuple(package.strip("_") for package in packages)


def draw(drawn: list[Layer]) -> str:
    """The picture, in colours for light and dark pages."""
    parts, top = [], _LEFT
    for number, layer in enumerate(drawn):
        parts += _box(layer, top)
        if number + 1 < len(drawn):
            parts.append(f'  <path d="M{_WIDTH // 2} {top + layer.height}v{_GAP}"/>')
        top += layer.height + _GAP
    counted: Mapping[str, int] = {layer.name: len(layer.members) for layer in drawn}
    description = "From top to bottom: " + "; ".join(f"{name} ({count})" for name, count in counted.items()) + "."
    head = _HEAD.format(width=_WIDTH, height=top - _GAP + _LEFT, description=html.escape(description))
    return "\n".join((head.rstrip("\n"), *parts, "</svg>", ""))


def _box(layer: Layer, top: int) -> list[str]:
    first, width = top + _PADDING + 12, _WIDTH - 2 * _LEFT
    box = f'  <rect class="{layer.kind}" x="{_LEFT}" y="{top}" width="{width}" height="{layer.height}" rx="6"/>'
    title = f'  <text x="{_LEFT + 14}" y="{first}" font-weight="600">{html.escape(layer.name)}</text>'
    what = f'  <text class="small" x="{_LEFT + 14}" y="{first + _LINE}">{html.escape(layer.what)}</text>'
    members = [
        f'  <text class="small" x="{_TEXT_AT}" y="{first + _LINE * number}">{html.escape(line)}</text>'
        for number, line in enumerate(layer.lines)
    ]
    return [box, title, what, *members]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
