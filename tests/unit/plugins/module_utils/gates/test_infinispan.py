# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""How the gate ``infinispan`` reads clusters, probe after probe. The answers of a real server are in tests/contract."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, UnreachableError
from ansible_collections.tidegate.failover.plugins.module_utils._gates import infinispan
from ansible_collections.tidegate.failover.plugins.module_utils._gates._http import Answer, Request
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation, Probe
from ansible_collections.tidegate.failover.plugins.module_utils._gates.infinispan import KIND

from .gates import LOCK_ID, NOW, defined, options_of

BACKUP, PRIMARY = "https://backup.example.com", "https://primary.example.com"
GIVEN: dict[str, t.Any] = {"url": f"{BACKUP}/", "site": "primary"}
BOTH: dict[str, t.Any] = {**GIVEN, "returning_url": PRIMARY}
PUSHING: dict[str, t.Any] = {**BOTH, "push_state": True}

CLEAR = ("POST", f"{BACKUP}/rest/v2/caches/work/x-site/local?action=clear-push-state-status")
START = ("POST", f"{BACKUP}/rest/v2/caches/work/x-site/backups/primary?action=start-push-state")


def said(value: object) -> Answer:
    return Answer(200, json.dumps(value))


@dataclass
class Clusters:
    """Answers by method and address; anything else is not found."""

    answers: dict[tuple[str, str], Answer | Callable[[], Answer]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    memory: dict[str, t.Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for url, site, other in ((BACKUP, "backup", "primary"), (PRIMARY, "primary", "backup")):
            self.get(url, "container", {"local_site": site})
            self.get(url, "caches", ["work", "___local"])
            self.get(url, "caches/work/x-site/backups", {other: {"status": "online"}})
            self.get(url, "caches/work/x-site/backups?action=push-state-status", {})
            self.get(url, "caches/work?action=size", 0)
            self.get(url, "caches/___local", {"has_remote_backup": False})
            self.answers["GET", f"{url}/rest/v2/container/health/status"] = Answer(200, "HEALTHY")
        self.answers[CLEAR], self.answers[START] = said("ok"), Answer(200, "")

    def get(self, url: str, path: str, value: object) -> None:
        self.answers["GET", f"{url}/rest/v2/{path}"] = said(value)

    def push_status(self, value: object) -> None:
        self.get(BACKUP, "caches/work/x-site/backups?action=push-state-status", value)

    def fetch(self, request: Request, _limit: float) -> Answer:
        self.asked.append((request.method, request.url))
        answer = self.answers.get(self.asked[-1], Answer(404, "not found"))
        return answer() if callable(answer) else answer

    def look(self, lock_ids: tuple[str, ...] = (LOCK_ID,), **options: t.Any) -> Observation:
        """The next probe of the same gate."""
        return KIND.observe(options_of(KIND, **options), Probe(NOW, 5.0, lock_ids, None, self.memory))

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [asked for asked in self.asked if asked[0] != "GET"]


@pytest.fixture
def clusters(monkeypatch: pytest.MonkeyPatch) -> Clusters:
    """Two clusters of one cache that is backed up, and one that is not."""
    made = Clusters()
    monkeypatch.setattr(infinispan, "fetch", made.fetch)
    return made


def test_an_ok_that_comes_while_the_gate_waits_passes(clusters: Clusters) -> None:
    clusters.push_status({"primary": "SENDING"})
    assert not clusters.look(**BOTH).passed
    clusters.push_status({"primary": "OK"})
    assert clusters.look(**BOTH).passed
    assert clusters.writes == []


def test_an_ok_that_was_there_at_first_never_passes(clusters: Clusters) -> None:
    clusters.push_status({"primary": "OK"})
    assert [clusters.look(**GIVEN).passed for _look in range(3)] == [False, False, False]


def test_a_status_that_was_not_known_once_makes_no_old_ok_new(clusters: Clusters) -> None:
    clusters.push_status({"ERROR": "a node did not answer"})
    assert not clusters.look(**GIVEN).passed
    clusters.push_status({"primary": "OK"})
    assert not clusters.look(**GIVEN).passed


def test_what_was_seen_counts_for_this_task_only(clusters: Clusters) -> None:
    clusters.look(**GIVEN)
    clusters.push_status({"primary": "OK"})
    clusters.memory = {}
    assert not clusters.look(**GIVEN).passed


def test_what_an_earlier_evaluation_saw_counts_while_it_lasts(clusters: Clusters) -> None:
    clusters.push_status({"primary": "OK"})
    clusters.memory = {"passed in an earlier evaluation": True}
    assert clusters.look(**PUSHING).passed
    assert clusters.writes == []


@pytest.mark.parametrize("status", ["offline", "mixed"])
def test_what_an_earlier_evaluation_saw_is_void_once_a_cache_is_not_online(clusters: Clusters, status: str) -> None:
    clusters.push_status({"primary": "OK"})
    clusters.get(BACKUP, "caches/work/x-site/backups", {"primary": {"status": status}})
    clusters.memory = {"passed in an earlier evaluation": True}
    assert not clusters.look(**GIVEN).passed
    clusters.get(BACKUP, "caches/work/x-site/backups", {"primary": {"status": "online"}})
    assert not clusters.look(**GIVEN).passed


def test_a_probe_that_begins_a_transfer_says_that_it_changed_something(clusters: Clusters) -> None:
    clusters.look(**BOTH)
    assert not clusters.memory.get("changed")
    clusters.look(**PUSHING)
    assert clusters.memory["changed"] is True


def test_names_of_caches_are_made_fit_for_addresses(clusters: Clusters) -> None:
    clusters.get(BACKUP, "caches", ["a/b c"])
    clusters.look(**GIVEN)
    assert ("GET", f"{BACKUP}/rest/v2/caches/a%2Fb%20c/x-site/backups") in clusters.asked


def test_a_transfer_is_cleared_and_begun_and_then_waited_for(clusters: Clusters) -> None:
    clusters.push_status({"primary": "OK"})
    assert clusters.look(**PUSHING).observed == "work: state being transferred"
    assert clusters.writes == [CLEAR, START]
    clusters.push_status({"primary": "SENDING"})
    assert not clusters.look(**PUSHING).passed
    clusters.push_status({"primary": "OK"})
    assert clusters.look(**PUSHING).passed
    assert clusters.writes == [CLEAR, START]


def test_a_transfer_that_fails_is_begun_three_times(clusters: Clusters) -> None:
    clusters.push_status({"primary": "ERROR"})
    seen = [clusters.look(**PUSHING) for _look in range(5)]
    assert clusters.writes == [CLEAR, START] * 3
    assert seen[-1].observed == "work: transfer of state ERROR"


def test_a_transfer_that_is_refused_is_reported_and_begun_again(clusters: Clusters) -> None:
    clusters.answers[START] = Answer(500, "ISPN012051: \n later")
    seen = clusters.look(**PUSHING)
    assert (seen.passed, "answered 500" in seen.observed, seen.observed.endswith("ISPN012051: later")) == (
        False,
        True,
        True,
    )
    clusters.look(**PUSHING)
    assert clusters.writes.count(START) == 2


def test_a_transfer_that_an_operator_began_is_left_to_go_on(clusters: Clusters) -> None:
    clusters.push_status({"primary": "SENDING"})
    clusters.look(**PUSHING)
    assert clusters.writes == []


@pytest.mark.parametrize(("status", "begun"), [("offline", False), ("mixed", False), ("online", True)])
def test_nothing_is_sent_where_old_entries_are_seen(clusters: Clusters, status: str, begun: bool) -> None:
    clusters.get(BACKUP, "caches/work/x-site/backups", {"primary": {"status": status}})
    clusters.get(PRIMARY, "caches/work?action=size", 3)
    seen = clusters.look(**PUSHING)
    assert bool(clusters.writes) is begun
    assert ("old entries" in seen.observed) is not begun


def test_nothing_is_sent_without_a_lock(clusters: Clusters) -> None:
    seen = clusters.look((), **PUSHING)
    assert (seen.passed, seen.final, "no lock is named" in seen.observed) == (False, True, True)
    assert clusters.writes == []


@pytest.mark.parametrize(
    ("url", "site", "reported"),
    [
        (BACKUP, "primary", "it is the cluster of primary itself"),
        (BACKUP, None, "takes part in no cross-site replication"),
        (PRIMARY, "backup", "it is not the cluster of primary but of backup"),
        (PRIMARY, None, "it is not the cluster of primary but of no site"),
    ],
)
def test_clusters_at_the_wrong_places_end_the_gate(
    clusters: Clusters, url: str, site: str | None, reported: str
) -> None:
    clusters.get(url, "container", {"local_site": site})
    seen = clusters.look(**PUSHING)
    assert (seen.passed, seen.final, reported in seen.observed) == (False, True, True)
    assert clusters.writes == []


def test_no_cache_that_is_backed_up_is_no_pass(clusters: Clusters) -> None:
    clusters.get(BACKUP, "caches", ["___local"])
    assert clusters.look(**GIVEN).observed == "no cache of backup is backed up to primary"


def test_a_cache_that_was_offline_after_its_transfer_needs_a_new_one(clusters: Clusters) -> None:
    clusters.look(**GIVEN)
    clusters.push_status({"primary": "OK"})
    clusters.get(BACKUP, "caches/work/x-site/backups", {"primary": {"status": "offline"}})
    assert not clusters.look(**GIVEN).passed
    clusters.get(BACKUP, "caches/work/x-site/backups", {"primary": {"status": "online"}})
    assert clusters.look(**GIVEN).observed == "work: state transferred, but it is unknown when"


def test_a_cache_that_is_backed_up_and_whose_transfer_is_not_found_is_not_left_out(clusters: Clusters) -> None:
    clusters.get(BACKUP, "caches", ["work", "sessions"])
    clusters.get(BACKUP, "caches/sessions/x-site/backups", {"primary": {"status": "online"}})
    clusters.look(**GIVEN)
    clusters.push_status({"primary": "OK"})
    seen = clusters.look(**GIVEN)
    assert (seen.passed, "answered 404 to GET caches/sessions" in seen.observed) == (False, True)


@pytest.mark.parametrize(
    ("details", "observed"),
    [
        ({"has_remote_backup": True}, "___local has a backup"),
        ({"has_remote_backup": "no"}, "is not Infinispan"),
        ({}, "is not Infinispan"),
        (None, "answered 404 to GET caches/___local"),
    ],
)
def test_a_cache_whose_backups_are_not_found_is_left_out_only_if_it_says_that_it_has_none(
    clusters: Clusters, details: dict[str, object] | None, observed: str
) -> None:
    clusters.look(**GIVEN)
    clusters.push_status({"primary": "OK"})
    clusters.get(BACKUP, "caches/___local", details)
    if details is None:
        del clusters.answers["GET", f"{BACKUP}/rest/v2/caches/___local"]
    seen = clusters.look(**GIVEN)
    assert (seen.passed, observed in seen.observed) == (False, True), seen


@pytest.mark.parametrize(("health", "passed"), [("DEGRADED", False), ("FAILED", False), ("HEALTHY_REBALANCING", True)])
def test_a_serving_cluster_that_lost_data_has_nothing_whole_to_transfer(
    clusters: Clusters, health: str, passed: bool
) -> None:
    clusters.answers["GET", f"{BACKUP}/rest/v2/container/health/status"] = Answer(200, health)
    clusters.look(**GIVEN)
    clusters.push_status({"primary": "OK"})
    seen = clusters.look(**GIVEN)
    assert (seen.passed, f"the cluster at backup is {health}" in seen.observed) == (passed, not passed)


def test_a_misspelt_site_is_no_pass(clusters: Clusters) -> None:
    assert clusters.look(**GIVEN | {"site": "primry"}).observed == "no cache of backup is backed up to primry"


def test_a_cluster_that_nobody_named_is_not_asked(clusters: Clusters) -> None:
    clusters.look(**GIVEN)
    clusters.push_status({"primary": "OK"})
    assert clusters.look(**GIVEN).passed
    assert all(url.startswith(BACKUP) for _method, url in clusters.asked)


def test_old_entries_do_not_fail_a_gate_that_transfers_nothing(clusters: Clusters) -> None:
    clusters.get(PRIMARY, "caches/work?action=size", 3)
    clusters.look(**BOTH)
    clusters.push_status({"primary": "OK"})
    assert clusters.look(**BOTH).passed


def test_a_returning_cluster_that_is_not_healthy_fails(clusters: Clusters) -> None:
    clusters.answers["GET", f"{PRIMARY}/rest/v2/container/health/status"] = Answer(200, "DEGRADED\n")
    clusters.look(**BOTH)
    clusters.push_status({"primary": "OK"})
    assert clusters.look(**BOTH).observed == "the cluster at primary is DEGRADED"


@pytest.mark.parametrize(
    ("answer", "observed", "remedy"),
    [
        (Answer(401, ""), "answered 401 to GET container", "the right ADMIN"),
        (Answer(403, ""), "answered 403 to GET container", "the right ADMIN"),
        (Answer(404, ""), "answered 404 to GET container", "Check the address"),
        (Answer(503, "busy"), "answered 503 to GET container: busy", "Check the address"),
        (Answer(302, ""), "answered 302 to GET container", "Check the address"),
        (Answer(200, "<html>"), "is not Infinispan: no JSON", "Check the address"),
        (Answer(200, "[]"), "is not Infinispan: it is a list", "Check the address"),
        (Answer(200, "[" * 100_000), "is not Infinispan: no JSON", "Check the address"),
    ],
)
def test_what_is_no_good_answer_fails(clusters: Clusters, answer: Answer, observed: str, remedy: str) -> None:
    clusters.answers["GET", f"{BACKUP}/rest/v2/container"] = answer
    seen = clusters.look(**GIVEN)
    assert (seen.passed, observed in seen.observed, remedy in seen.remedy) == (False, True, True)


@pytest.mark.parametrize(
    "path",
    [
        "caches",
        "caches/work/x-site/backups",
        "caches/work/x-site/backups?action=push-state-status",
        "container/health/status",
    ],
)
@pytest.mark.parametrize("page", ['"a page"', "[{}]", "<html>A page</html>", "17", "null"])
def test_a_page_of_something_else_fails_the_probe_and_hides_no_cache(clusters: Clusters, path: str, page: str) -> None:
    where = PRIMARY if path.startswith("container") else BACKUP
    clusters.answers["GET", f"{where}/rest/v2/{path}"] = Answer(200, page)
    seen = clusters.look(**BOTH)
    assert (seen.passed, f"at {where} to GET {path} is not Infinispan: " in seen.observed) == (False, True)


def test_no_answer_fails_and_reports_where(clusters: Clusters) -> None:
    def refuse() -> Answer:
        raise UnreachableError("no answer: Connection refused")

    clusters.answers["GET", f"{PRIMARY}/rest/v2/container"] = refuse
    assert clusters.look(**BOTH).observed == f"{PRIMARY}: no answer: Connection refused"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"push_state": True}, "push_state needs returning_url"),
        ({"url": "ftp://backup.example.com"}, "url"),
        ({"returning_url": "https://user:secret@primary.example.com"}, "returning_url"),
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        defined({"name": "sessions", "infinispan": {**GIVEN, **options}}, {"infinispan": KIND})


def test_only_a_gate_that_transfers_nothing_is_read_only() -> None:
    assert KIND.read_only(options_of(KIND, **GIVEN))
    assert not KIND.read_only(options_of(KIND, **PUSHING))


def test_the_expectation_is_reported() -> None:
    assert KIND.expected(options_of(KIND, **GIVEN)).startswith("every cache sent to primary, after a transfer")
    assert "and the other way, and primary healthy" in KIND.expected(options_of(KIND, **BOTH))
