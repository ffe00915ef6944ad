# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""``python -m lab up`` and ``python -m lab down``."""

from __future__ import annotations

import argparse
import asyncio
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lab.directory import LabDirectory, LabDirectoryError, lab_pid, read_ready_file, stop_lab
from lab.parts import DEFAULT_PARTS, PARTS, SUMMARIES, Options, build_lab
from lab.stopping import report_a_slow_stop, take_the_report

START_SECONDS = 60
#: A stop ends programs and deletes databases. That takes tenths of a second, and much longer on a busy machine.
STOP_SECONDS = 60
_REPORT_SECONDS = 20


def main() -> int:
    """Run the command line; returns the exit status."""
    options = _parser().parse_args()
    directory: Path = options.directory.absolute()
    try:
        if options.command == "down":
            return _down(directory)
        if options.detach:
            return _up_detached(directory, options.timeout)
        return asyncio.run(_up(directory, options))
    except LabDirectoryError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="Local clouds to try and test the collection.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser(
        "up",
        help="start the lab and run it until Ctrl-C",
        epilog="parts:\n" + "".join(f"  {name:<14}{summary}\n" for name, summary in sorted(SUMMARIES.items())),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    down = commands.add_parser("down", help="stop the lab of a folder")
    for command in (up, down):
        command.add_argument(
            "--directory",
            type=Path,
            default=Path(".lab"),
            help="where lab.json and env.sh are (%(default)s)",
        )
    up.add_argument("--detach", action="store_true", help="return as soon as the lab is ready, and leave it running")
    up.add_argument(
        "--timeout",
        type=float,
        default=START_SECONDS,
        help="how many seconds a lab that is detached may take to get ready, before it is stopped (%(default)s)",
    )
    up.add_argument(
        "--parts", nargs="+", choices=sorted(PARTS), default=DEFAULT_PARTS, help="start only these (%(default)s)"
    )
    up.add_argument(
        "--work-request-seconds", type=float, default=1.0, help="how long a load balancer takes to change (%(default)s)"
    )
    return parser


async def _up(directory: Path, options: argparse.Namespace) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    lab = build_lab(directory, Options(parts=options.parts, work_request_seconds=options.work_request_seconds))
    try:
        await lab.start()
    except OSError as error:
        print(f"The lab could not start: {error}", file=sys.stderr)
        return 1
    if stop.is_set():
        # A lab that was stopped during its start must not print that it is ready.
        await lab.stop()
        return 1
    print(f"The lab is ready. Its clients' settings: source {directory}/env.sh", flush=True)
    print(f"Its inventory: {directory}/inventory.yml. Ctrl-C stops it and removes its files.", flush=True)
    await stop.wait()
    report_a_slow_stop(directory, _REPORT_SECONDS)
    await lab.stop()
    return 0


def _up_detached(directory: Path, seconds: float) -> int:
    """Start the lab in a separate process, and wait at most this number of seconds until it is ready."""
    pid = lab_pid(directory)
    if pid is not None:
        raise LabDirectoryError(f"A lab runs in {directory} already (pid {pid}).")
    arguments = [argument for argument in sys.argv[1:] if argument != "--detach"]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "lab", *arguments],
            stdin=subprocess.DEVNULL,
            # The other process would print that the lab is ready; this process prints that.
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,
        )
        deadline = time.monotonic() + seconds
        while process.poll() is None and time.monotonic() < deadline:
            info = read_ready_file(directory)
            if info is not None and info["pid"] == process.pid:
                print(f"The lab is ready in {directory} (pid {process.pid}).")
                return 0
            time.sleep(0.05)
        if process.poll() is None:
            _give_up(process, directory, seconds)
        output.seek(0)
        print(output.read().rstrip(), file=sys.stderr)
    return 1


def _give_up(process: subprocess.Popen[bytes], directory: Path, seconds: float) -> None:
    print(
        f"The lab was not ready within {seconds:g} s; it is being stopped. "
        "On a slow or busy machine, allow more time with --timeout SECONDS.",
        file=sys.stderr,
    )
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        print(
            f"It did not stop within {STOP_SECONDS} s and was killed. What it left behind is removed by: "
            f"python -m lab down --directory {directory}",
            file=sys.stderr,
        )


def _down(directory: Path) -> int:
    """Stop the lab of a folder, and wait until all its processes and files are gone."""
    try:
        pid = stop_lab(directory, STOP_SECONDS)
    finally:
        print(take_the_report(directory), end="", file=sys.stderr)
    if pid is not None:
        print(f"The lab in {directory} is stopped.")
        return 0
    if directory.is_dir():
        leftovers = LabDirectory(directory)
        leftovers.open()
        leftovers.close()
    print(f"No lab runs in {directory}, and no files of one are left there.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
