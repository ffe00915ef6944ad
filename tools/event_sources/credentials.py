# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Part of event sources: authenticate a sender by the credentials of its requests."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from tools.event_sources.refusals import RefusedError

# -- shared --


@dataclass(frozen=True)
class Credentials:
    """The only value of the header Authorization that is accepted."""

    scheme: str
    value: bytes
    reason: str

    def check(self, headers: Mapping[str, str]) -> None:
        """Authenticate the sender. :raises RefusedError: the secret is wrong or missing."""
        scheme, _blank, given = headers.get("Authorization", "").partition(" ")
        secret = given.strip().encode(errors="surrogateescape")
        if not hmac.compare_digest(secret, self.value) or scheme.lower() != self.scheme.lower():
            challenge = f'{self.scheme} realm="alarms"'
            raise RefusedError(self.reason, 401, headers={"WWW-Authenticate": challenge})


def _basic(username: str, password: str) -> Credentials:
    """Return the credentials of HTTP Basic authentication."""
    value = base64.b64encode(f"{username}:{password}".encode())
    return Credentials("Basic", value, "wrong or no user and password")
