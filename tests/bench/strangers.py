# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""How long a message waits for its answer while strangers keep the source busy."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lab.oci.traffic.tls import create_bundle
from lab.ports import free_port

from .measuring import Aim, BenchError, Contestant, Report, Sample, Table, take_turns
from .processes import CLONE, environment
from .stranger import ATTACKS, BEGUN

QUIET = "nobody else"
NAMES = {
    "idle": "connections without a request",
    "inflate": "bodies to inflate",
    "guess": "wrong passwords",
}
MOST_SECONDS = 1.0
MESSAGES, QUICK_MESSAGES = 40, 10
_PAUSE = 0.1
_PATIENCE = 30.0
_TOPIC = "ocid1.onstopic.oc1.iad.aaaaexample"
_TICKS = os.sysconf("SC_CLK_TCK")

NOTES = """\
Seconds are those of the slowest of {messages} messages, each over a connection of its own with TLS, from connecting to
the answer. Strangers are on the same machine, at another address of loopback: up to 600 connections that say nothing or
half a header; 20 at a time that each send a body of 400 MB in 389 KB, without the password; 20 at a time that guess it.
CPU seconds and memory are those of the source."""


def measure(folder: Path, *, rounds: int, quick: bool) -> Report:
    """Run a source, and send it messages while nobody else does and under each attack.

    :param folder: for temporary files.
    :raises BenchError: a message was not answered with success.
    """
    messages = QUICK_MESSAGES if quick else MESSAGES
    with _Source.running(folder) as source:
        quiet = Contestant(QUIET, lambda: source.slowest(messages))
        attacked = [Contestant(NAMES[attack], partial(source.slowest_under, attack, messages)) for attack in ATTACKS]
        samples = take_turns([quiet, *attacked], rounds)
    aims = [
        Aim(f"{name}: the slowest answer", max(sample.seconds for sample in samples[name]), MOST_SECONDS, "s")
        for name in NAMES.values()
    ]
    notes = NOTES.format(messages=messages)
    return Report("strangers", notes, [Table("messages while strangers send", samples)], aims)


@dataclass(frozen=True)
class _Source:
    """The source ``oci_notifications`` in a process of its own."""

    pid: int
    port: int
    tls: ssl.SSLContext
    folder: Path

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[_Source]:
        """Run it while the block runs."""
        bundle, certificate = create_bundle("source"), folder / "tls.pem"
        certificate.write_text(bundle.certificate + bundle.private_key, encoding="ascii")
        tls = ssl.create_default_context(cadata=bundle.ca_certificate)
        tls.check_hostname = False
        port = free_port()
        given = {"port": port, "certfile": str(certificate), "username": "ons", "password": "right", "topics": [_TOPIC]}
        with _program(folder, "source", json.dumps(given)) as process:
            source = cls(process.pid, port, tls, folder)
            source.wait()
            yield source

    def wait(self) -> None:
        """Return once it answers. :raises BenchError: it does not."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                self.answered()
            except OSError as problem:
                if time.monotonic() > deadline:
                    raise BenchError(f"the source does not answer: {problem}") from problem
                time.sleep(_PAUSE)
            else:
                return

    def answered(self) -> float:
        """Send a message; the seconds until it was answered. :raises BenchError: it was not taken."""
        began = time.monotonic()
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=_PATIENCE, context=self.tls)
        try:
            headers = {
                "Authorization": f"Basic {base64.b64encode(b'ons:right').decode()}",
                "X-OCI-NS-MessageType": "Notification",
                "X-OCI-NS-TopicOcid": _TOPIC,
            }
            connection.request("POST", "/", b"{}", headers)
            status = connection.getresponse().status
        finally:
            connection.close()
        if status != http.client.OK:
            raise BenchError(f"the source answered {status} to a message that is as it should be")
        return time.monotonic() - began

    def slowest(self, messages: int) -> Sample:
        """The slowest of so many messages."""
        cpu_before, seconds = self._cpu_seconds(), []
        for _unused in range(messages):
            try:
                seconds.append(self.answered())
            except OSError as problem:
                raise BenchError(f"a message was not answered: {problem}") from problem
            time.sleep(_PAUSE)
        return Sample(max(seconds), self._cpu_seconds() - cpu_before, self._peak_bytes())

    def slowest_under(self, attack: str, messages: int) -> Sample:
        """The same while an attack is under way."""
        with _program(self.folder, attack, str(self.port)) as process:
            if process.stdout is None or process.stdout.readline().strip() != BEGUN:
                raise BenchError(f"the attack {attack} did not begin")
            return self.slowest(messages)

    def _cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return sum(int(field) for field in fields[11:13]) / _TICKS

    def _peak_bytes(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        (peak,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(peak) * 1024


@contextmanager
def _program(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run one of the programs beside this file while the block runs."""
    command = [sys.executable, "-m", f"{__package__}.stranger", *arguments]
    with (folder / f"{arguments[0]}.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=CLONE,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
