# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The configuration of the Lambda function that locks by an alarm, as its environment variables."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Iterator, Mapping

Json = dict[str, t.Any]

#: The variables that the function reads, and the type of each value.
KEYS: Mapping[str, type] = {
    "ALARMS": dict,
    "LOCK_METHOD": str,
    "LOCK_PATH": str,
    "LOCK_RECORDS": list,
    "LOCK_RETURNED_WITHIN": int,
    "TRUST_ALIAS_TARGETS": bool,
}
_NOUNS = {dict: "a dictionary", str: "a text", list: "a list", int: "a number of seconds", bool: "true or false"}
_METHODS = ("auto", "path", "invert")
#: Bytes of all variables together (Lambda quotas).
_ROOM = 4096


def environment_of(options: Json) -> dict[str, str]:
    """All variables as texts. The records of the service are known, so the function need not search for them."""
    record = {"zone": options["zone_id"], "name": options["record"], "type": options["record_type"]}
    given = {"LOCK_RECORDS": [record], **{key: one for key, one in _given(options).items() if one is not None}}
    return {key: _text(value) for key, value in sorted(given.items())}


def environment_problems(options: Json) -> Iterator[str]:
    """Variables that the function cannot read or does not accept."""
    problems = [*_problems(_given(options))]
    yield from problems
    if not problems and sum(len(f"{key}{value}".encode()) for key, value in environment_of(options).items()) > _ROOM:
        yield f"aws_setup_function_environment is too long. Lambda takes {_ROOM} bytes in all."


def _given(options: Json) -> Json:
    return dict(options["environment"] or {})


def _problems(given: Json) -> Iterator[str]:
    where = "aws_setup_function_environment"
    for key, value in given.items():
        kind = KEYS.get(key)
        if kind is None:
            yield f"{where} has {key}, which the function does not read. It reads {', '.join(KEYS)}."
        elif value is not None and not _fits(value, kind):
            yield f"{where}.{key} is {value!r}. Give {_NOUNS[kind]}."
    method, path, alarms = (given.get(key) for key in ("LOCK_METHOD", "LOCK_PATH", "ALARMS"))
    if isinstance(method, str) and method not in _METHODS:
        yield f"{where}.LOCK_METHOD is '{method}'. Give one of {', '.join(_METHODS)}."
    if isinstance(path, str) and not path.startswith("/"):
        yield f"{where}.LOCK_PATH is '{path}'. Give a path that begins with a slash."
    if isinstance(alarms, dict) and any("secondary_url" in one for one in alarms.values() if isinstance(one, dict)):
        yield f"{where}.ALARMS has a secondary_url. The function asks no addresses; leave it out."


def _fits(value: t.Any, kind: type) -> bool:
    """Whether a value has its type, or is a text of such a value, as extra variables are."""
    if kind is bool:
        return isinstance(value, bool) or str(value).lower() in ("true", "false")
    if kind is int:
        return str(value).isdecimal()
    return isinstance(value, kind)


def _text(value: t.Any) -> str:
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True)
    return str(value).lower() if isinstance(value, bool) or str(value) in ("True", "False") else str(value)
