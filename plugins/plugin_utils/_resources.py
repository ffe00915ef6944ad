# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""The state of the resources of many services, read by account from the predictions of their modules."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._failover.accounts import accounts, apart, together
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.registry import RESOURCES
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.resource import READ_SECONDS, given

Json = dict[str, t.Any]

#: The modules that it runs.
MODULES = tuple(step.module for step in RESOURCES)


@dataclass(frozen=True)
class Owner:
    """A service with its resources.

    :ivar auth: the options that sign in to AWS.
    :ivar resources: ``failover_resources``.
    :ivar to: the site of the predicted move: ``primary`` or ``secondary``.
    """

    host: str
    auth: Mapping[str, t.Any]
    resources: t.Any
    to: str


def observed(owners: Sequence[Owner], predict: Callable[[str, Json], Json]) -> dict[str, list[Json]]:
    """The predicted changes of each service's resources, by host; each with its ``kind``.

    :param predict: runs a module of the collection in check mode.
    """
    found: dict[str, list[Json]] = {}
    for step in RESOURCES:
        asked = [
            {"how": {"auth": one.auth, "to": one.to}, "what": given({"resources": one.resources}, step.name)}
            for one in owners
        ]
        for account in accounts(asked, auth="how", of="what"):
            common = {"to": account.auth["to"], "type": "unplanned", "wait_timeout": READ_SECONDS}
            options = {**account.auth["auth"], **common, "targets": together(asked, account, "what")}
            answer = predict(step.module, options)
            counts = [len(asked[position]["what"]) for position in account.services]
            problem = {"name": "", "changed": False, "failed": True, "msg": str(answer.get("msg") or "no answer")}
            parts = apart(answer.get("targets") or [], counts)
            for position, seen in zip(account.services, parts, strict=True):
                reported = [{**one, "kind": step.name} for one in seen or [problem]]
                found.setdefault(owners[position].host, []).extend(reported)
    return found
