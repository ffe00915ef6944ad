# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The AWS Lambda function, packed as a user packs it, and called as Lambda calls it, in a process without Ansible."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

FUNCTIONS = Path(__file__).resolve().parents[2] / "extensions" / "functions"

# What the runtime of Lambda does. Besides the standard library that has boto3, and nothing of Ansible.
_HARNESS = """
import importlib.abc, json, sys, time

class NotThere(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("ansible", "oci"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotThere())
sys.path.insert(0, sys.argv[1])
end = time.monotonic() + float(sys.argv[2])

class Context:
    def get_remaining_time_in_millis(self):
        return int((end - time.monotonic()) * 1000)

import lambda_function

try:
    reported = {"result": lambda_function.handler(json.load(sys.stdin), Context())}
except lambda_function.AlarmNotFollowedError as problem:
    reported = {"problem": str(problem)}
print(json.dumps(reported))
"""


@dataclass(frozen=True)
class Answer:
    """What one call ended in.

    :ivar problem: the exception by which it failed; empty if it did not.
    """

    alarms: list[Json]
    problem: str


@dataclass(frozen=True)
class Lambda:
    """A function as it is deployed: the unpacked archive, and the function's environment."""

    folder: Path
    environment: dict[str, str]

    def call(self, event: Json, *, seconds: float = 60, **environment: str) -> Answer:
        """Call it with an event."""
        done = subprocess.run(
            [sys.executable, "-c", _HARNESS, str(self.folder), str(seconds)],
            # Where nothing of the project lies beside it.
            cwd=self.folder,
            env=self.environment | environment,
            input=json.dumps(event),
            text=True,
            capture_output=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        reported = json.loads(done.stdout.splitlines()[-1])
        return Answer((reported.get("result") or {}).get("alarms") or [], reported.get("problem", ""))


def pack(archive: Path) -> subprocess.CompletedProcess[str]:
    """Pack the function by its own program."""
    command = [sys.executable, str(FUNCTIONS / "pack.py"), "route53_lock", str(archive)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def unpacked(archive: Path, folder: Path) -> Path:
    """As Lambda unpacks it."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder
