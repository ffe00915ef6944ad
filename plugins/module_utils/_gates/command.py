# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``command``: a program ends with an expected return code."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Observation,
    Probe,
    Timing,
    Values,
)

#: Characters of the program's last line that are shown at most.
_SHOWN = 200


def check(options: Values) -> None:
    """Refuse a command without a program, and an empty list of return codes."""
    if not options["argv"] or not options["argv"][0]:
        raise RefusedError("argv is empty. Name the program, and its arguments.")
    if not options["rc"]:
        raise RefusedError("rc is empty. Name the return codes that pass.")


def expected(options: Values) -> str:
    """What the gate expects to observe."""
    codes = " or ".join(str(code) for code in options["rc"])
    return f"return code {codes} of {options['argv'][0]}"


def observe(options: Values, probe: Probe) -> Observation:
    """Run the program once."""
    by_hand = f"Run {options['argv'][0]} by hand where the gate runs, and read its output."
    with tempfile.TemporaryFile() as output:
        try:
            code = _run(options, output, probe.limit)
        except TimeoutError:
            observed = f"it did not end within {probe.limit:.3g} s and was killed"
            return Observation(False, observed, "Give the gate a longer timeout, or find what is slow.")
        except OSError as problem:
            observed = f"it could not be started: {problem.strerror or problem}"
            return Observation(False, observed, f"Give the path of a program that exists. {by_hand}", final=True)
        return judge(options, code, _last_line(output) if options["show_output"] else "")


def judge(options: Values, code: int, last_line: str) -> Observation:
    """Judge how the program ended."""
    observed = f"return code {code}" if code >= 0 else f"ended by signal {-code}"
    if last_line:
        observed += f", last line {last_line!r}"
    if code in options["rc"]:
        return Observation(True, observed)
    reported = "" if options["show_output"] else " Set show_output to see its last line."
    return Observation(False, observed, f"Run {options['argv'][0]} by hand where the gate runs.{reported}")


def _run(options: Values, output: t.IO[bytes], limit: float) -> int:
    """The return code; negative for the signal that ended it.

    If the gate ends while the program runs, for whatever reason, everything that the program has started ends too.

    :raises TimeoutError: the program was killed.
    """
    environment = {name: str(value) for name, value in (options["environment"] or {}).items()}
    with _group_that_dies_with_us() as group:
        process = None
        try:
            process = subprocess.Popen(
                options["argv"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=options["chdir"],
                env=os.environ | environment,
                process_group=group,
            )
            return process.wait(limit)
        except subprocess.TimeoutExpired as problem:
            raise TimeoutError from problem
        finally:
            # If the gate is interrupted while it starts the program, there is no process object yet.
            if process is None or process.returncode is None:
                os.killpg(group, signal.SIGKILL)
            if process is not None:
                process.wait()


@contextmanager
def _group_that_dies_with_us() -> Iterator[int]:
    """A process group that is killed when this process ends, even if this process is killed itself.

    A shell in the group waits for the end of a pipe, which comes when this process is gone. The shell starts before the
    program, so the program is never left running.
    """
    watch = ["/bin/sh", "-c", "read -r _; kill -KILL 0"]
    with subprocess.Popen(watch, stdin=subprocess.PIPE, process_group=0) as watcher:
        try:
            yield watcher.pid
        finally:
            watcher.kill()


def _last_line(output: t.IO[bytes]) -> str:
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - 4 * _SHOWN))
    lines = output.read().decode(errors="replace").splitlines()
    return next((line.strip()[-_SHOWN:] for line in reversed(lines) if line.strip()), "")


def read_only(options: Values) -> bool:
    """Whether the user has declared that the program changes nothing."""
    return bool(options["read_only"])


KIND = GateKind(
    name="command",
    description="""
        Passes if a program ends with an expected return code. It runs where the module runs, without a shell. In check
        mode it is not evaluated, except with O(gates[].command.read_only).

        A program that does not end in time is killed, with all that it has started.

        What else could make it pass:

        A pipeline or a list of commands in a shell. The shell returns the return code of the last command. Begin such a
        script with C(set -euo pipefail). Without a shell, C(|), C(&&) and C(;) are ordinary arguments, which most
        programs ignore or refuse.

        A program that starts another program in the background, or ignores its errors. Only its own return code counts,
        not its output.

        A return code in O(gates[].command.rc) that the program also uses for errors, such as V(1), or that a shell uses
        for a missing program, V(127). A program that is missing, cannot be started or is killed fails the gate, unless
        a shell starts it.

        Another program of the same name, or another configuration. The gate uses the environment of the module, with
        its C(PATH). Give the whole path.

        The wrong machine. The program runs where the module runs, and has to check the returning site from there.

        Check mode. A gate that was not evaluated has not passed.""",
    options={
        "argv": {
            "description": """
                The program and its arguments. They are shown in lists of processes, so secrets belong into
                O(gates[].command.environment).""",
            "type": "list",
            "elements": "str",
            "required": True,
        },
        "rc": {
            "description": "The return codes that pass.",
            "type": "list",
            "elements": "int",
            "default": [0],
        },
        "chdir": {"description": "The folder to run it in.", "type": "path"},
        "environment": {
            "description": "Variables to add to its environment. Their values are kept out of all output.",
            "type": "dict",
            "no_log": True,
        },
        "read_only": {
            "description": "Whether the program changes nothing, so that it may run in check mode too.",
            "type": "bool",
            "default": False,
        },
        "show_output": {
            "description": "Whether to report the last line of its output. Use it only if that never holds a secret.",
            "type": "bool",
            "default": False,
        },
    },
    expected=expected,
    observe=observe,
    check=check,
    timing=Timing(timeout=60),
    read_only=read_only,
)
