#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take a drill one task further. This is its documentation; it runs as an action on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: drill
short_description: Run one task of a drill of maintenance, lock, failover or failback
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Implements the role P(tidegate.failover.drill#role). It is private to this collection and may change at any time.
    Use the playbook C(tidegate.failover.drill).
  - It runs on the controller, and runs the other modules of this collection there. The role registers each result as
    C(drill_run), from which the next task reads what the drill has found.
extends_documentation_fragment:
  - tidegate.failover.attributes
attributes:
  check_mode:
    support: full
    details:
      - It writes only the record, and not even that in check mode. The tasks that rehearse need check mode.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Each drill leaves a record. Otherwise it changes nothing.
options:
  do:
    description:
      - The action. V(begin) checks whether the drill may begin. V(rehearse_fronts) checks the fronts, and
        V(rehearse_gates) evaluates the gates of a failback. V(start) and V(end) run before and after a procedure, or a
        switch of the page. V(see_way_back) checks whether there is a lock of this drill to release, V(see_what_blocks)
        whether the drill has left a cool-down, and V(compare) whether the service is as before. V(finish) writes the
        record. V(sum_up) shows the summary, and fails if anything would stop a real procedure.
    type: str
    required: true
    choices:
      - begin
      - rehearse_fronts
      - rehearse_gates
      - start
      - end
      - see_way_back
      - see_what_blocks
      - compare
      - finish
      - sum_up
  found_in:
    description:
      - The name of the variable in which the task that checked all services is registered. Needed for V(begin).
    type: str
  of:
    description:
      - The part of the drill that a step belongs to. Needed for V(start) and V(end).
    type: str
  step:
    description:
      - The name of the step in the record. Needed for V(start).
    type: str
  failed:
    description:
      - Whether the tasks of the step have failed. The reason is read from C(ansible_failed_result).
    type: bool
    default: false
  way_back:
    description:
      - Whether the step restores something, so that its failure leaves the service changed.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Rehearse a failover
  ansible.builtin.include_role:
    name: tidegate.failover.drill
  vars:
    drill_of: failover
"""

RETURN = r"""
run:
  description: The present state of the drill.
  returned: always
  type: dict
  sample:
    id: 20261121T030405Z-3f9a1c2e
    of: [failover]
rehearse:
  description: The procedures to rehearse.
  returned: always
  type: list
  elements: str
  sample: [failover]
effects:
  description: The procedures to run with effect. Empty as soon as something would stop them, or has failed.
  returned: always
  type: list
  elements: str
  sample: []
way_back:
  description: Whether there is a lock of this drill to release.
  returned: always
  type: bool
  sample: false
acknowledge:
  description: Whether the drill has left a cool-down.
  returned: always
  type: bool
  sample: false
instead:
  description: The options of each procedure that the drill replaces.
  returned: when O(do=start)
  type: dict
  sample: {}
page_owner:
  description: Who holds the page that the drill puts up.
  returned: when O(do=start)
  type: str
  sample: drill:checkout
reason:
  description: Why the page is up.
  returned: when O(do=start)
  type: str
  sample: "drill 20261121T030405Z-3f9a1c2e: rehearsal"
record:
  description: The record, as RV(tidegate.failover.procedure_record#filter:_value) describes it.
  returned: when O(do=finish)
  type: dict
  sample:
    service: checkout
    status: completed
not_kept:
  description: Why the record could not be kept in its file; empty if it was.
  returned: when O(do=finish)
  type: str
  sample: ""
report_dir:
  description: The folder for the report; empty if none is made.
  returned: when O(do=finish)
  type: str
  sample: /var/lib/tidegate/reports
msg:
  description: The outcome of the drill, or why it may not begin.
  returned: when O(do=sum_up), or O(do=begin) failed
  type: str
  sample: "Drill of failover, without effect passed: 9 proven, 4 not proven."
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-DRILL
"""
