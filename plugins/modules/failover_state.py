#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Report whether a failover or failback of a service may begin, and store what its runs did last."""

from __future__ import annotations

DOCUMENTATION = r"""
module: failover_state
short_description: Report whether a failover or failback of a service may begin, and store what its runs did last
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - The health check of a service's primary site prevents two runs at the same time. A run claims the service by a lock
    with the run's id, which M(tidegate.failover.r53_healthcheck_lock) places. Only one run can place such a lock.
  - Each run keeps its state in a tag of that health check, whose key is C(tidegate-failover-) and the id of the run.
    Only the run that holds the claim writes its tag, and it removes the tags of earlier runs. Because each run has its
    own tag, a late write, after another run has taken over, overwrites nothing. A phase counts only in the tag of the
    run that holds the lock. For times, the latest one of all tags counts.
  - After each write the module reads the claim again. If the run has lost the claim, the task fails.
  - Without O(phase) this module only reads, and reports whether O(operation) may begin, and which lock the operation
    then has to replace. With O(phase) it writes the tag.
  - The roles of this collection use it. Use it yourself before an action that cannot be undone, or to stop your own
    automation during a failover.
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.action_group_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    support: full
    details:
      - A phase is predicted as if O(run_id) held the claim, because in check mode nobody has placed its lock.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - Times that are written with a phase are those of the run.
options:
  health_check_id:
    description:
      - The health check of the primary site, the first one of the service. It must have a path, of at most about 190
        characters, because the claim is kept in the path.
      - This or O(targets) is required.
    type: str
  operation:
    description:
      - The operation that is to begin. V(none) only reads.
      - V(failover) and V(failback) may not begin while another run holds the service, even if that run was aborted.
      - V(acknowledge) may always begin. It takes over the lock, even the lock of an aborted run. Only a person can know
        that a run was aborted.
      - With O(phase), the operation that reached the phase. V(failover) and V(acknowledge) also write their time.
    type: str
    default: none
    choices: [none, failover, failback, acknowledge]
  run_id:
    description:
      - The id of the run, which is also the id of its lock, as in V(20261121T030405Z-3f9a1c2e).
    type: str
  trigger:
    description:
      - Who begins the run. An V(automatic) run is refused if O(automatic_allowed) is false, while automation is
        suppressed (O(suppress)), within O(cooldown) of the last failover unless somebody has acknowledged that
        failover, after a failover that did not succeed, and if the state cannot be understood.
    type: str
    default: manual
    choices: [manual, automatic]
  automatic_allowed:
    description:
      - The kill switch. With V(false), no automatic run begins.
    type: bool
    default: true
  cooldown:
    description:
      - The cool-down. For this many seconds after a failover, the next failover does not begin automatically, so that a
        service does not move back and forth. V(0) switches this off.
    type: int
    default: 3600
  phase:
    description:
      - The phase to write. Writing requires the claim, except for an acknowledgement of a service that is not locked,
        and for V(serving) with O(operation=failback), which is the end of a failback.
      - V(releasing) is the phase of a failback that unlocks the site and still has steps to run, such as removing the
        page.
    type: str
    choices: [running, failing_back, failed_over, interrupted, undone, releasing, serving]
  suppress:
    description:
      - With O(phase), the number of seconds from now during which automatic runs are suppressed. V(0) ends the
        suppression.
    type: int
  by:
    description:
      - With O(phase), who carries the run out, such as the host and the process id V(ctl1.example.com/4711), or the job
        of AWX. It is kept with the time while the run is under way, so that a person can find out whether that run was
        aborted. If empty, nothing is kept.
      - Characters that AWS does not allow in tags become underscores. At most 64 characters are kept; the end of a
        longer host name is cut off.
    type: str
    default: ''
  service:
    description:
      - The name of the service in the inventory. A refusal prints the command that acknowledges an aborted run, with
        this name as its C(--limit). Leave it empty if the service is not in an inventory. Then the command names the
        health check.
    type: str
    default: ''
  inventory:
    description:
      - Where the inventory is, as C(ansible-playbook -i) takes it. The command in a refusal contains it, so that it can
        be run unchanged. Without O(service) this option has no effect.
    type: list
    elements: str
    default: []
  found:
    description:
      - With O(phase), the RV(found) of the task that allowed the operation, for a run that has placed its claim since
        then. The module then reads nothing before or after it writes the phase, and returns only RV(state) and RV(msg).
    type: dict
  targets:
    description:
      - Many services at once, in place of one. Health checks and tags are read together for all of them, and each has
        its own outcome in RV(targets). A target that fails does not stop the others. The task fails if any target
        failed.
    type: list
    elements: dict
    suboptions:
      health_check_id:
        description:
          - As O(health_check_id).
        type: str
        required: true
      operation:
        description:
          - As O(operation).
        type: str
        default: none
        choices: [none, failover, failback, acknowledge]
      run_id:
        description:
          - As O(run_id).
        type: str
      trigger:
        description:
          - As O(trigger).
        type: str
        default: manual
        choices: [manual, automatic]
      automatic_allowed:
        description:
          - As O(automatic_allowed).
        type: bool
        default: true
      cooldown:
        description:
          - As O(cooldown).
        type: int
        default: 3600
      phase:
        description:
          - As O(phase).
        type: str
        choices: [running, failing_back, failed_over, interrupted, undone, releasing, serving]
      suppress:
        description:
          - As O(suppress).
        type: int
      by:
        description:
          - As O(by).
        type: str
        default: ''
      service:
        description:
          - As O(service).
        type: str
        default: ''
      inventory:
        description:
          - As O(inventory).
        type: list
        elements: str
        default: []
      found:
        description:
          - As O(found).
        type: dict
  lock_path:
    description:
      - As in M(tidegate.failover.r53_healthcheck_lock), to recognise locks that another tool has placed.
    type: str
    default: /lb-check-failed-over
  wait_timeout:
    description:
      - Seconds that the task may take in all, for throttling and temporary failures.
    type: int
    default: 60
notes:
  - The credentials need C(route53:GetHealthCheck), C(route53:ListTagsForResources) and
    C(route53:ListTagsForResource), and C(route53:ChangeTagsForResource) to write.
seealso:
  - module: tidegate.failover.r53_healthcheck_lock
"""

EXAMPLES = r"""
- name: Check which of two services an alarm may fail over
  tidegate.failover.failover_state:
    targets:
      - health_check_id: 233e180f-f023-45a3-954e-415303f21eab
        operation: failover
        trigger: automatic
      - health_check_id: 7f000001-0000-4000-8000-000000000002
        operation: failover
        trigger: automatic
  register: states

- name: Check whether an alarm may fail the service over
  tidegate.failover.failover_state:
    health_check_id: 233e180f-f023-45a3-954e-415303f21eab
    operation: failover
    trigger: automatic
  register: state

- name: Fail unless this run still holds the service, before a promotion
  tidegate.failover.failover_state:
    health_check_id: 233e180f-f023-45a3-954e-415303f21eab
    run_id: 20261121T030405Z-3f9a1c2e
  register: state
  failed_when: not state.holds_claim
"""

RETURN = r"""
health_check_id:
  description: The health check.
  returned: without O(targets)
  type: str
  sample: 233e180f-f023-45a3-954e-415303f21eab
targets:
  description:
    - The result of each target, in the order given, with all values that a task for this target alone returns.
  returned: with O(targets)
  type: list
  elements: dict
  contains:
    health_check_id:
      description: The health check.
      returned: always
      type: str
      sample: 233e180f-f023-45a3-954e-415303f21eab
    failed:
      description: Whether it failed. RV(targets[].msg) gives the reason.
      returned: always
      type: bool
      sample: false
    msg:
      description: As RV(msg).
      returned: always
      type: str
      sample: No lock is there yet.
    no_answer:
      description: Whether it failed because Route 53 did not answer in time, and not because of an answer.
      returned: when it failed
      type: bool
      sample: false
msg:
  description: Why the operation may or may not begin, and what to do. Empty without an operation.
  returned: always
  type: str
  sample: No lock is there yet.
allowed:
  description: Whether the operation may begin. V(null) where none was given.
  returned: without O(phase)
  type: bool
  sample: true
already:
  description: Whether there is nothing to do, because the service is already failed over, or not locked.
  returned: without O(phase)
  type: bool
  sample: false
replaces:
  description: The lock that the operation has to replace. V(null) if there is none, or it is O(run_id)'s own.
  returned: without O(phase)
  type: str
  sample: 20261121T020304Z-00c0ffee
next_phase:
  description: The phase to write when the run holds the claim.
  returned: without O(phase)
  type: str
  sample: running
refusal_code:
  description: Where the operation may not begin, the code of the reason; see RV(error_code). Otherwise null.
  returned: without O(phase)
  type: str
  sample: TG-HELD-BY-ANOTHER
lock:
  description: The lock of the health check, as RV(tidegate.failover.r53_healthcheck_lock#module:health_checks[].lock).
  returned: success
  type: dict
  sample:
    id: 20261121T030405Z-3f9a1c2e
    method: path
    placed_by: tidegate
    original_path: /lb-check
    original_path_known: true
    recovery_copies: []
    since: '2026-11-21T03:04:05Z'
    owner: operator:alice
    reason: CHG-1234 data center down
claim:
  description:
    - Who holds the lock. V(open) if there is no lock, V(under way) if the run of the lock goes on or was aborted,
      V(settled) if that run has ended, V(foreign) if another tool placed a lock without an id, V(unknown) if the state
      does not belong to that lock.
  returned: success
  type: str
  sample: settled
time:
  description: The time of AWS, from its answers. All durations are counted by this clock.
  returned: success
  type: str
  sample: '2026-11-21T03:04:41Z'
clock_problem:
  description:
    - By how much the clock of the machine that runs the module is wrong, and what to do. Empty if it is wrong by at
      most a minute. No failback may begin while the clock is wrong, because the age of evidence could not be checked.
  returned: success
  type: str
  sample: ''
found:
  description: The tags that contain the state, to be given as O(found).
  returned: success
  type: dict
  sample: {}
holds_claim:
  description: Whether the lock belongs to O(run_id).
  returned: success
  type: bool
  sample: false
state:
  description: The state in the tags. V(null) if there is no such tag, or a tag cannot be understood.
  returned: success
  type: dict
  contains:
    run:
      description: The run that wrote it.
      returned: always
      type: str
      sample: 20261121T030405Z-3f9a1c2e
    phase:
      description: The phase that the run has reached.
      returned: always
      type: str
      sample: failed_over
    failed_over_at:
      description: When the service was failed over last.
      returned: always
      type: str
      sample: '2026-11-21T03:04:41Z'
    acknowledged_at:
      description: When somebody last acknowledged a failover.
      returned: always
      type: str
      sample: null
    suppressed_until:
      description: No automatic run begins before this time.
      returned: always
      type: str
      sample: null
    by:
      description: Who carries the run out, as O(by) gave it. V(null) if that is not known, or the run has ended.
      returned: always
      type: str
      sample: ctl1.example.com/4711
    began_at:
      description: When the run began. V(null) where RV(state.by) is V(null).
      returned: always
      type: str
      sample: '2026-11-21T03:04:06Z'
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
    - Each target that failed has its own, and that of the task is the first of them.
  returned: failure
  type: str
  sample: TG-CLAIM-LOST
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.failover_state import create_module, run


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
