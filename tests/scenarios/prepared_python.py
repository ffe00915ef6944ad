# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A Python that has loaded the libraries, and forks for each command that it is to run.

To load Jinja and the SDKs takes longer than most runs of a playbook. Of Ansible only what modules import is loaded
before: the rest of it reads its configuration, and makes a folder of its own, while it is imported.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TypedDict

CLONE = Path(__file__).resolve().parents[2]
LIBRARIES = (
    "ansible.module_utils.basic",
    "ansible.module_utils.urls",
    "boto3",
    "cryptography.x509",
    "jinja2.nativetypes",
    "multiprocessing.queues",
    "oci.load_balancer",
    "requests",
    "yaml",
)
#: They import the SDKs in the way that the modules do.
SDKS = (CLONE / "plugins/module_utils/_aws/sdk.py", CLONE / "plugins/module_utils/_oci/sdk.py")
_LARGEST_REQUEST = 2**20


class Request(TypedDict):
    """What is to be run, and where.

    :ivar words: a module, and its arguments.
    :ivar cwd: the folder that it runs in.
    :ivar env: the whole environment.
    """

    words: list[str]
    cwd: str
    env: dict[str, str]


class PreparedPython:
    """The running process."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests

    def run(
        self, words: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run a module of Python to its end, as ``python -m`` would, with nothing to read.

        :raises subprocess.TimeoutExpired: it took too long, and was ended.
        """
        request = json.dumps(Request(words=list(words), cwd=str(cwd), env=dict(env))).encode()
        reader, writer = os.pipe()
        with TemporaryFile() as output, TemporaryFile() as errors, os.fdopen(reader, "rb") as answer:
            try:
                socket.send_fds(self._requests, [request], [output.fileno(), errors.fileno(), writer])
            finally:
                os.close(writer)
            process = int(answer.readline())
            if not select.select([answer], [], [], timeout)[0]:
                os.kill(process, signal.SIGKILL)
                raise subprocess.TimeoutExpired(list(words), timeout, _text(output), _text(errors))
            code = int(answer.readline())
            return subprocess.CompletedProcess(list(words), code, _text(output), _text(errors))


@contextmanager
def prepared_python(cwd: Path, env: Mapping[str, str]) -> Iterator[PreparedPython]:
    """The process, for the time of the context."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, its:
        its_number = its.fileno()
        command = (sys.executable, str(Path(__file__).resolve()), str(its_number))
        process = subprocess.Popen(command, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, pass_fds=[its_number])
        its.close()
        try:
            yield PreparedPython(ours)
        finally:
            # It ends when nobody can send it a request any more.
            ours.close()
            process.wait(timeout=30)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _serve(requests: socket.socket) -> list[str]:
    """Fork for each request. Returns in the fork, with the words of its command."""
    # Nobody waits for those that wait for the commands.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, files, _flags, _address = socket.recv_fds(requests, _LARGEST_REQUEST, 3)
        if not request:
            raise SystemExit
        if os.fork() == 0:
            requests.close()
            return _begin(json.loads(request), *files)
        for file in files:
            os.close(file)


def _begin(request: Request, output: int, errors: int, answer: int) -> list[str]:
    """Fork once more, to report how that process ended; returns in it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if process := os.fork():
        with suppress(BrokenPipeError):
            os.write(answer, f"{process}\n".encode())
            _process, status = os.waitpid(process, 0)
            os.write(answer, f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os._exit(0)
    os.close(answer)
    for file, number in ((output, 1), (errors, 2)):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    return request["words"]


def _main() -> None:
    for path in SDKS:
        runpy.run_path(str(path))
    for library in LIBRARIES:
        import_module(library)
    # Else the collector of each fork would traverse all of it, and so copy it.
    gc.freeze()
    words = _serve(socket.socket(fileno=int(sys.argv[1])))
    # As after `python -m`.
    sys.path[0] = str(Path.cwd())
    sys.argv = words
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
