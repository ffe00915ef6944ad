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
  - What the role P(tidegate.failover.drift#role) is made of. It is private to this collection and may change at any
    time. Use the role.
  - It runs on the controller, once for all services of the play, and reads health checks, fronts, alarms and resources
    of each account together. So the work grows with the number of services and no faster.
  - What is put back is put back by the modules of this collection that a run would use, with all their checks.
extends_documentation_fragment:
  - tidegate.failover.attributes
attributes:
  check_mode:
    support: full
    details:
      - Reads as always, and predicts what would be put back.
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  do:
    description:
      - What is to be done. V(watch) checks all services and repairs what they name, V(print) prints what was found,
        and V(hand_out) returns what was found of this service, notifies who is named, and fails where that is wanted.
    type: str
    required: true
    choices: [watch, print, hand_out]
  found_in:
    description:
      - The name of the variable in which the task with V(watch) is registered. A template in its place would be
        compiled again for each service.
      - Needed if O(do=print) or O(do=hand_out).
    type: str
seealso:
  - module: tidegate.failover.status
  - module: tidegate.failover.failover_alarms
"""

EXAMPLES = r"""
- name: See what has drifted
  ansible.builtin.include_role:
    name: tidegate.failover.drift
"""

RETURN = r"""
found:
  description: The folder where it is kept until the end of the run.
  returned: if O(do=watch)
  type: str
  sample: /tmp/ansible-local-4711/tidegate-1
msg:
  description:
    - With O(do=print), a line for each finding, for people. Of a task that runs for several hosts, one returns it.
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
      description: What it is, by a name that stays the same. The README of the role lists them.
      returned: always
      type: str
      sample: lock_opened
    object:
      description: What it is about.
      returned: always
      type: str
      sample: 233e180f-f023-45a3-954e-415303f21eab
    observed:
      description: What was seen.
      returned: always
      type: str
      sample: The health check is not locked; path '/lb-check', version 7.
    expected:
      description: What should have been seen.
      returned: always
      type: str
      sample: lock 20261121T030405Z-3f9a1c2e, which no run of this collection has released.
    next:
      description: What a person does next.
      returned: always
      type: str
      sample: find out who unlocked it.
    repairable:
      description: Whether the role can put it back.
      returned: always
      type: bool
      sample: true
    repaired:
      description: Whether it was put back, or would be in check mode.
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
