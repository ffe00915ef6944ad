# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The UAA: access tokens by client credentials, password and refresh token (UAA API documentation, "Token")."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote

from aiohttp import web

from lab.api_call import ApiCall, describing
from lab.cloudfoundry.platform import Json, Settings, new_guid
from lab.faults import Faults
from lab.requests_log import RequestsLog

READ, WRITE = "cloud_controller.read", "cloud_controller.write"
ADMIN, ADMIN_READ_ONLY = "cloud_controller.admin", "cloud_controller.admin_read_only"


@dataclass(frozen=True)
class Account:
    """An account that can sign in: a user, or a client that acts for itself."""

    name: str
    secret: str
    scopes: tuple[str, ...]
    guid: str = field(default_factory=new_guid)


@dataclass(frozen=True)
class Token:
    """An issued access token."""

    account: Account
    expires: float


class Uaa:
    """Issues tokens and checks them.

    :param clients: by name. The client of the command line, ``cf``, has an empty secret.
    """

    def __init__(self, users: list[Account], clients: list[Account], settings: Settings) -> None:
        self._users = {user.name: user for user in users}
        self._clients = {client.name: client for client in clients}
        self._tokens: dict[str, Token] = {}
        self._refresh: dict[str, tuple[str, Account]] = {}
        self.settings = settings

    def account_of(self, token: str) -> Account | None:
        """The account of a token; None if the token is unknown or has expired."""
        known = self._tokens.get(token)
        return known.account if known and known.expires > time.time() else None

    def expire_all(self) -> None:
        """Make all access tokens invalid. Refresh tokens stay valid."""
        self._tokens.clear()

    def token_for(self, name: str) -> str:
        """An access token in the form of ``cf oauth-token``, without its prefix."""
        return str(self._issue("cf", self._users[name], refreshable=False)["access_token"])

    async def answer(self, request: web.Request) -> web.Response:
        """``POST /oauth/token``."""
        client = self._client(request)
        if client is None:
            return _refused(401, "invalid_client", "Bad credentials")
        form = {name: values[0] for name, values in parse_qs(await request.text(), keep_blank_values=True).items()}
        grants = {
            "client_credentials": lambda: client if client.name != "cf" else None,
            "password": lambda: self._user(form),
            "refresh_token": lambda: self._refreshed(client, form),
        }
        kind = form.get("grant_type", "")
        if kind not in grants:
            return _refused(400, "unsupported_grant_type", f"Unsupported grant type: {kind}")
        account = grants[kind]()
        if account is None and kind == "client_credentials":
            return _refused(401, "invalid_client", "Unauthorized grant type: client_credentials")
        if account is None and kind == "password":
            return _refused(401, "unauthorized", "Bad credentials")
        if account is None:
            return _refused(401, "invalid_token", "The token expired, was revoked, or the token ID is incorrect.")
        return web.json_response(self._issue(client.name, account, refreshable=kind != "client_credentials"))

    def _client(self, request: web.Request) -> Account | None:
        scheme, _unused, encoded = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, _unused, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        # The same as compatibility mode, which is stricter: without the header nothing is decoded.
        if request.headers.get("X-CF-ENCODED-CREDENTIALS", "").lower() == "true":
            name, secret = unquote(name), unquote(secret)
        client = self._clients.get(name)
        return client if client and secrets.compare_digest(client.secret.encode(), secret.encode()) else None

    def _user(self, form: dict[str, str]) -> Account | None:
        user = self._users.get(form.get("username", ""))
        return (
            user if user and secrets.compare_digest(user.secret.encode(), form.get("password", "").encode()) else None
        )

    def _refreshed(self, client: Account, form: dict[str, str]) -> Account | None:
        name, account = self._refresh.get(form.get("refresh_token", ""), ("", None))
        return account if name == client.name else None

    def _issue(self, client: str, account: Account, *, refreshable: bool) -> Json:
        expires = time.time() + self.settings.token_seconds
        claims = {
            "jti": secrets.token_hex(8),
            "client_id": client,
            "scope": list(account.scopes),
            "exp": int(expires),
            "sub": account.guid,
        }
        if refreshable or account.name in self._users:
            claims |= {"user_id": account.guid, "user_name": account.name}
        token = secrets.token_hex(16) if self.settings.opaque_tokens else _jwt(claims)
        self._tokens[token] = Token(account, expires)
        answer: Json = {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": int(self.settings.token_seconds),
            "scope": " ".join(account.scopes),
            "jti": claims["jti"],
        }
        if refreshable:
            answer["refresh_token"] = secrets.token_hex(16) + "-r"
            self._refresh[answer["refresh_token"]] = (client, account)
        return answer


def uaa_app(log: RequestsLog, faults: Faults, uaa: Uaa) -> web.Application:
    """Build the UAA's server."""
    app = web.Application(middlewares=[describing(_describe), log.middleware(), faults.middleware(_error)])
    app.add_routes([web.post("/oauth/token", uaa.answer)])
    return app


async def _describe(request: web.Request) -> ApiCall:
    return ApiCall("uaa", "IssueToken" if request.path == "/oauth/token" else "unknown", is_write=False)


def _error(_unused: web.Request, status: int, code: str, message: str) -> web.StreamResponse:
    return _refused(status, code, message)


def _refused(status: int, error: str, description: str) -> web.Response:
    return web.json_response({"error": error, "error_description": description}, status=status)


def _jwt(claims: Json) -> str:
    """A token of three parts, in the UAA's form. Only this UAA verifies the signature."""
    header = {"alg": "RS256", "typ": "JWT"}
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in (header, claims)] + [secrets.token_bytes(32)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
