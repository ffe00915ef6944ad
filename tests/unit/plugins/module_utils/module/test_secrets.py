# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Passwords in the middle of options are known to Ansible before it could show them."""

from __future__ import annotations

import pytest
from ansible.module_utils import basic
from ansible_collections.tidegate.failover.plugins.module_utils._module.secrets import DiscreetModule


def test_i12_passwords_in_addresses_are_known_before_options_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"gates": [{"http": {"url": "https://app:hunter2@host.example.com/"}}], "wrong": None}
    monkeypatch.setattr(basic, "_load_params", lambda: given)
    module = object.__new__(DiscreetModule)
    module.no_log_values = set()
    module._load_params()
    assert module.no_log_values == {"hunter2"}
