# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What a record is told as: a title, a text for people, and the bodies of webhooks."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._record.escaping import escaped_for
from ansible_collections.tidegate.failover.plugins.module_utils._record.timeline import duration

Json = dict[str, t.Any]

_WORDS: Mapping[str, Mapping[str, str]] = {
    "completed": {"failover": "failed over", "failback": "failed back", "acknowledge": "acknowledged"},
    "unchanged": {
        "failover": "had nothing to fail over",
        "failback": "had nothing to fail back",
        "acknowledge": "had nothing to acknowledge",
    },
    "refused": {
        "failover": "failover refused",
        "failback": "failback refused",
        "acknowledge": "acknowledgement refused",
    },
    "undone": {
        "failover": "failover FAILED, undone",
        "failback": "failback FAILED, undone",
        "acknowledge": "acknowledgement FAILED",
    },
    "failed": {
        "failover": "failover FAILED",
        "failback": "failback FAILED",
        "acknowledge": "acknowledgement FAILED",
    },
}
#: An e-mail subject at SNS holds less than 100 characters (API reference, Publish).
_LONGEST_SUBJECT = 99
_LONGEST_LINE = 2000


def title(record: Mapping[str, t.Any]) -> str:
    """What happened, in a few words."""
    return f"{record['service']} {_WORDS[record['status']][record['operation']]}"


def subject(given: str) -> str:
    """A title as one line that fits into a subject."""
    return _cut(escaped_for(given, "line"), _LONGEST_SUBJECT)


def text(record: Mapping[str, t.Any]) -> str:
    """What happened, for people. Each value is one line, so that none can look like a line of its own."""
    lines = [_line(record["msg"] or title(record))]
    if record["recovery_seconds"] is not None:
        lines.append(f"Users were served again after {duration(record['recovery_seconds'])}.")
    kind = f", {_line(record['type'])}" if record["type"] else ""
    reason = f", because: {_line(record['reason'])}" if record["reason"] else ""
    lines += [
        _line(record["undo"]),
        "",
        f"Service: {_line(record['service'])}",
        f"Run: {_line(record['id'])}, {_line(record['trigger'])}{kind}",
        f"By: {_line(record['owner'] or 'nobody named')}{reason}",
        f"From {_line(record['began'])} to {_line(record['ended'])}",
    ]
    return "\n".join([*lines, *(_step(step) for step in record["steps"])])


def body(form: str, record: Json, *, title: str, text: str) -> Json:
    """What is posted to a webhook.

    :param form: ``json`` is the record itself; ``slack`` is a text, which others show too.
    """
    if form == "json":
        return record
    # Slack makes links of addresses unless it is told not to, and fetches what they lead to. Others do not know these.
    return {
        "text": escaped_for(f"*{title}*\n{text}", "slack"),
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _step(step: Mapping[str, t.Any]) -> str:
    said = f", {_line(step['msg'])}" if step["msg"] else ""
    return f"- {_line(step['name'])}: {step['status']}{said}"


def _line(given: t.Any) -> str:
    return _cut(escaped_for(given, "line"), _LONGEST_LINE)


def _cut(given: str, longest: int) -> str:
    return given if len(given) <= longest else f"{given[: longest - 3]}..."
