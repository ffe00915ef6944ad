# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Tokens of the UAA: from client credentials, a password or a refresh token, or given by the user."""

from __future__ import annotations

import base64
import binascii
import json
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.fitness import Rights
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    RefusedError,
    TransientError,
    UnexpectedAnswerError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._http import Answer

#: The client of Cloud Foundry's own command line, which has an empty secret.
COMMAND_LINE_CLIENT = "cf"


@dataclass(frozen=True)
class Credentials:
    """How to sign in. The fields have the names of the options."""

    username: str | None = None
    password: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    origin: str | None = None
    token: str | None = None
    refresh_token: str | None = None


def check_credentials(credentials: Credentials) -> None:
    """:raises RefusedError: the credentials are not complete."""
    has_client = credentials.client_id is not None and credentials.client_id != COMMAND_LINE_CLIENT
    if not (credentials.token or credentials.refresh_token or credentials.username or has_client):
        raise RefusedError(
            "No credentials are given. Give client_id and client_secret, username and password, or a token "
            "(cf oauth-token prints one)."
        )
    if credentials.username and credentials.password is None:
        raise RefusedError("username is given without password.")
    if has_client and not credentials.username and credentials.client_secret is None and not credentials.token:
        raise RefusedError("client_id is given without client_secret.")


def bearer(token: str) -> str:
    """A token without the word "bearer" before it, which ``cf oauth-token`` also prints.

    :raises RefusedError: the token cannot be sent.
    """
    kind, _space, rest = token.strip().partition(" ")
    found = rest.strip() if kind.lower() == "bearer" else token.strip()
    if not found or not found.isascii() or not found.isprintable() or " " in found:
        raise RefusedError("The token cannot be sent: it is empty, or holds white space or line breaks.")
    return found


def grant(credentials: Credentials, refresh_token: str | None) -> dict[str, str] | None:
    """The form that requests a token; None if there are no credentials but the given token.

    :param refresh_token: the refresh token of the last response.
    """
    renew = refresh_token or credentials.refresh_token
    if renew:
        return {"grant_type": "refresh_token", "refresh_token": renew}
    if credentials.username:
        form = {"grant_type": "password", "username": credentials.username, "password": credentials.password or ""}
        return form | ({"login_hint": json.dumps({"origin": credentials.origin})} if credentials.origin else {})
    if credentials.client_id and credentials.client_id != COMMAND_LINE_CLIENT:
        return {"grant_type": "client_credentials"}
    return None


def headers_of_grant(credentials: Credentials) -> dict[str, str]:
    """The headers that identify the client (RFC 6749, section 2.3.1: name and secret are encoded like a form).

    A UAA in compatibility mode decodes them only if a header declares the encoding
    (https://docs.cloudfoundry.org/api/uaa/, "X-CF-ENCODED-CREDENTIALS").
    """
    name = quote(credentials.client_id or COMMAND_LINE_CLIENT, safe="")
    secret = quote(credentials.client_secret or "", safe="")
    encoded = base64.b64encode(f"{name}:{secret}".encode()).decode()
    return {
        "Authorization": f"Basic {encoded}",
        "X-CF-ENCODED-CREDENTIALS": "true",
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }


def body_of_grant(form: Mapping[str, str]) -> bytes:
    """A form as the body of a request."""
    return urlencode(form).encode("ascii")


def token_in(answer: Answer, endpoint: str) -> tuple[str, str | None]:
    """The access token of a response, and the refresh token if there is one.

    :raises AccessError: the UAA does not accept these credentials.
    """
    given = _json(answer)
    if answer.status == 429 or answer.status >= 500:
        raise TransientError(f"Cannot sign in: the UAA answered {answer.status}.", effect_unknown=False)
    if answer.status != 200:
        error, why = given.get("error"), given.get("error_description")
        detail = f" ({error}: {why})" if isinstance(error, str) and isinstance(why, str) else ""
        raise AccessError(
            f"Cannot sign in: the UAA at {endpoint} answered {answer.status}{detail[:300]}. Check the user or client "
            "and its secret, and whether this kind of sign-in is allowed for it."
        )
    token, refresh = given.get("access_token"), given.get("refresh_token")
    if not isinstance(token, str) or not token:
        raise UnexpectedAnswerError("sign in", endpoint, "the UAA", "there is no access_token", "uaa_url")
    return token, refresh if isinstance(refresh, str) else None


def rights_in(token: str) -> Rights:
    """The rights of the user in a token. A token that is no JWT has no readable rights."""
    try:
        encoded = token.split(".")[1]
        claims: t.Any = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        scopes, user = claims["scope"], claims.get("user_id") or claims["sub"]
    except (IndexError, KeyError, ValueError, TypeError, AttributeError, binascii.Error):
        return Rights()
    if not isinstance(scopes, list) or not isinstance(user, str):
        return Rights()
    return Rights(scopes=frozenset(map(str, scopes)), user=user)


def _json(answer: Answer) -> dict[str, t.Any]:
    try:
        given = json.loads(answer.text)
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}
