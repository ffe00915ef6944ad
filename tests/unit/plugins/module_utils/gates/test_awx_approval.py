# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A workflow of AWX counts as approved if another person than its launcher approved it in time, and only then."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Iterator
from datetime import timedelta

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._gates._awx import Approval, judge
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation, Probe
from ansible_collections.tidegate.failover.plugins.module_utils._gates.awx_approval import KIND

from .gates import LOCK_ID, NOW, options_of
from .web_server import WebServer, web_server

APPROVED = Approval("approve", "successful", timed_out=False, by="bob", at=NOW - timedelta(minutes=5))
PLACED = NOW - timedelta(hours=1)


def judged(*approvals: Approval, launchers: tuple[str, ...] = ("alice",)) -> Observation:
    return judge(7, launchers, approvals, NOW, [PLACED])


def changed(**fields: t.Any) -> Approval:
    return Approval(**{**vars(APPROVED), **fields})


def test_another_person_approved() -> None:
    assert judged(APPROVED) == Observation(True, "bob approved in workflow job 7, which alice launched", final=True)


@pytest.mark.parametrize(
    ("approval", "observed"),
    [
        (changed(by="alice"), "alice both requests the failback and approves it"),
        (changed(by="Alice@example.com"), "both requests"),
        (changed(timed_out=True, status="failed", by=""), "got no answer in time"),
        (changed(status="failed"), "is failed by bob"),
        (changed(status="pending", by="", at=None), "is pending"),
        (changed(by=""), "does not report who approved"),
        (changed(by="аlice"), "mixes letters"),  # noqa: RUF001 - the first letter is a Cyrillic one
        (changed(at=PLACED - timedelta(minutes=1)), "before the lock was placed"),
        (changed(at=None), "unknown when"),
        (changed(at=NOW + timedelta(hours=1)), "unknown when"),
    ],
)
def test_i7_what_is_no_approval_by_another_person_fails(approval: Approval, observed: str) -> None:
    seen = judged(APPROVED, approval)
    assert not seen.passed
    assert observed in seen.observed
    assert seen.remedy


@pytest.mark.parametrize("launchers", [(), ("",), ("operator",)])
def test_i7_an_unknown_launcher_fails(launchers: tuple[str, ...]) -> None:
    assert "unknown who launched" in judged(APPROVED, launchers=launchers).observed


def test_i7_a_workflow_without_an_approval_fails() -> None:
    assert "no approval node" in judged().observed


@pytest.fixture
def awx() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


def look(**more: t.Any) -> Probe:
    return Probe(now=NOW, limit=5, lock_ids=(LOCK_ID,), **more)


def observed_by(
    monkeypatch: pytest.MonkeyPatch, awx: WebServer, answers: dict[str, t.Any], **options: t.Any
) -> Observation:
    """One probe of a server that answers paths with JSON."""
    monkeypatch.setenv("JOB_ID", "41")
    monkeypatch.setenv("CONTROLLER_OAUTH_TOKEN", "made-up")
    awx.answers = {f"/api/v2/{path}": json.dumps(answer).encode() for path, answer in answers.items()}
    return KIND.observe(options_of(KIND, url=awx.url, **options), look())


def workflow(**launcher: str) -> dict[str, t.Any]:
    by = {"approved_or_denied_by": {"id": 3, "username": "bob"}}
    approval = {"name": "approve", "status": "successful", "timed_out": False, "summary_fields": by}
    nodes = [
        {"summary_fields": {"job": {"id": 40, "type": "job"}}},
        {"summary_fields": {"job": {"id": 42, "type": "workflow_approval"}}},
        {"summary_fields": {}},
    ]
    return {
        "jobs/41/": {"summary_fields": {"source_workflow_job": {"id": 7}}},
        "workflow_jobs/7/": {"launched_by": {"id": 2, "name": "alice", "type": "user", **launcher}},
        "workflow_jobs/7/workflow_nodes/?page_size=200": {"next": None, "results": nodes},
        "workflow_approvals/42/": {**approval, "finished": (NOW - timedelta(minutes=1)).isoformat()},
    }


def test_the_workflow_of_this_job_is_asked(monkeypatch: pytest.MonkeyPatch, awx: WebServer) -> None:
    seen = observed_by(monkeypatch, awx, workflow())
    assert (seen.passed, seen.observed) == (True, "bob approved in workflow job 7, which alice launched")
    assert {headers["Authorization"] for _method, _path, headers in awx.asked} == {"Bearer made-up"}


def test_i7_a_schedule_is_no_person(monkeypatch: pytest.MonkeyPatch, awx: WebServer) -> None:
    assert "unknown who launched" in observed_by(monkeypatch, awx, workflow(type="schedule")).observed


def test_a_job_without_a_workflow_fails(monkeypatch: pytest.MonkeyPatch, awx: WebServer) -> None:
    seen = observed_by(monkeypatch, awx, {"jobs/41/": {"summary_fields": {}}})
    assert seen.observed == "job 41 was not launched by a workflow"


def test_i7_what_is_not_awx_fails(monkeypatch: pytest.MonkeyPatch, awx: WebServer) -> None:
    seen = observed_by(monkeypatch, awx, {**workflow(), "workflow_approvals/42/": {"name": "approve"}})
    assert not seen.passed
    assert "is not AWX" in seen.observed


def test_i7_outside_of_awx_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOB_ID", raising=False)
    seen = KIND.observe(options_of(KIND), look())
    assert "not a job of AWX" in seen.observed


def test_check_mode_does_not_evaluate_it() -> None:
    assert not KIND.read_only(options_of(KIND))
