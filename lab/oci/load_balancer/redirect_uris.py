# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Redirect URIs: their tokens, their rules, and the resulting address. Source: API reference, RedirectUri."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lab.oci.errors import invalid
from lab.oci.load_balancer.fields import Fields, Json

_TOKENS = ("protocol", "host", "port", "path", "query")
#: An escaped character, a token, or any other brace or backslash, which is not allowed.
_PART = re.compile(r"\\(?P<escaped>[\\{}])|\{(?P<token>\w+)\}|(?P<stray>[\\{}])")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class IncomingUri:
    """The URI of the request that is redirected.

    :ivar protocol: ``http`` or ``https``.
    :ivar path: begins with ``/``.
    :ivar query: without the question mark.
    """

    protocol: str
    host: str
    port: int
    path: str
    query: str


def check_redirect_uri(uri: Fields) -> None:
    """:raises ApiError: 400: a part breaks the rules for its tokens."""
    uri.text("protocol", allowed=("HTTP", "HTTPS", "{protocol}"))
    uri.integer("port", 1, 65535)
    host, path, query = uri.text("host"), uri.text("path"), uri.text("query")
    for name, value in (("host", host), ("path", path), ("query", query)):
        _check_tokens(uri, name, value or "")
    if host == "":
        raise uri.wrong("host", "must not be empty")
    if path and not path.startswith(("/", "{path}")):
        raise uri.wrong("path", "must begin with / or {path}")
    if query and not query.startswith(("?", "{query}")):
        raise uri.wrong("query", "must begin with ? or {query}")


def _check_tokens(uri: Fields, name: str, value: str) -> None:
    for part in _PART.finditer(value):
        if part["stray"]:
            raise uri.wrong(name, "must have every \\, { and } outside a token escaped with \\")
        if part["token"] and part["token"] not in _TOKENS:
            raise invalid(f"{uri.where}.{name} holds the unknown token {{{part['token']}}}.")


def redirect_location(incoming: IncomingUri, uri: Json | None) -> str:
    """The address that a redirect sends the client to. Every part that the rule leaves out stays unchanged."""
    parts = {name: value for name, value in (uri or {}).items() if value is not None}
    protocol = _filled(parts.get("protocol", "{protocol}"), incoming).lower()
    host = _filled(parts.get("host", "{host}"), incoming)
    port = int(parts.get("port", incoming.port))
    path = _filled(parts.get("path", "{path}"), incoming)
    query = _filled(parts.get("query", "{query}"), incoming)
    if query and not query.startswith("?"):
        query = f"?{query}"
    # A token without a value would leave a separator without a text after it.
    if query.endswith(("?", "&")):
        query = query[:-1]
    authority = host if _DEFAULT_PORTS.get(protocol) == port else f"{host}:{port}"
    return f"{protocol}://{authority}{path}{query}"


def _filled(template: str, incoming: IncomingUri) -> str:
    values = {name: str(getattr(incoming, name)) for name in _TOKENS}
    return _PART.sub(lambda part: part["escaped"] or values[part["token"]], template)
