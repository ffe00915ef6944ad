# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The permissions that the steps that move resources declare. The collection is imported as Ansible imports it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_REGISTRY = "ansible_collections.tidegate.failover.plugins.module_utils._procedure.registry"


def permissions_of_steps() -> Mapping[str, tuple[str, ...]]:
    """The IAM actions by the name of the step."""
    for place in (".cache/collections", ".cache/clone"):
        sys.path.append(str(_ROOT / place))
    built_in = importlib.import_module(_REGISTRY).BUILT_IN
    return {name: step.permissions for name, step in built_in.items() if step.permissions}
