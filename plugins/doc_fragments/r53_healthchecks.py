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
      - The ids of the health checks. One that does not exist is an error.
      - Only one of O(health_check_ids), O(health_check_names) and O(health_check_tags) can be used.
    type: list
    elements: str
  health_check_names:
    description:
      - The C(Name) tags of the health checks. A name that none or more than one has is an error.
    type: list
    elements: str
  health_check_tags:
    description:
      - Every health check that has all of these tags, with these values. None at all is an error.
    type: dict
  lock_path:
    description:
      - The path that is pinned, without a query. The endpoint must not have it. Locks of this collection are recognised
        whatever their path is; this one, and the default, also where something else has pinned them bare.
    type: str
    default: /lb-check-failed-over
"""
