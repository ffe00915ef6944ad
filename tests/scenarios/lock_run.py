# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Runs the modules of the lock in this process, so that each of their API calls can be watched, held up or the last.

All but the process around it is real: argument spec, ``run``, adapters, and the client that a test hands in.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any, NoReturn
from unittest.mock import patch

from ansible.module_utils.testing import patch_module_args
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock
from ansible_collections.tidegate.failover.plugins.module_utils._module import (
    r53_healthcheck_info,
    r53_healthcheck_lock,
)
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

#: Goes around a call: it is given the operation, and what carries it out.
Gate = Callable[[str, Callable[[], Any]], Any]

#: A module reads its options from one place in the process.
_OPTIONS = threading.Lock()


class KilledError(BaseException):
    """The process ends here, for the code under test."""


class HurriedClock(Clock):
    """Waits a twentieth of the requested time: the lab's AWS runs sixty times as fast as the real AWS."""

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / 20)


class Wire:
    """A client whose calls all go through a gate. It passes for a boto3 client of Route 53."""

    def __init__(self, client: Any, gate: Gate) -> None:
        self.meta = client.meta
        self._client = client
        self._gate = gate

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        call = getattr(self._client, operation)
        return lambda **parameters: self._gate(operation, lambda: call(**parameters))


class Death:
    """A gate that kills a run at one of its calls, and with it all that the run still does elsewhere.

    :param at: the number of the call, from 0.
    :param after: the service carries out the call, but the run never gets the answer.
    """

    def __init__(self, at: int, *, after: bool) -> None:
        self.calls = 0
        self.at, self.after = at, after
        self._lock = threading.Lock()

    def __call__(self, _operation: str, carry_out: Callable[[], Any]) -> Any:
        with self._lock:
            number, self.calls = self.calls, self.calls + 1
        if number == self.at and self.after:
            carry_out()
        if number >= self.at:
            raise KilledError
        return carry_out()


def straight_through(_operation: str, carry_out: Callable[[], Any]) -> Any:
    """The gate of a run that nobody disturbs."""
    return carry_out()


def switch(client: Any, *, gate: Gate = straight_through, check_mode: bool = False, **options: Any) -> Json:
    """The result of ``r53_healthcheck_lock``, whether it failed or not."""
    return _run(r53_healthcheck_lock, Wire(client, gate), check_mode, options)


def look(client: Any, **options: Any) -> Json:
    """The result of ``r53_healthcheck_info``."""
    return _run(r53_healthcheck_info, Wire(client, straight_through), False, options)


class _EndedError(Exception):
    """The module reported its result."""

    def __init__(self, result: Json) -> None:
        super().__init__()
        self.result = result


def _run(which: ModuleType, client: Wire, check_mode: bool, options: Json) -> Json:
    with _OPTIONS, patch_module_args({"_ansible_check_mode": check_mode, "region": "us-east-1", **options}):
        module = which.create_module()

    def end(*, failed: bool = False, **result: Any) -> NoReturn:
        # As plain data, which is how ansible-playbook gets it.
        raise _EndedError(json.loads(json.dumps({"failed": failed, **result})))

    def fail(**result: Any) -> NoReturn:
        end(failed=True, **result)

    with patch.multiple(module, client=lambda *_service, **_config: client, exit_json=end, fail_json=fail):
        try:
            which.run(module)
        except _EndedError as ended:
            return ended.result
    raise AssertionError("The module ended without a result.")
