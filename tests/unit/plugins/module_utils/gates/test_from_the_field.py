# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The outcome of gates for published configurations, for cases that are not solved yet."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._gates import infinispan
from ansible_collections.tidegate.failover.plugins.module_utils._gates.infinispan import KIND

from .gates import seen_by
from .test_infinispan import GIVEN, Clusters


def test_infinispan_before_15_is_reported_to_be_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    clusters = Clusters()
    clusters.answers = {key: answer for key, answer in clusters.answers.items() if "/container" not in key[1]}
    monkeypatch.setattr(infinispan, "fetch", clusters.fetch)
    assert "Infinispan 15" in str(seen_by(KIND, **GIVEN).remedy)
