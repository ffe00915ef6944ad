# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Secrets of how people are notified, and their removal from other texts, such as the response of a server."""

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

#: Options that sign in to a cloud and do not say only who or where.
_SIGN_IN = re.compile(
    r"access_key|secret|session_token|security_token|pass_?phrase|fingerprint|password", re.IGNORECASE
)
#: What is shorter would be found in words that have nothing to do with it.
_SHORTEST = 4


def webhook_secrets(options: Mapping[str, t.Any]) -> set[str]:
    """What must not be shown of a webhook: its address, the parts of it that are not its host, and headers."""
    return _long_enough({*_of_address(options["url"]), *_of_headers(options["headers"])})


def sign_in_secrets(options: Mapping[str, t.Any]) -> set[str]:
    """What must not be shown of the options that sign in to a cloud."""
    named = (item for name, item in options.items() if _SIGN_IN.search(name))
    return _long_enough({*(text for item in named for text in _texts(item)), *address_secrets(options)})


def masked(text: str, secrets: Iterable[str]) -> str:
    """A text without these secrets, and without what looks like one."""
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
    # The name of a user may be the secret, too: a token.
    user = address.netloc.rpartition("@")[0].split(":")
    yield from (*user, *map(unquote, user))


def _of_headers(headers: Mapping[str, str]) -> Iterator[str]:
    for value in headers.values():
        yield value
        # "Bearer ..." without its first word.
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
