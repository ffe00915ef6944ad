#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Show whether listeners of Application Load Balancers are in maintenance, and who holds them there."""

from __future__ import annotations

DOCUMENTATION = r"""
module: alb_maintenance_mode_info
short_description: Show whether listeners of Application Load Balancers are in maintenance, and who holds them there
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Reads listeners of one or many Application Load Balancers of AWS, and shows whether the maintenance page is up, who
    holds it, and their rules.
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.info_module
  - tidegate.failover.attributes.action_group_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  load_balancer:
    description:
      - Name or ARN of the load balancer. It goes with O(ports). Either this, O(listeners) or O(targets) is needed.
    type: str
  ports:
    description:
      - The ports of the listeners that are read.
    type: list
    elements: int
  listeners:
    description:
      - The ARNs of the listeners that are read, all of one load balancer, instead of O(load_balancer) and O(ports).
    type: list
    elements: str
  targets:
    description:
      - Many load balancers at once, read in parallel. A failure of one does not hide the others.
      - Takes the place of O(load_balancer), O(ports) and O(listeners).
    type: list
    elements: dict
    suboptions:
      load_balancer:
        description:
          - Name or ARN of the load balancer.
        type: str
      ports:
        description:
          - The ports of the listeners that are read.
        type: list
        elements: int
      listeners:
        description:
          - The ARNs of the listeners that are read, instead of O(targets[].load_balancer) and O(targets[].ports).
        type: list
        elements: str
      region:
        description:
          - The region of this load balancer, where it is not that of the task. Not needed with an ARN, which contains
            it.
        type: str
      language:
        description:
          - Ignored. It exists so that targets of M(tidegate.failover.alb_maintenance_mode) can be given unchanged.
        type: str
      title:
        description:
          - Ignored. It exists so that targets of M(tidegate.failover.alb_maintenance_mode) can be given unchanged.
        type: str
      text:
        description:
          - Ignored. It exists so that targets of M(tidegate.failover.alb_maintenance_mode) can be given unchanged.
        type: str
      contact:
        description:
          - Ignored. It exists so that targets of M(tidegate.failover.alb_maintenance_mode) can be given unchanged.
        type: str
      html:
        description:
          - Ignored. It exists so that targets of M(tidegate.failover.alb_maintenance_mode) can be given unchanged.
        type: str
      json_paths:
        description:
          - Ignored. It exists so that targets of M(tidegate.failover.alb_maintenance_mode) can be given unchanged.
        type: list
        elements: str
      text_paths:
        description:
          - Ignored. It exists so that targets of M(tidegate.failover.alb_maintenance_mode) can be given unchanged.
        type: list
        elements: str
      redirect_url:
        description:
          - Ignored. It exists so that targets of M(tidegate.failover.alb_maintenance_mode) can be given unchanged.
        type: str
      exempt_paths:
        description:
          - Ignored. It exists so that targets of M(tidegate.failover.alb_maintenance_mode) can be given unchanged.
        type: list
        elements: str
      tester_header:
        description:
          - Ignored. It exists so that targets of M(tidegate.failover.alb_maintenance_mode) can be given unchanged.
        type: str
      tester_secret:
        description:
          - Ignored. It exists so that targets of M(tidegate.failover.alb_maintenance_mode) can be given unchanged.
        type: str
      tester_addresses:
        description:
          - Ignored. It exists so that targets of M(tidegate.failover.alb_maintenance_mode) can be given unchanged.
        type: list
        elements: str
      move_rules:
        description:
          - Ignored. It exists so that targets of M(tidegate.failover.alb_maintenance_mode) can be given unchanged.
        type: bool
  wait_timeout:
    description:
      - Seconds that each load balancer may take, in all, while the service is throttling or failing.
    type: int
    default: 60
notes:
  - The credentials need C(elasticloadbalancing:DescribeLoadBalancers), C(elasticloadbalancing:DescribeListeners),
    C(elasticloadbalancing:DescribeRules), C(elasticloadbalancing:DescribeTags) and
    C(elasticloadbalancing:DescribeTargetHealth).
seealso:
  - module: tidegate.failover.alb_maintenance_mode
"""

EXAMPLES = r"""
- name: Read a load balancer
  tidegate.failover.alb_maintenance_mode_info:
    load_balancer: shop
    ports: [80]
  register: maintenance

- name: Show who holds the page
  ansible.builtin.debug:
    msg: "{{ maintenance.load_balancers[0].listeners[0].holds | map(attribute='owner') }}"
"""

RETURN = r"""
load_balancers:
  description: What was found, for each target in the order given.
  returned: always
  type: list
  elements: dict
  contains:
    load_balancer:
      description: The name of the load balancer. As it was given, if it could not be read.
      returned: always
      type: str
      sample: shop
    load_balancer_arn:
      description: Its ARN.
      returned: when it could be read
      type: str
      sample: arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/shop/50dc6c495c0c9188
    state:
      description: The state of the load balancer, such as V(active).
      returned: when it could be read
      type: str
      sample: active
    failed:
      description: Whether the load balancer could not be read, or does not match the options.
      returned: always
      type: bool
      sample: false
    msg:
      description: Why it failed.
      returned: always
      type: str
      sample: ''
    listeners:
      description: The listeners.
      returned: always
      type: list
      elements: dict
      contains:
        name:
          description: Protocol and port.
          returned: always
          type: str
          sample: HTTPS:443
        listener_arn:
          description: Its ARN.
          returned: always
          type: str
          sample: >-
            arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2
        in_maintenance:
          description: Whether the page is up.
          returned: always
          type: bool
          sample: true
        redirects:
          description: Whether users are redirected to the page.
          returned: always
          type: bool
          sample: false
        unexplained:
          description: Whether the page is up although nobody holds it.
          returned: always
          type: bool
          sample: false
        overtaken:
          description:
            - Whether a rule of others comes before the rules of the page, so that some users do not get the page.
          returned: always
          type: bool
          sample: false
        holds:
          description: Who holds the page.
          returned: always
          type: list
          elements: dict
          sample:
            - owner: change:CHG-1234
              since: '2026-11-21T03:04:05Z'
              reason: Database upgrade
              is_leaving: false
        rules:
          description:
            - The rules in their order, without the default rule. Rules of the page have a value in C(ours). Values of
              headers are never shown.
          returned: always
          type: list
          elements: dict
          sample:
            - id: 1f2e3d4c5b6a7988
              priority: 1
              ours: page
              conditions: [{field: path-pattern, values: ['/*']}]
              action: fixed-response 503 text/html
        moved_rules:
          description: Rules of others that have another priority while the page is up, and the priority that they get
            back.
          returned: always
          type: list
          elements: dict
          sample: []
        backends:
          description: Whether targets of the listener's own target groups serve. V(serving), V(down) or V(unknown).
          returned: always
          type: str
          sample: serving
        damaged_tags:
          description: Tags that should contain holds or moved rules, but cannot be read.
          returned: always
          type: list
          elements: str
          sample: []
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
    - Each target that failed has its own, and that of the task is the first of them.
  returned: failure
  type: str
  sample: TG-ACCESS
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.alb_maintenance_mode_info import (
    create_module,
    run,
)


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
