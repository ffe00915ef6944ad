# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""People are notified of a finding when it is new, again after a while, and once when it is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._drift.finding import Finding, not_observed
from ansible_collections.tidegate.failover.plugins.module_utils._drift.notifying import (
    Known,
    due,
    known_from,
    to_keep,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

NOW = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
DAY = 86400.0
OPENED = Finding("lock_opened", "one", "It is open.", "lock x.", "lock it.")
GONE = Finding("page_gone", "two", "It is gone.", "a page.", "make it.")
KNOWN = Known("lock_opened", "one", NOW - timedelta(days=2), NOW - timedelta(hours=1))


def test_what_is_new_is_notified_of_and_is_known_then() -> None:
    first = due([OPENED], [], NOW, DAY)
    assert (first.findings, first.known) == ([OPENED], [Known("lock_opened", "one", NOW, NOW)])
    assert not due([OPENED], first.known, NOW + timedelta(minutes=15), DAY)


def test_what_lasts_is_notified_of_again_after_the_interval_and_keeps_when_it_was_first_found() -> None:
    assert not due([OPENED], [KNOWN], NOW, 3601)
    again = due([OPENED], [KNOWN], NOW, 3600)
    assert (again.findings, again.known) == ([OPENED], [replace(KNOWN, notified=NOW)])


def test_without_an_interval_each_watch_notifies() -> None:
    assert due([OPENED], [replace(KNOWN, notified=NOW)], NOW, 0).findings == [OPENED]


def test_a_time_in_the_future_keeps_nothing_quiet() -> None:
    assert due([OPENED], [replace(KNOWN, notified=NOW + timedelta(days=1))], NOW, DAY).findings == [OPENED]


def test_a_new_finding_does_not_repeat_those_that_last() -> None:
    both = due([OPENED, GONE], [KNOWN], NOW, DAY)
    assert (both.findings, both.lasting) == ([GONE], [OPENED])
    assert [one.notified for one in both.known] == [KNOWN.notified, NOW]


def test_what_is_gone_is_notified_of_once() -> None:
    ended = due([], [KNOWN], NOW, DAY)
    assert (ended.gone, ended.known, bool(ended)) == ([KNOWN], [], True)
    assert not due([], ended.known, NOW, DAY)


def test_i7_what_is_known_is_not_gone_while_something_cannot_be_read() -> None:
    unread = due([not_observed("one", "throttled")], [KNOWN], NOW, DAY)
    assert (unread.gone, unread.known[1:]) == ([], [KNOWN])


def test_what_was_put_back_is_always_notified_of_and_not_gone_then() -> None:
    done = due([replace(OPENED, repaired=True)], [KNOWN], NOW, DAY)
    assert (len(done.findings), done.gone, done.known) == (1, [], [])


def test_what_is_kept_is_read_again() -> None:
    assert known_from(to_keep([KNOWN])) == [KNOWN]


@pytest.mark.parametrize(
    "kept", [None, [], {}, {"known": [{"kind": "x"}]}, {"known": [{**KNOWN.to_json(), "since": 3}]}]
)
def test_what_is_nothing_that_was_kept_is_refused(kept: Any) -> None:
    with pytest.raises(RefusedError):
        known_from(kept)
