#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lock a failed site by its ARC routing controls, and unlock it with evidence."""

from __future__ import annotations

DOCUMENTATION = r"""
module: routing_control_lock
short_description: Lock a failed site by its ARC routing controls, and unlock it with evidence
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Turns off the routing controls of a site in Amazon Application Recovery Controller (ARC). Route 53 health checks of
    the type C(RECOVERY_CONTROL) follow them, so DNS leads no users to the site until somebody turns them on again.
  - Only the Regional endpoints of the cluster are needed. The module tries them one after the other in random order,
    for 2 seconds to connect and 5 to answer, and then once more. So it can lock a site even while the control plane of
    Route 53 in us-east-1 does not answer, on which M(tidegate.failover.r53_healthcheck_lock) depends.
  - The module does not turn off the last routing control of a service that is on without O(override). It counts the
    routing controls that a target names, and reads them before and after it writes. Also create a safety
    rule which asserts that one of them is on. ARC checks the rule together with the change, which no client can do.
  - A lock is never released by itself. Unlocking requires evidence, as with M(tidegate.failover.r53_healthcheck_lock).
    This protects from accidents, not from people who may change routing controls and act with intent.
  - A routing control has no version, and no place for an id or an owner. So writes are not compare-and-set. The module
    reads, writes and reads back. The lock of a routing control always has the same id, see O(lock_id).
  - It calls C(route53-recovery-cluster:GetRoutingControlState) and
    C(route53-recovery-cluster:UpdateRoutingControlStates). Where only O(targets[].cluster_arn) is given, also
    C(route53-recovery-control-config:DescribeCluster).
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
      - Safety rules are not evaluated in check mode, because ARC has no call for that.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  state:
    description:
      - V(locked) turns off the routing controls of the site.
      - V(unlocked) turns them on again.
    type: str
    required: true
    choices: [locked, unlocked]
  targets:
    description:
      - The services. Each has its own outcome in RV(targets). A target that fails or is refused does not stop the
        others. The task fails if any target failed.
      - The module takes the targets in order. It judges each one by the states after the earlier ones.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The name of the target in messages. The default is the ARNs of its routing controls.
        type: str
      routing_control_arns:
        description:
          - The routing controls of the site that is locked or unlocked.
        type: list
        elements: str
        required: true
      other_routing_control_arns:
        description:
          - The routing controls of the service's other sites. The module only reads them. With O(state=locked), at
            least one of them must be on, or one of O(targets[].standby_routing_control_arns).
        type: list
        elements: str
        default: []
      standby_routing_control_arns:
        description:
          - Routing controls of other sites that are on only while this site is locked. The call that turns off the
            routing controls of this site turns these on. The call that turns the site on again turns these off.
          - Do not name a routing control here that somebody may turn off to lock its site. The module would turn it on
            without evidence.
        type: list
        elements: str
        default: []
      cluster_endpoints:
        description:
          - The Regional endpoints of the cluster, as C(aws route53-recovery-control-config describe-cluster --region
            us-west-2) lists them. Name all five.
        type: list
        elements: dict
        default: []
        suboptions:
          endpoint:
            description:
              - Its address.
            type: str
            required: true
          region:
            description:
              - Its Region.
            type: str
            required: true
      cluster_arn:
        description:
          - The cluster, where O(targets[].cluster_endpoints) is not given. The module then reads its endpoints from the
            control plane in us-west-2, which may not answer when it is needed. So use this option for tests only.
        type: str
  lock_id:
    description:
      - With O(state=unlocked), the lock that the evidence must be for.
      - The default is the id of the routing control, C(routing-control-) with 16 hexadecimal digits that are derived
        from its ARN, see RV(targets[].lock_ids). The id is the same whenever the routing control is off. So evidence
        for an earlier lock of the same routing control is accepted until it is older than O(max_evidence_age).
      - Where a run has also placed a lock with M(tidegate.failover.r53_healthcheck_lock), give the id of that lock,
        which belongs to that run only. The roles do that.
    type: str
  required_gates:
    description:
      - With O(state=unlocked), the gates that must have passed.
      - Without any gates, unlocking always requires an O(override) with a reason.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - The name of the gate.
        type: str
        required: true
      digest:
        description:
          - The digest of the gate's definition. A result of a gate with another definition does not count.
        type: str
        required: true
  evidence:
    description:
      - What the gates observed, as M(tidegate.failover.failback_gate) returns it.
      - Evidence is refused where the clock of the machine that runs the module differs by more than a minute from that
        of AWS.
    type: dict
  max_evidence_age:
    description:
      - Maximum age in seconds of the evidence as a whole, and of each result in it.
    type: int
    default: 300
  override:
    description:
      - A decision to lock or unlock anyway, with a reason. The task prints it as a warning.
    type: dict
    suboptions:
      checks:
        description:
          - With O(state=locked), V(last serving site). The module turns the routing controls off even if no routing
            control of another site is on.
        type: list
        elements: str
        choices: [last serving site]
        default: []
      gates:
        description:
          - With O(state=unlocked), the name of each gate that is skipped. All have to be names of O(required_gates).
            Empty only where no gates are required.
        type: list
        elements: str
        default: []
      safety_rules:
        description:
          - The ARNs of ARC's safety rules that are overridden.
        type: list
        elements: str
        default: []
      reason:
        description:
          - Why.
        type: str
        required: true
  wait_timeout:
    description:
      - Seconds for each target. If a safety rule refuses a change, the module repeats it until this time is over,
        because after each change such a rule refuses everything for a while (its wait period, 5 seconds by default).
    type: int
    default: 30
"""

EXAMPLES = r"""
- name: Lock the primary site out while the control plane of Route 53 does not answer
  tidegate.failover.routing_control_lock:
    state: locked
    targets:
      - name: checkout
        routing_control_arns: ["{{ controls.primary }}"]
        other_routing_control_arns: ["{{ controls.backup }}"]
        cluster_endpoints: "{{ cluster_endpoints }}"

- name: Lock the primary site, and turn on the standby site in the same call
  tidegate.failover.routing_control_lock:
    state: locked
    targets:
      - name: checkout
        routing_control_arns: ["{{ controls.primary }}"]
        standby_routing_control_arns: ["{{ controls.backup }}"]
        cluster_endpoints: "{{ cluster_endpoints }}"

- name: Return traffic to the primary site with the evidence of gates
  tidegate.failover.routing_control_lock:
    state: unlocked
    targets:
      - name: checkout
        routing_control_arns: ["{{ controls.primary }}"]
        standby_routing_control_arns: ["{{ controls.backup }}"]
        cluster_endpoints: "{{ cluster_endpoints }}"
    required_gates: "{{ gates }}"
    evidence: "{{ evidence }}"

- name: Take the last site out, although a safety rule forbids it
  tidegate.failover.routing_control_lock:
    state: locked
    targets:
      - routing_control_arns: ["{{ controls.primary }}"]
        cluster_endpoints: "{{ cluster_endpoints }}"
    override:
      checks: [last serving site]
      safety_rules: ["{{ safety_rule_arn }}"]
      reason: CHG-1234, it corrupts orders
"""

RETURN = r"""
msg:
  description: What happened, or what went wrong with which targets.
  returned: always
  type: str
  sample: Turned off routing control primary.
targets:
  description: The result of each target, in their order.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The name of the target in messages.
      returned: always
      type: str
      sample: checkout
    changed:
      description: Whether it was changed, or would be in check mode.
      returned: always
      type: bool
      sample: true
    failed:
      description: Whether the target failed.
      returned: always
      type: bool
      sample: false
    refused:
      description: Whether the module refused the change, such as turning off the last routing control that is on.
        V(false) where a routing control could not be read or changed.
      returned: always
      type: bool
      sample: false
    msg:
      description: The result, or what went wrong and what to do.
      returned: always
      type: str
      sample: Turned off routing control primary.
    warnings:
      description: Other findings, for a person.
      returned: always
      type: list
      elements: str
      sample: []
    locked:
      description: Whether all routing controls of the site are off now. V(null) if they could not be read.
      returned: always
      type: bool
      sample: true
    lock_ids:
      description: The ids of the locks that are on, for O(lock_id) and for the evidence of gates.
      returned: always
      type: list
      elements: str
      sample: [routing-control-3f9a1c2e5b6d7a80]
    before:
      description: The states as they were found, by ARN. V(null) if they could not be read.
      returned: always
      type: dict
      sample: {'arn:aws:route53-recovery-control::123456789012:controlpanel/a1/routingcontrol/b2': 'On'}
    after:
      description: The states as they are now.
      returned: always
      type: dict
      sample: {'arn:aws:route53-recovery-control::123456789012:controlpanel/a1/routingcontrol/b2': 'Off'}
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
    - Each target that failed has its own, and that of the task is the first of them.
  returned: failure
  type: str
  sample: TG-LAST-SITE
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.routing_control_lock import create_module, run


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
