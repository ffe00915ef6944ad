# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The action of the rehearsal: variables are checked first, and modules are asked with the service's sign-in."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest
from ansible_collections.tidegate.failover.plugins.action.maintenance_rehearsal import ActionModule
from ansible_collections.tidegate.failover.plugins.module_utils._setup import rehearsal_run
from ansible_collections.tidegate.failover.tests.unit.plugins.action.looking_task import Json, LookingTask
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.endpoints import plain_server

SERVICE: Json = {
    "maintenance_load_balancer_id": "ocid1.loadbalancer.oc1.iad.aaaaexample",
    "maintenance_backend_set": "app",
    "maintenance_setup_port": 8443,
    "maintenance_setup_rehearsal_port": "18443",
    "maintenance_verify_url": "http://127.0.0.1:9/",
    "maintenance_setup_backends": [{"ip_address": "192.0.2.10", "port": 443}],
    "oci_auth": {"config_profile_name": "of-oci"},
}


def run(folder: Path, do: str, check_mode: bool = False, **more: object) -> tuple[Json, list[tuple[str, Json]]]:
    task = LookingTask(folder, {"checkout": {**SERVICE, **more}}, "maintenance_setup", lambda _module, _options: {})
    task.check_mode = check_mode
    return task.run(ActionModule, do=do), task.asked


@pytest.mark.parametrize(
    ("more", "reported"),
    [
        ({"maintenance_setup_rehearsel": "none"}, "Did you mean maintenance_setup_rehearsal?"),
        ({"maintenance_setup_rehearsal": "all"}, "maintenance_setup_rehearsal"),
        ({"maintenance_setup_rehearsal_port": ""}, "maintenance_setup_rehearsal_port is not given"),
        ({"maintenance_setup_rehearsal": "alarm"}, "there is no alarm"),
    ],
)
def test_wrong_variables_are_refused_before_anything_is_asked(tmp_path: Path, more: Json, reported: str) -> None:
    result, asked = run(tmp_path, "check", **more)
    assert (result["failed"], asked) == (True, [])
    assert result["msg"].startswith("Nothing was changed.")
    assert reported in result["msg"]


def test_right_variables_pass_and_nothing_is_asked(tmp_path: Path) -> None:
    assert run(tmp_path, "check") == ({"changed": False}, [])


def test_what_an_aborted_rehearsal_has_left_is_removed_with_the_sign_in_of_the_service(tmp_path: Path) -> None:
    result, asked = run(tmp_path, "clean")
    assert not result.get("failed")
    assert {options["state"] for _module, options in asked if "state" in options} == {"absent"}
    assert {options["config_profile_name"] for _module, options in asked} == {"of-oci"}


def test_the_page_is_seen_by_requests_to_the_spare_listener_and_to_where_it_redirects(tmp_path: Path) -> None:
    unavailable = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
    with plain_server(unavailable) as page:
        redirect = f"HTTP/1.1 302 Found\r\nLocation: {page}/\r\nContent-Length: 0\r\n\r\n"
        with plain_server(redirect.encode()) as spare:
            ports = {"port": page.rpartition(":")[2], "rehearsal_port": spare.rpartition(":")[2]}
            result = rehearsed(tmp_path, **{f"maintenance_setup_{name}": port for name, port in ports.items()})
    # Each of them answers once, so the end of the page is not seen.
    assert [one["what"] for one in result["proven"]] == ["the page is seen where the listener shows it"]
    assert "its end is not seen" in result["problem"]


def rehearsed(folder: Path, **more: object) -> Json:
    listener = {"load_balancers": [{"listeners": [{"name": "rehearsal-app"}]}]}
    service = {"checkout": {**SERVICE, **more}}
    task = LookingTask(folder, service, "maintenance_setup", lambda _module, _options: listener)
    with patch.object(rehearsal_run, "_SOON", 0):
        return task.run(ActionModule, do="rehearse")


def test_a_page_that_is_not_seen_is_a_problem_and_no_failed_task(tmp_path: Path) -> None:
    result = rehearsed(tmp_path)
    assert not result.get("failed")
    assert "there is no answer" in result["problem"]
    assert result["summary"][-1].startswith("Not proven:")


@pytest.mark.parametrize("do", ["clean", "rehearse"])
def test_check_mode_asks_nothing(tmp_path: Path, do: str) -> None:
    result, asked = run(tmp_path, do, check_mode=True)
    assert (result.get("failed", False), asked) == (False, [])


def test_a_rehearsal_hands_on_what_it_has_proven(tmp_path: Path) -> None:
    result, _asked = run(tmp_path, "rehearse", maintenance_setup_rehearsal="none")
    reported = result["ansible_stats"]["data"]["tidegate_setups"]["checkout"]
    assert reported == {"state": "present", "rehearsed": "none", "proven": [], "problem": ""}
    assert any(line.startswith("Not rehearsed") for line in result["summary"])
