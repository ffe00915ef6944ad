# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""I8: a run that is killed at any point is finished by the commands that ``status`` then shows.

A run is killed at each of its calls, before and after the effect of that, and in each of the user's files. What may
begin then, what the state is and what ``status`` says of it is decided by the same code as in a real run.
"""

from __future__ import annotations

import itertools
import typing as t
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._failover.decision import (
    Asked,
    Service,
    acknowledge_command,
    decide,
)
from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import (
    next_state,
    read_state,
    reported_state,
    state_tag,
    state_tags_in,
)
from ansible_collections.tidegate.failover.plugins.module_utils._failover.status import service_statuses
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import seen_of
from ansible_collections.tidegate.failover.plugins.module_utils._fronts.oci_load_balancer import KIND
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import Lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import Moment
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    CAUGHT_UP,
    EARLIER,
    FENCE,
    NOW,
    PAGE,
    Cloud,
    Role,
    acknowledge,
    failback,
    failover,
)

TIME = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
CHECKS = ["check-1", "check-2"]
_IDS = itertools.count(1)


class KilledError(BaseException):
    """The process is gone: nothing catches that."""


@dataclass
class Mortal(Cloud):
    """A cloud whose state is in the tags. The run is killed at the n-th call.

    :ivar left: calls until then; None if it is not killed.
    :ivar late: whether that call has its effect before.
    """

    tags: dict[str, str] = field(default_factory=dict)
    left: int | None = None
    late: bool = False

    def __call__(self, module: str, /, **options: t.Any) -> Json:
        self.die(late=False)
        answer = super().__call__(module, **options)
        self.die(late=True)
        return answer

    def die(self, *, late: bool) -> None:
        """Be killed, if it is time."""
        if self.left is None or self.late is not late:
            return
        self.left -= 1
        if self.left < 0:
            raise KilledError

    def service(self) -> Service:
        """What is known of it."""
        known = self.locks.get("check-1")
        lock = Lock(known, "path", "tidegate", True, owner="operator:bob") if known else None
        return Service(lock, read_state(self.tags, known))

    def _failover_state(self, options: Json) -> Json:
        before, run = self.service(), str(options.get("run_id") or "")
        operation = options.get("operation", "none")
        if phase := options.get("phase"):
            free = before.lock is None and (operation == "acknowledge" or phase == "serving")
            assert free or (before.lock and before.lock.id == run), f"{run} writes {phase} and has no claim"
            after = next_state(
                before.state,
                run=run,
                phase=phase,
                operation=operation,
                now=TIME,
                suppress=None,
                by=options.get("by", ""),
            )
            for key in state_tags_in(self.tags):
                del self.tags[key]
            self.tags |= state_tag(after)
        service = self.service()
        answer = super()._failover_state({**options, "phase": None})
        answer |= {"claim": service.claim, "state": reported_state(service.state)}
        if operation == "none" or options.get("phase"):
            return answer
        asked = Asked(operation, run or None, False, True, 3600, acknowledge_command("checkout", "check-1"))
        verdict = decide(service, asked, Moment(TIME, TIME, TIME))
        reported = {"allowed": verdict.allowed, "already": verdict.already, "replaces": verdict.replaces}
        return answer | reported | {"next_phase": verdict.phase, "msg": verdict.msg}

    def picture(self) -> Json:
        """What users and the next run meet. The names of locks differ from run to run."""
        state = self.service().state
        phase = state.phase if state else None
        return {"locked": sorted(self.locks), "holds": self.held, "phase": phase, "claim": self.service().claim}


@dataclass
class MortalRole(Role):
    """A role that may also be killed in a file of the user's, before and after what that does."""

    def _run_file(self, path: str) -> str | None:
        cloud = t.cast("Mortal", self.cloud)
        cloud.die(late=False)
        problem = super()._run_file(path)
        cloud.die(late=True)
        return problem

    def task(self) -> t.Any:
        engine = super().task()
        engine.context.by = "ctl1/4711"
        return engine


def begun(options: Json, cloud: Mortal, files: dict[str, str]) -> MortalRole:
    """A run that can be distinguished from all others."""
    role = MortalRole(options, cloud, page=PAGE, files=files)
    role.run.id = f"{role.run.id[:17]}{next(_IDS):08x}"
    return role


FAILOVER = failover(
    health_check_ids=CHECKS,
    fences=[FENCE],
    promote_tasks="promote.yml",
    scale_tasks="scale.yml",
    verify_url="https://checkout.example.com/",
)
PLANNED = FAILOVER | {"type": "planned", "gates": [CAUGHT_UP], "quiesce_tasks": "quiesce.yml"}
FAILBACK = failback(
    health_check_ids=CHECKS,
    data_gates=["caught up"],
    quiesce_tasks="quiesce.yml",
    move_writer_tasks="move_writer.yml",
    release_tasks="release.yml",
    verify_url="https://checkout.example.com/",
    steps=[
        "quiesce",
        "data_gates",
        "move_writer",
        "unlock",
        "release",
        {"name": "warm", "tasks": "warm.yml"},
        "verify",
    ],
)
SHORT = failback(health_check_ids=CHECKS, steps=["unlock"])
LOOKED = acknowledge(health_check_ids=CHECKS, reason="CHG-1, looked at it", steps=["acknowledge"])
NO_PAGE = FAILOVER | {"promote_tasks": "", "fences": []}


def healthy() -> Mortal:
    """A service that has never been failed over."""
    return Mortal()


def failed_over() -> Mortal:
    """One that has."""
    tags = {f"tidegate-failover-{EARLIER}": f"run={EARLIER} phase=failed_over"}
    return Mortal(locks=dict.fromkeys(CHECKS, EARLIER), held=["failover:checkout"], tags=tags)


PROCEDURES: dict[str, tuple[Json, Callable[[], Mortal]]] = {
    "failover": (FAILOVER, healthy),
    "failover that promotes nothing": (NO_PAGE, healthy),
    "planned failover": (PLANNED, healthy),
    "failback": (FAILBACK, failed_over),
    "failback of an unlock alone": (SHORT, failed_over),
    "acknowledge": (LOOKED, failed_over),
}


def killed_at(options: Json, start: Callable[[], Mortal], point: int, *, late: bool) -> tuple[Mortal, list[str]] | None:
    """What a run leaves that is killed there, and the files it ran; None if it ends before."""
    cloud = start()
    cloud.left, cloud.late = point, late
    role = begun(options, cloud, {})
    try:
        role.go()
    except KilledError:
        cloud.left = None
        return cloud, role.ran
    return None


def shown(cloud: Mortal) -> Json:
    """What ``status`` reads of it."""
    service = {"service": "checkout", "health_check_ids": ["check-1"], "aws_account": 0}
    service |= {"gates": {"defined": 1, "failed": None}, "maintenance_owner": "failover:checkout"}
    known = cloud.locks.get("check-1")
    lock = {"id": known, "owner": "a", "reason": "", "since": NOW, "method": "path", "placed_by": "tidegate"}
    check = {"health_check_id": "check-1", "failed": False, "lock": lock if known else None, "tags": cloud.tags}
    check["health"] = "unhealthy" if known else "healthy"
    holds = [{"owner": owner, "since": NOW, "reason": ""} for owner in cloud.held]
    listener = {"name": "https", "in_maintenance": bool(holds), "holds": holds}
    page = {"load_balancer_id": "x", "failed": False, "listeners": [listener], "left_out": []}
    service["fronts"] = seen_of(KIND, {"load_balancers": [page]}, [{"load_balancer_id": "x"}])
    (status,) = service_statuses([service], [{"health_checks": [check]}], TIME)
    return status


def finish(cloud: Mortal, options: Json) -> tuple[Run, list[str]]:
    """Do what ``status`` shows, then the same again that was killed."""
    if shown(cloud)["acknowledge"]:
        looked = begun(LOOKED, cloud, {}).go()
        assert looked.status == "completed", looked.msg
    role = begun(options, cloud, {})
    return role.go(), role.ran


def points(name: str) -> Iterator[tuple[str, int, bool, Mortal, list[str]]]:
    """Each point at which that procedure can be killed."""
    options, start = PROCEDURES[name]
    for late in (False, True):
        for point in itertools.count():
            left = killed_at(options, start, point, late=late)
            if left is None:
                assert point >= 3
                break
            yield name, point, late, *left


@pytest.mark.parametrize("name", PROCEDURES)
def test_i8_a_run_that_is_killed_anywhere_is_finished_by_what_status_shows(name: str) -> None:
    options, start = PROCEDURES[name]
    whole = begun(options, undisturbed := start(), {})
    assert whole.go().status == "completed", whole.run.msg
    for _name, point, late, cloud, ran in points(name):
        where = f"killed {'after' if late else 'before'} call {point}"
        run, ran_again = finish(cloud, options)
        assert run.status in ("completed", "unchanged"), f"{where}: {run.msg}"
        assert cloud.picture() == undisturbed.picture(), where
        assert set(ran + ran_again) == set(whole.ran), where


@pytest.mark.parametrize("name", PROCEDURES)
def test_i8_whatever_a_killed_run_left_running_it_again_at_once_does_no_harm(name: str) -> None:
    for _name, point, late, cloud, _ran in points(name):
        locks, held = dict(cloud.locks), list(cloud.held)
        run = begun(PROCEDURES[name][0], cloud, {}).go()
        if run.status == "refused":
            assert "acknowledge it with `ansible-playbook tidegate.failover.acknowledge" in run.msg, (point, late)
            assert (cloud.locks, cloud.held) == (locks, held), (point, late)


@pytest.mark.parametrize("name", PROCEDURES)
def test_i8_status_says_what_to_do_wherever_a_run_was_killed_with_a_change(name: str) -> None:
    options, start = PROCEDURES[name]
    begun(options, undisturbed := start(), {}).go()
    for _name, point, late, cloud, _ran in points(name):
        if cloud.picture() not in (undisturbed.picture(), start().picture()):
            assert shown(cloud)["next"], f"killed {'after' if late else 'before'} call {point}: {cloud.picture()}"
