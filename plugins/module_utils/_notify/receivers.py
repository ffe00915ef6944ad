# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Who is told, and whether that is written as it has to be: seen before anything is done, and not when it is needed."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values

Json = dict[str, t.Any]

KINDS = ("sns", "oci", "webhook")

_SPEC: Json = {
    "notify_to": {
        "type": "list",
        "elements": "dict",
        "mutually_exclusive": [list(KINDS)],
        "required_one_of": [list(KINDS)],
        "options": {
            "name": {"type": "str", "required": True},
            "sns": {"type": "dict", "options": {"topic_arn": {"type": "str", "required": True}}},
            "oci": {"type": "dict", "options": {"topic_id": {"type": "str", "required": True}}},
            "webhook": {
                "type": "dict",
                "options": {
                    "url": {"type": "str", "required": True, "no_log": True},
                    "form": {"type": "str", "choices": ["json", "slack"], "default": "json"},
                    "headers": {"type": "dict", "no_log": True},
                    "validate_certs": {"type": "bool", "default": True},
                    "ca_path": {"type": "path"},
                },
            },
        },
    }
}


def receivers_from(given: Sequence[t.Any]) -> tuple[list[Json], list[str]]:
    """Those who are told, with all defaults, and what is wrong with them: a sentence each, without secrets."""
    checked = ArgumentSpecValidator(_SPEC).validate({"notify_to": list(given or [])})
    if checked.error_messages:
        hidden = frozenset(str(value) for value in checked._no_log_values)
        said = [str(remove_values(text, hidden)).rstrip(".") for text in checked.error_messages]
        return [], [f"{text}." for text in said]
    receivers: list[Json] = checked.validated_parameters["notify_to"]
    wrong = [one["name"] for one in receivers if one["webhook"] and not _is_address(one["webhook"]["url"])]
    return receivers, [
        f"notify_to: the webhook of {name!r} is no address that begins with https:// or http://." for name in wrong
    ]


def _is_address(url: str) -> bool:
    return url.partition("://")[0].lower() in ("http", "https") and len(url.partition("://")[2]) > 0


def kind_of(receiver: Json) -> str:
    """By which way one is told."""
    return next(kind for kind in KINDS if receiver[kind])


def without_secrets(receiver: Json, said: str) -> str:
    """A message about one who could not be told, without what is secret of the webhook."""
    webhook = receiver["webhook"] or {}
    secrets = [webhook.get("url", ""), *(str(value) for value in (webhook.get("headers") or {}).values())]
    parts = webhook.get("url", "").partition("://")[2].partition("/")
    secrets += [parts[2]] if parts[2] else []
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        said = said.replace(secret, "the webhook")
    return said
