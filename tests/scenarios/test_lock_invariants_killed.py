# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A lock after the run that places, releases or takes it over was killed at one of its API calls."""

from __future__ import annotations

import itertools
import json
import re
from contextlib import suppress

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import recovery_copies
from ansible_collections.tidegate.failover.tests.scenarios.lock_run import Death, KilledError, switch
from ansible_collections.tidegate.failover.tests.scenarios.locked_site import LOCK_ID, LOCKED_OUT, OVERRIDE, Site
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

LOCK_ID_FORM = r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}"
#: What is done by runs that are killed. An overwritten pin is a bare one, so its opening reads the tags.
KILLED_RUNS = [
    *[
        (start, state)
        for start in ("one", "without a path", "overwritten", "several")
        for state in ("locked", "unlocked")
    ],
    ("taken over", "locked"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before the effect", "after the effect"])
@pytest.mark.parametrize(("start", "state"), KILLED_RUNS)
def test_i8_a_run_that_is_killed_at_any_call_ends_as_any_other_when_it_is_run_again(
    site: Site, start: str, state: str, after: bool
) -> None:
    options = prepare(site, start, state)
    assert not switch(site.client, **options)["failed"]
    expected = ends(site, options)
    for call in itertools.count():
        options = prepare(site, start, state)
        death = Death(call, after=after)
        with suppress(KilledError):
            switch(site.client, gate=death, **options)
        again = switch(site.client, **options)
        assert not again["failed"], f"killed at call {call}: {again['msg']}"
        assert ends(site, options) == expected, f"killed at call {call}"
        if death.calls <= call:
            assert call > 1
            break


@pytest.mark.parametrize("call", range(4))
def test_i8_a_copy_of_the_path_is_there_all_the_time_while_a_lock_is_taken_over(site: Site, call: int) -> None:
    options = prepare(site, "taken over", "locked")
    with suppress(KilledError):
        switch(site.client, gate=Death(call, after=True), **options)
    tags = site.everything(options["health_check_ids"][0])["Tags"]
    assert {copy.path for copy in recovery_copies(tags).values()} == {"/lb-check"}


def prepare(site: Site, start: str, state: str) -> Json:
    """Create health checks, and return the options of the run over them."""
    kind = "tcp" if start == "without a path" else "path"
    check_ids = [site.create_kind(kind) for _unused in range(5 if start == "several" else 1)]
    options: Json = {"state": state, "health_check_ids": check_ids, "override": OVERRIDE}
    if state == "unlocked" or start in ("overwritten", "taken over"):
        site.lock(*check_ids, lock_id=LOCK_ID, reason="down")
    if start == "overwritten":
        site.client.update_health_check(HealthCheckId=check_ids[0], ResourcePath=LOCKED_OUT)
    if start == "taken over":
        options |= {"replaces": LOCK_ID, "lock_id": LOCK_ID.replace("3", "4")}
    return options


def ends(site: Site, options: Json) -> list[Json]:
    """How the health checks are after a run, whatever its locks are called. Owner and reason are for people alone."""
    found = [without_people(site.everything(check_id)) for check_id in options["health_check_ids"]]
    ids = rf"{LOCK_ID_FORM}|({'|'.join(options['health_check_ids'])})@[0-9]+"
    replaced: list[Json] = json.loads(re.sub(ids, "the lock", json.dumps(found)))
    return replaced


def without_people(everything: Json) -> Json:
    kept = {key: value for key, value in everything["Tags"].items() if not key.endswith(("-owner", "-reason"))}
    return everything | {"Tags": kept}
