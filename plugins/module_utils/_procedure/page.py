# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The page in front of a service: procedures show and remove it."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import (
    has_front,
    no_front,
    parts_of,
    seen_of,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context, Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json


def no_page(_options: Options, page: Options) -> str:
    """Why the service has no page; empty if it has one."""
    return "" if has_front(page) else no_front()


def put_up(context: Context) -> None:
    """Show the page at all fronts. First, change locks that the page would make ineffective.

    :raises TidegateError: another run has taken over, or a front failed.
    """
    _keep_locks(context)
    _switch(context, "enabled")


def take_away(context: Context) -> None:
    """Release the hold of this failover at all fronts. If somebody else holds the page, it stays."""
    _switch(context, "disabled")


def is_left_over(context: Context) -> bool:
    """Whether the hold of this failover is still there.

    :raises TidegateError: the holds cannot be read.
    """
    parts = parts_of(context.page)
    found = [
        seen for part in parts for seen in seen_of(part.kind, context.ask(part.kind.info, **part.options), part.targets)
    ]
    problems = [seen.problem for seen in found if seen.problem]
    if problems:
        raise RefusedError(f"It cannot be read whether the page of a failover is still up. {' '.join(problems)}")
    owners = {hold["owner"] for seen in found for entrance in seen.entrances for hold in entrance.holds}
    return context.options["maintenance_owner"] in owners


def _switch(context: Context, state: str) -> None:
    """Switch all fronts, one kind after the other. If one kind fails, the others are switched all the same.

    :raises TidegateError: some of them failed.
    """
    problems: list[TidegateError] = []
    reported: list[str] = []
    for part in parts_of(context.page):
        try:
            switched = context.ask(
                part.kind.module,
                state=state,
                owner=context.options["maintenance_owner"],
                reason=context.options["reason"],
                wait_timeout=int(context.page.get("wait_timeout") or 600),
                **part.options,
            )
        except TidegateError as problem:
            problems.append(problem)
            continue
        context.outcome["changed"] = context.outcome.get("changed", False) or switched["changed"]
        reported.append(str(switched["msg"]))
        context.outcome["msg"] = " ".join(reported)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise TidegateError(" ".join(map(str, problems)))


def _keep_locks(context: Context) -> None:
    """Make locks independent of the page's answers.

    The page redirects, and Route 53 counts a redirect as healthy. So a lock by a pinned path has no effect while the
    page is up. If the health check is disabled and inverted, the answers of the site do not matter.
    """
    checks = context.page.get("health_check_ids") or []
    seen = {}
    if checks:
        seen = context.ask(
            "r53_healthcheck_info", health_check_ids=checks, include_observations=False, include_tags=False
        )
    locks = {check["health_check_id"]: check["lock"] for check in seen.get("health_checks", []) if check["lock"]}
    _keep_claim(context, locks)
    for check_id, lock in locks.items():
        if lock["method"] == "path":
            _make_independent(context, check_id, lock)


def _keep_claim(context: Context, locks: Mapping[str, Json]) -> None:
    """Check that no other run has taken over. If the locks that were read lack the claim, read it again."""
    run = context.run
    claimed = run.id in run.lock_ids and not context.check
    if claimed and locks.get(context.claim, {}).get("id") != run.id:
        context.guard()


def _make_independent(context: Context, check_id: str, lock: Json) -> None:
    # Change exactly this lock: a health check that was unlocked meanwhile is not locked again. A lock that something
    # else has placed has no id to keep.
    same = {"lock_id": lock["id"], "replaces": lock["id"]} if lock["placed_by"] == "tidegate" else {}
    kept = context.ask("r53_healthcheck_lock", state="locked", health_check_ids=[check_id], method="invert", **same)
    context.outcome["changed"] = context.outcome.get("changed", False) or kept["changed"]
