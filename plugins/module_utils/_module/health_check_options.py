# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The options with which ``r53_healthcheck_lock`` and its info module name health checks."""

from __future__ import annotations

import typing as t

#: The ways to name health checks. A task uses one of them.
SELECTION = ("health_check_ids", "health_check_names", "health_check_tags")


def selection_argument_spec() -> dict[str, t.Any]:
    """The argument spec of the options that name health checks."""
    return {
        "health_check_ids": {"type": "list", "elements": "str"},
        "health_check_names": {"type": "list", "elements": "str"},
        "health_check_tags": {"type": "dict"},
    }
