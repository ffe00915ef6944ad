# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Tasks for AWS where the collection that they build on is missing, or no credentials can be got."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._module import aws_options


class FailedTaskError(Exception):
    """The task has failed with this result."""

    def __init__(self, result: dict[str, t.Any]) -> None:
        super().__init__(result["msg"])
        self.result = result


class PlainModule:
    """The part of an Ansible module that is needed to report what is missing."""

    specs: t.ClassVar[list[dict[str, t.Any]]] = []

    def __init__(self, argument_spec: dict[str, t.Any]) -> None:
        self.specs.append(argument_spec)

    def fail_json(self, **result: t.Any) -> t.NoReturn:
        raise FailedTaskError(result)


def test_a_task_says_that_amazon_aws_is_missing_and_not_that_its_options_are_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aws_options, "_AMAZON_AWS_ERROR", "ModuleNotFoundError: No module named '...amazon.aws'")
    monkeypatch.setattr(aws_options, "AnsibleModule", PlainModule)
    with pytest.raises(FailedTaskError, match="ansible-galaxy collection install amazon.aws"):
        aws_options.create_aws_module({"state": {"type": "str"}})
    [spec] = PlainModule.specs
    assert spec["state"] == {"type": "str"}
    assert all(spec[name]["no_log"] for name in ("access_key", "secret_key", "session_token", "profile"))


class SigningInModule(PlainModule):
    """A module of amazon.aws whose profile names a program that does not exist."""

    params: t.ClassVar[dict[str, t.Any]] = {"wait_timeout": 1}

    def client(self, *_unused: t.Any, **_named: t.Any) -> t.NoReturn:
        raise FileNotFoundError(2, "No such file or directory", "/nowhere/tool")


def test_a_program_for_credentials_that_does_not_exist_is_named() -> None:
    module: t.Any = SigningInModule({})
    with pytest.raises(FailedTaskError, match=r"Cannot sign in to AWS: .*'/nowhere/tool'.*Check .*credential_process"):
        aws_options.aws_client(module, "route53")
