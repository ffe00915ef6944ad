# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The report about a service's readiness, by its variables and by observations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._failover.readiness import (
    Seen,
    Service,
    finding,
    findings,
    of_variables,
    reported,
    stopped,
)

Json = dict[str, Any]

URL = "https://backup.example.com/lb-check"
FAILOVER: Json = {
    "type": "unplanned",
    "health_check_ids": ["one"],
    "records": [],
    "secondary_url": URL,
    "promote_tasks": "",
    "fences": [],
    "gates": [],
}
FAILBACK: Json = {"gates": [{"name": "x", "tcp": {}}], "steps": [], "move_writer_tasks": ""}
WOULD: Json = {"findings": [], "would": "A failover takes these steps: lock.", "promotes": False, "shares": False}
SERVICE = Service(FAILOVER, FAILBACK, {}, WOULD, {**WOULD, "would": "A failback."})
PAGE: Json = {"failed": False, "msg": "", "no_room_for_alarms": "", "warnings": []}
SHARED = finding("shared health check", "error", ["failover"], "also that of search")
IN_AWS: Json = {"findings": [], "other_site": {"health": "healthy", "how": "record backup: 16 of 16", "answers": {}}}


def with_options(**changed: Any) -> Service:
    return replace(SERVICE, failover=FAILOVER | changed)


def checks(service: Service, seen: Seen) -> list[tuple[str, str, list[str]]]:
    return [(one["check"], one["level"], one["stops"]) for one in findings(service, seen)]


def test_a_service_without_findings_is_ready_and_what_would_be_done_is_reported() -> None:
    assert findings(SERVICE, Seen(IN_AWS)) == []
    assert reported(SERVICE, []) == "READY.\nA failover takes these steps: lock."


def test_errors_are_reported_before_warnings() -> None:
    found = [finding("a", "warning", [], "first."), finding("b", "error", ["failback"], "second.")]
    assert reported(SERVICE, found).startswith("NOT READY for failback.\nerror: b: second.\nwarning: a: first.\n")


def test_each_blocker_is_reported_once_on_a_line_of_its_own() -> None:
    failover = finding("files", "error", ["failover"], "There is no\n  file.")
    failback = {**failover, "stops": ["failback"]}
    lines = reported(SERVICE, [failover, failback]).splitlines()
    assert lines[:2] == ["NOT READY for failover and failback.", "error: files: There is no file."]
    assert len(lines) == 3


def test_of_variables_that_cannot_be_used_nothing_else_is_reported() -> None:
    assert reported(None, of_variables(["Wrong."])) == "NOT READY for failover and failback.\nerror: variables: Wrong."


def test_an_account_that_cannot_be_read_stops_both() -> None:
    assert checks(SERVICE, Seen(account_problem="denied")) == [("account", "error", ["failover", "failback"])]


@pytest.mark.parametrize("shares", [True, False])
def test_a_health_check_that_is_shared_is_reported_once(shares: bool) -> None:
    service = replace(SERVICE, would_fail_over=WOULD | {"shares": shares})
    assert (SHARED in findings(service, Seen(IN_AWS | {"findings": [SHARED]}))) is not shares


def test_another_site_that_does_not_answer_stops_a_failover() -> None:
    (found,) = findings(SERVICE, Seen(IN_AWS, silence="Observed: refused; expected: 200."))
    assert found["stops"] == ["failover"]
    assert found["msg"] == "The other site does not answer. Observed: refused; expected: 200."


@pytest.mark.parametrize(("health", "level"), [("healthy", "warning"), ("unknown", "error"), ("unhealthy", "error")])
def test_without_an_address_route_53_has_to_know_the_other_site(health: str, level: str) -> None:
    seen = Seen(IN_AWS | {"other_site": {"health": health, "how": "so", "answers": {}}})
    ((check, found, _stops),) = checks(with_options(secondary_url=""), seen)
    assert (check, found) == ("last serving site", level)


@pytest.mark.parametrize(("kind", "stops"), [("planned", ["failover"]), ("unplanned", [])])
def test_a_page_that_cannot_be_put_up_stops_a_planned_failover(kind: str, stops: list[str]) -> None:
    service = replace(with_options(type=kind), page={"load_balancer_id": "ocid1"})
    level = "error" if stops else "warning"
    assert checks(service, Seen(IN_AWS, page_problem="no rule set")) == [("maintenance", level, stops)]
    failed = Seen(IN_AWS, pages=[PAGE | {"failed": True, "msg": "no rule set"}])
    assert checks(service, failed) == [("maintenance", level, stops)]


def test_what_is_to_be_known_of_a_page_is_a_warning() -> None:
    pages = [PAGE | {"no_room_for_alarms": "Full.", "warnings": ["One listener is left out."]}] * 2
    reported_of = [one["msg"] for one in findings(replace(SERVICE, page={"targets": [{}]}), Seen(IN_AWS, pages=pages))]
    assert reported_of == [
        "An alarm would not show the page, because its hold could not be recorded. Full.",
        "One listener is left out.",
        "One listener is left out.",
    ]


def test_a_service_with_a_page_alone_is_checked_for_that_alone() -> None:
    alone = with_options(health_check_ids=[], secondary_url="")
    service = replace(alone, page={"load_balancer_id": "ocid1"}, failback=FAILBACK | {"gates": []})
    assert findings(service, Seen(pages=[PAGE])) == []
    assert reported(service, []) == "READY for maintenance. It has no health check, so it is not failed over."
    assert stopped(findings(service, Seen(page_problem="gone"))) == ["maintenance"]


def test_a_writer_that_stays_at_the_other_site_is_reported() -> None:
    promotes = replace(SERVICE, would_fail_over=WOULD | {"promotes": True})
    assert checks(promotes, Seen(IN_AWS)) == [("writer", "warning", [])]
    moves = replace(promotes, failback=FAILBACK | {"move_writer_tasks": "move.yml"})
    own = replace(promotes, failback=FAILBACK | {"steps": [{"name": "switch", "point_of_no_return": True}]})
    assert checks(moves, Seen(IN_AWS)) == checks(own, Seen(IN_AWS)) == []


@pytest.mark.parametrize("argv", [["/nowhere/fence", "--all"], "/nowhere/fence,--all"])
def test_a_program_that_is_not_there_is_reported(argv: Any) -> None:
    service = with_options(fences=[{"name": "gone", "command": {"argv": argv}}])
    assert checks(service, Seen(IN_AWS, is_file=lambda _path: False)) == [("programs", "error", ["failover"])]


@pytest.mark.parametrize("command", [{"argv": ["fence"]}, {"argv": []}, None, "fence"])
def test_a_program_without_a_folder_is_searched_for_when_it_is_run(command: Any) -> None:
    service = with_options(fences=[{"name": "gone", "command": command}])
    assert checks(service, Seen(IN_AWS, is_file=lambda _path: False)) == []


def test_each_program_is_searched_for() -> None:
    service = with_options(fences=[{"name": name, "command": {"argv": [name]}} for name in ("fence", "/nowhere/fence")])
    assert len(findings(service, Seen(IN_AWS, is_file=lambda _path: False))) == 1


def test_who_runs_a_program_that_is_not_there_is_reported() -> None:
    gone = [{"name": "gone", "command": {"argv": ["/nowhere/gate"]}}]
    service = replace(with_options(gates=gone), failback=FAILBACK | {"gates": gone})
    failover, failback = (one["msg"] for one in findings(service, Seen(IN_AWS, is_file=lambda _path: False)))
    assert "which a fence or gate of a failover runs here" in failover
    assert "which a gate of a failback runs here" in failback


def test_where_nobody_searched_files_no_program_is_missing() -> None:
    assert findings(with_options(fences=[{"name": "x", "command": {"argv": ["/bin/fence"]}}]), Seen(IN_AWS)) == []


def test_a_file_of_a_gate_that_cannot_be_run_is_reported() -> None:
    service = replace(SERVICE, failback=FAILBACK | {"gates": [{"name": "own", "tasks": {"file": "own.yml"}}]})
    seen = Seen(IN_AWS, problem_of_file=lambda _path: "there is no such file.")
    assert [one["msg"] for one in findings(service, seen)] == [
        "The gate 'own' runs own.yml, and there is no such file."
    ]


DNS: Json = {"kind": "dns", "name": "shop.example.com", "failed": False, "msg": "It would lead to 192.0.2.1."}


@pytest.mark.parametrize(("failed", "level", "stops"), [(False, "info", []), (True, "error", ["failover"])])
def test_what_would_become_of_a_resource_is_reported(failed: bool, level: str, stops: list[str]) -> None:
    (found,) = findings(SERVICE, Seen(IN_AWS, resources=[DNS | {"failed": failed}]))
    assert found == finding("resources", level, stops, "dns shop.example.com: It would lead to 192.0.2.1.")


def test_what_a_module_warns_of_a_resource_is_a_warning_and_stops_nothing() -> None:
    found = findings(SERVICE, Seen(IN_AWS, resources=[DNS | {"warnings": ["Its TTL is a day."]}]))
    assert found[1:] == [finding("resources", "warning", [], "dns shop.example.com: Its TTL is a day.")]


def test_what_would_become_of_resources_is_reported_after_everything_that_is_wrong() -> None:
    found = [finding("a", "info", [], "first."), finding("b", "warning", [], "second.")]
    assert reported(SERVICE, found).startswith("READY.\nwarning: b: second.\ninfo: a: first.\n")
