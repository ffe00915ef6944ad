# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The secrets of notification settings, and their removal from other texts, such as a server's response."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote, urlsplit

from ansible_collections.tidegate.failover.plugins.module_utils._record.redaction import (
    HIDDEN,
    address_secrets,
    redacted_text,
)

#: Names of sign-in options that are secret. Names of users, regions and the like are not.
_SIGN_IN = re.compile(
    r"access_key|secret|session_token|security_token|pass_?phrase|fingerprint|password", re.IGNORECASE
)
#: Shorter secrets are not masked, because they also occur in unrelated words.
_SHORTEST = 4


def webhook_secrets(options: Mapping[str, t.Any]) -> set[str]:
    """The secrets of a webhook: its address, all parts of it except the host, and its headers."""
    return _long_enough({*_of_address(options["url"]), *_of_headers(options["headers"])})


def sign_in_secrets(options: Mapping[str, t.Any]) -> set[str]:
    """The secrets in the sign-in options of a cloud."""
    named = (item for name, item in options.items() if _SIGN_IN.search(name))
    return _long_enough({*(text for item in named for text in _texts(item)), *address_secrets(options)})


def masked(text: str, secrets: Iterable[str]) -> str:
    """A text without these secrets, and without texts that look like secrets."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return redacted_text(text)


def _of_address(url: str) -> Iterator[str]:
    address = urlsplit(url)
    beyond = url.partition(address.netloc)[2]
    parts = (url, beyond, address.path, address.query, *address.path.split("/"), *address.query.split("&"))
    yield from parts
    yield from map(unquote, parts)
    yield from address_secrets(url)
    # The user name may be secret too, such as a token.
    user = address.netloc.rpartition("@")[0].split(":")
    yield from (*user, *map(unquote, user))


def _of_headers(headers: Mapping[str, str]) -> Iterator[str]:
    for value in headers.values():
        yield value
        # "Bearer ..." without the first word.
        yield value.rpartition(" ")[2]


def _texts(value: t.Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        yield from (text for item in value for text in _texts(item))
    elif value is not None:
        yield str(value)


def _long_enough(texts: Iterable[str]) -> set[str]:
    return {text for text in texts if len(text) >= _SHORTEST}
