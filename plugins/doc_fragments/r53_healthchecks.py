# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the options that name Route 53 health checks."""

from __future__ import annotations


class ModuleDocFragment:
    """The counterpart of ``selection_argument_spec()`` in ``module_utils/_module/health_check_options.py``."""

    DOCUMENTATION = r"""
options:
  health_check_ids:
    description:
      - The ids of the health checks. If one does not exist, the task fails.
      - Only one of O(health_check_ids), O(health_check_names) and O(health_check_tags) can be used.
    type: list
    elements: str
  health_check_names:
    description:
      - The C(Name) tags of the health checks. Exactly one health check must have each name.
    type: list
    elements: str
  health_check_tags:
    description:
      - Tags with their values. Every health check that has all of these tags is used. If there is none, the task fails.
    type: dict
  lock_path:
    description:
      - The path that is pinned, without a query. The endpoint must not have it. The module recognises locks of this
        collection with any path. If another tool has pinned a path without a query, the module recognises only this
        path and the default one.
    type: str
    default: /lb-check-failed-over
"""
