# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The options of notifications have defaults, and their problems are reported without the value."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.tidegate.failover.plugins.module_utils._notify.options import OPTIONS, Options, options_from
from ansible_collections.tidegate.failover.plugins.module_utils._notify.receivers import Unreadable

from tools.steps import ROOT


@pytest.mark.parametrize("nothing", [None, ""])
def test_what_is_not_given_has_its_default(nothing: object) -> None:
    assert options_from(dict.fromkeys(OPTIONS, nothing)) == Options()


def test_what_is_given_is_read() -> None:
    given = {"title": 5, "timeout": "7", "retries": 0, "aws_auth": {"region": "us-east-1"}}
    assert options_from(given) == Options(title="5", timeout=7, retries=0, aws_auth={"region": "us-east-1"})


@pytest.mark.parametrize(
    ("name", "value", "reported"),
    [
        ("timeout", 0, "notify_timeout: it is no whole number from 1 on."),
        ("timeout", True, "notify_timeout: it is no whole number from 1 on."),
        ("retries", "canary", "notify_retries: it is no whole number from 0 on."),
        ("delay", -1, "notify_delay: it is no whole number from 0 on."),
        ("aws_auth", "canary", "notify_aws_auth: it is no dictionary of options."),
        ("oci_auth", ["canary"], "notify_oci_auth: it is no dictionary of options."),
        ("title", ["canary"], "notify_title: it is no text."),
        ("text", Unreadable("", "'nobody' is undefined"), "notify_text: 'nobody' is undefined."),
    ],
)
def test_i12_what_is_wrong_is_reported_without_the_value(name: str, value: object, reported: str) -> None:
    assert options_from({name: value}) == Options(problems={name: reported})


def test_the_defaults_are_those_of_the_role() -> None:
    defaults = yaml.safe_load((ROOT / "roles/notify/defaults/main.yml").read_text(encoding="utf-8"))
    numbers = {name: defaults[f"notify_{name}"] for name in ("timeout", "retries", "delay")}
    assert options_from(numbers) == Options()
