# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The same outage without the lock: the primary site comes back, the checkers let it in, and orders get lost."""

from __future__ import annotations

from collections.abc import Callable

from .clients import FOLLOWING, STALE, clients
from .outcome import Outcome, Watch
from .stage import Stage


def tell_unlocked_story(stage: Stage, tell: Callable[[str], None]) -> Outcome:
    """Play it. Nothing is run but what people did before they had procedures: the standby is promoted by hand.

    :raises StoryError: it did not get to its end.
    """
    with clients(stage.aws) as traffic:
        watch = Watch(stage, traffic)
        stage.until_served(traffic, "primary", (*FOLLOWING, STALE))
        watch.replicate()
        stage.kill("primary")
        watch.killed()
        stage.promote("backup")
        watch.promoted()
        stage.until_served(traffic, "backup", FOLLOWING)
        tell("The primary site failed, the backup site's database was promoted, and DNS leads there. There is no lock.")

        stage.bring_back("primary")
        stage.until_served(traffic, "primary", FOLLOWING)
        tell("The primary site came back, and DNS leads to it again: clients order there, into the old data.")
    return watch.outcome()
