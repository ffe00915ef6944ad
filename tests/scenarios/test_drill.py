# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The drill of ``make drill``: users order all the time while a site fails, returns and gets its traffic back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.tidegate.failover.tests.drill.clients import FOLLOWING
from ansible_collections.tidegate.failover.tests.drill.locked_story import LockedStory, tell_locked_story
from ansible_collections.tidegate.failover.tests.drill.outcome import Outcome
from ansible_collections.tidegate.failover.tests.drill.service import GATE_ON_DATA
from ansible_collections.tidegate.failover.tests.drill.stage import PARTS, Stage
from ansible_collections.tidegate.failover.tests.drill.unlocked_story import tell_unlocked_story
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Playbooks

from lab.process import RunningLab, running_lab


@pytest.fixture(scope="module")
def drill_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    """Without a PostgreSQL to start this is an error and no skip: no other test proves all of this."""
    with running_lab(tmp_path_factory.mktemp("drill-lab"), "--parts", *PARTS) as lab:
        yield lab


@pytest.fixture(scope="module")
def story(drill_lab: RunningLab, playbooks: Playbooks, tmp_path_factory: pytest.TempPathFactory) -> LockedStory:
    return tell_locked_story(Stage(drill_lab), playbooks, tmp_path_factory.mktemp("drill") / "reports", print)


@pytest.fixture(scope="module")
def unlocked(drill_lab: RunningLab) -> Outcome:
    return tell_unlocked_story(Stage(drill_lab), print)


def test_no_acknowledged_write_after_the_failover_is_missing(story: LockedStory) -> None:
    assert story.outcome.lost == frozenset()


def test_no_read_after_the_failover_is_older_than_what_was_acknowledged_before(story: LockedStory) -> None:
    assert story.outcome.stale == ()


def test_the_primary_returns_with_old_data_and_gets_no_traffic_although_it_is_up(story: LockedStory) -> None:
    returned = story.returned
    assert (returned.check_status, returned.role) == (200, "writer")
    assert returned.missed > 0
    assert (returned.served, returned.serving) == (0, "backup")


def test_failback_is_refused_while_the_primary_is_behind_and_says_why(story: LockedStory) -> None:
    for reported in ("The site is not ready for traffic", GATE_ON_DATA, "pg_basebackup"):
        assert reported in story.refusal
    assert "primary answers its health check" not in story.refusal


def test_after_the_failback_the_primary_serves_everybody(story: LockedStory) -> None:
    assert all(story.served_after.values()), story.served_after


def test_a_page_about_each_run_is_left(story: LockedStory) -> None:
    pages = [path.read_text(encoding="utf-8") for path in story.reports if path.suffix == ".html"]
    titles = sorted(
        title for page in pages for title in ("Failed over", "Refused", "Failed back") if f">{title}<" in page
    )
    assert titles == ["Failed back", "Failed over", "Refused"]
    assert all("<svg" in page for page in pages)
    assert ["not passed" in page for page in pages] == [">Refused<" in page for page in pages]


def test_without_the_lock_the_same_check_finds_lost_writes_and_stale_reads(unlocked: Outcome) -> None:
    assert {order.client for order in unlocked.lost} >= set(FOLLOWING)
    assert {stale.read.client for stale in unlocked.stale} >= set(FOLLOWING)
