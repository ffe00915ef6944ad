# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the attributes of modules."""

from __future__ import annotations


class ModuleDocFragment:
    """The attributes that modules share."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode, and reports what would change without changing it.
  diff_mode:
    description: Shows what has changed, or would change in check mode.
  idempotent:
    description: A second run with the same options finds nothing to change and writes nothing.
"""

    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module only reads.
  diff_mode:
    support: N/A
    details:
      - This module only reads.
  idempotent:
    support: full
    details:
      - This module only reads.
"""

    ACTION_GROUP_OCI = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/tidegate.failover.oci) in C(module_defaults) to set the options that sign in to OCI once.
    support: full
    membership:
      - tidegate.failover.oci
"""

    ACTION_GROUP_AWS = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/tidegate.failover.aws) in C(module_defaults) to set the options that sign in to AWS once.
    support: full
    membership:
      - tidegate.failover.aws
"""

    ACTION_GROUP_CLOUD_FOUNDRY = r"""
options: {}
attributes:
  action_group:
    description: >-
      Use C(group/tidegate.failover.cloud_foundry) in C(module_defaults) to set the options that sign in to Cloud
      Foundry once.
    support: full
    membership:
      - tidegate.failover.cloud_foundry
"""
