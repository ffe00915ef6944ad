# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""All health checks of a task of ``r53_healthcheck_lock``, in parallel: first all locks, then tags and waits."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterable, Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._aws.endpoint import ask
from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import (
    TAGS_AT_ONCE,
    HealthCheckApi,
    Tags,
)
from ansible_collections.tidegate.failover.plugins.module_utils._aws.reading import Found, read_tags, side_by_side
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError, code_of, defect
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import LockRequest, UnlockRequest
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_prover import Prover
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_switch import HealthCheckSwitch
from ansible_collections.tidegate.failover.plugins.module_utils._module.last_site_guard import guard_of

Result = dict[str, t.Any]


class Task(t.Protocol):
    """The program that runs a task: an Ansible module, or the in-cloud function."""

    @property
    def params(self) -> Mapping[str, t.Any]:
        """The options of ``r53_healthcheck_lock``."""

    @property
    def check_mode(self) -> bool:
        """Whether the task only predicts."""

    def warn(self, warning: str) -> None:
        """Pass a warning on."""


class Switches:
    """Creates switches for the health checks of one task, and runs them in parallel.

    :param found: all health checks of the task.
    :param new_deadline: the deadline of each health check.
    :param guarded: whether to check that another site serves, if the options define how.
    :raises RefusedError: the options that define how to find out whether another site serves are not valid.
    """

    def __init__(
        self,
        task: Task,
        api: HealthCheckApi,
        found: Found,
        new_deadline: Callable[[], Deadline],
        *,
        guarded: bool,
    ) -> None:
        self._params, self._check_mode = task.params, task.check_mode
        self._api, self._found, self._new_deadline = api, found, new_deadline
        self._prover = Prover(ask)
        self._guard = guard_of(task.params, found, api, new_deadline) if guarded else None

    def of(self, check_id: str, request: LockRequest | UnlockRequest, *, overridden: bool) -> HealthCheckSwitch | None:
        """The switch of a health check; None if the health check could not be read.

        :param overridden: whether a person has decided that no other site has to serve.
        """
        check = self._found.checks.get(check_id)
        if check is None:
            return None
        return HealthCheckSwitch(
            check,
            request,
            api=self._api,
            prover=self._prover,
            deadline=self._new_deadline(),
            tags=self._found.tags.get(check_id),
            wait_for=self._params["wait_for"],
            only_if_health=self._params["only_if_health"],
            last_site=None if overridden else self._guard,
        )

    def switch(self, switches: Sequence[HealthCheckSwitch]) -> None:
        """Lock or unlock them, or predict it in check mode."""
        _each(lambda switch: switch.switch(check_mode=self._check_mode), switches)

    def follow_up(self, switches: Sequence[HealthCheckSwitch]) -> None:
        """After all locks are on: write their tags, and wait for the checkers."""
        try:
            _find_unfinished(switches, self._api, self._new_deadline)
        # The locks are on by then, whatever happens to their tags. See _each.
        except Exception as broken:  # noqa: BLE001
            for switch in switches:
                switch.problem = switch.problem or defect(broken)
        _each(lambda switch: switch.keep_tags(check_mode=self._check_mode), switches)
        if self._params["wait_for"] and not self._check_mode:
            _each(HealthCheckSwitch.wait, switches)

    def result(self, check_id: str, switch: HealthCheckSwitch | None) -> Result:
        """The result of a health check."""
        problem, changed = self._found.problems.get(check_id), False
        if switch is not None:
            try:
                return switch.result()
            except Exception as broken:  # noqa: BLE001 See _each.
                problem, changed = switch.problem or defect(broken), switch.switched
        nothing = dict.fromkeys(
            ("name", "type", "before", "after", "version", "lock_before", "lock", "fence", "fence_how", "observed"),
            None,
        )
        reported = {
            "changed": changed,
            "failed": True,
            "msg": str(problem),
            **code_of(problem),
            "held_back": "",
            "warnings": [],
        }
        return {"health_check_id": check_id, **nothing, **reported}


def warn_and_diff(task: Task, results: Iterable[Result]) -> list[Result]:
    """Pass on the warnings about each health check, and return their diffs."""
    diff = []
    for result in results:
        for warning in result.pop("warnings"):
            task.warn(f"{result['health_check_id']}: {warning}")
        headers = dict.fromkeys(("before_header", "after_header"), result["health_check_id"])
        diff.append({**headers, "before": result["before"] or {}, "after": result["after"] or {}})
    return diff


def _each(act: Callable[[HealthCheckSwitch], None], switches: Sequence[HealthCheckSwitch]) -> None:
    """Act on all switches. An unexpected error fails only its own switch, and must not hide the others."""

    def attempt(switch: HealthCheckSwitch) -> None:
        try:
            act(switch)
        except Exception as broken:  # noqa: BLE001
            switch.problem = switch.problem or defect(broken)

    side_by_side(attempt, switches)


def _find_unfinished(
    switches: Sequence[HealthCheckSwitch], api: HealthCheckApi, new_deadline: Callable[[], Deadline]
) -> None:
    """Find tags that an aborted run did not write, or that are left because the lock was released without this module.

    The tags of all switched health checks are read. Of the others, only the last ones are read, in one request: tags
    are written in the order of the health checks, so the last ones show a gap. In a run with nothing to do, more
    requests would cost more than everything else. If the last ones show a gap, all are read.
    """
    unread = [switch for switch in switches if switch.problem is None and switch.tags.now is None]
    switched = [switch for switch in unread if switch.switched]
    untouched = [switch for switch in unread if not switch.switched]
    last = untouched[-TAGS_AT_ONCE:]
    _note_tags([*switched, *last], api, new_deadline)
    if any(switch.has_gap() for switch in last):
        _note_tags(untouched[:-TAGS_AT_ONCE], api, new_deadline)


def _note_tags(
    switches: Sequence[HealthCheckSwitch], api: HealthCheckApi, new_deadline: Callable[[], Deadline]
) -> None:
    try:
        tags: Mapping[str, Tags] = read_tags(api, [switch.check.id for switch in switches], new_deadline)
    except TidegateError as problem:
        for switch in switches:
            switch.tags_unread(problem)
        return
    for switch in switches:
        switch.tags.note(tags[switch.check.id])
