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
  - Implements the role P(tidegate.failover.procedure#role). It is private to this collection and may change at any
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
      - Every write that follows from the present state is predicted. Steps that depend on the result of such a write
        are shown as planned.
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
      - The action. V(share) finds services that share health checks. V(begin) checks whether the procedure may begin,
        and locks the site if that is the first step. V(act) evaluates the gates that have to pass before the first
        step, and runs steps until a file of the user has to be run, or only observing steps remain. V(complete) runs
        the remaining steps and ends the run. V(fail) records that the run ended early. V(undo) undoes a step. V(finish)
        writes the record after the last step was undone; if no step is to be undone, V(complete) or V(fail) writes the
        record. V(sum_up) shows the summary, and fails if the run did not succeed. The other actions report the results
        of files of the user in between; V(end_step) then continues with V(act).
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
      - The number of the gate in RV(users_gates), or of the step that is undone, beginning with 0. Needed for
        V(begin_gate), V(end_gate) and V(undo).
    type: int
  failed:
    description:
      - Whether the last tasks of the user have failed. The reason is read from C(ansible_failed_result).
    type: bool
    default: false
  gates_ran:
    description:
      - Whether the gates of the next step that are files of tasks have been run.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Fail over
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
  description: The user's file that has to be run now. Empty if there is none.
  returned: always
  type: str
  sample: /etc/ansible/promote.yml
users_gates:
  description: The names of the gates whose tasks have to be run now.
  returned: always
  type: list
  elements: str
  sample: []
pauses:
  description: How often, at most, the remaining steps pause so that a file of the user can be run.
  returned: always
  type: int
  sample: 1
undo:
  description: How many steps have to be undone.
  returned: always
  type: int
  sample: 0
shared:
  description: For each health check that services share, these services.
  returned: when O(do=share)
  type: dict
  sample: {}
runs_users_tasks_here:
  description: Whether files of the user remain to be run, and the host is only a name, so that they run on the
    controller.
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
  description: Whether the site failed during the soak after its failback, and has to be locked again.
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
