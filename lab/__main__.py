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
from lab.parts import DEFAULT_PARTS, PARTS, Options, build_lab

START_SECONDS = 30
STOP_SECONDS = 20


def main() -> int:
    """Run the command line; returns the exit status."""
    options = _parser().parse_args()
    directory: Path = options.directory.absolute()
    try:
        if options.command == "down":
            return _down(directory)
        if options.detach:
            return _up_detached(directory)
        return asyncio.run(_up(directory, options))
    except LabDirectoryError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="Local clouds to try and test the collection.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start the lab and run it until Ctrl-C")
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
    print(f"The lab is ready. Its clients' settings: source {directory}/env.sh", flush=True)
    print(f"Its inventory: {directory}/inventory.yml. Ctrl-C stops it and removes its files.", flush=True)
    await stop.wait()
    await lab.stop()
    return 0


def _up_detached(directory: Path) -> int:
    """Start the lab as a process of its own, and wait until it is ready."""
    pid = lab_pid(directory)
    if pid is not None:
        raise LabDirectoryError(f"A lab runs in {directory} already (pid {pid}).")
    arguments = [argument for argument in sys.argv[1:] if argument != "--detach"]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "lab", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            info = read_ready_file(directory)
            if info is not None and info["pid"] == process.pid:
                print(f"The lab is ready in {directory} (pid {process.pid}).")
                return 0
            time.sleep(0.05)
        if process.poll() is None:
            print(f"The lab did not get ready within {START_SECONDS} s; stopping it.", file=sys.stderr)
            process.terminate()
            process.wait(STOP_SECONDS)
        output.seek(0)
        print(output.read().rstrip(), file=sys.stderr)
    return 1


def _down(directory: Path) -> int:
    """Stop the lab of a folder, and wait until nothing of it is left."""
    if stop_lab(directory, STOP_SECONDS) is not None:
        print(f"The lab in {directory} is stopped.")
        return 0
    if directory.is_dir():
        leftovers = LabDirectory(directory)
        leftovers.open()
        leftovers.close()
    print(f"No lab runs in {directory}; nothing of one is left there.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
