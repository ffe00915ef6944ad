#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Detect drift of all services of a play. This is its documentation; it runs as an action."""

from __future__ import annotations

DOCUMENTATION = r"""
module: drift
short_description: Detect drift of all services of a play, and repair what is named
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Implements the role P(tidegate.failover.drift#role). It is private to this collection and may change at any time.
    Use the role.
  - It runs on the controller, once for all services of the play, and reads health checks, fronts, alarms and resources
    of each account together. So the time grows only in proportion to the number of services.
  - Repairs use the same modules of this collection as a run, with all their checks.
extends_documentation_fragment:
  - tidegate.failover.attributes
attributes:
  check_mode:
    support: full
    details:
      - Reads as usual, and predicts the repairs.
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  do:
    description:
      - The action. V(watch) checks all services and repairs the drift that they name, V(print) prints all findings, and
        V(hand_out) returns the findings of this service, notifies the named receivers, and fails where this is
        configured.
    type: str
    required: true
    choices: [watch, print, hand_out]
  found_in:
    description:
      - The name of the variable in which the task with V(watch) is registered. It is a name and not a template, because
        Ansible would compile a template again for each service.
      - Needed if O(do=print) or O(do=hand_out).
    type: str
seealso:
  - module: tidegate.failover.status
  - module: tidegate.failover.failover_alarms
"""

EXAMPLES = r"""
- name: Detect drift
  ansible.builtin.include_role:
    name: tidegate.failover.drift
"""

RETURN = r"""
found:
  description: The folder where the findings are kept until the end of the run.
  returned: if O(do=watch)
  type: str
  sample: /tmp/ansible-local-4711/tidegate-1
msg:
  description:
    - With O(do=print), a line for each finding, for people. If the task runs for several hosts, only one host returns
      them.
    - With O(do=hand_out), the same lines of this service.
  returned: if O(do=print) or O(do=hand_out)
  type: raw
  sample: ["checkout: no drift."]
service:
  description: The service.
  returned: if O(do=hand_out)
  type: str
  sample: checkout
findings:
  description: What was found.
  returned: if O(do=hand_out)
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of the finding, which is a stable name. The README of the role lists all kinds.
      returned: always
      type: str
      sample: lock_opened
    object:
      description: The object that the finding is about.
      returned: always
      type: str
      sample: 233e180f-f023-45a3-954e-415303f21eab
    observed:
      description: What was observed.
      returned: always
      type: str
      sample: The health check is not locked; path '/lb-check', version 7.
    expected:
      description: What was expected.
      returned: always
      type: str
      sample: lock 20261121T030405Z-3f9a1c2e, which no run of this collection has released.
    next:
      description: What a person should do next.
      returned: always
      type: str
      sample: find out who unlocked it.
    repairable:
      description: Whether the role can repair it.
      returned: always
      type: bool
      sample: true
    repaired:
      description: Whether it was repaired, or would be in check mode.
      returned: always
      type: bool
      sample: false
    outcome:
      description: The result of the attempt to repair it. Empty if there was none.
      returned: always
      type: str
      sample: ''
notified:
  description: Who was notified, as the role P(tidegate.failover.notify#role) returns it.
  returned: if O(do=hand_out)
  type: list
  elements: dict
  sample: []
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-DRIFT
"""
