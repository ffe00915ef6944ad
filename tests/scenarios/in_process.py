# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Whole procedures in this process, on the lab, so that each of their calls to AWS can be watched, refused or the last.

The engine, the steps, the modules with their argument specs, and boto3 are real. What a task of Ansible does around
them is done by :class:`Role`, through JSON as it travels from task to task.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn
from unittest.mock import patch

from ansible.module_utils.testing import patch_module_args
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import CHECK_MODE, ModuleFailedError
from ansible_collections.tidegate.failover.tests.scenarios.lock_run import Gate
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import Role
from botocore.client import BaseClient

_MODULES = "ansible_collections.tidegate.failover.plugins.module_utils._module"
#: Time passes so much faster for modules, as it does for the lab's AWS.
_SPEED = 20
#: A module reads its options from one place in the process.
_OPTIONS = threading.Lock()


class QuickClock(Clock):
    """Waits a fraction of the requested time, and reports that all of it has passed."""

    def now(self) -> float:
        return time.monotonic() * _SPEED

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / _SPEED)


class _EndedError(Exception):
    """The module reported its result."""

    def __init__(self, result: Json) -> None:
        super().__init__()
        self.result = result


class Modules:
    """Runs the modules for the calls of procedures. Clients are created once, because that takes longest."""

    def __init__(self, auth: Json) -> None:
        self._auth = auth
        self._clients: dict[str, Any] = {}

    def __call__(self, module: str, /, **options: Any) -> Json:
        """:raises ModuleFailedError: it failed."""
        check_mode = bool(options.pop(CHECK_MODE, False))
        given = {name: value for name, value in options.items() if value is not None}
        signed_in = given if module == "failback_gate" else {**self._auth, **given}
        result = self._run(import_module(f"{_MODULES}.{module}"), signed_in, check_mode=check_mode)
        if result.get("failed"):
            raise ModuleFailedError(result)
        return result

    def _run(self, which: ModuleType, options: Json, *, check_mode: bool) -> Json:
        with _OPTIONS, patch_module_args({"_ansible_check_mode": check_mode, **json.loads(json.dumps(options))}):
            module = which.create_module()

        def end(*, failed: bool = False, **result: Any) -> NoReturn:
            # As plain data, which is how ansible-playbook gets it.
            raise _EndedError(json.loads(json.dumps({"failed": failed, **result})))

        def fail(**result: Any) -> NoReturn:
            end(**{**result, "failed": True})

        with ExitStack() as patches:
            patches.enter_context(patch.multiple(module, exit_json=end, fail_json=fail))
            if hasattr(which, "Clock"):
                patches.enter_context(patch.object(which, "Clock", QuickClock))
            if hasattr(module, "client"):
                patches.enter_context(patch.object(module, "client", self._kept(module.client)))
            try:
                which.run(module)
            except _EndedError as ended:
                return ended.result
        raise AssertionError("The module ended without a result.")

    def _kept(self, make: Callable[..., Any]) -> Callable[..., Any]:
        def client(service: str, **more: Any) -> Any:
            key = json.dumps([service, {name: value for name, value in more.items() if name != "config"}])
            if key not in self._clients:
                self._clients[key] = make(service, **more)
            return self._clients[key]

        return client


@contextmanager
def watched(gate: Gate) -> Iterator[None]:
    """Let all calls to AWS of this process go through a gate, while the block runs."""
    usual = BaseClient._make_api_call

    def call(client: BaseClient, operation: str, parameters: Json) -> Any:
        return gate(operation, lambda: usual(client, operation, parameters))

    with patch.object(BaseClient, "_make_api_call", call):
        yield


def begun(options: Json, modules: Modules, files: dict[str, str] | None = None) -> Role:
    """A run that can be distinguished from all others.

    :param files: how files of the user's break, by their path.
    """
    role = Role(options, modules, files=files or {})  # type: ignore[arg-type]
    role.run.id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    return role
