# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Calls to several AWS services, with retries, checked responses and the collection's own errors."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._aws.answers import checked
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import translated
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline, call_patiently

Json = dict[str, t.Any]


class Calls:
    """Calls in one account.

    :param client: makes boto3 clients that do not retry by themselves, by the service's name.
    :param new_deadline: returns the deadline of one call.
    """

    def __init__(self, client: Callable[[str], t.Any], new_deadline: Callable[[], Deadline]) -> None:
        self._client, self._new_deadline = client, new_deadline

    def call(self, service: str, action: str, operation: str, **parameters: t.Any) -> Json:
        """The response of an operation.

        :param action: what is done, for messages; it follows "Cannot".
        :raises TidegateError: see :mod:`_errors`.
        """
        client = self._client(service)
        endpoint = str(client.meta.endpoint_url)

        def call() -> Json:
            with translated(action, endpoint):
                answer = getattr(client, operation)(**parameters)
            return checked(action, endpoint, operation, answer)

        return call_patiently(call, self._new_deadline())

    def pages(self, service: str, action: str, operation: str, parameters: Mapping[str, t.Any]) -> list[Json]:
        """All pages of an operation with ``NextToken``."""
        found = [self.call(service, action, operation, **parameters)]
        while token := found[-1].get("NextToken"):
            found.append(self.call(service, action, operation, **parameters, NextToken=token))
        return found
