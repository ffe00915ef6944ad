# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Sends for ``oci_notification`` and ``sns_notification``: again only where no message can have arrived."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError, TransientError, failure


def send_and_exit(module: t.Any, make_sender: Callable[[], Callable[[], str]]) -> None:
    """Send a message, unless in check mode, and end the module.

    :param module: an ``AnsibleModule``, or an ``AnsibleAWSModule``, which is no subclass of it.
    :param make_sender: signs in, and returns a function that sends the message once and returns its id.
    """
    if module.check_mode:
        module.exit_json(changed=True, msg="Not sent, because this was check mode.")
    deadline = Deadline(module.params["wait_timeout"], Clock())
    try:
        message_id = sent_once(make_sender(), deadline)
    except TidegateError as problem:
        module.fail_json(**failure(problem))
    else:
        module.exit_json(changed=True, message_id=message_id, msg="Sent.")


def sent_once(send: Callable[[], str], deadline: Deadline) -> str:
    """Try until the deadline, but never again once the message may have arrived.

    :returns: the id of the message.
    :raises TidegateError: the message was not sent, or the outcome is unknown.
    """
    while True:
        try:
            return send()
        except TransientError as setback:
            if setback.effect_unknown:
                raise
            deadline.pause_after(setback)
