# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Backups at the other site: what the REST API of Infinispan 15 answers, and what its operations do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from lab.process import LabProcessError, RunningLab

Call = Callable[..., requests.Response]
Eventually = Callable[[Callable[[], Any]], Any]
SetCache = Callable[..., None]
Entries = Callable[[str, str], dict[str, Any]]

PUSH_STATUS = "/caches/work/x-site/backups?action=push-state-status"
PUSH_ALL = "/container/x-site/backups/primary?action=start-push-state"


def test_the_caches_are_listed_with_those_that_have_no_backup(call: Call, lab: RunningLab) -> None:
    assert set(call("backup", "GET", "/caches").json()) == {*lab.info["infinispan"]["caches"], "___protobuf_metadata"}


def test_the_container_reports_its_own_site_and_those_that_it_sees(call: Call, lab: RunningLab) -> None:
    lab.control("PUT", "/infinispan/sites/primary", {"running": False})
    container = call("backup", "GET", "/container").json()
    assert (container["local_site"], container["sites_view"]) == ("backup", ["backup"])


@pytest.mark.parametrize(("cache", "has_backup"), [("work", True), ("___protobuf_metadata", False)])
def test_a_cache_reports_whether_it_has_a_backup_at_all(call: Call, cache: str, has_backup: bool) -> None:
    assert call("backup", "GET", f"/caches/{cache}").json()["has_remote_backup"] is has_backup


@pytest.mark.parametrize("path", ["/caches/work/x-site/backups", "/caches/work/x-site/backups/"])
def test_a_cache_reports_the_status_of_its_backup(call: Call, path: str) -> None:
    assert call("backup", "GET", path).json() == {"primary": {"status": "online"}}


def test_nodes_that_differ_make_a_cache_mixed(call: Call, set_cache: SetCache) -> None:
    set_cache("backup", "work", backup={"backup-node-1": "offline"})
    assert call("backup", "GET", "/caches/work/x-site/backups").json() == {
        "primary": {"status": "mixed", "online": ["backup-node-0"], "offline": ["backup-node-1"]}
    }
    by_node = call("backup", "GET", "/caches/work/x-site/backups/primary").json()
    assert by_node == {"backup-node-0": "online", "backup-node-1": "offline"}


def test_caches_that_differ_make_the_container_mixed(call: Call, set_cache: SetCache) -> None:
    set_cache("backup", "work", backup="offline")
    set_cache("backup", "loginFailures", backup={"backup-node-1": "offline"})
    expected = {
        "status": "mixed",
        "online": ["actionTokens", "authenticationSessions"],
        "offline": ["work"],
        "mixed": ["loginFailures"],
    }
    assert call("backup", "GET", "/container/x-site/backups/primary").json() == expected
    assert call("backup", "GET", "/container/x-site/backups/").json() == {"primary": expected}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/caches/___protobuf_metadata/x-site/backups", "Cache '___protobuf_metadata' does not have backup sites."),
        ("/caches/work/x-site/backups/nowhere", "Cache 'work' does not backup to site 'nowhere'"),
        ("/caches/nothing/x-site/backups", "ISPN012010: Cache with name 'nothing' not found"),
        ("/container/x-site/backups/nowhere", ""),
        ("/caches/work/x-site/elsewhere", ""),
    ],
)
def test_what_does_not_exist_is_not_found(call: Call, path: str, text: str) -> None:
    answer = call("backup", "GET", path)
    assert answer.status_code == 404
    assert answer.text.startswith(text)


@pytest.mark.parametrize(("action", "status"), [("take-offline", "offline"), ("bring-online", "online")])
def test_a_backup_is_taken_offline_and_brought_online(
    call: Call, set_cache: SetCache, action: str, status: str
) -> None:
    set_cache("backup", "work", backup={"backup-node-0": "offline"})
    assert call("backup", "POST", f"/caches/work/x-site/backups/primary?action={action}").status_code == 200
    assert call("backup", "GET", "/caches/work/x-site/backups").json() == {"primary": {"status": status}}
    assert call("backup", "POST", f"/container/x-site/backups/primary?action={action}").json()["work"] == "ok"
    assert call("backup", "GET", "/container/x-site/backups/primary").json() == {"status": status}


def test_a_push_brings_the_site_online_sends_all_entries_and_ends_ok(
    call: Call, set_cache: SetCache, entries: Entries, eventually: Eventually
) -> None:
    set_cache("backup", "work", backup="offline", entries={"session": "new"})
    assert call("backup", "POST", PUSH_ALL).json()["work"] == "ok"
    assert call("backup", "GET", PUSH_STATUS).json() == {"primary": "SENDING"}
    eventually(lambda: call("backup", "GET", PUSH_STATUS).json() == {"primary": "OK"})
    assert entries("primary", "work") == {"session": "new"}
    assert call("backup", "GET", "/caches/work/x-site/backups").json() == {"primary": {"status": "online"}}


def test_an_old_ok_stays_until_it_is_cleared(call: Call, set_cache: SetCache) -> None:
    set_cache("backup", "work", push="OK")
    call("backup", "POST", "/caches/work/x-site/backups/primary?action=take-offline")
    assert call("backup", "GET", PUSH_STATUS).json() == {"primary": "OK"}
    assert call("backup", "POST", "/caches/work/x-site/local?action=clear-push-state-status").json() == "ok"
    assert call("backup", "GET", PUSH_STATUS).json() == {}


def test_a_push_to_a_site_that_is_away_ends_in_error_though_the_request_succeeds(call: Call, lab: RunningLab) -> None:
    lab.control("PUT", "/infinispan/sites/primary", {"running": False})
    answer = call("backup", "POST", PUSH_ALL)
    assert (answer.status_code, "Unable to pushState" in answer.json()["work"]) == (200, True)
    assert call("backup", "GET", PUSH_STATUS).json() == {"primary": "ERROR"}


def test_a_push_to_a_site_that_goes_away_ends_in_error(call: Call, lab: RunningLab, eventually: Eventually) -> None:
    call("backup", "POST", PUSH_ALL)
    lab.control("PUT", "/infinispan/sites/primary", {"running": False})
    eventually(lambda: call("backup", "GET", PUSH_STATUS).json() == {"primary": "ERROR"})


def test_a_second_push_of_a_cache_is_refused_and_a_canceled_one_says_so(call: Call, lab: RunningLab) -> None:
    lab.control("PATCH", "/infinispan/settings", {"push_seconds": 60})
    push = "/caches/work/x-site/backups/primary?action=start-push-state"
    assert [call("backup", "POST", push).status_code for _again in range(2)] == [200, 500]
    call("backup", "POST", "/container/x-site/backups/primary?action=cancel-push-state")
    assert call("backup", "GET", PUSH_STATUS).json() == {"primary": "CANCELED"}


@pytest.mark.parametrize(
    ("backup", "left"),
    [("offline", {"session": "new"}), ("online", {}), ({"primary-node-0": "offline"}, {})],
    ids=["offline", "online", "mixed"],
)
def test_clearing_a_cache_clears_the_other_site_too_unless_every_node_is_offline(
    call: Call, set_cache: SetCache, entries: Entries, backup: object, left: dict[str, str]
) -> None:
    set_cache("primary", "work", backup=backup, entries={"session": "old"})
    set_cache("backup", "work", entries={"session": "new"})
    assert call("primary", "POST", "/caches/work?action=clear").status_code == 204
    assert call("primary", "GET", "/caches/work?action=size").json() == 0
    assert entries("backup", "work") == left


def test_only_administrators_may_see_backups(call: Call, lab: RunningLab) -> None:
    observer = lab.info["infinispan"]["observer"]
    auth = (observer["username"], observer["password"])
    assert call("backup", "GET", "/caches", auth=auth).status_code == 200
    assert call("backup", "GET", PUSH_STATUS, auth=auth).status_code == 403


@pytest.mark.parametrize("auth", [None, ("admin", "wrong")])
def test_requests_without_the_right_password_are_refused(call: Call, auth: tuple[str, str] | None) -> None:
    answer = call("backup", "GET", "/caches", auth=auth)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="default"')


def test_health_is_reported_without_credentials(call: Call, lab: RunningLab) -> None:
    lab.control("PUT", "/infinispan/sites/primary", {"health": "DEGRADED"})
    assert call("primary", "GET", "/container/health/status", auth=None).text == "DEGRADED"


def test_a_stopped_site_refuses_connections_and_comes_back_at_its_address(call: Call, lab: RunningLab) -> None:
    lab.control("PUT", "/infinispan/sites/primary", {"running": False})
    with pytest.raises(requests.ConnectionError):
        call("primary", "GET", "/caches")
    lab.control("PUT", "/infinispan/sites/primary", {"running": True})
    assert call("primary", "GET", "/caches").status_code == 200


def test_requests_are_logged_by_operation_and_faults_hit_them(call: Call, lab: RunningLab) -> None:
    lab.add_fault("status", service="infinispan", operation="GetPushStateStatus", status=503, body="busy")
    assert call("backup", "GET", PUSH_STATUS).status_code == 503
    call("backup", "POST", PUSH_ALL)
    logged = [(entry["operation"], entry["is_write"], entry["status"]) for entry in lab.requests()]
    assert logged == [("GetPushStateStatus", False, 503), ("StartPushStateOfAll", True, 200)]


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("sites/nowhere", {"running": True}, "there are primary, backup"),
        ("sites/primary", {"runs": True}, "there are running, health"),
        ("sites/primary", {"running": "yes"}, "wrong type"),
        ("sites/primary/caches/nothing", {}, "there is no cache"),
        ("sites/primary/caches/work", {"backup": "perhaps"}, "online or offline"),
        ("sites/primary/caches/work", {"push": "DONE"}, "push is one of"),
    ],
)
def test_control_requests_that_make_no_sense_are_refused(
    lab: RunningLab, path: str, body: dict[str, Any], message: str
) -> None:
    with pytest.raises(LabProcessError, match=message):
        lab.control("PUT", f"/infinispan/{path}", body)
