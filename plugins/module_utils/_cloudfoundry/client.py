# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""One signed-in connection to a Cloud Foundry: each call is sent once, with the collection's own errors."""

from __future__ import annotations

import json
import threading
import typing as t
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry import sign_in
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry.errors import error_of
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry.sign_in import Credentials
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.fitness import Rights
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    RefusedError,
    TransientError,
    UnexpectedAnswerError,
    UnreachableError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._http import (
    Answer,
    Request,
    check_request,
    fetch,
)
from ansible_collections.tidegate.failover.plugins.module_utils._shape import misfit

#: Seconds for one call.
CALL_SECONDS = 30.0
_LOCAL = ("localhost", "127.0.0.1", "::1")
_PAGE: t.Any = {"pagination": {"next": (dict, type(None))}, "resources": [dict]}


@dataclass(frozen=True)
class Connection:
    """The address of the API, and how to connect.

    :ivar uaa_url: the address of the UAA; None for the address that the API names.
    """

    api_url: str
    uaa_url: str | None = None
    validate_certs: bool = True
    ca_path: str | None = None


def check_connection(connection: Connection) -> None:
    """:raises RefusedError: an address is not valid, or would send secrets without encryption."""
    for option, url in (("api_url", connection.api_url), ("uaa_url", connection.uaa_url)):
        if url is not None:
            check_request(option, Request(url, ca_path=connection.ca_path))
            _check_private(option, url)


def _check_private(option: str, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOCAL:
        raise RefusedError(f"{option} is {url}, which is not encrypted. Tokens are not sent over it: give https://.")


class CloudFoundry:
    """A connection that signs in when needed, and again when its token has expired. Threads may share it."""

    def __init__(self, connection: Connection, credentials: Credentials) -> None:
        self._connection = connection
        self._credentials = credentials
        self._lock = threading.Lock()
        self._token = sign_in.bearer(credentials.token) if credentials.token else None
        self._refresh_token: str | None = None
        self._uaa_url = connection.uaa_url

    @property
    def rights(self) -> Rights:
        """The rights of the user in the token."""
        return sign_in.rights_in(self._current_token())

    def get(self, path: str, action: str, **query: str) -> dict[str, t.Any]:
        """Read one object."""
        return self._call("GET", f"{path}?{urlencode(query)}" if query else path, action, None)

    def patch(self, path: str, body: Mapping[str, t.Any], action: str) -> dict[str, t.Any]:
        """Change one object."""
        return self._call("PATCH", path, action, body)

    def pages(self, path: str, action: str, **query: str) -> Iterator[list[dict[str, t.Any]]]:
        """Read a list, page by page."""
        query = {"per_page": "200"} | query
        number = 1
        while True:
            page = self.get(path, action, **query, page=str(number))
            problem = misfit(page, _PAGE)
            if problem:
                raise self._unexpected(action, problem)
            yield page["resources"]
            if page["pagination"]["next"] is None:
                return
            number += 1

    def list_all(self, path: str, action: str, **query: str) -> list[dict[str, t.Any]]:
        """Read a whole list."""
        return [one for page in self.pages(path, action, **query) for one in page]

    def check_shape(self, value: object, shape: object, action: str) -> None:
        """:raises UnexpectedAnswerError: the response does not come from Cloud Foundry."""
        problem = misfit(value, shape)
        if problem:
            raise self._unexpected(action, problem)

    def _call(self, method: str, path: str, action: str, body: Mapping[str, t.Any] | None) -> dict[str, t.Any]:
        token = self._current_token()
        answer = self._send(method, path, token, body)
        if answer.status == 401 and self._renewed(token):
            # The token was refused, so the request was not executed.
            answer = self._send(method, path, self._current_token(), body)
        if not 200 <= answer.status < 300:
            raise error_of(answer, action, is_write=method != "GET")
        try:
            given = json.loads(answer.text)
        except ValueError as problem:
            raise self._unexpected(action, "it is no JSON") from problem
        if not isinstance(given, dict):
            raise self._unexpected(action, "it is no object")
        return given

    def _unexpected(self, action: str, found: str) -> UnexpectedAnswerError:
        return UnexpectedAnswerError(action, self._connection.api_url, "Cloud Foundry", found, "api_url")

    def _send(self, method: str, path: str, token: str, body: Mapping[str, t.Any] | None) -> Answer:
        headers = {"Authorization": f"bearer {token}", "Accept": "application/json"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        url = self._connection.api_url.rstrip("/") + path
        try:
            return self._fetch(Request(url, method, headers, body=data), "api_url")
        except UnreachableError as problem:
            if method == "GET":
                raise
            # The outcome is unknown: the connection may have broken after the request arrived.
            raise TransientError(str(problem), effect_unknown=True) from problem

    def _current_token(self) -> str:
        with self._lock:
            if self._token is None:
                self._sign_in()
            return t.cast(str, self._token)

    def _renewed(self, refused: str) -> bool:
        """Get a new token, unless another thread has. Returns whether there is a new token."""
        with self._lock:
            if self._token != refused:
                return True
            if sign_in.grant(self._credentials, self._refresh_token) is None:
                return False
            self._sign_in()
            return True

    def _sign_in(self) -> None:
        form = sign_in.grant(self._credentials, self._refresh_token)
        if form is None:
            raise RefusedError("There is no way to sign in. Give a token, a client or a user.")
        endpoint = self._uaa()
        headers = sign_in.headers_of_grant(self._credentials)
        request = Request(f"{endpoint}/oauth/token", "POST", headers, body=sign_in.body_of_grant(form))
        answer = self._fetch(request, "uaa_url")
        if answer.status in (400, 401) and self._refresh_token is not None:
            # The refresh token has expired too. The original credentials may still be valid.
            self._refresh_token = None
            self._sign_in()
            return
        self._token, self._refresh_token = sign_in.token_in(answer, endpoint)

    def _uaa(self) -> str:
        """The address of the UAA, which the API names without a token.

        :raises RefusedError: secrets must not be sent to this address.
        """
        if self._uaa_url is None:
            url = self._connection.api_url
            action = "find where to sign in"
            answer = self._fetch(Request(f"{url.rstrip('/')}/", headers={"Accept": "application/json"}), "api_url")
            if answer.status != 200:
                raise error_of(answer, action, is_write=False)
            try:
                links = json.loads(answer.text)["links"]
                named = (links.get("login") or links["uaa"])["href"]
            except (ValueError, KeyError, TypeError, AttributeError) as problem:
                raise self._unexpected(action, "it has no link to a UAA") from problem
            check_request("The address of the UAA that the API names", Request(named))
            _check_private("The address of the UAA that the API names", named)
            self._uaa_url = str(named)
        return self._uaa_url.rstrip("/")

    def _fetch(self, request: Request, option: str) -> Answer:
        connection = self._connection
        connected = Request(
            request.url,
            request.method,
            request.headers,
            validate_certs=connection.validate_certs,
            ca_path=connection.ca_path,
            body=request.body,
        )
        try:
            return fetch(connected, CALL_SECONDS)
        except UnreachableError as problem:
            parts = urlsplit(request.url)
            where = f"{parts.scheme}://{parts.netloc}"
            raise UnreachableError(
                f"Cannot reach Cloud Foundry at {where}: {problem}. Check {option}, the network and proxies between."
            ) from problem
