# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The error of control requests."""

from __future__ import annotations


class ControlError(ValueError):
    """A control request that the lab cannot use; the message names the reason. The sender gets a 400."""
