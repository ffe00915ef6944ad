# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Part of event sources: know a sender by what its requests carry."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from tools.event_sources.refusals import RefusedError

# -- shared --


@dataclass(frozen=True)
class Credentials:
    """The one value of the header Authorization that is taken."""

    scheme: str
    value: bytes
    reason: str

    def check(self, headers: Mapping[str, str]) -> None:
        """Check who sends. :raises RefusedError: the sender does not know the secret."""
        scheme, _blank, given = headers.get("Authorization", "").partition(" ")
        secret = given.strip().encode(errors="surrogateescape")
        if not hmac.compare_digest(secret, self.value) or scheme.lower() != self.scheme.lower():
            challenge = f'{self.scheme} realm="alarms"'
            raise RefusedError(self.reason, 401, headers={"WWW-Authenticate": challenge})


def _basic(username: str, password: str) -> Credentials:
    """Return what HTTP Basic authentication sends."""
    value = base64.b64encode(f"{username}:{password}".encode())
    return Credentials("Basic", value, "wrong or no user and password")
