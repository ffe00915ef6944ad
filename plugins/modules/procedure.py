#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take a procedure one task further. This is its documentation; it runs as an action on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: procedure
short_description: Take a failover, a failback or an acknowledgement one task further
version_added: 0.1.0
author:
  - The Tidegate authors (@tidegate)
description:
  - What the role P(tidegate.failover.procedure#role) is made of. It is private to this collection and may change at any
    time. Use the roles P(tidegate.failover.failover#role), P(tidegate.failover.failback#role) and
    P(tidegate.failover.acknowledge#role).
  - It runs on the controller, and asks the other modules of this collection there. What a run has done travels in the
    variable C(procedure_run), as which the role registers every result.
extends_documentation_fragment:
  - tidegate.failover.attributes
attributes:
  check_mode:
    support: full
    details:
      - Every write that follows from the present state is predicted, and what would only be seen after it is planned.
  diff_mode:
    support: full
    details:
      - Shows what the modules show that it asks.
  idempotent:
    support: full
    details:
      - A procedure that finds things as asked writes nothing.
options:
  do:
    description:
      - What is to be done. V(share) looks which services have health checks in common, V(begin) sees whether the
        procedure may begin, V(prove) evaluates what has to pass before its first step, V(claim) locks the site if that
        is the first step, V(step) takes a step, V(complete) ends it, V(fail) notes that it ended early, V(undo) takes a
        step back, V(complete_undo) says whether all of them were, and V(finish) leaves the record. The others tell of
        files of the user's, between these.
    type: str
    required: true
    choices:
      - share
      - begin
      - prove
      - claim
      - step
      - end_step
      - begin_gate
      - end_gate
      - complete
      - fail
      - undo
      - end_undo
      - complete_undo
      - finish
  operation:
    description:
      - Which procedure begins.
    type: str
    choices: [failover, failback, acknowledge]
  number:
    description:
      - Which of the steps, gates or undos, from zero on.
    type: int
  failed:
    description:
      - Whether the user's tasks have failed that were run last. Why is in C(ansible_failed_result).
    type: bool
    default: false
  gates_ran:
    description:
      - Whether the user's tasks have been run that are gates of this step.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Fail over, which is what this is for
  ansible.builtin.include_role:
    name: tidegate.failover.failover
"""

RETURN = r"""
run:
  description: The run as it stands now.
  returned: always
  type: dict
  sample:
    operation: failover
    id: 20261121T030405Z-3f9a1c2e
tasks:
  description: The user's file that is to be run now; empty if there is none.
  returned: always
  type: str
  sample: /etc/ansible/promote.yml
users_gates:
  description: The names of the gates whose tasks are to be run now.
  returned: always
  type: list
  elements: str
  sample: []
steps:
  description: How many steps are taken.
  returned: always
  type: int
  sample: 4
undo:
  description: How many steps are to be undone.
  returned: always
  type: int
  sample: 0
record:
  description: The record, as RV(tidegate.failover.procedure_record#filter:_value) describes it.
  returned: when O(do=finish)
  type: dict
  sample:
    service: checkout
    status: completed
"""
