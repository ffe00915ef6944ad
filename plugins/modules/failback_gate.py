#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Evaluate the gates that have to pass before traffic returns to a failed site."""

from __future__ import annotations

DOCUMENTATION = r"""
module: failback_gate
short_description: Evaluate the gates of a failback, and return the evidence that unlocking needs
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Evaluates gates in parallel. Each gate is one check that has to pass before failback. The module returns their
    results as evidence, which M(tidegate.failover.r53_healthcheck_lock) requires for unlocking.
  - Gates fail closed. With an error, a timeout, an answer without a result or a missing library, a gate fails and
    reports a remedy.
  - A gate is evaluated every C(interval) seconds until it has passed C(consecutive) times in a row, or until its
    C(timeout) is over. With a local connection, the task shows what it is waiting for.
  - If all gates pass, those that passed more than a minute before the last one are evaluated once more, so that all
    evidence is from the same time.
  - The module changes nothing, unless your own commands or tasks do, or a gate of kind C(infinispan) is set to begin
    transfers.
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.gates
attributes:
  check_mode:
    support: full
    details:
      - Gates that might change something are not evaluated in check mode. These are gates of kind C(command) and
        C(tasks) that are not declared to be read-only, and those of kind C(infinispan) that begin transfers. They count
        as not passed, but do not fail the task.
  diff_mode:
    support: N/A
    details:
      - The module changes nothing, so there is no difference to show.
  idempotent:
    support: full
    details:
      - What gates observe may differ from run to run. If O(earlier_evidence) contains a transfer that a gate of kind
        C(infinispan) began, the gate does not begin it again.
options:
  lock_ids:
    description:
      - The ids of the locks that the evidence is for, which M(tidegate.failover.r53_healthcheck_info) reports. The
        evidence is valid for these locks only. Without lock ids, it is valid for no lock.
    type: list
    elements: str
    default: []
  requester:
    description:
      - Who requests the failback. A gate of kind C(attestation) fails if this is the approver, or if neither this
        option nor the gate names a requester.
    type: str
  task_results:
    description:
      - Results of the gates of kind C(tasks), which no module can run.
      - The role C(failback) fills this in.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - The name of the gate.
        type: str
        required: true
      passed:
        description:
          - Whether it has passed.
        type: bool
        required: true
      observed:
        description:
          - What was observed, in one line and without secrets.
        type: str
        required: true
      remedy:
        description:
          - What to do about it, if it has not passed.
        type: str
        default: ''
      from:
        description:
          - When its tasks began, as in RFC 3339 with a zone.
        type: str
        required: true
      to:
        description:
          - When they ended, likewise.
        type: str
        required: true
  earlier_evidence:
    description:
      - The evidence of an earlier evaluation in the same run, if there was one. For example, the gates on data are
        evaluated again after the writes have stopped.
      - A gate with the same definition that passed for the same locks, at most 15 minutes ago, may use its earlier
        result. Gates of kind C(infinispan) do so, because a later probe cannot find out when a transfer was made. All
        other gates are evaluated again.
    type: dict
  fail:
    description:
      - Whether the task fails if a gate has failed. The result is the same either way.
      - With V(false), check RV(passed), or give the evidence to M(tidegate.failover.r53_healthcheck_lock), which
        refuses evidence of gates that have not passed.
    type: bool
    default: true
  progress_path:
    description:
      - A file for progress lines. The module adds a line when a gate begins to wait for something else, and every 30
        seconds while a gate waits for the same.
      - Not needed with a local connection, where the task shows these lines itself.
    type: path
seealso:
  - module: tidegate.failover.r53_healthcheck_lock
  - module: tidegate.failover.r53_healthcheck_info
"""

EXAMPLES = r"""
- name: Read the lock of the site that is to come back
  tidegate.failover.r53_healthcheck_info:
    health_check_ids: [233e180f-f023-45a3-954e-415303f21eab]
  register: primary

- name: Evaluate the gates of the primary site
  tidegate.failover.failback_gate:
    lock_ids: "{{ primary.health_checks | map(attribute='lock.id') }}"
    requester: bob
    gates:
      - name: primary answers its health check
        http:
          url: https://primary.checkout.example.com/lb-check
          contains: UP
          consecutive: 3
          interval: 1
      - name: users are at the backup site
        dns:
          name: checkout.example.com
          answers: [198.51.100.7]
          servers: [192.0.2.53]
      - name: the site was away for a while, and did not just flap
        hold_down:
          minimum: 900
      - name: people are at work
        window:
          hours: ["00:00-24:00"]
          weekdays: [mon, tue, wed, thu, fri, sat, sun]
          time_zone: Europe/Berlin
      - name: on-call agrees
        attestation:
          by: alice
          statement: CHG-1234
  register: proven

- name: Unlock this lock with the evidence
  tidegate.failover.r53_healthcheck_lock:
    state: unlocked
    health_check_ids: [233e180f-f023-45a3-954e-415303f21eab]
    lock_id: "{{ primary.health_checks[0].lock.id }}"
    required_gates: "{{ proven.required_gates }}"
    evidence: "{{ proven.evidence }}"

- name: Evaluate the gates without failing
  tidegate.failover.failback_gate:
    fail: false
    gates:
      - name: orders are in both places
        command:
          argv: [/usr/local/bin/compare-orders, --site, primary]
          environment:
            ORDERS_PASSWORD: "{{ orders_password }}"
          read_only: true
          timeout: 5
  register: state

- name: Show what to do
  ansible.builtin.debug:
    msg: "{{ state.evidence.gates | rejectattr('passed') | map(attribute='remedy') }}"
"""

RETURN = r"""
msg:
  description: How many gates passed. For each failed gate, what was observed, what was expected and what to do.
  returned: always
  type: str
  sample: 1 of 1 gates passed.
passed:
  description: Whether all gates have passed. A gate that was not evaluated has not passed.
  returned: always
  type: bool
  sample: true
failed_gates:
  description: The names of the gates that failed.
  returned: when the gates could be evaluated
  type: list
  elements: str
  sample: []
required_gates:
  description: Every gate with the digest of its definition, as M(tidegate.failover.r53_healthcheck_lock) takes them.
  returned: when the gates could be evaluated
  type: list
  elements: dict
  sample:
    - name: primary answers
      digest: sha256:6b0d56574a8fbafb7c9b6592320ddd848e44a8e33b499e41ad1209d0e0b67e44
evidence:
  description: What was observed, as M(tidegate.failover.r53_healthcheck_lock) takes it.
  returned: when the gates could be evaluated
  type: dict
  contains:
    lock_ids:
      description: The ids of the locks that the evidence is for.
      returned: always
      type: list
      elements: str
      sample: [20261121T030405Z-3f9a1c2e]
    date:
      description: When the evidence was put together.
      returned: always
      type: str
      sample: '2026-11-21T04:10:11Z'
    gates:
      description: The result of every gate, in the order given.
      returned: always
      type: list
      elements: dict
      contains:
        name:
          description: The name of the gate.
          returned: always
          type: str
          sample: primary answers
        kind:
          description: Its kind.
          returned: always
          type: str
          sample: tcp
        digest:
          description:
            - The digest of its definition. Secrets in the definition cannot be recovered from it.
            - Credentials that change by themselves, such as session tokens, are not part of the digest.
          returned: always
          type: str
          sample: sha256:6b0d56574a8fbafb7c9b6592320ddd848e44a8e33b499e41ad1209d0e0b67e44
        evaluated:
          description: Whether it was evaluated. V(false) only in check mode.
          returned: always
          type: bool
          sample: true
        passed:
          description: Whether it has passed.
          returned: always
          type: bool
          sample: true
        observed:
          description: The last observation.
          returned: always
          type: str
          sample: it accepts connections, 3 of 3 times in a row
        expected:
          description: What was expected.
          returned: always
          type: str
          sample: a connection to primary.checkout.example.com port 443
        remedy:
          description: What to do about it. Empty if it has passed.
          returned: always
          type: str
          sample: ''
        from:
          description: When the gate was first evaluated.
          returned: always
          type: str
          sample: '2026-11-21T04:10:01Z'
        to:
          description: When its evaluation ended.
          returned: always
          type: str
          sample: '2026-11-21T04:10:11Z'
        measured:
          description:
            - What the last probe measured, as numbers. Empty for kinds that measure nothing.
            - C(lag_bytes), of gates of kind C(postgresql), is how many bytes the source has written and the replica has
              not yet replayed. C(lag_seconds), of gates of kind C(postgresql) and C(rds_replica_lag), is the
              replication lag in seconds.
            - A figure that is not known is V(null), for example if a replica does not replicate.
          returned: always
          type: dict
          sample: {lag_bytes: 0, lag_seconds: 0.0}
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-GATES
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.failback_gate import create_module, run


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
