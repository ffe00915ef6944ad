# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Lists in pages: ``limit`` and ``page`` in the query, ``opc-next-page`` in the answer."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from aiohttp import web

from lab.oci.errors import invalid


def paginated(request: web.Request, items: list[Any], page_size: int) -> web.Response:
    """Answer with the requested page.

    :param page_size: the most items on a page, whatever the client requests.
    :raises ApiError: 400 InvalidParameter: ``limit`` is no number from 1 to 1000, or ``page`` is not valid.
    """
    start = _start(request.query.get("page"))
    end = start + min(_limit(request.query.get("limit")) or page_size, page_size)
    headers = {"opc-next-page": _page(end)} if end < len(items) else {}
    return web.json_response(items[start:end], headers=headers)


#: The largest ``limit`` in the API reference.
_MAXIMUM_LIMIT = 1000


def _limit(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= _MAXIMUM_LIMIT:
        raise invalid(f"limit must be a number from 1 to {_MAXIMUM_LIMIT}, not {text!r}.")
    return int(text)


def _page(start: int) -> str:
    # An opaque text, so that clients cannot compute pages themselves.
    return base64.urlsafe_b64encode(f"start:{start}".encode("ascii")).decode("ascii")


def _start(page: str | None) -> int:
    if not page:
        return 0
    try:
        name, _unused, number = base64.urlsafe_b64decode(page).decode("ascii").partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise invalid(f"page {page!r} was not given out by this service.") from error
    if name != "start" or not number.isdecimal():
        raise invalid(f"page {page!r} was not given out by this service.")
    return int(number)
