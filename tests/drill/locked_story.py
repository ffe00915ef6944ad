# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The story: the primary site dies in the middle of writes, users are moved and moved back, and nothing gets lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import requests

from ..scenarios.playbook_run import Outcome as Run
from ..scenarios.playbook_run import Playbooks
from .clients import FOLLOWING, STALE, Traffic, clients
from .outcome import Outcome, Watch
from .service import NAME, variables
from .stage import ENOUGH, Stage, StoryError

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Return:
    """How the primary site was treated when it came back by itself, before anybody let it in.

    :ivar check_status: what its health check answered.
    :ivar role: of its database.
    :ivar missed: how many orders were missing in its database.
    :ivar served: how many orders it took, and reads it answered.
    :ivar refused: how many orders of the client with the old address it refused.
    :ivar serving: the site that DNS led to.
    """

    check_status: int
    role: str | None
    missed: int
    served: int
    refused: int
    serving: str


@dataclass(frozen=True)
class LockedStory:
    """What happened.

    :ivar refusal: why the failback was refused while the primary's data was old.
    :ivar served_after: how many orders of each client the primary took after the failback.
    :ivar reports: the pages about all runs.
    """

    returned: Return
    refusal: str
    served_after: dict[str, int]
    outcome: Outcome
    reports: list[Path]


def tell_locked_story(stage: Stage, playbooks: Playbooks, reports: Path, tell: Tell) -> LockedStory:
    """Play it.

    :param reports: the folder for the pages about the runs.
    :raises StoryError: it did not get to its end.
    """
    runs = _Runs(stage, playbooks, reports)
    with clients(stage.aws) as traffic:
        watch = Watch(stage, traffic)
        stage.until_served(traffic, "primary", (*FOLLOWING, STALE))
        watch.replicate()
        tell("Clients order at the primary site, and its database replicates to the backup site's.")

        stage.kill("primary")
        watch.killed()
        tell("The primary site is killed in the middle of writes, its web server and its database.")
        tell("The playbook failover runs.")
        tell(runs.done("failover", failover_detected_at=datetime.now(UTC).isoformat(timespec="seconds")))
        watch.promoted()
        stage.until_served(traffic, "backup", FOLLOWING)

        back_at = _bring_back(stage, traffic)
        returned = _look_at_return(stage, traffic, back_at)
        tell(
            f"The primary site comes back by itself. It misses {returned.missed} orders, its health check answers"
            f" {returned.check_status}, and DNS leads to the {returned.serving} site. It has served {returned.served}"
            f" requests and refused {returned.refused} of the client that still goes there."
        )
        tell("The playbook failback runs too early.")
        refusal = runs.refused("failback")
        tell(refusal)
        returned = _look_at_return(stage, traffic, back_at)

        stage.rebuild("primary")
        tell("The primary site's database is rebuilt as a standby of the backup site's.")
        tell("The playbook failback runs again.")
        failing_back_at = time.monotonic()
        tell(runs.done("failback"))
        stage.until_served(traffic, "primary", (*FOLLOWING, STALE), since=failing_back_at)
    served = {client: traffic.taken(client, "primary", failing_back_at) for client in (*FOLLOWING, STALE)}
    return LockedStory(returned, refusal, served, watch.outcome(), sorted(reports.iterdir()))


def _bring_back(stage: Stage, traffic: Traffic) -> float:
    """Bring the primary site back, and let clients order for a while. Returns when it came back."""
    stage.bring_back("primary")
    back_at = time.monotonic()
    stage.until_served(traffic, "backup", FOLLOWING)
    stage.until(
        lambda: traffic.refused(STALE, "primary", back_at) >= ENOUGH,
        "the primary site refuses the client that remembers its address",
    )
    return back_at


def _look_at_return(stage: Stage, traffic: Traffic, back_at: float) -> Return:
    check = requests.get(stage.aws["sites"]["primary"]["check_url"], timeout=10)
    reads = [read for read in list(traffic.reads) if read.site == "primary" and read.began >= back_at]
    return Return(
        check_status=check.status_code,
        role=stage.role("primary"),
        missed=len(stage.orders("backup") - stage.orders("primary")),
        served=len(reads) + sum(traffic.taken(name, "primary", back_at) for name in (*FOLLOWING, STALE)),
        refused=traffic.refused(STALE, "primary", back_at),
        serving=stage.serving(),
    )


class _Runs:
    """The playbooks, run for the service."""

    def __init__(self, stage: Stage, playbooks: Playbooks, reports: Path) -> None:
        self._playbooks = playbooks
        self._inventory = playbooks.inventory({NAME: variables(stage.lab, reports)})

    def done(self, playbook: str, **extra: str) -> str:
        """Run a playbook; what it reported in the end. :raises StoryError: it failed."""
        run = self._run(playbook, **extra)
        if run.returncode != 0:
            raise StoryError(f"The playbook {playbook} failed: {run.failures().get(NAME) or run.output}")
        return run.reported()[NAME]

    def refused(self, playbook: str) -> str:
        """Run a playbook that has to be refused; why it was. :raises StoryError: it was not."""
        run = self._run(playbook)
        if NAME not in run.failures():
            raise StoryError(f"The playbook {playbook} should have been refused: {run.output}")
        return run.failures()[NAME]

    def _run(self, playbook: str, **extra: str) -> Run:
        words = [word for name, value in extra.items() for word in ("-e", f"{name}={value}")]
        return self._playbooks.run(playbook, *words, inventory=self._inventory)
