#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read how all services of a play stand. This is its documentation; it runs as an action on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: status
short_description: Read how all services of a play stand
version_added: 0.1.0
author:
  - The Tidegate authors (@tidegate)
description:
  - What the role P(tidegate.failover.status#role) is made of. It is private to this collection and may change at any time.
    Use the role.
  - It runs on the controller, once for all services of the play, and reads the health checks of each AWS account and the
    load balancers of each OCI account together. So the work grows with the number of services and no faster.
extends_documentation_fragment:
  - tidegate.failover.attributes
attributes:
  check_mode:
    support: full
    details:
      - Reads as always. A gate that might change something is not evaluated, and counts as one that does not pass.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Changes nothing.
options:
  found:
    description:
      - What an earlier task has read of this service. The task returns it as its own result, and fails if something could
        not be read. Without it, the task reads.
    type: dict
seealso:
  - module: tidegate.failover.r53_healthcheck_info
  - module: tidegate.failover.lb_maintenance_mode_info
"""

EXAMPLES = r"""
- name: Say how services stand
  ansible.builtin.include_role:
    name: tidegate.failover.status
"""

RETURN = r"""
services:
  description: How each service stands, by host. Of a task that ran for several hosts, each host but the first has its own.
  returned: if found is not given
  type: dict
  sample: {checkout: {service: checkout, serving: primary, lock: null, problems: []}}
table:
  description: A line for each service, for people. Empty for all hosts but the one that has read.
  returned: if found is not given
  type: list
  elements: str
  sample: [checkout  primary  page down  not locked]
"""
