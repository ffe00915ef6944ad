# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""Notifies people of a run, for an action.

Addresses, headers and credentials are read from variables here and used directly. So they are in no loop, argument,
result or fact, which callbacks print and AWX keeps.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator, Mapping
from pathlib import Path

from ansible.errors import AnsibleError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._notify import receivers as _receivers
from ansible_collections.tidegate.failover.plugins.module_utils._notify.options import OPTIONS, Options, options_from
from ansible_collections.tidegate.failover.plugins.module_utils._notify.posting import post
from ansible_collections.tidegate.failover.plugins.module_utils._notify.receivers import Receiver, Unreadable
from ansible_collections.tidegate.failover.plugins.module_utils._notify.secrets import masked, sign_in_secrets
from ansible_collections.tidegate.failover.plugins.module_utils._notify.texts import (
    Message,
    body,
    message,
    reason_for_silence,
)

if t.TYPE_CHECKING:
    from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution

#: The modules of this collection that send notifications. An action with a notifier names them in ``_also_runs``.
MODULES = ("sns_notification", "oci_notification")

#: The variables with credentials, if the role's own variables do not contain them.
_OTHER_NAMES = {"aws_auth": "aws_auth", "oci_auth": "oci_auth"}
#: The parts of a template's error that are shown, which are names. The other parts may contain values.
_UNDEFINED = re.compile(r"'[\w.]{1,60}' is undefined|has no attribute '\w{1,60}'")

Reported = dict[str, str]


class Notifier:
    """Notifies people of runs, for an action, with the variables of its task."""

    def __init__(self, action: DirectExecution, task_vars: Mapping[str, t.Any], templar: t.Any = None) -> None:
        """Prepare notifications, without reading or sending anything.

        :param templar: a templar with the variables, if they are not those of the action's own host.
        """
        self._action, self._variables, self._templar = action, task_vars, templar or action._templar

    def problems(self, variable: str = "notify_to") -> list[str]:
        """The problems of a list and of the options of notifications, a sentence each, before anything is done.

        :param variable: the variable with the list.
        """
        options = options_from({name: self._option(name) for name in OPTIONS if name not in ("title", "text")})
        wrong = [*_receivers.problems(self._list(variable), variable), *options.problems.values()]
        return [*wrong, *self._missing_files(variable)]

    def receivers(self, variable: str = "notify_to") -> list[Receiver]:
        """All receivers in a list, including those that cannot be notified."""
        return _receivers.receivers(self._list(variable), variable)

    def record(self) -> t.Any:
        """The value of the variable ``notify_record``."""
        return self._read(self._variables.get("notify_record"))

    def options(self, record: Mapping[str, t.Any]) -> Options:
        """The options of notifications of a run: ``notify_title``, ``notify_timeout`` and so on.

        :param record: the record that the user's own texts get as ``notify_record``.
        """
        variables = {**self._variables, "notify_record": wrap_var(dict(record))}
        templar = self._templar.copy_with_new_env(available_variables=variables)
        return options_from({name: self._option(name, templar) for name in OPTIONS})

    def notify(self, record: Mapping[str, t.Any], receivers: list[Receiver], options: Options) -> list[Reported]:
        """Notify all receivers in turn. A failed notification is reported, and stops nothing.

        :returns: ``to``, ``kind``, ``status`` (``sent``, ``failed`` or ``not sent``) and ``msg`` for each of them.
        """
        try:
            reported = message(record, options.title, options.text)
            silence = "Check mode sends nothing." if self._action._task.check_mode else reason_for_silence(record)
        except RefusedError as problem:
            return [_reported(receiver, "failed", str(problem)) for receiver in receivers]
        if silence:
            return [_reported(receiver, "not sent", silence) for receiver in receivers]
        return [self._notify_one(receiver, reported, options) for receiver in receivers]

    def _notify_one(self, receiver: Receiver, message: Message, options: Options) -> Reported:
        try:
            problem = receiver.problem or self._send(receiver, message, options)
        except Exception as failure:  # noqa: BLE001 - who cannot be notified must not keep a service from being moved to safety
            secrets = sign_in_secrets({**options.aws_auth, **options.oci_auth})
            problem = masked(f"{type(failure).__name__}: {failure}", secrets)
        return _reported(receiver, "failed" if problem else "sent", problem)

    def _send(self, receiver: Receiver, message: Message, options: Options) -> str:
        """Send a message; returns the problem, empty if it was sent."""
        given = receiver.options
        if receiver.kind == "webhook":
            return post(given, body(given["form"], message), options)
        if receiver.kind == "sns":
            what = {"subject": message.subject, "text": message.text, "data": message.record, **given}
            return options.problems.get("aws_auth") or self._run("sns_notification", what, options.aws_auth, options)
        what = {"title": message.subject, "body": message.text, **given}
        return options.problems.get("oci_auth") or self._run("oci_notification", what, options.oci_auth, options)

    def _run(self, module: str, what: dict[str, t.Any], sign_in: Mapping[str, t.Any], options: Options) -> str:
        given = {**sign_in, **what, "wait_timeout": options.timeout}
        arguments = _plain(self._action.with_defaults(module, given))
        result = self._action._execute_module(
            module_name=f"tidegate.failover.{module}", module_args=arguments, task_vars=dict(self._variables)
        )
        problem = str(result.get("msg") or "no reason was given") if result.get("failed") else ""
        return masked(problem, sign_in_secrets(arguments))

    # Reading variables.

    def _list(self, variable: str) -> t.Any:
        """A list of receivers. An entry with a template that fails does not affect the others."""
        raw = self._variables.get(variable)
        if not isinstance(raw, list | tuple):
            return self._read(raw)
        return [self._read(entry) for entry in raw]

    def _option(self, name: str, templar: t.Any = None) -> t.Any:
        other_name = _OTHER_NAMES.get(name, "")
        # A survey gives an empty text for a question without an answer.
        found = next((own for own in (f"notify_{name}", other_name) if self._variables.get(own, "") != ""), None)
        return None if found is None else self._read(self._variables[found], templar)

    def _read(self, raw: t.Any, templar: t.Any = None) -> t.Any:
        try:
            return _plain((templar or self._templar).template(raw))
        except AnsibleError as problem:
            names = _UNDEFINED.findall(str(problem))
            # The other text of the error may contain values.
            return Unreadable(self._name_in(raw), names[-1] if names else "a template or a vault in it fails")

    def _name_in(self, raw: t.Any) -> str:
        name = self._read(raw.get("name")) if isinstance(raw, Mapping) else ""
        return name if isinstance(name, str) else ""

    def _missing_files(self, variable: str) -> Iterator[str]:
        for receiver in self.receivers(variable):
            path = receiver.options.get("ca_path")
            if path and not Path(path).expanduser().is_file():
                yield f"{variable} ({receiver.name}): webhook.ca_path is no file on this machine."


def warnings_of(reported: list[Reported]) -> list[str]:
    """A warning for each target that was not notified."""
    return [f"{one['to']} was not notified: {one['msg']}" for one in reported if one["status"] == "failed"]


def _reported(receiver: Receiver, status: str, msg: str) -> Reported:
    return {"to": receiver.name, "kind": receiver.kind, "status": status, "msg": msg}


def _plain(value: t.Any) -> t.Any:
    """Plain data, without Ansible's metadata such as tags, and with decrypted texts."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)
