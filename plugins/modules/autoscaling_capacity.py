#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scale Auto Scaling groups so that one site can serve alone, and back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: autoscaling_capacity
short_description: Scale Auto Scaling groups so that one site can serve alone, and back
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - With O(to=secondary) it scales the groups of a standby site up, and waits until the instances are in service and
    healthy in every target group of the group. Where a Classic Load Balancer or VPC Lattice brings the group traffic,
    it is not checked whether instances are healthy there, and a warning names it.
  - The module first writes the capacity of the group before the change to its tag C(tidegate-capacity). With
    O(to=primary) the group gets exactly that capacity back, and the tag is removed. If a run is aborted, run it again.
  - A group that already has more instances than requested keeps them.
  - Scaling policies change the desired number only. If the minimum or maximum is neither the former value nor a value
    that a run has set, somebody else has changed the group. Then the group is refused, and nothing is changed. A
    predictive scaling policy with C(IncreaseMaxCapacity) also raises the maximum, so it cannot be used together with
    this module.
  - EC2 Auto Scaling has no versions, so somebody else may change a group between the read and the write of the module.
    The module reads back what it wrote, and sets values that differ again.
  - Where AWS cannot launch instances, such as for lack of capacity in a zone, the task fails with the message of Auto
    Scaling, after three failed attempts of Auto Scaling in a row, or when O(wait_timeout) runs out.
  - The step C(autoscaling) of the roles P(tidegate.failover.failover#role) and P(tidegate.failover.failback#role) runs
    this module with the targets of C(failover_resources) under C(autoscaling).
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.action_group_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  targets:
    description:
      - The groups. If one fails, the others are still scaled.
    type: list
    elements: dict
    required: true
    suboptions:
      group:
        description:
          - The name of the Auto Scaling group.
        type: str
        required: true
      region:
        description:
          - Its Region, if it is not that of the task.
        type: str
      capacity:
        description:
          - The capacity that the group needs while its site serves. In a group with weighted instances these are units
            of capacity, as in the group itself.
        type: dict
        required: true
        suboptions:
          desired:
            description:
              - The number of instances that have to serve.
            type: int
            required: true
          min:
            description:
              - The minimum. If not given, it stays unchanged, and scaling policies may go below
                O(targets[].capacity.desired).
            type: int
          max:
            description:
              - The maximum. If not given, it stays unchanged, and has to be high enough.
            type: int
      resume_processes:
        description:
          - Whether to resume the processes C(Launch) and C(AddToLoadBalancer) where they are suspended. The module
            suspends them again with O(to=primary). With V(false), such a group is refused, because no new instance
            would serve.
        type: bool
        default: false
      suspend_scheduled_actions:
        description:
          - Whether to suspend the process C(ScheduledActions) of a group that has scheduled actions, which would change
            its capacity while the site serves. The module resumes the process with O(to=primary). With V(false),
            scheduled actions cause a warning.
        type: bool
        default: true
  to:
    description:
      - V(secondary) to scale the groups up, V(primary) to give them their former capacity back.
    type: str
    required: true
    choices: [primary, secondary]
  type:
    description:
      - Whether the move is planned. It makes no difference here.
    type: str
    default: planned
    choices: [planned, unplanned]
  run_id:
    description:
      - The run that scales the groups. It is kept in the tag.
    type: str
    default: ""
  wait_timeout:
    description:
      - Seconds that the whole task may take, waiting for instances included.
    type: int
    default: 600
notes:
  - In check mode the module does not wait.
  - The credentials need C(autoscaling:DescribeAutoScalingGroups), C(autoscaling:DescribeScheduledActions),
    C(autoscaling:DescribeScalingActivities), C(autoscaling:UpdateAutoScalingGroup),
    C(autoscaling:CreateOrUpdateTags), C(autoscaling:DeleteTags), C(autoscaling:SuspendProcesses),
    C(autoscaling:ResumeProcesses) and C(elasticloadbalancing:DescribeTargetHealth).
seealso:
  - module: tidegate.failover.alb_weights
"""

EXAMPLES = r"""
- name: Scale the standby up before it gets traffic
  tidegate.failover.autoscaling_capacity:
    to: secondary
    region: eu-central-1
    targets:
      - group: shop-standby
        capacity: {min: 2, desired: 4, max: 8}

- name: Give it its former capacity back
  tidegate.failover.autoscaling_capacity:
    to: primary
    region: eu-central-1
    targets:
      - group: shop-standby
        capacity: {min: 2, desired: 4, max: 8}
"""

RETURN = r"""
msg:
  description: The result in a sentence, for a person.
  returned: always
  type: str
  sample: Auto Scaling group shop-standby has minimum 2, desired 4, maximum 8, 4 in service, as it did.
targets:
  description: The result of each target, in the order of O(targets).
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The name of the group.
      returned: always
      type: str
      sample: shop-standby
    changed:
      description: Whether it was changed, or would be in check mode.
      returned: always
      type: bool
      sample: true
    failed:
      description: Whether the target failed. It may have been changed before the failure.
      returned: always
      type: bool
      sample: false
    refused:
      description:
        - Whether the module refused to change the target in its present state. Otherwise a failure means that something
          could not be read or done.
      returned: always
      type: bool
      sample: false
    msg:
      description: The result, or why it failed.
      returned: always
      type: str
      sample: Auto Scaling group shop-standby has minimum 2, desired 4, maximum 8, 4 in service, as it did.
    warnings:
      description: Other findings, for a person.
      returned: always
      type: list
      elements: str
      sample: []
    before:
      description: Its capacity, suspended processes and tag before. V(null) where it could not be read.
      returned: always
      type: dict
      sample: {min: 0, desired: 1, max: 8, in_service: 1, suspended_processes: [], kept: null}
    after:
      description: Its capacity, suspended processes and tag now, or as predicted in check mode.
      returned: always
      type: dict
      sample: {min: 2, desired: 4, max: 8, in_service: 4, suspended_processes: [], kept: 0/1/8 2/4/8 - - -}
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
    - Each target that failed has its own, and that of the task is the first of them.
  returned: failure
  type: str
  sample: TG-CAPACITY
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.autoscaling_capacity import create_module, run


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
