# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the module ``aws_setup_info`` in a fork of the controller's process, where that comes to the same."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution


class ActionModule(DirectExecution):
    """The action of the module with this name."""
