# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A command passes by its return code alone, is killed with all its children when late, and reports no secrets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import typing as t
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Probe
from ansible_collections.tidegate.failover.plugins.module_utils._gates.command import KIND

from .gates import NOW, options_of, seen_by


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.mark.parametrize(
    ("code", "given", "passed", "observed"),
    [
        ("", {}, True, "return code 0"),
        ("raise SystemExit(3)", {}, False, "return code 3"),
        ("raise SystemExit(3)", {"rc": [0, 3]}, True, "return code 3"),
        ("", {"rc": [3]}, False, "return code 0"),
        ("import os; os.kill(os.getpid(), 15)", {}, False, "ended by signal 15"),
        ("print('secret')", {}, True, "return code 0"),
        (
            "print('a'); print('it is healthy'); print()",
            {"show_output": True},
            True,
            "return code 0, last line 'it is healthy'",
        ),
        ("raise SystemExit('it is ill')", {"show_output": True}, False, "return code 1, last line 'it is ill'"),
    ],
)
def test_the_return_code_decides(code: str, given: dict[str, t.Any], passed: bool, observed: str) -> None:
    seen = seen_by(KIND, argv=python(code), **given)
    assert (seen.passed, seen.observed) == (passed, observed)
    assert bool(seen.remedy) is not passed


@pytest.mark.parametrize(
    ("script", "passed"),
    [
        ("false | true", True),
        ("false; true", True),
        ("false & true", True),
        ("set -euo pipefail; false | true", False),
        ("there-is-no-such-program", False),
    ],
)
def test_of_a_shell_the_last_command_counts_as_documented(script: str, passed: bool) -> None:
    assert seen_by(KIND, argv=["bash", "-c", script]).passed is passed


def test_a_pipe_without_a_shell_is_an_argument() -> None:
    code = "import sys; raise SystemExit(sys.argv[1:] != ['|', 'true'])"
    assert seen_by(KIND, argv=[*python(code), "|", "true"]).passed


def test_a_program_of_the_same_name_in_the_path_is_the_one_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "false").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "false").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert seen_by(KIND, argv=["false"]).passed
    assert not seen_by(KIND, argv=["/bin/false"]).passed


def test_it_runs_with_the_folder_and_variables_that_are_given(tmp_path: Path) -> None:
    code = "import os, pathlib; pathlib.Path('found').write_text(os.environ['KEY'] + str('PATH' in os.environ))"
    assert seen_by(KIND, argv=python(code), chdir=str(tmp_path), environment={"KEY": 1}).passed
    assert (tmp_path / "found").read_text() == "1True"


def test_a_program_that_does_not_end_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait, child = subprocess.Popen.wait, tmp_path / "child"

    def wait_once_the_child_is_there(process: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        until(child.exists)
        return wait(process, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", wait_once_the_child_is_there)
    (tmp_path / "program").write_text(f"#!/bin/sh\nsleep 600 &\necho $! > {child}.new; mv {child}.new {child}\nwait\n")
    (tmp_path / "program").chmod(0o755)
    seen = KIND.observe(options_of(KIND, argv=[f"{tmp_path}/program"]), Probe(NOW, 0.01))
    assert (seen.passed, seen.observed) == (False, "it did not end within 0.01 s and was killed")
    until(lambda: not is_running(int(child.read_text())))


_GATE = """
import sys
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.gates.gates import seen_by
from ansible_collections.tidegate.failover.plugins.module_utils._gates.command import KIND
seen_by(KIND, argv=[sys.argv[1]])
"""


@pytest.mark.parametrize("ends", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_program_ends_with_the_gate_whatever_ends_that(ends: signal.Signals, tmp_path: Path) -> None:
    started = tmp_path / "started"
    (tmp_path / "program").write_text(
        f"#!/bin/sh\nsleep 600 &\necho $! > {started}.new; mv {started}.new {started}\nwait\n"
    )
    (tmp_path / "program").chmod(0o755)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    gate = [sys.executable, "-c", _GATE, f"{tmp_path}/program"]
    with subprocess.Popen(gate, env=environment, stderr=subprocess.DEVNULL) as process:
        until(started.exists)
        process.send_signal(ends)
    until(lambda: not is_running(int(started.read_text())))


def test_a_program_whose_start_is_interrupted_does_not_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = tmp_path / "started"
    (tmp_path / "program").write_text(f"#!/bin/sh\necho $$ > {started}.new; mv {started}.new {started}\nsleep 600\n")
    (tmp_path / "program").chmod(0o755)

    programs: list[subprocess.Popen[bytes]] = []

    class Interrupted(subprocess.Popen[bytes]):
        def __init__(self, argv: list[str], **more: t.Any) -> None:
            super().__init__(argv, **more)
            if argv == [f"{tmp_path}/program"]:
                programs.append(self)
                until(started.exists)
                raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        seen_by(KIND, argv=[f"{tmp_path}/program"])
    assert programs[0].wait(30) == -signal.SIGKILL


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    """Whether the process is there and no zombie, which only waits for somebody to take its return code."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_program_that_is_not_there_fails_for_good() -> None:
    seen = seen_by(KIND, argv=["/nowhere/program"])
    assert (seen.passed, seen.final) == (False, True)
    assert seen.observed == f"it could not be started: {os.strerror(2)}"


@pytest.mark.parametrize(
    ("given", "words"),
    [({"argv": []}, "argv is empty"), ({"argv": [""]}, "argv is empty"), ({"rc": []}, "rc is empty")],
)
def test_what_cannot_be_run_is_refused(given: dict[str, t.Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        KIND.check(options_of(KIND, **{"argv": ["true"], **given}))


@pytest.mark.parametrize("read_only", [True, False])
def test_check_mode_runs_only_what_is_declared_to_change_nothing(read_only: bool) -> None:
    assert KIND.read_only(options_of(KIND, argv=["true"], read_only=read_only)) is read_only


def test_what_is_expected_is_reported_without_arguments() -> None:
    assert (
        KIND.expected(options_of(KIND, argv=["/bin/check", "--all"], rc=[0, 2])) == "return code 0 or 2 of /bin/check"
    )
