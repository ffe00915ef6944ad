#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shift the traffic of Application Load Balancers to the target groups of one site."""

from __future__ import annotations

DOCUMENTATION = r"""
module: alb_weights
short_description: Shift the traffic of Application Load Balancers to the target groups of one site
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Sets the weights of the target groups of a forward action, of a rule or of the default action of a listener.
  - The weights of both sites are given, so the module can find out which site an action forwards to. Weights that match
    neither site were set by somebody else. Such a target is refused, and nothing is changed.
  - The other settings of the action, such as stickiness, and other actions before it, such as a sign-in, are written
    back as they were read, in the same order. Nothing is created.
  - Before and after a change the module waits until each target group that would get traffic has a healthy target.
  - Elastic Load Balancing has no versions, so somebody else may change an action between the read and the write of the
    module. The module reads back what it wrote, and sets weights that differ again.
  - The step C(alb) of the roles P(tidegate.failover.failover#role) and P(tidegate.failover.failback#role) runs this
    module with the targets of C(failover_resources) under C(alb).
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
      - The rules and listeners. If one fails, the others are still changed.
    type: list
    elements: dict
    required: true
    suboptions:
      rule_arn:
        description:
          - A rule that forwards to the target groups. It cannot be the default rule of a listener, for which
            O(targets[].listener_arn) is used.
        type: str
      listener_arn:
        description:
          - A listener whose default action forwards to the target groups.
        type: str
      region:
        description:
          - Its Region, if it is not that of the task.
        type: str
      weights:
        description:
          - The weights of both sites.
        type: dict
        required: true
        suboptions:
          primary:
            description:
              - The weight of each target group, by its ARN, while the primary site serves. 0 to 999, at least one above
                0.
              - Name the target groups of both sites. Give those of the other site the weight 0. Elastic Load Balancing
                does not check the health of a target group that no rule names, so the module would refuse to send
                traffic there.
            type: dict
            required: true
          secondary:
            description:
              - The weights while the secondary site serves, in the same form.
            type: dict
            required: true
      allow_unhealthy:
        description:
          - Whether to send traffic to a target group that has no healthy target. Its users get errors until it has one.
          - Needed where the health check of a target group is off, which is the default for a Lambda function. Without
            this option, such a target group is refused at once, because its targets never count as healthy.
        type: bool
        default: false
  to:
    description:
      - The site whose weights are set.
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
      - The run that moves the traffic. It makes no difference here.
    type: str
    default: ""
  wait_timeout:
    description:
      - Seconds that the whole task may take, waiting for healthy targets included. If they run out before a change,
        nothing is changed.
    type: int
    default: 600
notes:
  - In check mode the module does not wait. Then a target group without a healthy target is a warning, because the step
    C(autoscaling) may come first.
  - The credentials need C(elasticloadbalancing:DescribeRules) and C(elasticloadbalancing:ModifyRule) for rules,
    C(elasticloadbalancing:DescribeListeners) and C(elasticloadbalancing:ModifyListener) for listeners, and
    C(elasticloadbalancing:DescribeTargetHealth).
seealso:
  - module: tidegate.failover.autoscaling_capacity
"""

EXAMPLES = r"""
- name: Send all requests to the target group of the secondary site
  tidegate.failover.alb_weights:
    to: secondary
    region: eu-west-1
    targets:
      - listener_arn: arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8e
        weights:
          primary:
            arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-a/73e2d6bc24d8a067: 100
            arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-b/c6bc24d8a06773e2: 0
          secondary:
            arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-a/73e2d6bc24d8a067: 0
            arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-b/c6bc24d8a06773e2: 100
"""

RETURN = r"""
msg:
  description: The result in a sentence, for a person.
  returned: always
  type: str
  sample: "Rule shop has the weights of the secondary site: shop-a=0, shop-b=100."
targets:
  description: The result of each target, in the order of O(targets).
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The ARN of the rule or listener.
      returned: always
      type: str
      sample: arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8e
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
      sample: "Rule shop has the weights of the secondary site: shop-a=0, shop-b=100."
    warnings:
      description: Other findings, for a person.
      returned: always
      type: list
      elements: str
      sample: []
    before:
      description: The weights before. V(null) where that could not be read.
      returned: always
      type: dict
      sample: {weights: {"arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-a/73e2d6bc": 100}}
    after:
      description: The weights now, or as predicted in check mode.
      returned: always
      type: dict
      sample: {weights: {"arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-a/73e2d6bc": 0}}
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
    - Each target that failed has its own, and that of the task is the first of them.
  returned: failure
  type: str
  sample: TG-ACCESS
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.alb_weights import create_module, run


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
