# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Lambda functions that an SNS topic calls. moto stores the functions; this module runs each call in its own process.

Source: developer guide of Lambda ("Invoking a Lambda function asynchronously", "Using Lambda with Amazon SNS"). A
failed call is tried again twice, and then its event goes to the function's dead-letter queue. A call without permission
fails without an attempt.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from moto.awslambda.models import LambdaFunction, lambda_backends

from lab.aws.dead_letters import hand_over

_ATTEMPTS = 3
#: Seconds of AWS between two attempts; the service waits a minute, then two.
_BETWEEN = 60
_KEPT = 100
#: Real seconds that Python may take to start. They do not count towards the function's time-out.
_START_SECONDS = 60
# The runtime of Lambda: imports the handler, and calls it with the event and the remaining time.
_RUNTIME = """
import importlib, json, sys, time
sys.path.insert(0, sys.argv[1])
module, handler = sys.argv[2].rsplit(".", 1)
call = getattr(importlib.import_module(module.replace("/", ".")), handler)
end = time.monotonic() + float(sys.argv[3])
class Context:
    def get_remaining_time_in_millis(self):
        return int((end - time.monotonic()) * 1000)
print(json.dumps(call(json.load(sys.stdin), Context())))
"""


@dataclass
class Called:
    """The outcome of an event: ``succeeded``, ``failed`` or ``trying``, and the output of the last attempt."""

    function: str
    attempts: int = 0
    outcome: str = "trying"
    printed: str = ""


class Functions:
    """Runs functions in the background, for one account.

    :param environment: from a role to the variables that the service adds to the function's own environment.
    """

    def __init__(self, account_id: str, time_factor: float, environment: Callable[[str], Mapping[str, str]]) -> None:
        self._account_id, self._environment = account_id, environment
        self._pause = _BETWEEN / time_factor
        self._history: deque[Called] = deque(maxlen=_KEPT)
        self._processes: set[subprocess.Popen[str]] = set()
        self._generation = 0

    def history(self) -> list[dict[str, Any]]:
        """The last calls, oldest first, as plain JSON data."""
        return [asdict(called) for called in self._history]

    def clear(self) -> None:
        """End running calls, and remove the history."""
        self._generation += 1
        for process in list(self._processes):
            with suppress(ProcessLookupError):
                process.kill()
        self._history.clear()

    def notify(self, arn: str, source: str, subscription: str, notification: dict[str, Any]) -> None:
        """Call a function for a message of a topic. Returns at once.

        :param notification: the notification for HTTP endpoints. For functions, two of its keys have other names.
        """
        names = {"SigningCertURL": "SigningCertUrl", "UnsubscribeURL": "UnsubscribeUrl"}
        sns = {"MessageAttributes": {}, **{names.get(key, key): value for key, value in notification.items()}}
        record = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription, "Sns": sns}
        called = Called(arn)
        self._history.append(called)
        found = _find(self._account_id, arn)
        if found is None or not _may_call(found, source):
            called.outcome = "failed"
            called.printed = "There is no such function." if found is None else f"{source} may not call it."
            return
        threading.Thread(
            target=self._attempts, args=(found, {"Records": [record]}, called, self._generation), daemon=True
        ).start()

    def _attempts(self, function: LambdaFunction, event: dict[str, Any], called: Called, generation: int) -> None:
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(self._pause * attempt)
            if generation != self._generation:
                return
            called.attempts += 1
            if self._run(function, event, called):
                called.outcome = "succeeded"
                return
        called.outcome = "failed"
        hand_over(function, event, called.printed)

    def _run(self, function: LambdaFunction, event: dict[str, Any], called: Called) -> bool:
        seconds = int(function.timeout)
        with tempfile.TemporaryDirectory(prefix="lab-lambda-") as folder:
            with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as archive:
                archive.extractall(folder)
            process = subprocess.Popen(
                [sys.executable, "-c", _RUNTIME, folder, str(function.handler), str(seconds)],
                cwd=folder,
                env=self._given(function, folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            self._processes.add(process)
            try:
                called.printed = process.communicate(json.dumps(event), timeout=seconds + _START_SECONDS)[0]
            except subprocess.TimeoutExpired:
                process.kill()
                called.printed = f"Task timed out after {seconds} seconds"
                process.communicate()
            finally:
                self._processes.discard(process)
            return process.returncode == 0

    def _given(self, function: LambdaFunction, folder: str) -> dict[str, str]:
        regions = {"AWS_REGION": function.region, "AWS_DEFAULT_REGION": function.region}
        own: dict[str, str] = {"PATH": os.defpath, "HOME": folder, "LAMBDA_TASK_ROOT": folder, **regions}
        return {**own, **self._environment(str(function.role)), **function.environment_vars}


def _find(account_id: str, arn: str) -> LambdaFunction | None:
    region = arn.split(":")[3]
    backends = lambda_backends[account_id]
    return backends[region].get_function_by_arn(arn) if region in backends else None


def _may_call(function: LambdaFunction, source: str) -> bool:
    """Whether the function's policy lets this topic call it."""
    return any(
        statement.get("Effect") == "Allow"
        and (statement.get("Principal") or {}).get("Service") == "sns.amazonaws.com"
        and statement.get("Action") in ("lambda:InvokeFunction", "lambda:*")
        and source in (_sources(statement) or [source])
        for statement in function.policy.statements
    )


def _sources(statement: dict[str, Any]) -> list[str]:
    condition = (statement.get("Condition") or {}).get("ArnLike") or {}
    return [str(value) for name, value in condition.items() if name.lower() == "aws:sourcearn"]
