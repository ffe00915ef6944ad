#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check services for blockers of a failover. This is its documentation; it runs as an action."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Check all services of a play for blockers of a failover or a failback
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Implements the playbook C(tidegate.failover.preflight). It is private to this collection and may change at any time.
    Use the playbook.
  - It runs on the controller, once for all services of the play. It checks their variables and files. For each account
    it runs M(tidegate.failover.failover_preflight), and the modules of the fronts, such as
    M(tidegate.failover.lb_maintenance_mode), in check mode. It checks the other sites in parallel. So the time grows
    only in proportion to the number of services.
extends_documentation_fragment:
  - tidegate.failover.attributes
attributes:
  check_mode:
    support: full
    details:
      - Changes nothing. The task with O(do=look) needs check mode, so that pages are predicted.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Changes nothing.
options:
  do:
    description:
      - The action. V(look) checks all services, and V(hand_out) prints the findings of this service, and fails if there
        are blockers.
    type: str
    required: true
    choices: [look, hand_out]
  found_in:
    description:
      - The name of the variable in which the task with V(look) is registered. It is a name and not a template, because
        Ansible would compile a template again for each service.
      - Needed if O(do=hand_out).
    type: str
seealso:
  - module: tidegate.failover.failover_preflight
  - module: tidegate.failover.lb_maintenance_mode
"""

EXAMPLES = r"""
- name: Check whether the services of this play are ready
  ansible.builtin.include_role:
    name: tidegate.failover.failover
    tasks_from: preflight
"""

RETURN = r"""
found:
  description: The folder where the findings are kept until the end of the run.
  returned: if O(do=look)
  type: str
  sample: /tmp/ansible-local-4711/tidegate-1
msg:
  description: Whether the service is ready, its blockers, and what a failover would do; each on a line of its own.
  returned: if O(do=hand_out)
  type: str
  sample: "READY.\nA failover takes these steps: lock, wait, notify. It promotes nothing."
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-PREFLIGHT
"""
