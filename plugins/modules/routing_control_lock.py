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
  - Only the Regional endpoints of the cluster are needed. They are tried one after the other in random order, for 2
    seconds to connect and 5 to answer, and then once more. So a site is locked also while the control plane of Route 53
    in us-east-1 does not answer, on which M(tidegate.failover.r53_healthcheck_lock) depends.
  - The last routing control of a service that is on is not turned off, unless O(override) says so. The module counts
    those that a target names. It reads them before and after it writes. Create a safety rule that asserts that one
    is on too. ARC checks that together with the change, which no client can.
  - A lock is not released by itself. Unlocking takes evidence as M(tidegate.failover.r53_healthcheck_lock) does. This
    protects from accidents, not from people who may change routing controls and mean harm.
  - A routing control has neither a version nor a place for an id or an owner. So writes are not compare-and-set. The
    module reads, writes and reads back. The lock of a routing control always has the same id, see O(lock_id).
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
      - The services. Each has its own outcome in RV(targets). One that fails or is refused does not stop the others.
        The task fails if any target failed.
      - They are taken in order, and each is judged by the states that the earlier ones have left.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - What messages call it. The default is the ARNs of its routing controls.
        type: str
      routing_control_arns:
        description:
          - The routing controls of the site that is locked or unlocked.
        type: list
        elements: str
        required: true
      other_routing_control_arns:
        description:
          - The routing controls of the service's other sites. They are only read. With O(state=locked), at least one of
            them must be on, or one of O(targets[].standby_routing_control_arns).
        type: list
        elements: str
        default: []
      standby_routing_control_arns:
        description:
          - Routing controls of other sites that are on only while this site is locked. They are turned on in the same
            call that turns off those of the site, and off in the call that turns these on again.
          - Do not name one here that somebody may turn off to lock its site. It would be turned on without evidence.
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
          - The cluster, where O(targets[].cluster_endpoints) is not given. Its endpoints are then read from the control
            plane in us-west-2, which may not answer when it is needed. So this is for trying things out.
        type: str
  lock_id:
    description:
      - With O(state=unlocked), the lock that the evidence must be for.
      - The default is the id of the routing control, C(routing-control-) with 16 hexadecimal digits that follow from
        its ARN, see RV(targets[].lock_ids). It is the same whenever the routing control is off. So evidence for an
        earlier lock of the same routing control counts until it is older than O(max_evidence_age).
      - Where a run has also placed a lock with M(tidegate.failover.r53_healthcheck_lock), give the id of that one. It
        belongs to that run only. The roles do that.
    type: str
  required_gates:
    description:
      - With O(state=unlocked), the gates that must have passed.
      - Without any, unlocking always takes an O(override) with a reason.
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
          - The digest of the gate's definition, so that a result of a gate that was defined otherwise does not count.
        type: str
        required: true
  evidence:
    description:
      - What the gates observed, as M(tidegate.failover.failback_gate) returns it.
      - None is taken where the clock of the machine that runs this is more than a minute off the one of AWS.
    type: dict
  max_evidence_age:
    description:
      - Seconds that the evidence as a whole, and each result in it, may be old.
    type: int
    default: 300
  override:
    description:
      - A decision to do it all the same, with a reason, which is shown as a warning.
    type: dict
    suboptions:
      checks:
        description:
          - With O(state=locked), V(last serving site). The routing controls are turned off even if none of another site
            is on.
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
      - Seconds for each target. What a safety rule refuses is tried again until then, because such a rule also refuses
        everything for a while after each change (its wait period, 5 seconds by default).
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
      description: What messages call it.
      returned: always
      type: str
      sample: checkout
    changed:
      description: Whether it was changed, or would be in check mode.
      returned: always
      type: bool
      sample: true
    failed:
      description: Whether something went wrong with it.
      returned: always
      type: bool
      sample: false
    refused:
      description: Whether it failed by a decision, such as the last routing control that is on. V(false) where it
        could not be read or changed.
      returned: always
      type: bool
      sample: false
    msg:
      description: What is now so, or what went wrong and what to do.
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
