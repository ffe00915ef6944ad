# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A user with only the permissions of a policy of the documentation, and modules run in this process."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import boto3
from ansible.module_utils.testing import patch_module_args
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from botocore.config import Config

from lab.process import RunningLab

CLONE = Path(__file__).resolve().parents[2]
POLICIES = CLONE / "docs" / "permissions" / "aws"

#: What the examples of the policies stand for; the rest of them is written with the lab's account and names.
_PRIMARY = "arn:aws:route53:::healthcheck/233e180f-f023-45a3-954e-415303f21eab"
_SECONDARY = "arn:aws:route53:::healthcheck/11111111-f023-45a3-954e-415303f21eab"
_ZONE = "arn:aws:route53:::hostedzone/Z0123456789EXAMPLE"
_TOPIC = "arn:aws:sns:us-east-1:123456789012:checkout-failover"


def statements(name: str) -> list[Json]:
    """Those of a policy of the documentation."""
    return read(POLICIES / f"{name}.json")


def read(path: Path) -> list[Json]:
    """The statements of a policy."""
    found: list[Json] = json.loads(path.read_text(encoding="utf-8"))["Statement"]
    return found


def admin(lab: RunningLab, service: str, region: str = "") -> Any:
    """A client of a user who may do everything."""
    aws = lab.info["aws"]
    return boto3.client(
        service,
        endpoint_url=aws["endpoint_url"],
        region_name=region or aws["region"],
        aws_access_key_id=aws["access_key"],
        aws_secret_access_key=aws["secret_key"],
        config=Config(retries={"total_max_attempts": 1}),
    )


class Restricted:
    """A user without permissions at first.

    :ivar auth: how to sign in.
    """

    def __init__(self, lab: RunningLab) -> None:
        self._lab, aws = lab, lab.info["aws"]
        self.auth: Json = {"endpoint_url": aws["endpoint_url"], "region": aws["region"], **self._hold([])}
        zone, checks = aws["zone"]["id"], aws["health_checks"]
        self._examples = {
            _PRIMARY: f"arn:aws:route53:::healthcheck/{checks['primary']}",
            _SECONDARY: f"arn:aws:route53:::healthcheck/{checks['backup']}",
            _ZONE: f"arn:aws:route53:::hostedzone/{zone}",
            _TOPIC: aws["sns_topic_arn"],
        }

    def may(self, allowed: Sequence[Json], examples: Mapping[str, str] | None = None) -> None:
        """From now on what these statements allow, for the lab's objects in place of the examples."""
        document = json.dumps({"Version": "2012-10-17", "Statement": list(allowed)})
        for example, own in (self._examples | dict(examples or {})).items():
            document = document.replace(json.dumps(example), json.dumps(own)).replace(
                json.dumps(f"{example}:"), json.dumps(f"{own}:")
            )
        self._hold([json.loads(document)])

    def _hold(self, policies: list[Json]) -> Json:
        key: Json = self._lab.control("PUT", "/aws/principals/sre", {"policies": policies})
        return key


def run_module(module: str, /, **options: Any) -> Json:
    """Run a module of this collection, or one by its whole name; its result, whether it failed or not.

    In a fork: Ansible collects warnings for a whole process.
    """
    forking = get_context("fork")
    receiving, sending = forking.Pipe(duplex=False)
    process = forking.Process(target=_run, args=(sending, module, options))
    process.start()
    # So that a module that breaks without a result is an end, and not a wait for ever.
    sending.close()
    result: Json = receiving.recv()
    process.join()
    return result


def _run(sending: Connection, module: str, options: Json) -> None:
    collection, _dot, name = module.rpartition(".")
    found = import_module(f"ansible_collections.{collection or 'tidegate.failover'}.plugins.modules.{name}")
    printed = io.StringIO()
    with patch_module_args(options), redirect_stdout(printed), redirect_stderr(printed), suppress(SystemExit):
        try:
            found.main()
        # To Ansible that is a failed task too. Some modules of other collections fail in this way.
        except Exception as problem:  # noqa: BLE001
            sending.send({"failed": True, "msg": f"{type(problem).__name__}: {problem}"})
            return
    sending.send(json.loads(next(line for line in printed.getvalue().splitlines() if line.startswith("{"))))
