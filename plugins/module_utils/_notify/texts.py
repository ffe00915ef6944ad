# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The notification about a run: subject, text, and the body for a webhook."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._record.escaping import escaped_for
from ansible_collections.tidegate.failover.plugins.module_utils._record.objectives import (
    reported_objective,
    reported_unknown,
)
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import duration
from ansible_collections.tidegate.failover.plugins.module_utils._shape import Maybe, misfit

Json = dict[str, t.Any]
Record = Mapping[str, t.Any]

#: SNS accepts less than 100 characters in the subject of an e-mail.
_SUBJECT_LENGTH = 99
#: The maximum length of a single value, so that no service refuses the text.
_VALUE_LENGTH = 2000

_WORDS: Mapping[str, Mapping[str, str]] = {
    "completed": {
        "failover": "failed over",
        "failback": "failed back",
        "acknowledge": "acknowledged",
        "drill": "drill passed",
        "drift": "drift put back",
    },
    "unchanged": {
        "failover": "had nothing to fail over",
        "failback": "had nothing to fail back",
        "acknowledge": "had nothing to acknowledge",
        "drill": "had nothing to drill",
        "drift": "has not drifted",
    },
    "refused": {
        "failover": "failover refused",
        "failback": "failback refused",
        "acknowledge": "acknowledgement refused",
        "drill": "drill refused",
    },
    "undone": {
        "failover": "failover FAILED, undone",
        "failback": "failback FAILED, undone",
        "acknowledge": "acknowledgement FAILED",
        "drill": "drill FAILED",
    },
    "failed": {
        "failover": "failover FAILED",
        "failback": "failback FAILED",
        "acknowledge": "acknowledgement FAILED",
        "drill": "drill FAILED",
        "drift": "HAS DRIFTED",
    },
}

#: The fields of a record that the text needs. A missing optional field is omitted from the text.
_RECORD = {
    **dict.fromkeys(("service", "operation", "status", "id", "trigger", "began", "ended"), str),
    **dict.fromkeys(("msg", "undo", "type", "owner", "reason"), Maybe(str)),
    "recovery_seconds": Maybe((int, float)),
    "rto_seconds": Maybe((int, float)),
    "rpo_seconds": Maybe((int, float)),
    "recovery_point": Maybe({"msg": str}),
    "steps": [{"name": str, "status": str, "msg": Maybe(str)}],
}


@dataclass(frozen=True)
class Message:
    """The notification about one run.

    :ivar subject: one short line.
    :ivar text: for people.
    :ivar record: for programs.
    """

    subject: str
    text: str
    record: Json


def message(record: Record, title: str = "", text: str = "") -> Message:
    """The notification about a run.

    :param title: the user's own title, in place of the default.
    :param text: the user's own text, in place of the default.
    :raises RefusedError: this is not a valid record.
    """
    wrong = misfit(record, _RECORD)
    if wrong:
        raise RefusedError(f"This is no record of a run: {wrong}. The filter procedure_record makes one.")
    own_title = _title(record)
    subject = _cut(escaped_for(title or own_title, "line"), _SUBJECT_LENGTH)
    return Message(subject, text or "\n".join(_lines(record, own_title)) + "\n", dict(record))


def body(form: str, message: Message) -> Json:
    """The body for a webhook: the record, or a text in the form of Slack.

    Without these fields, Slack turns addresses into links, and fetches previews. Other services ignore the fields.
    """
    if form == "json":
        return message.record
    text = escaped_for(f"*{message.subject}*\n{message.text}", "slack")
    return {"text": text, "parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False}


def summary(sent: Sequence[Mapping[str, str]]) -> str:
    """The result of each notification, in words."""
    return ", ".join(f"{one['to']}: {one['status']}" for one in sent) or "No notification targets are configured."


def reason_for_silence(record: Record) -> str:
    """Why nobody is notified of a run; empty if everybody is.

    A typo must not page the people on call. A refused automatic run is reported: it should have moved a service, and
    did not.

    :param record: only its status and its trigger are needed.
    """
    if record["status"] == "refused" and record["trigger"] == "manual":
        return "A refused run changed nothing, and the person who started it sees the reason."
    return ""


def _title(record: Record) -> str:
    words = _WORDS.get(record["status"], {}).get(record["operation"])
    if words is None:
        raise RefusedError(f"This is no record of a run: {record['operation']} cannot end as {record['status']}.")
    return f"{record['service']} {words}"


def _lines(record: Record, title: str) -> Iterator[str]:
    yield _line(record.get("msg") or title)
    if record.get("recovery_seconds") is not None:
        objective = reported_objective(record.get("rto_met"), record.get("rto_seconds"))
        yield f"Service was restored after {duration(record['recovery_seconds'])}{objective}."
    elif unknown := reported_unknown(record):
        yield f"Recovery time: {unknown}{reported_objective(None, record.get('rto_seconds'))}."
    if record.get("recovery_point"):
        objective = reported_objective(record.get("rpo_met"), record.get("rpo_seconds"))
        yield f"Recovery point of the database: {_line(record['recovery_point']['msg'])}{objective}."
    yield _line(record.get("undo"))
    yield ""
    yield f"Service: {_line(record['service'])}"
    yield f"Run: {_line(record['id'])}, {_line(record['trigger'])}{_more(', ', record.get('type'))}"
    yield f"By: {_line(record.get('owner') or 'nobody named')}{_more(', because: ', record.get('reason'))}"
    yield f"From {_line(record['began'])} to {_line(record['ended'])}"
    for step in record["steps"]:
        yield f"- {_line(step['name'])}: {_line(step['status'])}{_more(', ', step.get('msg'))}"


def _more(before: str, value: str | None) -> str:
    return f"{before}{_line(value)}" if value else ""


def _line(value: str | None) -> str:
    """A value as one line, so that it cannot imitate other lines of the text."""
    return _cut(escaped_for(value, "line"), _VALUE_LENGTH)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 3]}..."
