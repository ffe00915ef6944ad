# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Calls to any OCI service on plain JSON: signed and sent by the SDK, with the collection's own errors."""

from __future__ import annotations

import typing as t
import uuid

from ansible_collections.tidegate.failover.plugins.module_utils._errors import UnexpectedAnswerError
from ansible_collections.tidegate.failover.plugins.module_utils._oci.errors import translated
from ansible_collections.tidegate.failover.plugins.module_utils._shape import Shape, misfit

Json = dict[str, t.Any]


class Calls:
    """Calls to one service.

    :param client: any client of the SDK with the service's endpoint.
    :param service: its name, for messages.
    :param policy: the permission that all these calls need, such as ``manage alarms``.
    """

    def __init__(self, client: t.Any, service: str, policy: str) -> None:
        self._client = client
        self._service = service
        self._policy = policy

    @property
    def endpoint(self) -> str:
        """The endpoint of the calls."""
        return str(self._client.base_client.endpoint)

    def get(
        self, action: str, path: str, shape: Shape, *, query: Json | None = None, **params: str
    ) -> tuple[t.Any, str]:
        """A GET. Returns the body and the etag."""
        answer = self._call(action, "GET", path, params, query=query)
        self._check(action, answer.data, shape)
        return answer.data, answer.headers.get("etag") or ""

    def pages(self, action: str, path: str, shape: Shape, query: Json, *, items: str = "") -> list[Json]:
        """A GET of a list, with all its pages.

        :param items: the field that contains the list, if the body is not the list itself.
        """
        found: list[Json] = []
        page: Json = {}
        while True:
            answer = self._call(action, "GET", path, {}, query={**query, **page})
            self._check(action, answer.data, {items: [shape]} if items else [shape])
            found += answer.data[items] if items else answer.data
            following = answer.headers.get("opc-next-page")
            if not following:
                return found
            page = {"page": following}

    def post(self, action: str, path: str, body: Json, shape: Shape, **params: str) -> tuple[Json, t.Any]:
        """A POST. Returns the body and the headers."""
        answer = self._call(action, "POST", path, params, body=body, headers={"opc-retry-token": uuid.uuid4().hex})
        self._check(action, answer.data, shape)
        return answer.data, answer.headers

    def put(self, action: str, path: str, body: Json, etag: str, **params: str) -> t.Any:
        """A PUT, if the etag still matches. Returns the headers."""
        return self.change(action, "PUT", path, body, etag, **params)

    def delete(self, action: str, path: str, etag: str, **params: str) -> t.Any:
        """A DELETE, if the etag still matches. Returns the headers."""
        return self.change(action, "DELETE", path, None, etag, **params)

    def change(self, action: str, method: str, path: str, body: Json | None, etag: str, **params: str) -> t.Any:
        """A write without a response body, if the etag still matches. Returns the headers."""
        return self._call(action, method, path, params, body=body, headers={"if-match": etag}, shows=False).headers

    def _check(self, action: str, data: object, shape: Shape) -> None:
        if found := misfit(data, shape):
            raise UnexpectedAnswerError(action, self.endpoint, self._service, found, "service_endpoint")

    def _call(
        self,
        action: str,
        method: str,
        path: str,
        params: Json,
        *,
        query: Json | None = None,
        body: Json | None = None,
        headers: Json | None = None,
        shows: bool = True,
    ) -> t.Any:
        with translated(action, self.endpoint, self._policy):
            return self._client.base_client.call_api(
                resource_path=path,
                method=method,
                path_params=params,
                query_params=query,
                header_params={"accept": "application/json", "content-type": "application/json", **(headers or {})},
                body=body,
                response_type="object" if shows else None,
                enable_strict_url_encoding=True,
            )
