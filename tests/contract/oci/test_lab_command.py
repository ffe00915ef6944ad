# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""``python -m lab``: up, down, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
import requests
import yaml

from lab.parts import PARTS
from lab.process import CLONE, RunningLab, running_lab

PATIENCE_SECONDS = 30

#: The lab's process and its folder.
Foreground: TypeAlias = tuple[subprocess.Popen[str], Path]


def lab_command(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(CLONE)}
    command = [sys.executable, "-m", "lab", *map(str, arguments)]
    return subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def processes_of(pid: int) -> list[int]:
    """The process and its descendants, by id."""
    found = [pid]
    for candidate in found:
        children = Path(f"/proc/{candidate}/task/{candidate}/children")
        found.extend(int(child) for child in children.read_text(encoding="ascii").split())
    return found


def is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


@pytest.fixture
def foreground(tmp_path: Path) -> Iterator[Foreground]:
    """A lab in the foreground, ready."""
    directory = tmp_path / "lab"
    environment = os.environ | {"PYTHONPATH": str(CLONE)}
    process = subprocess.Popen(
        [sys.executable, "-m", "lab", "up", "--parts", "oci", "--directory", str(directory)],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    wait_for(lambda: (directory / "lab.json").exists() or process.poll() is not None)
    yield process, directory
    if process.poll() is None:
        process.terminate()
    process.communicate(timeout=PATIENCE_SECONDS)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_the_lab_and_leaves_nothing_behind(foreground: Foreground, number: signal.Signals) -> None:
    process, directory = foreground
    processes = processes_of(process.pid)
    assert len(processes) > 1
    process.send_signal(number)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert not directory.exists()
    assert [pid for pid in processes if is_alive(pid)] == []


def test_down_stops_a_detached_lab_and_leaves_nothing_behind(tmp_path: Path) -> None:
    started = lab_command("up", "--detach", "--parts", "oci", cwd=tmp_path)
    assert started.returncode == 0, started.stderr
    info = json.loads((tmp_path / ".lab" / "lab.json").read_text(encoding="utf-8"))
    processes = processes_of(info["pid"])
    stopped = lab_command("down", cwd=tmp_path)
    assert stopped.returncode == 0, stopped.stderr
    assert list(tmp_path.iterdir()) == []
    assert [pid for pid in processes if is_alive(pid)] == []


def test_help_says_what_each_part_plays() -> None:
    reported = lab_command("up", "--help").stdout
    assert [name for name in PARTS if f"\n  {name} " not in reported] == []


def test_down_without_a_lab_does_nothing_and_succeeds(tmp_path: Path) -> None:
    assert lab_command("down", cwd=tmp_path).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_files_of_others_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "before.txt").write_text("mine", encoding="ascii")
    with running_lab(tmp_path, "--parts", "oci"):
        (tmp_path / "oci" / "during.txt").write_text("mine too", encoding="ascii")
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == [
        "before.txt",
        "oci",
        "oci/during.txt",
    ]


def test_a_second_lab_in_the_same_folder_is_refused(oci_lab: RunningLab) -> None:
    second = lab_command("up", "--parts", "oci", "--directory", oci_lab.directory)
    assert (second.returncode, "already" in second.stderr) == (1, True)
    assert requests.get(f"{oci_lab.info['control']}/lab", timeout=10).status_code == 200


def test_a_killed_lab_takes_its_backends_along_and_is_cleaned_up_by_down(foreground: Foreground) -> None:
    process, directory = foreground
    processes = processes_of(process.pid)
    process.kill()
    wait_for(lambda: not any(is_alive(pid) for pid in processes))
    assert lab_command("down", "--directory", directory).returncode == 0
    assert list(directory.iterdir()) == []


def test_down_never_stops_a_process_that_is_not_the_lab(foreground: Foreground) -> None:
    process, directory = foreground
    process.kill()
    process.wait(PATIENCE_SECONDS)
    innocent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    for name in ("lab.json", "lab.lock"):
        file = directory / name
        file.write_text(file.read_text(encoding="utf-8").replace(str(process.pid), str(innocent.pid)), encoding="utf-8")
    assert lab_command("down", "--directory", directory).returncode == 0
    assert innocent.poll() is None
    innocent.kill()
    innocent.wait(PATIENCE_SECONDS)


def test_a_lab_that_does_not_get_ready_in_time_is_stopped_and_nobody_reads_that_it_is_ready(tmp_path: Path) -> None:
    outcome = lab_command("up", "--detach", "--parts", "oci", "--timeout", "0", cwd=tmp_path)
    assert outcome.returncode == 1
    assert "was not ready within 0 s" in outcome.stderr
    assert "--timeout" in outcome.stderr
    assert "is ready" not in outcome.stdout + outcome.stderr


def test_a_lab_that_is_stopped_while_it_starts_does_not_say_that_it_is_ready(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "lab", "up", "--parts", "oci", "--directory", str(tmp_path / "lab")]
    process = subprocess.Popen(
        words, env=os.environ | {"PYTHONPATH": str(CLONE)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lock = tmp_path / "lab" / "lab.lock"
    wait_for(lambda: lock.exists() and lock.read_text(encoding="ascii") != "")
    process.terminate()
    assert process.communicate(timeout=PATIENCE_SECONDS)[0] == ""
    assert process.returncode == 1
    assert not lock.exists()


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for options in ([], ["--detach"]):
        outcome = lab_command("up", "--parts", "oci", *options, "--directory", file)
        assert outcome.returncode == 1
        assert "Traceback" not in outcome.stderr
        assert str(file) in outcome.stderr


def test_the_inventory_names_the_service_with_everything_that_maintenance_needs(oci_lab: RunningLab) -> None:
    inventory = yaml.safe_load((oci_lab.directory / "inventory.yml").read_text(encoding="utf-8"))
    checkout = inventory["services"]["hosts"]["checkout"]
    balancer = oci_lab.info["oci"]["load_balancers"]["checkout"]
    assert checkout == {
        "maintenance_load_balancer_id": balancer["id"],
        "maintenance_backend_set": "app",
        "maintenance_rule_set": "maintenance-page",
        "maintenance_verify_url": balancer["listeners"]["http"]["url"],
        "maintenance_verify_ca_path": oci_lab.info["oci"]["ca_file"],
        "oci_auth": {
            "config_file_location": oci_lab.info["oci"]["config_file"],
            "config_profile_name": "DEFAULT",
            "service_endpoint": oci_lab.info["oci"]["endpoint"],
        },
    }


def test_only_its_owner_can_read_the_credentials(oci_lab: RunningLab) -> None:
    folder, certificates = oci_lab.directory / "oci", {"ca.pem", "endpoint.pem"}
    modes = {file.name: file.stat().st_mode & 0o077 for file in [*folder.glob("*.pem"), *folder.glob("*.key")]}
    assert certificates < set(modes)
    assert {mode for name, mode in modes.items() if name not in certificates} == {0}


def test_the_control_api_says_which_lab_it_is(oci_lab: RunningLab) -> None:
    assert requests.get(f"{oci_lab.info['control']}/lab", timeout=10).json()["directory"] == str(oci_lab.directory)
