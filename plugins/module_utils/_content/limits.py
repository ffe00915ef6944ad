# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The limits of each host, and by how much a content exceeds them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

#: The page from our responder. The same limit as on the strictest host with headers.
RESPONDER_PAGE = 5000
#: The service's documentation has a limit of 5 KB "including encoding". 5,000 bytes of JSON are within it in any case.
GATEWAY_BODY = 5000
GATEWAY_HEADER_NAME = 1000
GATEWAY_HEADER_VALUE = 4000
GATEWAY_HEADERS = 50
ALB_BODY = 1024


def size(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text.encode())


def json_size(text: str) -> int:
    """Bytes of a text inside a JSON document, without its quotes."""
    return size(json.dumps(text, ensure_ascii=False)) - 2


def compressed_size(text: str) -> int:
    """Bytes of a text as gzip, with the settings that the responder has."""
    return len(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def excess(what: str, observed: int, limit: int, host: str) -> Iterator[str]:
    """An error if the size exceeds the limit."""
    if observed > limit:
        yield (
            f"{what} has {observed:,} bytes, which exceeds the limit of {host} ({limit:,} bytes) by "
            f"{observed - limit:,} bytes."
        )
