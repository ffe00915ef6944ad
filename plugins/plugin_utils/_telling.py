# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""Tells people of a record, one after the other. Nothing that is secret gets into a task, a loop or a result."""

from __future__ import annotations

import json
import time
import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException

from ansible.module_utils.urls import open_url
from ansible_collections.tidegate.failover.plugins.module_utils._notify import texts
from ansible_collections.tidegate.failover.plugins.module_utils._notify.receivers import kind_of, without_secrets

Json = dict[str, t.Any]

_TAKEN = (200, 201, 202, 204)


@dataclass(frozen=True)
class Manner:
    """How people are told.

    :ivar timeout: seconds that one attempt may take.
    :ivar retries: how often it is tried again, ``delay`` seconds later.
    :ivar title: a title of the user's own; that of the record, if not given.
    """

    timeout: int = 10
    retries: int = 2
    delay: float = 2
    title: str = ""
    text: str = ""


@dataclass(frozen=True)
class Teller:
    """Tells people.

    :ivar ask: runs a module of this collection with these options; its result, also where it failed.
    :ivar auth: how to sign in, under ``aws`` and ``oci``.
    """

    ask: Callable[[str, Json], Json]
    auth: Mapping[str, Json]
    manner: Manner = field(default_factory=Manner)

    def tell(self, record: Json, receivers: Sequence[Json], *, check: bool) -> list[Json]:
        """Tell everybody in turn; returns who was told, and why others were not."""
        return [self._tell(record, receiver, check=check) for receiver in receivers]

    def _tell(self, record: Json, receiver: Json, *, check: bool) -> Json:
        kind = kind_of(receiver)
        told = {"to": receiver["name"], "kind": kind}
        if check:
            return told | {"status": "not sent", "msg": "Check mode sends nothing."}
        title = texts.subject(self.manner.title or texts.title(record))
        text = self.manner.text or texts.text(record)
        problem = getattr(self, f"_by_{kind}")(receiver[kind], record, title, text)
        if not problem:
            return told | {"status": "sent", "msg": ""}
        return told | {"status": "failed", "msg": without_secrets(receiver, problem)}

    def _by_sns(self, sns: Json, record: Json, title: str, text: str) -> str:
        given = {"topic_arn": sns["topic_arn"], "subject": title, "text": text, "data": record}
        return self._by_module("sns_notification", "aws", given)

    def _by_oci(self, oci: Json, _record: Json, title: str, text: str) -> str:
        return self._by_module("oci_notification", "oci", {"topic_id": oci["topic_id"], "title": title, "body": text})

    def _by_module(self, module: str, cloud: str, given: Json) -> str:
        options = dict(self.auth.get(cloud) or {}) | given | {"wait_timeout": self.manner.timeout}
        result = self.ask(module, options)
        return str(result.get("msg") or "no reason was given") if result.get("failed") else ""

    def _by_webhook(self, webhook: Json, record: Json, title: str, text: str) -> str:
        body = json.dumps(texts.body(webhook["form"], record, title=title, text=text))
        problem = ""
        for attempt in range(self.manner.retries + 1):
            if attempt:
                time.sleep(self.manner.delay)
            problem = self._post(webhook, body)
            if not problem:
                return ""
        return problem

    def _post(self, webhook: Json, body: str) -> str:
        headers = {"Content-Type": "application/json"} | {
            name: str(to) for name, to in (webhook["headers"] or {}).items()
        }
        try:
            answer = open_url(
                webhook["url"],
                method="POST",
                data=body,
                headers=headers,
                timeout=self.manner.timeout,
                validate_certs=webhook["validate_certs"],
                ca_path=webhook["ca_path"],
                follow_redirects="safe",
            )
        except (OSError, ValueError, HTTPException) as problem:
            # Errors of urllib are errors of the operating system, also for an answer that is no success.
            return f"It could not be posted to: {problem}"
        return "" if answer.status in _TAKEN else f"It answered {answer.status}, and not one of 200, 201, 202 and 204."
