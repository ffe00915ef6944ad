# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The pictures of the maintenance page in the documentation, which ``make pictures`` takes.

The page itself is kept beside the first of them, so that a test notices when the role makes another one.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path
from typing import Any

from ansible_collections.tidegate.failover.plugins.module_utils._content.content import content_of
from ansible_collections.tidegate.failover.plugins.module_utils._content.documents import html_page
from ansible_collections.tidegate.failover.plugins.module_utils._module.maintenance_page import argument_spec

from lab.process import CLONE

from .browser import Browser, chromium, running_browser

PAGE = CLONE / "docs" / "images" / "page.html"
OVERVIEW = PAGE.with_suffix(".png")
ROLE_IMAGES = CLONE / "roles" / "maintenance_page" / "images"

LOGO = (
    "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0MCA0MCI+PHJl"
    "Y3QgeD0iMyIgeT0iMTIiIHdpZHRoPSIzNCIgaGVpZ2h0PSIyNSIgcng9IjYiIGZpbGw9IiMwYjU3ZDAiLz48cGF0aCBkPSJNMTMgMTh2LTdhNy"
    "A3IDAgMCAxIDE0IDB2NyIgZmlsbD0ibm9uZSIgc3Ryb2tlPSIjOGFiNGY4IiBzdHJva2Utd2lkdGg9IjMuNSIgc3Ryb2tlLWxpbmVjYXA9InJv"
    "dW5kIi8+PC9zdmc+"
)
CONTENT: dict[str, Any] = {
    "title": "The shop is closed for maintenance",
    "text": "We are moving to a new database.\n\nOrders that you have placed are safe.",
    "expected_end": "2026-11-29T10:00:00Z",
    "contact": "support@example.com",
    "logo": LOGO,
}

#: Width and height of a screen, and the colours that its reader prefers.
_DESKTOP, _PHONE = (1280, 800, "light"), (375, 667, "dark")
_WINDOW = (860, 667, "light")
_GAP = 24
_OVERVIEW = """<!doctype html>
<style>
body {{ margin: 0; padding: {gap}px; display: flex; gap: {gap}px; background: #d9dde3 }}
img {{ display: block; border-radius: 8px; box-shadow: 0 2px 10px #0004 }}
</style>
<img src="{window}"><img src="{phone}">
"""


def page() -> str:
    """The page that the role makes of the content."""
    usual = {name: option.get("default") for name, option in argument_spec().items()}
    content = content_of(usual | CONTENT)
    return html_page(content, content.texts[0])


def main() -> None:
    """Keep the page, and take the pictures."""
    if chromium() is None:
        sys.exit("This needs Chromium (apt-get install chromium).")
    PAGE.write_text(page(), encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="tidegate-pictures-") as folder, running_browser(Path(folder)) as browser:
        (ROLE_IMAGES / "desktop.png").write_bytes(_seen(browser, PAGE, _DESKTOP))
        (ROLE_IMAGES / "phone.png").write_bytes(_seen(browser, PAGE, _PHONE))
        OVERVIEW.write_bytes(overview(browser, PAGE, Path(folder), _PHONE[1]))


def overview(browser: Browser, file: Path, folder: Path, height: int) -> bytes:
    """A page in a window, light, beside the same on a phone, dark.

    :param folder: holds what is needed meanwhile.
    :param height: of both, in pixels.
    """
    screens = {"window": (_WINDOW[0], height, _WINDOW[2]), "phone": (_PHONE[0], height, _PHONE[2])}
    shown = {name: _uri(_seen(browser, file, screen)) for name, screen in screens.items()}
    both = folder / "overview.html"
    both.write_text(_OVERVIEW.format(gap=_GAP, **shown), encoding="utf-8")
    return _seen(browser, both, (_WINDOW[0] + _PHONE[0] + 3 * _GAP, height + 2 * _GAP, "light"))


def _seen(browser: Browser, file: Path, screen: tuple[int, int, str]) -> bytes:
    return browser.see(f"file://{file}", *screen).picture


def _uri(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


if __name__ == "__main__":
    main()
