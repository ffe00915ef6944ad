# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The common part of the set-up modules: read, decide, take the missing steps, and report them."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Sequence

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Convergence, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    ConflictError,
    RefusedError,
    TidegateError,
    WaitTimeoutError,
    failure,
)
from ansible_collections.tidegate.failover.plugins.module_utils._setup.step import Step

Json = dict[str, t.Any]
State = t.TypeVar("State")


def check_wait_timeout(params: t.Mapping[str, t.Any]) -> None:
    """:raises RefusedError: wait_timeout leaves no time to wait."""
    if params["wait_timeout"] < 1:
        raise RefusedError(f"wait_timeout is {params['wait_timeout']}. Allow at least one second; changes are awaited.")


def converge_and_exit(
    module: AnsibleModule,
    *,
    read: Callable[[], State],
    decide: Callable[[State], Sequence[Step]],
    write: Callable[[State, Step], State],
    apply: Callable[[State, Step], State],
    picture: Callable[[State], Json],
    deadline: Deadline,
    finish: Callable[[State], Json] = lambda _state: {},
) -> None:
    """Take all missing steps, or predict them in check mode, and end the module.

    :param apply: returns the state after a step, without a write.
    :param picture: returns what is shown of a state, without secrets.
    :param finish: is called last, not in check mode; returns more for the result.
    """
    loop: Convergence[State, Step] = Convergence(
        read=read, decide=lambda state, _written: decide(state), write=write, settle=lambda: False, deadline=deadline
    )
    more: Json = {}
    problem: TidegateError | None = None
    try:
        if module.check_mode:
            loop.predict(apply)
        else:
            loop.run()
            if loop.last is not None:
                more = finish(loop.last)
    except TidegateError as caught:
        problem = caught
    before = picture(loop.first) if loop.first is not None else {}
    after = picture(loop.last) if loop.last is not None else before
    steps = [step.reported() for step in loop.written]
    result: Json = {
        "changed": bool(loop.written or loop.doubtful),
        "steps": steps,
        "before": before,
        "after": after,
        "diff": {"before": before, "after": after},
        **more,
    }
    if problem is not None:
        done = f" Done before that: {'; '.join(steps)}." if steps else ""
        module.fail_json(**result, **failure(problem, done))
    module.exit_json(msg=f"{'; '.join(steps)}." if steps else "Nothing to change.", **result)


def wait_for(seen: Callable[[], str], wanted: Sequence[str], what: str, deadline: Deadline) -> None:
    """Wait until a lifecycle state is one of those wanted.

    :raises RefusedError: the state is FAILED, which is final.
    :raises WaitTimeoutError: the state was not reached in time.
    """
    while (state := seen()) not in wanted:
        if state == "FAILED":
            raise RefusedError(f"{what} is FAILED. See its details in the console, delete it, and run this again.")
        if deadline.remaining <= 0:
            raise WaitTimeoutError(
                f"The wait_timeout of {deadline.timeout:g} s ran out while {what} was {state}. Run this again, which "
                "continues from there."
            )
        deadline.pause_after(ConflictError(f"{what} is {state}."))
