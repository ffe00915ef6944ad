# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Which gates of many services pass now. The gates of all services are evaluated in parallel."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._definition import definitions_from
from ansible_collections.tidegate.failover.plugins.module_utils._gates._evaluation import (
    GateClock,
    Occasion,
    Outcome,
    evaluate_all,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._registry import KINDS
from ansible_collections.tidegate.failover.plugins.module_utils._gates._schema import argument_spec
from ansible_collections.tidegate.failover.plugins.module_utils._record.redaction import address_secrets

#: Services whose gates are evaluated at the same time. Each gate has its own thread in addition.
_SIDE_BY_SIDE = 32
#: Shorter texts are not secrets, and hiding them would make messages unreadable.
_SHORTEST_SECRET = 4


@dataclass(frozen=True)
class Gates:
    """The gates of one service, and the lock and requester that they are evaluated for.

    :ivar tell: takes a line of progress, without secrets, whenever a gate waits.
    """

    service: str
    gates: Sequence[Mapping[str, t.Any]]
    lock_id: str
    requester: str | None
    tell: Callable[[str], None]


def outcomes_of(asked: Sequence[Gates], *, check: bool) -> dict[str, dict[str, bool] | RefusedError]:
    """Whether each gate passes, by service and name; for a service whose gates are invalid, the error.

    Gates that run tasks of the user's do not pass. In check mode, gates that may change something do not pass either.
    """
    with ThreadPoolExecutor(max_workers=_SIDE_BY_SIDE) as threads:
        return dict(zip((one.service for one in asked), threads.map(partial(_tried, check=check), asked), strict=True))


def _tried(asked: Gates, *, check: bool) -> dict[str, bool] | RefusedError:
    try:
        return _passes(asked, check=check)
    except RefusedError as problem:
        return problem


def _passes(asked: Gates, *, check: bool) -> dict[str, bool]:
    checked = ArgumentSpecValidator({"gates": argument_spec(KINDS)}).validate({"gates": list(asked.gates)})
    secrets = {*map(str, checked._no_log_values), *address_secrets({"gates": list(asked.gates)})}
    hidden = frozenset(secret for secret in secrets if len(secret) >= _SHORTEST_SECRET)
    if checked.error_messages:
        raise RefusedError(" ".join(str(remove_values(text, hidden)) for text in checked.error_messages))
    definitions = definitions_from(checked.validated_parameters["gates"], KINDS)
    occasion = Occasion(
        lock_ids=(asked.lock_id,),
        requester=asked.requester,
        clock=GateClock(),
        tell=lambda line: asked.tell(str(remove_values(" ".join(line.split()), hidden))),
    )
    now = [one for one in definitions if not check or one.kind.read_only(one.options)]
    seen: dict[str, Outcome] = {outcome.definition.name: outcome for outcome in evaluate_all(now, occasion)}
    return {definition.name: definition.name in seen and seen[definition.name].passed for definition in definitions}
