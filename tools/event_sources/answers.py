# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Part of event sources: read only the needed part of an answer."""

from __future__ import annotations

import aiohttp

# -- shared --


async def _beginning(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    """Return the first bytes of an answer."""
    read = bytearray()
    async for piece in answer.content.iter_any():
        read += piece
        if len(read) >= most_bytes:
            break
    return bytes(read[:most_bytes])
