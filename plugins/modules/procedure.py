#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take a procedure one task further. This is its documentation; it runs as an action on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: procedure
short_description: Run one task of a failover, a failback or an acknowledgement
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - What the role P(tidegate.failover.procedure#role) is made of. It is private to this collection and may change at any
    time. Use the roles P(tidegate.failover.failover#role), P(tidegate.failover.failback#role) and
    P(tidegate.failover.acknowledge#role).
  - It runs on the controller, and runs the other modules of this collection there. The role registers each result as
    C(procedure_run), from which the next task reads what the run has done.
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
      - Returns the differences of the modules that it runs.
  idempotent:
    support: full
    details:
      - A procedure that finds the service in the requested state writes nothing.
options:
  do:
    description:
      - What is to be done. V(share) finds services that share health checks, V(begin) checks whether the
        procedure may begin, and locks the site if that is the first step. V(act) evaluates what has to pass before the
        first step, and takes steps until a file of the user's has to be run, or only observing steps are left,
        V(complete) takes what is left and ends the run, V(fail) notes that it ended early, V(undo) takes a step back,
        and V(finish) leaves the record once everything was undone that was to be; otherwise V(complete) and V(fail)
        leave it. V(sum_up) shows the summary, and fails if the run did not succeed. The others report on files of the
        user's, between these; V(end_step) goes on with V(act).
    type: str
    required: true
    choices:
      - share
      - begin
      - act
      - end_step
      - begin_gate
      - end_gate
      - complete
      - fail
      - undo
      - end_undo
      - finish
      - sum_up
  operation:
    description:
      - Which procedure begins. Needed for V(begin).
    type: str
    choices: [failover, failback, acknowledge]
  number:
    description:
      - Which of the gates in RV(users_gates), or of the steps that are undone, from 0 on. Needed for V(begin_gate),
        V(end_gate) and V(undo).
    type: int
  failed:
    description:
      - Whether the user's tasks that ran last have failed. The reason is read from C(ansible_failed_result).
    type: bool
    default: false
  gates_ran:
    description:
      - Whether the gates of the next step that are files of tasks have been run.
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
  description: The present state of the run.
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
pauses:
  description: How often at most the steps that are left pause, for a file of the user's to be run.
  returned: always
  type: int
  sample: 1
undo:
  description: How many steps are to be undone.
  returned: always
  type: int
  sample: 0
shared:
  description: By health check, the services that have it in common.
  returned: when O(do=share)
  type: dict
  sample: {}
runs_users_tasks_here:
  description: Whether files of the user's are left to be run, and the host is only a name, so that they run here.
  returned: always
  type: bool
  sample: true
reported:
  description: The last message.
  returned: when O(do=finish)
  type: str
  sample: "Failed over. The failed site is locked out by 20261121T030405Z-3f9a1c2e until a failback releases the lock."
not_kept:
  description: Why the record could not be kept in its file; empty if it was.
  returned: when O(do=finish)
  type: str
  sample: ""
ended_well:
  description: Whether the procedure was completed, or found nothing to do. If not, the role fails.
  returned: when O(do=finish)
  type: bool
  sample: true
report_dir:
  description: The folder for the report; empty if none is made.
  returned: when O(do=finish)
  type: str
  sample: /var/lib/tidegate/reports
relock:
  description: Whether the site failed during the soak after its failback, and is to be locked again.
  returned: when O(do=finish)
  type: bool
  sample: false
record:
  description: The record, as RV(tidegate.failover.procedure_record#filter:_value) describes it.
  returned: when O(do=finish)
  type: dict
  sample:
    service: checkout
    status: completed
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-LAST-SITE
"""
