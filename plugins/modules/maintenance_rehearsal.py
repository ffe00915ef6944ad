#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rehearse a set-up on a spare listener. This is its documentation; it runs as an action on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: maintenance_rehearsal
short_description: Rehearse the set-up of the role maintenance_setup on a spare listener
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Implements the playbook C(tidegate.failover.setup). It is private to this collection and may change at any time. Use
    the playbook.
  - It reads the variables of the role P(tidegate.failover.maintenance_setup#role), and runs
    M(tidegate.failover.oci_maintenance_page) for the spare listener and its backend set,
    M(tidegate.failover.lb_maintenance_mode) for the page, and M(tidegate.failover.oci_maintenance_alarm) for an alarm
    that sends to the topic of the service. It makes requests to the spare listener in between.
  - All temporary objects are removed at the end, also after a failure. The next run finds leftovers of an aborted run
    by their names and tags, and removes them.
extends_documentation_fragment:
  - tidegate.failover.attributes
attributes:
  check_mode:
    support: full
    details:
      - Reports what would be rehearsed.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Leaves everything as it was.
options:
  do:
    description:
      - The action. V(check) checks the variables. V(clean) removes leftovers of an aborted rehearsal. V(rehearse) does
        so too, and then rehearses.
    type: str
    required: true
    choices: [check, clean, rehearse]
  topic_id:
    description:
      - The topic of the service's alarm.
    type: str
  steps:
    description:
      - The changes that were made before, for the summary.
    type: list
    elements: str
seealso:
  - module: tidegate.failover.oci_maintenance_page
  - module: tidegate.failover.oci_maintenance_alarm
  - module: tidegate.failover.lb_maintenance_mode
"""

EXAMPLES = r"""
- name: Set up the service, before the playbook tidegate.failover.setup rehearses it
  ansible.builtin.include_role:
    name: tidegate.failover.maintenance_setup
"""

RETURN = r"""
problem:
  description:
    - What was not proven, what was observed, and what to do. Empty if everything was proven.
    - A problem does not fail the task, because Ansible would then drop its stats.
  returned: if O(do=rehearse)
  type: str
  sample: The alarm did not put the page up within 840 s.
proven:
  description: What was proven, and how many seconds each took.
  returned: if O(do=rehearse)
  type: list
  elements: dict
  sample: [{what: the alarm puts the page up, seconds: 312.4}]
summary:
  description: What exists, what was proven and what to do next, for people.
  returned: if O(do=rehearse)
  type: list
  elements: str
  sample: ["Nothing had to be changed."]
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-ACCESS
"""
