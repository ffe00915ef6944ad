# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Posts to a webhook. A failure is reported in one sentence, without the address and its secrets."""

from __future__ import annotations

import http.client
import json
import time
import typing as t
from collections.abc import Callable, Mapping
from contextlib import closing
from urllib.error import HTTPError

from ansible.module_utils.urls import ConnectionError as NoConnectionError
from ansible.module_utils.urls import open_url
from ansible_collections.tidegate.failover.plugins.module_utils._notify.options import Options
from ansible_collections.tidegate.failover.plugins.module_utils._notify.secrets import masked, webhook_secrets

_TAKEN = (200, 201, 202, 204)


def post(
    webhook: Mapping[str, t.Any],
    body: Mapping[str, t.Any],
    options: Options,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Post a body, with retries.

    :param webhook: the options of a receiver of this kind.
    :returns: why the body could not be posted; empty on success.
    """
    problem = _post_once(webhook, body, options.timeout)
    for _retry in range(options.retries):
        if not problem:
            break
        sleep(options.delay)
        problem = _post_once(webhook, body, options.timeout)
    return problem


def _post_once(webhook: Mapping[str, t.Any], body: Mapping[str, t.Any], timeout: int) -> str:
    try:
        status = _status_of_post(webhook, json.dumps(body).encode(), timeout)
    except (NoConnectionError, OSError, http.client.HTTPException, ValueError) as problem:
        reason = masked(str(problem) or type(problem).__name__, webhook_secrets(webhook))
        return f"The webhook could not be reached: {reason}"
    return "" if status in _TAKEN else f"The webhook answered {status}, expected one of {', '.join(map(str, _TAKEN))}."


def _status_of_post(webhook: Mapping[str, t.Any], body: bytes, timeout: int) -> int:
    typed = any(name.lower() == "content-type" for name in webhook["headers"])
    try:
        answer = open_url(
            webhook["url"],
            method="POST",
            data=body,
            headers=webhook["headers"] if typed else {"Content-Type": "application/json", **webhook["headers"]},
            timeout=timeout,
            validate_certs=webhook["validate_certs"],
            ca_path=webhook["ca_path"],
            follow_redirects="safe",
            http_agent="tidegate.failover",
        )
    except HTTPError as refusal:
        answer = refusal
    with closing(answer):
        return int(answer.status)
